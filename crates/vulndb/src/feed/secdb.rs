//! Alpine's secdb (`secdb.alpinelinux.org`), which Wolfi and Chainguard publish in the same form.
//!
//! A document says for one repository of one branch which version of a package fixed which vulnerability; version `0` says that the package was never
//! affected. One vulnerability is spread over many documents, so documents are taken into a [`Collector`], which makes one record of each id.
//! Entries are free text: `CVE-2019-18424 XSA-307`, `CVE-2021-35940.patch`, `CVE_2019-2426`, `CVE-????-????? XSA-312`. A CVE id is taken from
//! wherever it stands; only where there is none, the other id stands for itself. What stands beside a CVE is `related` and no alias: one XSA covers several
//! CVEs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, Claim, End, FixState, Interval};
use crate::ecosystem::{Ecosystem, Family};
use crate::version::is_apk_version;

use super::error::{Error, json, start, within};

/// A document of this size is read; Chainguard's of 2025, the largest, has 10 MB.
pub const MAX_DOCUMENT: usize = 128 << 20;

/// One package of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name: a source package (Alpine's `origin`).
    pub name: String,
    /// Versions, each with the entries that it fixed, as written.
    pub fixes: Vec<(String, Vec<String>)>,
}

/// One document: a repository of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Alpine, Wolfi or Chainguard.
    pub feed: Feed,
    /// The branch, or the distribution where there are none.
    pub ecosystem: Ecosystem,
    /// The repository: `main`, `community`, `os`.
    pub repository: String,
    /// Its packages.
    pub packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    urlprefix: String,
    #[serde(default)]
    reponame: String,
    distroversion: Option<String>,
    packages: Vec<RawPackage>,
}

#[derive(Deserialize)]
struct RawPackage {
    pkg: RawPkg,
}

#[derive(Deserialize)]
struct RawPkg {
    name: String,
    /// `null` stands for no entry in some published documents.
    #[serde(default)]
    secfixes: BTreeMap<String, Option<Vec<String>>>,
}

/// Reads one document.
///
/// # Errors
///
/// [`Error`] where it is too large, no secdb, or of a distribution that is not known here.
pub fn parse(bytes: &[u8]) -> Result<Document, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let raw: Raw = json(bytes, "secdb")?;
    let (feed, ecosystem) = match raw.distroversion.as_deref() {
        Some(branch) => (
            Feed::Alpine,
            Ecosystem::release(Family::Alpine, branch.strip_prefix('v').unwrap_or(branch)),
        ),
        None if raw.urlprefix.contains("wolfi.dev") => (Feed::Wolfi, Ecosystem::of(Family::Wolfi)),
        None if raw.urlprefix.contains("cgr.dev") => {
            (Feed::Chainguard, Ecosystem::of(Family::Chainguard))
        }
        None => {
            return Err(Error::Value {
                what: "urlprefix",
                found: start(&raw.urlprefix),
                expected: "one of Wolfi or Chainguard where there is no distroversion",
            });
        }
    };
    let packages = raw
        .packages
        .into_iter()
        .map(|RawPackage { pkg }| Package {
            name: pkg.name,
            fixes: pkg
                .secfixes
                .into_iter()
                .map(|(version, entries)| (version, entries.unwrap_or_default()))
                .collect(),
        })
        .collect();
    Ok(Document {
        feed,
        ecosystem,
        repository: raw.reponame,
        packages,
    })
}

/// What one entry names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ids {
    ids: Vec<String>,
    beside: Vec<String>,
}

/// Finds the ids of an entry.
fn ids(entry: &str) -> Ids {
    let mut found = Ids::default();
    for token in entry
        .split_whitespace()
        .take_while(|token| !token.starts_with('('))
    {
        match cve(token) {
            Some(id) => found.ids.push(id),
            None if is_id(token) => found.beside.push(token.to_owned()),
            None => {}
        }
    }
    if found.ids.is_empty() {
        found.ids.append(&mut found.beside);
    }
    found.ids.dedup();
    found
}

