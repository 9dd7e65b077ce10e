//! The Ubuntu CVE Tracker, in its JSON rendering: one document per CVE, a status per release or pocket and source package.
//!
//! `released` is a fix, `needed`, `needs-triage` and `pending` wait for one, `deferred` and `ignored` will get none, `not-affected` and `DNE` (does not
//! exist) say so (tracker README, "Statuses"); of a Pro pocket `not-affected` with a version says from which one on. `esm-infra/`, `esm-apps/`, `esm-infra-legacy/` and the older `trusty/esm` are the channels of Ubuntu Pro.
//! Left out, because no installed release is named so or its packages are not the archive's: `upstream`, `devel`, `fips/`, `fips-updates/`, `snap`,
//! `ros-esm/`, `vivid/ubuntu-core`, `vivid/stable-phone-overlay`. `DNE` of a Pro pocket is left out too: the base release has its own word.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, Channel, Claim, End, FixState, Interval};
use crate::ecosystem::{Ecosystem, Family};
use crate::severity::{Cvss, Severity};

use super::error::{Error, json, within};
use super::text::{first_line, moment};

/// A document of this size is read; the largest of 2024 has 170 kB.
pub const MAX_DOCUMENT: usize = 8 << 20;
/// References kept of a record.
const MAX_REFERENCES: usize = 8;

/// Code names and version numbers of the releases (`distro-info-data`, `ubuntu.csv`).
const RELEASES: [(&str, &str); 42] = [
    ("dapper", "6.06"),
    ("edgy", "6.10"),
    ("feisty", "7.04"),
    ("gutsy", "7.10"),
    ("hardy", "8.04"),
    ("intrepid", "8.10"),
    ("jaunty", "9.04"),
    ("karmic", "9.10"),
    ("lucid", "10.04"),
    ("maverick", "10.10"),
    ("natty", "11.04"),
    ("oneiric", "11.10"),
    ("precise", "12.04"),
    ("quantal", "12.10"),
    ("raring", "13.04"),
    ("saucy", "13.10"),
    ("trusty", "14.04"),
    ("utopic", "14.10"),
    ("vivid", "15.04"),
    ("wily", "15.10"),
    ("xenial", "16.04"),
    ("yakkety", "16.10"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
    ("warty", "4.10"),
];

/// Returns the version number of the release with this code name.
#[must_use]
pub fn release(codename: &str) -> Option<&'static str> {
    RELEASES
        .iter()
        .find(|(name, _)| *name == codename)
        .map(|(_, version)| *version)
}

#[derive(Deserialize)]
struct Raw {
    candidate: String,
    description: Option<String>,
    ubuntu_description: Option<String>,
    priority: Option<String>,
    cvss: Option<BTreeMap<String, String>>,
    references: Option<Vec<String>>,
    public_date: Option<String>,
    #[serde(default)]
    packages: BTreeMap<String, BTreeMap<String, Status>>,
}

#[derive(Deserialize)]
struct Status {
    status: String,
    note: Option<String>,
    priority: Option<String>,
}

/// The place that a status is about.
struct Pocket {
    release: &'static str,
    channel: Channel,
    /// Of two pockets of one channel the higher decides: `esm-infra-legacy/trusty` goes on where `trusty/esm` ended.
    rank: u8,
}

impl Pocket {
    fn parse(text: &str) -> Option<Self> {
        let (codename, channel, rank) = match text.split_once('/') {
            None => (text, Channel::Base, 0),
            Some((codename, "esm")) => (codename, Channel::EsmInfra, 0),
            Some(("esm-infra", codename)) => (codename, Channel::EsmInfra, 1),
            Some(("esm-infra-legacy", codename)) => (codename, Channel::EsmInfra, 2),
            Some(("esm-apps", codename)) => (codename, Channel::EsmApps, 1),
            Some(_) => return None,
        };
        Some(Self {
            release: release(codename)?,
            channel,
            rank,
        })
    }
}

