//! The exceptions: from which checks, for which images, by whom, why, until when.

use std::collections::BTreeMap;

use toolkit_attest::predicate;
use toolkit_vulndb::config::{self, Map, Node, Span};
use toolkit_vulndb::select::guess;

use super::packages::purl_globs;
use super::{Walk, rule};
use crate::error::Fault;
use crate::model::Exception;
use crate::verdict::{CheckId, Exceptable};

const KEYS: &[&str] = &[
    "id",
    "checks",
    "images",
    "vulnerabilities",
    "packages",
    "owner",
    "reason",
    "expires",
];
/// Longest id of a vulnerability; the longest of the feeds has 30 characters (`openSUSE-SU-2024:0123-1`).
const ID_MAX: usize = 64;

pub(super) fn exceptions(walk: &mut Walk<'_>, node: &Node) -> Option<Vec<Exception>> {
    let mut ids = BTreeMap::new();
    walk.list(node, node.span, "`exceptions`", |walk, node| {
        exception(walk, node, &mut ids)
    })
}

fn exception(
    walk: &mut Walk<'_>,
    node: &Node,
    ids: &mut BTreeMap<String, Span>,
) -> Option<Exception> {
    let map = walk.map(node, node.span, "an exception", KEYS)?;
    let span = map.get("id").map_or(node.span, |node| node.span);
    let id = map
        .required(walk, "id")
        .and_then(|node| rule::id(walk, node, "an exception", ids));
    let checks = map.required(walk, "checks").and_then(|node| {
        walk.repeated(node, "`checks`");
        walk.list(node, map.span_of("checks"), "`checks`", check)
    });
    let images = map
        .required(walk, "images")
        .and_then(|node| rule::images(walk, node, map.span_of("images")));
    let vulnerabilities = match map.get("vulnerabilities") {
        Some(node) => {
            walk.repeated(node, "`vulnerabilities`");
            let at = map.span_of("vulnerabilities");
            walk.list(node, at, "`vulnerabilities`", vulnerability)
                .map(Some)
        }
        None => Some(None),
    };
    let packages = match map.get("packages") {
        Some(node) => purl_globs(walk, node, map.span_of("packages")).map(Some),
        None => Some(None),
    };
    if let Some(checks) = &checks {
        scope(walk, &map, checks);
    }
    let owner = map
        .required(walk, "owner")
        .and_then(|node| walk.text(node, "`owner`"));
    let reason = map
        .required(walk, "reason")
        .and_then(|node| walk.text(node, "`reason`"));
    let expires = map
        .required(walk, "expires")
        .and_then(|node| walk.expires(node, "the exception"));
    Some(Exception {
        id: id?,
        span,
        checks: checks?,
        images: images?,
        vulnerabilities: vulnerabilities?,
        packages: packages?,
        owner: owner?.value,
        reason: reason?.value,
        expires: expires?,
    })
}

/// Reports checks of contents that are excepted without saying for what, and scopes that no check has.
fn scope(walk: &mut Walk<'_>, map: &Map<'_>, checks: &[String]) {
    let scopes: Vec<(&String, &'static [&'static str])> = checks
        .iter()
        .filter_map(|check| Some((check, CheckId::named(check)?.exceptable().keys())))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    for (check, keys) in &scopes {
        if !keys.iter().any(|key| map.has(key)) {
            let fault = Fault::NoScope {
                check: (*check).clone(),
                keys,
            };
            walk.fault(map.span_of("checks"), fault);
        }
    }
    for key in ["vulnerabilities", "packages"] {
        let used = scopes.iter().any(|(_, keys)| keys.contains(&key));
        if map.has(key) && !used {
            walk.fault(map.span_of(key), Fault::ScopeUnused { key });
        }
    }
}

/// Takes an id of a vulnerability, without globs.
fn vulnerability(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "an id of a vulnerability")?;
    let valid = text.value.len() <= ID_MAX
        && text
            .value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
    if !valid {
        walk.fault(text.span, Fault::VulnerabilityId { found: text.value });
        return None;
    }
    Some(text.value)
}

/// Takes the name of a check; one of trust cannot be excepted.
fn check(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "a check")?;
    let found = text.value;
    let known = CheckId::named(&found).map(|check| check.exceptable());
    if known.is_some_and(|exceptable| exceptable != Exceptable::No) {
        return Some(found);
    }
    let allowed: Vec<String> = CheckId::exceptable_names()
        .chain(["attestations.TYPE".to_owned()])
        .collect();
    let family = found.split('.').next().unwrap_or_default();
    let is_trust = matches!(family, "signatures" | "provenance");
    let fault = if is_trust || known.is_some() {
        Fault::NotExceptable {
            check: found,
            allowed,
        }
    } else {
        let types = predicate::short_names().map(|name| format!("attestations.{name}"));
        let names: Vec<String> = CheckId::exceptable_names().chain(types).collect();
        let guess = guess(&found, names.iter().map(String::as_str)).map(str::to_owned);
        Fault::Config(config::Fault::UnknownValue {
            what: "check",
            found,
            allowed,
            guess,
        })
    };
    walk.fault(text.span, fault);
    None
}
