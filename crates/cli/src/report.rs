//! Turns errors into text for people, on stderr.
//!
//! Every error shows its cause, what was expected and found, where there is one the remedy with the flag to use, and ends with a line that
//! names the exit code; where a verdict was asked for, it also says that none was reached. Foreign text is made harmless first.

use std::ffi::OsString;
use std::fmt;
use std::io::Write;
use std::panic::PanicHookInfo;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use toolkit_attest::ReasonCode;
use toolkit_gate::SubjectError;
use toolkit_vulndb::config::{self, Explain};

use crate::args::DECIDING_COMMANDS;
use crate::ci::TokenError;
use crate::codes;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::printable;
use crate::terminal::Terminal;

/// Prints an error that stopped a command and returns the code to end with.
pub(crate) fn error(error: &Error, decides: bool, terminal: &Terminal) -> Exit {
    let exit = Exit::of(error);
    // They are told after a verdict, or are an answer themselves.
    let decides = decides
        && !matches!(
            error,
            Error::NotPromoted { .. }
                | Error::Untold { .. }
                | Error::Gate(toolkit_gate::Error::TagTaken { .. })
        );
    if terminal.prints_errors() {
        let mut text = String::new();
        // Control characters in the text were refused before, so its lines can be shown.
        text.extend(
            faults(error)
                .iter()
                .map(|(fault, _)| render(*fault, terminal)),
        );
        text.push_str(&render(&Shown::of(error), terminal));
        to_stderr(&format!("{text}{}\n", last_line(exit, decides)));
    }
    exit
}

/// Takes an error apart for programs: its message, its causes (for a text of the user's each of its faults with the place) and the remedy.
pub(crate) fn parts(error: &Error) -> (String, Vec<String>, Option<String>) {
    let mut causes: Vec<String> = faults(error)
        .iter()
        .map(|(fault, place)| format!("{place}: {fault}"))
        .collect();
    causes.extend(causes_of(error));
    (error.to_string(), causes, hint(error))
}

/// Lists the faults of a text that the user wrote, each with its place as text.
fn faults(error: &Error) -> Vec<(&dyn Diagnostic, String)> {
    fn placed<F: Explain>(faults: &[config::Diagnostic<F>]) -> Vec<(&dyn Diagnostic, String)> {
        let place =
            |fault: &config::Diagnostic<F>| format!("{}:{}", fault.file(), fault.position());
        faults
            .iter()
            .map(|fault| (fault as &dyn Diagnostic, place(fault)))
            .collect()
    }
    match error {
        Error::Policy { faults, .. } => placed(faults),
        Error::IgnoreFiles { faults } => placed(faults),
        Error::Database(error) => placed(error.faults()),
        _ => Vec::new(),
    }
}

/// Lists the causes that say more than what stands before them.
fn causes_of(error: &dyn std::error::Error) -> Vec<String> {
    let mut told = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        next = cause.source();
        let text = cause.to_string();
        let is_layer = next.is_some() && LAYERS.contains(&text.as_str());
        let before = told.last().map(String::as_str).unwrap_or_default();
        if !is_layer && let Some(new) = new_part(before, &text) {
            let new = new.to_owned();
            told.push(new);
        }
    }
    told.split_off(1)
}

/// Names what the layers of the HTTP client say of themselves: only the last cause says what happened.
const LAYERS: [&str; 5] = [
    "error sending request",
    "client error (Connect)",
    "tcp connect error",
    "dns error",
    "error resolving DNS",
];

/// Cuts from a cause what the message before it says already; nothing may be left.
fn new_part<'a>(before: &str, cause: &'a str) -> Option<&'a str> {
    // The file beside an output is named by nobody but the library that makes it.
    let cause = cause
        .split_once(" at path \"")
        .map_or(cause, |(what, _)| what);
    let path_told = |head: &str| {
        head.strip_prefix("failed to ")
            .and_then(|head| head.split_once('`'))
            .is_some_and(|(_, path)| before.contains(&format!("`{path}`")))
    };
    match cause.split_once("`: ") {
        Some((head, tail)) if path_told(head) => Some(tail),
        _ => (!before.ends_with(cause)).then_some(cause),
    }
}

