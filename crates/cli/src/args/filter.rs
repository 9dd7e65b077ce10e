//! Flags that say which findings of a scan count.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use toolkit_vulndb::affected::FixState;

use crate::env;

/// Holds which findings are left out, and which are kept and not counted.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArgs {
    /// Show and count only what is fixed in a channel that this system has
    #[arg(long, alias = "ignore-unfixed", value_parser = clap::builder::BoolishValueParser::new(), action = ArgAction::SetTrue, env = env::ONLY_FIXED, help_heading = "Filters")]
    pub(crate) only_fixed: bool,
    /// Show and count only what is not fixed
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = ArgAction::SetTrue, env = env::ONLY_NOTFIXED, help_heading = "Filters")]
    pub(crate) only_notfixed: bool,
    /// Leave out findings whose fix is in one of these states: `fixed`, `not-fixed`, `wont-fix`, `unknown`
    #[arg(long, alias = "ignore-states", value_name = "STATE", value_delimiter = ',', ignore_case = true, env = env::IGNORE_STATUS, help_heading = "Filters")]
    pub(crate) ignore_status: Vec<Status>,
    /// Suppress what this file says, with reason and end; `.trivyignore`, `.trivyignore.yaml`, `.grype.yaml` and `osv-scanner.toml` are known by name. May be repeated; none is loaded by itself
    #[arg(long, value_name = "FILE", value_delimiter = '\n', env = env::IGNOREFILE, help_heading = "Filters")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// Suppress what this OpenVEX, CSAF or CycloneDX document states to be fixed or, with a reason, not affected. May be repeated
    #[arg(long, value_name = "FILE", value_delimiter = '\n', env = env::VEX, help_heading = "Filters")]
    pub(crate) vex: Vec<PathBuf>,
    /// Suppress what an earlier result (`-o json`), or a scan of this target with the same database, has too
    #[arg(long, value_name = "FILE|TARGET", env = env::BASELINE, help_heading = "Filters")]
    pub(crate) baseline: Option<String>,
}

/// Names the state of a fix as it is typed, in grype's words or trivy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    /// A version fixes it
    Fixed,
    /// No version does yet
    #[value(alias = "affected")]
    NotFixed,
    /// None will
    #[value(aliases = ["will_not_fix", "fix_deferred", "end_of_life"])]
    WontFix,
    /// Nobody says
    Unknown,
    /// trivy's word for what is no finding here
    #[value(name = "not_affected", alias = "under_investigation", hide = true)]
    NoFinding,
}

impl Status {
    /// Returns the state; none for words of which no finding can be.
    pub(crate) fn state(self) -> Option<FixState> {
        match self {
            Self::Fixed => Some(FixState::Fixed),
            Self::NotFixed => Some(FixState::NotFixed),
            Self::WontFix => Some(FixState::WontFix),
            Self::Unknown => Some(FixState::Unknown),
            Self::NoFinding => None,
        }
    }
}
