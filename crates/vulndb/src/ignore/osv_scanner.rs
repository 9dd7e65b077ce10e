//! `osv-scanner.toml` (osv-scanner's documentation, "Configure OSV-Scanner", as of 2.5).
//!
//! An entry ends when the time that it names has come.

use super::{Condition, Entry, Fault, Read, Walk, entries, foreign_end, id, position, refuse};
use crate::config::{Node, Span};
use crate::ecosystem::Ecosystem;

const TOP: &[&str] = &[
    "IgnoredVulns",
    "PackageOverrides",
    "GoVersionOverride",
    "LoadPath",
];
const VULNERABILITY: &[&str] = &["id", "ignoreUntil", "reason"];
const PACKAGE: &[&str] = &[
    "name",
    "version",
    "ecosystem",
    "group",
    "ignore",
    "vulnerability",
    "license",
    "effectiveUntil",
    "reason",
];

const GO: &str = "versions of Go are read from the target";
const GROUP: &str = "groups of dependencies are not known of installed packages";
const LICENSE: &str = "licences are judged by policies";

pub(super) fn file(walk: &mut Walk<'_>, root: &Node) -> Option<Read> {
    let top = walk.map(root, root.span, "the configuration", TOP)?;
    if top.has("GoVersionOverride") {
        refuse(
            walk,
            top.span_of("GoVersionOverride"),
            "GoVersionOverride",
            GO,
        );
    }
    let mut found = Vec::new();
    if let Some(list) = top.get("IgnoredVulns") {
        let at = top.span_of("IgnoredVulns");
        found.extend(entries(walk, list, at, "`IgnoredVulns`", vulnerability));
    }
    if let Some(list) = top.get("PackageOverrides") {
        let at = top.span_of("PackageOverrides");
        found.extend(entries(walk, list, at, "`PackageOverrides`", package));
    }
    found.sort_by_key(|entry| entry.position);
    Some(Read {
        entries: found,
        unread: Vec::new(),
    })
}

fn vulnerability(walk: &mut Walk<'_>, node: &Node) -> Option<Entry> {
    let map = walk.map(node, node.span, "an entry", VULNERABILITY)?;
    let named = map
        .required(walk, "id")
        .and_then(|node| id(walk, node, "`id`"));
    let reason = map
        .get("reason")
        .and_then(|node| walk.text(node, "`reason`"));
    let end = map
        .get("ignoreUntil")
        .and_then(|node| foreign_end(walk, node, "`ignoreUntil`"));
    Some(Entry {
        position: position(walk, node.span),
        conditions: vec![Condition::Id(named?)],
        reason: reason.map(|text| text.value),
        last_day: end,
    })
}

fn package(walk: &mut Walk<'_>, node: &Node) -> Option<Entry> {
    let map = walk.map(node, node.span, "an entry", PACKAGE)?;
    for (key, why) in [("group", GROUP), ("license", LICENSE)] {
        if map.has(key) {
            refuse(walk, map.span_of(key), key, why);
        }
    }
    let mut conditions = Vec::new();
    if let Some(node) = map.get("name") {
        let name = walk.text(node, "`name`");
        conditions.extend(name.map(|text| Condition::AdvisoryName(text.value)));
    }
    if let Some(node) = map.get("version") {
        let version = walk.text(node, "`version`");
        conditions.extend(version.map(|text| Condition::Version(text.value)));
    }
    if let Some(node) = map.get("ecosystem")
        && let Some(text) = walk.text(node, "`ecosystem`")
    {
        match Ecosystem::parse(&text.value) {
            Some(ecosystem) => conditions.push(Condition::Ecosystem(ecosystem)),
            None => refuse(
                walk,
                text.span,
                &text.value,
                "no feed is about this ecosystem",
            ),
        }
    }
    if !["name", "version", "ecosystem"]
        .iter()
        .any(|key| map.has(key))
    {
        let keys = "`name`, `version` and `ecosystem`";
        walk.fault(map.span(), Fault::NoSubject { keys });
    }
    let ignored = is_ignored(
        walk,
        map.get("ignore"),
        map.get("vulnerability"),
        map.span_of("vulnerability"),
    );
    let reason = map
        .get("reason")
        .and_then(|node| walk.text(node, "`reason`"));
    let end = map
        .get("effectiveUntil")
        .and_then(|node| foreign_end(walk, node, "`effectiveUntil`"));
    // One that ignores nothing hides nothing.
    ignored.then(|| Entry {
        position: position(walk, node.span),
        conditions,
        reason: reason.map(|text| text.value),
        last_day: end,
    })
}

/// `ignore = true`, or `vulnerability.ignore = true`.
fn is_ignored(
    walk: &mut Walk<'_>,
    ignore: Option<&Node>,
    vulnerability: Option<&Node>,
    at: Span,
) -> bool {
    let whole = ignore.and_then(|node| walk.boolean(node, "`ignore`"));
    let nested = vulnerability
        .and_then(|node| walk.map(node, at, "`vulnerability`", &["ignore"]))
        .and_then(|map| map.get("ignore"))
        .and_then(|node| walk.boolean(node, "`vulnerability.ignore`"));
    whole == Some(true) || nested == Some(true)
}
