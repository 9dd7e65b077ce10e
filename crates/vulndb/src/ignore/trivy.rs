//! trivy's `.trivyignore` (an id a line, with `exp:DATE`) and `.trivyignore.yaml` (trivy's documentation, "Filtering", as of 0.74).
//!
//! Sections about misconfigurations, secrets and licences are about other scanners, and not read. An entry ends when its day begins.

use toolkit_sbom::Purl;

use super::{
    Condition, Entry, Fault, Read, Walk, entries, foreign_end, id, last_day, own, position, refuse,
};
use crate::config::{self, Node, Span};

const TOP: &[&str] = &[
    "vulnerabilities",
    "misconfigurations",
    "secrets",
    "licenses",
];
const KEYS: &[&str] = &["id", "paths", "purls", "statement", "expired_at"];

pub(super) fn list(walk: &mut Walk<'_>, text: &str) -> Option<Read> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let (words, comment) = match line.find('#') {
            Some(0) => continue,
            Some(hash)
                if line
                    .get(..hash)
                    .is_some_and(|head| head.ends_with(char::is_whitespace)) =>
            {
                (line.get(..hash).unwrap_or_default(), line.get(hash + 1..))
            }
            _ => (line, None),
        };
        let mut words = words.split_whitespace();
        let Some(first) = words.next() else { continue };
        let place = |word: &str| {
            let offset = line.find(word).unwrap_or_default();
            Span::new(at + offset, word.len())
        };
        let mut end = None;
        for word in words {
            match word.strip_prefix("exp:") {
                Some(date) => match last_day(date) {
                    Some(date) => end = Some(date),
                    None => {
                        let found = date.to_owned();
                        walk.fault(place(word), config::Fault::BadDate { found });
                    }
                },
                None => refuse(
                    walk,
                    place(word),
                    word,
                    "only `exp:DATE` and a comment may stand behind an id",
                ),
            }
        }
        let reason = comment.map(str::trim).filter(|text| !text.is_empty());
        found.push(Entry {
            position: position(walk, place(first)),
            conditions: vec![Condition::Id(first.to_owned())],
            reason: reason.map(str::to_owned),
            last_day: end,
        });
    }
    Some(Read {
        entries: found,
        unread: Vec::new(),
    })
}

pub(super) fn yaml(walk: &mut Walk<'_>, root: &Node) -> Option<Read> {
    let top = walk.map(root, root.span, "the ignore file", TOP)?;
    let others = top.entries().iter().map(|entry| entry.key.clone());
    let unread = others.filter(|key| key != "vulnerabilities").collect();
    let entries = match top.get("vulnerabilities") {
        Some(list) => entries(
            walk,
            list,
            top.span_of("vulnerabilities"),
            "`vulnerabilities`",
            entry,
        ),
        None => Vec::new(),
    };
    Some(Read { entries, unread })
}

fn entry(walk: &mut Walk<'_>, node: &Node) -> Option<Entry> {
    let map = walk.map(node, node.span, "an entry", KEYS)?;
    let named = map
        .required(walk, "id")
        .and_then(|node| id(walk, node, "`id`"));
    let mut conditions = Vec::new();
    if let Some(node) = map.get("paths") {
        let globs = walk.list(node, map.span_of("paths"), "`paths`", |walk, node| {
            own::path(walk, node, "a path")
        });
        conditions.extend(globs.map(Condition::Paths));
    }
    if let Some(node) = map.get("purls") {
        let purls = walk.list(node, map.span_of("purls"), "`purls`", purl);
        conditions.extend(purls.map(Condition::Packages));
    }
    let reason = map
        .get("statement")
        .and_then(|node| walk.text(node, "`statement`"));
    let end = map
        .get("expired_at")
        .and_then(|node| foreign_end(walk, node, "`expired_at`"));
    conditions.insert(0, Condition::Id(named?));
    Some(Entry {
        position: position(walk, node.span),
        conditions,
        reason: reason.map(|text| text.value),
        last_day: end,
    })
}

fn purl(walk: &mut Walk<'_>, node: &Node) -> Option<Purl> {
    let text = walk.text(node, "a package URL")?;
    let Ok(purl) = Purl::parse(&text.value) else {
        walk.fault(text.span, Fault::PackageUrl { found: text.value });
        return None;
    };
    if text.value.contains(['?', '#']) {
        refuse(
            walk,
            text.span,
            &text.value,
            "qualifiers of package URLs are not compared",
        );
        return None;
    }
    Some(purl)
}