/// Answers `--help` and `--version`, or prints what is wrong with the arguments.
pub(crate) fn arguments(refused: &clap::Error, arguments: &[OsString]) -> Exit {
    if !refused.use_stderr() {
        return match refused.print() {
            Ok(()) => Exit::Yes,
            Err(_) => Exit::LocalIo,
        };
    }
    let decides = arguments
        .iter()
        .skip(1)
        .any(|word| DECIDING_COMMANDS.iter().any(|command| word == command));
    // Nothing is left to tell where stderr itself is closed.
    let _ = refused.print();
    to_stderr(&format!("{}\n", last_line(Exit::Usage, decides)));
    Exit::Usage
}

/// Makes a panic ask for a bug report; Rust ends the process with 101 ([`Exit::Bug`]).
pub(crate) fn install_panic_report() {
    std::panic::set_hook(Box::new(|panic| to_stderr(&bug(panic))));
}

fn bug(panic: &PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "toolkit failed on a bug of its own: {} ({place}, version {}).\nNothing was decided. Please report it at {}/issues with the command that was run.\n",
        printable(what),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    )
}

fn last_line(exit: Exit, decides: bool) -> String {
    let decision = if decides {
        "No decision was made. "
    } else {
        ""
    };
    format!(
        "{decision}Exit code {}: {}; `toolkit explain {}` tells more.",
        exit.code(),
        exit.meaning(),
        exit.code()
    )
}

