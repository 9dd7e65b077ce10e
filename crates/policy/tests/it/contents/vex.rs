//! VEX: whose, about what, the newest; and what was not seen.

use serde_json::{Value, json};
use toolkit_attest::{ReasonCode, Refusal, Step, predicate};
use toolkit_policy::{Evidence, Gap, GapKind, Refused};
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::severity::Severity;

use super::case::{Case, LODASH, OTHER, SECOND, SIGNER, Vex, index, openvex, platform, stated};
use super::{Expected, Row, assert_rows, row};

const OLD: &str = "2024-06-01T00:00:00Z";
const NEW: &str = "2024-07-01T00:00:00Z";
const DENIED: Expected = &[("vulnerabilities.denied fail", "CVE-2024-1")];

fn lodash() -> Value {
    json!({"@id": LODASH})
}

fn no(time: &str) -> Value {
    stated("not_affected", lodash(), time)
}

fn yes(time: &str) -> Value {
    stated("affected", lodash(), time)
}

/// A critical finding, and what the named signer states of its package.
fn stating(case: &mut Case, statements: &[Value]) {
    case.affected(LODASH, Severity::Critical);
    case.states(SIGNER, statements);
}

/// The same of the image instead of the package.
fn about(case: &mut Case, product: Value) {
    stating(case, &[stated("not_affected", product, OLD)]);
}

fn agreed(case: &mut Case, who: &str) {
    case.affected(LODASH, Severity::Critical);
    case.policy("vex: {by: signer}", &format!("vex: {{by: {who}}}"));
}

fn gap(evidence: &mut Evidence, kind: GapKind) {
    let subject = evidence.digest.clone();
    evidence.gaps.push(Gap { subject, kind });
}

fn silent(evidence: &mut Evidence) {
    let kind = GapKind::Unreachable {
        source: "the list of referrers".to_owned(),
        reason: "503".to_owned(),
    };
    gap(evidence, kind);
}

fn refused(evidence: &mut Evidence, code: ReasonCode, claimed: Option<&str>) {
    evidence.refused.push(Refused {
        subject: evidence.digest.clone(),
        bundle: None,
        claimed_type: claimed.map(str::to_owned),
        refusal: Refusal::new(Step::Engine, code),
    });
}

fn whose() -> Vec<Row> {
    const BOTH: &str = "{allOf: [signer, second]}";
    const TWO: &str = "{atLeast: {n: 2, of: [signer, second, other]}}";
    vec![
        row("the named signer says that it is not affected", |case| {
            stating(case, &[no(OLD)]);
        }),
        row("the named signer says so for the platform", |case| {
            case.affected(LODASH, Severity::Critical);
            case.vex.push(Vex {
                document: openvex(&[no(OLD)]),
                by: SIGNER,
                subject: platform(),
            });
        }),
        row("the named signer says that it is fixed", |case| {
            stating(case, &[stated("fixed", lodash(), OLD)]);
        }),
        row("the named signer gives no reason", |case| {
            let mut statement = no(OLD);
            statement["justification"] = Value::Null;
            stating(case, &[statement]);
        })
        .denied(DENIED),
        row("somebody else says so", |case| {
            case.affected(LODASH, Severity::Critical);
            case.states(OTHER, &[no(OLD)]);
        })
        .denied(DENIED),
        row("the policy names nobody", |case| {
            case.policy("      vex: {by: signer}\n", "");
            stating(case, &[no(OLD)]);
        })
        .denied(DENIED),
        row("somebody else says later that it is affected", |case| {
            stating(case, &[no(OLD)]);
            case.states(OTHER, &[yes(NEW)]);
        }),
        row("any of two says so", |case| {
            agreed(case, "{anyOf: [signer, second]}");
            case.states(SECOND, &[no(OLD)]);
        }),
        row("both must say so, and do", |case| {
            agreed(case, BOTH);
            case.states(SIGNER, &[no(OLD)]);
            case.states(SECOND, &[no(NEW)]);
        }),
        row("both must say so, and one does", |case| {
            agreed(case, BOTH);
            case.states(SIGNER, &[no(OLD)]);
        })
        .denied(DENIED),
        row(
            "both must say so, and one took it back before the other did",
            |case| {
                agreed(case, BOTH);
                case.states(SIGNER, &[no("2024-05-01T00:00:00Z")]);
                case.states(SIGNER, &[yes(OLD)]);
                case.states(SECOND, &[no(NEW)]);
            },
        )
        .denied(DENIED),
        row(
            "both must say so, and one who took it back says it again",
            |case| {
                agreed(case, BOTH);
                case.states(SIGNER, &[yes(OLD)]);
                case.states(SIGNER, &[no(NEW)]);
                case.states(SECOND, &[no(OLD)]);
            },
        ),
        row("two of three must say so, and do", |case| {
            agreed(case, TWO);
            case.states(OTHER, &[no(OLD)]);
            case.states(SECOND, &[no(OLD)]);
        }),
        row(
            "two of three must say so, and one of two took it back",
            |case| {
                agreed(case, TWO);
                case.states(OTHER, &[no("2024-05-01T00:00:00Z"), yes(OLD)]);
                case.states(SECOND, &[no(NEW)]);
            },
        )
        .denied(DENIED),
        row("both must say so, and one of a crew took it back", |case| {
            agreed(case, "{allOf: [crew, other]}");
            case.states(SIGNER, &[no("2024-05-01T00:00:00Z")]);
            case.states(SECOND, &[yes(OLD)]);
            case.states(OTHER, &[no(NEW)]);
        })
        .denied(DENIED),
        row(
            "both must say so, and one of a crew says it after all",
            |case| {
                agreed(case, "{allOf: [crew, other]}");
                case.states(SIGNER, &[yes("2024-05-01T00:00:00Z")]);
                case.states(SECOND, &[no(OLD)]);
                case.states(OTHER, &[no(NEW)]);
            },
        ),
        row(
            "two people must say so, and one who did took it back",
            |case| {
                agreed(case, "{atLeast: {n: 2, of: [crew, guests]}}");
                case.states(SIGNER, &[no("2024-05-01T00:00:00Z"), yes(OLD)]);
                case.states(SECOND, &[no(NEW)]);
            },
        )
        .denied(DENIED),
        row(
            "two people must say so, and one who took it back says it again",
            |case| {
                agreed(case, "{atLeast: {n: 2, of: [crew, guests]}}");
                case.states(SIGNER, &[yes(OLD), no(NEW)]);
                case.states(SECOND, &[no(NEW)]);
            },
        ),
    ]
}

