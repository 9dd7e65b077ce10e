//! What the details of a finding's records say together, and where people read more.

use std::collections::BTreeSet;

use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{Basis, Finding, Rating};
use toolkit_vulndb::severity::Severity;

use super::scanned::Scanned;
use crate::error::{Error, Result};
use crate::settings::DatabaseError;

/// Holds the details of all records of a finding.
pub(super) struct About {
    /// One line of the first record that has one; may be empty.
    pub(super) summary: String,
    /// CWE numbers.
    pub(super) cwes: BTreeSet<u32>,
    /// CVSS vectors by record.
    vectors: Vec<(String, Vec<String>)>,
}

impl About {
    /// Reads the details of a finding.
    ///
    /// # Errors
    /// [`Error::Database`] where the details of a record cannot be read.
    pub(super) fn of(scanned: &Scanned<'_>, finding: &Finding) -> Result<Self> {
        let mut about = Self {
            summary: String::new(),
            cwes: BTreeSet::new(),
            vectors: Vec::new(),
        };
        for record in &finding.records {
            let detail = scanned.details.get(record.number);
            let detail = detail.map_err(|error| DatabaseError::Store(error.into()));
            let detail = detail.map_err(Error::from)?;
            if about.summary.is_empty() {
                about.summary = detail.summary;
            }
            let numbers = detail.cwes.iter().filter_map(|cwe| {
                let number = cwe.strip_prefix("CWE-")?;
                number.parse::<u32>().ok()
            });
            about.cwes.extend(numbers);
            about.vectors.push((record.id.clone(), detail.vectors));
        }
        Ok(about)
    }

    /// Returns the vector that a rating rests on, where it rests on one.
    pub(super) fn vector(&self, rating: &Rating) -> Option<&str> {
        let Basis::Cvss { version, .. } = rating.basis else {
            return None;
        };
        let version = version.to_string();
        let of_record = self.vectors.iter().filter(|(id, _)| *id == rating.id);
        let mut vectors = of_record.flat_map(|(_, vectors)| vectors);
        vectors
            .find(|vector| is_of(vector, &version))
            .map(String::as_str)
    }
}

/// CVSS 2 vectors have no prefix that names their version.
fn is_of(vector: &str, version: &str) -> bool {
    match vector.strip_prefix("CVSS:") {
        Some(rest) => rest.starts_with(version),
        None => version == "2.0",
    }
}

/// Returns the page of an id at whoever shows it best: NVD for CVEs, GitHub for its own, OSV.dev for those of the feeds that it carries.
pub(super) fn page(id: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    if !id.bytes().all(plain) {
        return None;
    }
    const CARRIED: [&str; 16] = [
        "ALBA", "ALEA", "ALPINE", "ALSA", "BIT", "DLA", "DSA", "GO", "MAL", "PYSEC", "RHSA",
        "RLSA", "RUSTSEC", "RXSA", "SUSE", "USN",
    ];
    let (prefix, _) = id.split_once('-')?;
    match prefix {
        "CVE" => Some(format!("https://nvd.nist.gov/vuln/detail/{id}")),
        "GHSA" => Some(format!("https://github.com/advisories/{id}")),
        prefix if CARRIED.contains(&prefix) => Some(format!("https://osv.dev/vulnerability/{id}")),
        _ => None,
    }
}

/// Says what a finding is, in one word.
pub(super) fn word(finding: &Finding) -> String {
    match finding.class {
        Class::Malicious => "malicious".to_owned(),
        Class::Informational => "notice".to_owned(),
        Class::Vulnerability => finding.severity().to_string(),
    }
}

/// Names the package as people do.
pub(super) fn package(finding: &Finding) -> String {
    match &finding.subject.version {
        Some(version) => format!("{} {version}", finding.subject.name),
        None => finding.subject.name.clone(),
    }
}

/// Says in one clause what mends a finding.
pub(super) fn remedy(finding: &Finding) -> String {
    if finding.class == Class::Malicious {
        return "remove it, and treat what it could reach as compromised".to_owned();
    }
    match (&finding.fix.version, finding.fix.needs_subscription) {
        (Some(version), _) => format!("fixed in {version}"),
        (None, true) => "fixed only with a subscription".to_owned(),
        (None, false) => match finding.fix.state {
            toolkit_vulndb::affected::FixState::WontFix => "will not be fixed".to_owned(),
            _ => "no fix is known".to_owned(),
        },
    }
}

/// Returns the score by which a finding is sorted where only numbers count (GitHub's `security-severity`): the CVSS score that decided, else a number
/// within the band of the word. None where nobody rates it.
pub(super) fn score(finding: &Finding) -> Option<f64> {
    if finding.class == Class::Malicious {
        return Some(10.0);
    }
    let rating = finding.rating.as_ref()?;
    match (rating.basis, rating.severity) {
        (Basis::Cvss { tenths, .. }, _) => Some(f64::from(tenths) / 10.0),
        // The middle of GitHub's bands: critical over 9.0, high from 7.0, medium from 4.0, low from 0.1.
        (Basis::Word, Severity::Critical) => Some(9.5),
        (Basis::Word, Severity::High) => Some(8.0),
        (Basis::Word, Severity::Medium) => Some(5.5),
        (Basis::Word, Severity::Low) => Some(2.0),
        (Basis::Word, Severity::Negligible) => Some(0.1),
        (Basis::Word, Severity::Unknown) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_only_for_plain_ids_of_known_places() {
        for (id, expected) in [
            (
                "CVE-2024-1",
                Some("https://nvd.nist.gov/vuln/detail/CVE-2024-1"),
            ),
            (
                "GHSA-1-2-3",
                Some("https://github.com/advisories/GHSA-1-2-3"),
            ),
            (
                "SUSE-SU-2024:1-1",
                Some("https://osv.dev/vulnerability/SUSE-SU-2024:1-1"),
            ),
            ("ALAS2-2024-1", None),
            ("CVE-2024-1\">", None),
            ("x", None),
        ] {
            assert_eq!(page(id).as_deref(), expected, "{id}");
        }
    }

    #[test]
    fn vectors_are_told_by_their_version() {
        for (vector, version, expected) in [
            ("CVSS:3.1/AV:N", "3.1", true),
            ("CVSS:3.0/AV:N", "3.1", false),
            ("AV:N/AC:L", "2.0", true),
            ("AV:N/AC:L", "3.1", false),
        ] {
            assert_eq!(is_of(vector, version), expected, "{vector} {version}");
        }
    }
}
