//! Software bills of materials from the files of an image.
//!
//! Files of the layers become an [`Inventory`] of packages; lock files of projects become lists of them. Catalogers are pure: they see bytes and the merged view, never
//! a disk or a network. This crate knows no advisories and no signatures.

pub mod catalog;
pub mod cataloger;
pub mod distro;
pub mod document;
pub mod error;
pub mod format;
pub mod identity;
pub mod inventory;
pub mod license;
pub mod lockfile;
pub mod package;
pub mod purl;

pub use catalog::catalog;
pub use distro::Distro;
pub use document::{Document, Subject, SubjectKind};
pub use error::{Error, Result};
pub use format::{
    Described, Format, described, read, subject_digests, write, write_cyclonedx_with,
};
pub use identity::{Identity, unlisted};
pub use inventory::{Fault, Inventory, Unreadable};
pub use package::{
    Checksum, ChecksumAlgorithm, Ecosystem, Kind, Location, Package, PackageId, Party, Scope,
    SourcePackage,
};
pub use purl::Purl;
