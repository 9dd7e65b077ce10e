//! `toolkit policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Holds the arguments of `toolkit policy`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct PolicyArgs {
    /// Holds what to do with the policy.
    #[command(subcommand)]
    pub(crate) action: PolicyAction,
}

/// Names what to do with a policy.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyAction {
    /// Check a policy file and show all of its faults
    Check(PolicyCheckArgs),
}

/// Holds the arguments of `toolkit policy check`.
#[derive(Debug, Args)]
pub(crate) struct PolicyCheckArgs {
    /// The policy file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
