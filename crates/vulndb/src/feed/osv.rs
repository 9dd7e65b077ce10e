//! OSV records (OSV schema 1.7.5), as GHSA, PyPA, Go, RustSec, OSV.dev, AlmaLinux, Rocky, Red Hat, SUSE and Bitnami publish them.
//!
//! Unknown fields are ignored, as the schema asks. Git ranges are left out: commits do not order without the repository. Both the id scheme
//! of early 2025 (`CVE-…` for Debian's records, tied by `aliases`) and today's (`DEBIAN-CVE-…`, tied by `upstream`) are read.

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, Channel, Claim, End, Event, FixState, Interval, intervals};
use crate::ecosystem::{Ecosystem, Family};
use crate::severity::{Cvss, Severity};
use crate::version::Key;

/// A record of this size is read; the largest of the public feeds of 2025 has 9 MB (a kernel advisory of Red Hat).
pub const MAX_RECORD: usize = 32 << 20;
/// References kept of a record.
const MAX_REFERENCES: usize = 8;
/// Bytes kept of a summary.
const MAX_SUMMARY: usize = 240;

/// Tells why a record was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The record is larger than [`MAX_RECORD`].
    #[error("the record has {found} bytes, at most {limit} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The bytes are no OSV record.
    #[error("not an OSV record")]
    Malformed(#[from] serde_json::Error),
}

/// Reads one record.
///
/// # Errors
///
/// [`Error`] where the bytes are too many or no record. A package of an unknown ecosystem is no error: it is left out.
pub fn parse(bytes: &[u8]) -> Result<Advisory, Error> {
    if bytes.len() > MAX_RECORD {
        return Err(Error::TooLarge {
            found: bytes.len(),
            limit: MAX_RECORD,
        });
    }
    let record: Record = serde_json::from_slice(bytes)?;
    let feed = Feed::of_id(&record.id);
    let label = record
        .database_specific
        .as_ref()
        .and_then(|specific| specific.severity.as_deref())
        .and_then(Severity::from_word);
    let label = label.or_else(|| leading_word(feed, record.summary.as_deref().unwrap_or_default()));
    let mut class = if feed == Feed::Malicious {
        Class::Malicious
    } else {
        Class::Vulnerability
    };
    let informational = record
        .affected
        .iter()
        .filter_map(|one| one.database_specific.as_ref()?.informational.as_deref());
    // RustSec's `unsound` is a flaw; `unmaintained` and `notice` are not.
    if informational.into_iter().any(|word| word != "unsound") {
        class = Class::Informational;
    }
    let mut affected = Vec::new();
    for one in &record.affected {
        one.read(feed, &mut affected);
    }
    let details = record.details.as_deref().unwrap_or_default();
    let summary = record
        .summary
        .as_deref()
        .filter(|text| !text.is_empty())
        .or_else(|| details.lines().next())
        .unwrap_or_default();
    let mut references: Vec<String> = record
        .references
        .into_iter()
        .filter_map(|reference| reference.url)
        .collect();
    references.truncate(MAX_REFERENCES);
    Ok(Advisory {
        feed,
        class,
        aliases: record.aliases,
        upstream: record.upstream,
        related: record.related,
        published: time(record.published.as_deref()),
        modified: time(record.modified.as_deref()),
        withdrawn: time(record.withdrawn.as_deref()),
        summary: shorten(summary),
        cvss: vectors(&record.severity),
        label,
        cwes: record
            .database_specific
            .map(|specific| specific.cwe_ids)
            .unwrap_or_default(),
        references,
        digest: Sha256::digest(bytes).into(),
        affected,
        id: record.id,
    })
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    upstream: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    published: Option<String>,
    modified: Option<String>,
    withdrawn: Option<String>,
    summary: Option<String>,
    details: Option<String>,
    #[serde(default)]
    severity: Vec<Score>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    affected: Vec<Package>,
    database_specific: Option<RecordSpecific>,
}

#[derive(Deserialize)]
struct Score {
    score: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    url: Option<String>,
}

#[derive(Deserialize)]
struct RecordSpecific {
    severity: Option<String>,
    #[serde(default)]
    cwe_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    package: Option<Name>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    severity: Vec<Score>,
    ecosystem_specific: Option<EcosystemSpecific>,
    database_specific: Option<PackageSpecific>,
}

#[derive(Deserialize)]
struct Name {
    ecosystem: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<RawEvent>,
}

#[derive(Deserialize)]
struct RawEvent {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
    limit: Option<String>,
}

