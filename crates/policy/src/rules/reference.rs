//! `reference`: how the image was named.
//!
//! A local image without a name fails: nothing about its name can hold.

use crate::evaluate::Context;
use crate::evidence::DigestTyped;
use crate::model::Rule;
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let facts = &context.evidence.reference;
    let local = "a local image without a registry";
    let name_it = Some("push it to a registry and name it there");
    if let Some(demand) = &rule.require.reference.registries {
        let expected = demand
            .value
            .iter()
            .map(|registry| format!("`{registry}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        let result = context.result(
            rule,
            CheckId::ReferenceRegistry,
            demand.span,
            format!("registry {expected}"),
        );
        results.push(match &facts.name {
            None => result.ended(Outcome::Fail, Code::ReferenceLocal, local, name_it),
            Some(name)
                if demand
                    .value
                    .iter()
                    .any(|registry| registry.matches(name.registry())) =>
            {
                result.ended(
                    Outcome::Pass,
                    Code::Ok,
                    &format!("registry `{}`", name.registry()),
                    None,
                )
            }
            Some(name) => {
                let found = format!("registry `{}`", name.registry());
                result.ended(
                    Outcome::Fail,
                    Code::RegistryNotAllowed,
                    &found,
                    Some("use the image from an allowed registry"),
                )
            }
        });
    }
    if let Some(demand) = &rule.require.reference.digest_required {
        let result = context.result(
            rule,
            CheckId::ReferenceDigest,
            demand.span,
            "a reference with a digest".to_owned(),
        );
        results.push(match (&facts.name, facts.typed) {
            (None, _) => result.ended(Outcome::Fail, Code::ReferenceLocal, local, name_it),
            (Some(_), DigestTyped::Yes) => result.ended(Outcome::Pass, Code::Ok, "a digest", None),
            (Some(_), DigestTyped::No) => {
                let next = format!("name it as `@{}`", context.evidence.digest);
                result.ended(
                    Outcome::Fail,
                    Code::DigestNotTyped,
                    "a reference without a digest",
                    Some(&next),
                )
            }
        });
    }
}
