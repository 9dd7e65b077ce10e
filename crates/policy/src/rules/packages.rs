//! `packages`: which packages may not be in an image, or which only may. What is denied fails even where it is allowed too.

use std::collections::BTreeSet;

use toolkit_sbom::Package;
use toolkit_vulndb::config::Span;

use super::contents::{Words, key, places};
use crate::evaluate::Context;
use crate::item::{Item, Items};
use crate::model::{Act, PackagePattern, Rule};
use crate::verdict::{CheckId, CheckResult, Code};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.packages else {
        return;
    };
    for platform in &context.evidence.platforms {
        let places = places(context, rule, platform);
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
                match demand
                    .value
                    .deny
                    .as_ref()
                    .map(|deny| any(&deny.value, package))
                {
                    Some(Found::Yes(pattern)) => {
                        add(&mut denied, reason(pattern));
                        continue;
                    }
                    Some(Found::Unsure(pattern)) => add(&mut unsure, incomparable(pattern)),
                    Some(Found::No) | None => {}
                }
                match demand
                    .value
                    .allow
                    .as_ref()
                    .map(|allow| any(&allow.value, package))
                {
                    Some(Found::No) => add(&mut other, String::new()),
                    Some(Found::Unsure(pattern)) => add(&mut other_unsure, incomparable(pattern)),
                    Some(Found::Yes(_)) | None => {}
                }
            }
        }
        let count = seen.len();
        let clean = format!("none among {count} packages");
        let all = format!("all of {count} packages");
        let deny = demand.value.deny.as_ref().map(|deny| {
            let check = Check {
                span: deny.span,
                id: CheckId::PackagesDenied,
                code: Code::PackagesDenied,
                expected: format!("no package of {}", listed(&deny.value)),
                clean,
                next: "remove or replace the package, or write an exception with a reason and an end",
            };
            (check, denied, unsure)
        });
        let allow = demand.value.allow.as_ref().map(|allow| {
            let check = Check {
                span: allow.span,
                id: CheckId::PackagesNotAllowed,
                code: Code::PackagesNotAllowed,
                expected: format!("only packages of {}", listed(&allow.value)),
                clean: all,
                next: "remove the package, or allow it in the policy",
            };
            (check, other, other_unsure)
        });
        for (check, fail, unsure) in [deny, allow].into_iter().flatten() {
            let result = || {
                context
                    .result(rule, check.id.clone(), check.span, check.expected.clone())
                    .for_platform(context, platform)
            };
            let words = |next: &str| Words {
                code: check.code,
                clean: check.clean.clone(),
                next: next.to_owned(),
            };
            let is_unsure = !unsure.is_empty();
            if !fail.is_empty() || !is_unsure {
                results.push(result().by_items(fail, Vec::new(), Act::Deny, words(check.next)));
            }
            if is_unsure {
                let next = "the version has no place in the order of its type: remove the package, or leave `versions` out";
                results.push(result().by_items(unsure, Vec::new(), Act::Undecided, words(next)));
            }
        }
    }
}

struct Check {
    span: Span,
    id: CheckId,
    code: Code,
    expected: String,
    clean: String,
    next: &'static str,
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

fn listed(patterns: &[PackagePattern]) -> String {
    let words: Vec<String> = patterns.iter().map(|one| format!("`{one}`")).collect();
    words.join(", ")
}
