//! Which of several severities a finding shows, and where it is from.
//!
//! The order is the contract's: the deciding record's word, its score, the other records of the vulnerability, records of the same CVE for other
//! packages, and last what an advisory says of several CVEs at once.

use crate::advisory::Feed;
use crate::ecosystem::Family;
use crate::severity::{CvssVersion, Severity};

use super::cluster::Hit;

/// Says what a severity rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The feed's own word.
    Word,
    /// A CVSS base score, in tenths.
    Cvss {
        /// The version of CVSS.
        version: CvssVersion,
        /// The score, 0 to 100.
        tenths: u8,
    },
}

/// Says how near the source of a severity is to the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RatingSource {
    /// The record that decides about the package.
    Deciding,
    /// Another record of the same vulnerability for the package.
    Other,
    /// A record of the same CVE for another package.
    Borrowed,
    /// An advisory that rates several CVEs together.
    Advisory,
}

/// Is a severity with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// The severity.
    pub severity: Severity,
    /// How near its source is.
    pub source: RatingSource,
    /// The feed that says so.
    pub feed: Feed,
    /// The record that says so.
    pub id: String,
    /// What it rests on.
    pub basis: Basis,
}

/// Is what one record says of severity.
#[derive(Clone, Debug)]
pub(super) struct Opinion {
    pub(super) feed: Feed,
    pub(super) id: String,
    /// A word for this package or for a record of one vulnerability.
    pub(super) word: Option<Severity>,
    /// A score for this package or for a record of one vulnerability.
    pub(super) score: Option<(CvssVersion, u8)>,
    /// What a record of several vulnerabilities says of all.
    pub(super) joint_word: Option<Severity>,
    pub(super) joint_score: Option<(CvssVersion, u8)>,
}

impl Opinion {
    pub(super) fn of(hit: &Hit) -> Self {
        let head = &hit.head;
        // Amazon rates each advisory for its own packages; its word stands (the contract's first rule).
        let single = !hit.several || head.feed == Feed::Amazon;
        Self {
            feed: head.feed,
            id: head.id.clone(),
            word: hit.label.or(head.label.filter(|_| single)),
            score: hit.score.or(head.score.filter(|_| !hit.several)),
            joint_word: head.label.filter(|_| !single),
            joint_score: head.score.filter(|_| hit.several),
        }
    }

    fn rating(&self, source: RatingSource) -> Option<Rating> {
        let (severity, basis) = match (self.word, self.score) {
            (Some(word), _) => (word, Basis::Word),
            (None, Some(score)) => of_score(score),
            (None, None) => return None,
        };
        Some(self.named(severity, basis, source))
    }

    fn joint(&self) -> Option<Rating> {
        let (severity, basis) = match (self.joint_word, self.joint_score) {
            (Some(word), _) => (word, Basis::Word),
            (None, Some(score)) => of_score(score),
            (None, None) => return None,
        };
        Some(self.named(severity, basis, RatingSource::Advisory))
    }

    fn named(&self, severity: Severity, basis: Basis, source: RatingSource) -> Rating {
        Rating {
            severity,
            source,
            feed: self.feed,
            id: self.id.clone(),
            basis,
        }
    }
}

fn of_score((version, tenths): (CvssVersion, u8)) -> (Severity, Basis) {
    (
        Severity::from_score(f64::from(tenths) / 10.0, version),
        Basis::Cvss { version, tenths },
    )
}

/// Ranks feeds by how near they are to a family: its own, GitHub's, the rest.
pub(super) fn nearness(family: Family, feed: Feed) -> u8 {
    let own = match family {
        Family::PyPi => Feed::PyPa,
        Family::Go => Feed::Go,
        Family::Cargo => Feed::RustSec,
        Family::Bitnami => Feed::Bitnami,
        Family::Debian => Feed::Debian,
        Family::Ubuntu => Feed::Ubuntu,
        Family::Alpine => Feed::Alpine,
        Family::Wolfi => Feed::Wolfi,
        Family::Chainguard => Feed::Chainguard,
        Family::RedHat => Feed::RedHat,
        Family::AlmaLinux => Feed::AlmaLinux,
        Family::Rocky => Feed::Rocky,
        Family::Suse | Family::OpenSuse => Feed::Suse,
        Family::Amazon => Feed::Amazon,
        _ => Feed::Ghsa,
    };
    match feed {
        Feed::Malicious => 0,
        feed if feed == own => 1,
        Feed::Ghsa => 2,
        _ => 3,
    }
}

