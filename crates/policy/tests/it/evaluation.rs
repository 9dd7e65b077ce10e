//! Verdicts on evidence that the public Sigstore instance signed: one fact changed a row.

use std::collections::BTreeMap;

use toolkit_attest::{ReasonCode, Refusal, Step};
use toolkit_oci::{Digest, Platform, Reference};
use toolkit_policy::{
    ConfigEvidence, DigestTyped, Evidence, ExceptionState, Gap, GapKind, Outcome, PlatformEvidence,
    ReferenceFacts, Refused, Standing, Verdict, check, evaluate,
};

use crate::data::{Real, folder, real};
use crate::faults::{now, render};

const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// GitHub's own attestation of an artifact: every field has its counterpart in the certificate.
const CERTIFIED: &str = "gh-cli/custom-issuer.sigstore.json";
/// Signed by a called workflow; its builder is GitHub's runner, which no certificate names.
const CLAIMED: &str = "gh-cli/reusable-workflow-attestation.sigstore.json";
/// Its `builder.id` is another workflow than the one that signed.
const DELEGATED: &str = "slsa-verifier/gha_delegator/v2.1.0/binary-linux-amd64-push-v14.build.slsa";
/// An attestation by a person.
const PERSON: &str = "cosign/oci-attestation.sigstore.json";

const IDENTITIES: &str = r#"version: 1
name: p
identities:
  ci: {kind: github, repository: too-legit/attest, workflow: .github/workflows/integration.yml, ref: refs/heads/main, issuer: "https://token.actions.githubusercontent.com/hammer-time"}
  other: {kind: github, repository: acme/widget}
  called: {kind: github, repository: malancas/attest-demo, workflow: github/artifact-attestations-workflows/.github/workflows/attest.yml}
  delegated: {kind: github, repository: slsa-framework/example-package}
  cody: {kind: email, address: cody@soyland.com, issuer: "https://github.com/login/oauth"}
"#;

fn policy(rest: &str) -> toolkit_policy::LoadedPolicy {
    let text = format!("{IDENTITIES}{rest}");
    let policy = check("policy.yaml", &text, now())
        .unwrap_or_else(|faults| panic!("{text}\n{}", render(&faults)));
    policy
        .load_keys(&BTreeMap::new())
        .expect("no keys are named")
}

/// A rule for every image with these requirements.
fn rule(require: &str) -> String {
    format!("rules:\n- id: r\n  require: {{{require}}}\n")
}

fn provenance() -> String {
    rule(concat!(
        r#"provenance: {by: ci, builders: ["https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main"], "#,
        r#"source: {repository: "https://github.com/too-legit/attest", refs: ["refs/heads/main"]}}"#
    ))
}

fn platform(digest: &Digest, name: &str, user: &str) -> PlatformEvidence {
    PlatformEvidence {
        digest: digest.clone(),
        platform: Some(Platform::parse(name).expect("a platform")),
        config: ConfigEvidence::Read {
            user: Some(user.to_owned()),
        },
    }
}

fn evidence(real: &Real) -> Evidence {
    Evidence {
        reference: ReferenceFacts {
            name: Some(Reference::parse("registry.example/acme/app:1").expect("a reference")),
            typed: DigestTyped::Yes,
        },
        digest: real.subject.clone(),
        platforms: vec![platform(&real.subject, "linux/amd64", "1000")],
        attestations: vec![real.verified.clone()],
        refused: Vec::new(),
        gaps: Vec::new(),
    }
}

fn refused(evidence: &Evidence, code: ReasonCode, claimed: Option<&str>) -> Refused {
    Refused {
        subject: evidence.digest.clone(),
        bundle: None,
        claimed_type: claimed.map(str::to_owned),
        refusal: Refusal::new(Step::Engine, code),
    }
}

fn gap(subject: &Digest, kind: GapKind) -> Gap {
    Gap {
        subject: subject.clone(),
        kind,
    }
}

fn unreachable() -> GapKind {
    GapKind::Unreachable {
        source: "the list of referrers".into(),
        reason: "503".into(),
    }
}

/// Verdict and the codes of everything that stands against the image, with the platform.
fn summary(verdict: &Verdict) -> (&'static str, Vec<String>) {
    let open = verdict.report().open().map(|result| {
        let platform = result
            .platform
            .as_ref()
            .map(|platform| format!(" {platform}"))
            .unwrap_or_default();
        format!("{} {}{platform}", result.check, result.code)
    });
    (verdict.as_str(), open.collect())
}

