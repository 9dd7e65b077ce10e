//! Severity words, CVSS vectors and where each came from.
//!
//! Which of several severities a finding shows is decided in `matching`; scores come from the `cvss` crate.

use std::fmt;
use std::str::FromStr;

/// Ranks how bad a vulnerability is (the contract's order, unknown lowest).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// Nobody said.
    #[default]
    Unknown = 0,
    /// Of no practical effect; Debian calls it unimportant.
    Negligible = 1,
    /// Low.
    Low = 2,
    /// Medium; several vendors say moderate.
    Medium = 3,
    /// High; several vendors say important.
    High = 4,
    /// Critical.
    Critical = 5,
}

impl Severity {
    /// All, rising.
    pub const ALL: [Self; 6] = [
        Self::Unknown,
        Self::Negligible,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// Reads a word as any of the feeds writes it; `None` for a word that is no severity.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "negligible" | "unimportant" => Self::Negligible,
            "low" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" => Self::High,
            "critical" => Self::Critical,
            _ => return None,
        })
    }

    /// Returns the severity of a CVSS base score (CVSS v3.1 §5, v4.0 §6). CVSS 2 has no critical (NVD, "Vulnerability metrics").
    #[must_use]
    pub fn from_score(score: f64, version: CvssVersion) -> Self {
        match (score, version) {
            (score, CvssVersion::V2) if score >= 7.0 => Self::High,
            (score, CvssVersion::V2) if score >= 4.0 => Self::Medium,
            (_, CvssVersion::V2) => Self::Low,
            (score, _) if score >= 9.0 => Self::Critical,
            (score, _) if score >= 7.0 => Self::High,
            (score, _) if score >= 4.0 => Self::Medium,
            (score, _) if score > 0.0 => Self::Low,
            _ => Self::Negligible,
        }
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

    /// Returns the severity with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.number() == number)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// Names a version of CVSS, rising in preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CvssVersion {
    /// CVSS 2.0.
    V2 = 2,
    /// CVSS 3.0.
    V30 = 30,
    /// CVSS 3.1.
    V31 = 31,
    /// CVSS 4.0.
    V4 = 40,
}

impl fmt::Display for CvssVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V4 => "4.0",
        })
    }
}

/// Holds a CVSS vector that parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Cvss {
    /// Its version.
    pub version: CvssVersion,
    /// The vector as the feed wrote it.
    pub vector: String,
    /// The base score, 0.0 to 10.0.
    pub score: f64,
}

impl Cvss {
    /// Reads a vector of any version; `None` where it is none.
    #[must_use]
    pub fn parse(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        let version = match vector {
            _ if vector.starts_with("CVSS:4.0/") => CvssVersion::V4,
            _ if vector.starts_with("CVSS:3.1/") => CvssVersion::V31,
            _ if vector.starts_with("CVSS:3.0/") => CvssVersion::V30,
            _ => CvssVersion::V2,
        };
        let score = cvss::Cvss::from_str(vector).ok()?.score();
        Some(Self {
            version,
            vector: vector.to_owned(),
            score,
        })
    }

    /// Returns the severity that the score stands for.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::from_score(self.score, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_score_as_first_says() {
        for (vector, version, score, severity) in [
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                CvssVersion::V31,
                7.5,
                Severity::High,
            ),
            (
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                CvssVersion::V30,
                10.0,
                Severity::Critical,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                CvssVersion::V4,
                9.3,
                Severity::Critical,
            ),
        ] {
            let cvss = Cvss::parse(vector).expect("a vector");
            assert_eq!(
                (cvss.version, cvss.severity()),
                (version, severity),
                "{vector}"
            );
            assert!(
                (cvss.score - score).abs() < 0.05,
                "{vector}: {}",
                cvss.score
            );
        }
        assert_eq!(Cvss::parse("high"), None);
    }

    #[test]
    fn words_of_all_feeds_are_read() {
        assert_eq!(Severity::from_word("Moderate"), Some(Severity::Medium));
        assert_eq!(Severity::from_word("IMPORTANT"), Some(Severity::High));
        assert_eq!(
            Severity::from_word("unimportant"),
            Some(Severity::Negligible)
        );
        assert_eq!(Severity::from_word("not yet assigned"), None);
        assert!(Severity::Unknown < Severity::Negligible && Severity::High < Severity::Critical);
    }
}
