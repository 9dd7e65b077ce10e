//! `toolkit lab`, only with the Cargo feature `lab`; hidden from completions and the manual.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};

use crate::env;

/// Holds the arguments of `toolkit lab`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub(crate) struct LabArgs {
    /// Holds what to do with the lab.
    #[command(subcommand)]
    pub(crate) action: LabAction,
}

/// Names what to do with the lab.
#[derive(Debug, Subcommand)]
pub(crate) enum LabAction {
    /// Start the lab, run a command with the lab in its environment, and stop the lab
    Run(LabRunArgs),
    /// Walk the whole chain on one image, printing each command and its result
    Demo(LabDemoArgs),
}

/// Holds the arguments of `toolkit lab run`.
#[derive(Debug, Args)]
pub(crate) struct LabRunArgs {
    /// The version of the transparency log to sign with
    #[arg(long, value_name = "VERSION", default_value = "v2", env = env::REKOR)]
    pub(crate) rekor: RekorChoice,
    /// The e-mail address in the identity token
    #[arg(long, value_name = "ADDRESS", default_value = "someone@example.com", env = env::EMAIL)]
    pub(crate) email: String,
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<OsString>,
}

/// Holds the arguments of `toolkit lab demo`.
#[derive(Debug, Args)]
pub(crate) struct LabDemoArgs {
    /// The image; by default the one in `testdata/images/demo` of the repository
    #[arg(value_name = "IMAGE")]
    pub(crate) image: Option<String>,
}

/// Names a version of the transparency log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RekorChoice {
    /// Rekor v1
    V1,
    /// Rekor v2
    V2,
}
