//! What is known of the packages of one lock file, and which of it the remote's side does not have.
//!
//! Each content is read and looked up once, however many refs bring it.

use std::collections::BTreeMap;
use std::rc::Rc;

use toolkit_sbom::Inventory;
use toolkit_sbom::lockfile::{Lockfile, MAX_BYTES, Purpose};
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::baseline::Baseline;
use toolkit_vulndb::matching::{Finding, Level, Options, Sources, Undetermined, matches};
use toolkit_vulndb::severity::Severity;

use crate::error::{Error, Result};
use crate::settings::{Database, DatabaseError};

use super::change::Change;
use super::git::{Content, Objects, Oid};

/// Is what is known of one content.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Vulnerabilities that are shown.
    findings: Vec<Finding>,
    /// The same, as what a later state is compared with.
    baseline: Baseline,
    /// What could not be decided.
    undetermined: Vec<Undetermined>,
    /// What the file names and does not pin to a release of a public registry, each with the reason.
    pub(super) unlisted: Vec<String>,
    /// The name spaces that the database knows nothing of, with the count of packages.
    uncovered: Vec<(String, usize)>,
    /// Package URLs that are needed for development only.
    development: Vec<String>,
    /// Why the file could not be read.
    fault: Option<String>,
}

impl Known {
    /// Says whether it has a finding already: of malicious packages the very same version, of others any.
    fn has(&self, finding: &Finding) -> bool {
        let same =
            |old: &Finding| old.id == finding.id && old.subject.package == finding.subject.package;
        match finding.class {
            Class::Malicious => self.findings.iter().any(same),
            _ => self.baseline.knows(finding),
        }
    }
}

/// Looks contents up.
pub(super) struct Lookup<'a> {
    objects: &'a mut Objects,
    database: &'a Database,
    options: Options,
    known: BTreeMap<(Oid, Lockfile), Rc<Known>>,
}

/// Is a finding that a push brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct New {
    /// The finding.
    pub(super) finding: Finding,
    /// The lock file, as text.
    pub(super) path: String,
    /// Whether the package is needed for development only.
    pub(super) development: bool,
}

/// Is what a changed lock file brings.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Findings at the threshold that no base has.
    pub(super) new: Vec<New>,
    /// What could not be judged, as text, and whether it is the database that does not know.
    pub(super) undecided: Vec<(String, bool)>,
    /// What the file names and what nobody can judge.
    pub(super) unlisted: Vec<String>,
}

impl<'a> Lookup<'a> {
    /// Starts with a database.
    pub(super) fn new(objects: &'a mut Objects, database: &'a Database, options: Options) -> Self {
        Self {
            objects,
            database,
            options,
            known: BTreeMap::new(),
        }
    }

    /// Compares a changed lock file with what it was on the remote's side.
    pub(super) fn judge(&mut self, change: &Change, threshold: Severity) -> Result<Judged> {
        let path = String::from_utf8_lossy(&change.path).into_owned();
        let now = self.known(&change.new, change.kind)?;
        let mut before = Vec::new();
        for old in &change.old {
            before.push(match old {
                Some(oid) => self.known(oid, change.kind)?,
                None => Rc::default(),
            });
        }
        let mut judged = Judged::default();
        if let Some(fault) = &now.fault {
            judged.undecided.push((format!("`{path}`: {fault}"), false));
        }
        for finding in now.findings.iter().filter(|one| one.reaches(threshold)) {
            if !before.iter().any(|side| side.has(finding)) {
                judged.new.push(New {
                    development: now
                        .development
                        .iter()
                        .any(|url| url == finding.subject.package.as_str()),
                    finding: finding.clone(),
                    path: path.clone(),
                });
            }
        }
        for one in &now.undetermined {
            if before.iter().all(|side| !side.undetermined.contains(one)) {
                let version = one.subject.version.as_deref().unwrap_or("-");
                judged.undecided.push((
                    format!(
                        "`{path}`: {} for {} {version}: {}",
                        one.id, one.subject.name, one.reason
                    ),
                    false,
                ));
            }
        }
        for (name, count) in &now.uncovered {
            judged.undecided.push((
                format!("`{path}`: the database knows nothing of {name} ({count} packages)"),
                true,
            ));
        }
        judged
            .unlisted
            .extend(now.unlisted.iter().map(|one| format!("`{path}`: {one}")));
        Ok(judged)
    }

    fn known(&mut self, oid: &Oid, kind: Lockfile) -> Result<Rc<Known>> {
        if let Some(known) = self.known.get(&(oid.clone(), kind)) {
            return Ok(Rc::clone(known));
        }
        let known = Rc::new(self.look_up(oid, kind)?);
        self.known.insert((oid.clone(), kind), Rc::clone(&known));
        Ok(known)
    }

    fn look_up(&mut self, oid: &Oid, kind: Lockfile) -> Result<Known> {
        let fault = |text: String| {
            Ok(Known {
                fault: Some(text),
                ..Known::default()
            })
        };
        let bytes = match self.objects.content(oid, MAX_BYTES).map_err(Error::Hook)? {
            Content::Bytes(bytes) => bytes,
            Content::Missing => return fault("its content is not in this clone".to_owned()),
            Content::TooLarge(size) => {
                return fault(format!(
                    "{size} bytes are more than the {MAX_BYTES} that are read"
                ));
            }
        };
        let contents = match kind.read(&bytes) {
            Ok(contents) => contents,
            Err(error) => return fault(error.to_string()),
        };
        let development = contents
            .packages
            .iter()
            .filter(|one| one.purpose == Purpose::Development)
            .map(|one| one.package.purl.to_string())
            .collect();
        let mut inventory = Inventory {
            packages: contents
                .packages
                .into_iter()
                .map(|one| one.package)
                .collect(),
            ..Inventory::default()
        };
        inventory.normalize();
        // Details are about module streams and digests of records, neither of which has to do with lock files.
        let sources = Sources::of(&self.database.opened.index);
        let found = matches(&sources, &inventory, &self.options)
            .map_err(|error| Error::from(DatabaseError::Store(error.into())))?;
        Ok(Known {
            baseline: Baseline::of(&found),
            findings: found.shown().cloned().collect(),
            uncovered: found
                .coverage
                .parts
                .iter()
                .filter(|part| part.level == Level::None)
                .map(|part| (part.name.clone(), part.packages))
                .collect(),
            undetermined: found.undetermined,
            unlisted: contents
                .unlisted
                .iter()
                .map(|one| format!("{}: {}", one.name, one.reason))
                .collect(),
            development,
            fault: None,
        })
    }
}