fn newest() -> Vec<Row> {
    vec![
        row(
            "it says first that it is affected, then that it is not",
            |case| {
                stating(case, &[yes(OLD), no(NEW)]);
            },
        ),
        row(
            "it says first that it is not affected, then that it is",
            |case| {
                stating(case, &[yes(NEW), no(OLD)]);
            },
        )
        .denied(DENIED),
        row("the later word is in another document", |case| {
            stating(case, &[no(OLD)]);
            case.states(SIGNER, &[yes(NEW)]);
        })
        .denied(DENIED),
        row("the later word is that it is being looked into", |case| {
            stating(
                case,
                &[no(OLD), stated("under_investigation", lodash(), NEW)],
            );
        })
        .denied(DENIED),
        row("it says both at once", |case| {
            stating(case, &[no(OLD), yes(OLD)]);
        })
        .denied(DENIED),
        row("it says otherwise, and not when", |case| {
            stating(case, &[no(NEW), yes("some day")]);
        })
        .denied(DENIED),
        row("it says otherwise of another vulnerability", |case| {
            let mut other = yes(NEW);
            other["vulnerability"]["name"] = json!("CVE-2024-2");
            stating(case, &[no(OLD), other]);
        }),
        row(
            "it says otherwise by another name of the vulnerability",
            |case| {
                let mut other = yes(NEW);
                other["vulnerability"]["name"] = json!("ghsa-aaaa-aaaa-aaaa");
                stating(case, &[no(OLD), other]);
                let ids = &mut case.known.findings[0].ids;
                ids.insert("GHSA-aaaa-aaaa-aaaa".to_owned());
            },
        )
        .denied(DENIED),
    ]
}

fn products() -> Vec<Row> {
    fn image(version: &str) -> Value {
        json!({"@id": format!("pkg:oci/app@{}", version.replace(':', "%3A"))})
    }
    fn part(of: &mut Value, part: Value) {
        of["subcomponents"] = json!([part]);
    }
    vec![
        row("the package without a version", |case| {
            about(case, json!({"@id": "pkg:npm/lodash"}));
        }),
        row("another version of the package", |case| {
            about(case, json!({"@id": "pkg:npm/lodash@4.17.20"}));
        })
        .denied(DENIED),
        row("the index by its digest", |case| {
            about(case, image(&index().to_string()));
        }),
        row("the platform by its digest", |case| {
            about(case, image(&platform().to_string()));
        }),
        row("the image by its name", |case| {
            about(case, json!({"@id": "pkg:oci/app"}));
        }),
        row("another image by its digest", |case| {
            about(case, image(&format!("sha256:{}", "a".repeat(64))));
        })
        .denied(DENIED),
        row("another image by its name", |case| {
            about(case, json!({"@id": "pkg:oci/web"}));
        })
        .denied(DENIED),
        row("an image of that name elsewhere", |case| {
            about(
                case,
                json!({"@id": "pkg:oci/app?repository_url=other.example/acme/app"}),
            );
        })
        .denied(DENIED),
        row("an image that is called otherwise than one", |case| {
            about(case, json!({"@id": "pkg:docker/app"}));
        })
        .denied(DENIED),
        row("the package in the image", |case| {
            let mut product = image(&index().to_string());
            part(&mut product, lodash());
            about(case, product);
        }),
        row("another package in the image", |case| {
            let mut product = image(&index().to_string());
            part(&mut product, json!({"@id": "pkg:npm/left-pad"}));
            about(case, product);
        })
        .denied(DENIED),
        row("the package in another image", |case| {
            let mut product = json!({"@id": "pkg:oci/web"});
            part(&mut product, lodash());
            about(case, product);
        })
        .denied(DENIED),
        row("a part of the image without a name that is read", |case| {
            let mut product = image(&index().to_string());
            part(&mut product, json!({"name": "lodash"}));
            about(case, product);
        })
        .denied(DENIED),
        row("a package that is malicious", |case| {
            stating(case, &[no(OLD)]);
            case.known.findings[0].class = Class::Malicious;
        })
        .denied(&[("vulnerabilities.malicious fail", "CVE-2024-1")]),
    ]
}

