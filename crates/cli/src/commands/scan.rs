//! `toolkit scan`: what is known against the packages of an image or of a bill of materials.
//!
//! It judges only where it is asked to: without `--fail-on` and `--exit-code` findings do not change the code.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toolkit_oci::{Image, Platform, Target};
use toolkit_sbom::{Inventory, Subject, SubjectKind, catalog};
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::baseline::Baseline;
use toolkit_vulndb::db::{Malformed, age};
use toolkit_vulndb::matching::{
    Finding, Level, Matches, Options, Selector, Sources, Uncovered, Why, matches, why,
};
use toolkit_vulndb::severity::Severity;
use toolkit_vulndb::vex;

use crate::args::ScanArgs;
use crate::ci::Step;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::scan::{Clock, Format, Output, Scanned, render, why_json, why_text};
use crate::output::{Mood, Paint, Schema, Stdout, json};
use crate::progress::Progress;
use crate::settings::{
    Access, BaselineFile, DEMO, Database, DatabaseError, Filters, MaxAge, Purpose, read_file,
    source_date_epoch,
};
use crate::terminal::Terminal;

/// A bill of materials is read up to this size, as by `toolkit_sbom::read`.
const MAX_SBOM: u64 = 128 << 20;
/// Says explicitly that the target is a bill of materials.
const SBOM_SCHEME: &str = "sbom:";

/// Scans the target and prints what was found.
///
/// # Errors
/// What kept it from an answer; with `-o json` that is told on stdout too.
pub(crate) fn run(args: &ScanArgs, terminal: &Terminal) -> Result<ExitCode> {
    let outputs = Output::parse_all(&args.output)?;
    match scan(args, &outputs, terminal) {
        Err(error) => {
            // Also in files: what an earlier run left there would be taken for this one's answer.
            let failure = json::failure(Schema::Scan, &args.target, &error)?;
            for output in outputs.iter().filter(|one| one.format == Format::Json) {
                output.put(&failure)?;
            }
            Err(error)
        }
        done => done,
    }
}