#[derive(Deserialize)]
struct EcosystemSpecific {
    urgency: Option<String>,
    #[serde(default)]
    binaries: Vec<std::collections::BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct PackageSpecific {
    informational: Option<String>,
}

impl Package {
    fn read(&self, feed: Feed, out: &mut Vec<Affected>) {
        let Some(name) = &self.package else { return };
        let (Some(text), Some(name)) = (name.ecosystem.as_deref(), name.name.as_deref()) else {
            return;
        };
        let Some(ecosystem) = Ecosystem::parse(text) else {
            return;
        };
        let mut affected = Affected::new(ecosystem, name);
        affected.channel = channel(affected.ecosystem.family, text);
        affected.cvss = vectors(&self.severity);
        let urgency = self
            .ecosystem_specific
            .as_ref()
            .and_then(|specific| specific.urgency.as_deref())
            .unwrap_or_default();
        affected.label = Severity::from_word(urgency);
        self.read_ranges(&mut affected);
        if affected.ecosystem.family.is_distribution() {
            affected.fix = match affected
                .intervals
                .iter()
                .any(|interval| matches!(interval.end, End::Fixed(_)))
            {
                true => FixState::Fixed,
                // The tracker says end-of-life where no fix is to come (Debian security tracker, "urgency").
                false if urgency == "end-of-life" => FixState::WontFix,
                false => FixState::NotFixed,
            };
        } else if affected
            .intervals
            .iter()
            .any(|interval| matches!(interval.end, End::Fixed(_)))
        {
            affected.fix = FixState::Fixed;
        }
        let binaries = self
            .ecosystem_specific
            .as_ref()
            .map_or(&[][..], |specific| &specific.binaries);
        if feed == Feed::Suse && !binaries.is_empty() {
            // SUSE names the source and lists the binary packages, which are what is installed.
            for (binary, version) in binaries.iter().flatten() {
                let mut row = affected.clone();
                row.name.clone_from(binary);
                row.intervals = vec![Interval {
                    start: None,
                    end: End::Fixed(version.clone()),
                }];
                out.push(row);
            }
            return;
        }
        out.push(affected);
    }

    fn read_ranges(&self, affected: &mut Affected) {
        let scheme = affected.ecosystem.family.scheme();
        for range in self.ranges.iter().filter(|range| range.kind != "GIT") {
            let events: Vec<Event> = range.events.iter().filter_map(RawEvent::event).collect();
            let never = events
                .iter()
                .any(|event| matches!(event, Event::Fixed(version) if version == "0"));
            if never {
                affected.claim = Claim::NotAffected;
                continue;
            }
            match intervals(scheme, &events) {
                Ok(found) => affected.intervals.extend(found),
                Err(reason) => affected.unordered.push(reason.to_string()),
            }
        }
        if affected.claim == Claim::NotAffected && !affected.intervals.is_empty() {
            affected.claim = Claim::Affected;
        }
        let bounds: Vec<_> = affected
            .intervals
            .iter()
            .map(|interval| Bounds::of(affected.ecosystem.family, interval))
            .collect();
        affected.versions = self
            .versions
            .iter()
            .filter(|version| match scheme.key(version) {
                Ok(key) => !bounds.iter().any(|bounds| bounds.contain(&key)),
                Err(_) => true,
            })
            .cloned()
            .collect();
    }
}

/// An interval as keys.
struct Bounds {
    start: Option<Key>,
    before: Option<Key>,
    last: Option<Key>,
}

impl Bounds {
    fn of(family: Family, interval: &Interval) -> Self {
        let key = |version: &String| family.scheme().key(version).ok();
        let (before, last) = match &interval.end {
            End::Open => (None, None),
            End::Fixed(version) | End::Limit(version) => (key(version), None),
            End::LastAffected(version) => (None, key(version)),
        };
        Self {
            start: interval.start.as_ref().and_then(key),
            before,
            last,
        }
    }

    fn contain(&self, key: &Key) -> bool {
        self.start.as_ref().is_none_or(|start| key >= start)
            && self.before.as_ref().is_none_or(|before| key < before)
            && self.last.as_ref().is_none_or(|last| key <= last)
    }
}

impl RawEvent {
    fn event(&self) -> Option<Event> {
        let made = |version: &Option<String>, make: fn(String) -> Event| version.clone().map(make);
        made(&self.introduced, Event::Introduced)
            .or_else(|| made(&self.fixed, Event::Fixed))
            .or_else(|| made(&self.last_affected, Event::LastAffected))
            // A limit of `*` bounds nothing (OSV schema, "limit").
            .or_else(|| {
                made(&self.limit, Event::Limit).filter(|event| *event != Event::Limit("*".into()))
            })
    }
}

/// Red Hat, Rocky and Alma begin the summary with the severity: `Moderate: binutils security update`.
fn leading_word(feed: Feed, summary: &str) -> Option<Severity> {
    matches!(feed, Feed::RedHat | Feed::Rocky | Feed::AlmaLinux).then_some(())?;
    let summary = summary
        .strip_prefix("Red Hat Security Advisory: ")
        .unwrap_or(summary);
    Severity::from_word(summary.split_once(':')?.0)
}

fn channel(family: Family, ecosystem: &str) -> Channel {
    match family {
        Family::Ubuntu if ecosystem.contains(":Pro:") => Channel::EsmInfra,
        Family::RedHat
            if ["_eus:", "_aus:", "_tus:", "_e4s:", "_els:"]
                .iter()
                .any(|word| ecosystem.contains(word)) =>
        {
            Channel::Eus
        }
        Family::Suse if ecosystem.contains("LTSS") => Channel::Ltss,
        _ => Channel::Base,
    }
}

fn vectors(scores: &[Score]) -> Vec<Cvss> {
    scores
        .iter()
        .filter_map(|score| Cvss::parse(score.score.as_deref()?))
        .collect()
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// Keeps a summary to one line of bounded length.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(MAX_SUMMARY);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Advisory {
        parse(text.as_bytes()).expect("a record")
    }

