//! What a run found.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use toolkit_sbom::{Package, PackageId};

use crate::advisory::{Class, Feed};
use crate::db::signals::{Epss, Exploited};
use crate::severity::Severity;
use crate::vex::Status;

use super::coverage::Coverage;
use super::fix::Fix;
use super::query::Uncovered;
use super::rating::Rating;

/// Names the package that a result is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its package URL.
    pub package: PackageId,
    /// Its name as its ecosystem writes it.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The layer that brought it, 0 being the lowest.
    pub layer: Option<usize>,
    /// The name and version that were looked up, where they are the source package's.
    pub source: Option<(String, Option<String>)>,
    /// The operating system's package that owns it.
    pub owner: Option<PackageId>,
    /// The files in which it was found, absolute.
    pub paths: Arc<[String]>,
}

impl Subject {
    /// Names a package as it stands.
    pub(super) fn of(package: &Package) -> Self {
        Self {
            package: package.id(),
            name: package.name.clone(),
            version: package.version.clone(),
            layer: package.introduced_in,
            source: None,
            owner: package.owner.clone(),
            paths: package.files.iter().map(|file| file.path.clone()).collect(),
        }
    }
}

/// Refers to a record that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordRef {
    /// Its feed.
    pub feed: Feed,
    /// Its id.
    pub id: String,
    /// Its number in the database, for details.
    pub number: u32,
    /// SHA-256 of the feed's record, where the details were at hand.
    pub digest: Option<[u8; 32]>,
    /// The name space in which it names the package.
    pub ecosystem: String,
    /// Whether it lists the version rather than a range.
    pub listed: bool,
    /// Whether epochs were left out of the comparison.
    pub epoch_assumed: bool,
}

/// Is a vulnerability of a package instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The package.
    pub subject: Arc<Subject>,
    /// The id that is shown: the CVE where there is exactly one.
    pub id: String,
    /// All ids of the vulnerability, the shown one included.
    pub ids: BTreeSet<String>,
    /// Advisories of distributions that fix it.
    pub advisories: BTreeSet<String>,
    /// Flaw, malicious package or notice.
    pub class: Class,
    /// How bad it is; none where nobody says.
    pub rating: Option<Rating>,
    /// Whether and where it is fixed.
    pub fix: Fix,
    /// The records, the deciding one first.
    pub records: Vec<RecordRef>,
    /// Day of the first publication, since 1970.
    pub published: Option<u32>,
    /// The highest EPSS score of its CVEs, where the signals were at hand.
    pub epss: Option<Epss>,
    /// The first entry of its CVEs in the catalogue of exploited vulnerabilities.
    pub exploited: Option<Exploited>,
    /// The rule by which it is not shown.
    pub suppressed: Option<Suppression>,
}

/// Names a rule by which a finding is kept and not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// Debian holds it unimportant.
    Unimportant,
    /// The distribution's package that owns the files has the fix.
    FixedByDistro {
        /// The record that says so.
        by: String,
    },
    /// The distribution says that its package is not affected.
    NotAffectedByDistro {
        /// The record that says so.
        by: String,
    },
    /// The operating system's package has the same finding, with the distribution's fix.
    ReportedByDistro {
        /// The record that says so.
        by: String,
    },
    /// Debian's record of the CVE has another range than the advisory, and wins.
    Contradicted {
        /// The record of the CVE.
        by: String,
    },
    /// A fix from a channel to subscribe to is installed.
    FixedInChannel {
        /// The advisory with the fix.
        by: String,
    },
    /// A VEX document that the user named takes it away.
    Vex {
        /// The document, as it was named.
        by: String,
        /// What it states: not affected, or fixed.
        status: Status,
        /// Its justification or impact statement.
        reason: Option<String>,
    },
    /// An entry of an ignore file that the user named is about it.
    Ignored {
        /// The entry, as `FILE:LINE`.
        by: String,
        /// Why.
        reason: Option<String>,
        /// The last day on which the entry holds.
        until: Option<Date>,
    },
    /// It was there before.
    Baseline {
        /// The earlier result, as it was named.
        by: String,
    },
}

