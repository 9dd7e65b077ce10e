//! `toolkit hook`: known vulnerabilities that a push would add.

mod change;
mod command;
mod error;
mod git;
mod install;
mod known;
mod pre_push;
mod report;
mod script;
mod side;
mod update;

pub(super) use command::run;
pub(crate) use error::HookError;
