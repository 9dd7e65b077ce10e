//! The result as a draft of an OpenVEX document.
//!
//! It states no more than is known. That a version is in a range makes no product exploitable: what was found is `under_investigation`, until whoever
//! ships it says otherwise. What a distribution or a document of the user's says is passed on as such. A malicious package needs no investigation.

use std::collections::BTreeMap;

use jiff::Timestamp;
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{Finding, Suppression};
use toolkit_vulndb::vex::{Draft, Drafted, JUSTIFICATIONS, Product, Statement, Status, write};

use super::about::remedy;
use super::scanned::Scanned;
use crate::error::{Error, Result};

/// Renders the document; its time is `time`, else that of the database: nothing newer is known.
///
/// # Errors
/// [`Error::Stdout`], which does not happen for texts.
pub(crate) fn openvex(scanned: &Scanned<'_>, time: Option<Timestamp>) -> Result<String> {
    let draft = Draft {
        namespace: format!("{}/vex/", env!("CARGO_PKG_REPOSITORY")),
        author: "toolkit scan".to_owned(),
        role: Some("draft, to be reviewed by the author of the product".to_owned()),
        time: time.unwrap_or(scanned.database.opened.manifest.created),
        tooling: Some(format!("toolkit {}", env!("CARGO_PKG_VERSION"))),
        version: 1,
        statements: statements(scanned),
    };
    write(&draft).map_err(|error| Error::Stdout {
        source: error.into(),
    })
}

/// What is stated, apart from the packages.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    ids: Vec<String>,
    status: Status,
    justification: Option<String>,
    impact: Option<String>,
    action: Option<String>,
    notes: Option<String>,
}

fn statements(scanned: &Scanned<'_>) -> Vec<Drafted> {
    let mut packages: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for finding in &scanned.found.findings {
        if let Some(key) = key(finding) {
            let purl = finding.subject.package.to_string();
            packages.entry(key).or_default().push(purl);
        }
    }
    let image = scanned.subject.purl();
    packages
        .into_iter()
        .map(|(key, mut packages)| {
            packages.sort();
            packages.dedup();
            let products = match &image {
                Some(image) => vec![Product {
                    ids: vec![image.as_str().to_owned()],
                    subcomponents: packages,
                }],
                None => packages
                    .into_iter()
                    .map(|package| Product {
                        ids: vec![package],
                        subcomponents: Vec::new(),
                    })
                    .collect(),
            };
            Drafted {
                statement: Statement {
                    vulnerabilities: key.ids,
                    products,
                    status: key.status,
                    justification: key.justification,
                    impact: key.impact,
                    action: key.action,
                    issuer: String::new(),
                    time: None,
                },
                notes: key.notes,
            }
        })
        .collect()
}

/// Returns what is stated of a finding; nothing where another finding says it.
fn key(finding: &Finding) -> Option<Key> {
    let (mut justification, mut impact, mut action) = (None, None, None);
    let (status, notes) = match &finding.suppressed {
        None if finding.class == Class::Malicious => {
            action = Some(format!(
                "Remove {}: it is malicious; {}.",
                finding.subject.name,
                remedy(finding)
            ));
            (Status::Affected, None)
        }
        None => (Status::UnderInvestigation, Some(remedy(finding))),
        Some(Suppression::ReportedByDistro { .. }) => return None,
        Some(rule) => {
            let status = status(rule);
            if status == Status::NotAffected {
                match rule.reason() {
                    Some(reason) if JUSTIFICATIONS.contains(&reason) => {
                        justification = Some(reason.to_owned());
                    }
                    Some(reason) => impact = Some(reason.to_owned()),
                    None => impact = Some(words(rule)),
                }
            }
            (status, Some(words(rule)))
        }
    };
    let others = finding.ids.iter().filter(|id| **id != finding.id);
    Some(Key {
        ids: std::iter::once(&finding.id)
            .chain(others)
            .cloned()
            .collect(),
        status,
        justification,
        impact,
        action,
        notes,
    })
}

/// What the user ignores or knew before is not thereby unaffected.
fn status(rule: &Suppression) -> Status {
    match rule {
        Suppression::FixedByDistro { .. } | Suppression::FixedInChannel { .. } => Status::Fixed,
        Suppression::NotAffectedByDistro { .. } | Suppression::Contradicted { .. } => {
            Status::NotAffected
        }
        Suppression::Vex { status, .. } => *status,
        Suppression::Unimportant
        | Suppression::ReportedByDistro { .. }
        | Suppression::Ignored { .. }
        | Suppression::Baseline { .. } => Status::UnderInvestigation,
    }
}

fn words(rule: &Suppression) -> String {
    let by = rule.by().unwrap_or_default();
    match rule {
        Suppression::Unimportant => "Debian holds it unimportant".to_owned(),
        Suppression::FixedByDistro { .. } => {
            format!("the distribution's package has the fix ({by})")
        }
        Suppression::NotAffectedByDistro { .. } => {
            format!("the distribution says that its package is not affected ({by})")
        }
        Suppression::ReportedByDistro { .. } => {
            format!("the distribution's package has it, too ({by})")
        }
        Suppression::Contradicted { .. } => {
            format!("the record of the CVE has another range than the advisory ({by})")
        }
        Suppression::FixedInChannel { .. } => {
            format!("a fix from a channel to subscribe to is installed ({by})")
        }
        Suppression::Vex { .. } => format!("stated in {by}"),
        Suppression::Ignored { reason, until, .. } => {
            let reason = reason.as_deref().unwrap_or("no reason given");
            match until {
                Some(until) => format!("ignored until {until}: {reason} ({by})"),
                None => format!("ignored: {reason} ({by})"),
            }
        }
        Suppression::Baseline { .. } => format!("known before ({by})"),
    }
}
