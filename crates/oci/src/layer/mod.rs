//! What is in the layers of an image: read once, checked while they stream, merged as a runtime sees them.
//!
//! [`read_layers`] runs the whole pass. `pipeline` moves the bytes, `decompress` undoes compression, `tar` cuts the
//! stream into entries, `entries` keeps them and hands wanted contents to the [`ContentReader`], `overlay` merges the
//! layers into a [`View`]. Nothing is ever extracted: no path of an image is joined to a path of this machine.

pub(crate) mod decompress;
pub(crate) mod entries;
pub(crate) mod entry;
mod overlay;
mod pipeline;
mod second;
pub mod tar;
mod tree;

pub use entry::{Entry, EntryKind, FileId, LayerFile, Unreadable, UnreadableReason};
pub use overlay::{Node, View};
pub use pipeline::{Layer, Layers, read_layers};

/// Chooses files while their bytes pass and turns them into something smaller.
///
/// Both methods run on the layer's own thread, several layers at once.
pub trait ContentReader: Sync {
    /// What is kept of a file.
    type Output: Send;

    /// Tells whether a regular file or hard link is to be read. `head` has the first bytes of the content, 4 096 or all
    /// there are. For a hard link to content that was not kept, or that is in a lower layer, it is empty, and the
    /// question comes again with the content when that layer is read once more for it.
    fn wants(&self, entry: &Entry<'_>, head: &[u8]) -> bool;

    /// Reads one wanted file. The bytes are whole, but the layer is not proven yet: results are published only
    /// when all digests hold.
    fn read(&self, entry: &Entry<'_>, bytes: Vec<u8>) -> Self::Output;
}
