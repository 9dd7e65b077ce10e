//! Everything that can stop a command, as one type with both sides of each fault.
//!
//! Which code an error ends with is `exit`'s decision, how it looks is `report`'s.

use std::io;
use std::path::PathBuf;

/// Names why a command stopped before its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `explain` was asked about something that is no code.
    #[error("unknown code `{code}`")]
    UnknownCode {
        /// The word as typed.
        code: String,
    },
    /// The target is in a registry, and the network is not to be used.
    #[error("`{target}` is in a registry, and the network is not to be used")]
    Offline {
        /// The target as typed.
        target: String,
    },
    /// A limit is no `NAME=VALUE`.
    #[error("`{found}` is no limit: expected `NAME=VALUE` with a whole number above 0")]
    Limit {
        /// The text as typed.
        found: String,
    },
    /// Two documents would be written to one place.
    #[error("two outputs go to {place}")]
    SameOutput {
        /// The file, or `stdout`.
        place: String,
    },
    /// The variable for the time of documents is no time.
    #[error(
        "`{}` is no time: expected seconds since 1970 as a whole number, found `{found}`",
        crate::env::SOURCE_DATE_EPOCH
    )]
    SourceDate {
        /// Its value.
        found: String,
    },
    /// A file of the user's could not be read.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file as named by the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the user's is longer than is read.
    #[error("`{}` is longer than the {limit} bytes that are read", path.display())]
    TooLong {
        /// The file as named by the user.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The trust root's file could not be read.
    #[error("the trust root is missing")]
    TrustRootFile {
        /// What happened to its file.
        source: Box<Self>,
    },
    /// The staging instance was asked for without its trust root.
    #[error("the trust root of the staging instance is not carried by this program")]
    NoStagingRoot,
    /// A key file holds something else.
    #[error("`{}` is not the key that is needed", path.display())]
    KeyFile {
        /// The file as named by the user.
        path: PathBuf,
        /// What is in it.
        source: toolkit_attest::Error,
    },
    /// Nobody is named whose signature would do.
    #[error("whose signature is wanted? expected a key, or an identity and its issuer, found {}", if given.is_empty() { "neither".to_owned() } else { given.join(", ") })]
    WhoMissing {
        /// The flags that were given.
        given: Vec<&'static str>,
    },
    /// Signing or reading trust material failed.
    #[error(transparent)]
    Attest(#[from] toolkit_attest::Error),
    /// A bundle was refused.
    #[error(transparent)]
    Refused(#[from] toolkit_attest::Refusal),
    /// An image could not be read or written.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// There is no identity token.
    #[error(transparent)]
    Token(#[from] crate::ci::TokenError),
    /// A value for a CI system could be mistaken for several.
    #[error("output `{name}` is not set: its value contains the delimiter that ends it")]
    OutputDelimiter {
        /// The output's name.
        name: String,
    },
    /// The standard output could not take what was written.
    #[error("failed to write to the standard output")]
    Stdout {
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file as named by the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Is the result of everything that can stop a command.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;
