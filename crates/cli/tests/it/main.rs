//! The real binary, run as a user runs it, in an environment with nothing in it.

mod about;
mod arguments;
mod bad_input;
mod binary;
mod chain;
#[cfg(target_os = "linux")]
mod colour;
mod conformance;
mod contents;
mod data;
mod databases;
mod db;
mod facts;
mod filters;
mod generated;
mod github;
mod gitlab;
mod hook;
mod keys;
#[cfg(feature = "lab")]
mod lab;
mod layout;
mod offline;
mod owned;
mod policy;
mod promote;
mod sbom;
mod scan;
mod scan_outputs;
mod scan_table;
mod stage;
mod verbosity;
mod vex;
