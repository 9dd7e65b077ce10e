//! Rows about signatures and attestations: who made them, of what, and what else lies beside the image.

use serde_json::Value;

use super::row::{Row, fail, open, row};
use super::signer::Signer;
use super::world::{CYCLONEDX, PROVENANCE, SIGNATURE, SPDX, Says};
use crate::stage::image_as;

const REVIEW: &str = "https://example.com/review/v1";
const WORKFLOW: &str =
    "`https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0`";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = signers();
    rows.extend(broken());
    rows.extend(beside());
    rows.extend(attestations());
    rows
}

fn signers() -> Vec<Row> {
    let by = |found| {
        fail(
            "signatures",
            "identity.mismatch",
            "signature by release; release is GitHub acme/widget, workflow .github/workflows/release.yml, ref refs/tags/v*",
            found,
        )
    };
    vec![
        row("the signature is missing", |case| case.without(SIGNATURE)).denied([fail(
            "signatures",
            "signature.missing",
            "signature by release; release is GitHub acme/widget",
            "no signature",
        )]),
        row("the signer is a person", |case| {
            case.instead(SIGNATURE, &Signer::person("alice@example.com"), Says::Signature);
        })
        .denied([by("signature by `alice@example.com` of {email} (not release: issuer: expected `{github}`, found `{email}`)")]),
        row("the signer is the workflow of another repository", |case| {
            let signer = Signer::workflow(|claims| claims.repository = "evil/widget".to_owned());
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("source repository: expected `acme/widget`, found `evil/widget`")]),
        row("the signer is a repository whose name begins alike", |case| {
            let signer = Signer::workflow(|claims| claims.repository = "acme/widget-2".to_owned());
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("source repository: expected `acme/widget`, found `acme/widget-2`")]),
        row("the signer is another workflow", |case| {
            let signer = Signer::workflow(|claims| claims.workflow_file = "test.yml".to_owned());
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("workflow: expected `.github/workflows/release.yml`, found `.github/workflows/test.yml`")]),
        row("the signer is the workflow on another ref", |case| {
            let signer = Signer::workflow(|claims| claims.reference = "refs/heads/main".to_owned());
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("source ref: expected `refs/tags/v*`, found `refs/heads/main`")]),
        row("the signer is a called workflow of another repository", |case| {
            let signer = Signer::workflow(|claims| {
                claims.job_workflow_ref = Some("evil/tools/.github/workflows/release.yml@refs/tags/v1.0.0".to_owned());
            });
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("workflow: expected `acme/widget/.github/workflows/release.yml`, found `evil/tools/.github/workflows/release.yml`")]),
        row("the signer is the same file from another ref", |case| {
            let signer = Signer::workflow(|claims| {
                claims.job_workflow_ref = Some("acme/widget/.github/workflows/release.yml@refs/heads/evil".to_owned());
            });
            case.instead(SIGNATURE, &signer, Says::Signature);
        })
        .denied([by("ref of the workflow: expected `refs/tags/v*`, found `refs/heads/evil`")]),
        row("the signer is a key that the policy knows for others", |case| {
            case.instead(SIGNATURE, &Signer::key("vault.pem"), Says::Signature);
        })
        .denied([by("signature by key {vault} (not release: kind of signer: expected `certificate`, found `key {vault}`)")]),
        row("the signer is a key that the policy does not know", |case| {
            case.instead(SIGNATURE, &Signer::key("stranger.pem"), Says::Signature);
        })
        .denied([fail(
            "signatures",
            "evidence.refused.key-mismatch",
            "signature by release",
            "expected `{vault}`",
        )]),
        row("the signature is in the other log", |case| {
            case.instead(SIGNATURE, &Signer::release().on("v1"), Says::Signature);
        }),
        row("the signature is another lab's", |case| {
            case.without(SIGNATURE);
            let bundle = case.world.sign(&case.world.other, &case.image, &Signer::release(), Says::Signature);
            case.beside(SIGNATURE, bundle);
        })
        .denied([fail(
            "signatures",
            "evidence.refused.log-unknown",
            "signature by release",
            "a signature that does not verify",
        )]),
    ]
}

