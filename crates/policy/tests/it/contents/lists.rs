//! Which packages and licences may be there. Each list is judged for itself.

use toolkit_vulndb::severity::Severity;

use super::case::{Case, LODASH};
use super::{Expected, Row, assert_rows, row};

fn packages() -> Vec<Row> {
    const STREAM: &str = "pkg:npm/event-stream@3.3.6";
    const DENIED: Expected = &[("packages.denied fail", "it stole")];
    fn allow(case: &mut Case, globs: &str) {
        case.policy(
            "    packages: {deny:",
            &format!("    packages: {{allow: [{{purl: {globs}}}], deny:"),
        );
    }
    vec![
        row("a denied package is there", |case| {
            case.has(STREAM, Some("MIT"));
        })
        .denied(DENIED),
        row("it is there in another version", |case| {
            case.has("pkg:npm/event-stream@4.0.0", Some("MIT"));
        }),
        row("it is there in a version without order", |case| {
            case.has("pkg:npm/event-stream@strange", Some("MIT"));
        })
        .undecided(&[("packages.denied undecided", "cannot be compared")]),
        row("it is there, and an exception names it", |case| {
            case.has(STREAM, Some("MIT"));
            case.exception("packages.denied", r#"packages: ["pkg:npm/event-stream"], "#);
        })
        .excepted(DENIED),
        row("all packages are allowed", |case| {
            allow(case, r#""pkg:npm/*""#)
        }),
        row("only other packages are allowed", |case| {
            allow(case, r#""pkg:npm/lodash""#)
        })
        .denied(&[("packages.notAllowed fail", "left-pad")]),
        row("a denied package is allowed too", |case| {
            case.has(STREAM, Some("MIT"));
            allow(case, r#""pkg:npm/*""#);
        })
        .denied(DENIED),
        row("a denied package is not allowed either", |case| {
            case.has(STREAM, Some("MIT"));
            allow(case, r#""pkg:npm/l*""#);
        })
        .denied(&[
            ("packages.denied fail", "it stole"),
            ("packages.notAllowed fail", "event-stream"),
        ]),
        row(
            "it is not allowed either, and an exception is from one list",
            |case| {
                case.has(STREAM, Some("MIT"));
                allow(case, r#""pkg:npm/l*""#);
                case.exception("packages.denied", r#"packages: ["pkg:npm/event-stream"], "#);
            },
        )
        .denied(&[("packages.notAllowed fail", "event-stream")])
        .excepted(DENIED),
        row(
            "it is not allowed either, and an exception is from the other list",
            |case| {
                case.has(STREAM, Some("MIT"));
                allow(case, r#""pkg:npm/l*""#);
                case.exception(
                    "packages.notAllowed",
                    r#"packages: ["pkg:npm/event-stream"], "#,
                );
            },
        )
        .denied(DENIED)
        .excepted(&[("packages.notAllowed fail", "event-stream")]),
        row(
            "it is not allowed either, and exceptions are from both",
            |case| {
                case.has(STREAM, Some("MIT"));
                allow(case, r#""pkg:npm/l*""#);
                let checks = "packages.denied, packages.notAllowed";
                case.exception(checks, r#"packages: ["pkg:npm/event-stream"], "#);
            },
        )
        .excepted(&[
            ("packages.denied fail", "it stole"),
            ("packages.notAllowed fail", "event-stream"),
        ]),
    ]
}

fn licences() -> Vec<Row> {
    const DENIED: Expected = &[("licences.denied fail", "AGPL-3.0-only")];
    const NOT_ALLOWED: Expected = &[("licences.notAllowed fail", "AGPL-3.0-only")];
    const EXCEPTION: &str = r#"packages: ["pkg:npm/more"], "#;
    fn has(case: &mut Case, licence: Option<&str>) {
        case.has("pkg:npm/more@1.0.0", licence);
    }
    fn allow(case: &mut Case, allow: &str) {
        case.policy(
            "[AGPL-3.0-only]",
            &format!("[AGPL-3.0-only], allow: [{allow}]"),
        );
    }
    vec![
        row("a denied licence has an alternative", |case| {
            has(case, Some("MIT OR AGPL-3.0-only"));
        }),
        row("a denied licence has none", |case| {
            has(case, Some("AGPL-3.0-only"))
        })
        .denied(DENIED),
        row("it has none, and an exception names the package", |case| {
            has(case, Some("AGPL-3.0-only"));
            case.exception("licences.denied", EXCEPTION);
        })
        .excepted(DENIED),
        row("a licence is allowed", |case| {
            allow(case, "MIT");
            has(case, Some("MIT"));
        }),
        row("a licence is not allowed", |case| {
            allow(case, "MIT");
            has(case, Some("Zlib"));
        })
        .denied(&[("licences.notAllowed fail", "Zlib")]),
        row("the allowed alternative is the denied one", |case| {
            allow(case, "MIT, AGPL-3.0-only");
            has(case, Some("AGPL-3.0-only OR Zlib"));
        })
        .denied(NOT_ALLOWED),
        row("a denied licence is not allowed either", |case| {
            allow(case, "MIT");
            has(case, Some("AGPL-3.0-only"));
        })
        .denied(&[
            ("licences.denied fail", "AGPL-3.0-only"),
            ("licences.notAllowed fail", "AGPL-3.0-only"),
        ]),
        row(
            "it is not allowed either, and an exception is from one list",
            |case| {
                allow(case, "MIT");
                has(case, Some("AGPL-3.0-only"));
                case.exception("licences.denied", EXCEPTION);
            },
        )
        .denied(NOT_ALLOWED)
        .excepted(DENIED),
        row(
            "it is not allowed either, and an exception is from the other list",
            |case| {
                allow(case, "MIT");
                has(case, Some("AGPL-3.0-only"));
                case.exception("licences.notAllowed", EXCEPTION);
            },
        )
        .denied(DENIED)
        .excepted(NOT_ALLOWED),
        row("nothing is declared, which is ignored", |case| {
            has(case, None)
        }),
        row("nothing is declared, which is left open", |case| {
            case.policy("unknown: ignore", "unknown: undecided");
            has(case, None);
        })
        .undecided(&[("licences.unknown undecided", "declares no licence")]),
        row(
            "nothing is declared, which is denied, and an exception names it",
            |case| {
                case.policy("unknown: ignore", "unknown: deny");
                has(case, None);
                case.exception("licences.unknown", EXCEPTION);
            },
        )
        .excepted(&[("licences.unknown fail", "declares no licence")]),
        row("free text stands beside a denied licence", |case| {
            case.policy("unknown: ignore", "unknown: deny");
            has(case, Some("AGPL-3.0-only"));
            for package in &mut case.packages {
                if package.name == "more" {
                    package.licenses.push("SEE LICENSE".to_owned());
                }
            }
            case.sbom = |document| {
                let components = document["components"].as_array_mut().expect("components");
                let mut more = components.iter_mut().filter(|one| one["name"] == "more");
                more.next().expect("it is listed")["licenses"] =
                    serde_json::json!([{"license": {"id": "AGPL-3.0-only"}}]);
            };
            case.exception("licences.denied", EXCEPTION);
        })
        .denied(&[(
            "licences.unknown fail",
            "declares AGPL-3.0-only, SEE LICENSE",
        )])
        .excepted(DENIED),
    ]
}

#[test]
fn each_list_of_packages_is_judged_for_itself() {
    assert_rows(packages());
}

#[test]
fn each_list_of_licences_is_judged_for_itself() {
    assert_rows(licences());
}

#[test]
fn what_is_in_no_place_that_was_read_does_not_pass() {
    // The SBOM and the layers are gone, as where nothing was collected.
    let checks = [
        "vulnerabilities.malicious",
        "vulnerabilities.denied",
        "packages.denied",
        "packages.notAllowed",
        "licences.denied",
        "licences.notAllowed",
        "licences.unknown",
    ];
    let mut case = Case::new();
    case.policy(
        "    packages: {deny:",
        r#"    packages: {allow: [{purl: "pkg:npm/*"}], deny:"#,
    );
    case.policy("[AGPL-3.0-only]", "[AGPL-3.0-only], allow: [MIT]");
    case.policy("unknown: ignore", "unknown: deny");
    case.affected(LODASH, Severity::Critical);
    case.evidence = |evidence| evidence.contents.clear();
    let verdict = case.judged();
    assert_eq!(verdict.as_str(), "undecided");
    for check in checks {
        let mut results = verdict.report().results.iter();
        let result = results.find(|result| result.check.to_string() == check);
        let result = result.unwrap_or_else(|| panic!("{check} was not judged"));
        assert_eq!(
            (result.outcome.as_str(), result.code.name().as_str()),
            ("undecided", "image.layers-unavailable"),
            "{check}"
        );
    }
}
