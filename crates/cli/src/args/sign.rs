//! `toolkit sign`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{AccessArgs, SigningArgs};
use crate::env;

/// Holds the arguments of `toolkit sign`.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// What to sign: an image reference, `oci-dir:PATH[:TAG|@DIGEST]`, or `file:FILE` with `--bundle`
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) targets: Vec<String>,
    /// Write the bundle of the one target also to this file; compulsory for `file:`
    #[arg(long, value_name = "FILE", env = env::SIGN_BUNDLE)]
    pub(crate) bundle: Option<PathBuf>,
    /// Holds who signs and through which services.
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}