/// Breaks the signature that is beside the image.
fn broken() -> Vec<Row> {
    vec![
        row("a byte of the signature is another one", |case| {
            change(case, "/dsseEnvelope/signatures/0/sig", flipped);
        })
        .denied([fail(
            "signatures",
            // The timestamp is over the signature, and is looked at first.
            "evidence.refused.timestamp-invalid",
            "signature by release",
            "a signature that does not verify",
        )]),
        row("the log's entry is of another signature", |case| {
            let entry = "/verificationMaterial/tlogEntries/0";
            let foreign: Value = json(&case.world.bundle(PROVENANCE));
            let foreign = foreign.pointer(entry).expect("an entry").clone();
            change_to(case, entry, foreign);
        })
        .denied([fail(
            "signatures",
            "evidence.refused.log-entry-mismatch",
            "signature by release",
            "a signature that does not verify",
        )]),
        row("the bundle has no log entry", |case| {
            change_to(
                case,
                "/verificationMaterial/tlogEntries",
                Value::Array(Vec::new()),
            );
        })
        .denied([fail(
            "signatures",
            "evidence.refused.log-entry-missing",
            "signature by release",
            "a signature that does not verify",
        )]),
        row("the certificate is another signer's", |case| {
            let certificate = "/verificationMaterial/certificate/rawBytes";
            let foreign = case.world.sign(
                &case.world.stage,
                &case.image,
                &Signer::person("alice@example.com"),
                Says::Signature,
            );
            let foreign = json(&foreign);
            let foreign = foreign.pointer(certificate).expect("a certificate").clone();
            // Signed while the other certificate is valid, so that only its key is wrong.
            case.instead(SIGNATURE, &Signer::release(), Says::Signature);
            let signed = case.pieces.last().expect("the signature").bundle.clone();
            replace(case, &signed, certificate, foreign);
        })
        .denied([fail(
            "signatures",
            "evidence.refused.signature-invalid",
            "signature by release",
            "a signature that does not verify",
        )]),
        row("a garbage bundle takes the signature's place", |case| {
            case.without(SIGNATURE);
            case.late(|placed| placed.garbage(b"{", None));
        })
        .undecided([open(
            "signatures",
            "evidence.unreadable.bundle-malformed",
            "signature by release",
            "a bundle could not be read",
        )]),
        row("an empty bundle takes the signature's place", |case| {
            case.without(SIGNATURE);
            case.late(|placed| placed.garbage(b"", None));
        })
        .undecided([open(
            "signatures",
            "evidence.unreadable.bundle-empty",
            "signature by release",
            "a bundle could not be read",
        )]),
    ]
}

fn beside() -> Vec<Row> {
    vec![
        row("only an attestation, no signature", |case| {
            case.without(SIGNATURE);
            case.with("review", &Signer::release(), Says::Predicate(REVIEW));
        })
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )])
        .unused(&[REVIEW]),
        row("a signature of the manifest as a file", |case| {
            case.without(SIGNATURE);
            let bundle = case.world.sign_as_file(&Signer::release());
            case.beside("file", bundle);
        })
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
        row("a garbage bundle more", |case| {
            case.late(|placed| placed.garbage(b"{", None));
        })
        .unused(&["bundle-malformed"]),
        row(
            "a garbage bundle more that says to be the signature",
            |case| {
                case.late(|placed| {
                    placed.garbage(b"[]", Some("https://sigstore.dev/cosign/sign/v1"))
                });
            },
        )
        .unused(&["https://sigstore.dev/cosign/sign/v1"]),
        row("a stranger's signature more", |case| {
            case.with(
                "more",
                &Signer::person("mallory@example.com"),
                Says::Signature,
            );
        })
        .unused(&["mallory@example.com"]),
        row("a stranger's attestation more", |case| {
            case.with(
                "more",
                &Signer::person("mallory@example.com"),
                Says::Contents(SPDX),
            );
        })
        .unused(&["mallory@example.com"]),
        row("evidence of another image more", |case| {
            let other = image_as("arm64", Some("1000"));
            let bundle = case.world.sign(
                &case.world.stage,
                &other,
                &Signer::release(),
                Says::Signature,
            );
            case.beside("more", bundle);
        })
        .unused(&["subject-mismatch"]),
        row("a list that names evidence of another image", |case| {
            let bundle = case.world.bundle(SIGNATURE);
            case.late(move |placed| placed.list_foreign(&bundle));
        }),
        row(
            "only a list that names the signature of another image",
            |case| {
                case.without(SIGNATURE);
                let bundle = case.world.bundle(SIGNATURE);
                case.late(move |placed| placed.list_foreign(&bundle));
            },
        )
        .denied([fail(
            "signatures",
            "signature.missing",
            "signature by release",
            "no signature",
        )]),
        row("a listed bundle more is not there", |case| {
            case.with(
                "more",
                &Signer::person("mallory@example.com"),
                Says::Signature,
            );
            case.late(|placed| placed.list_in_fallback_tag());
            case.late(|placed| placed.delete_last());
        }),
        row("the signature is listed and not there", |case| {
            case.without(SIGNATURE);
            case.with(SIGNATURE, &Signer::release(), Says::Signature);
            case.late(|placed| placed.list_in_fallback_tag());
            case.late(|placed| placed.delete_last());
        })
        .undecided([open(
            "signatures",
            "evidence.unreachable",
            "signature by release",
            "could not be read",
        )]),
        row("the signature is named instead of attached", |case| {
            case.without(SIGNATURE);
            let path = case.world.stage.path().join("named.sigstore.json");
            fs_err::write(path, case.world.bundle(SIGNATURE)).expect("the bundle");
            case.flag(&["--bundle", "named.sigstore.json"]);
        }),
        row("another image's signature is named", |case| {
            case.without(SIGNATURE);
            let other = image_as("arm64", Some("1000"));
            let bundle = case.world.sign(
                &case.world.stage,
                &other,
                &Signer::release(),
                Says::Signature,
            );
            fs_err::write(case.world.stage.path().join("other.sigstore.json"), bundle)
                .expect("the bundle");
            case.flag(&["--bundle", "other.sigstore.json"]);
        })
        .denied([fail(
            "signatures",
            "evidence.refused.subject-mismatch",
            "signature by release",
            "expected `{digest}`",
        )]),
    ]
}

