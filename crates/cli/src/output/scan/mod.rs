//! What a scan found, for people and for programs.

mod document;
mod scanned;
mod signal;
mod table;
mod why;

pub(crate) use document::{hex, json};
pub(crate) use scanned::Scanned;
pub(crate) use signal::{EpssOf, ExploitedOf};
pub(crate) use table::table;
pub(crate) use why::{json as why_json, text as why_text};
