//! What happens while an image is read or written, told to the caller while it happens.
//!
//! Events carry values, never text meant for a terminal (but for warnings), and nothing depends on them being read.

use crate::digest::Digest;

/// Tells one thing that happened, from any thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Reading of a layer began.
    LayerStarted {
        /// Position in the manifest, from 0.
        index: usize,
        /// Digest of its blob, or its `diff_id` where the blob's is not known.
        digest: Digest,
        /// Size of its blob in bytes.
        size: u64,
    },
    /// So much of a layer's blob was read.
    LayerProgress {
        /// Position in the manifest, from 0.
        index: usize,
        /// Bytes of the blob read so far.
        read: u64,
    },
    /// A layer was read and its digests hold.
    LayerDone {
        /// Position in the manifest, from 0.
        index: usize,
    },
    /// A blob or manifest travels to or from a registry or layout.
    Transfer {
        /// Which way.
        direction: Direction,
        /// What travels.
        digest: Digest,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Something that does not stop the work, but that a person should know. Names from images are escaped.
    Warning(String),
}

/// Tells which way bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the source to us.
    Pull,
    /// From us to the destination.
    Push,
}
