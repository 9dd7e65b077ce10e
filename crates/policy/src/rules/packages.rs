//! `packages`: which packages may not be in an image, or which only may. What is denied fails even where it is allowed too.

use std::collections::BTreeSet;

use toolkit_sbom::Package;

use super::contents::{Check, Scene, key, listed, places};
use crate::evaluate::Context;
use crate::item::{Item, Items};
use crate::model::{Act, PackagePattern, Rule};
use crate::verdict::{CheckId, CheckResult, Code};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.packages else {
        return;
    };
    for platform in &context.evidence.platforms {
        let scene = Scene {
            context,
            rule,
            platform,
        };
        let places = places(scene);
        let mut seen = BTreeSet::new();
        let (mut denied, mut unsure) = (Items::default(), Items::default());
        let (mut other, mut other_unsure) = (Items::default(), Items::default());
        for place in &places {
            for package in &place.listing.inventory.packages {
                seen.insert(key(package));
                let add = |items: &mut Items, detail: String| {
                    let item = Item::package(&package.purl, detail);
                    items.add(key(package), "", &place.name, item);
                };
                // Each list is judged for itself: an exception from one says nothing of the other.
                if let Some(deny) = &demand.value.deny {
                    match any(&deny.value, package) {
                        Found::Yes(pattern) => add(&mut denied, reason(pattern)),
                        Found::Unsure(pattern) => add(&mut unsure, incomparable(pattern)),
                        Found::No => {}
                    }
                }
                if let Some(allow) = &demand.value.allow {
                    match any(&allow.value, package) {
                        Found::No => add(&mut other, String::new()),
                        Found::Unsure(pattern) => add(&mut other_unsure, incomparable(pattern)),
                        Found::Yes(_) => {}
                    }
                }
            }
        }
        let count = seen.len();
        let deny = demand.value.deny.as_ref().map(|deny| {
            let check = Check {
                span: deny.span,
                id: CheckId::PackagesDenied,
                code: Code::PackagesDenied,
                act: Act::Deny,
                expected: format!("no package of {}", listed(&deny.value)),
                clean: format!("none among {count} packages"),
                next:
                    "remove or replace the package, or write an exception with a reason and an end"
                        .to_owned(),
            };
            (check, denied, unsure)
        });
        let allow = demand.value.allow.as_ref().map(|allow| {
            let check = Check {
                span: allow.span,
                id: CheckId::PackagesNotAllowed,
                code: Code::PackagesNotAllowed,
                act: Act::Deny,
                expected: format!("only packages of {}", listed(&allow.value)),
                clean: format!("all of {count} packages"),
                next: "remove the package, or allow it in the policy".to_owned(),
            };
            (check, other, other_unsure)
        });
        for (check, fail, unsure) in [deny, allow].into_iter().flatten() {
            let is_unsure = !unsure.is_empty();
            if !fail.is_empty() || !is_unsure {
                let check = check.clone();
                results.push(check.judged(scene, &places, fail, Vec::new()));
            }
            if is_unsure {
                let check = Check {
                    act: Act::Undecided,
                    next: "the version has no place in the order of its type: remove the package, or leave `versions` out"
                        .to_owned(),
                    ..check
                };
                results.push(check.judged(scene, &places, unsure, Vec::new()));
            }
        }
    }
}

enum Found<'a> {
    Yes(&'a PackagePattern),
    /// The name is one, and the version cannot be compared.
    Unsure(&'a PackagePattern),
    No,
}

fn any<'a>(patterns: &'a [PackagePattern], package: &Package) -> Found<'a> {
    let mut found = Found::No;
    for pattern in patterns {
        if !pattern.purl.matches(&package.purl) {
            continue;
        }
        let inside = match (&pattern.versions, package.version.as_deref()) {
            (None, _) => Some(true),
            (Some(_), None) => None,
            (Some(range), Some(version)) => range.contains(version),
        };
        match inside {
            Some(true) => return Found::Yes(pattern),
            Some(false) => {}
            None => found = Found::Unsure(pattern),
        }
    }
    found
}

fn reason(pattern: &PackagePattern) -> String {
    match &pattern.reason {
        Some(reason) => format!("denied as `{pattern}`: {reason}"),
        None => format!("denied as `{pattern}`"),
    }
}

fn incomparable(pattern: &PackagePattern) -> String {
    format!("its version cannot be compared with `{pattern}`")
}
