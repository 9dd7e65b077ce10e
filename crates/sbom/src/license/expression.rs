//! SPDX expressions: which texts are valid, and how other notations are rewritten into them.
//!
//! The result of a rewriting is always checked by the `spdx` crate's parser, so a fault here loses a spelling and never
//! invents a licence.

use spdx::{AdditionItem, Expression, LicenseItem, ParseMode};

use super::{Dialect, names};

/// Longest text that is looked at. The longest licence tag of a Fedora package (texlive) has about 5 000 bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// Deepest nesting of parentheses that is written. Readers of expressions recurse, and the one of `spdx-rs` takes
/// three times longer with each level.
const MAX_DEPTH: usize = 6;

/// Returns whether a text is an SPDX expression as it stands: identifiers of the list (deprecated ones too) in their own
/// case, `LicenseRef-`, and no reference into another document.
pub(super) fn is_valid(text: &str) -> bool {
    // SPDX 2.3 clause D.2: operators are matched by case.
    let lower = |word: &str| matches!(word, "and" | "or" | "with");
    within_bounds(text)
        && !text.chars().any(char::is_control)
        && !text
            .split([' ', '(', ')'])
            .any(|word| lower(&word.to_lowercase()) && word != word.to_uppercase())
        && parse(text).is_some()
}

/// Rewrites a text of a dialect as an SPDX expression; `None` where any part has no single meaning.
pub(super) fn convert(text: &str, dialect: Dialect) -> Option<String> {
    if !within_bounds(text) || text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let text = match dialect {
        Dialect::Cargo => text.replace('/', " OR "),
        Dialect::Python => text.rsplit(" :: ").next().unwrap_or(text).to_owned(),
        Dialect::Spdx | Dialect::Debian | Dialect::Rpm | Dialect::Alpine => text.to_owned(),
    };
    let expression = match dialect {
        Dialect::Debian => with_commas(&text)?,
        _ => clause(&text, dialect)?,
    };
    (within_bounds(&expression) && parse(&expression).is_some()).then_some(expression)
}

/// Judges an expression by its identifiers; `None` for a text that is none.
pub(super) fn evaluate(text: &str, good: &dyn Fn(&str, Option<&str>) -> bool) -> Option<bool> {
    let expression = parse(text)?;
    Some(expression.evaluate(|requirement| {
        let with = match &requirement.addition {
            Some(AdditionItem::Spdx(exception)) => Some(exception.name),
            _ => None,
        };
        match &requirement.license {
            LicenseItem::Spdx { id, .. } => good(id.name, with),
            LicenseItem::Other(reference) => {
                good(&format!("LicenseRef-{}", reference.lic_ref), with)
            }
        }
    }))
}

/// Joins expressions by `AND`, in parentheses where they need them.
pub(super) fn all_of(parts: &[&str]) -> Option<String> {
    match parts {
        [] => None,
        [one] => Some((*one).to_owned()),
        several => {
            let joined = several
                .iter()
                .map(|part| grouped(part))
                .collect::<Vec<_>>()
                .join(" AND ");
            within_bounds(&joined).then_some(joined)
        }
    }
}

fn parse(text: &str) -> Option<Expression> {
    let mode = ParseMode {
        allow_deprecated: true,
        allow_postfix_plus_on_gpl: true,
        ..ParseMode::STRICT
    };
    let expression = Expression::parse_mode(text, mode).ok()?;
    let lawful = expression.requirements().all(|r| {
        let license = match &r.req.license {
            LicenseItem::Spdx { id, .. } => !matches!(id.name, "NOASSERTION" | "NONE"),
            LicenseItem::Other(reference) => reference.doc_ref.is_none(),
        };
        license && matches!(r.req.addition, None | Some(AdditionItem::Spdx(_)))
    });
    lawful.then_some(expression)
}

fn within_bounds(text: &str) -> bool {
    let mut depth = 0_usize;
    text.len() <= MAX_LENGTH
        && text.bytes().all(|b| {
            match b {
                b'(' => depth = depth.saturating_add(1),
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth <= MAX_DEPTH
        })
}

fn grouped(part: &str) -> String {
    if part.contains(" OR ") {
        format!("({part})")
    } else {
        part.to_owned()
    }
}

/// DEP-5: "A comma before `and` or `or`" groups what stands before it. A text that mixes both after commas has no rule.
fn with_commas(text: &str) -> Option<String> {
    let mut parts = Vec::new();
    let mut operator = None;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(',') {
        let (word, tail) = after.trim_start().split_once(char::is_whitespace)?;
        let this = operator_of(word)?;
        if *operator.get_or_insert(this) != this {
            return None;
        }
        parts.push(clause(before, Dialect::Debian)?);
        rest = tail;
    }
    parts.push(clause(rest, Dialect::Debian)?);
    match operator {
        Some(operator) => Some(
            parts
                .iter()
                .map(|p| grouped(p))
                .collect::<Vec<_>>()
                .join(&format!(" {operator} ")),
        ),
        None => parts.pop(),
    }
}

fn operator_of(word: &str) -> Option<&'static str> {
    if word.eq_ignore_ascii_case("and") {
        Some("AND")
    } else if word.eq_ignore_ascii_case("or") || word.eq_ignore_ascii_case("and/or") {
        Some("OR")
    } else {
        None
    }
}

/// Rewrites names, keeping operators and parentheses: `and` binds tighter than `or` in every dialect, as in SPDX.
fn clause(text: &str, dialect: Dialect) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut name: Vec<&str> = Vec::new();
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    // "Apache License (2.0)" and the like: parentheses inside a name are no grouping, so the whole text is tried first.
    if let Some(whole) = names::lookup(text.trim(), dialect) {
        return Some(whole);
    }
    for word in spaced.split_whitespace() {
        if let Some(operator) = operator_of(word) {
            flush(&mut out, &mut name, dialect)?;
            out.push(' ');
            out.push_str(operator);
            out.push(' ');
        } else if word == "(" || word == ")" {
            flush(&mut out, &mut name, dialect)?;
            out.push_str(word);
        } else {
            name.push(word);
        }
    }
    flush(&mut out, &mut name, dialect)?;
    Some(out)
}

fn flush(out: &mut String, name: &mut Vec<&str>, dialect: Dialect) -> Option<()> {
    if name.is_empty() {
        return Some(());
    }
    let whole = name.join(" ");
    let mapped = match names::lookup(&whole, dialect) {
        Some(mapped) => mapped,
        // Before SPDX, Alpine wrote a list of words.
        None if dialect == Dialect::Alpine => {
            let words: Option<Vec<String>> = name
                .iter()
                .map(|word| names::lookup(word, dialect))
                .collect();
            words?.join(" AND ")
        }
        None => return None,
    };
    out.push_str(&mapped);
    name.clear();
    Some(())
}
