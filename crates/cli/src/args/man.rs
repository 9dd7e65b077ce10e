//! `toolkit man`.

use std::path::PathBuf;

use clap::Args;

/// Holds the arguments of `toolkit man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for every command into this directory, instead of printing the first page
    #[arg(value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
}
