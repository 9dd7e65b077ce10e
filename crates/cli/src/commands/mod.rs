//! The commands, one file each: settings in, exit code or error out.

mod completions;
mod conformance;
mod explain;
mod man;
mod version;

use crate::args::Command;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Runs the command.
///
/// # Errors
/// What stopped it before its answer.
pub(crate) fn run(command: Command, _terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Version(_) => version::run(),
        Command::Conformance(args) => conformance::run(&args),
    }
}
