//! `toolkit version`.

use clap::Args;

/// Holds the arguments of `toolkit version`: none.
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {}
