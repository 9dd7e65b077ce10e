//! How much of a bundle or statement is read before it is refused.
//!
//! Limits are checked before the thing they bound is parsed further. They do not judge content.

/// Bounds on foreign evidence; exceeding one is a refusal with [`ReasonCode::LimitExceeded`](crate::ReasonCode::LimitExceeded).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest bundle in bytes. An SBOM statement travels inside it as base64; 128 MiB is what cosign
    /// accepts of an attachment (`COSIGN_MAX_ATTACHMENT_SIZE`).
    pub bundle_bytes: u64,
    /// Most transparency-log entries of one bundle; 32 as sigstore-go (`maxAllowedTlogEntries`).
    pub log_entries: usize,
    /// Most RFC 3161 timestamps of one bundle; 32 as sigstore-go (`maxAllowedTimestamps`).
    pub timestamps: usize,
    /// Most certificates of a v0.1 or v0.2 chain. Fulcio's chains have three; 8 leaves room.
    pub certificates: usize,
    /// Most subjects of one statement; 1024 as sigstore-go (`maxAllowedSubjects`).
    pub subjects: usize,
    /// Most digests of one subject; 32 as sigstore-go (`maxAllowedSubjectDigests`).
    pub subject_digests: usize,
    /// Most bundles read beside one digest; 4096 as many descriptors as a referrers index may sensibly list.
    pub bundles: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bundle_bytes: 128 * 1024 * 1024,
            log_entries: 32,
            timestamps: 32,
            certificates: 8,
            subjects: 1024,
            subject_digests: 32,
            bundles: 4096,
        }
    }
}
