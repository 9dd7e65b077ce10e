//! Crate tests: conformance, real bundles, mutations, signing.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a failing test may panic and say why"
)]

mod conformance;
mod data;
