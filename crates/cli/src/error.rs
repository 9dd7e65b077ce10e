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
    #[error("`{}` is no time: expected seconds since 1970 as a whole number, found `{found}`", crate::env::SOURCE_DATE_EPOCH)]
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
    /// An image could not be read or written.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// A document could not be made or read.
    #[error(transparent)]
    Sbom(#[from] toolkit_sbom::Error),
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