type Change = fn(&mut Evidence);

#[test]
fn each_change_of_evidence_changes_the_verdict() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let signed = rule("signatures: ci");
    let sbom = rule("attestations: [{type: cyclonedx, by: ci}]");
    let by_type = rule(r#"attestations: [{type: "https://slsa.dev/provenance/v1", by: ci}]"#);
    let user = rule("image: {user: nonRoot}");
    let reference = rule("reference: {registries: [registry.example], digestRequired: true}");
    let matching = format!(
        "{}noMatch: deny\n",
        provenance().replace(
            "  require",
            "  match: {images: [registry.example/acme/**]}\n  require"
        )
    );
    let allowing = matching.replace("noMatch: deny", "noMatch: allow");
    let rows: Vec<(&str, String, Change, &str, &[&str])> = vec![
        ("provenance as it is", provenance(), |_| {}, "allow", &[]),
        (
            "no provenance",
            provenance(),
            |e| e.attestations.clear(),
            "deny",
            &["provenance attestation.missing"],
        ),
        (
            "no provenance, a source did not answer",
            provenance(),
            |e| {
                e.attestations.clear();
                e.gaps.push(gap(&e.digest.clone(), unreachable()));
            },
            "undecided",
            &["provenance evidence.unreachable"],
        ),
        (
            "no provenance, a source of another image did not answer",
            provenance(),
            |e| {
                e.attestations.clear();
                e.gaps.push(gap(&Digest::sha256(b"other"), unreachable()));
            },
            "deny",
            &["provenance attestation.missing"],
        ),
        (
            "no provenance, only older attestations",
            provenance(),
            |e| {
                e.attestations.clear();
                e.gaps
                    .push(gap(&e.digest.clone(), GapKind::LegacyAttestation));
            },
            "undecided",
            &["provenance evidence.unsupported"],
        ),
        (
            "no provenance, only older signatures",
            provenance(),
            |e| {
                e.attestations.clear();
                e.gaps
                    .push(gap(&e.digest.clone(), GapKind::LegacySignature));
            },
            "deny",
            &["provenance attestation.missing"],
        ),
        (
            "provenance that was refused",
            provenance(),
            |e| {
                e.attestations.clear();
                e.refused
                    .push(refused(e, ReasonCode::SignatureInvalid, Some(PROVENANCE)));
            },
            "deny",
            &["provenance evidence.refused.signature-invalid"],
        ),
        (
            "evidence of another type that was refused",
            provenance(),
            |e| {
                e.attestations.clear();
                e.refused.push(refused(
                    e,
                    ReasonCode::SignatureInvalid,
                    Some("https://cyclonedx.org/bom"),
                ));
            },
            "deny",
            &["provenance attestation.missing"],
        ),
        (
            "something unreadable instead of provenance",
            provenance(),
            |e| {
                e.attestations.clear();
                e.refused
                    .push(refused(e, ReasonCode::BundleMalformed, None));
            },
            "undecided",
            &["provenance evidence.unreadable.bundle-malformed"],
        ),
        (
            "strange evidence beside good evidence",
            provenance(),
            |e| {
                e.refused
                    .push(refused(e, ReasonCode::SignatureInvalid, Some(PROVENANCE)));
                e.refused
                    .push(refused(e, ReasonCode::BundleMalformed, None));
                e.gaps.push(gap(&e.digest.clone(), unreachable()));
            },
            "allow",
            &[],
        ),
        (
            "an attestation is no signature",
            signed.clone(),
            |_| {},
            "deny",
            &["signatures signature.missing"],
        ),
        (
            "no signature, a source did not answer",
            signed.clone(),
            |e| e.gaps.push(gap(&e.digest.clone(), unreachable())),
            "undecided",
            &["signatures evidence.unreachable"],
        ),
        (
            "only an older signature",
            signed,
            |e| {
                e.gaps
                    .push(gap(&e.digest.clone(), GapKind::LegacySignature))
            },
            "undecided",
            &["signatures evidence.unsupported"],
        ),
        ("a type by its URI", by_type.clone(), |_| {}, "allow", &[]),
        (
            "a type on every platform of an index",
            by_type.clone(),
            |e| e.digest = Digest::sha256(b"index"),
            "allow",
            &[],
        ),
        (
            "a type on one platform of two",
            by_type,
            |e| {
                e.digest = Digest::sha256(b"index");
                e.platforms
                    .push(platform(&Digest::sha256(b"arm"), "linux/arm64", "1000"));
            },
            "deny",
            &["attestations.https://slsa.dev/provenance/v1 attestation.missing"],
        ),
        (
            "no SBOM",
            sbom.clone(),
            |_| {},
            "deny",
            &["attestations.cyclonedx attestation.missing"],
        ),
        (
            "no SBOM of either platform",
            sbom.clone(),
            |e| {
                e.platforms
                    .push(platform(&Digest::sha256(b"arm"), "linux/arm64", "1000"))
            },
            "deny",
            &[
                "attestations.cyclonedx attestation.missing linux/amd64",
                "attestations.cyclonedx attestation.missing linux/arm64",
            ],
        ),
        (
            "an SBOM of no platform",
            sbom,
            |e| e.platforms.clear(),
            "deny",
            &["attestations.cyclonedx image.no-platform"],
        ),
        ("a user with a number", user.clone(), |_| {}, "allow", &[]),
        (
            "root",
            user.clone(),
            |e| {
                e.platforms[0].config = ConfigEvidence::Read {
                    user: Some("0:0".into()),
                }
            },
            "deny",
            &["image.user image.user-root"],
        ),
        (
            "no user",
            user.clone(),
            |e| e.platforms[0].config = ConfigEvidence::Read { user: None },
            "deny",
            &["image.user image.user-absent"],
        ),
        (
            "a user by name",
            user.clone(),
            |e| {
                e.platforms[0].config = ConfigEvidence::Read {
                    user: Some("nginx".into()),
                }
            },
            "undecided",
            &["image.user image.user-named"],
        ),
        (
            "a configuration that was not read",
            user.clone(),
            |e| {
                e.platforms[0].config = ConfigEvidence::Unavailable {
                    reason: "503".into(),
                }
            },
            "undecided",
            &["image.user image.config-unavailable"],
        ),
        (
            "deny beats undecided",
            user.clone(),
            |e| {
                e.platforms[0].config = ConfigEvidence::Read {
                    user: Some("nginx".into()),
                };
                e.platforms
                    .push(platform(&Digest::sha256(b"arm"), "linux/arm64", "root"));
                e.platforms
                    .push(platform(&Digest::sha256(b"riscv"), "linux/riscv64", "7"));
            },
            "deny",
            &[
                "image.user image.user-named linux/amd64",
                "image.user image.user-root linux/arm64",
            ],
        ),
        (
            "nothing to run",
            user,
            |e| e.platforms.clear(),
            "deny",
            &["image.user image.no-platform"],
        ),
        (
            "registry and digest",
            reference.clone(),
            |_| {},
            "allow",
            &[],
        ),
        (
            "another registry, no digest",
            reference.clone(),
            |e| {
                e.reference.name = Some(
                    Reference::parse("registry.example.evil.example/acme/app")
                        .expect("a reference"),
                );
                e.reference.typed = DigestTyped::No;
            },
            "deny",
            &[
                "reference.registry reference.registry-not-allowed",
                "reference.digest reference.digest-not-typed",
            ],
        ),
        (
            "a local image",
            reference,
            |e| e.reference.name = None,
            "deny",
            &[
                "reference.registry reference.local",
                "reference.digest reference.local",
            ],
        ),
        (
            "a rule that matches",
            matching.clone(),
            |_| {},
            "allow",
            &[],
        ),
        (
            "no rule matches",
            matching.clone(),
            |e| e.reference.name = Some(Reference::parse("acme/app").expect("a reference")),
            "deny",
            &["match match.none"],
        ),
        (
            "no rule matches a local image",
            matching,
            |e| e.reference.name = None,
            "deny",
            &["match match.none"],
        ),
        (
            "no rule matches, which is allowed",
            allowing,
            |e| e.reference.name = None,
            "allow",
            &[],
        ),
    ];
    for (name, text, change, expected, codes) in rows {
        let policy = policy(&text);
        let mut evidence = evidence(&real);
        change(&mut evidence);
        let verdict = evaluate(&policy, &evidence, now());
        let (found, found_codes) = summary(&verdict);
        assert_eq!(
            (
                found,
                found_codes.iter().map(String::as_str).collect::<Vec<_>>()
            ),
            (expected, codes.to_vec()),
            "{name}"
        );
        assert_eq!(
            verdict,
            evaluate(&policy, &evidence, now()),
            "{name}: another verdict the second time"
        );
        for result in verdict.report().open() {
            assert!(
                result.next.is_some() && !result.expected.is_empty() && !result.found.is_empty(),
                "{name}: {result:?}"
            );
        }
    }
}

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
            &["provenance.certificate provenance.contradicted"],
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
        assert_eq!(builder.outcome, Outcome::Pass, "{bundle}");
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