fn render(shown: &dyn Diagnostic, terminal: &Terminal) -> String {
    let theme = match (terminal.unicode, terminal.stderr_color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, _) => GraphicalTheme::none(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_wrap_lines(false)
        .with_width(WIDTH);
    match handler.render_report(&mut text, shown) {
        Ok(()) => text,
        // A report that cannot be drawn is still told.
        Err(fmt::Error) => format!("{}\n", printable(&shown.to_string())),
    }
}

fn to_stderr(text: &str) {
    // Nothing is left to tell where stderr itself is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Is the width that source excerpts are drawn for: the classic terminal's.
const WIDTH: usize = 80;

/// Is an error as miette draws it: every text already harmless.
#[derive(Debug)]
struct Shown {
    message: String,
    cause: Option<Box<Self>>,
    help: Option<String>,
}

impl Shown {
    fn of(error: &Error) -> Self {
        let causes = causes_of(error);
        let below = |cause: Option<Box<Self>>, text: String| {
            Some(Box::new(Self {
                message: printable(&text).into_owned(),
                cause,
                help: None,
            }))
        };
        Self {
            message: printable(&error.to_string()).into_owned(),
            cause: causes.into_iter().rev().fold(None, below),
            help: hint(error),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

/// Names the remedy with the flag or command to use.
fn hint(error: &Error) -> Option<String> {
    match error {
        Error::UnknownCode { code } => Some(codes::guess(code).map_or_else(
            || "`toolkit explain` lists all codes".to_owned(),
            |guess| format!("did you mean `{guess}`? `toolkit explain` lists all codes"),
        )),
        Error::BuildFactContradicted { .. } => Some("give the token of this job, or run without one that was made elsewhere".to_owned()),
        Error::Offline { .. } => Some("leave out `--offline`, or name a local copy as `oci-dir:PATH`".to_owned()),
        Error::OfflineSigning => Some("leave out `--offline`; `verify` needs no network".to_owned()),
        Error::Limit { .. } => Some("for example `--limit layer-size=1073741824`".to_owned()),
        Error::SameOutput { .. } => Some("give each `-o` a file of its own, as `-o FORMAT=FILE`".to_owned()),
        Error::TrustRootFile { .. } | Error::NoStagingRoot => Some("name one with `--trusted-root FILE`".to_owned()),
        Error::WhoTwice { .. } => Some("one `--key`; or one of `--certificate-identity[-regexp]` and one of `--certificate-oidc-issuer[-regexp]`".to_owned()),
        Error::PolicyAndFlags { .. } => Some("leave out `--policy`, or these flags; a variable such as `TOOLKIT_VERIFY_KEY` counts as its flag".to_owned()),
        Error::Subject(SubjectError::Unassigned { .. }) => Some("name the platform with `--platform OS/ARCH`".to_owned()),
        Error::Subject(SubjectError::Oci(error)) => oci_hint(error.reason()),
        Error::PolicyForFile { .. } => Some("give the identity with flags instead".to_owned()),
        Error::NotPromoted { source } => hint(source).or_else(|| Some("run it again: it goes on where it stopped".to_owned())),
        Error::Gate(toolkit_gate::Error::TagTaken { .. }) => Some("`--force` moves the tag".to_owned()),
        Error::Gate(toolkit_gate::Error::Oci(error)) => oci_hint(error.reason()),
        Error::BundleForImage => Some("leave out `--bundle`".to_owned()),
        Error::Attest(toolkit_attest::Error::SelfVerification(refusal)) | Error::Refused(refusal) if refusal.code == ReasonCode::TimeInFuture => {
            Some("check this machine's clock: it is behind the time that the log or the timestamp authority proves".to_owned())
        }
        Error::KeyFile { .. } => Some(
            "`openssl pkcs8 -topk8 -nocrypt -in OLD -out key.pem` converts a P-256 key, `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem` makes one, `openssl pkey -in key.pem -pubout` prints its public key".to_owned(),
        ),
        Error::PredicateFormat { .. } => Some("`--type cyclonedx` is for CycloneDX, `--type spdx` for SPDX".to_owned()),
        Error::PredicateShape { .. } => Some("name the document's own type with `--type`; a type of your own is a URI".to_owned()),
        Error::SignatureAsPredicate { .. } => Some("`toolkit sign` signs an image".to_owned()),
        Error::TwoSigners => Some("leave out `--key` or `--identity-token`; a variable such as `TOOLKIT_IDENTITY_TOKEN` counts as its flag".to_owned()),
        Error::Pairs { .. } => Some("write `--predicate FILE --type TYPE` for each".to_owned()),
        Error::BundleMissing { .. } => Some("name it with `--bundle FILE`".to_owned()),
        Error::BundleForSeveral { .. } => Some("leave out `--bundle`, or make one signature at a time".to_owned()),
        Error::WhoMissing { .. } => {
            Some("give `--key FILE`, or `--certificate-identity[-regexp]` and `--certificate-oidc-issuer[-regexp]`, or `--policy FILE`".to_owned())
        }
        Error::Oci(error) => oci_hint(error.reason()),
        Error::Sbom(toolkit_sbom::Error::Image(error)) => oci_hint(error.reason()),
        Error::Token(error) => token_hint(error),
        Error::Fetch(error) => fetch_hint(error),
        Error::NotFetched { .. } => Some("what was fetched is kept, and so is what was there before; run it again for the rest".to_owned()),
        Error::OfflineFetch => Some("leave out `--offline`, or copy the folder from a machine that may use the network".to_owned()),
        Error::Database(error) => error.hint(),
        Error::Hook(error) => error.hint(),
        _ => None,
    }
}

fn oci_hint(error: &toolkit_oci::Error) -> Option<String> {
    use toolkit_oci::Error as Oci;
    use toolkit_oci::registry::Error as Registry;
    match error {
        Oci::LimitExceeded { limit, .. } => Some(format!(
            "for input that you trust, `--limit {limit}=VALUE` raises the limit"
        )),
        Oci::UnknownLimit { name, .. } => {
            let known: Vec<String> = toolkit_oci::Limits::default()
                .entries()
                .map(|(name, _)| name)
                .collect();
            let guess = codes::nearest(name, known.iter().map(String::as_str));
            let guess = guess.map_or_else(String::new, |guess| format!("did you mean `{guess}`? "));
            Some(format!("{guess}`toolkit explain limits` lists the names"))
        }
        Oci::Registry(error) if matches!(**error, Registry::Certificate { .. }) => Some(
            "if the registry has an authority of its own, name it with `--ca-file FILE`".to_owned(),
        ),
        Oci::NoSuchPlatform { .. } => Some("name one of them with `--platform`".to_owned()),
        Oci::InvalidTarget { found, .. }
            if found.starts_with("docker:") || found.starts_with("podman:") =>
        {
            Some("push it to a registry, or save it to a file and name that as `docker-archive:FILE`".to_owned())
        }
        Oci::NotWritable { .. } => Some(
            "name the image in a registry or as `oci-dir:PATH`; a file is signed as `file:FILE` with `--bundle`".to_owned(),
        ),
        _ => None,
    }
}

fn fetch_hint(error: &toolkit_gate::FetchError) -> Option<String> {
    use toolkit_gate::FetchError;
    use toolkit_oci::registry::Error as Web;
    match error {
        FetchError::UnknownFeed { found, known } => codes::nearest(found, known.iter().copied())
            .map(|guess| format!("did you mean `{guess}`?")),
        FetchError::Web(Web::Certificate { .. }) => Some(
            "if the mirror has an authority of its own, name it with `--ca-file FILE`".to_owned(),
        ),
        FetchError::Web(Web::Address { .. }) => Some(
            "an https address, or plain HTTP on this machine or with `--insecure-registry HOST`"
                .to_owned(),
        ),
        FetchError::NotTheFeed { .. } | FetchError::NotTheList { .. } => {
            Some("a login page or a proxy? what was there before is kept".to_owned())
        }
        _ => None,
    }
}

fn token_hint(error: &TokenError) -> Option<String> {
    let text = match error {
        TokenError::None => "give one with `--identity-token`, or sign with `--key`",
        TokenError::NotDeclared => {
            "declare it in the job: `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}`"
        }
        TokenError::NoPermission => "give the job `permissions: id-token: write`",
        TokenError::Unreadable(_) | TokenError::TooLong { .. } => {
            "`--identity-token` takes the token or the name of a file that holds it"
        }
        TokenError::Endpoint { .. }
        | TokenError::Unreachable { .. }
        | TokenError::Status { .. }
        | TokenError::Answer { .. } => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "fails on purpose, for the test below"]
    fn panics() {
        install_panic_report();
        panic!("a \u{1b}[31mmistake");
    }

    #[test]
    fn a_panic_asks_for_a_report_and_ends_with_101() {
        let program = std::env::current_exe().expect("this program");
        let output = std::process::Command::new(program)
            .args([
                "--exact",
                "report::tests::panics",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .output()
            .expect("this program starts");
        assert_eq!(output.status.code(), Some(i32::from(Exit::Bug.code())));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.contains("toolkit failed on a bug of its own: a \\u{1b}[31mmistake (")
                && text.contains("Nothing was decided. Please report it at https://"),
            "{text}"
        );
    }

    #[test]
    fn a_cause_is_told_once() {
        for (before, cause, new) in [
            (
                "layer 0: over the limit `a` of 1",
                "over the limit `a` of 1",
                None,
            ),
            (
                "failed to read `f`",
                "failed to open file `f`: not there",
                Some("not there"),
            ),
            (
                "failed to read `f`",
                "failed to open file `g`: not there",
                Some("failed to open file `g`: not there"),
            ),
            (
                "failed to write `f`",
                "not there at path \"/d/.toolkit-x.tmp\"",
                Some("not there"),
            ),
            (
                "no answer",
                "Connection refused",
                Some("Connection refused"),
            ),
        ] {
            assert_eq!(new_part(before, cause), new, "{before} / {cause}");
        }
    }

    #[test]
    fn the_last_line_says_whether_a_verdict_is_missing() {
        assert_eq!(
            last_line(Exit::Unreachable, true),
            "No decision was made. Exit code 3: could not decide: network, registry, authentication or time-out; `toolkit explain 3` tells more."
        );
        assert_eq!(
            last_line(Exit::NoSignature, false),
            "Exit code 10: no signature; `toolkit explain 10` tells more."
        );
    }
}
