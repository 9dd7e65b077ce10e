//! `licences`: under which licences the packages of an image are, as they declare them.
//!
//! Of `OR` one side must be good, of `AND` all. A licence is good that is not denied and, where something is allowed, is allowed. A denied
//! identifier is denied with every exception (SPDX 2.3 annex D, `WITH`); an allowed one is allowed without one, for both fail where they are
//! silent. No licence, `NOASSERTION` and free text are unknown.

use std::collections::BTreeSet;

use toolkit_sbom::Package;
use toolkit_sbom::license::{License, declared};
use toolkit_vulndb::config::Span;

use super::contents::{Words, key, places};
use crate::evaluate::Context;
use crate::item::{Item, Items};
use crate::model::{Act, LicencePattern, LicenceRule, Rule};
use crate::verdict::{CheckId, CheckResult, Code};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.licences else {
        return;
    };
    for platform in &context.evidence.platforms {
        let mut seen = BTreeSet::new();
        let mut found = [Items::default(), Items::default(), Items::default()];
        for place in places(context, rule, platform) {
            for package in &place.listing.inventory.packages {
                seen.insert(key(package));
                let [denied, other, unknown] = &mut found;
                let (items, detail) = match standing(&demand.value, package) {
                    Standing::Good => continue,
                    Standing::Denied(detail) => (denied, detail),
                    Standing::NotAllowed(detail) => (other, detail),
                    Standing::Unknown(detail) => (unknown, detail),
                };
                let item = Item::package(&package.purl, detail);
                items.add(key(package), "", &place.name, item);
            }
        }
        let [denied, other, unknown] = found;
        let count = seen.len();
        let mut push = |items, act, check: Check| {
            let words = Words {
                code: check.code,
                clean: format!("{} {count} packages", check.clean),
                next: check.next.to_owned(),
            };
            let result = context
                .result(rule, check.id, check.span, check.expected)
                .for_platform(context, platform);
            results.push(result.by_items(items, Vec::new(), act, words));
        };
        if let Some(deny) = &demand.value.deny {
            let check = Check {
                span: deny.span,
                id: CheckId::LicencesDenied,
                code: Code::LicencesDenied,
                expected: format!("no package that needs {}", listed(&deny.value)),
                clean: "none among",
                next: "replace the package, or write an exception with a reason and an end",
            };
            push(denied, Act::Deny, check);
        }
        if let Some(allow) = &demand.value.allow {
            let check = Check {
                span: allow.span,
                id: CheckId::LicencesNotAllowed,
                code: Code::LicencesNotAllowed,
                expected: format!("only packages under {}", listed(&allow.value)),
                clean: "all of",
                next: "replace the package, or allow its licence in the policy",
            };
            push(other, Act::Deny, check);
        }
        let act = demand.value.unknown.value;
        let check = Check {
            span: demand.value.unknown.span,
            id: CheckId::LicencesUnknown,
            code: Code::LicencesUnknown,
            expected: "packages that declare an SPDX licence".to_owned(),
            clean: match act {
                Act::Ignore => "the policy ignores what is unknown among",
                Act::Deny | Act::Undecided => "all of",
            },
            next: "have the package declare its licence, or write an exception with a reason and an end",
        };
        push(unknown, act, check);
    }
}

struct Check {
    span: Span,
    id: CheckId,
    code: Code,
    expected: String,
    clean: &'static str,
    next: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Good,
    Denied(String),
    NotAllowed(String),
    Unknown(String),
}

fn standing(rule: &LicenceRule, package: &Package) -> Standing {
    let licenses = declared(package);
    let words = || {
        let words: Vec<&str> = licenses.iter().map(License::declared).collect();
        words.join(", ")
    };
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
    if fails(&|id, with| !is_denied(id, with)) {
        return Standing::Denied(format!("declares {}", words()));
    }
    if fails(&|id, with| !is_denied(id, with) && is_allowed(id, with)) {
        return Standing::NotAllowed(format!("declares {}", words()));
    }
    if licenses.is_empty() {
        return Standing::Unknown("declares no licence".to_owned());
    }
    if licenses
        .iter()
        .any(|license| license.expression().is_none())
    {
        return Standing::Unknown(format!("declares {}", words()));
    }
    Standing::Good
}

fn listed(patterns: &[LicencePattern]) -> String {
    let words: Vec<String> = patterns.iter().map(|one| format!("`{one}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use toolkit_attest::Pattern;
    use toolkit_sbom::{Ecosystem, Purl};

    use super::*;
    use toolkit_vulndb::config::At;

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

    fn name(standing: &Standing) -> &'static str {
        match standing {
            Standing::Good => "good",
            Standing::Denied(_) => "denied",
            Standing::NotAllowed(_) => "not allowed",
            Standing::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn one_good_side_of_or_and_all_sides_of_and() {
        let classpath = "GPL-2.0-only WITH Classpath-exception-2.0";
        for (deny, allow, licenses, expected) in [
            (&["AGPL-3.0-only"][..], &[][..], &["MIT"][..], "good"),
            (&["AGPL-3.0-only"], &[], &["AGPL-3.0-only"], "denied"),
            (&["AGPL-3.0-only"], &[], &["AGPL-3.0-only OR MIT"], "good"),
            (
                &["AGPL-3.0-only"],
                &[],
                &["AGPL-3.0-only AND MIT"],
                "denied",
            ),
            (&["AGPL-3.0-only"], &[], &["MIT", "AGPL-3.0-only"], "denied"),
            (&["GPL-*"], &[], &["GPL-2.0"], "denied"),
            (&["GPL-*"], &[], &["LGPL-2.1-only"], "good"),
            (&["GPL-*"], &[], &[classpath], "denied"),
            (&[classpath], &[], &[classpath], "denied"),
            (&[classpath], &[], &["GPL-2.0-only"], "good"),
            (&[], &["MIT"], &["MIT"], "good"),
            (&[], &["MIT"], &["ISC"], "not allowed"),
            (&[], &["MIT"], &["MIT AND ISC"], "not allowed"),
            (&[], &["MIT"], &["MIT OR ISC"], "good"),
            (&[], &["GPL-*"], &[classpath], "not allowed"),
            (&[], &[classpath], &[classpath], "good"),
            (&["MIT"], &["MIT"], &["MIT"], "denied"),
            (&["ISC"], &["MIT"], &["ISC OR Zlib"], "not allowed"),
            (&["MIT"], &[], &[], "unknown"),
            (&["MIT"], &[], &["NOASSERTION"], "unknown"),
            (&["MIT"], &[], &["see LICENSE"], "unknown"),
            (&["MIT"], &[], &["see LICENSE", "MIT"], "denied"),
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
