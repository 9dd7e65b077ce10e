//! One record of a feed, in the shape that all feeds are brought to.
//!
//! Records are not merged here: that `CVE-…` and `GHSA-…` speak of one vulnerability is the database's business.

use std::fmt;

use jiff::Timestamp;

use crate::affected::Affected;
use crate::severity::{Cvss, Severity};

/// Names a source of advisories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Feed {
    /// GitHub Advisory Database.
    Ghsa = 1,
    /// PyPA Advisory Database.
    PyPa = 2,
    /// Go Vulnerability Database.
    Go = 3,
    /// RustSec.
    RustSec = 4,
    /// OpenSSF Malicious Packages.
    Malicious = 5,
    /// Debian Security Tracker with DSA and DLA, by OSV.dev.
    Debian = 6,
    /// Alpine secdb.
    Alpine = 7,
    /// AlmaLinux.
    AlmaLinux = 8,
    /// Rocky Linux.
    Rocky = 9,
    /// Red Hat.
    RedHat = 10,
    /// SUSE and openSUSE.
    Suse = 11,
    /// Ubuntu CVE Tracker.
    Ubuntu = 12,
    /// Amazon Linux.
    Amazon = 13,
    /// Wolfi.
    Wolfi = 14,
    /// Bitnami.
    Bitnami = 15,
    /// Chainguard.
    Chainguard = 16,
    /// Any other OSV source.
    Osv = 17,
}

/// The feeds with the names used on the command line and in reports.
const NAMES: [(&str, Feed); 17] = [
    ("ghsa", Feed::Ghsa),
    ("pypa", Feed::PyPa),
    ("go", Feed::Go),
    ("rustsec", Feed::RustSec),
    ("malicious", Feed::Malicious),
    ("debian", Feed::Debian),
    ("alpine", Feed::Alpine),
    ("almalinux", Feed::AlmaLinux),
    ("rocky", Feed::Rocky),
    ("redhat", Feed::RedHat),
    ("suse", Feed::Suse),
    ("ubuntu", Feed::Ubuntu),
    ("amazon", Feed::Amazon),
    ("wolfi", Feed::Wolfi),
    ("bitnami", Feed::Bitnami),
    ("chainguard", Feed::Chainguard),
    ("osv", Feed::Osv),
];

impl Feed {
    /// Returns the feed of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, feed)| *feed)
    }

    /// Returns the feed with this number, as a database stores it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        NAMES
            .iter()
            .map(|(_, feed)| *feed)
            .find(|feed| feed.number() == number)
    }

    /// Returns the number that a database stores.
    #[must_use]
    pub fn number(self) -> u8 {
        #[expect(
            clippy::as_conversions,
            reason = "the discriminant of a `repr(u8)` enum"
        )]
        let number = self as u8;
        number
    }

    /// Returns the feed that publishes records with ids of this form (OSV schema, "id"), [`Feed::Osv`] for forms without one here.
    #[must_use]
    pub fn of_id(id: &str) -> Self {
        let prefix = id.split('-').next().unwrap_or("");
        match prefix {
            "GHSA" => Self::Ghsa,
            "PYSEC" => Self::PyPa,
            "GO" => Self::Go,
            "RUSTSEC" => Self::RustSec,
            "MAL" => Self::Malicious,
            "DSA" | "DLA" | "DTSA" | "DEBIAN" | "CVE" => Self::Debian,
            "ALPINE" => Self::Alpine,
            "ALSA" | "ALBA" | "ALEA" => Self::AlmaLinux,
            "RLSA" | "RXSA" => Self::Rocky,
            "RHSA" | "RHBA" | "RHEA" => Self::RedHat,
            "SUSE" | "openSUSE" => Self::Suse,
            "USN" | "UBUNTU" | "LSN" => Self::Ubuntu,
            "BIT" => Self::Bitnami,
            "CGA" => Self::Chainguard,
            _ => Self::Osv,
        }
    }
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(
            NAMES
                .iter()
                .find(|(_, feed)| feed == self)
                .map_or("", |(name, _)| name),
        )
    }
}

/// Tells what kind of thing a record reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// A flaw.
    #[default]
    Vulnerability = 0,
    /// A package made to do harm; no severity bounds it.
    Malicious = 1,
    /// A notice without a flaw (RustSec's `unmaintained`, `notice`).
    Informational = 2,
}

/// Holds one record of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Advisory {
    /// Who publishes it.
    pub feed: Feed,
    /// Its id in the feed.
    pub id: String,
    /// What it reports.
    pub class: Class,
    /// Ids of the same vulnerability.
    pub aliases: Vec<String>,
    /// Ids that it was made from (OSV's `upstream`).
    pub upstream: Vec<String>,
    /// Ids that it touches; several distributions list their CVEs here.
    pub related: Vec<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was changed last, as the feed says.
    pub modified: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
    /// One line; the first of `details` where the feed has none.
    pub summary: String,
    /// CVSS vectors for the whole record.
    pub cvss: Vec<Cvss>,
    /// The feed's own word for the whole record.
    pub label: Option<Severity>,
    /// CWE ids.
    pub cwes: Vec<String>,
    /// Where to read more, at most a few.
    pub references: Vec<String>,
    /// SHA-256 of the record's bytes.
    pub digest: [u8; 32],
    /// The packages.
    pub affected: Vec<Affected>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_round_trip() {
        for (name, feed) in NAMES {
            assert_eq!(
                (
                    Feed::parse(name),
                    Feed::from_number(feed.number()),
                    feed.to_string().as_str()
                ),
                (Some(feed), Some(feed), name)
            );
        }
    }

    #[test]
    fn an_id_tells_its_feed() {
        for (id, feed) in [
            ("GHSA-xxxx", Feed::Ghsa),
            ("DEBIAN-CVE-2024-1", Feed::Debian),
            ("SUSE-SU-2024:1-1", Feed::Suse),
            ("CGA-1", Feed::Chainguard),
            ("X-1", Feed::Osv),
        ] {
            assert_eq!(Feed::of_id(id), feed, "{id}");
        }
    }
}
