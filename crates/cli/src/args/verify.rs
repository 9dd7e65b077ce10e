//! `toolkit verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shared::{AccessArgs, DatabaseArgs, TrustArgs};
use crate::env;

/// Holds the arguments of `toolkit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// What to judge: an image reference, `oci-dir:PATH[:TAG|@DIGEST]`, or `file:FILE` with `--bundle`
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Judge by this policy file
    #[arg(long, value_name = "FILE", env = env::POLICY)]
    pub(crate) policy: Option<PathBuf>,
    /// Holds whose signature is wanted.
    #[command(flatten)]
    pub(crate) identity: IdentityArgs,
    /// Check attestations of this type instead of the signature: a name such as `cyclonedx`, or a URI. May be repeated
    #[arg(long = "type", value_name = "TYPE", value_delimiter = '\n', env = env::VERIFY_TYPE)]
    pub(crate) types: Vec<String>,
    /// A bundle to read as evidence; compulsory for `file:`, one more beside those of an image
    #[arg(long, value_name = "FILE", env = env::VERIFY_BUNDLE)]
    pub(crate) bundle: Option<PathBuf>,
    /// Holds what signatures are judged by.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Holds which database, for policies that ask for vulnerabilities.
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// How to print the verdict
    #[arg(short, long, value_name = "FORMAT", default_value = "text", env = env::VERIFY_OUTPUT)]
    pub(crate) output: VerdictFormat,
    /// Holds how registries are reached.
    #[command(flatten)]
    pub(crate) access: AccessArgs,
}

/// Holds the identity that a signature must have.
#[derive(Debug, Args)]
pub(crate) struct IdentityArgs {
    /// The identity in the certificate, exactly
    #[arg(long, value_name = "IDENTITY", env = env::CERTIFICATE_IDENTITY, help_heading = "Identity")]
    pub(crate) certificate_identity: Option<String>,
    /// A regular expression for the whole identity in the certificate
    #[arg(long, value_name = "REGEXP", env = env::CERTIFICATE_IDENTITY_REGEXP, help_heading = "Identity")]
    pub(crate) certificate_identity_regexp: Option<String>,
    /// The issuer of the identity, exactly
    #[arg(long, value_name = "URL", env = env::CERTIFICATE_OIDC_ISSUER, help_heading = "Identity")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// A regular expression for the whole issuer of the identity
    #[arg(long, value_name = "REGEXP", env = env::CERTIFICATE_OIDC_ISSUER_REGEXP, help_heading = "Identity")]
    pub(crate) certificate_oidc_issuer_regexp: Option<String>,
    /// The public key (P-256, PEM) that must have signed
    #[arg(long, value_name = "FILE", env = env::VERIFY_KEY, help_heading = "Identity")]
    pub(crate) key: Option<PathBuf>,
}

/// Names how a verdict is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictFormat {
    /// For people: the verdict first
    Text,
    /// For programs
    Json,
}
