//! `toolkit completions`: a completion script from the command line's own definition.

use std::io::Write;

use clap_complete::{Shell, generate};

use crate::args::{CompletionsArgs, ShellChoice, definition};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;

/// Prints the script.
///
/// # Errors
/// [`Error::Stdout`].
pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit> {
    let shell = match args.shell {
        ShellChoice::Bash => Shell::Bash,
        ShellChoice::Elvish => Shell::Elvish,
        ShellChoice::Fish => Shell::Fish,
        ShellChoice::PowerShell => Shell::PowerShell,
        ShellChoice::Zsh => Shell::Zsh,
    };
    // The generator panics where its writer fails, so it writes to memory.
    let mut script = Vec::new();
    generate(shell, &mut definition(), "toolkit", &mut script);
    let mut stdout = Stdout::lock();
    stdout
        .write_all(&script)
        .map_err(|source| Error::Stdout { source })?;
    stdout.finish()?;
    Ok(Exit::Yes)
}
