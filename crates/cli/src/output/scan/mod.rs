//! What a scan found, for people and for programs.

mod document;
mod scanned;
mod table;

pub(crate) use document::json;
pub(crate) use scanned::Scanned;
pub(crate) use table::table;
