//! The crate's error: what went wrong while reading trust material and keys, signing, and moving bundles.
//!
//! A refusal of evidence is no error but a [`Refusal`]; [`Error::SelfVerification`] carries one.

use std::time::Duration;

use crate::Refusal;

/// An error of this crate, one variant per reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Over a limit.
    #[error("more {what} than allowed: limit {limit}, found {found}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// The count or size found.
        found: u64,
    },
    /// The text is no in-toto statement.
    #[error("not an in-toto statement: {reason}")]
    StatementMalformed {
        /// The reason, naming the field.
        reason: String,
    },
    /// A statement needs a subject.
    #[error("a statement needs at least one subject")]
    NoSubject,
    /// A statement needs a predicate type.
    #[error("a statement needs a predicate type")]
    EmptyPredicateType,
    /// The trust root cannot be read.
    #[error("trust root `{origin}` cannot be used: {reason}")]
    TrustRoot {
        /// Where it came from.
        origin: String,
        /// The reason.
        reason: String,
    },
    /// The signing configuration cannot be read.
    #[error("signing configuration `{origin}` cannot be used: {reason}")]
    SigningConfig {
        /// Where it came from.
        origin: String,
        /// The reason.
        reason: String,
    },
    /// The signing configuration offers no service of a kind that is needed, valid now and of a known version.
    #[error(
        "signing configuration `{origin}` has no usable {service}: needed {needed}, usable {usable}"
    )]
    NoService {
        /// Where the configuration came from.
        origin: String,
        /// The kind of service.
        service: &'static str,
        /// How many its selector demands.
        needed: usize,
        /// How many are valid now and of a known version.
        usable: usize,
    },
    /// A key cannot be read or is of an unsupported kind.
    #[error("key cannot be used: expected {expected}, found {found}")]
    Key {
        /// What is accepted.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// An identity token cannot be read.
    #[error("identity token cannot be read: {reason}")]
    TokenMalformed {
        /// The reason; never a part of the token.
        reason: &'static str,
    },
    /// An identity token is for another audience.
    #[error("identity token is for another audience: expected `{expected}`, found `{found}`")]
    TokenAudience {
        /// Fulcio's audience.
        expected: &'static str,
        /// The token's audiences.
        found: String,
    },
    /// An identity token has expired.
    #[error("identity token has expired: valid until {expires}, now {now}")]
    TokenExpired {
        /// Its end.
        expires: jiff::Timestamp,
        /// The time of use.
        now: jiff::Timestamp,
    },
    /// A service could not be reached, or answered with a failure, after the last try.
    #[error("{service} at `{url}` failed after {tries} tries: {reason}")]
    Unreachable {
        /// The kind of service.
        service: &'static str,
        /// Its URL.
        url: String,
        /// How often it was asked.
        tries: u32,
        /// The last failure.
        reason: String,
    },
    /// A service refused the request.
    #[error("{service} at `{url}` refused the request: {reason}")]
    Rejected {
        /// The kind of service.
        service: &'static str,
        /// Its URL.
        url: String,
        /// HTTP status, where there is one.
        status: Option<u16>,
        /// Its answer.
        reason: String,
    },
    /// A service answered something that does not fit the request.
    #[error("{service} at `{url}` gave an answer that cannot be used: {reason}")]
    Answer {
        /// The kind of service.
        service: &'static str,
        /// Its URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate has run out during the session.
    #[error("the signing certificate has expired: valid until {not_after}, now {now}")]
    CertificateExpired {
        /// Its end.
        not_after: jiff::Timestamp,
        /// The time of use.
        now: jiff::Timestamp,
    },
    /// The signature could not be computed.
    #[error("signature cannot be computed: {reason}")]
    Signing {
        /// The reason.
        reason: String,
    },
    /// The new bundle does not pass our own verification, and is not given out.
    #[error("the new bundle does not verify: {0}")]
    SelfVerification(#[source] Refusal),
    /// The runtime or HTTP client could not be started.
    #[error("network client cannot be started: {reason}")]
    Client {
        /// The reason.
        reason: String,
    },
    /// A pattern cannot be used.
    #[error("pattern `{pattern}` cannot be used: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// The reason.
        reason: String,
    },
    /// The image's store failed.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
}

impl PartialEq for Error {
    /// Compares by variant and fields; errors of the image's store by their text, since they hold input/output errors.
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.to_string() == other.to_string()
    }
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// How often and how long a service is asked before it counts as unreachable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// Tries in all, at least one.
    pub tries: u32,
    /// Pause before the second try; it doubles with every further one, with jitter.
    pub pause: Duration,
    /// Longest pause, also when the service asks for a longer one.
    pub longest: Duration,
}

impl Default for Retries {
    /// Four tries with 0.5, 1 and 2 s between them: a rate-limited Fulcio or a restarting log recovers within that,
    /// and the certificate of ten minutes is still fresh.
    fn default() -> Self {
        Self {
            tries: 4,
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(30),
        }
    }
}
