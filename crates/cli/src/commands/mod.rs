//! The commands, one file each: settings in, exit code or error out.

mod attest;
mod completions;
mod conformance;
mod db;
mod explain;
mod hook;
#[cfg(feature = "lab")]
mod lab;
mod man;
mod policy;
mod promote;
mod sbom;
mod scan;
mod sign;
mod tree;
mod verify;
mod version;
mod vex;

use std::process::ExitCode;

pub(crate) use hook::HookError;
#[cfg(feature = "lab")]
pub(crate) use lab::LabError;

use crate::args::Command;
use crate::error::Result;
use crate::terminal::Terminal;

/// Runs the command and returns its code: one of [`crate::exit::Exit`]'s, or that of the user's command which `lab run` passes on.
///
/// # Errors
/// What stopped it before its answer.
pub(crate) fn run(command: Command, terminal: &Terminal) -> Result<ExitCode> {
    let exit = match command {
        Command::Sbom(args) => sbom::run(&args, terminal)?,
        Command::Scan(args) => return scan::run(&args, terminal),
        Command::Db(args) => db::run(&args, terminal)?,
        Command::Hook(args) => hook::run(&args, terminal)?,
        Command::Vex(args) => vex::run(&args, terminal)?,
        Command::Sign(args) => sign::run(&args, terminal)?,
        Command::Attest(args) => attest::run(&args, terminal)?,
        Command::Verify(args) => verify::run(&args, terminal)?,
        Command::Promote(args) => promote::run(&args, terminal)?,
        Command::Tree(args) => tree::run(&args, terminal)?,
        Command::Policy(args) => policy::run(&args, terminal)?,
        Command::Explain(args) => explain::run(&args)?,
        Command::Completions(args) => completions::run(&args)?,
        Command::Man(args) => man::run(&args)?,
        Command::Version(_) => version::run()?,
        Command::Conformance(args) => conformance::run(&args)?,
        #[cfg(feature = "lab")]
        Command::Lab(args) => return lab::run(&args, terminal),
    };
    Ok(exit.into())
}
