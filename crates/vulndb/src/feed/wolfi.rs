//! Wolfi's own advisory documents, `NAME.advisories.yaml`, schema 2 (`github.com/wolfi-dev/advisories`); its secdb is read in [`super::secdb`].
//!
//! An advisory is a list of events and the latest decides: `fixed` names the version, `false-positive-determination` says that the package is not affected,
//! `fix-not-planned` and `analysis-not-planned` that it stays so; `detection`, `true-positive-determination` and `pending-upstream-fix` leave it
//! affected without a fix. Earlier events do not count. Of two events of one moment the later written decides.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, Claim, End, FixState, Interval};
use crate::ecosystem::{Ecosystem, Family};

use super::error::{Error, start, within};
use super::secdb;
use super::text::moment;
use super::yaml::{self, Node};

/// A document of this size is read; the largest of 2025 has 340 kB.
pub const MAX_DOCUMENT: usize = 32 << 20;

/// Reads every advisory of one document, in its order.
///
/// # Errors
///
/// [`Error`] where it is too large, no YAML as it is read here, of another schema, or an advisory lacks id, events, or the version of its fix.
pub fn parse(bytes: &[u8]) -> Result<Vec<Advisory>, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let document = yaml::parse(std::str::from_utf8(bytes)?)?;
    let schema = document
        .get("schema-version")
        .and_then(Node::text)
        .unwrap_or_default();
    if schema != "2" && !schema.starts_with("2.") {
        return Err(Error::Value {
            what: "schema-version",
            found: start(schema),
            expected: "2",
        });
    }
    let package = document
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Node::text)
        .ok_or_else(|| missing("the package name", "the document"))?;
    document
        .get("advisories")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(|advisory| read(package, advisory))
        .collect()
}

fn missing(what: &'static str, place: &str) -> Error {
    Error::Missing {
        what,
        place: start(place),
    }
}

/// An event, as far as it decides.
struct Latest<'a> {
    time: Timestamp,
    kind: &'a str,
    data: Option<&'a Node>,
}

fn read(package: &str, advisory: &Node) -> Result<Advisory, Error> {
    let id = advisory
        .get("id")
        .and_then(Node::text)
        .ok_or_else(|| missing("the id", package))?;
    let mut digest = Sha256::new();
    digest.update(format!("{package}\n"));
    hash(advisory, &mut digest);
    let mut latest: Option<Latest<'_>> = None;
    let mut first: Option<Timestamp> = None;
    for event in advisory.get("events").map(Node::items).unwrap_or_default() {
        let time = event
            .get("timestamp")
            .and_then(Node::text)
            .and_then(moment)
            .ok_or_else(|| missing("the timestamp of an event", id))?;
        let kind = event
            .get("type")
            .and_then(Node::text)
            .ok_or_else(|| missing("the type of an event", id))?;
        first = Some(first.map_or(time, |first| first.min(time)));
        if latest.as_ref().is_none_or(|latest| latest.time <= time) {
            latest = Some(Latest {
                time,
                kind,
                data: event.get("data"),
            });
        }
    }
    let latest = latest.ok_or_else(|| missing("every event", id))?;
    let affected = row(package, id, &latest)?;
    let aliases = advisory.get("aliases").map(Node::items).unwrap_or_default();
    Ok(Advisory {
        feed: Feed::Wolfi,
        id: id.to_owned(),
        class: Class::Vulnerability,
        aliases: aliases
            .iter()
            .filter_map(|alias| alias.text().map(str::to_owned))
            .collect(),
        upstream: Vec::new(),
        related: Vec::new(),
        published: first,
        modified: Some(latest.time),
        withdrawn: None,
        summary: String::new(),
        cvss: Vec::new(),
        label: None,
        cwes: Vec::new(),
        references: Vec::new(),
        digest: digest.finalize().into(),
        affected: vec![affected],
    })
}

fn row(package: &str, id: &str, latest: &Latest<'_>) -> Result<Affected, Error> {
    let ecosystem = Ecosystem::of(Family::Wolfi);
    let mut affected = Affected::new(ecosystem.clone(), package);
    affected.fix = match latest.kind {
        "fixed" => {
            let version = latest
                .data
                .and_then(|data| data.get("fixed-version"))
                .and_then(Node::text)
                .ok_or_else(|| missing("the fixed version", id))?;
            return Ok(secdb::row(ecosystem, package, version));
        }
        "false-positive-determination" => {
            affected.claim = Claim::NotAffected;
            return Ok(affected);
        }
        "fix-not-planned" | "analysis-not-planned" => FixState::WontFix,
        "detection" | "true-positive-determination" | "pending-upstream-fix" => FixState::NotFixed,
        other => {
            return Err(Error::Value {
                what: "the type of an event",
                found: start(other),
                expected: "one of schema 2",
            });
        }
    };
    affected.intervals.push(Interval {
        start: None,
        end: End::Open,
    });
    Ok(affected)
}