impl Suppression {
    /// Returns its name in documents.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unimportant => "unimportant",
            Self::FixedByDistro { .. } => "fixed-by-distro",
            Self::NotAffectedByDistro { .. } => "not-affected-by-distro",
            Self::ReportedByDistro { .. } => "reported-by-distro",
            Self::Contradicted { .. } => "contradicted",
            Self::FixedInChannel { .. } => "fixed-in-channel",
            Self::Vex { .. } => "vex",
            Self::Ignored { .. } => "ignored",
            Self::Baseline { .. } => "baseline",
        }
    }

    /// Returns the record, document, entry or result that it rests on, where there is one.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Unimportant => None,
            Self::FixedByDistro { by }
            | Self::NotAffectedByDistro { by }
            | Self::ReportedByDistro { by }
            | Self::Contradicted { by }
            | Self::FixedInChannel { by }
            | Self::Vex { by, .. }
            | Self::Ignored { by, .. }
            | Self::Baseline { by } => Some(by),
        }
    }

    /// Returns why, in the words of whoever wrote the rule down.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Vex { reason, .. } | Self::Ignored { reason, .. } => reason.as_deref(),
            _ => None,
        }
    }

    /// Returns the last day on which it holds, where it has one.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        match self {
            Self::Ignored { until, .. } => *until,
            _ => None,
        }
    }
}

impl Finding {
    /// Returns how bad it is, unknown where nobody says.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rating
            .as_ref()
            .map_or(Severity::Unknown, |rating| rating.severity)
    }

    /// Tells whether the vulnerability has an id, whatever the case of its letters.
    #[must_use]
    pub fn is_known_as(&self, id: &str) -> bool {
        let mut ids = self.ids.iter().chain([&self.id]);
        ids.any(|known| known.eq_ignore_ascii_case(id))
    }

    /// Tells whether it counts at a threshold: malicious packages at every one, what nobody rates at none.
    #[must_use]
    pub fn reaches(&self, threshold: Severity) -> bool {
        self.class == Class::Malicious
            || (self.severity() != Severity::Unknown && self.severity() >= threshold)
    }
}

/// Is a record that may hold for a package: its versions could not be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undetermined {
    /// The package.
    pub subject: Arc<Subject>,
    /// The record's feed.
    pub feed: Feed,
    /// The record's id.
    pub id: String,
    /// All ids of the vulnerability.
    pub ids: BTreeSet<String>,
    /// Why it is open.
    pub reason: String,
}

/// Is everything that a run found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// Findings, by package URL and id; suppressed ones are among them.
    pub findings: Vec<Finding>,
    /// What could not be decided, by package URL and id.
    pub undetermined: Vec<Undetermined>,
    /// The packages that nothing was asked about, each with the reason, by package URL.
    pub uncovered: Vec<(PackageId, Uncovered)>,
    /// How much was asked about.
    pub coverage: Coverage,
    /// The earlier day that is spoken of, where one is; what is found is then an approximation.
    pub as_of: Option<AsOf>,
}

/// Says how near a run comes to what an earlier day knew.
///
/// Records are taken as they are today: a range that was corrected since, a severity that was set since and a record that was taken back since are not
/// as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The day.
    pub date: Date,
    /// Records that hold today and were published after that day: left out.
    pub later: usize,
    /// Records that hold and have no date of publication (all of secdb): not left out.
    pub undated: usize,
}

impl Matches {
    /// Returns the findings that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none())
    }
}

/// Makes findings for the tests of what is done with them.
#[cfg(test)]
pub(crate) mod tests_support {
    use super::*;

    pub(crate) fn finding(id: &str, ids: &[&str], purl: &str, paths: &[&str]) -> Finding {
        let purl = toolkit_sbom::Purl::parse(purl).expect("a package URL");
        Finding {
            subject: Arc::new(Subject {
                package: PackageId::of(&purl),
                name: purl.name().to_owned(),
                version: purl.version().map(str::to_owned),
                layer: None,
                source: None,
                owner: None,
                paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            }),
            id: id.to_owned(),
            ids: ids.iter().chain(&[id]).map(|id| (*id).to_owned()).collect(),
            advisories: BTreeSet::new(),
            class: Class::Vulnerability,
            rating: None,
            fix: Fix::default(),
            records: Vec::new(),
            published: None,
            epss: None,
            exploited: None,
            suppressed: None,
        }
    }
}
