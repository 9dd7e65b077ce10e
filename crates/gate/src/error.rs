//! What keeps a journey from its end. A verdict is no error: an image that a policy denies is an answer.

use std::path::PathBuf;

use toolkit_oci::Digest;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a journey ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An image could not be read or written.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// The packages of an image could not be listed.
    #[error(transparent)]
    Sbom(toolkit_sbom::Error),
    /// Evidence could not be looked for.
    #[error(transparent)]
    Attest(#[from] toolkit_attest::Error),
    /// A tag at the destination names another image; nothing was written.
    #[error("the tag `{tag}` of {destination} names `{found}`, not `{expected}`")]
    TagTaken {
        /// The destination.
        destination: String,
        /// The tag.
        tag: String,
        /// The image that is promoted, or the evidence that belongs to it.
        expected: Digest,
        /// What the tag names.
        found: Digest,
    },
    /// The destination was named by another digest than the image's.
    #[error("the destination is named by the digest `{found}`, the image is `{expected}`")]
    OtherDigest {
        /// The image.
        expected: Digest,
        /// The digest in the destination's name.
        found: Digest,
    },
    /// What was read back is not what was written.
    #[error("{destination} does not give `{expected}` back: {reason}")]
    NotReadBack {
        /// The destination.
        destination: String,
        /// What was written.
        expected: Digest,
        /// What is wrong with it.
        reason: String,
    },
    /// The tag was to be written, and does not surely name the image or what it did before; everything else is at the
    /// destination.
    #[error("whether the tag `{tag}` of {destination} names the image now is not known")]
    TagUncertain {
        /// The destination.
        destination: String,
        /// The tag.
        tag: String,
        /// Why it is not known.
        source: Box<Self>,
    },
    /// A piece of evidence is at the destination, but not listed there.
    #[error("{destination} does not list `{expected}` as evidence of `{subject}`")]
    NotListed {
        /// The destination.
        destination: String,
        /// What it speaks of.
        subject: Digest,
        /// The evidence.
        expected: Digest,
    },
    /// Evidence that the verdict rests on was gone when the image was copied.
    #[error("the evidence `{expected}` was there when the image was judged, and is not any more")]
    EvidenceGone {
        /// The manifest of the evidence.
        expected: Digest,
    },
    /// A list of evidence did not answer, so what would have to be copied is not known.
    #[error("the evidence of `{subject}` cannot be listed: {source_name} did not answer: {reason}")]
    EvidenceUnknown {
        /// What it speaks of.
        subject: Digest,
        /// The list.
        source_name: &'static str,
        /// Why.
        reason: String,
    },
    /// Indexes, or evidence of evidence, are nested too deeply or are too many.
    #[error("more {what} than allowed: limit {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Only registries and layouts hold images with their evidence.
    #[error("`{target}` cannot hold an image with its evidence")]
    NoDestination {
        /// The target.
        target: String,
    },
    /// A layout is chosen by tag, not by digest or position, when it is written to.
    #[error("the layout `{}` is written to by tag", path.display())]
    LayoutSelector {
        /// The layout.
        path: PathBuf,
    },
}