fn scan(args: &ScanArgs, outputs: &[Output], terminal: &Terminal) -> Result<ExitCode> {
    let gated = args.fail_on.is_some() || args.exit_code.is_some() || args.exit_on_eol.is_some();
    if args.why.is_some() && gated {
        return Err(Error::Flags {
            expected: "`--why` alone, which only explains",
            found: "`--why` with `--fail-on`, `--exit-code` or `--exit-on-eol`",
        });
    }
    let now = Timestamp::now();
    let clock = Clock {
        fixed: source_date_epoch()?,
        started: now,
    };
    let max_age = args.max_age.as_deref().map(MaxAge::parse).transpose()?;
    let platform = args.platform.as_deref().map(Platform::parse).transpose()?;
    let question = args.why.as_deref().map(Question::parse).transpose()?;
    let today = TimeZone::UTC.to_datetime(now).date();
    if let Some(found) = args.as_of.filter(|day| *day > today) {
        return Err(Error::Future { found, today });
    }
    let options = Options {
        today,
        as_of: args.as_of,
    };
    let access = Access::new(&args.access, terminal)?;
    let mut filters = Filters::read(&args.filters, today, terminal)?;
    let (database, (inventory, subject)) = both(
        Database::open(&args.database, &args.trust, Purpose::Judge { max_age }, now),
        inventory(&args.target, &access, platform.as_ref(), terminal),
    )?;
    for unreadable in &inventory.unreadable {
        terminal.warn(&format!("not read: {unreadable}"));
    }
    let broken = |error| Error::from(DatabaseError::Store(error));
    let details = database.opened.details().map_err(broken)?;
    let signals = database.opened.signals().map_err(broken)?;
    let statements = database.opened.statements().map_err(broken)?;
    let sources = Sources {
        index: &database.opened.index,
        details: Some(&details),
        signals: signals.as_ref(),
        statements: statements.as_ref(),
    };
    let mut found =
        matches(&sources, &inventory, &options).map_err(|error| broken(error.into()))?;
    ended(&found, terminal);
    if database.opened.manifest.demo {
        terminal.warn(DEMO);
    }
    terminal.note(&format!(
        "database {} of {} ({} old), {}",
        database.opened.digest,
        database.opened.manifest.created,
        age(database.age),
        database.vouched()
    ));
    if let Some(question) = question {
        let why = question
            .answer(&sources, &inventory, &options, &found)
            .map_err(|error| broken(error.into()))?;
        for output in outputs {
            let text = match output.format {
                Format::Table => why_text(&why, found.as_of.as_ref()),
                Format::Json => json::text(
                    Schema::Why,
                    &why_json(&args.target, &database, &why, found.as_of.as_ref()),
                )?,
                _ => {
                    return Err(toolkit_sbom::Error::UnknownFormat {
                        found: output.format.name().to_owned(),
                        known: vec!["table", "json"],
                    }
                    .into());
                }
            };
            output.put(&text)?;
        }
        return Ok(if why.packages.is_empty() {
            Exit::Nothing
        } else {
            Exit::Yes
        }
        .into());
    }
    let shown: Vec<Severity> = args.severity.iter().map(|one| (*one).into()).collect();
    if let (Some(target), None) = (&args.filters.baseline, &filters.baseline) {
        let (before, _) = self::inventory(target, &access, platform.as_ref(), terminal)?;
        let before = matches(&sources, &before, &options).map_err(|error| broken(error.into()))?;
        filters.baseline = Some(BaselineFile {
            name: target.clone(),
            known: Baseline::of(&before),
        });
    }
    let applied = filters.suppress(&identity(&subject), &mut found, today, terminal);
    let mut hidden = filters.retain(&mut found);
    // What is shown changes nothing of what counts.
    let reached = args.fail_on.map(|threshold| {
        let reaches = |one: &&Finding| one.reaches(threshold.into());
        found.shown().filter(reaches).count()
    });
    hidden += show_only(&mut found, &shown);
    let code = code(args, exit(args, &inventory, &found, reached), &found);
    let scanned = Scanned {
        target: &args.target,
        subject: &subject,
        inventory: &inventory,
        database: &database,
        details: &details,
        sources: &sources,
        options: &options,
        found: &found,
        hidden,
        applied: &applied,
        show_suppressed: args.show_suppressed,
        unreadable: &inventory.unreadable,
        reached: args.fail_on.map(Severity::from).zip(reached),
        code,
    };
    for output in outputs {
        if output.format == Format::OpenVex
            && found.findings.is_empty()
            && found.undetermined.is_empty()
        {
            terminal.warn(
                "the OpenVEX document has nothing to state: its schema wants a statement, so readers may refuse it",
            );
        }
        let text = render(output.format, &scanned, clock)?;
        match &output.file {
            None if output.format == Format::Table => {
                let paint = Paint::new(terminal.stdout_color);
                Stdout::print(&paint.leading(&text, &SEVERITIES))?;
            }
            _ => output.put(&text)?,
        }
    }
    if code != Exit::Yes.code() {
        let meaning = Exit::from_code(code).map_or("as the arguments ask", Exit::meaning);
        terminal.note(&format!("exit code {code}: {meaning}"));
    }
    summary(&scanned, code, outputs)
        .tell()
        .map_err(|source| Error::Untold {
            source: Box::new(source),
        })?;
    Ok(ExitCode::from(code))
}

/// Warns of releases that get no fixes any more: what their feeds do not say is no evidence.
fn ended(found: &Matches, terminal: &Terminal) {
    for part in &found.coverage.parts {
        let Some(end) = &part.end_of_life else {
            continue;
        };
        let extended = match end.extended {
            Some(day) => format!(" (with a subscription {day})"),
            None => String::new(),
        };
        terminal.warn(&format!(
            "{} is past its end of life, {}{extended}: that nothing is known of a package there says nothing ({})",
            part.name, end.ends, end.source
        ));
    }
}

/// Returns the code that the scan ends with: the one asked for where a finding counts, or where a release is past its end and nothing weighs more.
fn code(args: &ScanArgs, exit: Exit, found: &Matches) -> u8 {
    let past = || {
        let mut parts = found.coverage.parts.iter();
        parts.any(|part| part.end_of_life.is_some())
    };
    match (exit, args.exit_code, args.exit_on_eol) {
        // Neither a finding at the threshold nor an open question becomes a yes.
        (Exit::No, Some(code), _) if code != 0 || args.fail_on.is_none() => code,
        (Exit::Yes | Exit::Unreachable | Exit::Nothing, _, Some(code)) if code != 0 && past() => {
            code
        }
        (exit, _, _) => exit.code(),
    }
}

