//! `toolkit conformance`, hidden: the client protocol of sigstore-conformance (its `docs/cli_protocol.md`).

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};
use toolkit_oci::registry::Secret;

use crate::env;

/// Holds the arguments of `toolkit conformance`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub(crate) struct ConformanceArgs {
    /// Holds what the suite asks for.
    #[command(subcommand)]
    pub(crate) action: ConformanceAction,
}

/// Names what the suite asks for.
#[derive(Debug, Subcommand)]
pub(crate) enum ConformanceAction {
    /// Sign a file
    SignBundle(SignBundleArgs),
    /// Verify a file or digest
    VerifyBundle(VerifyBundleArgs),
}

/// Holds the arguments of `toolkit conformance sign-bundle`.
#[derive(Debug, Args)]
pub(crate) struct SignBundleArgs {
    /// Use the staging instance
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) staging: bool,
    /// The file is an in-toto statement: sign its bytes as they are
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) in_toto: bool,
    /// The OIDC token
    #[arg(long, value_name = "TOKEN", value_parser = super::shared::secret)]
    pub(crate) identity_token: Secret,
    /// The bundle to write
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// The trust root
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// The signing configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_config: Option<PathBuf>,
    /// Use no network at all, so that signing is refused
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = ArgAction::SetTrue, env = env::OFFLINE)]
    pub(crate) offline: bool,
    /// The file to sign
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Holds the arguments of `toolkit conformance verify-bundle`.
#[derive(Debug, Args)]
pub(crate) struct VerifyBundleArgs {
    /// Use the staging instance
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) staging: bool,
    /// The bundle
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// The identity in the certificate
    #[arg(
        long,
        value_name = "IDENTITY",
        required_unless_present = "key",
        requires = "certificate_oidc_issuer"
    )]
    pub(crate) certificate_identity: Option<String>,
    /// Its issuer
    #[arg(long, value_name = "URL", requires = "certificate_identity")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// The public key, instead of an identity
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_identity")]
    pub(crate) key: Option<PathBuf>,
    /// The trust root
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// The file, or `sha256:` and its digest
    #[arg(value_name = "FILE_OR_DIGEST")]
    pub(crate) artifact: String,
}
