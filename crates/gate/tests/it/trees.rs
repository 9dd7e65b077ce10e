//! The evidence graph as values.

use toolkit_attest::Statement;
use toolkit_gate::{Node, Role, SourceAnswer, Tree, Trust, tree};
use toolkit_lab::{ReferrersFault, RegistryFault, RegistryKind};
use toolkit_oci::Digest;

use crate::world::{REPOSITORY, TAG, World, now};

fn of(world: &World, kind: RegistryKind) -> Tree {
    let image = world.image(&world.target(kind, &format!("{REPOSITORY}:{TAG}")));
    let trust = Trust {
        root: &world.root,
        keys: &[],
        now: now(),
    };
    tree(&image, &trust, &world.access()).expect("a tree")
}

/// Predicate types of the evidence beside a node, each with whether it verified.
fn evidence(node: &Node) -> Vec<(&str, bool)> {
    let mut found: Vec<(&str, bool)> = node
        .evidence
        .iter()
        .filter_map(|node| node.bundle.as_ref())
        .map(|bundle| {
            (
                bundle.predicate_type.as_deref().unwrap_or_default(),
                bundle.signer.is_some() && bundle.refusal.is_none(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn it_shows_what_is_attached_to_what() {
    let world = World::new();
    for kind in [RegistryKind::WithReferrers, RegistryKind::WithoutReferrers] {
        let signed = world.publish(kind);
        let tree = of(&world, kind);
        assert_eq!(tree.root.digest, signed.index);
        assert_eq!(tree.root.role, Role::Index);
        assert_eq!(
            evidence(&tree.root),
            [
                ("https://sigstore.dev/cosign/sign/v1", true),
                ("https://slsa.dev/provenance/v1", true)
            ]
        );
        let platforms: Vec<(&Digest, &Role)> = tree
            .root
            .manifests
            .iter()
            .map(|node| (&node.digest, &node.role))
            .collect();
        let image = |platform: &str| Role::Image {
            platform: Some(platform.to_owned()),
        };
        assert_eq!(
            platforms,
            [
                (&signed.platforms[0], &image("linux/amd64")),
                (&signed.platforms[1], &image("linux/arm64"))
            ]
        );
        for platform in &tree.root.manifests {
            assert_eq!(
                evidence(platform),
                [
                    ("https://cyclonedx.org/bom", true),
                    ("https://slsa.dev/provenance/v1", true)
                ]
            );
        }
        let json = serde_json::to_string(&tree).expect("it serializes");
        assert_eq!(
            json,
            serde_json::to_string(&of(&world, kind)).expect("it serializes"),
            "the same twice"
        );
    }
}

#[test]
fn it_says_what_does_not_verify_and_what_did_not_answer() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    let signed = world.publish(kind);
    // Another lab, whose trust root knows nobody of the first.
    let stranger = World::new();
    let image = world.image(&world.target(kind, &format!("{REPOSITORY}:{TAG}")));
    let trust = Trust {
        root: &stranger.root,
        keys: &[],
        now: now(),
    };
    let shown = tree(&image, &trust, &world.access()).expect("a tree");
    assert_eq!(
        evidence(&shown.root),
        [
            ("https://sigstore.dev/cosign/sign/v1", false),
            ("https://slsa.dev/provenance/v1", false)
        ]
    );

    world
        .lab
        .faults()
        .registry(kind)
        .add(RegistryFault::Referrers(ReferrersFault::Status(503)));
    let shown = of(&world, kind);
    let open = shown
        .root
        .sources
        .iter()
        .filter(|source| matches!(source.answer, SourceAnswer::Unreachable { .. }));
    assert_eq!(open.count(), 1, "{:?}", shown.root.sources);
    assert_eq!(shown.root.digest, signed.index);
}

#[test]
fn evidence_that_names_the_image_again_does_not_loop() {
    let world = World::new();
    let kind = RegistryKind::WithReferrers;
    let signed = world.publish(kind);
    let repository = world.repository(kind);
    let platform = repository
        .manifest_by_digest(&signed.platforms[0])
        .expect("an answer")
        .expect("it is there")
        .descriptor;
    let index = repository
        .manifest_by_digest(&signed.index)
        .expect("an answer")
        .expect("it is there")
        .descriptor;
    // An index that is evidence of a platform, and lists the image that the platform is in.
    let looping = serde_json::json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "artifactType": "application/x",
        "manifests": [index], "subject": platform
    });
    repository
        .attach(&platform, looping.to_string().as_bytes())
        .expect("it is attached");
    let shown = of(&world, kind);
    let again = shown.root.manifests[0]
        .evidence
        .iter()
        .find(|node| node.role == Role::Referrer && !node.manifests.is_empty());
    let again = &again.expect("the index is shown").manifests[0];
    assert_eq!(
        (&again.digest, again.manifests.len(), again.evidence.len()),
        (&signed.index, 0, 0)
    );
}

#[test]
fn it_follows_evidence_of_evidence() {
    let world = World::new();
    let kind = RegistryKind::WithoutReferrers;
    let signed = world.publish(kind);
    let repository = world.repository(kind);
    let first = repository.referrers(&signed.index).expect("a list").entries[0]
        .digest
        .clone();
    let mut session = world.person("alice@example.com");
    world.attach(
        &repository,
        &first,
        &mut session,
        &Statement::image_signature(&first),
    );
    let shown = of(&world, kind);
    let first = shown
        .root
        .evidence
        .iter()
        .find(|node| node.digest == first)
        .expect("it is shown");
    assert_eq!(
        evidence(first),
        [("https://sigstore.dev/cosign/sign/v1", true)]
    );
}
