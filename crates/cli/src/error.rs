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
