//! `packages`: patterns over package URLs, and the ranges of versions behind them.

use toolkit_vulndb::config::{At, Node, Span};
use toolkit_vulndb::select::{PurlGlob, VersionRange};

use super::Walk;
use crate::error::Fault;
use crate::model::{PackagePattern, PackageRule};

pub(super) fn packages(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<At<PackageRule>> {
    let map = walk.map(node, at, "`packages`", &["deny", "allow"])?;
    if !map.has("deny") && !map.has("allow") {
        let place = "`packages`".to_owned();
        walk.fault(at, Fault::DemandsNothing { place });
    }
    let mut list = |key: &'static str| match map.get(key) {
        Some(node) => {
            let span = map.span_of(key);
            let patterns = walk.list(node, span, &format!("`{key}`"), package);
            patterns.map(|value| Some(At { span, value }))
        }
        None => Some(None),
    };
    let (deny, allow) = (list("deny"), list("allow"));
    let value = PackageRule {
        deny: deny?,
        allow: allow?,
    };
    Some(At { span: at, value })
}

fn package(walk: &mut Walk<'_>, node: &Node) -> Option<PackagePattern> {
    let map = walk.map(
        node,
        node.span,
        "a package",
        &["purl", "versions", "reason"],
    )?;
    let purl = map
        .required(walk, "purl")
        .and_then(|node| purl_glob(walk, node));
    let versions = match map.get("versions") {
        Some(node) => versions(walk, node, purl.as_ref()).map(Some),
        None => Some(None),
    };
    let reason = match map.get("reason") {
        Some(node) => walk.text(node, "`reason`").map(|text| Some(text.value)),
        None => Some(None),
    };
    Some(PackagePattern {
        purl: purl?,
        versions: versions?,
        reason: reason?,
    })
}

/// Takes a range in the order of the pattern's type. Without a valid pattern only the text itself is looked at.
fn versions(walk: &mut Walk<'_>, node: &Node, purl: Option<&PurlGlob>) -> Option<VersionRange> {
    let text = walk.text(node, "`versions`")?;
    let Some(ty) = purl?.ty() else {
        let purl = purl?.to_string();
        walk.fault(text.span, Fault::RangeWithoutType { purl });
        return None;
    };
    match VersionRange::parse(&text.value, ty) {
        Ok(range) => Some(range),
        Err(error) => {
            let span = walk.inside(text.span, &text.value, error.at);
            walk.fault(span, Fault::Versions(error.fault));
            None
        }
    }
}

/// Takes a list of patterns over package URLs.
pub(super) fn purl_globs(walk: &mut Walk<'_>, node: &Node, at: Span) -> Option<Vec<PurlGlob>> {
    walk.repeated(node, "`packages`");
    walk.list(node, at, "`packages`", purl_glob)
}

fn purl_glob(walk: &mut Walk<'_>, node: &Node) -> Option<PurlGlob> {
    let text = walk.text(node, "a package URL")?;
    match PurlGlob::parse(&text.value) {
        Ok(glob) => Some(glob),
        Err(error) => {
            let span = walk.inside(text.span, &text.value, error.at);
            walk.fault(span, Fault::PackagePattern(error.fault));
            None
        }
    }
}
