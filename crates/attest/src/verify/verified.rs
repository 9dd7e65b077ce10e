//! The proof that [`verify`](super::verify) gives out, and what it was given to prove.

use jiff::Timestamp;
use toolkit_oci::Digest;

use crate::trust::Origin;
use crate::{Content, Signer, Statement};

/// What a bundle is to be verified against.
#[derive(Debug, Clone, Copy)]
pub enum Artifact<'a> {
    /// The artifact's bytes.
    Bytes(&'a [u8]),
    /// The artifact's digest; for an image, that of its manifest or index.
    Digest(&'a Digest),
}

/// A log entry that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The log's URL, from the trust root.
    pub log: String,
    /// The log's id, lower-case hexadecimal.
    pub log_id: String,
    /// The entry's index in the log.
    pub index: u64,
    /// Kind and version, such as `dsse 0.0.1`.
    pub kind: String,
    /// Whether an inclusion proof was verified; otherwise the log's promise was.
    pub inclusion_proof: bool,
}

/// Where a verified time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeSource {
    /// The log's promise (Rekor v1).
    Log,
    /// A timestamp authority (RFC 3161).
    TimestampAuthority,
}

/// A time at which the signature existed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedTime {
    /// The time.
    pub time: Timestamp,
    /// Who vouches for it.
    pub source: TimeSource,
}

/// Proof that a bundle's signature over an artifact is good. Only [`verify`](super::verify) makes one.
///
/// It says who signed what and when; whether that signer may is [`Verified::require_identity`]'s question.
#[derive(Debug, Clone)]
#[must_use]
pub struct Verified {
    pub(super) signer: Signer,
    pub(super) content: Content,
    pub(super) artifact: Digest,
    pub(super) statement: Option<Statement>,
    pub(super) times: Vec<VerifiedTime>,
    pub(super) log_entries: Vec<LogEntry>,
    pub(super) dropped_log_entries: Vec<String>,
    pub(super) bundle: Digest,
    pub(super) trust_root: Origin,
}

impl Verified {
    /// Returns who signed.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Returns what the signature is over.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Returns the digest of the artifact that was verified against: for a statement, one of its subjects.
    pub fn artifact(&self) -> &Digest {
        &self.artifact
    }

    /// Returns the signed statement; `None` for a message signature.
    pub fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()
    }

    /// Returns all verified times, earliest first. Empty only for a managed key without a log promise or timestamp.
    pub fn times(&self) -> &[VerifiedTime] {
        &self.times
    }

    /// Returns the earliest verified time.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.times.first().map(|time| time.time)
    }

    /// Returns the verified log entries, at least one.
    pub fn log_entries(&self) -> &[LogEntry] {
        &self.log_entries
    }

    /// Returns the ids of the logs that the root does not know and whose entries were therefore not looked at.
    pub fn dropped_log_entries(&self) -> &[String] {
        &self.dropped_log_entries
    }

    /// Returns the digest of the bundle's bytes.
    pub fn bundle(&self) -> &Digest {
        &self.bundle
    }

    /// Returns where the trust root came from.
    pub fn trust_root(&self) -> &Origin {
        &self.trust_root
    }
}
