//! `toolkit lab`: a private Sigstore and registries on loopback, for trials. Only with the Cargo feature `lab`.

mod demo;
mod run;

use std::process::ExitCode;

use crate::args::{LabAction, LabArgs};
use crate::error::Result;
use crate::terminal::Terminal;

/// Runs one action; the code of a command that was run is passed on.
///
/// # Errors
/// What kept the lab from starting or the command from running.
pub(crate) fn run(args: &LabArgs, terminal: &Terminal) -> Result<ExitCode> {
    match &args.action {
        LabAction::Run(args) => run::run(args, terminal),
        LabAction::Demo(args) => demo::run(args, terminal),
    }
}
