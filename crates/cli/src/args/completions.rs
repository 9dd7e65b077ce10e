//! `toolkit completions`.

use clap::{Args, ValueEnum};

/// Holds the arguments of `toolkit completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: ShellChoice,
}

/// Names a shell that has a generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum ShellChoice {
    /// GNU Bash
    Bash,
    /// Elvish
    Elvish,
    /// fish
    Fish,
    /// PowerShell
    PowerShell,
    /// Z shell
    Zsh,
}