fn unseen() -> Vec<Row> {
    const SILENT: Expected = &[(
        "vulnerabilities.denied undecided evidence.unreachable",
        "VEX not seen: the list of referrers did not answer: 503",
    )];
    const UNREAD: Expected = &[(
        "vulnerabilities.denied undecided evidence.unreadable.statement-malformed",
        "could not be read",
    )];
    fn unread(case: &mut Case, by: &'static str) {
        case.vex.push(Vex {
            document: json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "statements": [
                {"vulnerability": {"name": "CVE-2024-1"}, "products": [], "status": "maybe"}]}),
            by,
            subject: index(),
        });
    }
    vec![
        row(
            "a source did not answer: one that was not seen may clear it",
            |case| {
                case.affected(LODASH, Severity::Critical);
                case.evidence = silent;
            },
        )
        .undecided(SILENT),
        row(
            "a source did not answer: one that was not seen may take it back",
            |case| {
                stating(case, &[no(OLD)]);
                case.evidence = silent;
            },
        )
        .undecided(SILENT),
        row(
            "a source did not answer, and an exception names the finding",
            |case| {
                case.affected(LODASH, Severity::Critical);
                case.evidence = silent;
                case.exception("vulnerabilities.denied", "vulnerabilities: [CVE-2024-1], ");
            },
        )
        .excepted(SILENT),
        row(
            "a source did not answer, and an exception names another one",
            |case| {
                case.affected(LODASH, Severity::Critical);
                case.evidence = silent;
                case.exception("vulnerabilities.denied", "vulnerabilities: [CVE-2024-2], ");
            },
        )
        .undecided(SILENT),
        row(
            "a source did not answer, and nothing is to be cleared",
            |case| {
                case.evidence = silent;
            },
        ),
        row("a source did not answer, and no VEX counts", |case| {
            case.policy("      vex: {by: signer}\n", "");
            case.affected(LODASH, Severity::Critical);
            case.evidence = silent;
        })
        .denied(DENIED),
        row("a source of the platform did not answer", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| {
                silent(evidence);
                evidence.gaps[0].subject = platform();
            };
        })
        .undecided(SILENT),
        row("a source of another image did not answer", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| {
                silent(evidence);
                evidence.gaps[0].subject = toolkit_oci::Digest::sha256(b"other");
            };
        }),
        row(
            "a source did not answer, and nobody says how severe it is",
            |case| {
                case.affected(LODASH, Severity::Unknown);
                case.policy("      vex:", "      unknownSeverity: deny\n      vex:");
                case.evidence = silent;
            },
        )
        .undecided(&[(
            "vulnerabilities.severityUnknown undecided evidence.unreachable",
            "VEX not seen",
        )]),
        row("older attestations are not read", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| gap(evidence, GapKind::LegacyAttestation);
        })
        .undecided(&[(
            "vulnerabilities.denied undecided evidence.unsupported",
            ".att",
        )]),
        row("older signatures are no VEX", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| gap(evidence, GapKind::LegacySignature);
        }),
        row("a bundle of no known kind cannot be read", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| refused(evidence, ReasonCode::BundleMalformed, None);
        })
        .undecided(&[(
            "vulnerabilities.denied undecided evidence.unreadable.bundle-malformed",
            "VEX not seen: a bundle could not be read",
        )]),
        row("a bundle of another kind cannot be read", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| {
                refused(
                    evidence,
                    ReasonCode::BundleMalformed,
                    Some(predicate::CYCLONEDX),
                );
            };
        }),
        row("VEX that is forged is nobody's", |case| {
            stating(case, &[no(OLD)]);
            case.evidence = |evidence| {
                refused(
                    evidence,
                    ReasonCode::SignatureInvalid,
                    Some(predicate::OPENVEX),
                );
            };
        }),
        row("VEX of the named signer is none", |case| {
            case.affected(LODASH, Severity::Critical);
            unread(case, SIGNER);
        })
        .undecided(UNREAD),
        row(
            "VEX of the named signer is none, and other VEX of theirs clears it",
            |case| {
                stating(case, &[no(OLD)]);
                unread(case, SIGNER);
            },
        )
        .undecided(UNREAD),
        row("VEX of somebody else is none", |case| {
            stating(case, &[no(OLD)]);
            unread(case, OTHER);
        }),
    ]
}

#[test]
fn only_those_who_are_named_and_still_say_so_clear_a_finding() {
    assert_rows(whose());
}

#[test]
fn the_newest_word_counts() {
    assert_rows(newest());
}

#[test]
fn a_statement_is_about_the_package_or_this_image() {
    assert_rows(products());
}

#[test]
fn vex_that_was_not_seen_leaves_a_finding_open() {
    assert_rows(unseen());
}
