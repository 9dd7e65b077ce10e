//! Why a registry, or the way to it, did not give what was asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::digest::Digest;
use crate::error::ErrorClass;

/// Result of the registry client.
pub type Result<T> = std::result::Result<T, Error>;

/// Carries what a registry said in an error answer, cut to a line and with control characters escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Error code of distribution-spec, such as `MANIFEST_UNKNOWN`, where the body had one.
    pub code: Option<String>,
    /// The message, or the beginning of a body of another form.
    pub message: String,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.code, self.message.is_empty()) {
            (Some(code), true) => write!(f, "`{code}`"),
            (Some(code), false) => write!(f, "`{code}`: {}", self.message),
            (None, true) => f.write_str("no message"),
            (None, false) => f.write_str(&self.message),
        }
    }
}

/// Says why an address named by a registry is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetFault {
    /// From TLS to plain HTTP.
    Downgrade,
    /// An IP address of a private, link-local or loopback network that is not the registry's own.
    PrivateAddress,
    /// Plain HTTP to a host that is neither this machine nor named for it.
    Plain,
    /// Neither `http` nor `https`, or without a host.
    Scheme,
    /// User name or password inside the address.
    Credentials,
    /// Another host where only the same one can be meant.
    Foreign,
}

impl std::fmt::Display for TargetFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Downgrade => "it leads from TLS to plain HTTP",
            Self::Plain => "it is plain HTTP to another machine",
            Self::PrivateAddress => "it is an address of a private network",
            Self::Scheme => "it is no http or https address",
            Self::Credentials => "it carries a user name or password",
            Self::Foreign => "it is on another host",
        })
    }
}

/// Says why a server's certificate is not accepted (RFC 5280 §6, RFC 9525 §6).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// No chain leads from it to a trusted authority.
    UnknownIssuer,
    /// The trusted authority that it names did not sign it.
    BadSignature,
    /// It is for other names.
    OtherName {
        /// The name that was asked for.
        expected: String,
        /// The names in the certificate.
        found: Vec<String>,
    },
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotValidYet,
    /// Anything else, in the words of the TLS library.
    Other(String),
}

impl std::fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("it leads to no trusted certificate authority"),
            Self::BadSignature => f.write_str("the authority that it names did not sign it"),
            Self::OtherName { expected, found } => {
                write!(
                    f,
                    "it is for `{}`, not for `{expected}`",
                    found.join("`, `")
                )
            }
            Self::Expired => f.write_str("it has expired"),
            Self::NotValidYet => f.write_str("it is not valid yet"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Says what is wrong with the answer of a token server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    /// The server refused.
    Status(u16, Answer),
    /// The body is not JSON of the expected form.
    Unreadable,
    /// Neither `token` nor `access_token`.
    Missing,
}

impl std::fmt::Display for TokenFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status, answer) => write!(f, "status {status}, {answer}"),
            Self::Unreadable => f.write_str("its answer is not the JSON of a token server"),
            Self::Missing => f.write_str("its answer has neither `token` nor `access_token`"),
        }
    }
}

/// Says what a credential helper did wrong.
#[derive(Debug, PartialEq, Eq)]
pub enum HelperFault {
    /// The configured name has other characters than letters, digits, `.`, `_` and `-`.
    Name,
    /// The program could not be started.
    Start(std::io::ErrorKind),
    /// It did not end in time.
    Timeout(Duration),
    /// It wrote more than this many bytes.
    TooLong(u64),
    /// It ended with this code, or by a signal.
    Failed(Option<i32>),
    /// Its output is not the JSON of a credential helper.
    Unreadable,
}

impl std::fmt::Display for HelperFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name => {
                f.write_str("its name has characters other than letters, digits, `.`, `_` and `-`")
            }
            Self::Start(kind) => write!(f, "it cannot be started: {kind}"),
            Self::Timeout(limit) => write!(f, "it did not end within {} s", limit.as_secs()),
            Self::TooLong(limit) => write!(f, "it wrote more than {limit} bytes"),
            Self::Failed(Some(code)) => write!(f, "it ended with code {code}"),
            Self::Failed(None) => f.write_str("it was ended by a signal"),
            Self::Unreadable => f.write_str("its output is not the JSON of a credential helper"),
        }
    }
}

