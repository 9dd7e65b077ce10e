//! Why a vulnerability is found in a package, or is not.
//!
//! Each record is judged again by the function that findings come from, this time with its comparisons written down; nothing here decides anything.

use std::collections::BTreeSet;
use std::fmt;

use toolkit_sbom::{Inventory, Package, Purl};

use crate::advisory::Feed;
use crate::affected::Channel;
use crate::db::{Bound, Index, Malformed};
use crate::ecosystem::Ecosystem;
use crate::select::{PurlGlob, PurlGlobError};

use super::cluster::is_advisory;
use super::finding::{Finding, Matches, Subject, Suppression};
use super::judge::{Found, Judged, Outcome};
use super::matcher::{Run, subject};
use super::query::{Query, Uncovered};
use super::range::{Compared, Installed, Role};
use super::sources::{Options, Sources};

/// Names packages by one package URL or a pattern.
#[derive(Clone, Debug)]
pub enum Selector {
    /// This package; a version counts where it is named, qualifiers do not.
    Exact(Purl),
    /// Packages of this pattern.
    Glob(PurlGlob),
}

/// Says why a text selects nothing.
#[derive(Debug, thiserror::Error)]
pub enum SelectorError {
    /// It has a version or qualifiers and is no package URL.
    #[error(transparent)]
    Purl(#[from] toolkit_sbom::Error),
    /// It is no pattern.
    #[error(transparent)]
    Glob(#[from] PurlGlobError),
}

impl Selector {
    /// Reads a package URL where a version or a qualifier is named, else a pattern.
    ///
    /// # Errors
    ///
    /// [`SelectorError`].
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        // An `@` at the start of a part is a scope, not a version.
        let versioned = text
            .match_indices('@')
            .any(|(at, _)| !text.get(..at).is_some_and(|before| before.ends_with('/')));
        if versioned || text.contains('?') && !text.contains('*') {
            Ok(Self::Exact(Purl::parse(text)?))
        } else {
            Ok(Self::Glob(PurlGlob::parse(text)?))
        }
    }

    /// Says whether it selects a package.
    #[must_use]
    pub fn selects(&self, package: &Package) -> bool {
        match self {
            Self::Glob(glob) => glob.matches(&package.purl),
            Self::Exact(wanted) => {
                let purl = &package.purl;
                (wanted.ty(), wanted.namespace(), wanted.name())
                    == (purl.ty(), purl.namespace(), purl.name())
                    && wanted
                        .version()
                        .is_none_or(|version| purl.version() == Some(version))
            }
        }
    }
}

/// Is a record that the database has of the vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its feed.
    pub feed: Feed,
    /// Its id.
    pub id: String,
    /// SHA-256 of the feed's record, where the details were at hand.
    pub digest: Option<[u8; 32]>,
    /// Day of publication, since 1970.
    pub published: Option<u32>,
    /// Day of the last change, since 1970.
    pub modified: Option<u32>,
    /// Whether its feed took it back.
    pub withdrawn: bool,
}

/// The first affected version, none for the beginning, and what closes it, none where nothing does.
pub type Interval = (Option<String>, Option<(Role, String)>);

/// Is what a record says of a package, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The record.
    pub record: Known,
    /// The name space in which it names the package.
    pub ecosystem: Ecosystem,
    /// Its intervals.
    pub intervals: Vec<Interval>,
    /// How many versions it lists by themselves.
    pub listed: usize,
    /// Who gets the fix.
    pub channel: Channel,
    /// The architectures it is about; none means all.
    pub architectures: Vec<String>,
    /// The comparisons that were made, in order; of listed versions only the one that is equal.
    pub compared: Vec<Compared>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Is the answer for one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is found, and shown under this id.
    Match {
        /// The id.
        id: String,
    },
    /// It is found, and a rule keeps it from being shown.
    Suppressed {
        /// The id.
        id: String,
        /// The rule.
        rule: Suppression,
    },
    /// It cannot be decided.
    Undetermined {
        /// Why.
        reason: String,
    },
    /// It is not found.
    No(Reason),
}

/// Says why a vulnerability is not found in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The package could not be asked about: that is no all-clear.
    Uncovered(Uncovered),
    /// No record of the vulnerability names the package.
    NotNamed,
    /// The step with this number decides.
    Step(usize),
}

