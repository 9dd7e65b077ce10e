//! Why the lab, or what runs beside it, did not start.

use std::io;

use crate::exit::Exit;

/// Names why a lab could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LabError {
    /// The lab's services could not be started.
    #[error("the lab could not be started")]
    Start(#[from] toolkit_lab::Error),
    /// There is no place for the lab's files.
    #[error("the lab's folder for trust root and tokens could not be made")]
    Folder(#[source] io::Error),
    /// A command could not be started.
    #[error("`{program}` could not be started")]
    Command {
        /// The program as typed.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The demonstration cannot start the program that it is part of, which may have been replaced meanwhile.
    #[error("this program could not be started once more")]
    Executable(#[source] io::Error),
}

impl LabError {
    /// Says which code it ends with: a program that is not there is a fault of the arguments, all else this machine's.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Command { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Usage,
            _ => Exit::LocalIo,
        }
    }
}