/// Says why a request to a registry failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection, a broken one, or a time-out.
    #[error("no answer from `{url}`")]
    Transport {
        /// What was asked, without query.
        url: String,
        /// The cause.
        #[source]
        source: Box<reqwest::Error>,
    },
    /// TLS stands only with a certificate that is trusted; asking again would not change it.
    #[error("the certificate of `{url}` is refused: {fault}")]
    Certificate {
        /// What was asked, without query.
        url: String,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// A body ended early and could not be resumed.
    #[error("`{url}` broke off after {found} of {expected} bytes")]
    Cut {
        /// What was asked.
        url: String,
        /// Bytes promised.
        expected: u64,
        /// Bytes received.
        found: u64,
    },
    /// A body that went on, but too slowly to ever end.
    #[error("`{url}` is too slow: expected at least {expected} bytes in {} s, found {found}", window.as_secs())]
    Slow {
        /// What was asked.
        url: String,
        /// Bytes that the limits `transfer-speed` and `transfer-window` ask for.
        expected: u64,
        /// Bytes received in that time.
        found: u64,
        /// The time, spent waiting.
        window: Duration,
    },
    /// 401, after a refreshed token where there was one to get.
    #[error("`{registry}` refused the credentials it was given, or wants some: {answer}")]
    Unauthorized {
        /// Host and port of the registry.
        registry: String,
        /// What it said.
        answer: Answer,
    },
    /// 403.
    #[error("`{url}` is forbidden: {answer}")]
    Forbidden {
        /// What was asked.
        url: String,
        /// What the registry said.
        answer: Answer,
    },
    /// 404.
    #[error("`{url}` was not found: {answer}")]
    NotFound {
        /// What was asked.
        url: String,
        /// What the registry said.
        answer: Answer,
    },
    /// 429 past the budget, or a longer wait than is obeyed.
    #[error("`{url}` is rate-limited{}: {answer}", wait.map(|w| format!(", to be asked again in {} s", w.as_secs())).unwrap_or_default())]
    RateLimited {
        /// What was asked.
        url: String,
        /// The time that the registry wants us to wait, where it said one.
        wait: Option<Duration>,
        /// What it said.
        answer: Answer,
    },
    /// Any other status that is not a success.
    #[error("`{url}` answered status {status}: {answer}")]
    Status {
        /// What was asked.
        url: String,
        /// The status.
        status: u16,
        /// What the registry said.
        answer: Answer,
    },
    /// A success whose body is no registry's: a login page or a proxy.
    #[error("`{url}` gave no registry answer but `{content_type}` (a login page or a proxy?)")]
    NotRegistry {
        /// What was asked.
        url: String,
        /// The media type it sent.
        content_type: String,
    },
    /// An answer without a header that the specification demands, or with an unusable one.
    #[error("`{url}` answered without a usable `{header}` header")]
    Header {
        /// What was asked.
        url: String,
        /// The header.
        header: &'static str,
    },
    /// The bytes have another digest.
    #[error("`{url}` has digest `{found}`, expected `{expected}`")]
    DigestMismatch {
        /// What was asked.
        url: String,
        /// The digest that was named.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// The answer has another size.
    #[error("`{url}` has {found} bytes, expected {expected}")]
    SizeMismatch {
        /// What was asked.
        url: String,
        /// Bytes according to the descriptor.
        expected: u64,
        /// Bytes received or announced.
        found: u64,
    },
    /// More than a limit allows.
    #[error("`{url}` sends more than {limit} {unit}")]
    TooMuch {
        /// What was asked.
        url: String,
        /// The limit.
        limit: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// A redirect, upload location, page link or token realm that is not followed.
    #[error("`{from}` sends to `{target}`, which is not followed: {fault}")]
    Target {
        /// Who named it.
        from: String,
        /// The address, without query.
        target: String,
        /// Why it is refused.
        fault: TargetFault,
    },
    /// An address that is not asked at all.
    #[error("`{url}` is not asked: {fault}")]
    Address {
        /// The address, without query, user and password.
        url: String,
        /// Why it is refused.
        fault: TargetFault,
    },
    /// The registry's name is no host.
    #[error("`{registry}` is no registry host")]
    Host {
        /// The name.
        registry: String,
    },
    /// The token server did not give a token.
    #[error("no token from `{realm}`: {fault}")]
    Token {
        /// The token server, without query.
        realm: String,
        /// What went wrong.
        fault: TokenFault,
    },
    /// A credential helper did not give a credential.
    #[error("credential helper `{name}`: {fault}")]
    Helper {
        /// The configured name.
        name: String,
        /// What went wrong.
        fault: HelperFault,
    },
    /// A credential file cannot be read.
    #[error("failed to read credentials")]
    CredentialsUnreadable {
        /// The cause; it names the file.
        #[source]
        source: std::io::Error,
    },
    /// A credential file is not docker's or podman's format. The parser's text is left out: it may quote a secret.
    #[error("`{}` is no docker configuration at {place}", path.display())]
    CredentialsInvalid {
        /// The file.
        path: PathBuf,
        /// The line, or the entry.
        place: String,
    },
    /// A file of certificates cannot be used.
    #[error("failed to load certificates from `{}`", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The HTTP client cannot be built.
    #[error("failed to set up TLS and HTTP")]
    Setup {
        /// The cause.
        #[source]
        source: Box<reqwest::Error>,
    },
    /// Reading what is to be uploaded failed.
    #[error("failed to read what is uploaded to `{url}`")]
    Source {
        /// Where it was going.
        url: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// What was received could not be written.
    #[error("failed to write what came from `{url}`")]
    Sink {
        /// Where it came from.
        url: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The registry has no referrers API and takes the fallback tag for the image itself.
    #[error(
        "`{registry}` has no place for referrers: no API, and it takes the tag `{tag}` for the image itself"
    )]
    NoReferrers {
        /// Host and port.
        registry: String,
        /// The fallback tag.
        tag: String,
    },
    /// Other writers kept replacing the list of referrers.
    #[error("the referrers list `{tag}` was replaced by others {attempts} times")]
    Contended {
        /// The fallback tag.
        tag: String,
        /// How often the entry was written.
        attempts: u32,
    },
}

impl Error {
    /// Says what the error means for a decision.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Transport { .. }
            | Self::Certificate { .. }
            | Self::Cut { .. }
            | Self::Slow { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::RateLimited { .. }
            | Self::Status { .. }
            | Self::NotRegistry { .. }
            | Self::Header { .. }
            | Self::Token { .. }
            | Self::Helper { .. }
            | Self::NoReferrers { .. }
            | Self::Contended { .. } => ErrorClass::Unreachable,
            Self::NotFound { .. } => ErrorClass::NotFound,
            Self::DigestMismatch { .. } | Self::SizeMismatch { .. } => ErrorClass::Mismatch,
            Self::TooMuch { .. } | Self::Target { .. } => ErrorClass::Hostile,
            Self::CredentialsUnreadable { .. }
            | Self::Certificates { .. }
            | Self::Setup { .. }
            | Self::Source { .. }
            | Self::Sink { .. } => ErrorClass::Local,
            Self::Address { .. } | Self::Host { .. } | Self::CredentialsInvalid { .. } => {
                ErrorClass::Usage
            }
        }
    }

    /// Returns the HTTP status behind the error, where a status was the reason.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized { .. } => Some(401),
            Self::Forbidden { .. } => Some(403),
            Self::NotFound { .. } => Some(404),
            Self::RateLimited { .. } => Some(429),
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns what the registry said, where it said something.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Unauthorized { answer, .. }
            | Self::Forbidden { answer, .. }
            | Self::NotFound { answer, .. }
            | Self::RateLimited { answer, .. }
            | Self::Status { answer, .. } => Some(answer),
            _ => None,
        }
    }
}
