//! Hides the findings that entries are about, and tells what became of every entry.

use jiff::civil::Date;
use toolkit_sbom::Purl;

use super::{Entry, IgnoreFile};
use crate::matching::{Finding, Suppression};

/// Tells what became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryReport {
    /// Where it stands, as `FILE:LINE`.
    pub at: String,
    /// What it is about.
    pub entry: String,
    /// What became of it.
    pub state: EntryState,
    /// Whether it has no end.
    pub endless: bool,
}

/// Tells what became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// It is about so many findings.
    Applied {
        /// How many.
        findings: usize,
    },
    /// It is about none.
    Unmatched,
    /// Its last day is over; it would be about so many findings, which it does not hide.
    Expired {
        /// The last day.
        last_day: Date,
        /// How many.
        findings: usize,
    },
}

/// Suppresses what the entries of the files are about; the first entry that is about a finding is named.
///
/// Findings that another rule suppresses already keep that rule, and count as met.
pub fn apply(files: &[IgnoreFile], findings: &mut [Finding], today: Date) -> Vec<EntryReport> {
    let purls: Vec<Option<Purl>> = findings
        .iter()
        .map(|finding| Purl::parse(finding.subject.package.as_str()).ok())
        .collect();
    let mut reports = Vec::new();
    for file in files {
        for entry in &file.entries {
            let at = format!("{}:{}", file.name, entry.position.line);
            let mut met = 0;
            for (finding, purl) in findings.iter_mut().zip(&purls) {
                let Some(purl) = purl else { continue };
                if !entry.is_about(finding, purl) {
                    continue;
                }
                met += 1;
                if !entry.is_over(today) && finding.suppressed.is_none() {
                    finding.suppressed = Some(suppression(entry, &at));
                }
            }
            let state = match (entry.last_day, met) {
                (Some(last_day), findings) if entry.is_over(today) => {
                    EntryState::Expired { last_day, findings }
                }
                (_, 0) => EntryState::Unmatched,
                (_, findings) => EntryState::Applied { findings },
            };
            reports.push(EntryReport {
                at,
                entry: entry.to_string(),
                state,
                endless: entry.last_day.is_none(),
            });
        }
    }
    reports
}

