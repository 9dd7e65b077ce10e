//! `toolkit sbom`.

use clap::Args;

use super::shared::AccessArgs;
use crate::env;

/// Holds the arguments of `toolkit sbom`.
#[derive(Debug, Args)]
pub(crate) struct SbomArgs {
    /// What to read: an image reference, `oci-dir:PATH`, `oci-archive:FILE`, `docker-archive:FILE`, `dir:PATH`, `file:FILE`, or a path
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Write this format: `table`, `cyclonedx-json`, `spdx-json`, `purls`; to stdout, or to FILE. May be repeated
    #[arg(short, long, value_name = "FORMAT[@VERSION][=FILE]", value_delimiter = '\n', env = env::SBOM_OUTPUT, default_value = "table")]
    pub(crate) output: Vec<String>,
    /// The platform to read of a multi-platform image; by default this machine's
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", env = env::PLATFORM)]
    pub(crate) platform: Option<String>,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}