/// Is one package, and why it has or has not the vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The package; its source, where that was looked up.
    pub subject: Subject,
    /// What was asked: name spaces, name, version.
    pub query: Option<Query>,
    /// What each record says of it.
    pub steps: Vec<Step>,
    /// The answer.
    pub answer: Answer,
}

/// Explains a vulnerability for the packages of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The id that was asked about.
    pub id: String,
    /// The ids of the same vulnerability, that one included.
    pub ids: BTreeSet<String>,
    /// The records that the database has of it; none means that it knows nothing of the id.
    pub records: Vec<Known>,
    /// What those records name, by name space, where no package is one of that.
    pub names: Vec<(Ecosystem, String)>,
    /// The packages: those selected, or, where none were, those that a record names.
    pub packages: Vec<About>,
}

impl Why {
    /// Says whether it is found in any of the packages, suppressed or not.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.packages.iter().any(|about| {
            matches!(
                about.answer,
                Answer::Match { .. } | Answer::Suppressed { .. }
            )
        })
    }
}

/// Explains why `id` is found or not; `found` is what [`matches`](super::matches) gave for the same sources, inventory and options, with whatever
/// was suppressed since. `selector` asks about these packages, whether a record names them or not.
///
/// # Errors
///
/// [`Malformed`] where a segment is broken.
pub fn why(
    sources: &Sources<'_>,
    inventory: &Inventory,
    options: &Options,
    found: &Matches,
    id: &str,
    selector: Option<&Selector>,
) -> Result<Why, Malformed> {
    let mut run = Run::new(sources, options, inventory)?;
    let (ids, numbers) = same(&mut run, found, id)?;
    let mut why = Why {
        id: id.to_owned(),
        records: numbers
            .iter()
            .map(|number| known(&mut run, *number))
            .collect::<Result<_, _>>()?,
        names: Vec::new(),
        ids,
        packages: Vec::new(),
    };
    for package in &inventory.packages {
        if selector.is_some_and(|selector| !selector.selects(package)) {
            continue;
        }
        let about = about(&mut run, inventory, package, found, &why, &numbers)?;
        let named = !about.steps.is_empty() || !matches!(about.answer, Answer::No(_));
        if selector.is_some() || named {
            why.packages.push(about);
        }
    }
    if why.packages.iter().all(|about| about.steps.is_empty()) {
        why.names = run.index.named_by(&numbers)?;
    }
    Ok(why)
}

/// Returns the ids of one vulnerability and the records that bear or name one of them.
fn same(
    run: &mut Run<'_>,
    found: &Matches,
    id: &str,
) -> Result<(BTreeSet<String>, BTreeSet<u32>), Malformed> {
    let mut ids = BTreeSet::from([id.to_owned()]);
    for finding in found.findings.iter().filter(|one| one.ids.contains(id)) {
        ids.extend(finding.ids.iter().cloned());
    }
    for number in run.index.records(id)? {
        let head = run.head(number)?;
        // An advisory is no alias of the vulnerabilities that it contains.
        if head.id == id || (!is_advisory(&head.id) && head.aliases.iter().any(|one| one == id)) {
            ids.insert(head.id.clone());
            ids.extend(head.aliases.iter().cloned());
        }
    }
    let mut numbers = BTreeSet::new();
    for id in &ids {
        numbers.extend(run.index.records(id)?);
    }
    Ok((ids, numbers))
}

fn known(run: &mut Run<'_>, number: u32) -> Result<Known, Malformed> {
    let head = run.head(number)?;
    Ok(Known {
        feed: head.feed,
        id: head.id.clone(),
        digest: match run.details {
            Some(details) => Some(details.digest(number)?),
            None => None,
        },
        published: head.published,
        modified: head.modified,
        withdrawn: head.withdrawn,
    })
}

