//! The result as a draft of an OpenVEX document.
//!
//! It states no more than is known. That a version is in a range makes no product exploitable: what was found is `under_investigation`, until whoever
//! ships it says otherwise. What a distribution or a document of the user's says is passed on as such. A malicious package needs no investigation.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{Finding, Suppression, Undetermined};
use toolkit_vulndb::vex::{Header, Justification, NewStatement, Status, create, create_empty};

use super::about::remedy;
use super::scanned::Scanned;
use super::unsaid::{Kind, unsaid};
use crate::error::{Error, Result};

/// Renders the document; its time is `time`, else that of the database: nothing newer is known. With nothing to state it has no statement, which its
/// schema does not accept.
///
/// # Errors
/// [`Error::VexWrite`], which does not happen for what is drafted here.
pub(crate) fn openvex(scanned: &Scanned<'_>, time: Option<Timestamp>) -> Result<String> {
    let header = Header {
        author: "toolkit scan".to_owned(),
        role: Some("draft, to be reviewed by the author of the product".to_owned()),
        id: None,
        tooling: Some(tooling(scanned)),
        time: time.unwrap_or(scanned.database.opened.manifest.created),
    };
    let statements = statements(scanned);
    let text = match statements.is_empty() {
        true => create_empty(&header),
        false => create(&header, &statements),
    };
    text.map_err(|source| Error::VexWrite { source })
}

/// Names the program, and what it asked where that was less than is known.
fn tooling(scanned: &Scanned<'_>) -> String {
    let less = unsaid(scanned).into_iter();
    let less = less.filter(|(kind, _)| matches!(kind, Kind::Demo | Kind::AsOf));
    less.fold(
        format!("toolkit {}", env!("CARGO_PKG_VERSION")),
        |text, (_, sentence)| format!("{text}. {sentence}"),
    )
}

/// Returns the statements: the same of several packages is one.
fn statements(scanned: &Scanned<'_>) -> Vec<NewStatement> {
    let mut packages: BTreeMap<NewStatement, BTreeSet<String>> = BTreeMap::new();
    let image = scanned.subject.purl();
    let found = scanned.found.findings.iter().filter_map(|finding| {
        let statement = statement(finding, image.is_some())?;
        Some((statement, &finding.subject))
    });
    let open = scanned.found.undetermined.iter();
    let open = open.map(|open| (undetermined(open), &open.subject));
    for (statement, subject) in found.chain(open) {
        let purl = subject.package.to_string();
        packages.entry(statement).or_default().insert(purl);
    }
    packages
        .into_iter()
        .map(|(statement, packages)| match &image {
            Some(image) => NewStatement {
                products: [image.as_str().to_owned()].into(),
                subcomponents: packages,
                ..statement
            },
            None => NewStatement {
                products: packages,
                ..statement
            },
        })
        .collect()
}

/// Returns what is stated of a finding, still of no product; nothing where another finding says it.
///
/// A distribution speaks of its own copy of a language's package. Only within an image is it known which copy that is; of the package alone, the same
/// words would be about every copy.
fn statement(finding: &Finding, within_image: bool) -> Option<NewStatement> {
    let others = finding.ids.iter().filter(|id| **id != finding.id);
    let mut new = NewStatement {
        vulnerability: finding.id.clone(),
        aliases: others.cloned().collect(),
        products: BTreeSet::new(),
        subcomponents: BTreeSet::new(),
        status: Status::UnderInvestigation,
        notes: None,
        justification: None,
        impact: None,
        action: None,
    };
    match &finding.suppressed {
        None if finding.class == Class::Malicious => {
            new.status = Status::Affected;
            new.action = Some(format!(
                "Remove {}: it is malicious; {}.",
                finding.subject.name,
                remedy(finding)
            ));
        }
        None => new.notes = Some(remedy(finding)),
        Some(Suppression::ReportedByDistro { .. }) => return None,
        Some(rule) => {
            new.status = match rule {
                Suppression::FixedByDistro { .. } | Suppression::NotAffectedByDistro { .. }
                    if !within_image =>
                {
                    Status::UnderInvestigation
                }
                rule => status(rule),
            };
            new.notes = Some(words(rule));
            if new.status == Status::NotAffected {
                let reason = rule.reason();
                new.justification = reason.and_then(Justification::parse);
                if new.justification.is_none() {
                    new.impact = Some(reason.map_or_else(|| words(rule), str::to_owned));
                }
            }
        }
    }
    Some(new)
}

/// States that nobody could tell whether a version is affected.
fn undetermined(open: &Undetermined) -> NewStatement {
    let others = open.ids.iter().filter(|id| **id != open.id);
    NewStatement {
        vulnerability: open.id.clone(),
        aliases: others.cloned().collect(),
        products: BTreeSet::new(),
        subcomponents: BTreeSet::new(),
        status: Status::UnderInvestigation,
        notes: Some(open.reason.clone()),
        justification: None,
        impact: None,
        action: None,
    }
}

/// What the user ignores or knew before is not thereby unaffected, nor is what records disagree about.
fn status(rule: &Suppression) -> Status {
    match rule {
        Suppression::FixedByDistro { .. } | Suppression::FixedInChannel { .. } => Status::Fixed,
        Suppression::NotAffectedByDistro { .. } => Status::NotAffected,
        Suppression::Vex { status, .. } => *status,
        Suppression::Unimportant
        | Suppression::Contradicted { .. }
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
