//! What a stopped push says: to stderr, since `git push --porcelain` has its own answer on stdout.

use std::cmp::Reverse;
use std::fmt::Write;

use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::db::age;
use toolkit_vulndb::severity::Severity;

use crate::output::printable;
use crate::settings::Database;

use super::known::New;

/// Holds what a stopped push says.
pub(super) struct Blocked<'a> {
    /// The findings.
    pub(super) new: Vec<New>,
    /// The refs that bring them.
    pub(super) refs: Vec<&'a str>,
    /// What they are compared with.
    pub(super) against: Vec<&'a str>,
    /// The remote.
    pub(super) remote: Option<&'a str>,
    /// The severity from which on a finding counts.
    pub(super) threshold: Severity,
    /// How many packages could not be judged.
    pub(super) unlisted: usize,
    /// The database.
    pub(super) database: &'a Database,
}

/// Renders it; foreign text is made harmless.
pub(super) fn blocked(blocked: &Blocked<'_>) -> String {
    let mut new: Vec<&New> = blocked.new.iter().collect();
    new.sort_by_key(|one| {
        (
            Reverse(one.finding.class == Class::Malicious),
            Reverse(one.finding.severity()),
            one.path.clone(),
            one.finding.subject.name.clone(),
            one.finding.id.clone(),
        )
    });
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = render(&mut text, blocked, &new);
    printable(&text).into_owned()
}

fn render(text: &mut String, blocked: &Blocked<'_>, new: &[&New]) -> std::fmt::Result {
    let to = blocked.remote.unwrap_or("the remote");
    writeln!(
        text,
        "Push to {to} stopped: {} that it does not have, {} or malicious, by {}",
        counted(new.len(), "known vulnerability", "known vulnerabilities"),
        match blocked.threshold {
            Severity::Critical => "critical".to_owned(),
            other => format!("{other} or worse"),
        },
        some(&blocked.refs),
    )?;
    let mut rows =
        vec![["SEVERITY", "ID", "PACKAGE", "INSTALLED", "FIXED IN", "FILE"].map(str::to_owned)];
    rows.extend(new.iter().take(SHOWN).map(|one| row(one)));
    columns(text, &rows);
    if new.len() > SHOWN {
        writeln!(text, "and {} more", new.len() - SHOWN)?;
    }
    writeln!(text, "Compared with {}.", some(&blocked.against))?;
    writeln!(
        text,
        "Database {} of {} ({} old).",
        blocked.database.opened.digest,
        blocked.database.opened.manifest.created,
        age(blocked.database.age),
    )?;
    if blocked.unlisted > 0 {
        writeln!(
            text,
            "Not covered: {}, `-v` lists them.",
            counted(blocked.unlisted, "entry", "entries")
        )?;
    }
    writeln!(
        text,
        "Update what is affected, or push all the same with `git push --no-verify`."
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn some(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().copied().take(NAMED).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn row(new: &New) -> [String; 6] {
    let finding = &new.finding;
    let severity = match finding.class {
        Class::Malicious => "malicious".to_owned(),
        _ => finding.severity().to_string(),
    };
    let name = &finding.subject.name;
    [
        severity,
        finding.id.clone(),
        if new.development {
            format!("{name} (development)")
        } else {
            name.clone()
        },
        finding
            .subject
            .version
            .clone()
            .unwrap_or_else(|| "-".to_owned()),
        finding
            .fix
            .version
            .clone()
            .unwrap_or_else(|| "-".to_owned()),
        new.path.clone(),
    ]
    // Foreign text stays in its row.
    .map(|cell| printable(&cell).replace(['\n', '\t'], " "))
}

fn columns(text: &mut String, rows: &[[String; 6]]) {
    let mut widths = [0; 6];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The most findings that are listed: more do not fit on a screen.
const SHOWN: usize = 20;
/// The most refs that are named.
const NAMED: usize = 3;
