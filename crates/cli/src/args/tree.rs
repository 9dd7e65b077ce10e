//! `toolkit tree`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{AccessArgs, TrustArgs};
use super::verify::VerdictFormat;
use crate::env;

/// Holds the arguments of `toolkit tree`.
#[derive(Debug, Args)]
pub(crate) struct TreeArgs {
    /// The image: a reference, or `oci-dir:PATH[:TAG|@DIGEST]`
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// A public key (P-256, PEM) to verify signatures without a certificate with; may be repeated
    #[arg(long, value_name = "FILE", value_delimiter = '\n', env = env::TREE_KEY)]
    pub(crate) key: Vec<PathBuf>,
    /// How to print the graph
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::TREE_OUTPUT)]
    pub(crate) output: VerdictFormat,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}
