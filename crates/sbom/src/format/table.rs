//! A table for people: aligned text without terminal codes. Its shape is no interface; programs read the other formats.

use std::io::Write;

use super::text::visible;
use crate::{
    Document,
    error::{Error, Result},
};

/// Writes a header and a line for each package, or one sentence where there is none.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> Result<()> {
    let mut rows: Vec<[String; 5]> = document
        .entries()
        .map(|entry| {
            let package = entry.package;
            let licenses = entry
                .licenses
                .iter()
                .map(|license| license.expression().unwrap_or(license.declared()));
            [
                cell(&package.name),
                cell(package.version.as_deref().unwrap_or("-")),
                package.ecosystem.to_string(),
                package
                    .introduced_in
                    .map_or_else(|| "-".to_owned(), |layer| layer.to_string()),
                cell(&licenses.collect::<Vec<_>>().join(", ")),
            ]
        })
        .collect();
    let io = |source| Error::Write { source };
    if rows.is_empty() {
        return writeln!(out, "no packages found").map_err(io);
    }
    rows.sort();
    let header = ["NAME", "VERSION", "TYPE", "LAYER", "LICENCE"].map(str::to_owned);
    let mut widths = [0_usize; 5];
    for row in std::iter::once(&header).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in std::iter::once(&header).chain(&rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(cell);
            let padding = width.saturating_sub(cell.chars().count()).saturating_add(2);
            line.extend(std::iter::repeat_n(' ', padding));
        }
        writeln!(out, "{}", line.trim_end()).map_err(io)?;
    }
    Ok(())
}

fn cell(text: &str) -> String {
    let text = visible(text);
    match text.char_indices().nth(MAX_CELL) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Longest cell; one endless name must not push every other column off the screen.
const MAX_CELL: usize = 64;
