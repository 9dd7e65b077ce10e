//! `toolkit promote`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::shared::{AccessArgs, DatabaseArgs, TrustArgs};
use super::verify::VerdictFormat;
use crate::env;

/// Holds the arguments of `toolkit promote`.
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// The image to promote: a reference, or `oci-dir:PATH[:TAG|@DIGEST]`
    #[arg(value_name = "SRC")]
    pub(crate) source: String,
    /// Where to: a reference, or `oci-dir:PATH[:TAG]`; without a tag, by digest only
    #[arg(value_name = "DST")]
    pub(crate) destination: String,
    /// The policy that must allow the image
    #[arg(long, value_name = "FILE", required = true, env = env::POLICY)]
    pub(crate) policy: PathBuf,
    /// Move DST's tag even where it names another image
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = ArgAction::SetTrue, env = env::FORCE)]
    pub(crate) force: bool,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds which database, for policies that ask for vulnerabilities.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// How to print the verdict
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::PROMOTE_OUTPUT)]
    pub(crate) output: VerdictFormat,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}
