//! `toolkit attest` and `toolkit attest provenance`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::{AccessArgs, SigningArgs};
use crate::env;

/// Holds the arguments of `toolkit attest`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct AttestArgs {
    /// Holds another way to get the predicate.
    #[command(subcommand)]
    pub(crate) gather: Option<Gather>,
    /// What to attest: an image reference, `oci-dir:PATH[:TAG|@DIGEST]`, or `file:FILE` with `--bundle`
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) target: Option<String>,
    /// The predicate to attach, as a JSON file; repeat it together with `--type`
    #[arg(long, value_name = "FILE", value_delimiter = '\n', required = true, env = env::PREDICATE)]
    pub(crate) predicate: Vec<PathBuf>,
    /// The predicate's type: `cyclonedx`, `spdx`, `slsaprovenance1`, `vuln`, `openvex`, `link`, `custom`, or a URI
    #[arg(long = "type", value_name = "TYPE", value_delimiter = '\n', required = true, env = env::ATTEST_TYPE)]
    pub(crate) types: Vec<String>,
    /// Write the bundle of a `file:` target, which takes one predicate, to this file
    #[arg(long, value_name = "FILE", env = env::ATTEST_BUNDLE)]
    pub(crate) bundle: Option<PathBuf>,
    /// The platform that an SBOM is about, where the document does not name it
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", env = env::PLATFORM)]
    pub(crate) platform: Option<String>,
    /// Holds who signs and through which services.
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Names a predicate that is gathered rather than given.
#[derive(Debug, Subcommand)]
pub(crate) enum Gather {
    /// Attest how the image was built, from the facts of the CI system or of this machine (SLSA provenance v1)
    Provenance(ProvenanceArgs),
}

/// Holds the arguments of `toolkit attest provenance`.
#[derive(Debug, Args)]
pub(crate) struct ProvenanceArgs {
    /// The image to attest: a reference, or `oci-dir:PATH[:TAG|@DIGEST]`
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Holds who signs and through which services.
    #[command(flatten)]
    pub(crate) signing: SigningArgs,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}
