//! One signed image; one fact of image, evidence, policy or registry changed a row.

use std::collections::BTreeMap;

use serde_json::json;
use toolkit_attest::Statement;
use toolkit_gate::NamedBundle;
use toolkit_lab::{GithubClaims, ReferrersFault, RegistryFault, RegistryKind};
use toolkit_oci::Digest;

use crate::world::{
    REPOSITORY, Signed, TAG, World, build, provenance, sbom, stranger_key, summary,
};

const KINDS: [RegistryKind; 2] = [RegistryKind::WithReferrers, RegistryKind::WithoutReferrers];

fn assert_verdict(
    world: &World,
    target: &str,
    kind: RegistryKind,
    text: &str,
    expected: &str,
    codes: &[&str],
    name: &str,
) {
    let verdict = world
        .verify(
            &world.target(kind, target),
            &world.loaded(text, &BTreeMap::new()),
            &[],
        )
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let (found, found_codes) = summary(&verdict);
    assert_eq!(
        (
            found,
            found_codes.iter().map(String::as_str).collect::<Vec<_>>()
        ),
        (expected, codes.to_vec()),
        "{name}"
    );
}

#[test]
fn a_signed_image_is_allowed_wherever_it_is() {
    let world = World::new();
    for kind in KINDS {
        let signed = world.publish(kind);
        let image = format!("{REPOSITORY}:{TAG}");
        assert_verdict(
            &world,
            &image,
            kind,
            &world.policy_text(),
            "allow",
            &[],
            "the index",
        );
        // A platform alone has its provenance and SBOM, but the signature is the index's.
        let platform = format!("{REPOSITORY}@{}", signed.platforms[0]);
        assert_verdict(
            &world,
            &platform,
            kind,
            &world.policy_text(),
            "deny",
            &["signatures signature.missing"],
            "a platform",
        );
    }
}

#[test]
fn each_change_of_policy_changes_the_verdict() {
    let world = World::new();
    world.publish(RegistryKind::WithReferrers);
    let text = world.policy_text();
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    let host = world.lab.registry();
    let rows: Vec<(&str, String, &str, &[&str])> = vec![
        (
            "another repository",
            replaced("repository: acme/widget", "repository: acme/gadget"),
            "deny",
            &[
                "signatures identity.mismatch",
                "attestations.cyclonedx identity.mismatch linux/amd64",
                "attestations.cyclonedx identity.mismatch linux/arm64",
                "provenance identity.mismatch",
            ],
        ),
        (
            "another signer",
            replaced("signatures: release", "signatures: alice"),
            "deny",
            &["signatures identity.mismatch"],
        ),
        (
            "any of two signers",
            replaced(
                "signatures: release",
                "signatures: {anyOf: [alice, release]}",
            ),
            "allow",
            &[],
        ),
        (
            "both signers",
            replaced(
                "signatures: release",
                "signatures: {allOf: [alice, release]}",
            ),
            "deny",
            &["signatures identity.mismatch"],
        ),
        (
            "one of two signers",
            replaced(
                "signatures: release",
                "signatures: {atLeast: {n: 1, of: [alice, release]}}",
            ),
            "allow",
            &[],
        ),
        (
            "two of two signers",
            replaced(
                "signatures: release",
                "signatures: {atLeast: {n: 2, of: [alice, release]}}",
            ),
            "deny",
            &["signatures identity.mismatch"],
        ),
        (
            "another SBOM",
            replaced("type: cyclonedx", "type: spdx"),
            "deny",
            &[
                "attestations.spdx attestation.missing linux/amd64",
                "attestations.spdx attestation.missing linux/arm64",
            ],
        ),
        (
            "another builder",
            replaced(
                "workflows/release.yml@refs/heads/main\"",
                "workflows/other.yml@refs/heads/main\"",
            ),
            "deny",
            &["provenance.builder provenance.builder-not-allowed"],
        ),
        (
            "another source",
            replaced(
                "https://github.com/acme/widget\", refs",
                "https://github.com/acme/gadget\", refs",
            ),
            "deny",
            &["provenance.source provenance.source-not-allowed"],
        ),
        (
            "another ref",
            replaced("refs: [refs/heads/main]", "refs: [\"refs/tags/v*\"]"),
            "deny",
            &["provenance.ref provenance.ref-not-allowed"],
        ),
        (
            "another registry",
            replaced(&format!("registries: [\"{host}\", "), "registries: ["),
            "deny",
            &["reference.registry reference.registry-not-allowed"],
        ),
        (
            "a digest is required",
            replaced("reference: {", "reference: {digestRequired: true, "),
            "deny",
            &["reference.digest reference.digest-not-typed"],
        ),
        (
            "no rule matches",
            replaced("/acme/**", "/other/**"),
            "deny",
            &["match match.none"],
        ),
        (
            "no rule matches, allowed",
            format!("{}noMatch: allow\n", replaced("/acme/**", "/other/**")),
            "allow",
            &[],
        ),
    ];
    for (name, text, expected, codes) in rows {
        assert_verdict(
            &world,
            &format!("{REPOSITORY}:{TAG}"),
            RegistryKind::WithReferrers,
            &text,
            expected,
            codes,
            name,
        );
    }
}

