//! Tests of the crate from outside, a file for each subject.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a failed assumption in a test is a failed test, and a skipped one has to say so"
)]

mod apk;
mod bill;
mod cargo;
mod corpus;
mod cyclonedx;
mod data;
mod dpkg;
mod go;
mod license;
mod npm;
mod owner;
mod purl;
mod python;
mod read;
mod rpm;
mod spdx;