/// Is what `--why` asks.
struct Question {
    id: String,
    packages: Option<Selector>,
}

impl Question {
    fn parse(text: &str) -> Result<Self> {
        let (id, packages) = match text.split_once(',') {
            Some((id, packages)) => (id, Some(packages)),
            None => (text, None),
        };
        let packages = packages.map(|found| {
            Selector::parse(found).map_err(|source| Error::Selector {
                found: found.to_owned(),
                source,
            })
        });
        Ok(Self {
            id: id.to_owned(),
            packages: packages.transpose()?,
        })
    }

    fn answer(
        &self,
        sources: &Sources<'_>,
        inventory: &Inventory,
        options: &Options,
        found: &Matches,
    ) -> std::result::Result<Why, Malformed> {
        let packages = self.packages.as_ref();
        why(sources, inventory, options, found, &self.id, packages)
    }
}

/// Lists the words that begin the lines of the table.
const SEVERITIES: [(&str, Mood); 5] = [
    ("SEVERITY", Mood::Head),
    ("malicious", Mood::Bad),
    ("critical", Mood::Bad),
    ("high", Mood::Bad),
    ("medium", Mood::Open),
];

/// Sums up for the CI system what was found, by severity.
fn summary(scanned: &Scanned<'_>, code: u8, outputs: &[Output]) -> Step {
    let shown: Vec<&Finding> = scanned.found.shown().collect();
    let coverage = &scanned.found.coverage;
    let title = match (coverage.covered(), coverage.uncovered()) {
        (0, _) => format!("Scan of {}: nothing was judged", scanned.target),
        (_, 0) => format!("Scan of {}: {} findings", scanned.target, shown.len()),
        (covered, gaps) => format!(
            "Scan of {}: {} findings in {covered} packages, {gaps} packages were not judged",
            scanned.target,
            shown.len()
        ),
    };
    let mut step = Step::new(title, &["severity", "findings"]);
    step.output("exit-code", &code.to_string());
    for file in outputs.iter().filter_map(|output| output.file.as_ref()) {
        step.output("report-path", &file.display().to_string());
    }
    // A number, and be it 0, would be a judgement.
    if coverage.covered() == 0 {
        return step;
    }
    step.output("findings", &shown.len().to_string());
    let count = |wanted: &dyn Fn(&Finding) -> bool| {
        let count = shown.iter().filter(|one| wanted(one)).count();
        count.to_string()
    };
    let malicious = count(&|one| one.class == Class::Malicious);
    step.output("findings-malicious", &malicious);
    step.row(["malicious".to_owned(), malicious]);
    for severity in Severity::ALL.into_iter().rev() {
        let count = count(&|one| one.class == Class::Vulnerability && one.severity() == severity);
        step.output(output_name(severity), &count);
        step.row([severity.to_string(), count]);
    }
    step.row([
        "undetermined".to_owned(),
        scanned.found.undetermined.len().to_string(),
    ]);
    step
}

fn output_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Unknown => "findings-unknown",
        Severity::Negligible => "findings-negligible",
        Severity::Low => "findings-low",
        Severity::Medium => "findings-medium",
        Severity::High => "findings-high",
        Severity::Critical => "findings-critical",
    }
}

/// Takes both results, or the error by which a scan ends.
fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(one), Err(other)) => match Exit::first_of_scan([one, other]) {
            Some(error) => Err(error),
            None => unreachable!("two errors were given"),
        },
    }
}

/// Reads the packages of a target, and what VEX documents may call it.
fn inventory(
    target: &str,
    access: &Access,
    platform: Option<&Platform>,
    terminal: &Terminal,
) -> Result<(Inventory, Subject)> {
    if let Some(path) = bill_of_materials(target)? {
        let bytes = read_file(&path, MAX_SBOM).map_err(|error| absent(&path, error))?;
        return Ok((toolkit_sbom::read(&bytes)?, described(&path, &bytes)));
    }
    let target = access.target(target)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let read = Image::open(&target, platform, &reach)
        .map_err(Error::from)
        .and_then(|image| {
            let inventory = catalog(&image, &reach)?;
            Ok((inventory, Subject::of(&target, &image)))
        });
    progress.finish();
    read
}