#[test]
fn each_change_of_evidence_changes_the_verdict() {
    type Publish = fn(&World) -> Signed;
    let kind = RegistryKind::WithReferrers;
    /// Pushes the image and attaches nothing but what the row says.
    fn bare(
        world: &World,
        attach: impl FnOnce(&World, &Signed, &mut toolkit_attest::Session),
    ) -> Signed {
        let signed = world.push(RegistryKind::WithReferrers, "1000");
        let mut session = world.session(GithubClaims::new(REPOSITORY));
        attach(world, &signed, &mut session);
        signed
    }
    fn sign(world: &World, signed: &Signed, session: &mut toolkit_attest::Session) {
        world.attach(
            &world.repository(RegistryKind::WithReferrers),
            &signed.index,
            session,
            &Statement::image_signature(&signed.index),
        );
    }
    fn sboms(world: &World, signed: &Signed, session: &mut toolkit_attest::Session) {
        for platform in &signed.platforms {
            world.attach(
                &world.repository(RegistryKind::WithReferrers),
                platform,
                session,
                &sbom(platform),
            );
        }
    }
    fn built(
        world: &World,
        signed: &Signed,
        session: &mut toolkit_attest::Session,
        predicate: &serde_json::Value,
    ) {
        let repository = world.repository(RegistryKind::WithReferrers);
        world.attach(
            &repository,
            &signed.index,
            session,
            &provenance(signed, predicate),
        );
    }
    fn with_build(change: fn(&mut serde_json::Value), world: &World) -> Signed {
        bare(world, |world, signed, session| {
            sign(world, signed, session);
            sboms(world, signed, session);
            built(world, signed, session, &build(change));
        })
    }
    let rows: Vec<(&str, Publish, &str, &[&str])> = vec![
        (
            "everything",
            |world| with_build(|_| {}, world),
            "allow",
            &[],
        ),
        (
            "nothing",
            |world| bare(world, |_, _, _| {}),
            "deny",
            &[
                "signatures signature.missing",
                "attestations.cyclonedx attestation.missing linux/amd64",
                "attestations.cyclonedx attestation.missing linux/arm64",
                "provenance attestation.missing",
            ],
        ),
        (
            "no signature",
            |world| {
                bare(world, |world, signed, session| {
                    sboms(world, signed, session);
                    built(world, signed, session, &build(|_| {}));
                })
            },
            "deny",
            &["signatures signature.missing"],
        ),
        (
            "a signature by a person instead",
            |world| {
                bare(world, |world, signed, session| {
                    sign(world, signed, &mut world.person("mallory@example.com"));
                    sboms(world, signed, session);
                    built(world, signed, session, &build(|_| {}));
                })
            },
            "deny",
            &["signatures identity.mismatch"],
        ),
        (
            "a signature by a person beside",
            |world| {
                bare(world, |world, signed, session| {
                    sign(world, signed, &mut world.person("mallory@example.com"));
                    sign(world, signed, session);
                    sboms(world, signed, session);
                    built(world, signed, session, &build(|_| {}));
                })
            },
            "allow",
            &[],
        ),
        (
            "the SBOM of one platform only",
            |world| {
                bare(world, |world, signed, session| {
                    sign(world, signed, session);
                    world.attach(
                        &world.repository(RegistryKind::WithReferrers),
                        &signed.platforms[0],
                        session,
                        &sbom(&signed.platforms[0]),
                    );
                    built(world, signed, session, &build(|_| {}));
                })
            },
            "deny",
            &["attestations.cyclonedx attestation.missing linux/arm64"],
        ),
        (
            "the SBOM of the index only",
            |world| {
                bare(world, |world, signed, session| {
                    sign(world, signed, session);
                    world.attach(
                        &world.repository(RegistryKind::WithReferrers),
                        &signed.index,
                        session,
                        &sbom(&signed.index),
                    );
                    built(world, signed, session, &build(|_| {}));
                })
            },
            "deny",
            &[
                "attestations.cyclonedx attestation.missing linux/amd64",
                "attestations.cyclonedx attestation.missing linux/arm64",
            ],
        ),
        (
            "no provenance",
            |world| {
                bare(world, |world, signed, session| {
                    sign(world, signed, session);
                    sboms(world, signed, session);
                })
            },
            "deny",
            &["provenance attestation.missing"],
        ),
        (
            "provenance without source",
            |world| {
                with_build(
                    |p| p["buildDefinition"]["resolvedDependencies"] = json!([]),
                    world,
                )
            },
            "deny",
            &[
                "provenance.source provenance.field-missing",
                "provenance.ref provenance.field-missing",
            ],
        ),
        (
            "provenance with another source",
            |world| {
                with_build(
                    |p| {
                        p["buildDefinition"]["resolvedDependencies"][0]["uri"] =
                            json!("git+https://github.com/mallory/widget@refs/heads/main");
                    },
                    world,
                )
            },
            "deny",
            &[
                "provenance.certificate provenance.contradicted",
                "provenance.source provenance.contradicted",
            ],
        ),
        (
            "provenance with another ref",
            |world| {
                with_build(
                    |p| {
                        p["buildDefinition"]["resolvedDependencies"][0]["uri"] =
                            json!("git+https://github.com/acme/widget@refs/tags/v1");
                    },
                    world,
                )
            },
            "deny",
            &[
                "provenance.certificate provenance.contradicted",
                "provenance.ref provenance.contradicted",
            ],
        ),
        (
            "provenance with another commit",
            |world| {
                with_build(
                    |p| {
                        p["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] =
                            json!("0123456789012345678901234567890123456789");
                    },
                    world,
                )
            },
            "deny",
            &["provenance.certificate provenance.contradicted"],
        ),
        (
            "provenance with another builder",
            |world| {
                with_build(
                    |p| {
                        p["runDetails"]["builder"]["id"] = json!(
                            "https://github.com/acme/widget/.github/workflows/other.yml@refs/heads/main"
                        );
                    },
                    world,
                )
            },
            "deny",
            &[
                "provenance.certificate provenance.contradicted",
                "provenance.builder provenance.contradicted",
            ],
        ),
        (
            "provenance with another workflow",
            |world| {
                with_build(
                    |p| {
                        p["buildDefinition"]["externalParameters"]["workflow"]["path"] =
                            json!(".github/workflows/other.yml");
                    },
                    world,
                )
            },
            "deny",
            &["provenance.certificate provenance.contradicted"],
        ),
        (
            "provenance with a builder that is no workflow",
            |world| {
                with_build(
                    |p| {
                        p["runDetails"]["builder"]["id"] = json!("https://builder.example/");
                    },
                    world,
                )
            },
            "deny",
            &["provenance.builder provenance.builder-not-allowed"],
        ),
        (
            "provenance without builder",
            |world| with_build(|p| p["runDetails"] = json!({}), world),
            "deny",
            &["provenance.certificate provenance.field-missing"],
        ),
        (
            "root on one platform",
            |world| {
                world.publish_as(
                    RegistryKind::WithReferrers,
                    GithubClaims::new(REPOSITORY),
                    "0",
                )
            },
            "deny",
            &["image.user image.user-root linux/arm64"],
        ),
        (
            "a user by name on one platform",
            |world| {
                world.publish_as(
                    RegistryKind::WithReferrers,
                    GithubClaims::new(REPOSITORY),
                    "nginx",
                )
            },
            "undecided",
            &["image.user image.user-named linux/arm64"],
        ),
        (
            "signed from a pull request",
            |world| {
                let claims = GithubClaims {
                    reference: "refs/pull/7/merge".to_owned(),
                    ..GithubClaims::new(REPOSITORY)
                };
                world.publish_as(RegistryKind::WithReferrers, claims, "1000")
            },
            "deny",
            &[
                "signatures identity.mismatch",
                "attestations.cyclonedx identity.mismatch linux/amd64",
                "attestations.cyclonedx identity.mismatch linux/arm64",
                "provenance identity.mismatch",
            ],
        ),
    ];
    for (name, publish, expected, codes) in rows {
        let world = World::new();
        publish(&world);
        assert_verdict(
            &world,
            &format!("{REPOSITORY}:{TAG}"),
            kind,
            &world.policy_text(),
            expected,
            codes,
            name,
        );
    }
}

#[test]
fn a_registry_that_does_not_answer_leaves_it_open() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    world.publish(kind);
    let target = format!("{REPOSITORY}:{TAG}");
    let text = world.policy_text();
    let missing = text.replace("type: cyclonedx", "type: spdx");
    let open = [
        "attestations.spdx evidence.unreachable linux/amd64",
        "attestations.spdx evidence.unreachable linux/arm64",
    ];
    for (fault, text, expected, codes) in [
        (
            ReferrersFault::Status(503),
            &missing,
            "undecided",
            &open[..],
        ),
        (ReferrersFault::Status(401), &missing, "undecided", &open),
        (ReferrersFault::Cut, &missing, "undecided", &open),
        (ReferrersFault::Pages(1), &text, "allow", &[]),
        (ReferrersFault::NoFilter, &text, "allow", &[]),
        (
            ReferrersFault::ArtifactType("application/vnd.oci.empty.v1+json".to_owned()),
            &text,
            "allow",
            &[],
        ),
    ] {
        let name = format!("{fault:?}");
        world
            .lab
            .faults()
            .registry(kind)
            .add(RegistryFault::Referrers(fault));
        let verdict = world
            .verify(
                &world.target(kind, &target),
                &world.loaded(text, &BTreeMap::new()),
                &[],
            )
            .expect("a verdict");
        let (found, found_codes) = summary(&verdict);
        world.lab.faults().clear();
        if expected == "undecided" {
            // Everything else is as open.
            assert_eq!(found, expected, "{name}: {found_codes:?}");
            for code in codes {
                assert!(
                    found_codes.iter().any(|found| found == code),
                    "{name}: {found_codes:?}"
                );
            }
        } else {
            assert_eq!((found, found_codes), (expected, vec![]), "{name}");
        }
    }
}

