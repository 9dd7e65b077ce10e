//! `toolkit hook`.

use clap::{Args, Subcommand, ValueEnum};

use super::scan::Threshold;
use super::shared::{DatabaseArgs, TrustArgs};
use crate::env;

/// Holds the arguments of `toolkit hook`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct HookArgs {
    /// Holds what to do.
    #[command(subcommand)]
    pub(crate) action: HookAction,
}

/// Names what to do with git's hooks.
#[derive(Debug, Subcommand)]
pub(crate) enum HookAction {
    /// Make git run `toolkit hook run pre-push` before each push from this repository; a hook that is there is kept and runs first
    Install(HookInstallArgs),
    /// Take the hook away and put back the one that was there before
    Uninstall(HookUninstallArgs),
    /// Do the work of a hook, as git or another manager of hooks calls it
    Run(Box<HookRunArgs>),
}

/// Holds the arguments of `toolkit hook install`.
#[derive(Debug, Args)]
pub(crate) struct HookInstallArgs {}

/// Holds the arguments of `toolkit hook uninstall`.
#[derive(Debug, Args)]
pub(crate) struct HookUninstallArgs {}

/// Holds the arguments of `toolkit hook run`.
#[derive(Debug, Args)]
pub(crate) struct HookRunArgs {
    /// The hook, by git's name
    #[arg(value_name = "HOOK")]
    pub(crate) hook: HookName,
    /// The name of the remote, as git gives it; its URL where it has none
    #[arg(value_name = "REMOTE")]
    pub(crate) remote: Option<String>,
    /// The URL of the remote, as git gives it
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Stop the push where it adds a finding of this severity or worse; malicious packages always count
    #[arg(long, value_name = "SEVERITY", ignore_case = true, default_value = "critical", env = env::FAIL_ON)]
    pub(crate) fail_on: Threshold,
    /// Holds which database.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Refuse a database that is older, such as `5d` or `12h`; by default 5d for one that was not built here
    #[arg(long, value_name = "AGE", env = env::MAX_AGE)]
    pub(crate) max_age: Option<String>,
}

/// Names a hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookName {
    /// Runs before objects are sent; reads the refs from stdin (githooks(5))
    PrePush,
}