/// Says of a document that is not there what is said of every target that is not there.
fn absent(path: &Path, error: Error) -> Error {
    match error {
        Error::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Error::Oci(toolkit_oci::Error::NotFound {
                name: path.display().to_string(),
                origin: "the file system".to_owned(),
            })
        }
        error => error,
    }
}

/// Names the target as VEX documents may call it.
fn identity(subject: &Subject) -> vex::Target {
    let digests = subject.manifest.iter().chain(&subject.index);
    vex::Target {
        name: subject.repository.clone(),
        digests: digests.map(ToString::to_string).collect(),
    }
}

/// Names what a bill of materials describes: the image, where it names just one, else the file itself.
fn described(path: &Path, bytes: &[u8]) -> Subject {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    // What is no document that names its subject, such as a list of package URLs, has been read all the same.
    let described = toolkit_sbom::described(bytes).unwrap_or_default();
    match &described.digests[..] {
        [digest] => Subject {
            manifest: Some(digest.clone()),
            base_layers: described.base_layers,
            ..Subject::new(SubjectKind::Image, &name)
        },
        _ => Subject::new(SubjectKind::File, &name),
    }
}

/// Returns the file of a bill of materials: one that the scheme says so of, or one that begins as one where no scheme is typed.
fn bill_of_materials(target: &str) -> Result<Option<PathBuf>> {
    if let Some(path) = target.strip_prefix(SBOM_SCHEME) {
        return Ok(Some(PathBuf::from(path)));
    }
    let path = Path::new(target);
    if !path.is_file()
        || !matches!(Target::parse(target), Ok(parsed) if parsed.path() == Some(path))
    {
        return Ok(None);
    }
    let failed = |source| Error::Read {
        path: path.to_path_buf(),
        source,
    };
    let mut head = Vec::new();
    fs_err::File::open(path)
        .map_err(failed)?
        .take(4096)
        .read_to_end(&mut head)
        .map_err(failed)?;
    Ok(begins_as_bill(&head).then(|| path.to_path_buf()))
}

/// JSON, or a list of package URLs; archives of images and programs begin otherwise.
fn begins_as_bill(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.is_some_and(|line| line.starts_with(b"{") || line.starts_with(b"pkg:"))
}

/// Leaves out the severities that are not to be shown; returns how many findings that were. Malicious packages stay.
fn show_only(found: &mut Matches, severities: &[Severity]) -> usize {
    let before = found.findings.len();
    found.findings.retain(|finding| {
        severities.is_empty()
            || severities.contains(&finding.severity())
            || finding.suppressed.is_some()
            || finding.class == Class::Malicious
    });
    before - found.findings.len()
}

/// Decides about the code, the first that applies: the database says nothing of the target (4), a finding counts (1), what counts could not be
/// read or decided (3), nothing was there (5). `reached` is how many findings are at the threshold, where there is one.
fn exit(args: &ScanArgs, inventory: &Inventory, found: &Matches, reached: Option<usize>) -> Exit {
    let coverage = &found.coverage;
    let unknown_release = inventory.distro.is_some()
        && coverage.parts.iter().any(|part| {
            part.level == Level::None
                && match &part.reason {
                    Some(Uncovered::Distribution { .. }) => true,
                    Some(Uncovered::NotInDatabase { ecosystem }) => {
                        toolkit_vulndb::ecosystem::Ecosystem::parse(ecosystem)
                            .is_some_and(|one| one.family.is_distribution())
                    }
                    _ => false,
                }
        });
    let nothing = inventory.packages.is_empty();
    if unknown_release || (!nothing && coverage.covered() == 0) {
        return Exit::Database;
    }
    let counts = match reached {
        Some(count) => count > 0,
        None => args.exit_code.is_some() && found.shown().next().is_some(),
    };
    if counts {
        Exit::No
    } else if reached.is_some()
        && !(found.undetermined.is_empty() && inventory.unreadable.is_empty())
    {
        Exit::Unreachable
    } else if nothing {
        Exit::Nothing
    } else {
        Exit::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bills_of_materials_are_told_by_their_first_bytes() {
        for (head, expected) in [
            (&b"{\"bomFormat\""[..], true),
            (b"\xef\xbb\xbf \n {", true),
            (b"# a list\n\npkg:npm/x@1\n", true),
            (b"blobs/sha256/", false),
            (b"\x7fELF", false),
            (b"", false),
        ] {
            assert_eq!(begins_as_bill(head), expected, "{head:?}");
        }
    }
}
