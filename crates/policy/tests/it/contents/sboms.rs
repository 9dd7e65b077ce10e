//! The SBOM that is judged, and the image.

use serde_json::{Value, json};
use toolkit_policy::{Evidence, Layers};
use toolkit_sbom::{Fault, Location, Unreadable};
use toolkit_vulndb::severity::Severity;

use super::case::{Case, LODASH, layers};
use super::{Expected, Row, assert_rows, row};

const EXCEPTION: &str = r#"packages: ["pkg:npm/lodash"], "#;

fn without(document: &mut Value) {
    let components = document["components"].as_array_mut().expect("components");
    components.retain(|component| component["name"] != "lodash");
}

fn unread(evidence: &mut Evidence) {
    layers(evidence).inventory.unreadable.push(Unreadable {
        location: Location::new(b"/app/package.json", 0),
        fault: Fault::Truncated {
            what: "an object",
            offset: 0,
        },
    });
}

fn gone(evidence: &mut Evidence) {
    evidence.contents[0].layers = Layers::Unavailable {
        reason: "503".to_owned(),
    };
}

fn rows() -> Vec<Row> {
    const MISSING: Expected = &[("sbom.matchesImage fail", "not in the SBOM")];
    const UNREAD: Expected = &[(
        "sbom.matchesImage undecided image.layers-unavailable",
        "/app/package.json",
    )];
    vec![
        row("a package is not in it", |case| case.sbom = without).denied(MISSING),
        row(
            "a package is not in it, and an exception names it",
            |case| {
                case.sbom = without;
                case.exception("sbom.matchesImage", EXCEPTION);
            },
        )
        .excepted(MISSING),
        row("a file of the image could not be read", |case| {
            case.evidence = unread
        })
        .undecided(UNREAD),
        row(
            "a file could not be read, and an exception names a package",
            |case| {
                case.evidence = unread;
                case.exception("sbom.matchesImage", EXCEPTION);
            },
        )
        .undecided(UNREAD),
        row(
            "a file could not be read, and a package is not in it",
            |case| {
                case.sbom = without;
                case.evidence = unread;
            },
        )
        .denied(&[
            ("sbom.matchesImage fail", "not in the SBOM"),
            (
                "sbom.matchesImage undecided image.layers-unavailable",
                "/app/package.json",
            ),
        ]),
        row("both, and an exception names the package", |case| {
            case.sbom = without;
            case.evidence = unread;
            case.exception("sbom.matchesImage", EXCEPTION);
        })
        .undecided(UNREAD)
        .excepted(MISSING),
        row("the layers could not be read", |case| case.evidence = gone).undecided(&[(
            "sbom.matchesImage undecided image.layers-unavailable",
            "503",
        )]),
        row(
            "the layers could not be read, and the SBOM lists what is denied",
            |case| {
                case.affected(LODASH, Severity::Critical);
                case.evidence = gone;
            },
        )
        .denied(&[
            (
                "sbom.matchesImage undecided image.layers-unavailable",
                "503",
            ),
            ("vulnerabilities.denied fail", "SBOM sha256:"),
        ]),
        row("it lists more than the image has", |case| {
            case.sbom = |document| {
                let more = json!({"type": "library", "name": "more", "version": "1", "purl": "pkg:npm/more@1", "licenses": []});
                let components = document["components"].as_array_mut().expect("components");
                components.push(more);
            };
        }),
        row("it is none", |case| {
            case.sbom = |document| *document = json!({"x": 1})
        })
        .undecided(&[(
            "sbom.matchesImage undecided sbom.unreadable",
            "cannot be read",
        )]),
        row(
            "it is gone, and an exception is from the demand for it",
            |case| {
                case.evidence = |evidence| evidence.attestations.clear();
                case.exception("attestations.cyclonedx", "");
            },
        )
        .denied(&[("sbom.matchesImage fail attestation.missing", "")])
        .excepted(&[("attestations.cyclonedx fail attestation.missing", "")]),
        row("the image has no platform", |case: &mut Case| {
            case.evidence = |evidence| evidence.platforms.clear();
        })
        .denied(&[
            ("attestations.cyclonedx fail image.no-platform", ""),
            ("sbom.matchesImage fail image.no-platform", ""),
        ]),
    ]
}

#[test]
fn what_is_in_the_image_is_in_its_sbom() {
    assert_rows(rows());
}
