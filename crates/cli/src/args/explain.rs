//! `toolkit explain`.

use clap::Args;

/// Holds the arguments of `toolkit explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// An exit code, such as `12`; without it, the page of all of them
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}
