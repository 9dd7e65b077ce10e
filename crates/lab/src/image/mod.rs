//! Builds OCI images for tests: layers from entries, images, indexes; into an image layout or into a lab's registry.
//!
//! The same input gives the same bytes: times are zero, JSON is sorted. It checks nothing, so it builds broken images too.

mod build;
mod layer;
mod layout;

pub use build::{Built, Image, Index};
pub use layer::{Compression, Layer};
