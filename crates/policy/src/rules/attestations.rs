//! `attestations`: a verified statement of a predicate type, by whom the rule names.
//!
//! An SBOM describes one platform, so every platform needs its own. Any other type counts on the digest that was
//! resolved, or on every platform below it.

use toolkit_oci::Digest;

use super::who::{Answer, Wanted, ask, candidates, expected};
use crate::evaluate::Context;
use crate::model::{AttestationRule, Rule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    for demand in &rule.require.attestations {
        let wanted = Wanted::Attestation(&demand.value.kind);
        let check = CheckId::Attestations(demand.value.kind.written.clone());
        let expected = expected(context, &demand.value.by, wanted);
        let result = || context.result(rule, check.clone(), demand.span, expected.clone());
        if !demand.value.kind.is_sbom() {
            results.push(result().answered(on_image(context, &demand.value)));
            continue;
        }
        if context.evidence.platforms.is_empty() {
            results.push(result().ended(
                Outcome::Fail,
                Code::NoPlatform,
                "no platform",
                Some("an SBOM describes a platform, and the image has none"),
            ));
        }
        for platform in &context.evidence.platforms {
            let answer = one(context, &demand.value, &platform.digest);
            results.push(result().for_platform(context, platform).answered(answer));
        }
    }
}

pub(super) fn one<'a>(
    context: &Context<'a>,
    demand: &AttestationRule,
    subject: &Digest,
) -> Answer<'a> {
    let wanted = Wanted::Attestation(&demand.kind);
    let candidates = candidates(context, subject, wanted);
    ask(context, &demand.by, subject, wanted, &candidates)
}

/// Judges a type that counts on the image as a whole, or on every platform.
fn on_image<'a>(context: &Context<'a>, demand: &AttestationRule) -> Answer<'a> {
    let whole = one(context, demand, &context.evidence.digest);
    let platforms: Vec<_> = context
        .evidence
        .platforms
        .iter()
        .filter(|platform| platform.digest != context.evidence.digest)
        .collect();
    if whole.outcome == Outcome::Pass || platforms.is_empty() {
        return whole;
    }
    let mut answers: Vec<(String, Answer<'a>)> = platforms
        .into_iter()
        .map(|platform| (platform.name(), one(context, demand, &platform.digest)))
        .collect();
    // Some platforms have it: then the first that has not is what is missing. None has: the image as a whole lacks it.
    let some = answers
        .iter()
        .any(|(_, answer)| answer.outcome == Outcome::Pass);
    let lacking = answers
        .iter()
        .enumerate()
        .max_by_key(|(at, (_, answer))| (answer.outcome, std::cmp::Reverse(*at)));
    let Some((at, (_, worst))) = lacking else {
        return whole;
    };
    if worst.outcome == Outcome::Pass {
        let used = answers
            .iter()
            .flat_map(|(_, answer)| answer.used.iter().copied())
            .collect();
        let (_, first) = answers.swap_remove(0);
        return Answer {
            used,
            found: format!("{}, on every platform", first.found),
            ..first
        };
    }
    // Either way would do, so the better of the two outcomes is the outcome.
    let outcome = worst.outcome.min(whole.outcome);
    if !some && whole.outcome == outcome {
        return whole;
    }
    let (name, answer) = answers.swap_remove(at);
    if answer.outcome == outcome {
        Answer {
            found: format!("{name}: {}", answer.found),
            ..answer
        }
    } else {
        whole
    }
}
