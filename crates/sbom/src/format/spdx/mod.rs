//! SPDX 2.3 as JSON (ISO/IEC 5962:2021 lineage; schema `spdx-schema.json` of 2.3), through the models of `spdx-rs`.
//!
//! Its annotations are not used: it writes a field there that the schema forbids. What would be an annotation stands in
//! `comment`, a `name: value` a line.

mod licenses;
mod package;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;