/// Takes a node into the digest: its content, not the way it was written.
fn hash(node: &Node, digest: &mut Sha256) {
    match node {
        Node::Scalar(text) => digest.update(format!("s{}:{text}", text.len())),
        Node::List(items) => {
            digest.update(format!("l{}:", items.len()));
            items.iter().for_each(|item| hash(item, digest));
        }
        Node::Map(entries) => {
            digest.update(format!("m{}:", entries.len()));
            for (key, value) in entries {
                digest.update(format!("s{}:{key}", key.len()));
                hash(value, digest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(events: &str) -> String {
        format!(
            "schema-version: 2.0.2\npackage:\n  name: zlib\nadvisories:\n  - id: CGA-1\n    aliases:\n      - CVE-2023-1\n      - GHSA-1\n    events:\n{events}"
        )
    }

    fn event(time: &str, kind: &str) -> String {
        let data = if kind == "fixed" {
            "        data:\n          fixed-version: 1.3.1-r0\n"
        } else {
            ""
        };
        format!("      - timestamp: {time}\n        type: {kind}\n{data}")
    }

    #[test]
    fn the_latest_event_decides() {
        use Claim::{Affected as Yes, NotAffected as No};
        const OLD: &str = "2024-01-01T00:00:00Z";
        const NEW: &str = "2024-02-01T00:00:00Z";
        for (events, claim, fix, end) in [
            (
                vec![(OLD, "detection"), (NEW, "fixed")],
                Yes,
                FixState::Fixed,
                Some(End::Fixed("1.3.1-r0".into())),
            ),
            (
                vec![(NEW, "fixed"), (OLD, "detection")],
                Yes,
                FixState::Fixed,
                Some(End::Fixed("1.3.1-r0".into())),
            ),
            (
                vec![(OLD, "fixed"), (OLD, "detection")],
                Yes,
                FixState::NotFixed,
                Some(End::Open),
            ),
            (
                vec![
                    (OLD, "true-positive-determination"),
                    (NEW, "false-positive-determination"),
                ],
                No,
                FixState::Unknown,
                None,
            ),
            (
                vec![(OLD, "pending-upstream-fix")],
                Yes,
                FixState::NotFixed,
                Some(End::Open),
            ),
            (
                vec![(OLD, "fix-not-planned")],
                Yes,
                FixState::WontFix,
                Some(End::Open),
            ),
        ] {
            let text = document(
                &events
                    .iter()
                    .map(|(time, kind)| event(time, kind))
                    .collect::<String>(),
            );
            let found = parse(text.as_bytes()).expect("a document");
            assert_eq!((found[0].id.as_str(), found[0].aliases.len()), ("CGA-1", 2));
            let row = &found[0].affected[0];
            assert_eq!(
                (
                    row.claim,
                    row.fix,
                    row.intervals.first().map(|interval| interval.end.clone())
                ),
                (claim, fix, end),
                "{events:?}"
            );
        }
    }

    #[test]
    fn faults_are_told_apart() {
        assert!(matches!(
            parse(b"schema-version: 1\n"),
            Err(Error::Value {
                what: "schema-version",
                ..
            })
        ));
        assert!(matches!(
            parse(b"schema-version: 2\n"),
            Err(Error::Missing {
                what: "the package name",
                ..
            })
        ));
        assert!(matches!(
            parse(document("").as_bytes()),
            Err(Error::Missing {
                what: "every event",
                ..
            })
        ));
        assert!(matches!(
            parse(document(&event("soon", "fixed")).as_bytes()),
            Err(Error::Missing {
                what: "the timestamp of an event",
                ..
            })
        ));
        assert!(matches!(
            parse(document(&event("2024-01-01", "odd")).as_bytes()),
            Err(Error::Value {
                what: "the type of an event",
                ..
            })
        ));
        assert!(matches!(
            parse(document("      - timestamp: 2024-01-01\n        type: fixed\n").as_bytes()),
            Err(Error::Missing {
                what: "the fixed version",
                ..
            })
        ));
    }
}
