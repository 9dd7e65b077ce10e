//! Flags that several commands share, as groups to flatten into them.

use std::path::PathBuf;

use clap::Args;
use toolkit_oci::registry::Secret;

use crate::env;

/// Holds how registries are reached and how much is read.
#[derive(Debug, Default, Args)]
pub(crate) struct AccessArgs {
    /// Speak plain HTTP to this registry (`host` or `host:port`); loopback needs no flag. Printed on every run
    #[arg(long, value_name = "HOST", value_delimiter = '\n', env = env::INSECURE_REGISTRY, help_heading = "Access")]
    pub(crate) insecure_registry: Vec<String>,
    /// Trust the certificates of this PEM file in addition to the system's
    #[arg(long, value_name = "FILE", value_delimiter = '\n', env = env::CA_FILE, help_heading = "Access")]
    pub(crate) ca_file: Vec<PathBuf>,
    /// Change a limit on foreign input, such as `layer-size=1073741824`
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = '\n', env = env::LIMIT, help_heading = "Access")]
    pub(crate) limit: Vec<String>,
    /// Use no network at all: a target in a registry is refused, and so is signing
    #[arg(long, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::SetTrue, env = env::OFFLINE, help_heading = "Access")]
    pub(crate) offline: bool,
}

/// Holds which vulnerability database is used.
#[derive(Debug, Default, Args)]
pub(crate) struct DatabaseArgs {
    /// The database, as a folder that `db build -o` or `db export` wrote, with its digest unless this machine knows it; by default the installed one
    #[arg(long, value_name = "PATH[@DIGEST]", env = env::DB)]
    pub(crate) db: Option<String>,
    /// Trust the database of `--db` where this identity signed it, such as `kind=github,repository=OWNER/NAME,ref=refs/heads/main`; may be repeated, any one suffices
    #[arg(long, value_name = "IDENTITY", value_delimiter = '\n', env = env::DB_IDENTITY)]
    pub(crate) db_identity: Vec<String>,
}

/// Holds what signatures are judged by.
#[derive(Debug, Default, Args)]
pub(crate) struct TrustArgs {
    /// Judge by the trust root of this file instead of the embedded one of public Sigstore
    #[arg(long, value_name = "FILE", env = env::TRUSTED_ROOT)]
    pub(crate) trusted_root: Option<PathBuf>,
}

/// Holds who signs and through which services.
#[derive(Debug, Args)]
pub(crate) struct SigningArgs {
    /// Sign as the holder of this OIDC token, or of the token in this file
    #[arg(long, value_name = "TOKEN|FILE", hide_env_values = true, env = env::IDENTITY_TOKEN, value_parser = secret, help_heading = "Signing")]
    pub(crate) identity_token: Option<Secret>,
    /// Sign with this private key (P-256, PKCS#8 PEM) instead of keyless
    #[arg(long, value_name = "FILE", env = env::SIGNING_KEY, help_heading = "Signing")]
    pub(crate) key: Option<PathBuf>,
    /// Use the services of this signing configuration instead of public Sigstore's
    #[arg(long, value_name = "FILE", env = env::SIGNING_CONFIG, help_heading = "Signing")]
    pub(crate) signing_config: Option<PathBuf>,
    /// Check the new signatures by the trust root of this file instead of the embedded one of public Sigstore
    #[arg(long, value_name = "FILE", env = env::TRUSTED_ROOT, help_heading = "Signing")]
    pub(crate) trusted_root: Option<PathBuf>,
}

pub(super) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}
