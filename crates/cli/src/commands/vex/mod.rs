//! `toolkit vex`: writing OpenVEX documents.

mod add;
mod command;
mod create;
mod statement;

pub(super) use command::run;