fn attestations() -> Vec<Row> {
    vec![
        row("the CycloneDX document is missing", |case| case.without(CYCLONEDX)).denied([fail(
            "attestations.cyclonedx",
            "attestation.missing",
            "attestation of type `cyclonedx` by release; release is GitHub acme/widget",
            "no attestation of type `cyclonedx`",
        )]),
        row("the SPDX document is missing", |case| case.without(SPDX)).denied([fail(
            "attestations.spdx",
            "attestation.missing",
            "attestation of type `spdx` by release",
            "no attestation of type `spdx`",
        )]),
        row("the document is attested by a person", |case| {
            case.instead(CYCLONEDX, &Signer::person("alice@example.com"), Says::Contents(CYCLONEDX));
        })
        .denied([fail(
            "attestations.cyclonedx",
            "identity.mismatch",
            "attestation of type `cyclonedx` by release",
            "`alice@example.com` of {email} (not release: issuer: expected `{github}`, found `{email}`)",
        )]),
        row("the document is another image's", |case| {
            case.without(CYCLONEDX);
            let other = image_as("arm64", Some("1000"));
            let bundle = case.world.sign(&case.world.stage, &other, &Signer::release(), Says::Contents(CYCLONEDX));
            case.beside(CYCLONEDX, bundle);
        })
        .denied([fail(
            "attestations.cyclonedx",
            "evidence.refused.subject-mismatch",
            "attestation of type `cyclonedx` by release",
            "expected `{digest}`, found `sha256:",
        )]),
        row("the attestation is of another type", |case| {
            case.without(CYCLONEDX);
            case.with("review", &Signer::release(), Says::Predicate(REVIEW));
        })
        .denied([fail(
            "attestations.cyclonedx",
            "attestation.missing",
            "attestation of type `cyclonedx`",
            "no attestation of type `cyclonedx`",
        )]),
        row("the attestation that is asked for is there twice", |case| {
            case.with(CYCLONEDX, &Signer::release(), Says::Contents(CYCLONEDX));
        }),
        row("the document's type names the version of its format", |case| {
            case.instead(CYCLONEDX, &Signer::release(), Says::Predicate("https://cyclonedx.org/bom/v1.6"));
        }),
        row("the document's type only begins alike", |case| {
            case.instead(CYCLONEDX, &Signer::release(), Says::Predicate("https://cyclonedx.org/bomb"));
        })
        .denied([fail(
            "attestations.cyclonedx",
            "attestation.missing",
            "attestation of type `cyclonedx`",
            "no attestation of type `cyclonedx`",
        )]),
        row("a review is asked for, and is there", |case| {
            review(case);
            case.with("review", &Signer::person("alice@example.com"), Says::Predicate(REVIEW));
        }),
        row("a review is asked for, and is by the release", |case| {
            review(case);
            case.with("review", &Signer::release(), Says::Predicate(REVIEW));
        })
        .denied([fail(
            "attestations.https://example.com/review/v1",
            "identity.mismatch",
            "by alice; alice is alice@example.com of {email}",
            WORKFLOW,
        )]),
        row("a review is asked for, and there is none", review).denied([fail(
            "attestations.https://example.com/review/v1",
            "attestation.missing",
            "by alice; alice is alice@example.com of {email}",
            "no attestation of type `https://example.com/review/v1`",
        )]),
    ]
}

fn review(case: &mut super::case::Case<'_>) {
    case.policy(
        "attestations: [",
        r#"attestations: [{type: "https://example.com/review/v1", by: alice}, "#,
    );
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// Changes the text at a place of the signature's bundle.
fn change(case: &mut super::case::Case<'_>, place: &str, with: fn(&str) -> String) {
    let document = json(&case.world.bundle(SIGNATURE));
    let text = document
        .pointer(place)
        .and_then(Value::as_str)
        .expect("a text");
    let text = with(text).into();
    change_to(case, place, text);
}

/// Changes what is at a place of the signature's bundle.
fn change_to(case: &mut super::case::Case<'_>, place: &str, value: Value) {
    let bundle = case.world.bundle(SIGNATURE);
    replace(case, &bundle, place, value);
}

/// Puts a changed bundle in the signature's place.
fn replace(case: &mut super::case::Case<'_>, bundle: &[u8], place: &str, value: Value) {
    let mut document = json(bundle);
    *document.pointer_mut(place).expect("a place") = value;
    case.without(SIGNATURE);
    case.beside(SIGNATURE, document.to_string().into_bytes());
}

/// Changes one character of base64 in the middle.
fn flipped(text: &str) -> String {
    let middle = text.len() / 2;
    let other = if text.as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &text[..middle], &text[middle + 1..])
}