/// Reads one document.
///
/// # Errors
///
/// [`Error`] where it is too large, no document of the tracker, or has a status that the tracker does not know.
pub fn parse(bytes: &[u8]) -> Result<Advisory, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let raw: Raw = json(bytes, "Ubuntu CVE Tracker")?;
    let mut rows: BTreeMap<(&str, Channel, &str), (u8, Affected)> = BTreeMap::new();
    for (text, packages) in &raw.packages {
        let Some(pocket) = Pocket::parse(text) else {
            continue;
        };
        for (source, status) in packages {
            let Some(affected) = row(&pocket, source, status)? else {
                continue;
            };
            let key = (pocket.release, pocket.channel, source.as_str());
            if rows.get(&key).is_none_or(|(rank, _)| *rank <= pocket.rank) {
                rows.insert(key, (pocket.rank, affected));
            }
        }
    }
    let summary = raw
        .ubuntu_description
        .as_deref()
        .filter(|text| !text.trim().is_empty())
        .or(raw.description.as_deref())
        .unwrap_or_default();
    let mut references = raw.references.unwrap_or_default();
    references.truncate(MAX_REFERENCES);
    Ok(Advisory {
        feed: Feed::Ubuntu,
        class: Class::Vulnerability,
        aliases: Vec::new(),
        upstream: Vec::new(),
        related: Vec::new(),
        published: raw.public_date.as_deref().and_then(moment),
        modified: None::<Timestamp>,
        withdrawn: None,
        summary: first_line(summary),
        // Written as ` CVSS:3.1/AV:N/… [7.5 HIGH]`.
        cvss: raw
            .cvss
            .unwrap_or_default()
            .values()
            .filter_map(|text| Cvss::parse(text.split_whitespace().next()?))
            .collect(),
        label: raw.priority.as_deref().and_then(Severity::from_word),
        cwes: Vec::new(),
        references,
        digest: Sha256::digest(bytes).into(),
        affected: rows.into_values().map(|(_, affected)| affected).collect(),
        id: raw.candidate,
    })
}

fn row(pocket: &Pocket, source: &str, status: &Status) -> Result<Option<Affected>, Error> {
    let mut affected = Affected::new(Ecosystem::release(Family::Ubuntu, pocket.release), source);
    affected.channel = pocket.channel;
    affected.label = status.priority.as_deref().and_then(Severity::from_word);
    let note = status.note.as_deref().unwrap_or_default().trim();
    let open = |end| Interval { start: None, end };
    match status.status.as_str() {
        "released" => {
            affected.fix = FixState::Fixed;
            match Family::Ubuntu.scheme().key(note) {
                Ok(_) => affected.intervals.push(open(End::Fixed(note.to_owned()))),
                Err(reason) => affected.unordered.push(reason.to_string()),
            }
        }
        "needed" | "needs-triage" => {
            affected.fix = FixState::NotFixed;
            affected.intervals.push(open(End::Open));
        }
        "pending" => {
            affected.fix = FixState::NotFixed;
            // The note names the version to come, where it is known: not released, but whoever has it is not affected.
            let begins = note.starts_with(|first: char| first.is_ascii_digit());
            let end = match Family::Ubuntu.scheme().key(note) {
                Ok(_) if begins => End::Limit(note.to_owned()),
                _ => End::Open,
            };
            affected.intervals.push(open(end));
        }
        "deferred" | "ignored" => {
            affected.fix = FixState::WontFix;
            affected.intervals.push(open(End::Open));
        }
        // In a Pro pocket the note names the version with which it began to be safe: packages before it are the base release's.
        "not-affected" if pocket.channel != Channel::Base && is_version(note) => {
            affected.fix = FixState::Fixed;
            affected.intervals.push(open(End::Fixed(note.to_owned())));
        }
        "not-affected" => affected.claim = Claim::NotAffected,
        "DNE" if pocket.channel == Channel::Base => affected.claim = Claim::NotAffected,
        "DNE" => return Ok(None),
        other => {
            return Err(Error::Value {
                what: "status",
                found: super::error::start(other),
                expected: "released, needed, needs-triage, pending, deferred, ignored, not-affected or DNE",
            });
        }
    }
    Ok(Some(affected))
}

