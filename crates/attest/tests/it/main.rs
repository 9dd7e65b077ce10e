//! Crate tests: conformance, real bundles, mutations, signing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failing test may panic and say why"
)]

mod bundles;
mod conformance;
mod data;
mod mutation;
mod sign;
