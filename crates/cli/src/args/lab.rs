//! `toolkit lab`, only with the Cargo feature `lab`; hidden from completions and the manual.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};

use crate::env;

/// Who the lab's identity tokens are made for, where nobody else is named.
pub(crate) const EMAIL: &str = "alice@example.com";

/// Holds the arguments of `toolkit lab`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub(crate) struct LabArgs {
    /// Holds what to do with the lab.
    #[command(subcommand)]
    pub(crate) action: LabAction,
}

/// Names what to do with the lab.
#[derive(Debug, Subcommand)]
pub(crate) enum LabAction {
    /// Start the lab, run a command with the lab in its environment, and stop the lab
    ///
    /// The command finds TOOLKIT_TRUSTED_ROOT, TOOLKIT_SIGNING_CONFIG and TOOLKIT_IDENTITY_TOKEN set, so that `toolkit sign` and `toolkit
    /// verify` in it use the lab; SIGSTORE_ID_TOKEN is such a token for other tools. TOOLKIT_LAB_REGISTRY names a registry with the
    /// referrers API, TOOLKIT_LAB_REGISTRY_FALLBACK one without; TOOLKIT_LAB_EMAIL and TOOLKIT_LAB_ISSUER say who the tokens are.
    /// ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN give the tokens of a workflow, from TOOLKIT_LAB_GITHUB_ISSUER. A
    /// typed `--key` beats the token; to sign as that workflow, unset the two tokens and set GITHUB_ACTIONS=true.
    Run(LabRunArgs),
    /// Walk the whole chain on one image, printing each command and its result
    Demo(LabDemoArgs),
}

/// Holds the arguments of `toolkit lab run`.
#[derive(Debug, Args)]
pub(crate) struct LabRunArgs {
    /// The version of the transparency log to sign with
    #[arg(long, value_name = "VERSION", default_value = "v2", env = env::REKOR)]
    pub(crate) rekor: RekorChoice,
    /// The e-mail address in the identity token
    #[arg(long, value_name = "ADDRESS", default_value = EMAIL, env = env::EMAIL)]
    pub(crate) email: String,
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<OsString>,
}

/// Holds the arguments of `toolkit lab demo`.
#[derive(Debug, Args)]
pub(crate) struct LabDemoArgs {
    /// The image, as `promote` takes it: a reference, or `oci-dir:PATH[:TAG|@DIGEST]`; by default a small one inside the program
    #[arg(value_name = "IMAGE")]
    pub(crate) image: Option<String>,
}

/// Names a version of the transparency log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RekorChoice {
    /// Rekor v1
    V1,
    /// Rekor v2
    V2,
}
