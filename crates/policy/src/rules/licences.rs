//! `licences`: under which licences the packages of an image are, as they declare them.
//!
//! Of `OR` one side must be good, of `AND` all. A licence is good that is not denied and, where something is allowed, is allowed. A denied
//! identifier is denied with every exception (SPDX 2.3 annex D, `WITH`); an allowed one is allowed without one, for both fail where they are
//! silent. No licence, `NOASSERTION` and free text are unknown.

use std::collections::BTreeSet;

use toolkit_sbom::Package;
use toolkit_sbom::license::{License, declared};

use super::contents::{Check, Scene, key, listed, places};
use crate::evaluate::Context;
use crate::item::{Item, Items};
use crate::model::{Act, LicenceRule, Rule};
use crate::verdict::{CheckId, CheckResult, Code};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.licences else {
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
        let mut denied = Items::default();
        let mut other = Items::default();
        let mut unknown = Items::default();
        for place in &places {
            for package in &place.listing.inventory.packages {
                seen.insert(key(package));
                let found = standing(&demand.value, package);
                let counting = [
                    (found.denied, &mut denied),
                    (found.not_allowed, &mut other),
                    (found.unknown, &mut unknown),
                ];
                for (_, items) in counting.into_iter().filter(|(counts, _)| *counts) {
                    let item = Item::package(&package.purl, found.declared.clone());
                    items.add(key(package), "", &place.name, item);
                }
            }
        }
        let count = seen.len();
        let mut push = |items, check: Check| {
            results.push(check.judged(scene, &places, items, Vec::new()));
        };
        if let Some(deny) = &demand.value.deny {
            let check = Check {
                span: deny.span,
                id: CheckId::LicencesDenied,
                code: Code::LicencesDenied,
                act: Act::Deny,
                expected: format!("no package that needs {}", listed(&deny.value)),
                clean: format!("none among {count} packages"),
                next: "replace the package, or write an exception with a reason and an end"
                    .to_owned(),
            };
            push(denied, check);
        }
        if let Some(allow) = &demand.value.allow {
            let check = Check {
                span: allow.span,
                id: CheckId::LicencesNotAllowed,
                code: Code::LicencesNotAllowed,
                act: Act::Deny,
                expected: format!("only packages under {}", listed(&allow.value)),
                clean: format!("all of {count} packages"),
                next: "replace the package, or allow its licence in the policy".to_owned(),
            };
            push(other, check);
        }
        let act = demand.value.unknown.value;
        let clean = match act {
            Act::Ignore => "the policy ignores what is unknown among",
            Act::Deny | Act::Undecided => "all of",
        };
        let check = Check {
            span: demand.value.unknown.span,
            id: CheckId::LicencesUnknown,
            code: Code::LicencesUnknown,
            act,
            expected: "packages that declare an SPDX licence".to_owned(),
            clean: format!("{clean} {count} packages"),
            next: "have the package declare its licence, or write an exception with a reason and an end"
                .to_owned(),
        };
        push(unknown, check);
    }
}

/// How a package stands; each is judged for itself, for an exception from one says nothing of the others.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    /// No way around a denied licence.
    denied: bool,
    /// No licence that is allowed, or none that is allowed and not denied although each alone can be had.
    not_allowed: bool,
    /// Not, or not only, in licences that are known.
    unknown: bool,
    declared: String,
}

fn standing(rule: &LicenceRule, package: &Package) -> Standing {
    let licenses = declared(package);
    let is_denied = |id: &str, with: Option<&str>| {
        rule.deny.as_ref().is_some_and(|deny| {
            deny.value.iter().any(|pattern| {
                pattern.id.matches(id)
                    && (pattern.with.is_none() || pattern.with.as_deref() == with)
            })
        })
    };
    let is_allowed = |id: &str, with: Option<&str>| {
        rule.allow.as_ref().is_none_or(|allow| {
            allow
                .value
                .iter()
                .any(|pattern| pattern.id.matches(id) && pattern.with.as_deref() == with)
        })
    };
    // All that is declared holds together.
    let fails = |good: &dyn Fn(&str, Option<&str>) -> bool| {
        licenses
            .iter()
            .any(|license| license.evaluate(good) == Some(false))
    };
    let denied = fails(&|id, with| !is_denied(id, with));
    let neither = fails(&|id, with| !is_denied(id, with) && is_allowed(id, with));
    let words: Vec<&str> = licenses.iter().map(License::declared).collect();
    Standing {
        denied,
        not_allowed: fails(&is_allowed) || (neither && !denied),
        unknown: licenses.is_empty()
            || licenses
                .iter()
                .any(|license| license.expression().is_none()),
        declared: if words.is_empty() {
            "declares no licence".to_owned()
        } else {
            format!("declares {}", words.join(", "))
        },
    }
}