/// Finds `CVE-` or `CVE_`, a year of four digits and a number of four or more (CVE record format, `cveId`) at the front.
fn cve(token: &str) -> Option<String> {
    let rest = token
        .strip_prefix("CVE-")
        .or_else(|| token.strip_prefix("CVE_"))?;
    let (year, rest) = rest.split_once('-')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..digits)?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    (is_year && (4..=19).contains(&digits)).then(|| format!("CVE-{year}-{number}"))
}

fn is_id(token: &str) -> bool {
    token.starts_with(|first: char| first.is_ascii_alphabetic())
        // A GHSA id may do without a digit: `GHSA-rpmj-rpgj-qmpm`.
        && (token.starts_with("GHSA-") || token.bytes().any(|byte| byte.is_ascii_digit()))
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte))
}

/// Makes one record of each id out of any number of documents.
#[derive(Default)]
pub struct Collector {
    records: BTreeMap<(Feed, String), Record>,
    unnamed: Vec<String>,
}

#[derive(Default)]
struct Record {
    /// Ecosystem, package and version.
    fixes: BTreeSet<(Ecosystem, String, String)>,
    beside: BTreeSet<String>,
}

impl Collector {
    /// Takes a document.
    pub fn add(&mut self, document: Document) {
        for package in document.packages {
            for (version, entries) in package.fixes {
                for entry in entries {
                    let Ids { ids, beside } = ids(&entry);
                    if ids.is_empty() {
                        self.unnamed.push(entry);
                        continue;
                    }
                    for id in ids {
                        let record = self.records.entry((document.feed, id)).or_default();
                        record.fixes.insert((
                            document.ecosystem.clone(),
                            package.name.clone(),
                            version.clone(),
                        ));
                        record.beside.extend(beside.iter().cloned());
                    }
                }
            }
        }
    }

    /// Returns the entries so far in which no id was found.
    #[must_use]
    pub fn unnamed(&self) -> &[String] {
        &self.unnamed
    }

    /// Returns the records, by feed and id. The digest of a record is that of its fixes, one a line, in order.
    pub fn finish(self) -> impl Iterator<Item = Advisory> {
        self.records
            .into_iter()
            .map(|((feed, id), record)| record.advisory(feed, id))
    }
}

impl Record {
    fn advisory(self, feed: Feed, id: String) -> Advisory {
        let mut digest = Sha256::new();
        let mut affected = Vec::with_capacity(self.fixes.len());
        for (ecosystem, name, version) in self.fixes {
            digest.update(format!("{ecosystem}\t{name}\t{version}\t{id}\n"));
            affected.push(row(ecosystem, &name, &version));
        }
        Advisory {
            feed,
            id,
            class: Class::Vulnerability,
            aliases: Vec::new(),
            upstream: Vec::new(),
            related: self.beside.into_iter().collect(),
            published: None,
            modified: None,
            withdrawn: None,
            summary: String::new(),
            cvss: Vec::new(),
            label: None,
            cwes: Vec::new(),
            references: Vec::new(),
            digest: digest.finalize().into(),
            affected,
        }
    }
}

