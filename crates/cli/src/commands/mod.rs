//! The commands, one file each: settings in, exit code or error out.

mod attest;
mod completions;
mod conformance;
mod explain;
mod man;
mod policy;
mod promote;
mod sbom;
mod sign;
mod tree;
mod verify;
mod version;

use crate::args::Command;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Runs the command.
///
/// # Errors
/// What stopped it before its answer.
pub(crate) fn run(command: Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Sbom(args) => sbom::run(&args, terminal),
        Command::Sign(args) => sign::run(&args, terminal),
        Command::Attest(args) => attest::run(&args, terminal),
        Command::Verify(args) => verify::run(&args, terminal),
        Command::Promote(args) => promote::run(&args, terminal),
        Command::Tree(args) => tree::run(&args, terminal),
        Command::Policy(args) => policy::run(&args, terminal),
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Version(_) => version::run(),
        Command::Conformance(args) => conformance::run(&args),
    }
}
