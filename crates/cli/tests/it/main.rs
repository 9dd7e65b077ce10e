//! The real binary, run as a user runs it, in an environment with nothing in it.

mod about;
mod binary;
mod chain;
mod conformance;
mod data;
mod databases;
mod generated;
mod stage;