#[test]
fn older_signatures_are_not_read() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    let signed = world.publish(kind);
    let repository = world.repository(kind);
    let image = repository
        .manifest_by_digest(&signed.platforms[0])
        .expect("an answer")
        .expect("it is there");
    let tag = format!("sha256-{}.sig", signed.index.hex());
    repository
        .publish(&image, Some(&tag))
        .expect("it is tagged");
    let target = format!("{REPOSITORY}:{TAG}");
    assert_verdict(
        &world,
        &target,
        kind,
        &world.policy_text(),
        "allow",
        &[],
        "beside a good signature",
    );
    let text = world
        .policy_text()
        .replace("signatures: release", "signatures: alice");
    assert_verdict(
        &world,
        &target,
        kind,
        &text,
        "undecided",
        &["signatures evidence.unsupported"],
        "instead of one",
    );
}

#[test]
fn a_bundle_can_be_named() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    let signed = world.publish(kind);
    let text = world
        .policy_text()
        .replace("signatures: release", "signatures: alice");
    let policy = world.loaded(&text, &BTreeMap::new());
    let target = world.target(kind, &format!("{REPOSITORY}:{TAG}"));
    let bundle = |digest: &Digest| {
        let signed = world
            .person("alice@example.com")
            .sign_statement(&Statement::image_signature(digest))
            .expect("it is signed");
        NamedBundle {
            name: "image.sigstore.json".to_owned(),
            bytes: signed.bundle.bytes().to_vec(),
        }
    };
    let verdict =
        |named: &[NamedBundle]| summary(&world.verify(&target, &policy, named).expect("a verdict"));
    assert_eq!(verdict(&[bundle(&signed.index)]), ("allow", vec![]));
    assert_eq!(
        verdict(&[bundle(&Digest::sha256(b"other"))]),
        (
            "deny",
            vec!["signatures evidence.refused.subject-mismatch".to_owned()]
        )
    );
    let broken = NamedBundle {
        name: "broken".to_owned(),
        bytes: b"{".to_vec(),
    };
    assert_eq!(verdict(&[broken]).0, "undecided");
}

#[test]
fn a_strange_key_is_nobody() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    world.publish(kind);
    let text = world
        .policy_text()
        .replace(
            "  alice:",
            "  vault: {kind: key, file: vault.pub}\n  alice:",
        )
        .replace("signatures: release", "signatures: vault");
    let keys = BTreeMap::from([("vault.pub".to_owned(), stranger_key().to_pem().into_bytes())]);
    let verdict = world
        .verify(
            &world.target(kind, &format!("{REPOSITORY}:{TAG}")),
            &world.loaded(&text, &keys),
            &[],
        )
        .expect("a verdict");
    assert_eq!(
        summary(&verdict),
        ("deny", vec!["signatures identity.mismatch".to_owned()])
    );
}

#[test]
fn bytes_that_are_not_their_digests_end_it() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    let signed = world.publish(kind);
    world
        .lab
        .faults()
        .registry(kind)
        .add(RegistryFault::ManifestWrongBytes);
    let target = world.target(kind, &format!("{REPOSITORY}@{}", signed.index));
    let error = world
        .verify(&target, &world.policy(), &[])
        .expect_err("another image");
    let toolkit_gate::Error::Oci(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.class(), toolkit_oci::ErrorClass::Mismatch, "{error}");
}
