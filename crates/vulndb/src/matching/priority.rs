//! What to do first, and why: bands that anybody can check, no score of our own making.
//!
//! The first rule that applies gives the band. KEV and malicious packages are facts, not forecasts; EPSS is a forecast, and a severity says only how bad
//! it would be. Within a band malicious packages come first, then what can be mended, then the worse, then what the application's own layers bring: the base's is mended by its
//! next release.

use std::cmp::Reverse;
use std::fmt;

use crate::advisory::Class;
use crate::affected::FixState;
use crate::db::signals::{Epss, Exploited};
use crate::severity::Severity;

use super::finding::Finding;

/// From this EPSS probability on exploitation counts as likely: 10 % in hundred-thousandths, the threshold of FIRST's own comparison of strategies
/// ("The EPSS Model", v3: 2.7 % of the effort, 63 % of what is exploited).
const LIKELY: u32 = 10_000;

/// Tells when to act, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Malicious, or known to be exploited.
    Now,
    /// Exploitation is likely, or it is critical and has a fix.
    Soon,
    /// High or critical.
    Planned,
    /// The rest.
    Later,
}

impl Band {
    /// Returns its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Soon => "soon",
            Self::Planned => "planned",
            Self::Later => "later",
        }
    }
}

/// Says whose layer brought a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The image's own build.
    Application,
    /// Nobody knows.
    Unknown,
    /// The image that it was built on.
    Base,
}

/// Is one reason for a band or for a place within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The package is malicious.
    Malicious,
    /// The catalogue of exploited vulnerabilities has it.
    Exploited(Exploited),
    /// Its EPSS probability is high.
    Likely(Epss),
    /// Its severity.
    Severity(Severity),
    /// This version fixes it.
    Fix(String),
    /// Nothing fixes it, or only a subscription does.
    NoFix,
    /// Whose layer it is in, where that is known.
    Origin(Origin),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malicious => f.write_str("malicious"),
            Self::Exploited(entry) if entry.ransomware => f.write_str("exploited by ransomware"),
            Self::Exploited(_) => f.write_str("exploited"),
            Self::Likely(epss) => write!(f, "EPSS {} %", epss.probability / 1_000),
            Self::Severity(severity) => write!(f, "{severity}"),
            Self::Fix(version) => write!(f, "fixed in {version}"),
            Self::NoFix => f.write_str("no fix"),
            Self::Origin(Origin::Base) => f.write_str("in the base"),
            Self::Origin(Origin::Application) => f.write_str("in the application"),
            Self::Origin(Origin::Unknown) => f.write_str("in an unknown layer"),
        }
    }
}

/// Is the place of a finding among all: compare by [`Priority::key`], the lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priority {
    /// When to act.
    pub band: Band,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    key: Key,
}

type Key = (Band, bool, bool, Reverse<Severity>, Reverse<u32>, Origin);

impl Priority {
    /// Ranks a finding.
    #[must_use]
    pub fn of(finding: &Finding, origin: Origin) -> Self {
        let severity = finding.severity();
        let fixed = finding.fix.state == FixState::Fixed;
        let malicious = finding.class == Class::Malicious;
        let likely = finding.epss.filter(|epss| epss.probability >= LIKELY);
        let band = if malicious || finding.exploited.is_some() {
            Band::Now
        } else if likely.is_some() || (severity == Severity::Critical && fixed) {
            Band::Soon
        } else if severity >= Severity::High {
            Band::Planned
        } else {
            Band::Later
        };
        let mut reasons = Vec::new();
        reasons.extend(malicious.then_some(Reason::Malicious));
        reasons.extend(finding.exploited.map(Reason::Exploited));
        reasons.extend(likely.map(Reason::Likely));
        if !malicious {
            reasons.push(Reason::Severity(severity));
            reasons.push(match &finding.fix.version {
                Some(version) => Reason::Fix(version.clone()),
                None => Reason::NoFix,
            });
        }
        reasons.extend((origin != Origin::Unknown).then_some(Reason::Origin(origin)));
        let epss = finding.epss.map_or(0, |epss| epss.probability);
        Self {
            band,
            reasons,
            key: (
                band,
                !malicious,
                !fixed,
                Reverse(severity),
                Reverse(epss),
                origin,
            ),
        }
    }

    /// Returns what orders findings, the most urgent lowest.
    #[must_use]
    pub fn key(&self) -> impl Ord + Copy + use<> {
        self.key
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::tests_support::finding;
    use super::super::rating::{Basis, Rating, RatingSource};
    use super::*;
    use crate::advisory::Feed;

    fn of(severity: Severity, epss: u32, exploited: bool, fixed: bool) -> Finding {
        let mut one = finding("CVE-1", &[], "pkg:npm/x@1", &[]);
        one.rating = Some(Rating {
            severity,
            source: RatingSource::Deciding,
            feed: Feed::Ghsa,
            id: "GHSA-1".into(),
            basis: Basis::Word,
        });
        one.epss = Some(Epss {
            probability: epss,
            percentile: epss,
        });
        one.exploited = exploited.then_some(Exploited {
            added: 0,
            due: None,
            ransomware: true,
        });
        if fixed {
            one.fix.state = FixState::Fixed;
            one.fix.version = Some("2".into());
        }
        one
    }

    #[test]
    fn the_first_rule_gives_the_band() {
        use Severity::*;
        for (severity, epss, exploited, fixed, band) in [
            (Low, 0, true, false, Band::Now),
            (Low, 10_000, false, false, Band::Soon),
            (Low, 9_999, false, true, Band::Later),
            (Critical, 0, false, true, Band::Soon),
            (Critical, 0, false, false, Band::Planned),
            (High, 0, false, true, Band::Planned),
            (Medium, 0, false, true, Band::Later),
            (Unknown, 0, false, true, Band::Later),
        ] {
            let found = of(severity, epss, exploited, fixed);
            assert_eq!(
                Priority::of(&found, Origin::Unknown).band,
                band,
                "{severity} {epss} {exploited} {fixed}"
            );
        }
        let mut malicious = of(Unknown, 0, false, false);
        malicious.class = Class::Malicious;
        let malicious = Priority::of(&malicious, Origin::Base);
        assert_eq!(malicious.band, Band::Now);
        let exploited = Priority::of(&of(Critical, 90_000, true, true), Origin::Application);
        assert!(malicious.key() < exploited.key());
    }

    #[test]
    fn within_a_band_the_mendable_the_worse_and_the_own_come_first() {
        use Severity::*;
        let ranked = [
            Priority::of(&of(Critical, 0, true, true), Origin::Base),
            Priority::of(&of(Low, 0, true, true), Origin::Application),
            Priority::of(&of(Critical, 0, true, false), Origin::Application),
            Priority::of(&of(Critical, 20_000, false, true), Origin::Base),
            Priority::of(&of(Critical, 15_000, false, true), Origin::Application),
            Priority::of(&of(Critical, 15_000, false, true), Origin::Unknown),
            Priority::of(&of(Critical, 15_000, false, true), Origin::Base),
        ];
        for pair in ranked.windows(2) {
            assert!(pair[0].key() < pair[1].key(), "{pair:?}");
        }
    }

    #[test]
    fn reasons_are_words() {
        let found = Priority::of(&of(Severity::High, 52_000, true, true), Origin::Base);
        let words: Vec<String> = found.reasons.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "exploited by ransomware",
                "EPSS 52 %",
                "high",
                "fixed in 2",
                "in the base"
            ]
        );
    }
}
