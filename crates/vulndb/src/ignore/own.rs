//! Our own format: `ignore: [{id, purl, versions, paths, reason, expires}]`, closed.

use toolkit_oci::Glob;

use super::{Condition, Entry, Fault, Read, Walk, entries, id, position};
use crate::config::{At, Map, Node};
use crate::select::{PurlGlob, VersionRange};

const KEYS: &[&str] = &["id", "purl", "versions", "paths", "reason", "expires"];

pub(super) fn file(walk: &mut Walk<'_>, root: &Node) -> Option<Read> {
    let top = walk.map(root, root.span, "the ignore file", &["ignore"])?;
    let list = top.required(walk, "ignore")?;
    let entries = entries(walk, list, top.span_of("ignore"), "`ignore`", entry);
    Some(Read {
        entries,
        unread: Vec::new(),
    })
}

fn entry(walk: &mut Walk<'_>, node: &Node) -> Option<Entry> {
    let map = walk.map(node, node.span, "an entry", KEYS)?;
    let mut conditions = Vec::new();
    if let Some(node) = map.get("id") {
        conditions.extend(id(walk, node, "`id`").map(Condition::Id));
    }
    let purl = map.get("purl").and_then(|node| purl(walk, node));
    if let Some(node) = map.get("versions") {
        conditions.extend(versions(walk, node, &map, purl.as_ref()));
    }
    conditions.extend(purl.map(Condition::Purl));
    if let Some(node) = map.get("paths") {
        let globs = walk.list(node, map.span_of("paths"), "`paths`", |walk, node| {
            path(walk, node, "a path")
        });
        conditions.extend(globs.map(Condition::Paths));
    }
    if !map.has("id") && !map.has("purl") {
        let keys = "`id` and `purl`";
        walk.fault(map.span(), Fault::NoSubject { keys });
    }
    let reason = map
        .required(walk, "reason")
        .and_then(|node| walk.text(node, "`reason`"));
    let expires = map
        .required(walk, "expires")
        .and_then(|node| walk.expires(node, "the entry"));
    Some(Entry {
        position: position(walk, node.span),
        conditions,
        reason: Some(reason?.value),
        last_day: Some(expires?),
    })
}

fn purl(walk: &mut Walk<'_>, node: &Node) -> Option<PurlGlob> {
    let text = walk.text(node, "`purl`")?;
    PurlGlob::parse(&text.value)
        .map_err(|error| walk.fault(text.part(&error.at), error.fault))
        .ok()
}

fn versions(
    walk: &mut Walk<'_>,
    node: &Node,
    map: &Map<'_>,
    purl: Option<&PurlGlob>,
) -> Option<Condition> {
    let text = walk.text(node, "`versions`")?;
    let Some(ty) = purl.and_then(PurlGlob::ty) else {
        // A faulty pattern was reported itself.
        if purl.is_some() || !map.has("purl") {
            walk.fault(map.span_of("versions"), Fault::RangeWithoutType);
        }
        return None;
    };
    VersionRange::parse(&text.value, ty)
        .map(Condition::Versions)
        .map_err(|error| walk.fault(text.part(&error.at), error.fault))
        .ok()
}

/// Takes a glob over the paths of an image; a slash at its start does not count.
pub(super) fn path(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<Glob> {
    let At { span, value } = walk.text(node, place)?;
    let fault = |detail: String| Fault::Path {
        found: value.clone(),
        detail,
    };
    if let Some(character) = value
        .chars()
        .find(|c| matches!(c, '?' | '[' | ']' | '{' | '}' | '\\'))
    {
        let detail = format!("`{character}` has no meaning in a pattern");
        walk.fault(span, fault(detail));
        return None;
    }
    Glob::parse(value.strip_prefix('/').unwrap_or(&value))
        .map_err(|error| walk.fault(span, fault(error.to_string())))
        .ok()
}
