//! Whether the database may be asked, and what it lacks.

use jiff::SignedDuration;
use toolkit_policy::{DatabaseEvidence, Evidence};
use toolkit_vulndb::severity::Severity;

use super::case::{Case, LODASH, OTHER, SECOND, SIGNER, facts, layers};
use super::{Row, assert_rows, row};

fn by(case: &mut Case, who: &str) {
    case.policy("{maxAge: 5d}", &format!("{{maxAge: 5d, by: {who}}}"));
}

fn aged(evidence: &mut Evidence, hours: i64) {
    let facts = facts(evidence);
    facts.created = crate::faults::now() - SignedDuration::from_hours(hours);
}

fn rows() -> Vec<Row> {
    const NO: &str = "vulnerabilities.database undecided";
    vec![
        row("somebody must have signed it, who did", |case| {
            by(case, "signer");
            case.vouched = vec![SIGNER];
        }),
        row(
            "somebody must have signed it, who did beside others",
            |case| {
                by(case, "signer");
                case.vouched = vec![OTHER, SIGNER];
            },
        ),
        row(
            "somebody must have signed it, and somebody else did",
            |case| {
                by(case, "signer");
                case.vouched = vec![OTHER];
            },
        )
        .undecided(&[(NO, "other@example.com")]),
        row("somebody must have signed it, and nobody did", |case| {
            by(case, "signer");
        })
        .undecided(&[(NO, "nobody signed")]),
        row("two must have signed it, who did", |case| {
            by(case, "{allOf: [signer, second]}");
            case.vouched = vec![SIGNER, SECOND];
        }),
        row("two must have signed it, and one did", |case| {
            by(case, "{allOf: [signer, second]}");
            case.vouched = vec![SIGNER];
        })
        .undecided(&[(NO, "signer@example.com")]),
        row("it is as old as it may be", |case| {
            case.evidence = |evidence| aged(evidence, 5 * 24);
        }),
        row("it is older than it may be", |case| {
            case.evidence = |evidence| aged(evidence, 5 * 24 + 1);
        })
        .undecided(&[(NO, "5 days old")]),
        row("it is old, and knows what is denied", |case| {
            case.affected(LODASH, Severity::Critical);
            case.evidence = |evidence| aged(evidence, 6 * 24);
        })
        .denied(&[
            (NO, "6 days old"),
            ("vulnerabilities.denied fail", "lodash"),
        ]),
        row("it is one for trials", |case| {
            case.evidence = |evidence| facts(evidence).demo = true;
        })
        .undecided(&[(NO, "trials")]),
        row("it has no scores, and `epss` is denied", |case| {
            case.denies("{epss: 0.5}");
            case.evidence = |evidence| facts(evidence).scores = false;
        })
        .undecided(&[(NO, "EPSS")]),
        row("it has no catalogue, and `kev` is denied", |case| {
            case.denies("{kev: true}");
            case.evidence = |evidence| facts(evidence).exploited = false;
        })
        .undecided(&[(NO, "exploited")]),
        row("it has neither, and nothing asks for them", |case| {
            case.evidence = |evidence| {
                facts(evidence).scores = false;
                facts(evidence).exploited = false;
            };
        }),
        row("it may not be used", |case| {
            case.evidence = |evidence| {
                evidence.database = DatabaseEvidence::Unusable {
                    reason: "it is broken".to_owned(),
                    next: "mend it".to_owned(),
                };
            };
        })
        .undecided(&[(NO, "it is broken")]),
        row("it was not asked", |case| {
            case.evidence = |evidence| evidence.database = DatabaseEvidence::NotAsked;
        })
        .undecided(&[(NO, "no database was asked")]),
        row("it was not asked about the layers", |case| {
            case.evidence = |evidence| layers(evidence).known = None;
        })
        .undecided(&[(NO, "not asked about the packages of layers")]),
    ]
}

#[test]
fn a_database_counts_that_is_young_whole_and_by_whom_the_policy_names() {
    assert_rows(rows());
}
