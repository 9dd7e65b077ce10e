//! The same evidence, other requirements.

use toolkit_policy::{Outcome, Standing, evaluate};

use super::{CERTIFIED, CLAIMED, DELEGATED, PERSON, evidence, policy, provenance, rule, summary};
use crate::data::{folder, real};
use crate::faults::now;

#[test]
fn each_change_of_policy_changes_the_verdict() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let base = provenance();
    let changed = |from: &str, to: &str| {
        assert!(base.contains(from), "{from}");
        base.replace(from, to)
    };
    let by = |who: &str| changed("by: ci", &format!("by: {who}"));
    for (text, expected, codes) in [
        (
            changed(
                "integration.yml@refs/heads/main\"",
                "integration.yml@refs/tags/v*\"",
            ),
            "deny",
            &["provenance.builder provenance.builder-not-allowed"][..],
        ),
        (
            changed("integration.yml@refs/heads/main\"", "integration.yml@**\""),
            "allow",
            &[],
        ),
        (
            changed(
                "repository: \"https://github.com/too-legit/attest\"",
                "repository: \"https://github.com/too-legit/*\"",
            ),
            "allow",
            &[],
        ),
        (
            changed(
                "repository: \"https://github.com/too-legit/attest\"",
                "repository: \"https://github.com/too-legit/attes\"",
            ),
            "deny",
            &["provenance.source provenance.source-not-allowed"],
        ),
        (
            changed("refs: [\"refs/heads/main\"]", "refs: [\"refs/tags/*\"]"),
            "deny",
            &["provenance.ref provenance.ref-not-allowed"],
        ),
        (by("other"), "deny", &["provenance identity.mismatch"]),
        (by("{anyOf: [other, ci]}"), "allow", &[]),
        (
            by("{allOf: [other, ci]}"),
            "deny",
            &["provenance identity.mismatch"],
        ),
        (by("{atLeast: {n: 1, of: [other, ci]}}"), "allow", &[]),
        (
            by("{atLeast: {n: 2, of: [other, ci]}}"),
            "deny",
            &["provenance identity.mismatch"],
        ),
    ] {
        let verdict = evaluate(&policy(&text), &evidence(&real), now());
        let (found, found_codes) = summary(&verdict);
        assert_eq!(
            (
                found,
                found_codes.iter().map(String::as_str).collect::<Vec<_>>()
            ),
            (expected, codes.to_vec()),
            "{text}"
        );
    }
}

#[test]
fn a_mismatch_names_both_values_and_the_place() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let text = provenance().replace("by: ci", "by: other");
    let verdict = evaluate(&policy(&text), &evidence(&real), now());
    let result = &verdict.report().results[0];
    assert_eq!(
        result.expected,
        "provenance by other; other is GitHub acme/widget"
    );
    assert_eq!(
        result.found,
        "provenance by `https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main` of \
         https://token.actions.githubusercontent.com/hammer-time (not other: issuer: expected \
         `https://token.actions.githubusercontent.com`, found `https://token.actions.githubusercontent.com/hammer-time`)"
    );
    assert_eq!(result.at.map(|at| (at.line, at.column)), Some((11, 13)));
}

#[test]
fn provenance_is_compared_with_its_certificate() {
    let Some(folder) = folder() else { return };
    for (bundle, by, builder, expected, codes, standing) in [
        (
            CERTIFIED,
            "ci",
            "https://github.com/too-legit/**",
            "allow",
            &[][..],
            Standing::Certified,
        ),
        (
            CLAIMED,
            "called",
            "https://github.com/actions/runner/github-hosted",
            "allow",
            &[],
            Standing::Claimed,
        ),
        (
            DELEGATED,
            "delegated",
            "https://github.com/slsa-framework/**",
            "deny",
            &[
                "provenance.certificate provenance.contradicted",
                "provenance.builder provenance.contradicted",
            ],
            Standing::Contradicted,
        ),
    ] {
        let real = real(&folder, bundle);
        let policy = policy(&rule(&format!(
            "provenance: {{by: {by}, builders: [\"{builder}\"]}}"
        )));
        let verdict = evaluate(&policy, &evidence(&real), now());
        let (found, found_codes) = summary(&verdict);
        assert_eq!(
            (
                found,
                found_codes.iter().map(String::as_str).collect::<Vec<_>>()
            ),
            (expected, codes.to_vec()),
            "{bundle}"
        );
        let results = &verdict.report().results;
        let builder = results
            .iter()
            .find(|result| result.check.to_string() == "provenance.builder")
            .expect("the builder was judged");
        assert_eq!(builder.standing, Some(standing), "{bundle}");
        let outcome = match standing {
            Standing::Contradicted => Outcome::Fail,
            _ => Outcome::Pass,
        };
        assert_eq!(builder.outcome, outcome, "{bundle}");
    }
}

#[test]
fn a_person_is_an_identity() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, PERSON);
    let verdict = evaluate(
        &policy(&rule("attestations: [{type: custom, by: cody}]")),
        &evidence(&real),
        now(),
    );
    assert_eq!(summary(&verdict), ("allow", vec![]));
    let verdict = evaluate(
        &policy(&rule("attestations: [{type: custom, by: ci}]")),
        &evidence(&real),
        now(),
    );
    assert_eq!(
        summary(&verdict),
        (
            "deny",
            vec!["attestations.custom identity.mismatch".to_owned()]
        )
    );
}