#[test]
fn exceptions_cover_what_they_name_until_they_end() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let root: Change = |e| e.platforms[0].config = ConfigEvidence::Read { user: None };
    let user = rule("image: {user: nonRoot}");
    let sbom = rule("attestations: [{type: cyclonedx, by: ci}]");
    let pinned = format!("\"registry.example/acme/app@{}\"", real.subject);
    let other = format!("\"registry.example/acme/app@{}\"", Digest::sha256(b"other"));
    for (rules, change, check, image, now, expected, state) in [
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            pinned.as_str(),
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            other.as_str(),
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/web",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            root,
            "reference.digest",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2027-01-31T23:59:59Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &user,
            root,
            "image.user",
            "registry.example/acme/*",
            "2027-02-01T00:00:00Z",
            "deny",
            ExceptionState::Expired,
        ),
        (
            &user,
            |_| {},
            "image.user",
            "registry.example/acme/*",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Unused,
        ),
        (
            &user,
            |e| e.reference.name = None,
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::OtherImage,
        ),
        (
            &user,
            |e| {
                e.platforms[0].config = ConfigEvidence::Read {
                    user: Some("nginx".into()),
                }
            },
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        // What was not looked at may be worse than what is excepted.
        (
            &user,
            |e| {
                e.platforms[0].config = ConfigEvidence::Unavailable {
                    reason: "503".into(),
                }
            },
            "image.user",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "undecided",
            ExceptionState::Unused,
        ),
        (
            &sbom,
            |_| {},
            "attestations.cyclonedx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "allow",
            ExceptionState::Applied,
        ),
        (
            &sbom,
            |_| {},
            "attestations.spdx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
        (
            &sbom,
            |e| {
                e.refused.push(refused(
                    e,
                    ReasonCode::SignatureInvalid,
                    Some("https://cyclonedx.org/bom"),
                ))
            },
            "attestations.cyclonedx",
            "\"**\"",
            "2026-11-24T00:00:00Z",
            "deny",
            ExceptionState::Unused,
        ),
    ]
        as [(&String, Change, &str, &str, &str, &str, ExceptionState); 14]
    {
        let exception = format!(
            "exceptions:\n- {{id: E1, checks: [{check}], images: [{image}], owner: ops, reason: rebuilt in January, expires: 2027-01-31}}\n"
        );
        let policy = policy(&format!("{rules}{exception}"));
        let mut evidence = evidence(&real);
        change(&mut evidence);
        let verdict = evaluate(&policy, &evidence, now.parse().expect("a time"));
        let report = verdict.report();
        assert_eq!(
            (verdict.as_str(), report.exceptions[0].state),
            (expected, state),
            "{check} {image} {now}"
        );
        let covered = report
            .results
            .iter()
            .filter(|result| result.excepted_by.as_deref() == Some("E1"))
            .count();
        assert_eq!(
            covered > 0,
            state == ExceptionState::Applied,
            "{check} {image} {now}"
        );
    }
}

#[test]
fn evidence_that_nobody_named_is_listed() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, CERTIFIED);
    let mut evidence = evidence(&real);
    evidence
        .refused
        .push(refused(&evidence, ReasonCode::SctInvalid, Some(PROVENANCE)));
    let report = |text: &str| evaluate(&policy(text), &evidence, now()).report().clone();
    let unused = report(&provenance()).unused_evidence;
    assert_eq!(unused.len(), 1, "{unused:?}");
    assert_eq!(unused[0].refusal.as_deref(), Some("sct-invalid"));
    let unused = report(&rule("image: {user: nonRoot}")).unused_evidence;
    assert_eq!(unused.len(), 2, "{unused:?}");
    assert_eq!(unused[0].predicate_type.as_deref(), Some(PROVENANCE));
}
