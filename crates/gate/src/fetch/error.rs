//! Why a feed, or a file of it, was not fetched.

use std::io;
use std::path::PathBuf;

use toolkit_oci::{ErrorClass, registry};
use toolkit_vulndb::feed;
use toolkit_vulndb::feed::folder::Reason;

/// Why a feed, or a file of it, was not fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There is no feed of this name.
    #[error("there is no feed `{found}`: expected one of {}", known.join(", "))]
    UnknownFeed {
        /// The name.
        found: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// The address of a mirror has more than a place.
    #[error("`{found}` is no mirror: expected an address without `?` and `#`")]
    Mirror {
        /// The address.
        found: String,
    },
    /// The publisher did not give it.
    #[error(transparent)]
    Web(#[from] registry::Error),
    /// What came is no feed; what was there before is kept.
    #[error("`{url}` gave something else than its feed")]
    NotTheFeed {
        /// The address.
        url: String,
        /// What is wrong with it.
        #[source]
        source: Reason,
    },
    /// What came is no list of the publisher's files.
    #[error("`{url}` gave something else than the list of its files")]
    NotTheList {
        /// The address.
        url: String,
        /// What is wrong with it.
        #[source]
        source: feed::Error,
    },
    /// A list names another host, which nobody here knows.
    #[error("`{list}` names `{found}`, which is not on {expected}")]
    Elsewhere {
        /// The list.
        list: String,
        /// The address that it names.
        found: String,
        /// The publisher's host.
        expected: &'static str,
    },
    /// The list is there, and none of its files is.
    #[error("none of the files that `{list}` names is there")]
    Nothing {
        /// The list.
        list: String,
    },
    /// The bytes are not those that the publisher's list names.
    #[error("`{url}` has the SHA-256 {found}, expected {expected}")]
    OtherBytes {
        /// The address.
        url: String,
        /// What the list says.
        expected: String,
        /// What came.
        found: String,
    },
    /// The folder could not be read or written.
    #[error("failed to keep `{}`", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The record of what was fetched could not be written.
    #[error("failed to write `{}`", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: feed::Error,
    },
}

impl FetchError {
    /// Says what the error means for a decision. That something is not there is the publisher's silence here, no answer.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::UnknownFeed { .. } | Self::Mirror { .. } => ErrorClass::Usage,
            Self::Web(error) => match error.class() {
                ErrorClass::NotFound => ErrorClass::Unreachable,
                class => class,
            },
            Self::NotTheFeed {
                source: Reason::Io(source),
                ..
            } if source.raw_os_error().is_some() => ErrorClass::Local,
            Self::NotTheFeed { .. } | Self::NotTheList { .. } | Self::Nothing { .. } => {
                ErrorClass::Unreachable
            }
            Self::Elsewhere { .. } => ErrorClass::Hostile,
            Self::OtherBytes { .. } => ErrorClass::Mismatch,
            Self::Folder { .. } | Self::Record { .. } => ErrorClass::Local,
        }
    }

    /// Tells whether the publisher answered that there is no such file.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Web(registry::Error::NotFound { .. }))
    }
}
