//! Tests of the crate from outside, a file for each subject.

mod bill;
mod corpus;
mod cyclonedx;
mod data;
mod license;
mod spdx;
