//! Exceptions from checks of contents: from which, for what, until when.

use std::collections::BTreeSet;

use toolkit_policy::{ExceptionState, check};
use toolkit_sbom::PackageId;
use toolkit_vulndb::advisory::Feed;
use toolkit_vulndb::matching::{Uncovered, Undetermined};
use toolkit_vulndb::severity::Severity;

use super::case::{CVE, Case, LODASH, finding, matched, package, purl};
use super::{Expected, Row, assert_rows, row};
use crate::faults::{now, render};

const DENIED: Expected = &[("vulnerabilities.denied fail", "CVE-2024-1")];

/// A check, what makes it fail for one package, and whether an exception from it may name vulnerabilities.
type Failing = (&'static str, fn(&mut Case), bool);

fn failing() -> Vec<Failing> {
    fn without(case: &mut Case) {
        case.sbom = |document| {
            let components = document["components"].as_array_mut().expect("components");
            components.retain(|component| component["name"] != "lodash");
        };
    }
    fn licensed(case: &mut Case, licence: Option<&str>) {
        let at = case.packages.iter().position(|one| one.name == "lodash");
        case.packages[at.expect("it is there")] = package(LODASH, licence);
    }
    vec![
        (
            "vulnerabilities.denied",
            |case| {
                case.affected(LODASH, Severity::Critical);
            },
            true,
        ),
        (
            "vulnerabilities.severityUnknown",
            |case| {
                case.affected(LODASH, Severity::Unknown);
            },
            true,
        ),
        (
            "vulnerabilities.undetermined",
            |case| {
                case.known.undetermined.push(Undetermined {
                    subject: matched(LODASH).into(),
                    feed: Feed::Ghsa,
                    id: CVE.to_owned(),
                    ids: BTreeSet::from([CVE.to_owned()]),
                    reason: "no order".to_owned(),
                });
            },
            true,
        ),
        (
            "vulnerabilities.uncovered",
            |case| {
                let id = PackageId::of(&purl(LODASH));
                case.known.uncovered.push((id, Uncovered::NoSource));
            },
            false,
        ),
        (
            "vulnerabilities.endOfLife",
            |case| case.has("pkg:deb/debian/lodash@1.0-1?distro=debian-9", Some("MIT")),
            false,
        ),
        (
            "packages.denied",
            |case| {
                case.policy(
                    "pkg:npm/event-stream\", versions: \">=3.3.6 <4.0.0\"",
                    "pkg:npm/lodash\"",
                )
            },
            false,
        ),
        (
            "packages.notAllowed",
            |case| {
                case.policy(
                    "    packages: {deny:",
                    r#"    packages: {allow: [{purl: "pkg:npm/left-pad"}], deny:"#,
                );
            },
            false,
        ),
        (
            "licences.denied",
            |case| licensed(case, Some("AGPL-3.0-only")),
            false,
        ),
        (
            "licences.notAllowed",
            |case| {
                case.policy("[AGPL-3.0-only]", "[AGPL-3.0-only], allow: [MIT]");
                licensed(case, Some("Zlib"));
            },
            false,
        ),
        (
            "licences.unknown",
            |case| {
                case.policy("unknown: ignore", "unknown: deny");
                licensed(case, None);
            },
            false,
        ),
        ("sbom.matchesImage", without, false),
    ]
}

#[test]
fn every_check_is_excepted_by_its_own_name_and_scope_alone() {
    let all = failing();
    for (check, fails, has_ids) in &all {
        let ended = |exception: &dyn Fn(&mut Case)| {
            let mut case = Case::new();
            fails(&mut case);
            exception(&mut case);
            let verdict = case.judged();
            let open: Vec<String> = verdict
                .report()
                .open()
                .map(|result| result.check.to_string())
                .collect();
            (verdict.as_str(), open)
        };
        let stands = |(verdict, open): (&str, Vec<String>)| {
            assert_ne!(verdict, "allow", "{check}");
            assert_eq!(open, [(*check).to_owned()], "{check}");
        };
        let by = |check: &str, scope: &str| ended(&|case: &mut Case| case.exception(check, scope));
        let package = r#"packages: ["pkg:npm/lodash", "pkg:deb/debian/lodash"], "#;
        stands(ended(&|_| {}));
        assert_eq!(by(check, package).0, "allow", "{check}");
        stands(by(check, r#"packages: ["pkg:npm/left-pad"], "#));
        if *has_ids {
            assert_eq!(
                by(check, "vulnerabilities: [CVE-2024-1], ").0,
                "allow",
                "{check}"
            );
            stands(by(check, "vulnerabilities: [CVE-2024-2], "));
            let both = "vulnerabilities: [CVE-2024-1], packages: [\"pkg:npm/left-pad\"], ";
            stands(by(check, both));
        }
        for (other, ..) in all.iter().filter(|(other, ..)| other != check) {
            stands(by(other, package));
        }
    }
}

fn rows() -> Vec<Row> {
    fn aliased(case: &mut Case) {
        let finding = case.affected(LODASH, Severity::Critical);
        finding.ids.insert("GHSA-aaaa-aaaa-aaaa".to_owned());
    }
    fn names(case: &mut Case, id: &str) {
        let scope = format!("vulnerabilities: [{id}], ");
        case.exception("vulnerabilities.denied", &scope);
    }
    vec![
        row("it names the shown id", |case| {
            aliased(case);
            names(case, CVE);
        })
        .excepted(DENIED),
        row("it names another id", |case| {
            aliased(case);
            names(case, "GHSA-aaaa-aaaa-aaaa");
        })
        .excepted(DENIED),
        row("it names another id in other letters", |case| {
            aliased(case);
            names(case, "ghsa-AAAA-aaaa-aaaa");
        })
        .excepted(DENIED),
        row("it names the beginning of an id", |case| {
            aliased(case);
            names(case, "CVE-2024-10");
        })
        .denied(DENIED),
        row("it names one of two findings", |case| {
            case.affected(LODASH, Severity::Critical);
            let other = finding("pkg:npm/left-pad@1.3.0", "CVE-2024-2", Severity::Critical);
            case.known.findings.push(other);
            names(case, "CVE-2024-2");
        })
        .denied(DENIED)
        .excepted(&[("vulnerabilities.denied fail", "CVE-2024-2")]),
        row("two name one each", |case| {
            case.affected(LODASH, Severity::Critical);
            let other = finding("pkg:npm/left-pad@1.3.0", "CVE-2024-2", Severity::Critical);
            case.known.findings.push(other);
            names(case, "CVE-2024-2");
            names(case, CVE);
        })
        .excepted(&[
            ("vulnerabilities.denied fail", "CVE-2024-1"),
            ("vulnerabilities.denied fail", "CVE-2024-2"),
        ]),
        row("its last day has begun", |case| {
            ends(case, "2026-12-24T23:59:59Z");
        })
        .excepted(DENIED),
        row("its last day is over", |case| {
            ends(case, "2026-12-25T00:00:00Z");
        })
        .denied(DENIED),
        row("it is for another image", |case| {
            aliased(case);
            names(case, CVE);
            case.policy(
                "images: [\"**\"]",
                "images: [\"registry.example/acme/web\"]",
            );
        })
        .denied(DENIED),
        row("a malicious package is covered by none", |case| {
            let finding = case.affected(LODASH, Severity::Critical);
            finding.class = toolkit_vulndb::advisory::Class::Malicious;
            names(case, CVE);
        })
        .denied(&[("vulnerabilities.malicious fail", "CVE-2024-1")]),
    ]
}

fn ends(case: &mut Case, now: &str) {
    case.affected(LODASH, Severity::Critical);
    case.policy("maxAge: 5d", "maxAge: 90d");
    case.exception("vulnerabilities.denied", "vulnerabilities: [CVE-2024-1], ");
    case.now = now.parse().expect("a time");
}

#[test]
fn an_exception_covers_what_it_names_until_it_ends() {
    assert_rows(rows());
}

#[test]
fn what_became_of_an_exception_is_told() {
    for (change, expected) in [
        (
            (|case| {
                case.affected(LODASH, Severity::Critical);
            }) as fn(&mut Case),
            ExceptionState::Applied,
        ),
        (|_| {}, ExceptionState::Unused),
        (
            |case| case.now = "2026-12-25T00:00:00Z".parse().expect("a time"),
            ExceptionState::Expired,
        ),
    ] {
        let mut case = Case::new();
        case.policy("maxAge: 5d", "maxAge: 90d");
        case.exception("vulnerabilities.denied", "vulnerabilities: [CVE-2024-1], ");
        change(&mut case);
        assert_eq!(case.judged().report().exceptions[0].state, expected);
    }
}

#[test]
fn no_exception_is_from_trust_or_from_what_always_holds() {
    const NEVER: &str = "policy.not-exceptable";
    const UNKNOWN: &str = "policy.unknown-value";
    for (name, code) in [
        ("match", NEVER),
        ("signatures", NEVER),
        ("provenance", NEVER),
        ("provenance.builder", NEVER),
        ("vulnerabilities.malicious", NEVER),
        ("vulnerabilities.database", NEVER),
        ("attestations.", UNKNOWN),
        ("vulnerabilities", UNKNOWN),
        ("licences.*", UNKNOWN),
    ] {
        let text = format!(
            "version: 1\nname: p\nidentities:\n  a: {{kind: github, repository: acme/a}}\nrules:\n- id: r\n  require: {{signatures: a}}\n\
             exceptions:\n- {{id: E1, checks: [\"{name}\"], images: [\"**\"], owner: o, reason: r, expires: 2026-12-24}}\n"
        );
        let faults = check("policy.yaml", &text, now()).expect_err(name);
        assert_eq!(faults.len(), 1, "{name}: {faults:#?}");
        let told = render(&faults);
        assert!(told.starts_with(&format!("{code}\n")), "{name}: {told}");
    }
}
