//! What a signing certificate says, as plain values.
//!
//! Values in [`CertificateFacts`] are worth something only inside a [`Verified`](crate::Verified).
//!
//! Specification: Fulcio `docs/oid-info.md`, extensions 1.3.6.1.4.1.57264.1.1 to .24 (`.8` wins over `.1`).

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// The kind of a subject alternative name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SanKind {
    /// An e-mail address (`rfc822Name`): a person.
    Email,
    /// A URI: a workload such as a CI job.
    Uri,
    /// Anything else, such as Fulcio's user name in an `otherName`: it has no value here and matches nothing.
    Unsupported,
}

impl fmt::Display for SanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "e-mail",
            Self::Uri => "URI",
            Self::Unsupported => "unsupported kind",
        })
    }
}

/// The facts of one signing certificate. Absent extensions are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// The subject alternative name, the first that is an e-mail address or URI; empty where the kind is unsupported.
    pub san: String,
    /// Its kind.
    pub san_kind: SanKind,
    /// `.8`, else `.1`: the OIDC issuer, empty where there is none.
    pub issuer: String,
    /// `.9`: the build configuration that signed, with its ref.
    pub build_signer_uri: Option<String>,
    /// `.10`: the commit of the build configuration that signed.
    pub build_signer_digest: Option<String>,
    /// `.11`: `github-hosted` or `self-hosted`.
    pub runner_environment: Option<String>,
    /// `.12`: the source repository, a URL.
    pub source_repository_uri: Option<String>,
    /// `.13`: the source commit.
    pub source_digest: Option<String>,
    /// `.14`: the source ref, such as `refs/tags/v1`.
    pub source_ref: Option<String>,
    /// `.15`: the repository's immutable identifier.
    pub source_repository_id: Option<String>,
    /// `.16`: the repository's owner, a URL.
    pub source_owner_uri: Option<String>,
    /// `.17`: the owner's immutable identifier.
    pub source_owner_id: Option<String>,
    /// `.18`: the top-level build configuration, with its ref.
    pub build_config_uri: Option<String>,
    /// `.19`: the commit of the top-level build configuration.
    pub build_config_digest: Option<String>,
    /// `.20`: the event that started the build.
    pub build_trigger: Option<String>,
    /// `.21`: the run, a URL.
    pub run_invocation_uri: Option<String>,
    /// `.22`: the repository's visibility when the certificate was made.
    pub source_visibility: Option<String>,
    /// `.23`: the deployment environment.
    pub deployment_environment: Option<String>,
    /// `.24`: the token's subject.
    pub token_subject: Option<String>,
    /// Start of validity.
    #[serde(serialize_with = "as_text")]
    pub not_before: Timestamp,
    /// End of validity.
    #[serde(serialize_with = "as_text")]
    pub not_after: Timestamp,
}

impl CertificateFacts {
    /// Makes facts with an identity, an issuer and a validity, and no extension.
    #[must_use]
    pub fn new(
        san: impl Into<String>,
        san_kind: SanKind,
        issuer: impl Into<String>,
        valid: [Timestamp; 2],
    ) -> Self {
        let [not_before, not_after] = valid;
        Self {
            san: san.into(),
            san_kind,
            issuer: issuer.into(),
            build_signer_uri: None,
            build_signer_digest: None,
            runner_environment: None,
            source_repository_uri: None,
            source_digest: None,
            source_ref: None,
            source_repository_id: None,
            source_owner_uri: None,
            source_owner_id: None,
            build_config_uri: None,
            build_config_digest: None,
            build_trigger: None,
            run_invocation_uri: None,
            source_visibility: None,
            deployment_environment: None,
            token_subject: None,
            not_before,
            not_after,
        }
    }
}

/// Serializes a time in RFC 3339, UTC.
fn as_text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
