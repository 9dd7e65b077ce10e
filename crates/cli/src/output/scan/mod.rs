//! What a scan found, for people and for programs.

mod about;
mod cosign_vuln;
mod cyclonedx;
mod document;
mod format;
mod grouped;
mod openvex;
mod ranking;
mod render;
mod sarif;
mod scanned;
mod signal;
mod table;
mod unsaid;
mod why;

pub(crate) use document::hex;
pub(crate) use format::{Format, Output};
pub(crate) use render::{Clock, render};
pub(crate) use scanned::Scanned;
pub(crate) use signal::{EpssOf, ExploitedOf};
pub(crate) use why::{json as why_json, text as why_text};
