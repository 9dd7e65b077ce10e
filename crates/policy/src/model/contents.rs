//! What a rule demands of the contents of an image: `vulnerabilities`, `packages`, `licences`.

use jiff::SignedDuration;
use toolkit_attest::Pattern;
use toolkit_vulndb::config::At;
use toolkit_vulndb::select::{PurlGlob, VersionRange};
use toolkit_vulndb::severity::Severity;

use super::Who;

/// What happens where something could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Deny,
    Undecided,
    Ignore,
}

/// Known vulnerabilities: from which database, which are denied, and what happens where nothing is known.
#[derive(Debug, Clone)]
pub(crate) struct VulnerabilityRule {
    pub(crate) database: At<DatabaseRule>,
    pub(crate) deny: At<Vec<At<DenyEntry>>>,
    pub(crate) unknown_severity: At<Act>,
    pub(crate) undetermined: At<Act>,
    pub(crate) uncovered: At<Act>,
    pub(crate) end_of_life: At<Act>,
    pub(crate) vex: Option<Who>,
}

#[derive(Debug, Clone)]
pub(crate) struct DatabaseRule {
    pub(crate) max_age: Duration,
    pub(crate) by: Option<Who>,
}

/// A length of time as the policy writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duration {
    pub(crate) written: String,
    pub(crate) length: SignedDuration,
}

/// One entry of `deny`: all of its keys must hold.
#[derive(Debug, Clone)]
pub(crate) struct DenyEntry {
    /// This or worse.
    pub(crate) severity: Option<Severity>,
    pub(crate) epss: Option<Probability>,
    pub(crate) exploited: bool,
    pub(crate) fix: Option<FixRule>,
    /// How long a fix may be there before its absence is denied.
    pub(crate) grace: Option<Duration>,
    /// Empty: every package.
    pub(crate) packages: Vec<PurlGlob>,
}

/// A probability as EPSS states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Probability {
    pub(crate) written: String,
    /// Of 100,000.
    pub(crate) value: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FixRule {
    Available,
    None,
}

impl std::fmt::Display for DenyEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if self.exploited {
            parts.push("known to be exploited".to_owned());
        }
        if let Some(severity) = self.severity {
            parts.push(match severity {
                Severity::Critical => "critical".to_owned(),
                other => format!("{other} or worse"),
            });
        }
        if let Some(epss) = &self.epss {
            parts.push(format!("EPSS {} or higher", epss.written));
        }
        match (self.fix, &self.grace) {
            (Some(FixRule::Available), Some(grace)) => {
                parts.push(format!("with a fix for more than {}", grace.written));
            }
            (Some(FixRule::Available), None) => parts.push("with a fix".to_owned()),
            (Some(FixRule::None), _) => parts.push("without a fix".to_owned()),
            (None, _) => {}
        }
        if !self.packages.is_empty() {
            let names: Vec<&str> = self.packages.iter().map(PurlGlob::as_str).collect();
            parts.push(format!("in {}", names.join(" or ")));
        }
        f.write_str(&parts.join(", "))
    }
}

/// Which packages may not be there, or which only may.
#[derive(Debug, Clone)]
pub(crate) struct PackageRule {
    pub(crate) deny: Option<At<Vec<PackagePattern>>>,
    pub(crate) allow: Option<At<Vec<PackagePattern>>>,
}

#[derive(Debug, Clone)]
pub(crate) struct PackagePattern {
    pub(crate) purl: PurlGlob,
    pub(crate) versions: Option<VersionRange>,
    pub(crate) reason: Option<String>,
}

impl std::fmt::Display for PackagePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.versions {
            Some(versions) => write!(f, "{} {versions}", self.purl),
            None => write!(f, "{}", self.purl),
        }
    }
}

/// Which licences packages may declare.
#[derive(Debug, Clone)]
pub(crate) struct LicenceRule {
    pub(crate) deny: Option<At<Vec<LicencePattern>>>,
    pub(crate) allow: Option<At<Vec<LicencePattern>>>,
    pub(crate) unknown: At<Act>,
}

/// A licence, a licence with an exception, or a glob over licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LicencePattern {
    pub(crate) id: Pattern,
    pub(crate) with: Option<String>,
    pub(crate) written: String,
}

impl std::fmt::Display for LicencePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written)
    }
}
