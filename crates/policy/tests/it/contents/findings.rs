//! What is known against the packages, and which of it is denied.

use std::collections::BTreeSet;
use std::sync::Arc;

use toolkit_sbom::PackageId;
use toolkit_vulndb::advisory::{Class, Feed};
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::db::signals::{Epss, Exploited};
use toolkit_vulndb::matching::{Suppression, Uncovered, Undetermined};
use toolkit_vulndb::severity::Severity;

use super::case::{CVE, Case, LODASH, finding, fixed, layers, matched, package, purl};
use super::{Expected, Row, assert_rows, row};

const DENIED: Expected = &[("vulnerabilities.denied fail", "CVE-2024-1")];

fn denied() -> Vec<Row> {
    vec![
        row("nothing is changed", |_| {}),
        row("a critical vulnerability is known", |case| {
            case.affected(LODASH, Severity::Critical);
        })
        .denied(DENIED),
        row("it is high, and has no fix", |case| {
            case.affected(LODASH, Severity::High);
        }),
        row("it is high, and has a fix of three weeks ago", |case| {
            fixed(case.affected(LODASH, Severity::High), "4.17.22", 21);
        })
        .denied(DENIED),
        row("it is high, and has a fix of yesterday", |case| {
            fixed(case.affected(LODASH, Severity::High), "4.17.22", 1);
        }),
        row("it is high, and has a fix of no known day", |case| {
            let finding = case.affected(LODASH, Severity::High);
            fixed(finding, "4.17.22", 1);
            finding.fix.date = None;
        })
        .denied(DENIED),
        row("it is high, and has a fix for subscribers", |case| {
            let finding = case.affected(LODASH, Severity::High);
            finding.fix.needs_subscription = true;
        }),
        row("only what has no fix is denied, and it has one", |case| {
            fixed(case.affected(LODASH, Severity::Critical), "4.17.22", 21);
            case.denies("{severity: high, fix: none}");
        }),
        row("only other packages are looked at", |case| {
            case.affected(LODASH, Severity::Critical);
            case.denies(r#"{severity: high, packages: ["pkg:npm/left-*"]}"#);
        }),
        row("its packages are looked at", |case| {
            case.affected(LODASH, Severity::Critical);
            case.denies(r#"{severity: high, packages: ["pkg:npm/lod*"]}"#);
        })
        .denied(DENIED),
        row(
            "a package that no list has is not left out by packages",
            |case| {
                Arc::make_mut(&mut case.affected(LODASH, Severity::Critical).subject).package =
                    PackageId::of(&purl("pkg:npm/lodash@0"));
                case.denies(r#"{severity: high, packages: ["pkg:npm/lod*"]}"#);
            },
        )
        .denied(DENIED),
        row("it is exploited, and `kev` is denied", |case| {
            case.affected(LODASH, Severity::Low).exploited = Some(Exploited {
                added: 19_000,
                due: None,
                ransomware: false,
            });
            case.denies("{kev: true}");
        })
        .denied(DENIED),
        row("it is not exploited, and `kev` is denied", |case| {
            case.affected(LODASH, Severity::Critical);
            case.denies("{kev: true}");
        }),
        row("its score is the denied one", |case| {
            scored(case, 50_000);
        })
        .denied(DENIED),
        row("its score is below the denied one", |case| {
            scored(case, 49_999);
        }),
        row("its score is denied only with a severity", |case| {
            scored(case, 99_000);
            case.policy("{epss: 0.5}", "{epss: 0.5, severity: medium}");
        }),
        row("Debian holds it unimportant", |case| {
            case.affected(LODASH, Severity::Critical).suppressed = Some(Suppression::Unimportant);
        }),
        row(
            "Debian holds it unimportant, and negligible is denied",
            |case| {
                case.affected(LODASH, Severity::Critical).suppressed =
                    Some(Suppression::Unimportant);
                case.denies("{severity: negligible}");
            },
        )
        .denied(DENIED),
        row("the distribution has fixed it", |case| {
            let by = "DSA-1".to_owned();
            case.affected(LODASH, Severity::Critical).suppressed =
                Some(Suppression::FixedByDistro { by });
        }),
        row(
            "it is malicious, and the distribution has fixed it",
            |case| {
                let by = "DSA-1".to_owned();
                let finding = case.affected(LODASH, Severity::Low);
                finding.class = Class::Malicious;
                finding.suppressed = Some(Suppression::FixedByDistro { by });
            },
        )
        .denied(&[("vulnerabilities.malicious fail", "CVE-2024-1")]),
    ]
}

fn scored(case: &mut Case, probability: u32) {
    case.affected(LODASH, Severity::Low).epss = Some(Epss {
        probability,
        percentile: 90_000,
    });
    case.denies("{epss: 0.5}");
}

fn open() -> Vec<Row> {
    const UNKNOWN: Expected = &[("vulnerabilities.severityUnknown undecided", "CVE-2024-1")];
    const UNDETERMINED: Expected = &[("vulnerabilities.undetermined undecided", "CVE-2024-1")];
    fn act(case: &mut Case, key: &str, act: &str) {
        case.policy("      vex:", &format!("      {key}: {act}\n      vex:"));
    }
    fn unrated(case: &mut Case) {
        case.affected(LODASH, Severity::Unknown);
    }
    fn undetermined(case: &mut Case) {
        case.known.undetermined.push(Undetermined {
            subject: matched(LODASH).into(),
            feed: Feed::Ghsa,
            id: CVE.to_owned(),
            ids: BTreeSet::from([CVE.to_owned()]),
            reason: "no order".to_owned(),
        });
    }
    fn uncovered(case: &mut Case) {
        let id = PackageId::of(&purl(LODASH));
        case.known.uncovered.push((id, Uncovered::NoSource));
    }
    fn ended(case: &mut Case) {
        case.has("pkg:deb/debian/base@1.0-1?distro=debian-9", Some("MIT"));
    }
    vec![
        row("nobody says how severe it is", unrated).undecided(UNKNOWN),
        row("nobody says how severe a notice is", |case| {
            case.affected(LODASH, Severity::Unknown).class = Class::Informational;
        }),
        row("nobody says how severe it is, which is denied", |case| {
            unrated(case);
            act(case, "unknownSeverity", "deny");
        })
        .denied(&[("vulnerabilities.severityUnknown fail", "CVE-2024-1")]),
        row("nobody says how severe it is, which is ignored", |case| {
            unrated(case);
            act(case, "unknownSeverity", "ignore");
        }),
        row("a version cannot be compared", undetermined).undecided(UNDETERMINED),
        row("a version cannot be compared, which is denied", |case| {
            undetermined(case);
            act(case, "undetermined", "deny");
        })
        .denied(&[("vulnerabilities.undetermined fail", "no order")]),
        row(
            "a version of a package that no list has cannot be compared",
            |case| {
                undetermined(case);
                Arc::make_mut(&mut case.known.undetermined[0].subject).package =
                    PackageId::of(&purl("pkg:npm/x@0"));
            },
        )
        .undecided(&[("vulnerabilities.undetermined undecided", "pkg:npm/x@0")]),
        row("nothing was asked about a package", uncovered).undecided(&[(
            "vulnerabilities.uncovered undecided",
            "no feed for it: source package not named",
        )]),
        row(
            "nothing was asked about a package, which is denied",
            |case| {
                uncovered(case);
                act(case, "uncovered", "deny");
            },
        )
        .denied(&[("vulnerabilities.uncovered fail", "lodash")]),
        row(
            "nothing was asked about a package, which is ignored",
            |case| {
                uncovered(case);
                act(case, "uncovered", "ignore");
            },
        ),
        row("the release has ended", ended).denied(&[(
            "vulnerabilities.endOfLife fail",
            "Debian:9 gets no fixes since 2022-07-01",
        )]),
        row("the release has ended, which is left open", |case| {
            ended(case);
            act(case, "endOfLife", "undecided");
        })
        .undecided(&[("vulnerabilities.endOfLife undecided", "Debian:9")]),
    ]
}

#[test]
fn entries_of_deny_hold_as_they_are_written() {
    assert_rows(denied());
}

#[test]
fn what_cannot_be_told_ends_as_the_policy_says() {
    assert_rows(open());
}

#[test]
fn a_package_is_one_wherever_it_is_seen() {
    const INSTALLED: &str = "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12";
    const LISTED: &str = "pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12";
    let mut case = Case::new();
    case.has(LISTED, Some("MIT"));
    let uncovered = |url: &str| (PackageId::of(&purl(url)), Uncovered::NoSource);
    case.known.uncovered.push(uncovered(LISTED));
    case.evidence = |evidence| {
        let listing = layers(evidence);
        let at = listing
            .inventory
            .packages
            .iter()
            .position(|one| one.name == "libssl3");
        let at = at.expect("it is there");
        listing.inventory.packages[at] = package(INSTALLED, Some("MIT"));
        let known = listing.known.as_mut().expect("it was asked");
        known.uncovered[0].0 = PackageId::of(&purl(INSTALLED));
    };
    let verdict = case.judged();
    let open: Vec<_> = verdict.report().open().collect();
    let [result] = &open[..] else {
        panic!("{open:#?}")
    };
    assert_eq!(result.items.len(), 1, "{:#?}", result.items);
    assert_eq!(result.items[0].seen_in.len(), 2, "{:#?}", result.items);
}

#[test]
fn the_next_step_names_each_package_with_the_version_that_fixes_all() {
    let mut case = Case::new();
    let packages = [
        ("pkg:npm/lodash@4.17.21", "lodash", "4.17.22"),
        ("pkg:npm/lodash@4.17.21", "lodash", "4.17.23"),
        ("pkg:npm/%40a/core@1.0.0", "core", "1.2.0"),
        ("pkg:npm/%40b/core@1.0.0", "core", "9.0.0"),
    ];
    for (number, (url, name, version)) in packages.into_iter().enumerate() {
        let mut finding = finding(url, &format!("CVE-2024-{number}"), Severity::Critical);
        Arc::make_mut(&mut finding.subject).name = name.to_owned();
        fixed(&mut finding, version, 30);
        case.known.findings.push(finding);
    }
    assert_eq!(case.known.findings[0].fix.state, FixState::Fixed);
    let verdict = case.judged();
    let next = verdict
        .report()
        .open()
        .find_map(|result| result.next.clone());
    assert_eq!(
        next.as_deref(),
        Some("update lodash to 4.17.23, core (npm/@a) to 1.2.0, core (npm/@b) to 9.0.0")
    );
}

#[test]
fn the_clock_is_the_one_that_is_given() {
    let mut case = Case::new();
    fixed(case.affected(LODASH, Severity::High), "4.17.22", 1);
    case.now = "2026-12-07T12:00:00Z".parse().expect("a time");
    case.policy("maxAge: 5d", "maxAge: 90d");
    assert_eq!(case.judged().as_str(), "deny", "the grace is over by then");
}
