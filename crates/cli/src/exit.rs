//! All exit codes: their numbers, what each says, which error ends with which, and which wins where there are several reasons.
//!
//! A "no" and a "could not tell" never share a number, and nothing but an affirmative answer is 0. `docs/exit-codes.md` is this table as
//! a page; a test keeps the two in step. The reasons behind a code are in [`crate::codes`].

use std::io;
use std::process::ExitCode;

use toolkit_attest::ReasonCode;
use toolkit_gate::SubjectError;
use toolkit_oci::ErrorClass;
use toolkit_vulndb::feed;

use crate::ci::TokenError;
use crate::error::Error;

/// Names how a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The question was answered with yes, or the work is done.
    Yes = 0,
    /// The answer is no: findings at the threshold, the policy denied, or the tag at the destination names another image.
    No = 1,
    /// Arguments, configuration or policy file are invalid.
    Usage = 2,
    /// No answer: network, registry, authentication or time-out.
    Unreachable = 3,
    /// No answer: the vulnerability database is missing, stale or refused.
    Database = 4,
    /// There was nothing to judge.
    Nothing = 5,
    /// The input was refused as hostile, or is over a limit.
    Hostile = 6,
    /// The disk or the output failed.
    LocalIo = 7,
    /// There is no signature.
    NoSignature = 10,
    /// There is no such image or tag.
    NotFound = 11,
    /// There are signatures, none by the identity or key.
    NoMatch = 12,
    /// The signature has no certificate.
    NoCertificate = 13,
    /// A required attestation type is missing.
    NoAttestation = 14,
    /// A signature, certificate or bundle is broken.
    Crypto = 15,
    /// The transparency log, certificate log or timestamp is missing or wrong.
    Log = 16,
    /// The bytes are not the ones that the digest or the signature names.
    Mismatch = 17,
    /// The trust root is missing, expired or rolled back.
    TrustRoot = 18,
    /// A newer vulnerability database is available.
    NewerDatabase = 100,
    /// A bug in `toolkit`.
    Bug = 101,
    /// Interrupted from the keyboard.
    Interrupted = 130,
    /// Asked to stop.
    Terminated = 143,
}

impl Exit {
    /// Lists every code in the order of its number.
    pub(crate) const ALL: [Self; 21] = [
        Self::Yes,
        Self::No,
        Self::Usage,
        Self::Unreachable,
        Self::Database,
        Self::Nothing,
        Self::Hostile,
        Self::LocalIo,
        Self::NoSignature,
        Self::NotFound,
        Self::NoMatch,
        Self::NoCertificate,
        Self::NoAttestation,
        Self::Crypto,
        Self::Log,
        Self::Mismatch,
        Self::TrustRoot,
        Self::NewerDatabase,
        Self::Bug,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Lists the reasons from the gravest to the lightest: where a run has several, the first of these is its code.
    const PRECEDENCE: [Self; 17] = [
        Self::Bug,
        Self::Hostile,
        Self::Crypto,
        Self::Log,
        Self::Mismatch,
        Self::TrustRoot,
        Self::NoSignature,
        Self::NotFound,
        Self::NoMatch,
        Self::NoCertificate,
        Self::NoAttestation,
        Self::Unreachable,
        Self::Database,
        Self::LocalIo,
        Self::Usage,
        Self::Nothing,
        Self::No,
    ];

    /// Lists how a scan may end, the first that applies first; codes that are not here come behind the arguments'.
    const OF_SCAN: [Self; 7] = [
        Self::Hostile,
        Self::LocalIo,
        Self::Usage,
        Self::Database,
        Self::No,
        Self::Unreachable,
        Self::Nothing,
    ];

    /// Chooses the error by which a scan ends where several stop it.
    pub(crate) fn first_of_scan(errors: impl IntoIterator<Item = Error>) -> Option<Error> {
        let rank = |error: &Error| {
            let exit = Self::of(error);
            let at = Self::OF_SCAN.iter().position(|other| *other == exit);
            // Twice the place leaves room between two of them.
            at.map_or(5, |at| at * 2)
        };
        errors.into_iter().min_by_key(rank)
    }

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// Finds the code with this number.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| exit.code() == code)
    }

