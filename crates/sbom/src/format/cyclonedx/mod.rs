//! CycloneDX 1.7 as JSON (ECMA-424 second edition; schema `bom-1.7.schema.json`).

mod component;
mod model;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::{write, write_with};