/// Tells a version (`1.16-2ubuntu0.4`) from a remark (`3.x only`).
fn is_version(note: &str) -> bool {
    note.starts_with(|first: char| first.is_ascii_digit())
        && note
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+~:-".contains(&byte))
        && Family::Ubuntu.scheme().key(note).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pocket: &str, status: &str, note: &str) -> Option<Affected> {
        let text = format!(
            r#"{{"candidate":"CVE-2023-1","packages":{{"{pocket}":{{"zlib":{{"name":"zlib","status":"{status}","note":"{note}"}}}}}}}}"#
        );
        let mut advisory = parse(text.as_bytes()).expect("a document");
        assert!(advisory.affected.len() < 2);
        advisory.affected.pop()
    }

    #[test]
    fn every_status_has_its_meaning() {
        use Claim::{Affected as Yes, NotAffected as No};
        let fixed = |version: &str| Some(End::Fixed(version.into()));
        for (pocket, status, note, release, channel, claim, fix, end) in [
            (
                "jammy",
                "released",
                "1:1.2.11-2",
                "22.04",
                Channel::Base,
                Yes,
                FixState::Fixed,
                fixed("1:1.2.11-2"),
            ),
            (
                "esm-infra/xenial",
                "released",
                "1.2+esm1",
                "16.04",
                Channel::EsmInfra,
                Yes,
                FixState::Fixed,
                fixed("1.2+esm1"),
            ),
            (
                "esm-apps/focal",
                "needed",
                "",
                "20.04",
                Channel::EsmApps,
                Yes,
                FixState::NotFixed,
                Some(End::Open),
            ),
            (
                "trusty/esm",
                "needs-triage",
                "",
                "14.04",
                Channel::EsmInfra,
                Yes,
                FixState::NotFixed,
                Some(End::Open),
            ),
            (
                "noble",
                "pending",
                "1.3-1",
                "24.04",
                Channel::Base,
                Yes,
                FixState::NotFixed,
                Some(End::Limit("1.3-1".into())),
            ),
            (
                "noble",
                "pending",
                "soon",
                "24.04",
                Channel::Base,
                Yes,
                FixState::NotFixed,
                Some(End::Open),
            ),
            (
                "bionic",
                "deferred",
                "2020-01-01",
                "18.04",
                Channel::Base,
                Yes,
                FixState::WontFix,
                Some(End::Open),
            ),
            (
                "bionic",
                "ignored",
                "end of standard support",
                "18.04",
                Channel::Base,
                Yes,
                FixState::WontFix,
                Some(End::Open),
            ),
            (
                "focal",
                "not-affected",
                "code not present",
                "20.04",
                Channel::Base,
                No,
                FixState::Unknown,
                None,
            ),
            (
                "esm-infra/focal",
                "not-affected",
                "3.x only",
                "20.04",
                Channel::EsmInfra,
                No,
                FixState::Unknown,
                None,
            ),
            (
                "esm-infra/focal",
                "not-affected",
                "1.16-2ubuntu0.4",
                "20.04",
                Channel::EsmInfra,
                Yes,
                FixState::Fixed,
                fixed("1.16-2ubuntu0.4"),
            ),
            (
                "focal",
                "not-affected",
                "1.16-2ubuntu0.4",
                "20.04",
                Channel::Base,
                No,
                FixState::Unknown,
                None,
            ),
            (
                "focal",
                "DNE",
                "",
                "20.04",
                Channel::Base,
                No,
                FixState::Unknown,
                None,
            ),
        ] {
            let found = one(pocket, status, note).unwrap_or_else(|| panic!("{pocket} {status}"));
            assert_eq!(
                (
                    found.ecosystem.release.as_str(),
                    found.channel,
                    found.claim,
                    found.fix,
                    found.intervals.first().map(|interval| interval.end.clone())
                ),
                (release, channel, claim, fix, end),
                "{pocket} {status}"
            );
        }
        let unordered = one("jammy", "released", "").expect("a row");
        assert_eq!(
            (unordered.unordered.len(), unordered.intervals.len()),
            (1, 0)
        );
        for pocket in [
            "upstream",
            "devel",
            "fips/focal",
            "snap",
            "vivid/ubuntu-core",
        ] {
            assert_eq!(one(pocket, "needed", ""), None, "{pocket}");
        }
        assert_eq!(one("esm-apps/focal", "DNE", ""), None);
    }

    #[test]
    fn the_later_pocket_of_a_channel_decides() {
        let advisory = parse(
            br#"{"candidate":"CVE-2023-1","priority":"low","public_date":"2023-04-05 20:15:00 UTC","description":"A flaw\nmore",
                "cvss":{"nvd":" CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H [7.5 HIGH]"},"packages":{
                "esm-infra-legacy/trusty":{"zlib":{"status":"released","note":"1.2-1esm2"}},"trusty/esm":{"zlib":{"status":"ignored","priority":"negligible"}}}}"#,
        )
        .expect("a document");
        let [row] = &advisory.affected[..] else {
            panic!("{:?}", advisory.affected)
        };
        assert_eq!(row.fix, FixState::Fixed);
        assert_eq!(
            (
                advisory.label,
                advisory.summary.as_str(),
                advisory.cvss[0].severity()
            ),
            (Some(Severity::Low), "A flaw", Severity::High)
        );
        assert_eq!(
            advisory.published.map(|time| time.to_string()).as_deref(),
            Some("2023-04-05T20:15:00Z")
        );
    }

    #[test]
    fn what_the_tracker_does_not_know_is_refused() {
        let text =
            br#"{"candidate":"CVE-2023-1","packages":{"jammy":{"zlib":{"status":"maybe"}}}}"#;
        assert!(matches!(
            parse(text),
            Err(Error::Value { what: "status", .. })
        ));
        assert!(matches!(parse(b"{}"), Err(Error::Json { .. })));
        assert_eq!(release("jammy"), Some("22.04"));
        assert_eq!(release("sid"), None);
    }
}