    /// Chooses the code of a run with these reasons; none at all is a yes.
    pub(crate) fn gravest(reasons: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| {
            Self::PRECEDENCE
                .iter()
                .position(|other| other == exit)
                .unwrap_or(Self::PRECEDENCE.len())
        };
        reasons.into_iter().min_by_key(rank).unwrap_or(Self::Yes)
    }

    /// Says in one line what the code means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Yes => "yes, or the work is done",
            Self::No => {
                "no: findings at the threshold, the policy denied, or the tag names another image"
            }
            Self::Usage => "usage, configuration or policy file invalid",
            Self::Unreachable => "could not decide: network, registry, authentication or time-out",
            Self::Database => "could not decide: vulnerability database missing, stale or refused",
            Self::Nothing => "nothing to judge",
            Self::Hostile => "input refused as hostile or over a limit",
            Self::LocalIo => "local I/O: disk full, permission, lock or closed output",
            Self::NoSignature => "no signature",
            Self::NotFound => "image or tag not found",
            Self::NoMatch => "signatures, but none matches the identity or key",
            Self::NoCertificate => "no certificate",
            Self::NoAttestation => "a required attestation type is missing",
            Self::Crypto => "cryptographic or bundle-format failure",
            Self::Log => "transparency log, certificate timestamp or timestamp failure",
            Self::Mismatch => "digest or subject mismatch",
            Self::TrustRoot => "trust root missing, expired or rolled back",
            Self::NewerDatabase => "a newer vulnerability database is available",
            Self::Bug => "a bug in toolkit",
            Self::Interrupted => "interrupted (SIGINT)",
            Self::Terminated => "asked to stop (SIGTERM)",
        }
    }

    /// Tells more: when it happens, and what to do.
    pub(crate) const fn explanation(self) -> &'static str {
        match self {
            Self::Yes => {
                "The command did what was asked and, where it was asked a question, proved the answer. `scan` without `--fail-on` or `--exit-code` is not asked: it ends with 0 whatever it finds. A hook that is not required lets a push go on with 0 and a warning where it cannot judge."
            }
            Self::No => {
                "Everything needed was there and could be read, and the answer is no. With `verify --policy` and `promote` the report lists each failed check with what was expected, what was found and the line of the policy. `scan` ends so when a finding reaches `--fail-on`, and the hook when a push adds one. `promote` also ends so when the destination's tag names another digest; `--force` replaces it."
            }
            Self::Usage => {
                "Nothing was looked at: an argument, a variable, a format, a version or the policy file is wrong. A policy file is read to its end and all of its faults are shown in one run."
            }
            Self::Unreachable => {
                "The question is open. A registry, a service or the publisher of a feed did not answer, refused the credentials, limited the rate past the retry budget or ran into a time-out, or evidence that would decide could not be read; a `scan` with `--fail-on` met a version that cannot be ordered or a file that cannot be read. \"No signature\" and \"not found\" are said only when every source answered. Try again, log in, or name the evidence."
            }
            Self::Database => {
                "The question is open, because the vulnerability database is missing, too old or was refused, or has no feed for the target: for none of its packages, or not for the release of its distribution."
            }
            Self::Nothing => {
                "The command was asked to judge and found nothing to judge, which is no yes. `sbom` never ends so: for an image without packages it writes the document, warns and ends with 0."
            }
            Self::Hostile => {
                "The input breaks a rule that honest tools keep, or is larger, deeper or more numerous than a limit allows: a compression bomb, `..` in an entry name, too many layers, an index nested too deeply. The message names the limit; `--limit NAME=VALUE` raises one for input that you trust."
            }
            Self::LocalIo => {
                "This machine failed: the disk is full, a file may not be read or written, or whoever read the output closed it. Output files are written beside their place and renamed, so none is half there; devices and FIFOs are written directly; a symbolic link to a file stays one, and one that leads nowhere is refused. A standard output that was closed before the start (`>&-`) cannot be told from `/dev/null`: what is printed is lost, and the code is that of the work."
            }
            Self::NoSignature => {
                "Every place where a signature can be stored answered, and none holds one. Sign the image with `toolkit sign`, or check that the digest is the one that was signed: a signature of an index does not cover a platform's manifest asked for alone, and an attestation is no signature."
            }
            Self::NotFound => {
                "The registry or layout answered that there is no such image, tag or digest. Check the name; nothing is guessed."
            }
            Self::NoMatch => {
                "There are valid signatures, and none by the identity or key that was asked for. The report lists who signed. Patterns of `--certificate-identity-regexp` are anchored at both ends."
            }
            Self::NoCertificate => {
                "The signature carries no certificate, so it has no identity to compare. If it was made with a key, verify with `--key`."
            }
            Self::NoAttestation => {
                "Every source answered, and no attestation of a required type by the required identity is there. `toolkit tree` shows what is."
            }
            Self::Crypto => {
                "A signature does not verify, a certificate chain does not lead to the trust root or was not valid at the time of signing, a key is of the wrong kind, or a bundle cannot be parsed. Nothing in such a bundle is believed."
            }
            Self::Log => {
                "The proof that the signature was logged or made in time is missing or wrong: inclusion proof, checkpoint, signed certificate timestamp, timestamp of an authority. A time later than this machine's clock also ends so: check the clock first."
            }
            Self::Mismatch => {
                "Bytes differ from the digest or the size that names them, or a signature speaks of another artifact. Both digests are in the message. Something between the publisher and you changed the content, or the reference names another image."
            }
            Self::TrustRoot => {
                "The trust root that signatures would be judged by is missing, unreadable, expired or older than one seen before. Name one with `--trusted-root`."
            }
            Self::NewerDatabase => {
                "`db check` found a newer vulnerability database than the installed one."
            }
            Self::Bug => {
                "`toolkit` itself failed. Nothing was decided. Please report it with the message and what was run."
            }
            Self::Interrupted => {
                "The command was interrupted from the keyboard. Nothing was decided."
            }
            Self::Terminated => "The command was asked to stop. Nothing was decided.",
        }
    }

    /// Classifies an error that stopped a command.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::UnknownCode { .. }
            | Error::Limit { .. }
            | Error::SameOutput { .. }
            | Error::Selector { .. }
            | Error::Future { .. }
            | Error::SourceDate { .. }
            | Error::WhoMissing { .. }
            | Error::WhoTwice { .. }
            | Error::BundleForImage
            | Error::PolicyForFile { .. }
            | Error::BuildFact { .. }
            | Error::BuildFactForm { .. }
            | Error::BuildFactContradicted { .. }
            | Error::PredicateFile { .. }
            | Error::PredicateFormat { .. }
            | Error::PredicateShape { .. }
            | Error::SignatureAsPredicate { .. }
            | Error::PolicyAndFlags { .. }
            | Error::Project { .. }
            | Error::Policy { .. }
            | Error::PolicyCharacter { .. }
            | Error::IgnoreFiles { .. }
            | Error::Baseline { .. }
            | Error::VexWrite { .. }
            | Error::VexFlags { .. }
            | Error::TwoSigners
            | Error::Flags { .. }
            | Error::Pairs { .. }
            | Error::PredicateType { .. }
            | Error::BundleMissing { .. }
            | Error::BundleForSeveral { .. } => Self::Usage,
            Error::Vex { source, .. } => match source {
                feed::Error::TooLarge { .. } | feed::Error::TooMany { .. } => Self::Hostile,
                _ => Self::Usage,
            },
            Error::NotStored { source, .. } => Self::of_attest(source),
            Error::Offline { .. } | Error::OfflineSigning | Error::OfflineFetch => {
                Self::Unreachable
            }
            Error::OutputDelimiter { .. } | Error::TooLong { .. } => Self::Hostile,
            // An argument that names nothing, or no text, is a fault of the arguments; everything else is the disk's.
            Error::Read { source, .. }
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::InvalidData
                        | io::ErrorKind::InvalidInput
                ) =>
            {
                Self::Usage
            }
            Error::Stdout { .. } | Error::Write { .. } | Error::Read { .. } => Self::LocalIo,
            Error::TrustRootFile { .. } | Error::NoStagingRoot => Self::TrustRoot,
            Error::KeyFile { .. } => Self::Crypto,
            Error::Attest(error) => Self::of_attest(error),
            Error::Refused(refusal) => Self::of_reason(refusal.code),
            Error::Oci(error) => Self::of_class(error.class()),
            Error::Sbom(error) => Self::of_sbom(error),
            Error::Fetch(error) => Self::of_class(error.class()),
            Error::NotFetched { exit, .. } => *exit,
            Error::Database(error) => error.exit(),
            Error::Hook(error) => error.exit(),
            Error::NotPromoted { source } | Error::Untold { source } => Self::of(source),
            Error::Gate(error) => Self::of_gate(error),
            Error::Subject(error) => Self::of_subject(error),
            #[cfg(feature = "lab")]
            Error::Lab(error) => error.exit(),
            Error::Token(error) => Self::of_token(error),
        }
    }

    fn of_class(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Mismatch => Self::Mismatch,
            ErrorClass::Hostile => Self::Hostile,
            ErrorClass::NotFound => Self::NotFound,
            ErrorClass::Unreachable => Self::Unreachable,
            ErrorClass::Local => Self::LocalIo,
            ErrorClass::Usage => Self::Usage,
            // A class that is not known here answers no question.
            _ => Self::Unreachable,
        }
    }

    fn of_sbom(error: &toolkit_sbom::Error) -> Self {
        match error {
            toolkit_sbom::Error::Image(error) => Self::of_class(error.class()),
            toolkit_sbom::Error::Write { .. } => Self::LocalIo,
            toolkit_sbom::Error::DocumentTooLarge { .. } => Self::Hostile,
            // Unknown formats and versions, and documents of the user's that are none.
            _ => Self::Usage,
        }
    }

    fn of_attest(error: &toolkit_attest::Error) -> Self {
        use toolkit_attest::Error as Attest;
        match error {
            Attest::Oci(error) => Self::of_class(error.class()),
            Attest::SelfVerification(refusal) => Self::of_reason(refusal.code),
            Attest::Limit { .. } => Self::Hostile,
            Attest::TrustRoot { .. } => Self::TrustRoot,
            Attest::Key { .. } | Attest::Signing { .. } => Self::Crypto,
            Attest::StatementMalformed { .. }
            | Attest::NoSubject
            | Attest::EmptyPredicateType
            | Attest::TokenMalformed { .. }
            | Attest::SigningConfig { .. }
            | Attest::NoService { .. }
            | Attest::Pattern { .. } => Self::Usage,
            // Tokens and services: nothing was decided.
            _ => Self::Unreachable,
        }
    }

    /// Maps a reason for refusing evidence to its code; the library numbers its reasons by the same table.
    pub(crate) fn of_reason(code: ReasonCode) -> Self {
        Self::from_code(code.number()).unwrap_or(Self::Crypto)
    }

    fn of_gate(error: &toolkit_gate::Error) -> Self {
        use toolkit_gate::Error as Gate;
        match error {
            Gate::Oci(error) => Self::of_class(error.class()),
            Gate::Attest(error) => Self::of_attest(error),
            // The contract's code for a tag that names another image.
            Gate::TagTaken { .. } => Self::No,
            Gate::TagUncertain { source, .. } => Self::of_gate(source),
            Gate::OtherDigest { .. } | Gate::NotReadBack { .. } => Self::Mismatch,
            Gate::Limit { .. } => Self::Hostile,
            Gate::NoDestination { .. } | Gate::LayoutSelector { .. } => Self::Usage,
            // Evidence that is gone, not listed or cannot be listed: what would be promoted is not known.
            _ => Self::Unreachable,
        }
    }

    fn of_subject(error: &SubjectError) -> Self {
        match error {
            SubjectError::Oci(error) => Self::of_class(error.class()),
            SubjectError::Sbom(error) => Self::of_sbom(error),
            SubjectError::OtherImage { .. } => Self::Mismatch,
            SubjectError::Limit { .. } => Self::Hostile,
            _ => Self::Usage,
        }
    }

    fn of_token(error: &TokenError) -> Self {
        match error {
            TokenError::None
            | TokenError::NoPermission
            | TokenError::NotDeclared
            | TokenError::Unreadable(_)
            | TokenError::TooLong { .. }
            | TokenError::Endpoint { .. } => Self::Usage,
            TokenError::Unreachable { .. }
            | TokenError::Status { .. }
            | TokenError::Answer { .. } => Self::Unreachable,
        }
    }

    /// Renders the page of all codes, in Markdown.
    pub(crate) fn page() -> String {
        let mut page = String::from(
            "# Exit codes\n\nA \"no\" and a \"could not tell\" never share a number, and only an affirmative answer is 0. Where a run has several reasons, its\ncode is the first of: ",
        );
        page.push_str(
            &Self::PRECEDENCE
                .map(|exit| exit.code().to_string())
                .join(", "),
        );
        page.push_str(
            "; of `scan` 6, 7, 2, 4, 1, 3, 5.\n\n`verify --policy` and `promote` reach a verdict with 0, 1, 3 or 4; the reasons behind it stand in the report and in the JSON. This page is\nwhat `toolkit explain exit-codes` prints; `toolkit explain CODE` prints one entry. The reasons are in [reason-codes.md](reason-codes.md).\n\n| code | meaning |\n|---|---|\n",
        );
        for exit in Self::ALL {
            page.push_str(&format!("| {} | {} |\n", exit.code(), exit.meaning()));
        }
        for exit in Self::ALL {
            page.push('\n');
            page.push_str(&exit.entry());
        }
        page
    }

    /// Lists the codes, each on its line with its meaning.
    pub(crate) fn list() -> String {
        let mut list = String::from("Exit codes\n\n");
        for exit in Self::ALL {
            list.push_str(&format!("  {:<34} {}\n", exit.code(), exit.meaning()));
        }
        list
    }

    /// Renders one code's entry, in Markdown.
    pub(crate) fn entry(self) -> String {
        format!(
            "## {}: {}\n\n{}\n",
            self.code(),
            self.meaning(),
            self.explanation()
        )
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_contract() {
        let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(
            numbers,
            [
                0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 100, 101, 130, 143
            ]
        );
        assert_eq!(Exit::from_code(12), Some(Exit::NoMatch));
        assert_eq!(Exit::from_code(9), None);
    }

    #[test]
    fn the_gravest_reason_is_the_code() {
        let order: Vec<u8> = Exit::PRECEDENCE.iter().map(|exit| exit.code()).collect();
        assert_eq!(
            order,
            [101, 6, 15, 16, 17, 18, 10, 11, 12, 13, 14, 3, 4, 7, 2, 5, 1]
        );
        for (reasons, expected) in [
            (vec![], Exit::Yes),
            (vec![Exit::Yes, Exit::No], Exit::No),
            (vec![Exit::No, Exit::Unreachable], Exit::Unreachable),
            (
                vec![Exit::NoSignature, Exit::Mismatch, Exit::Unreachable],
                Exit::Mismatch,
            ),
            (
                vec![Exit::TrustRoot, Exit::Hostile, Exit::Crypto],
                Exit::Hostile,
            ),
            (
                vec![Exit::Usage, Exit::LocalIo, Exit::Database],
                Exit::Database,
            ),
        ] {
            assert_eq!(
                Exit::gravest(reasons.iter().copied()),
                expected,
                "{reasons:?}"
            );
            assert_eq!(
                Exit::gravest(reasons.iter().rev().copied()),
                expected,
                "{reasons:?} reversed"
            );
        }
    }
}
