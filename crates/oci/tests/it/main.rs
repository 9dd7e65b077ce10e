//! Tests of the crate from outside: real images, images built here, registries with faults.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a failed assumption in a test is a failed test, and a skipped one says so"
)]

mod build;
mod distribution;
mod fault_registry;
mod layers;
mod malformed;
mod overlay;
mod referrers;
mod registry;
mod repository;
mod sources;
mod support;
mod tls;
mod tls_fixture;