#[cfg(test)]
mod tests {
    use toolkit_attest::Pattern;
    use toolkit_sbom::{Ecosystem, Purl};

    use super::*;
    use crate::model::LicencePattern;
    use toolkit_vulndb::config::{At, Span};

    fn patterns(list: &[&str]) -> Option<At<Vec<LicencePattern>>> {
        let pattern = |text: &&str| {
            let (id, with) = match text.split_once(" WITH ") {
                Some((id, with)) => (id, Some(with.to_owned())),
                None => (*text, None),
            };
            LicencePattern {
                id: Pattern::glob(id).expect("a pattern"),
                with,
                written: (*text).to_owned(),
            }
        };
        (!list.is_empty()).then(|| At {
            span: Span::default(),
            value: list.iter().map(pattern).collect(),
        })
    }

    fn name(standing: &Standing) -> String {
        let names = [
            (standing.denied, "denied"),
            (standing.not_allowed, "not allowed"),
            (standing.unknown, "unknown"),
        ];
        let told = names.iter().filter(|(counts, _)| *counts);
        told.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn one_good_side_of_or_and_all_sides_of_and() {
        let classpath = "GPL-2.0-only WITH Classpath-exception-2.0";
        for (deny, allow, licenses, expected) in [
            (&["AGPL-3.0-only"][..], &[][..], &["MIT"][..], ""),
            (&["AGPL-3.0-only"], &[], &["AGPL-3.0-only"], "denied"),
            (&["AGPL-3.0-only"], &[], &["AGPL-3.0-only OR MIT"], ""),
            (
                &["AGPL-3.0-only"],
                &[],
                &["AGPL-3.0-only AND MIT"],
                "denied",
            ),
            (&["AGPL-3.0-only"], &[], &["MIT", "AGPL-3.0-only"], "denied"),
            (&["GPL-*"], &[], &["GPL-2.0"], "denied"),
            (&["GPL-*"], &[], &["LGPL-2.1-only"], ""),
            (&["GPL-*"], &[], &[classpath], "denied"),
            (&[classpath], &[], &[classpath], "denied"),
            (&[classpath], &[], &["GPL-2.0-only"], ""),
            (&[], &["MIT"], &["MIT"], ""),
            (&[], &["MIT"], &["ISC"], "not allowed"),
            (&[], &["MIT"], &["MIT AND ISC"], "not allowed"),
            (&[], &["MIT"], &["MIT OR ISC"], ""),
            (&[], &["GPL-*"], &[classpath], "not allowed"),
            (&[], &[classpath], &[classpath], ""),
            (&["MIT"], &["MIT"], &["MIT"], "denied"),
            (&["MIT"], &["ISC"], &["MIT"], "denied, not allowed"),
            // Each list alone could be satisfied, both at once cannot.
            (&["MIT"], &["MIT"], &["MIT OR Zlib"], "not allowed"),
            (&["MIT"], &["MIT", "ISC"], &["MIT OR ISC"], ""),
            (&["ISC"], &["MIT"], &["ISC OR Zlib"], "not allowed"),
            (&["MIT"], &[], &[], "unknown"),
            (&["MIT"], &[], &["NOASSERTION"], "unknown"),
            (&["MIT"], &[], &["see LICENSE"], "unknown"),
            (&["MIT"], &[], &["see LICENSE", "MIT"], "denied, unknown"),
            (
                &["ISC"],
                &["ISC"],
                &["see LICENSE", "MIT"],
                "not allowed, unknown",
            ),
            (&[], &["MIT"], &["see LICENSE", "MIT"], "unknown"),
            (&["LicenseRef-*"], &[], &["LicenseRef-acme"], "denied"),
            (&["Apache-2.0"], &[], &["Apache-2.0+"], "denied"),
        ] {
            let rule = LicenceRule {
                deny: patterns(deny),
                allow: patterns(allow),
                unknown: At {
                    span: Span::default(),
                    value: Act::Undecided,
                },
            };
            let purl = Purl::parse("pkg:npm/x@1").expect("a package URL");
            let mut package = Package::new(Ecosystem::Npm, "x", Some("1"), purl);
            package.licenses = licenses.iter().map(|text| (*text).to_owned()).collect();
            let found = standing(&rule, &package);
            assert_eq!(
                name(&found),
                expected,
                "{deny:?} {allow:?} {licenses:?}: {found:?}"
            );
        }
    }
}