    #[test]
    fn a_record_is_read_whole() {
        let advisory = read(
            r#"{"id":"GHSA-aaaa-bbbb-cccc","modified":"2024-05-01T00:00:00Z","published":"2024-04-01T00:00:00Z","aliases":["CVE-2024-1"],
                "summary":"A flaw","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
                "database_specific":{"severity":"MODERATE","cwe_ids":["CWE-79"]},"references":[{"type":"WEB","url":"https://example.com"}],
                "affected":[{"package":{"ecosystem":"PyPI","name":"My_Package"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"}]},
                {"type":"GIT","events":[{"introduced":"0"}]}],"versions":["1.0","1.1","9.9"]},{"package":{"ecosystem":"Moon","name":"x"}}]}"#,
        );
        assert_eq!(
            (advisory.feed, advisory.class, advisory.label),
            (Feed::Ghsa, Class::Vulnerability, Some(Severity::Medium))
        );
        assert_eq!(advisory.cvss.len(), 1);
        let [affected] = &advisory.affected[..] else {
            panic!("{:?}", advisory.affected)
        };
        assert_eq!(
            (affected.name.as_str(), affected.fix),
            ("my-package", FixState::Fixed)
        );
        assert_eq!(
            affected.intervals,
            [Interval {
                start: None,
                end: End::Fixed("1.2".into())
            }]
        );
        assert_eq!(
            affected.versions,
            ["9.9"],
            "only what no interval covers is kept"
        );
    }

    #[test]
    fn what_the_feeds_do_differently_is_understood() {
        let debian = read(
            r#"{"id":"CVE-2020-1","affected":[{"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],
                "ecosystem_specific":{"urgency":"unimportant"}},{"package":{"ecosystem":"Alpine:v3.20","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}]}]}"#,
        );
        assert_eq!(
            (debian.affected[0].label, debian.affected[0].fix),
            (Some(Severity::Negligible), FixState::NotFixed)
        );
        assert_eq!(debian.affected[1].claim, Claim::NotAffected);
        let suse = read(
            r#"{"id":"SUSE-SU-2024:1-1","affected":[{"package":{"ecosystem":"SUSE:Linux Enterprise Server 15 SP5-LTSS","name":"src"},
                "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1-1"}]}],"ecosystem_specific":{"binaries":[{"one":"1-1","two":"1-2"}]}}]}"#,
        );
        assert_eq!(
            suse.affected
                .iter()
                .map(|row| row.name.as_str())
                .collect::<Vec<_>>(),
            ["one", "two"]
        );
        assert_eq!(
            (suse.affected[1].channel, &suse.affected[1].intervals[0].end),
            (Channel::Ltss, &End::Fixed("1-2".into()))
        );
        let rocky =
            read(r#"{"id":"RLSA-2021:1","summary":"Important: x security update","affected":[]}"#);
        assert_eq!(rocky.label, Some(Severity::High));
        let rust = read(
            r#"{"id":"RUSTSEC-2020-1","affected":[{"package":{"ecosystem":"crates.io","name":"x"},"database_specific":{"informational":"unmaintained"}}]}"#,
        );
        assert_eq!(rust.class, Class::Informational);
        assert_eq!(read(r#"{"id":"MAL-2024-1"}"#).class, Class::Malicious);
        let odd = read(
            r#"{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"soon"}]}]}]}"#,
        );
        assert_eq!(odd.affected[0].unordered.len(), 1);
    }

    #[test]
    fn foreign_bytes_are_refused() {
        for bytes in ["", "{", "[]", r#"{"id":1}"#, r#"{"no":"id"}"#] {
            assert!(
                matches!(parse(bytes.as_bytes()), Err(Error::Malformed(_))),
                "{bytes}"
            );
        }
    }
}
