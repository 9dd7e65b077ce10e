//! The same policy, other evidence.

use toolkit_attest::ReasonCode;
use toolkit_oci::{Digest, Reference};
use toolkit_policy::{ConfigEvidence, DigestTyped, GapKind, evaluate};

use super::{
    CERTIFIED, Change, OLDER, PROVENANCE, evidence, gap, platform, policy, provenance, refused,
    rule, summary, unreachable,
};
use crate::data::{folder, real};
use crate::faults::now;

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

#[test]
fn older_provenance_leaves_the_question_open() {
    let Some(folder) = folder() else { return };
    let real = real(&folder, OLDER);
    for (by, expected, code) in [
        ("delegated", "undecided", "provenance evidence.unsupported"),
        ("ci", "deny", "provenance attestation.missing"),
    ] {
        let policy = policy(&rule(&format!("provenance: {{by: {by}}}")));
        let verdict = evaluate(&policy, &evidence(&real), now());
        assert_eq!(summary(&verdict), (expected, vec![code.to_owned()]));
        let found = &verdict.report().results[0].found;
        let says = found.contains(
            "of type `https://slsa.dev/provenance/v0.2`, and only `https://slsa.dev/provenance/v1` is judged",
        );
        assert_eq!(says, by == "delegated", "{found}");
    }
    // What is wrong with newer provenance is not hidden by older one.
    let mut seen = evidence(&real);
    seen.refused.push(refused(
        &seen,
        ReasonCode::SignatureInvalid,
        Some(PROVENANCE),
    ));
    let verdict = evaluate(&policy(&rule("provenance: {by: delegated}")), &seen, now());
    assert_eq!(summary(&verdict).0, "deny");
}
