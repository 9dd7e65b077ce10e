//! Rows about an index of two platforms: what holds for the whole, and what for each of them.

use toolkit_lab::image::Image;

use super::row::{Row, fail, open, row};
use super::signer::Signer;
use super::world::{CYCLONEDX, PROVENANCE, SIGNATURE, Says};
use crate::stage::image_as;

const REVIEW: &str = "https://example.com/review/v1";
const ARM: &str = "linux/arm64";

pub(super) fn rows() -> Vec<Row> {
    vec![
        row("an index of two platforms", |case| case.index()),
        row("one platform lacks its document", |case| {
            case.index();
            let arm = case.image.children()[1].digest().to_owned();
            case.pieces
                .retain(|piece| piece.kind != CYCLONEDX || piece.subject != arm);
        })
        .denied([fail(
            "attestations.cyclonedx",
            "attestation.missing",
            "`cyclonedx` by release",
            "no attestation of type `cyclonedx`",
        )
        .on(ARM)]),
        row("one platform has the other one's document", |case| {
            case.index();
            let arm = case.image.children()[1].digest().to_owned();
            let amd = case.image.children()[0].digest().to_owned();
            let other = case
                .pieces
                .iter()
                .find(|piece| piece.kind == CYCLONEDX && piece.subject == amd);
            let other = other.expect("a document").bundle.clone();
            for piece in &mut case.pieces {
                if piece.kind == CYCLONEDX && piece.subject == arm {
                    piece.bundle.clone_from(&other);
                }
            }
        })
        .denied([fail(
            "attestations.cyclonedx",
            "evidence.refused.subject-mismatch",
            "`cyclonedx` by release",
            "expected `sha256:",
        )
        .on(ARM)]),
        row("one platform's document is a person's word", |case| {
            case.index();
            let arm = case.image.children()[1].clone();
            case.pieces
                .retain(|piece| piece.kind != CYCLONEDX || piece.subject != arm.digest());
            let alice = Signer::person("alice@example.com");
            let piece = case
                .world
                .piece(CYCLONEDX, &arm, &alice, Says::Contents(CYCLONEDX));
            case.pieces.push(piece);
        })
        .denied([fail(
            "attestations.cyclonedx",
            "identity.mismatch",
            "`cyclonedx` by release",
            "alice@example.com",
        )
        .on(ARM)]),
        row("one platform runs as root", |case| {
            let platforms = [
                image_as("amd64", Some("1000")),
                image_as("arm64", Some("0")),
            ];
            (case.image, case.pieces) = case.world.indexed(&platforms, &[]);
        })
        .denied([fail(
            "image.user",
            "image.user-root",
            "a user with a number above 0",
            "user `0`",
        )
        .on(ARM)]),
        row("one platform's manifest is not in the registry", |case| {
            case.index();
            let arm = case.image.children()[1].digest().to_owned();
            case.late(move |placed| placed.delete(&arm));
        })
        .undecided([open(
            "image.user",
            "image.config-unavailable",
            "a user with a number above 0",
            "the configuration could not be read",
        )
        .on(ARM)]),
        row(
            "the index has a manifest more that is no platform",
            |case| {
                let platforms = [
                    image_as("amd64", Some("1000")),
                    image_as("arm64", Some("1000")),
                ];
                let evidence = Image::new("unknown", "unknown").build().expect("an image");
                (case.image, case.pieces) = case.world.indexed(&platforms, &[evidence]);
            },
        ),
        row("the platforms are signed, the index is not", |case| {
            case.index();
            case.without(SIGNATURE);
            for platform in case.image.children().to_vec() {
                let piece =
                    case.world
                        .piece(SIGNATURE, &platform, &Signer::release(), Says::Signature);
                case.pieces.push(piece);
            }
        })
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
        row(
            "the index is signed, and one of its platforms is asked for",
            |case| {
                case.index();
                let arm = case.image.children()[1].digest().to_owned();
                case.typed(&format!("{{name}}@{arm}"));
            },
        )
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
        row("the provenance is on the index only", |case| {
            case.index();
            let index = case.image.digest().to_owned();
            case.pieces
                .retain(|piece| piece.kind != PROVENANCE || piece.subject == index);
        }),
        row("the provenance is on the platforms only", |case| {
            case.index();
            let index = case.image.digest().to_owned();
            case.pieces
                .retain(|piece| piece.kind != PROVENANCE || piece.subject != index);
        })
        .denied([fail(
            "provenance",
            "attestation.missing",
            "provenance by build",
            "no provenance",
        )]),
        row("a review is on the index", |case| {
            review(case);
            case.with("review", &Signer::release(), Says::Predicate(REVIEW));
        }),
        row("a review is on every platform", |case| {
            review(case);
            for platform in case.image.children().to_vec() {
                let piece = case.world.piece(
                    "review",
                    &platform,
                    &Signer::release(),
                    Says::Predicate(REVIEW),
                );
                case.pieces.push(piece);
            }
        }),
        row("a review is on one platform", |case| {
            review(case);
            let amd = case.image.children()[0].clone();
            let piece =
                case.world
                    .piece("review", &amd, &Signer::release(), Says::Predicate(REVIEW));
            case.pieces.push(piece);
        })
        .denied([fail(
            "attestations.https://example.com/review/v1",
            "attestation.missing",
            "by release",
            "linux/arm64: no attestation",
        )]),
    ]
}

fn review(case: &mut super::case::Case<'_>) {
    case.index();
    case.policy(
        "attestations: [",
        r#"attestations: [{type: "https://example.com/review/v1", by: release}, "#,
    );
}
