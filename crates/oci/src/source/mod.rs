//! Where images come from: registries, layouts, archives, directories.
//!
//! A source hands out untrusted bytes. Size and digest are checked once, above it, in [`crate::image`].

pub(crate) mod archive;
pub(crate) mod directory;
pub mod layout;
pub(crate) mod registry;
mod target;

pub use target::{Selector, Target};

use std::io::Read;

use crate::error::Result;
use crate::manifest::Descriptor;

/// Gives manifests and blobs as they are, unchecked.
pub trait ImageSource: Send + Sync {
    /// Finds the manifest or index that a selector names, or the only one there is.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], [`crate::Error::Ambiguous`], or what the source's medium says.
    fn resolve(&self, selector: Option<&Selector>) -> Result<Untrusted>;

    /// Opens a blob or manifest by its descriptor.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], or what the source's medium says.
    fn open(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>>;
}

/// Holds the bytes of a manifest with the descriptor by which they are to be checked.
#[derive(Debug, Clone)]
pub struct Untrusted {
    /// What the bytes have to be.
    pub descriptor: Descriptor,
    /// What they are.
    pub bytes: Vec<u8>,
}