fn about(
    run: &mut Run<'_>,
    inventory: &Inventory,
    package: &Package,
    found: &Matches,
    why: &Why,
    numbers: &BTreeSet<u32>,
) -> Result<About, Malformed> {
    let query = match run.query(package, inventory)? {
        Ok(query) => query,
        Err(reason) => {
            return Ok(About {
                subject: Subject::of(package),
                query: None,
                steps: Vec::new(),
                answer: Answer::No(Reason::Uncovered(reason)),
            });
        }
    };
    let installed = Installed::new(query.scheme(), query.version.as_deref());
    let mut steps = Vec::new();
    for ecosystem in query.ecosystems.iter() {
        for row in run.index.rows(ecosystem, &query.name)? {
            if numbers.contains(&row.advisory) {
                let at = Found { row, ecosystem };
                steps.push(step(run, at, package, &query, &installed)?);
            }
        }
    }
    let id = package.id();
    let of_package = |subject: &Subject| subject.package == id;
    let finding = found.findings.iter().find(|one| {
        of_package(&one.subject)
            && (one.ids.iter().any(|id| why.ids.contains(id)) || one.advisories.contains(&why.id))
    });
    let open = found
        .undetermined
        .iter()
        .find(|one| of_package(&one.subject) && one.ids.iter().any(|id| why.ids.contains(id)));
    let answer = match (finding, open) {
        (Some(finding), _) => of_finding(finding),
        (None, Some(open)) => Answer::Undetermined {
            reason: open.reason.clone(),
        },
        (None, None) => Answer::No(deciding(&steps)),
    };
    Ok(About {
        subject: subject(package, &query),
        query: Some(query),
        steps,
        answer,
    })
}

fn of_finding(finding: &Finding) -> Answer {
    let id = finding.id.clone();
    match &finding.suppressed {
        None => Answer::Match { id },
        Some(rule) => Answer::Suppressed {
            id,
            rule: rule.clone(),
        },
    }
}

/// Chooses the step that says most about why there is no finding: a denial, else the nearest miss.
fn deciding(steps: &[Step]) -> Reason {
    let rank = |step: &Step| match step.outcome {
        Outcome::NotAffected => 0,
        Outcome::Outside => 1,
        Outcome::Void(_) => 2,
        Outcome::OtherModule => 3,
        Outcome::OtherArchitecture => 4,
        Outcome::Undetermined(_) => 5,
        Outcome::Affected { .. } => 6,
    };
    (0..)
        .zip(steps)
        .min_by_key(|(_, step)| rank(step))
        .map_or(Reason::NotNamed, |(number, _)| Reason::Step(number))
}

fn step(
    run: &mut Run<'_>,
    at: Found<'_>,
    package: &Package,
    query: &Query,
    installed: &Installed,
) -> Result<Step, Malformed> {
    let mut compared = Vec::new();
    let outcome = match run.judge(at, package, query, installed, Some(&mut compared))? {
        Judged::Hit(hit) => Outcome::Affected {
            fix: hit.fix,
            listed: hit.listed,
            epoch_assumed: hit.epoch_assumed,
        },
        // A withdrawn record is that first, wherever its range ends.
        Judged::Not(outcome) => {
            let head = run.head(at.row.advisory)?;
            run.void(&head, at.ecosystem).map_or(outcome, Outcome::Void)
        }
    };
    compared.retain(|one| one.with != Role::Listed || one.order == Some(std::cmp::Ordering::Equal));
    let program = run.index.program(at.row.program)?;
    let qualifier = run.index.qualifier(at.row.qualifier)?;
    Ok(Step {
        record: known(run, at.row.advisory)?,
        ecosystem: at.ecosystem.clone(),
        intervals: program
            .intervals
            .iter()
            .map(|(start, end)| interval(run.index, *start, *end))
            .collect::<Result<_, _>>()?,
        listed: program.listed.len(),
        channel: qualifier.channel,
        architectures: qualifier.architectures.clone(),
        compared,
        outcome,
    })
}

type Ends = (Option<String>, Option<(Role, String)>);

fn interval(index: &Index, start: Option<u32>, end: Bound) -> Result<Ends, Malformed> {
    let start = start.map(|number| index.version(number)).transpose()?;
    let end = match end {
        Bound::Open => None,
        Bound::Fixed(number) => Some((Role::Fixed, index.version(number)?)),
        Bound::Limit(number) => Some((Role::Limit, index.version(number)?)),
        Bound::LastAffected(number) => Some((Role::LastAffected, index.version(number)?)),
    };
    Ok((start, end))
}

impl fmt::Display for Compared {
    /// Words the comparison: `3.0.11-1 is before 3.0.15-1, the first fixed version`, without the installed version in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.order {
            Some(std::cmp::Ordering::Less) => "before",
            Some(std::cmp::Ordering::Equal) => "equal to",
            Some(std::cmp::Ordering::Greater) => "after",
            None => "in no order with",
        };
        let what = match self.with {
            Role::Introduced => "the first affected version",
            Role::Fixed => "the first fixed version",
            Role::Limit => "the version at which the range ends",
            Role::LastAffected => "the last affected version",
            Role::Listed => "a version that is listed",
        };
        write!(f, "{how} {}, {what}", self.version)?;
        if self.epoch_assumed {
            f.write_str(", compared without epochs because the record writes none")?;
        }
        Ok(())
    }
}

