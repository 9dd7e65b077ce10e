//! Tests of the crate from outside.

mod contents;
mod data;
mod evaluation;
mod faults;
mod files;
