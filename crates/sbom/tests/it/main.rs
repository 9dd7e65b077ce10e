//! Tests of the crate from outside, a file for each subject.

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
mod rpm;
mod spdx;
