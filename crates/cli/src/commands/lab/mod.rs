//! `toolkit lab`: the chain on a private Sigstore and two registries, all in this process and on loopback. Never part of a release.

mod demo;
mod error;
mod folder;
mod run;
mod start;

use std::process::ExitCode;

use crate::args::{LabAction, LabArgs};
use crate::error::Result;
use crate::terminal::Terminal;

pub(crate) use error::LabError;

/// Runs a command beside the lab, or the demonstration.
///
/// # Errors
/// What kept the lab, its folder or the command from starting.
pub(crate) fn run(args: &LabArgs, terminal: &Terminal) -> Result<ExitCode> {
    match &args.action {
        LabAction::Run(args) => run::run(args, terminal),
        LabAction::Demo(args) => demo::run(args, terminal).map(ExitCode::from),
    }
}
