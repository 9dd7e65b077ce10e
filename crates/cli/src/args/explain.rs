//! `toolkit explain`.

use clap::Args;

/// Holds the arguments of `toolkit explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// An exit code such as `12`, a code of a report such as `identity.mismatch`, `exit-codes` or `reason-codes` for a whole page, or `limits`; without it, all codes are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}
