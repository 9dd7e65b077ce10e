//! What the user does not want to count: ignore files, VEX documents and a baseline, read before anything is scanned.
//!
//! Every file is read to its end and all faults are told in one run. Nothing is loaded that was not named.

use std::path::Path;

use jiff::civil::Date;
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::feed;
use toolkit_vulndb::ignore::{self, Dialect, EntryReport, EntryState, IgnoreFile};
use toolkit_vulndb::matching::{Finding, Matches};
use toolkit_vulndb::vex::{self, Conflict};

use super::baseline::{BaselineFile, earlier_result};
use super::input::{read_file, read_text};
use crate::args::FilterArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::active_character;
use crate::terminal::Terminal;

/// Bytes of an ignore file that are opened; more than [`ignore`] reads, so that it can say by how much.
const IGNORE_SIZE: u64 = 4 << 20;
/// Bytes of a VEX document that are read, as of the largest of its formats.
const VEX_SIZE: u64 = 256 << 20;

/// Holds everything that the user named.
pub(crate) struct Filters {
    ignored: Vec<IgnoreFile>,
    vex: Vec<(String, vex::Document)>,
    /// The earlier result, where a file was named and no target.
    pub(crate) baseline: Option<BaselineFile>,
    states: Vec<FixState>,
    only_fixed: bool,
    only_notfixed: bool,
}

/// Tells what became of what the user named.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// The entries of ignore files.
    pub(crate) entries: Vec<EntryReport>,
    /// VEX statements that contradict each other.
    pub(crate) conflicts: Vec<Conflict>,
    /// How many findings the baseline has.
    pub(crate) known: usize,
}

impl Filters {
    /// Reads every file that was named; warns of keys of other tools that change nothing here.
    ///
    /// # Errors
    /// The gravest of all files; the faults of all ignore files come together.
    pub(crate) fn read(args: &FilterArgs, today: Date, terminal: &Terminal) -> Result<Self> {
        if args.only_fixed && args.only_notfixed {
            return Err(Error::Flags {
                expected: "`--only-fixed` or `--only-notfixed`",
                found: "both",
            });
        }
        let mut errors = Vec::new();
        let mut faults = Vec::new();
        let mut ignored = Vec::new();
        for path in &args.ignorefile {
            match ignore_file(path, today) {
                Ok(Ok(file)) => ignored.push(file),
                Ok(Err(found)) => faults.extend(found),
                Err(error) => errors.push(error),
            }
        }
        if !faults.is_empty() {
            errors.push(Error::IgnoreFiles { faults });
        }
        let mut documents = Vec::new();
        for path in &args.vex {
            match vex_document(path) {
                Ok(document) => documents.push((path.display().to_string(), document)),
                Err(error) => errors.push(error),
            }
        }
        let baseline = match args.baseline.as_deref().map(earlier_result) {
            Some(Ok(baseline)) => baseline,
            Some(Err(error)) => {
                errors.push(error);
                None
            }
            None => None,
        };
        if let Some(error) = Exit::first_of_scan(errors) {
            return Err(error);
        }
        for file in ignored.iter().filter(|file| !file.unread.is_empty()) {
            terminal.note(&format!(
                "`{}`: {} is {}'s own and changes nothing here",
                file.name,
                file.unread.join(", "),
                file.dialect.name()
            ));
        }
        Ok(Self {
            ignored,
            vex: documents,
            baseline,
            states: args
                .ignore_status
                .iter()
                .filter_map(|one| one.state())
                .collect(),
            only_fixed: args.only_fixed,
            only_notfixed: args.only_notfixed,
        })
    }

    /// Suppresses what the files say, ignore files first, and warns of what in them did nothing or has no end.
    pub(crate) fn suppress(
        &self,
        target: &vex::Target,
        found: &mut Matches,
        today: Date,
        terminal: &Terminal,
    ) -> Applied {
        let entries = ignore::apply(&self.ignored, &mut found.findings, today);
        for report in &entries {
            warn(report, terminal);
        }
        let conflicts = vex::apply(&self.vex, target, &mut found.findings);
        for conflict in &conflicts {
            terminal.warn(&format!(
                "VEX statements about {} in {} contradict each other, so it stays: {}",
                conflict.id,
                conflict.package,
                conflict.statements.join(", ")
            ));
        }
        let known = self.baseline.as_ref().map_or(0, |baseline| {
            baseline.known.apply(&baseline.name, &mut found.findings)
        });
        Applied {
            entries,
            conflicts,
            known,
        }
    }

    /// Leaves out findings by the state of their fix; returns how many that were. Malicious packages stay.
    pub(crate) fn retain(&self, found: &mut Matches) -> usize {
        let before = found.findings.len();
        let wanted = |finding: &Finding| {
            let state = finding.fix.state;
            let fixed = state == FixState::Fixed;
            let unwanted = if fixed {
                self.only_notfixed
            } else {
                self.only_fixed
            };
            let by_state = !unwanted && !self.states.contains(&state);
            finding.suppressed.is_some() || finding.class == Class::Malicious || by_state
        };
        found.findings.retain(wanted);
        before - found.findings.len()
    }
}

fn warn(report: &EntryReport, terminal: &Terminal) {
    let EntryReport { at, entry, .. } = report;
    match report.state {
        EntryState::Expired { last_day, findings } => terminal.warn(&format!(
            "{at}: the entry for {entry} ended on {last_day} and hides nothing; it would hide {findings}"
        )),
        EntryState::Unmatched => {
            terminal.warn(&format!("{at}: the entry for {entry} matches no finding"));
        }
        EntryState::Applied { .. } if report.endless => {
            terminal.warn(&format!("{at}: the entry for {entry} has no end"));
        }
        EntryState::Applied { .. } => {}
    }
}

fn ignore_file(path: &Path, today: Date) -> Result<Result<IgnoreFile, Vec<ignore::Diagnostic>>> {
    let text = read_text(path, IGNORE_SIZE)?;
    if let Some((line, character)) = active_character(&text) {
        return Err(Error::PolicyCharacter {
            path: path.to_path_buf(),
            line,
            character,
        });
    }
    let file_name = path.file_name().map(|name| name.to_string_lossy());
    let dialect = Dialect::of_name(file_name.as_deref().unwrap_or_default());
    Ok(ignore::read(
        &path.display().to_string(),
        &text,
        dialect,
        today,
    ))
}

fn vex_document(path: &Path) -> Result<vex::Document> {
    let refused = |source: feed::Error| Error::Vex {
        path: path.to_path_buf(),
        source,
    };
    vex::read(&read_file(path, VEX_SIZE)?).map_err(refused)
}
