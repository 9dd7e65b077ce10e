//! Known vulnerabilities: advisories, version order, database and matching.
//!
//! Does no network and verifies no signature: feeds and databases arrive as bytes or files, the clock as an argument.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        reason = "test data is ours, a panic is a failed test"
    )
)]

pub mod advisory;
pub mod affected;
pub mod baseline;
pub mod config;
pub mod db;
pub mod ecosystem;
pub mod eol;
pub mod feed;
mod identity;
pub mod ignore;
pub mod matching;
pub mod select;
pub mod severity;
pub mod version;
pub mod vex;
