//! The rows of the table: one for each step that takes findings away, and what is to be done first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{Band, Finding, Origin, Remedy, Upgrade, settle, upgrades};
use toolkit_vulndb::severity::Severity;

use super::about::{package, word};
use super::ranking::{Ranked, origin_name};
use super::scanned::Scanned;
use crate::error::Result;
use crate::output::printable;
use crate::settings::DatabaseError;

/// Ids that a row names; the JSON has all.
const IDS: usize = 10;
/// Packages of one source that a row names.
const PACKAGES: usize = 4;
/// Findings that are listed as the first ones.
const FIRST: usize = 10;

/// Writes the rows: steps at hand, then what has none, then on request what is suppressed.
///
/// # Errors
/// [`Error::Database`](crate::error::Error::Database) where the database turns out to be broken.
pub(super) fn rows(scanned: &Scanned<'_>) -> Result<String> {
    let steps = upgrades(scanned.found.shown(), |finding| scanned.origin(finding));
    let steps = settle(scanned.sources, scanned.inventory, scanned.options, steps)
        .map_err(|error| DatabaseError::Store(error.into()))?;
    let with_layers = scanned.subject.base_layers.is_some();
    let (at_hand, open): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step.remedy.is_at_hand());
    let suppressed = match scanned.show_suppressed {
        true => suppressed(scanned),
        false => Vec::new(),
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut header = vec!["SEVERITY", "FINDINGS", "PACKAGE", "INSTALLED", "UPDATE TO"];
    header.extend(with_layers.then_some("LAYER"));
    header.push("VULNERABILITIES");
    lines.push(Line::Row(header.into_iter().map(str::to_owned).collect()));
    let row = |step: &Upgrade<'_>| Line::Row(step_row(step, with_layers));
    lines.extend(at_hand.into_iter().map(row));
    for (heading, rows) in [
        (
            "Without a fix to apply:",
            open.into_iter().map(row).collect(),
        ),
        ("Suppressed:", suppressed),
    ] {
        if !rows.is_empty() {
            lines.push(Line::Heading(heading));
            lines.extend(rows);
        }
    }
    Ok(match lines.len() {
        1 => String::new(),
        _ => format!("{}\n", columns(&lines)),
    })
}

