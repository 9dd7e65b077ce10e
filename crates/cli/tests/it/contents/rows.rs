//! The table.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Row;
use super::case::{Case, record};
use crate::stage::SIGNER;

const CRITICAL: &str = "GHSA-aaaa-aaaa-aaaa";

fn row(fact: &'static str, change: fn(&mut Case)) -> Row {
    Row {
        fact,
        change,
        code: 0,
        open: &[],
        excepted: &[],
    }
}

impl Row {
    const fn denied(self, open: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            code: 1,
            open,
            ..self
        }
    }

    const fn undecided(self, open: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            code: 3,
            open,
            ..self
        }
    }

    const fn without_database(self, open: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            code: 4,
            open,
            ..self
        }
    }

    const fn excepted(self, excepted: &'static [(&'static str, &'static str)]) -> Self {
        Self { excepted, ..self }
    }
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![row("nothing is changed", |_| {})];
    rows.extend(findings());
    rows.extend(unknown());
    rows.extend(databases());
    rows.extend(vex());
    rows.extend(packages());
    rows.extend(licences());
    rows.extend(sboms());
    rows
}

fn affected(case: &mut Case) {
    case.known(CRITICAL, "lodash", Some("4.17.22"), Some("CRITICAL"));
}

fn denies(case: &mut Case, entry: &str) {
    case.policy(
        "{severity: critical}, {severity: high, fix: available, grace: 14d}",
        entry,
    );
}

/// Changes when the one record about lodash was published.
fn fixed(case: &mut Case, days: i64) {
    let time = (Timestamp::now() - SignedDuration::from_hours(24 * days)).to_string();
    let mut record = record(CRITICAL, "lodash", Some("4.17.22"), Some("HIGH"));
    record["published"] = json!(time);
    record["modified"] = json!(time);
    case.records.push(("ghsa", record));
    // Of today, so that no record is later than it.
    case.age = Some(0);
}

