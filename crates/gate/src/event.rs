//! What happens on the way, told while it happens. Nothing depends on an event being read.

use toolkit_oci::Digest;
use toolkit_policy::Outcome;

/// Tells one thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Evidence beside one manifest was read.
    Evidence {
        /// The manifest.
        subject: Digest,
        /// Bundles that verified.
        verified: usize,
        /// Bundles that were refused.
        refused: usize,
    },
    /// The policy answered.
    Judged {
        /// What it answered.
        outcome: Outcome,
    },
    /// Everything that belongs to the image is known; copying begins.
    Planned {
        /// Manifests, evidence among them.
        manifests: usize,
        /// Blobs.
        blobs: usize,
        /// Bytes of the blobs.
        bytes: u64,
    },
    /// A blob is at the destination.
    BlobCopied {
        /// The blob.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A manifest is at the destination.
    ManifestCopied {
        /// The manifest.
        digest: Digest,
    },
    /// A piece of evidence is listed at the destination.
    Attached {
        /// What it speaks of.
        subject: Digest,
        /// The evidence.
        digest: Digest,
    },
    /// A manifest or blob was read back from the destination and is what was verified.
    ReadBack {
        /// The manifest or blob.
        digest: Digest,
    },
    /// The whole closure was read back; the tag comes next.
    Complete,
    /// The tag names the image.
    Tagged {
        /// The tag.
        tag: String,
    },
    /// So much of a file of a feed was received.
    Download {
        /// Its path in the folder of feeds.
        path: String,
        /// Bytes that are there.
        done: u64,
        /// Bytes in all, where its publisher told.
        total: Option<u64>,
    },
    /// No more of a file of a feed is received.
    DownloadEnded {
        /// Its path in the folder of feeds.
        path: String,
        /// Whether it is in its place.
        is_whole: bool,
    },
    /// Something that does not stop the work, but that a person should know.
    Warning(String),
}
