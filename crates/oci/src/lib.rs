//! Container images: where they come from and what is in them.
//!
//! Everything that arrives here was written by somebody else: registries, archives, layer entries. It is size- and
//! digest-checked while it streams, bounded by [`limits::Limits`] before it is read, and refused rather than guessed at.
//!
//! This crate knows nothing of packages, signatures or policies. It reads no environment variable, no clock and no
//! home directory, and prints nothing: progress and warnings leave as [`event::Event`].
#![deny(clippy::indexing_slicing, clippy::as_conversions)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::unwrap_used,
        reason = "a failed assumption in a test is a failed test"
    )
)]

pub mod digest;
pub mod error;
pub mod event;
mod glob;
pub mod image;
pub mod layer;
pub mod limits;
mod listing;
pub mod manifest;
pub mod platform;
pub mod reference;
pub mod referrers;
pub mod registry;
pub mod repository;
pub mod source;

pub use digest::{Algorithm, Digest, Verifying};
pub use error::{Error, ErrorClass, Result};
pub use event::Event;
pub use glob::{Glob, GlobError};
pub use image::{Access, Image, LayerInfo};
pub use layer::{ContentReader, Entry, EntryKind, Layers, View, read_layers};
pub use limits::Limits;
pub use manifest::{
    Descriptor, History, ImageConfig, ImageIndex, ImageManifest, Manifest, RawManifest, media_type,
};
pub use platform::Platform;
pub use reference::{PinnedReference, Reference};
pub use repository::Repository;
pub use source::{ImageSource, Selector, Target};