/// Names what is to be done first and why; empty where nothing is more urgent than the rest.
pub(super) fn first(scanned: &Scanned<'_>) -> String {
    let ranked = scanned.ranked();
    let urgent: Vec<_> = ranked
        .iter()
        .take_while(|one| one.priority.band <= Band::Soon)
        .collect();
    if urgent.is_empty() || ranked.len() == 1 {
        return String::new();
    }
    let these = match urgent.len() {
        1 => "this",
        _ => "these",
    };
    let mut text = format!("First {these} {} of {}:\n", urgent.len(), ranked.len());
    // One line for what is the same in several packages.
    let mut lines: Vec<(&Ranked<'_>, String, usize)> = Vec::new();
    let mut known: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for one in &urgent {
        let reasons = one.priority.reasons.iter().map(ToString::to_string);
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        let at = known.entry((&one.finding.id, reasons.clone()));
        let at = *at.or_insert(lines.len());
        match lines.get_mut(at) {
            Some((_, _, count)) => *count += 1,
            None => lines.push((one, reasons, 1)),
        }
    }
    for (one, reasons, count) in lines.iter().take(FIRST) {
        let more = match count {
            1 => String::new(),
            _ => format!(" and {} more", count - 1),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {}. {} in {}{more}: {}",
            one.rank,
            printable(&one.finding.id),
            printable(&package(one.finding)),
            printable(reasons)
        );
    }
    let listed: usize = lines.iter().take(FIRST).map(|(_, _, count)| count).sum();
    if listed < urgent.len() {
        let more = urgent.len() - listed;
        let _ = writeln!(text, "  and {more} more (`priority` in `-o json`)");
    }
    text.push('\n');
    text
}

/// Tells base and application apart where the image does.
pub(super) fn layers(scanned: &Scanned<'_>) -> String {
    let count = |wanted: Origin| {
        let shown = scanned.found.shown();
        shown.filter(|one| scanned.origin(one) == wanted).count()
    };
    let Some(layers) = scanned.subject.base_layers else {
        return String::new();
    };
    let name = scanned.subject.base.as_ref().and_then(|base| {
        let digest = base.digest.as_ref().map(ToString::to_string);
        base.name.clone().or(digest)
    });
    let name = name.map_or_else(String::new, |name| format!(" ({})", printable(&name)));
    format!(
        "In the base{name}, by the image's history its lowest {layers} layers: {} findings; in the application: {}.\n",
        count(Origin::Base),
        count(Origin::Application)
    )
}

enum Line {
    Heading(&'static str),
    Row(Vec<String>),
}

fn step_row(step: &Upgrade<'_>, with_layers: bool) -> Vec<String> {
    let remedy = match &step.remedy {
        Remedy::Remove => "remove it".to_owned(),
        Remedy::Update(version) => version.to_string(),
        Remedy::Subscribe => "needs subscription".to_owned(),
        Remedy::Wait(state) => state.name().to_owned(),
    };
    let origin = with_layers.then(|| origin_name(step.origin).unwrap_or("-"));
    row(&step.findings, named(step), step.version, remedy, origin)
}

/// Names the package, the installed ones where they have other names, and who owns it.
fn named(step: &Upgrade<'_>) -> String {
    let mut name = step.name.to_owned();
    if step.packages.iter().ne([&step.name]) {
        let mut names: Vec<&str> = step.packages.iter().copied().take(PACKAGES).collect();
        let more = format!("{} more", step.packages.len().saturating_sub(PACKAGES));
        if step.packages.len() > PACKAGES {
            names.push(&more);
        }
        let _ = write!(name, " ({})", names.join(", "));
    }
    let owners: BTreeSet<String> = step
        .findings
        .iter()
        .filter_map(|one| one.subject.owner.as_ref())
        .map(ToString::to_string)
        .collect();
    for owner in owners {
        let _ = write!(name, " (of {owner})");
    }
    name
}

/// Makes the rows of what is suppressed: by rule and package.
fn suppressed(scanned: &Scanned<'_>) -> Vec<Line> {
    let mut groups: BTreeMap<(&str, &str, Option<&str>), Vec<&Finding>> = BTreeMap::new();
    for finding in &scanned.found.findings {
        if let Some(rule) = &finding.suppressed {
            let subject = &finding.subject;
            let key = (rule.name(), &*subject.name, subject.version.as_deref());
            groups.entry(key).or_default().push(finding);
        }
    }
    let with_layers = scanned.subject.base_layers.is_some();
    groups
        .into_iter()
        .map(|((rule, name, version), mut findings)| {
            findings.sort_by_key(|one| std::cmp::Reverse(one.severity()));
            let origins: BTreeSet<Origin> =
                findings.iter().map(|one| scanned.origin(one)).collect();
            let origin = origins.first().filter(|_| origins.len() == 1);
            let origin = origin.and_then(|one| origin_name(*one)).unwrap_or("-");
            let remedy = format!("[{rule}]");
            Line::Row(row(
                &findings,
                name.to_owned(),
                version,
                remedy,
                with_layers.then_some(origin),
            ))
        })
        .collect()
}

fn row(
    findings: &[&Finding],
    name: String,
    version: Option<&str>,
    remedy: String,
    origin: Option<&str>,
) -> Vec<String> {
    let mut cells = vec![
        findings.first().map_or_else(String::new, |one| word(one)),
        findings.len().to_string(),
        name,
        version.unwrap_or("-").to_owned(),
        remedy,
    ];
    cells.extend(origin.map(str::to_owned));
    cells.push(ids(findings));
    let cells = cells.into_iter();
    cells.map(|cell| printable(&cell).into_owned()).collect()
}

/// Names the vulnerabilities of a row, each once, the worst first; with their severities where these differ.
fn ids(findings: &[&Finding]) -> String {
    let mut seen = BTreeSet::new();
    let distinct: Vec<&&Finding> = findings
        .iter()
        .filter(|one| seen.insert(one.id.as_str()))
        .collect();
    let severities: BTreeSet<(Class, Severity)> = distinct
        .iter()
        .map(|one| (one.class, one.severity()))
        .collect();
    let mut parts: Vec<String> = distinct
        .iter()
        .take(IDS)
        .map(|one| {
            let mut marks: Vec<String> = Vec::new();
            marks.extend((severities.len() > 1).then(|| word(one)));
            marks.extend(one.exploited.map(|_| "exploited".to_owned()));
            match marks.is_empty() {
                true => one.id.clone(),
                false => format!("{} ({})", one.id, marks.join(", ")),
            }
        })
        .collect();
    if distinct.len() > IDS {
        parts.push(format!("and {} more", distinct.len() - IDS));
    }
    parts.join(", ")
}

/// Writes rows with columns as wide as their widest cell; headings have no columns.
fn columns(lines: &[Line]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        let Line::Row(cells) = line else {
            continue;
        };
        widths.resize(cells.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in lines {
        match line {
            Line::Heading(heading) => {
                text.push('\n');
                text.push_str(heading);
            }
            Line::Row(cells) => {
                let mut row = String::new();
                for (width, cell) in widths.iter().zip(cells) {
                    let _ = write!(row, "{cell:<width$}  ");
                }
                text.push_str(row.trim_end());
            }
        }
        text.push('\n');
    }
    text
}
