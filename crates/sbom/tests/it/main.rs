//! Tests of the crate from outside, a file for each subject.

mod bill;
mod cyclonedx;
mod license;
mod spdx;
