//! What is known about one image when it is judged: values only, collected by somebody else.
//!
//! Attestations enter only as [`Verified`]; what was refused, what could not be read and what did not answer enter as
//! reasons, so that absence is never mistaken for proof.

use toolkit_attest::{Refusal, Verified};
use toolkit_oci::{Digest, Platform, Reference};

mod contents;

pub use contents::{Bill, Contents, DatabaseEvidence, DatabaseFacts, Layers, Listing};

/// The evidence about one pinned image.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What was asked for.
    pub reference: ReferenceFacts,
    /// Digest of the manifest or index that the reference was resolved to.
    pub digest: Digest,
    /// Every platform below it; for a single manifest that one. Manifests of `unknown/unknown` are no platform.
    pub platforms: Vec<PlatformEvidence>,
    /// Attestations and signatures that verified; each speaks of [`Verified::artifact`].
    pub attestations: Vec<Verified>,
    /// Bundles that were refused.
    pub refused: Vec<Refused>,
    /// Where evidence may be that was not seen.
    pub gaps: Vec<Gap>,
    /// What is in the platforms; empty where no rule asks for it.
    pub contents: Vec<Contents>,
    /// What is known of the database of vulnerabilities.
    pub database: DatabaseEvidence,
}

/// What is known of the reference itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceFacts {
    /// The name under which the image is judged, expanded; `None` for a local image.
    pub name: Option<Reference>,
    /// How the target was named.
    pub typed: DigestTyped,
}

/// Whether the target as typed carried a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestTyped {
    /// It did.
    Yes,
    /// It did not: a tag, or nothing.
    No,
}

/// One platform of the image.
#[derive(Debug, Clone)]
pub struct PlatformEvidence {
    /// Digest of its manifest.
    pub digest: Digest,
    /// Its platform, where index or configuration say one.
    pub platform: Option<Platform>,
    /// Its configuration.
    pub config: ConfigEvidence,
}

impl PlatformEvidence {
    /// Yields the name of the platform for messages, or its digest.
    #[must_use]
    pub fn name(&self) -> String {
        self.platform
            .as_ref()
            .map_or_else(|| self.digest.to_string(), ToString::to_string)
    }
}

/// The configuration of one platform (image-spec `config.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigEvidence {
    /// It was read and matches its digest.
    Read {
        /// `config.User`.
        user: Option<String>,
    },
    /// It could not be fetched or read.
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// A bundle that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The manifest or index that it is attached to.
    pub subject: Digest,
    /// Digest of its bytes.
    pub bundle: Option<Digest>,
    /// What it says to be: annotations or unverified payload, a hint and no proof.
    pub claimed_type: Option<String>,
    /// Why.
    pub refusal: Refusal,
}

/// A place where evidence may be that was not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The manifest or index whose evidence may be there.
    pub subject: Digest,
    /// What was not seen.
    pub kind: GapKind,
}

/// What was not seen, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapKind {
    /// A source did not answer.
    Unreachable {
        /// Which one, as `referrers API`.
        source: String,
        /// Why, in the source's words.
        reason: String,
    },
    /// A listed piece of evidence could not be read, or is over a limit.
    Unreadable {
        /// What it is.
        what: String,
        /// Why.
        reason: String,
    },
    /// Signatures in cosign's legacy tag `.sig`, which is not read.
    LegacySignature,
    /// Attestations in cosign's legacy tag `.att`, which is not read.
    LegacyAttestation,
}
