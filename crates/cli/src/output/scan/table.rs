//! The result as a table, what takes most away first, and what it does not say.
//!
//! The last line tells what was asked about and what was not: without findings that is the difference between clean and unknown.

use std::fmt::Write;

use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::matching::{AsOf, Covered, Finding, Level};
use toolkit_vulndb::severity::Severity;

use super::grouped::{first, layers, rows};
use super::scanned::{Scanned, date};
use crate::error::Result;
use crate::output::printable;

/// Renders the table.
///
/// # Errors
/// [`Error::Database`](crate::error::Error::Database) where the database turns out to be broken.
pub(crate) fn table(scanned: &Scanned<'_>) -> Result<String> {
    let found = scanned.found;
    let mut text = rows(scanned)?;
    if !found.undetermined.is_empty() {
        text.push_str("Undetermined, which is no all-clear:\n");
        for one in &found.undetermined {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "  {} {} {}: {}",
                printable(&one.id),
                printable(&one.subject.name),
                printable(one.subject.version.as_deref().unwrap_or("-")),
                printable(&one.reason)
            );
        }
        text.push('\n');
    }
    text.push_str(&first(scanned));
    text.push_str(&counts(scanned));
    text.push_str(&layers(scanned));
    if let Some(as_of) = &found.as_of {
        text.push_str(&approximation(as_of));
    }
    text.push_str(&coverage(&found.coverage.parts));
    if scanned.database.opened.manifest.demo {
        text.push_str("The database is for trials only.\n");
    }
    Ok(text)
}

/// Says that an earlier day is spoken of, and what that is worth.
pub(super) fn approximation(as_of: &AsOf) -> String {
    format!(
        "As of {}, which is an approximation: {} records that hold and were published later are left out, {} without a date are not, and all are as they are known today.\n",
        as_of.date, as_of.later, as_of.undated
    )
}

fn counts(scanned: &Scanned<'_>) -> String {
    let found = scanned.found;
    let shown: Vec<&Finding> = found.shown().collect();
    let of = |severity: Severity| {
        shown
            .iter()
            .filter(|one| one.class == Class::Vulnerability && one.severity() == severity)
            .count()
    };
    let malicious = shown
        .iter()
        .filter(|one| one.class == Class::Malicious)
        .count();
    let mut parts = Vec::new();
    if malicious > 0 {
        parts.push(format!("{malicious} malicious"));
    }
    for severity in Severity::ALL.into_iter().rev() {
        let count = of(severity);
        if count > 0 && severity != Severity::Unknown {
            parts.push(format!("{count} {severity}"));
        }
    }
    let unknown = of(Severity::Unknown);
    if unknown > 0 {
        parts.push(format!(
            "{unknown} of unknown severity, which reach no threshold"
        ));
    }
    let suppressed = found.findings.len() - shown.len();
    let mut text = match (shown.len(), found.coverage.covered()) {
        (0, 0) => "Nothing was asked".to_owned(),
        (0, asked) => {
            format!("No known vulnerability in the {asked} packages that were asked about")
        }
        (count, _) => format!("{count} findings: {}", parts.join(", ")),
    };
    for (count, what) in [
        (found.undetermined.len(), "undetermined"),
        (suppressed, "suppressed (`--show-suppressed`)"),
        (scanned.hidden, "left out as asked"),
        (
            scanned.unreadable.len(),
            "files could not be read, so what they hold is not known",
        ),
    ] {
        if count > 0 {
            let _ = write!(text, "; {count} {what}");
        }
    }
    if let Some((threshold, reached)) = scanned.reached {
        let _ = write!(text, "; {reached} at `{threshold}` or worse");
    }
    text.push_str(".\n");
    text
}

fn coverage(parts: &[Covered]) -> String {
    let (gaps, asked): (Vec<&Covered>, Vec<&Covered>) =
        parts.iter().partition(|part| part.level == Level::None);
    let asked: Vec<String> = asked
        .into_iter()
        .map(|part| {
            let feeds: Vec<String> = part.feeds.iter().map(ToString::to_string).collect();
            let newest = part.newest.map(|day| format!(" to {}", date(day)));
            let ended = part
                .end_of_life
                .map(|end| format!("; past its end of life, {}", end.ends));
            format!(
                "{} {} ({}; {}{}{})",
                part.packages,
                printable(&part.name),
                part.level,
                feeds.join(", "),
                newest.unwrap_or_default(),
                ended.unwrap_or_default()
            )
        })
        .collect();
    let mut text = String::new();
    if !asked.is_empty() {
        let _ = write!(text, "Asked: {}.", asked.join(", "));
    }
    if !gaps.is_empty() {
        let count: usize = gaps.iter().map(|part| part.packages).sum();
        let gaps: Vec<String> = gaps
            .iter()
            .map(|part| format!("{} {}", part.packages, printable(&part.name)))
            .collect();
        let _ = write!(
            text,
            "{}Not asked, so not known to be clean: {count} packages ({}).",
            if text.is_empty() { "" } else { " " },
            gaps.join(", ")
        );
    }
    text.push('\n');
    text
}
