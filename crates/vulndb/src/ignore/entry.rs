//! What an entry says: conditions that all have to hold, a reason and an end.

use std::fmt;

use jiff::civil::Date;
use regex::Regex;
use toolkit_oci::Glob;
use toolkit_sbom::Purl;

use crate::advisory::Class;
use crate::affected::FixState;
use crate::config::Position;
use crate::ecosystem::Ecosystem;
use crate::matching::{Finding, Subject};
use crate::select::{PurlGlob, VersionRange};

/// Is one entry of an ignore file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub position: Position,
    /// What all has to hold of a finding.
    pub conditions: Vec<Condition>,
    /// Why it is there.
    pub reason: Option<String>,
    /// The last day on which it holds.
    pub last_day: Option<Date>,
}

/// Is a condition on a finding.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The vulnerability has this id, whatever the case of its letters.
    Id(String),
    /// The package is meant by a pattern.
    Purl(PurlGlob),
    /// The installed version is in a range.
    Versions(VersionRange),
    /// The installed version is this text.
    Version(String),
    /// A file in which the package was found is meant by one of these globs.
    Paths(Vec<Glob>),
    /// The package is one of these; versions count where they are given.
    Packages(Vec<Purl>),
    /// The package URL has one of these types.
    Types(&'static [&'static str]),
    /// The package's name matches.
    Name(Regex),
    /// The name of its source package matches.
    Upstream(Regex),
    /// The advisories are of this name space, or of a release of it.
    Ecosystem(Ecosystem),
    /// The advisories' name of the package.
    AdvisoryName(String),
    /// The fix is in this state.
    Fix(FixState),
}

impl Entry {
    /// Tells whether it is about a finding. A malicious package is only meant by id and exact version.
    #[must_use]
    pub fn is_about(&self, finding: &Finding, purl: &Purl) -> bool {
        (finding.class != Class::Malicious || self.is_exact())
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(finding, purl))
    }

    fn is_exact(&self) -> bool {
        let named = |condition: &Condition| matches!(condition, Condition::Id(_));
        let exact = |condition: &Condition| match condition {
            Condition::Versions(range) => range.is_exact(),
            Condition::Version(_) => true,
            Condition::Packages(purls) => purls.iter().all(|purl| purl.version().is_some()),
            _ => false,
        };
        self.conditions.iter().any(named) && self.conditions.iter().any(exact)
    }

    /// Tells whether its last day is over.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.last_day.is_some_and(|last| today > last)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, condition) in self.conditions.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            condition.fmt(f)?;
        }
        Ok(())
    }
}

impl Condition {
    fn holds(&self, finding: &Finding, purl: &Purl) -> bool {
        let subject = &finding.subject;
        match self {
            Self::Id(id) => finding.is_known_as(id),
            Self::Purl(glob) => glob.matches(purl),
            Self::Versions(range) => {
                let version = subject.version.as_deref();
                version.and_then(|version| range.contains(version)) == Some(true)
            }
            Self::Version(version) => subject.version.as_deref() == Some(version),
            Self::Paths(globs) => subject.paths.iter().any(|path| {
                let path = path.strip_prefix('/').unwrap_or(path);
                globs.iter().any(|glob| glob.matches(path))
            }),
            Self::Packages(purls) => purls.iter().any(|one| {
                one.ty() == purl.ty()
                    && one.namespace() == purl.namespace()
                    && one.name() == purl.name()
                    && one
                        .version()
                        .is_none_or(|version| purl.version() == Some(version))
            }),
            Self::Types(types) => types.contains(&purl.ty()),
            Self::Name(regex) => regex.is_match(&subject.name) || regex.is_match(&whole_name(purl)),
            Self::Upstream(regex) => subject
                .source
                .as_ref()
                .is_some_and(|(name, _)| regex.is_match(name)),
            Self::Ecosystem(wanted) => finding.records.iter().any(|record| {
                Ecosystem::parse(&record.ecosystem).is_some_and(|found| {
                    found.family == wanted.family
                        && (wanted.release.is_empty() || wanted.release == found.release)
                })
            }),
            Self::AdvisoryName(name) => {
                let family = finding
                    .records
                    .first()
                    .and_then(|record| Ecosystem::parse(&record.ecosystem))
                    .map(|ecosystem| ecosystem.family);
                let same = |found: &str| match family {
                    Some(family) => family.normalise(found) == family.normalise(name),
                    None => found == name,
                };
                same(advisory_name(subject)) || same(&joined(purl))
            }
            Self::Fix(state) => finding.fix.state == *state,
        }
    }
}

/// Returns the name that was looked up.
fn advisory_name(subject: &Subject) -> &str {
    match &subject.source {
        Some((name, _)) => name,
        None => &subject.name,
    }
}

/// Returns the name with its namespace, as advisories of most languages write it.
/// Returns the name as syft has it, which grype compares as a whole: with its namespace but where that is a group or a distribution.
fn whole_name(purl: &Purl) -> String {
    match purl.ty() {
        "maven" | "deb" | "apk" | "rpm" => purl.name().to_owned(),
        _ => joined(purl),
    }
}

fn joined(purl: &Purl) -> String {
    let separator = if purl.ty() == "maven" { ":" } else { "/" };
    match purl.namespace() {
        Some(namespace) => format!("{namespace}{separator}{}", purl.name()),
        None => purl.name().to_owned(),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Purl(glob) => glob.fmt(f),
            Self::Versions(range) => write!(f, "versions {range}"),
            Self::Version(version) => write!(f, "version {version}"),
            Self::Paths(globs) => {
                f.write_str("paths")?;
                globs.iter().try_for_each(|glob| write!(f, " {glob}"))
            }
            Self::Packages(purls) => {
                let purls: Vec<&str> = purls.iter().map(Purl::as_str).collect();
                f.write_str(&purls.join(" "))
            }
            Self::Types(types) => write!(f, "type {}", types.join(" ")),
            Self::Name(regex) => write!(f, "name {}", shown(regex)),
            Self::Upstream(regex) => write!(f, "source {}", shown(regex)),
            Self::Ecosystem(ecosystem) => write!(f, "ecosystem {ecosystem}"),
            Self::AdvisoryName(name) => write!(f, "name {name}"),
            Self::Fix(state) => write!(f, "fix {}", state.name()),
        }
    }
}

/// Cuts off the anchors that reading put around it.
fn shown(regex: &Regex) -> &str {
    let text = regex.as_str();
    text.strip_prefix("^(?:")
        .and_then(|text| text.strip_suffix(")$"))
        .unwrap_or(text)
}