/// Chooses among the opinions of the cluster's records, nearest first, and those of records for other packages.
pub(super) fn choose(
    family: Family,
    opinions: &[Opinion],
    borrowed: impl FnOnce() -> Vec<Opinion>,
) -> Option<Rating> {
    let (deciding, others) = opinions.split_first()?;
    if let Some(rating) = deciding.rating(RatingSource::Deciding) {
        return Some(rating);
    }
    let near = others
        .iter()
        .filter(|opinion| nearness(family, opinion.feed) <= 2)
        .find_map(|opinion| opinion.rating(RatingSource::Other));
    if near.is_some() {
        return near;
    }
    let highest = |opinions: &[Opinion], source| {
        opinions
            .iter()
            .filter_map(|opinion| opinion.rating(source))
            .reduce(|best, next| {
                if next.severity > best.severity {
                    next
                } else {
                    best
                }
            })
    };
    if let Some(rating) = highest(others, RatingSource::Other) {
        return Some(rating);
    }
    let borrowed = borrowed();
    let github = borrowed.iter().filter(|opinion| opinion.feed == Feed::Ghsa);
    if let Some(rating) = github
        .filter_map(|opinion| opinion.rating(RatingSource::Borrowed))
        .next()
        .or_else(|| highest(&borrowed, RatingSource::Borrowed))
    {
        return Some(rating);
    }
    opinions.iter().find_map(Opinion::joint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(feed: Feed, word: Option<Severity>, tenths: Option<u8>) -> Opinion {
        Opinion {
            feed,
            id: feed.to_string(),
            word,
            score: tenths.map(|tenths| (CvssVersion::V31, tenths)),
            joint_word: None,
            joint_score: None,
        }
    }

    #[test]
    fn the_first_source_that_has_one_decides() {
        let joint = Opinion {
            joint_word: Some(Severity::High),
            ..opinion(Feed::RedHat, None, None)
        };
        let none = Vec::new;
        for (name, opinions, borrowed, expected) in [
            (
                "the deciding word beats its score and all others",
                vec![
                    opinion(Feed::Debian, Some(Severity::Low), Some(98)),
                    opinion(Feed::Ghsa, Some(Severity::Critical), None),
                ],
                none(),
                Some((Severity::Low, RatingSource::Deciding)),
            ),
            (
                "then its score",
                vec![
                    opinion(Feed::PyPa, None, Some(75)),
                    opinion(Feed::Ghsa, Some(Severity::Critical), None),
                ],
                none(),
                Some((Severity::High, RatingSource::Deciding)),
            ),
            (
                "then GHSA before a higher other",
                vec![
                    opinion(Feed::PyPa, None, None),
                    opinion(Feed::Ghsa, Some(Severity::Medium), None),
                    opinion(Feed::Osv, Some(Severity::Critical), None),
                ],
                none(),
                Some((Severity::Medium, RatingSource::Other)),
            ),
            (
                "then the highest of the rest",
                vec![
                    opinion(Feed::PyPa, None, None),
                    opinion(Feed::Osv, Some(Severity::Low), None),
                    opinion(Feed::Bitnami, Some(Severity::High), None),
                ],
                none(),
                Some((Severity::High, RatingSource::Other)),
            ),
            (
                "then a record for another package, before an advisory's joint word",
                vec![joint.clone()],
                vec![opinion(Feed::Ghsa, Some(Severity::Low), None)],
                Some((Severity::Low, RatingSource::Borrowed)),
            ),
            (
                "then the advisory's own",
                vec![joint],
                none(),
                Some((Severity::High, RatingSource::Advisory)),
            ),
            (
                "else nobody",
                vec![opinion(Feed::Go, None, None)],
                none(),
                None,
            ),
        ] {
            let found = choose(Family::PyPi, &opinions, || borrowed);
            assert_eq!(
                found.map(|rating| (rating.severity, rating.source)),
                expected,
                "{name}"
            );
        }
    }
}
