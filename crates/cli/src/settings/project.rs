//! `toolkit.yaml` at the top of a checkout: what a project demands of everybody who works on it.
//!
//! It comes with the project, so it may only tighten: it makes a check compulsory or stricter and never turns one off. YAML, closed:
//! `hook: {require: true|false, failOn: SEVERITY}`.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toolkit_vulndb::config::{Fault, Faults, Position, Walk, yaml};
use toolkit_vulndb::severity::Severity;

use super::read_file;
use crate::error::{Error, Result};

/// Holds what a project demands; by default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Project {
    require: bool,
    fail_on: Option<Severity>,
}

/// Is a fault of `toolkit.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectFault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong there.
    pub(crate) what: String,
}

impl fmt::Display for ProjectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl Project {
    /// Reads the file in a folder; where there is none, nothing is demanded.
    ///
    /// # Errors
    /// [`Error::Project`] with all faults, or what kept it from being read.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let bytes = read_file(&path, MAX_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| {
            refused(
                &path,
                vec![ProjectFault {
                    line: 1,
                    what: "it is not UTF-8".to_owned(),
                }],
            )
        })?;
        Self::parse(&text).map_err(|faults| refused(&path, faults))
    }

    /// Says whether a push that could not be judged is stopped.
    pub(crate) fn hook_required(&self) -> bool {
        self.require
    }

    /// Returns the severity from which on a finding counts: the lower of the two.
    pub(crate) fn threshold(&self, asked: Severity) -> Severity {
        self.fail_on.map_or(asked, |demanded| demanded.min(asked))
    }

    fn parse(text: &str) -> Result<Self, Vec<ProjectFault>> {
        let (root, faults) = yaml::parse(text);
        let Some(root) = root else {
            // Nothing but comments.
            let empty = faults.iter().all(|(_, fault)| *fault == Fault::Empty);
            return if empty {
                Ok(Self::default())
            } else {
                Err(told(text, faults))
            };
        };
        // Nothing in this file ends on a day.
        let mut walk: Walk<'_, Fault> = Walk::new(text, Date::ZERO, faults);
        let mut project = Self::default();
        let hook = walk
            .map(&root, root.span, NAME, &["hook"])
            .and_then(|top| Some((top.get("hook")?, top.span_of("hook"))))
            .and_then(|(node, at)| walk.map(node, at, "`hook`", &["require", "failOn"]));
        if let Some(hook) = hook {
            if let Some(node) = hook.get("require") {
                project.require = walk.boolean(node, "`require`") == Some(true);
            }
            if let Some(node) = hook.get("failOn") {
                let words = SEVERITIES.map(|severity| (severity.to_string(), severity));
                let words: Vec<(&str, Severity)> = words
                    .iter()
                    .map(|(word, severity)| (word.as_str(), *severity))
                    .collect();
                project.fail_on = walk.word(node, "`failOn`", "severity", &words);
            }
        }
        match walk.into_faults() {
            faults if faults.is_empty() => Ok(project),
            faults => Err(told(text, faults)),
        }
    }
}

fn told(text: &str, faults: Faults) -> Vec<ProjectFault> {
    let tell = |(span, fault): (_, Fault)| ProjectFault {
        line: Position::of(text, span).line,
        what: match fault.help() {
            Some(help) => format!("{fault} ({help})"),
            None => fault.to_string(),
        },
    };
    let mut told: Vec<ProjectFault> = faults.into_iter().map(tell).collect();
    told.sort_by_key(|fault| fault.line);
    told
}

fn refused(path: &Path, faults: Vec<ProjectFault>) -> Error {
    Error::Project {
        path: PathBuf::from(path),
        faults,
    }
}

/// The name of the file.
const NAME: &str = "toolkit.yaml";
/// The longest file that is read; one with every key is below 100 bytes.
const MAX_BYTES: u64 = 64 << 10;
/// What may be demanded.
const SEVERITIES: [Severity; 5] = [
    Severity::Negligible,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_only_tightens() {
        for (text, required, asked, expected) in [
            ("", false, Severity::Critical, Severity::Critical),
            ("# nothing\n", false, Severity::High, Severity::High),
            ("hook: {}\n", false, Severity::High, Severity::High),
            (
                "hook:\n  require: true\n",
                true,
                Severity::Critical,
                Severity::Critical,
            ),
            (
                "hook: {require: false, failOn: high}\n",
                false,
                Severity::Critical,
                Severity::High,
            ),
            // The flag is stricter.
            (
                "hook: {failOn: critical}\n",
                false,
                Severity::Medium,
                Severity::Medium,
            ),
        ] {
            let project =
                Project::parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            assert_eq!(project.hook_required(), required, "{text}");
            assert_eq!(project.threshold(asked), expected, "{text}");
        }
    }

    #[test]
    fn all_faults_are_told_with_their_lines() {
        for (text, expected) in [
            (
                "hook:\n  require: yes\n  failOn: unknown\n  more: 1\nother: 2\n",
                &[2, 3, 4, 5][..],
            ),
            ("hook: true\n", &[1]),
            ("- hook\n", &[1]),
            ("text\n", &[1]),
            ("hook: {require: true}\nhook: {}\n", &[2]),
            ("hook: &a {require: true}\n", &[1]),
            ("hook: {require: !!str true}\n", &[1]),
            ("hook: {}\n---\nhook: {}\n", &[2]),
            ("hook: {require: [true]}\n", &[1]),
        ] {
            let faults = Project::parse(text).expect_err(text);
            let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
            assert_eq!(lines, expected, "{text}: {faults:?}");
        }
        assert!(Project::parse("hook: [").is_err());
        assert!(Project::parse(&"{".repeat(10_000)).is_err());
    }
}
