//! Software bills of materials from the files of an image.
//!
//! Files of the layers become an [`Inventory`] of packages. Catalogers are pure: they see bytes and the merged view, never
//! a disk or a network. This crate knows no advisories and no signatures.

pub mod distro;
pub mod error;
pub mod inventory;
pub mod package;
pub mod purl;

pub use distro::Distro;
pub use error::{Error, Result};
pub use inventory::{Fault, Inventory, Unreadable};
pub use package::{
    Checksum, ChecksumAlgorithm, Ecosystem, Kind, Location, Package, PackageId, Party, Scope,
    SourcePackage,
};
pub use purl::Purl;