fn findings() -> Vec<Row> {
    const DENIED: &[(&str, &str)] = &[("vulnerabilities.denied fail", "GHSA-aaaa-aaaa-aaaa")];
    vec![
        row("a critical vulnerability is known", affected).denied(DENIED),
        row("it is known in the other package", |case| {
            case.known(CRITICAL, "left-pad", None, Some("CRITICAL"));
        })
        .denied(&[("vulnerabilities.denied fail", "pkg:npm/left-pad@1.3.0")]),
        row("it is only high, and has no fix", |case| {
            case.known(CRITICAL, "lodash", None, Some("HIGH"));
        }),
        row("it is high and has an old fix", |case| {
            case.known(CRITICAL, "lodash", Some("4.17.22"), Some("HIGH"));
        })
        .denied(&[("vulnerabilities.denied fail", "fixed in 4.17.22")]),
        row("it is high and has a fix of yesterday", |case| {
            fixed(case, 1)
        }),
        row("it is high and has a fix of three weeks ago", |case| {
            fixed(case, 21)
        })
        .denied(DENIED),
        row("it is moderate, and medium is denied", |case| {
            case.known(CRITICAL, "lodash", None, Some("MODERATE"));
            denies(case, "{severity: medium}");
        })
        .denied(&[("vulnerabilities.denied fail", "medium, no fix")]),
        row("only what has no fix is denied, and it has one", |case| {
            affected(case);
            denies(case, "{severity: high, fix: none}");
        }),
        row("only other packages are looked at", |case| {
            affected(case);
            denies(case, r#"{severity: high, packages: ["pkg:npm/left-*"]}"#);
        }),
        row("its packages are looked at", |case| {
            affected(case);
            denies(case, r#"{severity: high, packages: ["pkg:npm/lod*"]}"#);
        })
        .denied(DENIED),
        row("it is malicious", |case| {
            let mut record = record("MAL-2024-1", "left-pad", None, None);
            record["affected"][0]["versions"] = json!(["1.3.0"]);
            case.records.push(("malicious", record));
        })
        .denied(&[("vulnerabilities.malicious fail", "MAL-2024-1")]),
        row("it is exploited, and `kev` is denied", |case| {
            exploited(case, "lodash");
        })
        .denied(&[("vulnerabilities.denied fail", "known to be exploited")]),
        row("another one is exploited, and `kev` is denied", |case| {
            exploited(case, "nothing");
        }),
        row("an exception names it", |case| {
            affected(case);
            case.exception(
                "vulnerabilities.denied",
                "vulnerabilities: [GHSA-aaaa-aaaa-aaaa]",
            );
        })
        .excepted(DENIED),
        row("an exception names another id of it", |case| {
            let mut record = record(CRITICAL, "lodash", None, Some("CRITICAL"));
            record["aliases"] = json!(["CVE-2024-77777"]);
            case.records.push(("ghsa", record));
            case.exception(
                "vulnerabilities.denied",
                "vulnerabilities: [GHSA-aaaa-aaaa-aaaa]",
            );
        })
        .excepted(&[("vulnerabilities.denied fail", "CVE-2024-77777")]),
        row("an exception names another one", |case| {
            affected(case);
            case.exception(
                "vulnerabilities.denied",
                "vulnerabilities: [GHSA-bbbb-bbbb-bbbb]",
            );
        })
        .denied(DENIED),
        row("an exception names its package", |case| {
            affected(case);
            case.exception("vulnerabilities.denied", r#"packages: ["pkg:npm/lodash"]"#);
        })
        .excepted(DENIED),
        row("an exception names it in another package", |case| {
            affected(case);
            let scope = r#"vulnerabilities: [GHSA-aaaa-aaaa-aaaa], packages: ["pkg:npm/left-pad"]"#;
            case.exception("vulnerabilities.denied", scope);
        })
        .denied(DENIED),
        row("an exception names one of two", |case| {
            affected(case);
            case.known("GHSA-bbbb-bbbb-bbbb", "left-pad", None, Some("CRITICAL"));
            case.exception(
                "vulnerabilities.denied",
                "vulnerabilities: [GHSA-aaaa-aaaa-aaaa]",
            );
        })
        .denied(&[("vulnerabilities.denied fail", "GHSA-bbbb-bbbb-bbbb")])
        .excepted(DENIED),
    ]
}

fn exploited(case: &mut Case, package: &str) {
    let mut record = record(CRITICAL, package, None, Some("LOW"));
    record["aliases"] = json!(["CVE-2024-77777"]);
    case.records.push(("ghsa", record));
    let catalogue = json!({"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2024.05.01",
        "dateReleased": "2024-05-01T00:00:00.0Z", "count": 1, "vulnerabilities": [{"cveID": "CVE-2024-77777", "dateAdded": "2024-05-01",
        "dueDate": "2024-05-22", "knownRansomwareCampaignUse": "Unknown"}]});
    case.feeds.push(("kev/kev.json", catalogue.to_string()));
    denies(case, "{kev: true}");
}

fn unknown() -> Vec<Row> {
    const UNKNOWN: &[(&str, &str)] = &[(
        "vulnerabilities.severityUnknown undecided",
        "GHSA-aaaa-aaaa-aaaa",
    )];
    const UNCOVERED: &[(&str, &str)] =
        &[("vulnerabilities.uncovered undecided", "pkg:pypi/six@1.16.0")];
    fn unrated(case: &mut Case) {
        case.known(CRITICAL, "lodash", None, None);
    }
    fn python(case: &mut Case) {
        case.files.insert(
            "usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA".to_owned(),
            "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\nLicense: MIT\n\n".to_owned(),
        );
    }
    fn ended(case: &mut Case) {
        case.files.insert(
            "etc/os-release".to_owned(),
            "ID=debian\nVERSION_ID=\"9\"\n".to_owned(),
        );
        case.files.insert(
            "var/lib/dpkg/status".to_owned(),
            "Package: base\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\nDescription: x\n\n".to_owned(),
        );
        case.records.push((
            "debian",
            json!({"id": "DEBIAN-CVE-2024-1", "modified": "2024-05-01T00:00:00Z", "affected": [{"package":
                {"ecosystem": "Debian:9", "name": "other"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}),
        ));
    }
    fn strange(case: &mut Case) {
        case.npm("lodash", "not a version", Some("MIT"));
    }
    vec![
        row("nobody says how severe it is", unrated).undecided(UNKNOWN),
        row(
            "nobody says how severe it is, which the policy denies",
            |case| {
                unrated(case);
                case.policy("      vex:", "      unknownSeverity: deny\n      vex:");
            },
        )
        .denied(&[(
            "vulnerabilities.severityUnknown fail",
            "GHSA-aaaa-aaaa-aaaa",
        )]),
        row(
            "nobody says how severe it is, which the policy ignores",
            |case| {
                unrated(case);
                case.policy("      vex:", "      unknownSeverity: ignore\n      vex:");
            },
        ),
        row(
            "nobody says how severe it is, and severity does not count",
            |case| {
                exploited(case, "nothing");
                unrated(case);
            },
        ),
        row(
            "nobody says how severe it is, and an exception names it",
            |case| {
                unrated(case);
                case.exception(
                    "vulnerabilities.severityUnknown",
                    "vulnerabilities: [GHSA-aaaa-aaaa-aaaa]",
                );
            },
        )
        .excepted(UNKNOWN),
        row("no feed speaks of a package", python).undecided(UNCOVERED),
        row(
            "no feed speaks of a package, which the policy denies",
            |case| {
                python(case);
                case.policy("      vex:", "      uncovered: deny\n      vex:");
            },
        )
        .denied(&[("vulnerabilities.uncovered fail", "pkg:pypi/six@1.16.0")]),
        row(
            "no feed speaks of a package, and an exception names it",
            |case| {
                python(case);
                case.exception("vulnerabilities.uncovered", r#"packages: ["pkg:pypi/*"]"#);
            },
        )
        .excepted(UNCOVERED),
        row("the release has ended", ended).denied(&[(
            "vulnerabilities.endOfLife fail",
            "Debian:9 gets no fixes since 2022-07-01",
        )]),
        row(
            "the release has ended, which the policy leaves open",
            |case| {
                ended(case);
                case.policy("      vex:", "      endOfLife: undecided\n      vex:");
            },
        )
        .undecided(&[("vulnerabilities.endOfLife undecided", "Debian:9")]),
        row(
            "the release has ended, and an exception names its packages",
            |case| {
                ended(case);
                case.exception(
                    "vulnerabilities.endOfLife",
                    r#"packages: ["pkg:deb/debian/*"]"#,
                );
            },
        )
        .excepted(&[("vulnerabilities.endOfLife fail", "Debian:9")]),
        row("a version cannot be compared", strange).undecided(&[(
            "vulnerabilities.undetermined undecided",
            "GHSA-29mw-wpgm-hmr9",
        )]),
        row(
            "a version cannot be compared, which the policy denies",
            |case| {
                strange(case);
                case.policy("      vex:", "      undetermined: deny\n      vex:");
            },
        )
        .denied(&[("vulnerabilities.undetermined fail", "GHSA-29mw-wpgm-hmr9")]),
    ]
}

fn databases() -> Vec<Row> {
    vec![
        row("there is no database", |case| case.age = None).without_database(&[(
            "vulnerabilities.database undecided",
            "there is no vulnerability database",
        )]),
        row("the database is six days old", |case| {
            case.age = Some(6 * 24)
        })
        .without_database(&[("vulnerabilities.database undecided", "6 days old")]),
        row(
            "the database is six days old, and older ones are allowed",
            |case| {
                case.age = Some(6 * 24);
                case.policy("maxAge: 5d", "maxAge: 7d");
            },
        ),
        row(
            "the database is old, and knows a critical vulnerability",
            |case| {
                affected(case);
                case.age = Some(6 * 24);
            },
        )
        .denied(&[
            ("vulnerabilities.database undecided", "6 days old"),
            ("vulnerabilities.denied fail", "GHSA-aaaa-aaaa-aaaa"),
        ]),
        row("the database is of the day after tomorrow", |case| {
            case.age = Some(-48)
        })
        .without_database(&[("vulnerabilities.database undecided", "")]),
        row("the database is one for trials", |case| case.demo = true)
            .without_database(&[("vulnerabilities.database undecided", "trials")]),
        row("nobody vouches for the database", |case| {
            case.foreign = true
        })
        .without_database(&[("vulnerabilities.database undecided", "not trusted")]),
        row("somebody must have signed the database", |case| {
            case.policy("maxAge: 5d", "maxAge: 5d, by: signer");
        })
        .without_database(&[("vulnerabilities.database undecided", "nobody signed")]),
        row("the database has no scores, and `epss` is denied", |case| {
            denies(case, "{severity: critical}, {epss: 0.5}");
        })
        .without_database(&[("vulnerabilities.database undecided", "EPSS")]),
        row(
            "the database has no catalogue, and `kev` is denied",
            |case| {
                denies(case, "{severity: critical}, {kev: true}");
            },
        )
        .without_database(&[("vulnerabilities.database undecided", "exploited")]),
        row(
            "there is no database, and a version cannot be told from a denied one",
            |case| {
                case.age = None;
                case.npm("event-stream", "strange", Some("MIT"));
            },
        )
        .undecided(&[
            ("vulnerabilities.database undecided", ""),
            ("packages.denied undecided", "event-stream"),
        ]),
        row("there is no database, and no rule asks for one", |case| {
            case.age = None;
            let (from, to) = (
                case.policy.find("    vulnerabilities:").expect("the key"),
                case.policy.find("    packages:").expect("the key"),
            );
            case.policy.replace_range(from..to, "");
        }),
    ]
}

fn statement(status: &str, product: Value) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "us", "version": 1,
        "timestamp": "2024-06-01T00:00:00Z", "statements": [{"vulnerability": {"name": CRITICAL}, "products": [product],
        "status": status, "justification": "vulnerable_code_not_in_execute_path"}]})
}

fn vex() -> Vec<Row> {
    const DENIED: &[(&str, &str)] = &[("vulnerabilities.denied fail", "GHSA-aaaa-aaaa-aaaa")];
    fn lodash() -> Value {
        json!({"@id": "pkg:npm/lodash@4.17.21"})
    }
    vec![
        row(
            "VEX of the named signer says that it is not affected",
            |case| {
                affected(case);
                case.vex = Some((statement("not_affected", lodash()), SIGNER));
            },
        ),
        row("VEX of somebody else says so", |case| {
            affected(case);
            case.vex = Some((statement("not_affected", lodash()), "other@example.com"));
        })
        .denied(DENIED),
        row(
            "VEX of the named signer says so, and the policy names nobody",
            |case| {
                affected(case);
                case.vex = Some((statement("not_affected", lodash()), SIGNER));
                case.policy("      vex: {by: signer}\n", "");
            },
        )
        .denied(DENIED),
        row("VEX says so of another version", |case| {
            affected(case);
            case.vex = Some((
                statement("not_affected", json!({"@id": "pkg:npm/lodash@4.17.20"})),
                SIGNER,
            ));
        })
        .denied(DENIED),
        row("VEX says that it is affected", |case| {
            affected(case);
            let mut document = statement("affected", lodash());
            document["statements"][0]["action_statement"] = json!("update");
            case.vex = Some((document, SIGNER));
        })
        .denied(DENIED),
        row("VEX says so of a malicious package", |case| {
            let mut record = record(CRITICAL, "lodash", None, None);
            record["id"] = json!("MAL-2024-1");
            record["aliases"] = json!([CRITICAL]);
            record["affected"][0]["versions"] = json!(["4.17.21"]);
            case.records.push(("malicious", record));
            case.vex = Some((statement("not_affected", lodash()), SIGNER));
        })
        .denied(&[("vulnerabilities.malicious fail", "MAL-2024-1")]),
    ]
}

fn packages() -> Vec<Row> {
    const DENIED: &[(&str, &str)] = &[("packages.denied fail", "it stole")];
    vec![
        row("a denied package is there", |case| {
            case.npm("event-stream", "3.3.6", Some("MIT"))
        })
        .denied(DENIED),
        row("it is there in another version", |case| {
            case.npm("event-stream", "4.0.0", Some("MIT"))
        }),
        row("it is there, and an exception names it", |case| {
            case.npm("event-stream", "3.3.6", Some("MIT"));
            case.exception("packages.denied", r#"packages: ["pkg:npm/event-stream"]"#);
        })
        .excepted(DENIED),
        row("only other packages are allowed", |case| {
            case.policy(
                "    packages: {deny:",
                r#"    packages: {allow: [{purl: "pkg:npm/lodash"}], deny:"#,
            );
        })
        .denied(&[("packages.notAllowed fail", "pkg:npm/left-pad@1.3.0")]),
        row("all packages are allowed", |case| {
            case.policy(
                "    packages: {deny:",
                r#"    packages: {allow: [{purl: "pkg:npm/*"}], deny:"#,
            );
        }),
        row("a denied package is allowed too", |case| {
            case.npm("event-stream", "3.3.6", Some("MIT"));
            case.policy(
                "    packages: {deny:",
                r#"    packages: {allow: [{purl: "pkg:npm/*"}], deny:"#,
            );
        })
        .denied(DENIED),
    ]
}

fn licences() -> Vec<Row> {
    const DENIED: &[(&str, &str)] = &[("licences.denied fail", "AGPL-3.0-only")];
    fn agpl(case: &mut Case) {
        case.npm("left-pad", "1.3.0", Some("AGPL-3.0-only"));
    }
    vec![
        row("a denied licence has no alternative", agpl).denied(DENIED),
        row("it has none, and an exception names the package", |case| {
            agpl(case);
            case.exception("licences.denied", r#"packages: ["pkg:npm/left-pad"]"#);
        })
        .excepted(DENIED),
        row("another licence holds as well", |case| {
            case.npm("left-pad", "1.3.0", Some("MIT AND AGPL-3.0-only"));
        })
        .denied(DENIED),
        row("a licence is not allowed", |case| {
            case.policy(
                "licences: {deny: [AGPL-3.0-only]",
                "licences: {deny: [AGPL-3.0-only], allow: [ISC, \"MIT*\"]",
            );
            case.npm("lodash", "4.17.21", Some("Zlib"));
        })
        .denied(&[("licences.notAllowed fail", "pkg:npm/lodash@4.17.21")]),
        row(
            "a package declares nothing, which the policy leaves open",
            |case| {
                case.npm("lodash", "4.17.21", None);
                case.policy("unknown: ignore", "unknown: undecided");
            },
        )
        .undecided(&[("licences.unknown undecided", "declares no licence")]),
        row(
            "a package declares free text, which the policy denies",
            |case| {
                case.npm("lodash", "4.17.21", Some("SEE LICENSE IN x"));
                case.policy("unknown: ignore", "unknown: deny");
            },
        )
        .denied(&[("licences.unknown fail", "SEE LICENSE IN x")]),
    ]
}

fn components(document: &mut Value) -> &mut Vec<Value> {
    document["components"].as_array_mut().expect("components")
}

fn without(document: &mut Value, name: &str) {
    let before = components(document).len();
    components(document).retain(|component| component["name"] != name);
    assert_eq!(components(document).len() + 1, before, "{name}");
}

fn sboms() -> Vec<Row> {
    const MISSING: &[(&str, &str)] = &[(
        "sbom.matchesImage fail",
        "pkg:npm/lodash@4.17.21: not in the SBOM",
    )];
    vec![
        row("a package is not in the SBOM", |case| case.sbom = |document| without(document, "lodash")).denied(MISSING),
        row("a package is in the SBOM in another version", |case| {
            case.sbom = |document| {
                for component in components(document) {
                    if component["name"] == "lodash" {
                        component["version"] = json!("4.17.22");
                        component["purl"] = json!("pkg:npm/lodash@4.17.22");
                    }
                }
            };
        })
        .denied(MISSING),
        row("a package is not in the SBOM, and an exception names it", |case| {
            case.sbom = |document| without(document, "lodash");
            case.exception("sbom.matchesImage", r#"packages: ["pkg:npm/lodash"]"#);
        })
        .excepted(MISSING),
        row("the SBOM lists more than the image has", |case| {
            case.sbom = |document| {
                components(document).push(json!({"type": "library", "name": "more", "version": "1.0.0", "purl": "pkg:npm/more@1.0.0",
                    "licenses": [{"license": {"id": "MIT"}}]}));
            };
        }),
        row("a vulnerable package is only in the image", |case| {
            affected(case);
            case.sbom = |document| without(document, "lodash");
        })
        .denied(&[
            ("sbom.matchesImage fail", "lodash"),
            ("vulnerabilities.denied fail", "\"seenIn\":[\"layers\"]"),
        ]),
        row("a vulnerable package is only in the SBOM", |case| {
            case.known(CRITICAL, "more", None, Some("CRITICAL"));
            case.sbom = |document| {
                components(document).push(json!({"type": "library", "name": "more", "version": "1.0.0", "purl": "pkg:npm/more@1.0.0"}));
            };
        })
        .denied(&[("vulnerabilities.denied fail", "\"seenIn\":[\"SBOM sha256:")]),
        row("a second SBOM lacks a package", |case| {
            case.second = Some(|document| without(document, "lodash"));
        })
        .denied(MISSING),
        row("the SBOM is signed by somebody else", |case| case.signer = "other@example.com").denied(&[
            ("attestations.cyclonedx fail identity.mismatch", "other@example.com"),
            ("sbom.matchesImage fail identity.mismatch", "other@example.com"),
        ]),
        row("the second platform holds a vulnerable package", |case| {
            case.known(CRITICAL, "more", None, Some("CRITICAL"));
            let mut files = case.files.clone();
            let (path, text) = super::case::npm("more", "1.0.0", Some("MIT"));
            files.insert(path, text);
            case.arm = Some(files);
        })
        .denied(&[("vulnerabilities.denied fail", "pkg:npm/more@1.0.0")]),
    ]
}