fn suppression(entry: &Entry, at: &str) -> Suppression {
    Suppression::Ignored {
        by: at.to_owned(),
        reason: entry.reason.clone(),
        until: entry.last_day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::Class;
    use crate::ignore::{Dialect, read};
    use crate::matching::tests_support::finding;

    const TODAY: &str = "2026-11-24";

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn own(entry: &str) -> IgnoreFile {
        let text = format!("ignore:\n- {{{entry}, reason: r, expires: 2027-01-31}}\n");
        read("i.yaml", &text, Dialect::Own, day(TODAY))
            .unwrap_or_else(|faults| panic!("{entry}: {faults:?}"))
    }

    #[test]
    fn entries_hide_what_they_are_about() {
        for (entry, expected) in [
            ("id: CVE-1", true),
            ("id: cve-1", true),
            ("id: GHSA-1", true),
            ("id: CVE-2", false),
            ("purl: pkg:npm/x", true),
            ("purl: pkg:npm/y", false),
            ("id: CVE-1, purl: pkg:npm/y", false),
            ("id: CVE-2, purl: pkg:npm/x", false),
            ("purl: pkg:npm/x, versions: '<1.0.1'", true),
            ("purl: pkg:npm/x, versions: '<1.0.0'", false),
            ("id: CVE-1, paths: [app/**]", true),
            ("id: CVE-1, paths: [/app/x/package.json]", true),
            ("id: CVE-1, paths: [app/*]", false),
            ("id: CVE-1, paths: [opt/**, app/**]", true),
        ] {
            let mut findings = [finding(
                "CVE-1",
                &["GHSA-1"],
                "pkg:npm/x@1.0.0",
                &["/app/x/package.json"],
            )];
            let reports = apply(&[own(entry)], &mut findings, day(TODAY));
            let state = if expected {
                EntryState::Applied { findings: 1 }
            } else {
                EntryState::Unmatched
            };
            assert_eq!(reports[0].state, state, "{entry}");
            assert_eq!(
                findings[0].suppressed,
                expected.then(|| Suppression::Ignored {
                    by: "i.yaml:2".to_owned(),
                    reason: Some("r".to_owned()),
                    until: Some(day("2027-01-31")),
                }),
                "{entry}"
            );
        }
    }

    #[test]
    fn the_last_day_counts_and_then_it_is_told() {
        for (today, hidden) in [("2027-01-31", true), ("2027-02-01", false)] {
            let mut findings = [finding("CVE-1", &[], "pkg:npm/x@1.0.0", &[])];
            let reports = apply(&[own("id: CVE-1")], &mut findings, day(today));
            assert_eq!(findings[0].suppressed.is_some(), hidden, "{today}");
            let expired = EntryState::Expired {
                last_day: day("2027-01-31"),
                findings: 1,
            };
            assert_eq!(reports[0].state == expired, !hidden, "{reports:?}");
        }
    }

    #[test]
    fn a_malicious_package_is_ignored_by_id_and_exact_version_only() {
        for (entry, expected) in [
            ("id: CVE-1", false),
            ("purl: pkg:npm/x", false),
            ("id: CVE-1, purl: pkg:npm/x", false),
            ("id: CVE-1, purl: pkg:npm/x, versions: '<=1.0.0'", false),
            ("purl: pkg:npm/x, versions: '=1.0.0'", false),
            ("id: CVE-1, purl: pkg:npm/x, versions: '=1.0.0'", true),
            ("id: CVE-1, purl: pkg:npm/x, versions: '=1.0.1'", false),
        ] {
            let mut evil = finding("CVE-1", &[], "pkg:npm/x@1.0.0", &[]);
            evil.class = Class::Malicious;
            let mut findings = [evil];
            apply(&[own(entry)], &mut findings, day(TODAY));
            assert_eq!(findings[0].suppressed.is_some(), expected, "{entry}");
        }
    }

    #[test]
    fn conditions_of_other_tools_hold() {
        let grype = |entry: &str| {
            let text = format!("ignore:\n- {{{entry}}}\n");
            read(".grype.yaml", &text, Dialect::Grype, day(TODAY)).expect("a file")
        };
        let osv = |entry: &str| {
            let text = format!("[[PackageOverrides]]\nignore = true\n{entry}\n");
            read("osv-scanner.toml", &text, Dialect::OsvScanner, day(TODAY)).expect("a file")
        };
        for (file, expected) in [
            (grype("fix-state: unknown"), true),
            (grype("fix-state: fixed"), false),
            (grype("package: {name: libssl.*}"), true),
            (grype("package: {name: ssl}"), false),
            (grype("package: {upstream-name: openssl}"), true),
            (grype("package: {upstream-name: open}"), false),
            (grype("package: {type: deb, version: 3.0.11-1}"), true),
            (grype("package: {type: rpm}"), false),
            (grype("package: {language: go}"), false),
            (osv("name = \"openssl\"\necosystem = \"Debian\""), true),
            (osv("name = \"openssl\"\necosystem = \"Debian:12\""), true),
            (osv("name = \"openssl\"\necosystem = \"Debian:11\""), false),
            (osv("name = \"libressl\""), false),
            (osv("ecosystem = \"Debian\"\nversion = \"3.0.11-1\""), true),
        ] {
            let mut one = finding("CVE-1", &[], "pkg:deb/debian/libssl3@3.0.11-1", &[]);
            std::sync::Arc::make_mut(&mut one.subject).source = Some(("openssl".to_owned(), None));
            one.records.push(crate::matching::RecordRef {
                feed: crate::advisory::Feed::Debian,
                id: "DEBIAN-CVE-1".to_owned(),
                number: 0,
                digest: None,
                ecosystem: "Debian:12".to_owned(),
                listed: false,
                epoch_assumed: false,
            });
            let mut findings = [one];
            let reports = apply(std::slice::from_ref(&file), &mut findings, day(TODAY));
            assert_eq!(findings[0].suppressed.is_some(), expected, "{reports:?}");
            assert!(reports[0].endless);
        }
    }
}
