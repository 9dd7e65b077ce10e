//! Ignore files: which findings a person does not want to see, why, and until when.
//!
//! Five formats are read, told apart by the name of the file: ours (`YAML`, any other name), `.trivyignore`, `.trivyignore.yaml`, grype's `ignore:` in
//! `.grype.yaml`, and `osv-scanner.toml`. Ours is closed: unknown keys are faults, and a reason and an end within a year are required. In the others a
//! key that cannot be honoured is a fault, never passed over: passing over a condition would hide more than was meant. All faults of a file come in
//! one run. Nothing is loaded by itself and no file is opened here; the day is handed down.

mod apply;
mod entry;
mod fault;
mod grype;
mod osv_scanner;
mod own;
mod trivy;

use std::sync::Arc;

use jiff::civil::Date;
use miette::NamedSource;

use crate::config::{self, Node, Position, Span};

pub use apply::{EntryReport, EntryState, apply};
pub use entry::{Condition, Entry};
pub use fault::Fault;

/// One fault of one ignore file, with its place.
pub type Diagnostic = config::Diagnostic<Fault>;

/// Walks an ignore file.
type Walk<'t> = config::Walk<'t, Fault>;

/// Names the format of an ignore file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Ours.
    Own,
    /// trivy's list of ids.
    TrivyList,
    /// trivy's YAML.
    TrivyYaml,
    /// The `ignore` key of grype's configuration.
    Grype,
    /// The configuration of osv-scanner.
    OsvScanner,
}

impl Dialect {
    /// Tells the format by the name of the file, without its folder.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match name {
            ".trivyignore" => Self::TrivyList,
            ".trivyignore.yaml" | ".trivyignore.yml" => Self::TrivyYaml,
            ".grype.yaml" | ".grype.yml" | "grype.yaml" | "grype.yml" => Self::Grype,
            "osv-scanner.toml" => Self::OsvScanner,
            _ => Self::Own,
        }
    }

    /// Names it in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "toolkit",
            Self::TrivyList | Self::TrivyYaml => "trivy",
            Self::Grype => "grype",
            Self::OsvScanner => "osv-scanner",
        }
    }
}

/// Is an ignore file without a fault.
#[derive(Clone, Debug)]
pub struct IgnoreFile {
    /// Its name, as it was handed over.
    pub name: String,
    /// Its format.
    pub dialect: Dialect,
    /// Its entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// Keys beside the entries that belong to the other tool and change nothing here.
    pub unread: Vec<String>,
}

/// Reads an ignore file; `name` is shown, `dialect` is how to read it, `today` bounds how long an entry of ours may last.
///
/// # Errors
/// All faults of the file, in the order of their places.
pub fn read(
    name: &str,
    text: &str,
    dialect: Dialect,
    today: Date,
) -> Result<IgnoreFile, Vec<Diagnostic>> {
    let (root, faults) = match dialect {
        Dialect::Own | Dialect::Grype | Dialect::TrivyYaml => config::yaml::parse(text),
        Dialect::OsvScanner => config::toml::parse(text),
        Dialect::TrivyList => (None, Vec::new()),
    };
    let mut walk = Walk::new(text, today, faults);
    let read = match (dialect, &root) {
        (Dialect::TrivyList, _) => trivy::list(&mut walk, text),
        (Dialect::Own, Some(root)) => own::file(&mut walk, root),
        (Dialect::Grype, Some(root)) => grype::file(&mut walk, root),
        (Dialect::TrivyYaml, Some(root)) => trivy::yaml(&mut walk, root),
        (Dialect::OsvScanner, Some(root)) => osv_scanner::file(&mut walk, root),
        (_, None) => None,
    };
    match (read, walk.into_faults()) {
        (Some(read), faults) if faults.is_empty() => Ok(IgnoreFile {
            name: name.to_owned(),
            dialect,
            entries: read.entries,
            unread: read.unread,
        }),
        (_, mut faults) => {
            faults.sort_by_key(|(span, _)| *span);
            let source = Arc::new(NamedSource::new(name, Arc::<str>::from(text)));
            let diagnostic = |(span, fault)| Diagnostic::new(Arc::clone(&source), span, fault);
            Err(faults.into_iter().map(diagnostic).collect())
        }
    }
}

/// What a format's reader hands back.
struct Read {
    entries: Vec<Entry>,
    unread: Vec<String>,
}

/// Reads the items of a list that may be empty; an item with a fault is left out, its fault is kept.
fn entries(
    walk: &mut Walk<'_>,
    node: &Node,
    at: Span,
    place: &str,
    mut item: impl FnMut(&mut Walk<'_>, &Node) -> Option<Entry>,
) -> Vec<Entry> {
    let config::Value::Sequence(items) = &node.value else {
        if !node.is_null() {
            walk.wrong_kind(node, at, place, "a list");
        }
        return Vec::new();
    };
    items.iter().filter_map(|node| item(walk, node)).collect()
}

/// Takes an id: one word.
fn id(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<String> {
    let text = walk.text(node, place)?;
    if text
        .value
        .contains(|c: char| c.is_whitespace() || matches!(c, '*' | '?'))
    {
        walk.fault(text.span, Fault::Id { found: text.value });
        return None;
    }
    Some(text.value)
}

/// Reports a condition that cannot be honoured.
fn refuse(walk: &mut Walk<'_>, span: Span, key: &str, why: &'static str) {
    let key = key.to_owned();
    walk.fault(span, Fault::NotHonoured { key, why });
}

/// Finds the place of an entry.
fn position(walk: &Walk<'_>, span: Span) -> Position {
    walk.position(span)
}

/// Takes the first day on which an entry of another tool no longer holds, with or without a time of that day; returns the last day on which it does.
fn foreign_end(walk: &mut Walk<'_>, node: &Node, place: &str) -> Option<Date> {
    let text = walk.text(node, place)?;
    let end = last_day(&text.value);
    if end.is_none() {
        let found = text.value;
        walk.fault(text.span, config::Fault::BadDate { found });
    }
    end
}

/// Returns the day before a date; a time behind it is cut off, which ends an entry at most a day early.
fn last_day(text: &str) -> Option<Date> {
    let (date, rest) = text.split_at_checked(10)?;
    let behind = rest.is_empty() || rest.starts_with(['T', 't', ' ']);
    let date: Date = date.parse().ok().filter(|_| behind)?;
    date.yesterday().ok()
}
