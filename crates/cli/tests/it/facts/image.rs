//! Rows about the image, its name and its digest.

use toolkit_lab::{BlobFault, RegistryFault};

use super::row::{Row, fail, open, row};
use super::world::{CYCLONEDX, PROVENANCE, SIGNATURE, SPDX};
use crate::stage::image_as;

const USER: &str = "a user with a number above 0";

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("nothing", |_| {}),
        row("the user is `root`", |case| case.user(Some("root"))).denied([fail(
            "image.user",
            "image.user-root",
            USER,
            "user `root`",
        )]),
        row("the user is `0`", |case| case.user(Some("0"))).denied([fail(
            "image.user",
            "image.user-root",
            USER,
            "user `0`",
        )]),
        row("the user is `00:1000`", |case| case.user(Some("00:1000"))).denied([fail(
            "image.user",
            "image.user-root",
            USER,
            "user `00:1000`",
        )]),
        row("there is no user", |case| case.user(None)).denied([fail(
            "image.user",
            "image.user-absent",
            USER,
            "no user",
        )]),
        row("the user is a name", |case| case.user(Some("nginx"))).undecided([open(
            "image.user",
            "image.user-named",
            USER,
            "user `nginx`",
        )]),
        row("the user is a number that no kernel has", |case| {
            case.user(Some("4294967296"));
        })
        .denied([fail(
            "image.user",
            "image.user-out-of-range",
            USER,
            "user `4294967296`",
        )]),
        row("the user is another number", |case| {
            case.user(Some("65532:0"))
        }),
        row("another image under the signed one's evidence", |case| {
            case.image = image_as("arm64", Some("1000"));
            for piece in &mut case.pieces {
                piece.subject = case.image.digest().to_owned();
            }
        })
        .denied([
            fail(
                "signatures",
                "evidence.refused.subject-mismatch",
                "signature by release",
                "expected `{digest}`, found `{signed}`",
            ),
            fail(
                "attestations.cyclonedx",
                "evidence.refused.subject-mismatch",
                "`cyclonedx` by release",
                "expected `{digest}`, found `{signed}`",
            ),
            fail(
                "attestations.spdx",
                "evidence.refused.subject-mismatch",
                "`spdx` by release",
                "expected `{digest}`, found `{signed}`",
            ),
            fail(
                "provenance",
                "evidence.refused.subject-mismatch",
                "provenance by build",
                "expected `{digest}`, found `{signed}`",
            ),
        ])
        .unused(&["{signed}"]),
        row("another image without evidence", |case| {
            case.image = image_as("arm64", Some("1000"));
            case.pieces.clear();
        })
        .denied([
            fail(
                "signatures",
                "signature.missing",
                "signature by release",
                "no signature",
            ),
            fail(
                "attestations.cyclonedx",
                "attestation.missing",
                "`cyclonedx` by release",
                "no attestation of type `cyclonedx`",
            ),
            fail(
                "attestations.spdx",
                "attestation.missing",
                "`spdx` by release",
                "no attestation of type `spdx`",
            ),
            fail(
                "provenance",
                "attestation.missing",
                "provenance by build",
                "no provenance",
            ),
        ]),
        row("the name is a tag", |case| case.typed("{name}:1")).denied([fail(
            "reference.digest",
            "reference.digest-not-typed",
            "a reference with a digest",
            "a reference without a digest",
        )]),
        row("the name is a tag and a digest", |case| {
            case.typed("{name}:1@{digest}")
        }),
        row("the tag beside the digest names another image", |case| {
            case.typed("{name}:1@{digest}");
            case.late(|placed| placed.move_tag());
        }),
        row("the tag names another image", |case| {
            case.policy(", digestRequired: true", "");
            case.typed("{name}:1");
            case.late(|placed| placed.move_tag());
        })
        .denied([
            fail(
                "signatures",
                "signature.missing",
                "signature by release",
                "no signature",
            ),
            fail(
                "attestations.cyclonedx",
                "attestation.missing",
                "`cyclonedx` by release",
                "no attestation",
            ),
            fail(
                "attestations.spdx",
                "attestation.missing",
                "`spdx` by release",
                "no attestation",
            ),
            fail(
                "provenance",
                "attestation.missing",
                "provenance by build",
                "no provenance",
            ),
            fail("image.user", "image.user-absent", USER, "no user"),
        ]),
        row("the tag is not there", |case| case.typed("{name}:2")).stops(11, ["{name}:2"]),
        row("the digest is not there", |case| {
            case.typed(
                "{name}@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            );
        })
        .stops(
            11,
            ["sha256:0000000000000000000000000000000000000000000000000000000000000000"],
        ),
        row("the registry is another one", |case| {
            case.without_api();
            case.policy(
                r#"images: ["{host}/acme/**"]"#,
                r#"images: ["{home}/acme/**"]"#,
            );
        })
        .denied([fail(
            "match",
            "match.none",
            "a rule that matches the image",
            "no rule matches `{name}`",
        )]),
        row("the image is local, in a layout", |case| case.layout()).denied([fail(
            "match",
            "match.none",
            "a rule that matches the image",
            "no rule matches a local image",
        )]),
        row(
            "the image is local, and the rule is for every image",
            |case| {
                case.layout();
                case.policy("  match: {images: [\"{host}/acme/**\"]}\n", "");
            },
        )
        .denied([
            fail(
                "reference.registry",
                "reference.local",
                "registry `{host}`",
                "a local image without a registry",
            ),
            fail(
                "reference.digest",
                "reference.local",
                "a reference with a digest",
                "a local image without a registry",
            ),
        ]),
        row("the registry gives other bytes for the manifest", |case| {
            case.fault(RegistryFault::ManifestWrongBytes);
        })
        .stops(17, ["{digest}"]),
        row(
            "the registry gives other bytes for the configuration",
            |case| {
                case.fault(RegistryFault::Blob(BlobFault::WrongBytes));
            },
        )
        .stops(17, ["sha256:"]),
        row("the configuration is cut", |case| {
            case.fault(RegistryFault::Blob(BlobFault::TooShort));
        })
        .stops(17, []),
        row("everything else about the image is not asked", |case| {
            case.policy("    signatures: release\n", "");
            for kind in [SIGNATURE, CYCLONEDX, SPDX, PROVENANCE] {
                case.without(kind);
            }
            case.policy(
                "    attestations: [{type: cyclonedx, by: release}, {type: spdx, by: release}]\n",
                "",
            );
            case.policy(r#"    provenance: {by: build, builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"], source: {repository: "https://github.com/acme/widget", refs: ["refs/tags/v*"]}}
"#, "");
        }),
    ]
}
