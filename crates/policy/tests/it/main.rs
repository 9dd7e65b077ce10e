//! Tests of the crate from outside.

mod data;
mod evaluation;
mod faults;
mod files;
