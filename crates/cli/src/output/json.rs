//! Results for programs: one JSON object on stdout with the name of its schema, also where the command failed.

use serde::Serialize;
use serde_json::json;

use super::Stdout;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report;

/// Names the schema of a command's output; the number at the end grows with every change that could break a reader.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Schema {
    /// Of `verify`.
    Verify,
    /// Of `promote`.
    Promote,
    /// Of `tree`.
    Tree,
    /// Of `scan`.
    Scan,
    /// Of `scan --why`.
    Why,
    /// Of `db search`.
    Search,
    /// Of `db diff`.
    Diff,
    /// Of `db status`.
    Status,
}

impl Schema {
    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verify => "toolkit.verify/v1",
            Self::Promote => "toolkit.promote/v1",
            Self::Tree => "toolkit.tree/v1",
            Self::Scan => "toolkit.scan/v1",
            Self::Why => "toolkit.why/v1",
            Self::Search => "toolkit.db-search/v1",
            Self::Diff => "toolkit.db-diff/v1",
            Self::Status => "toolkit.db-status/v1",
        }
    }
}

#[derive(Serialize)]
struct Document<'a, T> {
    schema: &'static str,
    #[serde(flatten)]
    content: &'a T,
}

/// Prints a result.
///
/// # Errors
/// [`Error::Stdout`].
pub(crate) fn print<T: Serialize>(schema: Schema, content: &T) -> Result<()> {
    Stdout::print(&text(schema, content)?)
}

/// Renders a result.
///
/// # Errors
/// [`Error::Stdout`], which does not happen for what can be JSON.
pub(crate) fn text<T: Serialize>(schema: Schema, content: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(&Document {
        schema: schema.name(),
        content,
    });
    let text = text.map_err(|error| Error::Stdout {
        source: error.into(),
    })?;
    Ok(format!("{text}\n"))
}

/// Makes a result that becomes part of another document.
///
/// # Errors
/// [`Error::Stdout`], which does not happen for what can be JSON.
pub(crate) fn value<T: Serialize>(schema: Schema, content: &T) -> Result<serde_json::Value> {
    let value = serde_json::to_value(Document {
        schema: schema.name(),
        content,
    });
    value.map_err(|error| Error::Stdout {
        source: error.into(),
    })
}

/// Prints what stopped a command, as the object that its result would have been.
///
/// # Errors
/// [`Error::Stdout`].
pub(crate) fn print_failure(schema: Schema, target: &str, error: &Error) -> Result<()> {
    Stdout::print(&failure(schema, target, error)?)
}

/// Renders what stopped a command, as the object that its result would have been.
///
/// # Errors
/// As [`text`].
pub(crate) fn failure(schema: Schema, target: &str, error: &Error) -> Result<String> {
    let exit = Exit::of(error);
    let (message, causes, help) = report::parts(error);
    let content = json!({
        "target": target,
        "verdict": null,
        "exitCode": exit.code(),
        "error": {"message": message, "causes": causes, "help": help, "meaning": exit.meaning()},
    });
    text(schema, &content)
}
