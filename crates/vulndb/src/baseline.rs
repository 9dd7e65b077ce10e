//! What was known before: findings of an earlier scan, against which only new ones count.
//!
//! A finding is known where the earlier scan has one with an id in common, for the same package (type, namespace and name of its package URL: not the
//! version, so that an update that mends nothing is no news) at the same place. A version within a path does not count either. Malicious packages are
//! always news.

use std::collections::{HashMap, HashSet};

use toolkit_sbom::Purl;

use crate::advisory::Class;
use crate::matching::{Finding, Matches, Suppression};

/// Holds what an earlier scan found.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By package and id: the places.
    known: HashMap<(String, String), HashSet<String>>,
}

impl Baseline {
    /// Takes the findings of an earlier run that were shown.
    #[must_use]
    pub fn of(found: &Matches) -> Self {
        let mut baseline = Self::default();
        for finding in found.shown() {
            let subject = &finding.subject;
            baseline.add(
                subject.package.as_str(),
                subject.version.as_deref(),
                &subject.paths,
                finding.ids.iter().chain([&finding.id]).map(String::as_str),
            );
        }
        baseline
    }

    /// Adds one finding: the package URL and version of its package, the files in which that was found, and all ids of the vulnerability.
    ///
    /// A package URL that is none is passed over: nothing is then known of it.
    pub fn add<'a>(
        &mut self,
        purl: &str,
        version: Option<&str>,
        paths: &[String],
        ids: impl IntoIterator<Item = &'a str>,
    ) {
        let Some(package) = package(purl) else { return };
        for id in ids {
            self.known
                .entry((package.clone(), id.to_owned()))
                .or_default()
                .extend(places(paths, version));
        }
    }

    /// Suppresses what is known; returns how many findings that were. `by` names the baseline.
    pub fn apply(&self, by: &str, findings: &mut [Finding]) -> usize {
        let mut known = 0;
        for finding in findings {
            if finding.suppressed.is_none() && self.knows(finding) {
                finding.suppressed = Some(Suppression::Baseline { by: by.to_owned() });
                known += 1;
            }
        }
        known
    }

    /// Says whether a finding is known.
    #[must_use]
    pub fn knows(&self, finding: &Finding) -> bool {
        let subject = &finding.subject;
        let Some(package) = package(subject.package.as_str()) else {
            return false;
        };
        let here: HashSet<String> = places(&subject.paths, subject.version.as_deref()).collect();
        finding.class != Class::Malicious
            && finding.ids.iter().chain([&finding.id]).any(|id| {
                self.known
                    .get(&(package.clone(), id.clone()))
                    .is_some_and(|there| !there.is_disjoint(&here))
            })
    }
}

fn package(purl: &str) -> Option<String> {
    let purl = Purl::parse(purl).ok()?;
    let namespace = purl.namespace().unwrap_or_default();
    Some(format!("{}/{namespace}/{}", purl.ty(), purl.name()))
}

/// Yields the paths without the version within; one place without a name where there are no paths.
fn places<'a>(paths: &'a [String], version: Option<&'a str>) -> impl Iterator<Item = String> + 'a {
    let version = version.filter(|version| !version.is_empty());
    let nowhere = paths.is_empty().then(String::new);
    let named = paths.iter().map(move |path| match version {
        Some(version) => without(path, version),
        None => path.clone(),
    });
    nowhere.into_iter().chain(named)
}

/// Replaces a version where it stands by itself: `1` in `app1` is a name's.
fn without(path: &str, version: &str) -> String {
    let joins = |next: Option<char>| next.is_some_and(|next| next.is_ascii_alphanumeric());
    let (mut out, mut rest) = (String::new(), path);
    while let Some((before, after)) = rest.split_once(version) {
        out.push_str(before);
        let alone = !joins(out.chars().next_back()) && !joins(after.chars().next());
        out.push_str(if alone { "*" } else { version });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::tests_support::finding;

    #[test]
    fn known_is_what_has_package_place_and_an_id_in_common() {
        let known = finding(
            "CVE-1",
            &["GHSA-1"],
            "pkg:npm/x@1.0.0",
            &["/app/x-1.0.0/package.json"],
        );
        let baseline = Baseline::of(&Matches {
            findings: vec![known],
            ..Matches::default()
        });
        for (id, ids, purl, paths, expected) in [
            (
                "CVE-1",
                &[][..],
                "pkg:npm/x@1.0.0",
                &["/app/x-1.0.0/package.json"][..],
                true,
            ),
            (
                "GHSA-1",
                &["GHSA-1"],
                "pkg:npm/x@1.2.0",
                &["/app/x-1.2.0/package.json"],
                true,
            ),
            (
                "CVE-2",
                &["GHSA-1"],
                "pkg:npm/x@1.0.0?x=y",
                &["/b", "/app/x-1.0.0/package.json"],
                true,
            ),
            (
                "CVE-2",
                &[],
                "pkg:npm/x@1.0.0",
                &["/app/x-1.0.0/package.json"],
                false,
            ),
            (
                "CVE-1",
                &[],
                "pkg:npm/y@1.0.0",
                &["/app/x-1.0.0/package.json"],
                false,
            ),
            (
                "CVE-1",
                &[],
                "pkg:npm/x@1.0.0",
                &["/other/package.json"],
                false,
            ),
            ("CVE-1", &[], "pkg:npm/x@1.0.0", &[], false),
        ] {
            let mut findings = [finding(id, ids, purl, paths)];
            let count = baseline.apply("before", &mut findings);
            assert_eq!(count == 1, expected, "{id} {purl} {paths:?}");
            assert_eq!(findings[0].suppressed.is_some(), expected);
        }
    }

    #[test]
    fn malicious_packages_are_always_news() {
        let mut evil = finding("MAL-1", &[], "pkg:npm/evil@1.0.0", &[]);
        evil.class = Class::Malicious;
        let baseline = Baseline::of(&Matches {
            findings: vec![evil.clone()],
            ..Matches::default()
        });
        assert_eq!(baseline.apply("before", &mut [evil]), 0);
    }

    #[test]
    fn what_was_suppressed_is_not_known() {
        let mut hidden = finding("CVE-1", &[], "pkg:npm/x@1.0.0", &[]);
        hidden.suppressed = Some(Suppression::Unimportant);
        let baseline = Baseline::of(&Matches {
            findings: vec![hidden],
            ..Matches::default()
        });
        assert_eq!(
            baseline.apply(
                "before",
                &mut [finding("CVE-1", &[], "pkg:npm/x@1.0.0", &[])]
            ),
            0
        );
    }
}