/// Says that `version` is the fix, `0` that there never was a flaw.
pub(super) fn row(ecosystem: Ecosystem, name: &str, version: &str) -> Affected {
    let mut affected = Affected::new(ecosystem, name);
    if version == "0" {
        affected.claim = Claim::NotAffected;
        return affected;
    }
    affected.fix = FixState::Fixed;
    // Written wrongly (`0.8.21.r2`, `4.10-1-r1`) it has a place in apk's order, but not the one that was meant.
    if is_apk_version(version) {
        affected.intervals.push(Interval {
            start: None,
            end: End::Fixed(version.to_owned()),
        });
    } else {
        affected
            .unordered
            .push(format!("`{}` is no apk version", start(version)));
    }
    affected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_free_text() {
        for (entry, expected, beside) in [
            (
                "CVE-2019-18424 XSA-307",
                &["CVE-2019-18424"][..],
                &["XSA-307"][..],
            ),
            (
                "GNUTLS-SA-2020-03-31 CVE-2020-11501",
                &["CVE-2020-11501"],
                &["GNUTLS-SA-2020-03-31"],
            ),
            (
                "CVE-2016-1111 CVE-2016-2222 XSA-1",
                &["CVE-2016-1111", "CVE-2016-2222"],
                &["XSA-1"],
            ),
            ("CVE-2021-35940.patch", &["CVE-2021-35940"], &[]),
            ("CVE_2019-2426", &["CVE-2019-2426"], &[]),
            ("CVE-2017-17434-1", &["CVE-2017-17434"], &[]),
            ("CVE-????-????? XSA-312", &["XSA-312"], &[]),
            ("CVE N/A ZBX-11023", &["ZBX-11023"], &[]),
            (
                "CVE-2018-1234 (Not affected, requires x86)",
                &["CVE-2018-1234"],
                &[],
            ),
            ("CVE-20191234", &["CVE-20191234"], &[]),
            ("GHSA-rpmj-rpgj-qmpm", &["GHSA-rpmj-rpgj-qmpm"], &[]),
            ("none", &[], &[]),
        ] {
            let found = ids(entry);
            assert_eq!(
                (found.ids, found.beside),
                (
                    expected.iter().map(|id| (*id).to_owned()).collect(),
                    beside.iter().map(|id| (*id).to_owned()).collect()
                ),
                "{entry}"
            );
        }
    }

    #[test]
    fn documents_of_a_branch_become_records() {
        let mut collector = Collector::default();
        for (branch, version) in [("v3.20", "1.3.1-r1"), ("edge", "0")] {
            let text = format!(
                r#"{{"apkurl":"x","reponame":"main","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","distroversion":"{branch}",
                    "packages":[{{"pkg":{{"name":"zlib","secfixes":{{"{version}":["CVE-2023-45853","none"],"9":null}}}}}}]}}"#
            );
            collector.add(parse(text.as_bytes()).expect("a document"));
        }
        assert_eq!(collector.unnamed(), ["none", "none"]);
        let records: Vec<Advisory> = collector.finish().collect();
        let [record] = &records[..] else {
            panic!("{records:?}")
        };
        assert_eq!(
            (record.feed, record.id.as_str()),
            (Feed::Alpine, "CVE-2023-45853")
        );
        let [old, edge] = &record.affected[..] else {
            panic!("{:?}", record.affected)
        };
        assert_eq!(
            (
                old.ecosystem.release.as_str(),
                old.fix,
                &old.intervals[0].end
            ),
            ("3.20", FixState::Fixed, &End::Fixed("1.3.1-r1".into()))
        );
        assert_eq!(
            (
                edge.ecosystem.release.as_str(),
                edge.claim,
                edge.intervals.len()
            ),
            ("edge", Claim::NotAffected, 0)
        );
    }

    #[test]
    fn distributions_are_told_apart() {
        let read = |prefix: &str| {
            parse(format!(r#"{{"urlprefix":"{prefix}","packages":[]}}"#).as_bytes())
                .map(|document| document.feed)
        };
        assert_eq!(
            read("https://packages.wolfi.dev").expect("Wolfi"),
            Feed::Wolfi
        );
        assert_eq!(
            read("https://packages.cgr.dev").expect("Chainguard"),
            Feed::Chainguard
        );
        assert!(matches!(
            read("https://example.com"),
            Err(Error::Value {
                what: "urlprefix",
                ..
            })
        ));
        for bytes in ["", "{}", "[]", r#"{"packages":[{"pkg":{}}]}"#] {
            assert!(
                matches!(parse(bytes.as_bytes()), Err(Error::Json { .. })),
                "{bytes}"
            );
        }
    }
}