impl Step {
    /// Words what became of the record; `installed` is the version that was compared.
    #[must_use]
    pub fn words(&self, installed: Option<&str>) -> String {
        let installed = installed.unwrap_or("no version");
        match &self.outcome {
            Outcome::Affected { fix, listed, .. } => match (fix, listed) {
                (_, true) => format!("it holds: {installed} is listed"),
                (Some(fix), _) => format!("it holds: fixed in {fix}, installed {installed}"),
                (None, _) => format!("it holds: {installed} is in range, and no fix is named"),
            },
            Outcome::Outside => self.outside(installed),
            Outcome::NotAffected => "it says that the package is not affected".to_owned(),
            Outcome::OtherArchitecture => format!(
                "it is about other architectures: {}",
                self.architectures.join(", ")
            ),
            Outcome::OtherModule => {
                "it is about another module stream, or only one of the two is of a module"
                    .to_owned()
            }
            Outcome::Void(super::judge::Void::Withdrawn) => "its feed took it back".to_owned(),
            Outcome::Void(super::judge::Void::Copied) => {
                "it is a copy of what the distribution itself publishes".to_owned()
            }
            Outcome::Void(super::judge::Void::Later) => {
                "it was published after the day that is asked about".to_owned()
            }
            Outcome::Undetermined(reason) => format!("it cannot be decided: {reason}"),
        }
    }

    fn outside(&self, installed: &str) -> String {
        // The last fix that was passed is what a reader looks for; else the range that was not reached.
        let passed = self
            .compared
            .iter()
            .rev()
            .find(|one| one.with == Role::Fixed);
        if let Some(fix) = passed {
            return format!(
                "not in range: fixed in {}, installed {installed}",
                fix.version
            );
        }
        match self.compared.last() {
            Some(one) => format!("not in range: {installed} is {one}"),
            None if self.listed > 0 => format!("{installed} is none of its listed versions"),
            None => "it names no affected version".to_owned(),
        }
    }
}

impl About {
    /// Words the answer.
    #[must_use]
    pub fn words(&self) -> String {
        let installed = self
            .query
            .as_ref()
            .and_then(|query| query.version.as_deref());
        match &self.answer {
            Answer::Match { id } => format!("found as {id}"),
            Answer::Suppressed { id, rule } => match rule.by() {
                Some(by) => format!("found as {id}, and suppressed: {} by {by}", rule.name()),
                None => format!("found as {id}, and suppressed: {}", rule.name()),
            },
            Answer::Undetermined { reason } => format!("not decided: {reason}"),
            Answer::No(Reason::Uncovered(reason)) => {
                format!("not asked about, which is no all-clear: {reason}")
            }
            Answer::No(Reason::NotNamed) => {
                "not found: no record of it names this package".to_owned()
            }
            Answer::No(Reason::Step(number)) => match self.steps.get(*number) {
                Some(step) => format!("not found: {}: {}", step.record.id, step.words(installed)),
                None => "not found".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_by_url_or_pattern() {
        let package = |purl: &str| {
            let purl = Purl::parse(purl).expect("a package URL");
            Package::new(toolkit_sbom::Ecosystem::Npm, "x", None, purl)
        };
        for (text, purl, expected) in [
            ("pkg:npm/x", "pkg:npm/x@1", true),
            ("pkg:npm/x@1", "pkg:npm/x@1", true),
            ("pkg:npm/x@2", "pkg:npm/x@1", false),
            ("pkg:npm/@a/*", "pkg:npm/%40a/b@1", true),
            ("pkg:npm/%40a/b@1", "pkg:npm/%40a/b@1", true),
            (
                "pkg:deb/debian/x@1",
                "pkg:deb/debian/x@1?distro=debian-12",
                true,
            ),
            (
                "pkg:deb/debian/x@1?distro=debian-11",
                "pkg:deb/debian/x@1?distro=debian-12",
                true,
            ),
            ("pkg:deb/debian/x@1", "pkg:deb/ubuntu/x@1", false),
        ] {
            let selector = Selector::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(selector.selects(&package(purl)), expected, "{text} {purl}");
        }
        assert!(matches!(Selector::parse("x"), Err(SelectorError::Glob(_))));
        assert!(matches!(
            Selector::parse("x@1"),
            Err(SelectorError::Purl(_))
        ));
    }
}
