//! Tests of the crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a failed assumption in a test is a failed test, and a skipped one says so"
)]

mod distribution;
mod fault_registry;
mod referrers;
mod registry;
mod repository;
