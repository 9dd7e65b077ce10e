//! The exceptions: from which checks, for which images, by whom, why, until when.

use std::collections::BTreeMap;

use toolkit_attest::predicate;
use toolkit_vulndb::config::{self, Node, Span};
use toolkit_vulndb::select::guess;

use super::{Walk, rule};
use crate::error::Fault;
use crate::model::Exception;
use crate::verdict::CheckId;

const KEYS: &[&str] = &["id", "checks", "images", "owner", "reason", "expires"];

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
        owner: owner?.value,
        reason: reason?.value,
        expires: expires?,
    })
}

/// Takes the name of a check; one of trust cannot be excepted.
fn check(walk: &mut Walk<'_>, node: &Node) -> Option<String> {
    let text = walk.text(node, "a check")?;
    let found = text.value;
    if CheckId::EXCEPTABLE.contains(&found.as_str())
        || found
            .strip_prefix("attestations.")
            .is_some_and(|kind| !kind.is_empty())
    {
        return Some(found);
    }
    let mut allowed: Vec<String> = CheckId::EXCEPTABLE
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    allowed.push("attestations.TYPE".to_owned());
    let family = found.split('.').next().unwrap_or_default();
    let fault = if matches!(family, "signatures" | "provenance") {
        Fault::NotExceptable {
            check: found,
            allowed,
        }
    } else {
        let types = predicate::short_names().map(|name| format!("attestations.{name}"));
        let names: Vec<String> = CheckId::EXCEPTABLE
            .iter()
            .map(|name| (*name).to_owned())
            .chain(types)
            .collect();
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
