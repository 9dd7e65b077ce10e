//! Why a piece of evidence was refused: a step, a stable code, what was expected and what was found.
//!
//! It does not decide anything and knows no flag and no process exit; [`ReasonCode::number`] is the number under
//! which the reason stands in reports.

use std::fmt;

use serde::Serialize;
use strum::VariantArray;

/// The step of [`verify`](crate::verify()) that refused, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// 1: size, shape and counts of the bundle.
    Limits,
    /// 2: log entries against the logs that the trust root knows.
    Filter,
    /// 3: signature, certificate chain, SCT, log proofs, timestamps, verified times.
    Engine,
    /// 4: who signed.
    Identity,
    /// 5: what was signed: subject and predicate type.
    Statement,
}

impl Step {
    /// Returns the step's name as reports print it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Filter => "filter",
            Self::Engine => "engine",
            Self::Identity => "identity",
            Self::Statement => "statement",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason of a refusal: a closed set with stable names and numbers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReasonCode {
    /// Over one of the [`Limits`](crate::Limits).
    LimitExceeded,
    /// There is no signature at all; given by those who collect bundles, never by `verify`.
    NoSignature,
    /// The certificate names another identity.
    IdentityMismatch,
    /// The certificate names another issuer.
    IssuerMismatch,
    /// The bundle was signed with a key that is none of the given ones.
    KeyMismatch,
    /// The bundle carries no certificate, and no key was given to verify it with.
    NoCertificate,
    /// The statement has another predicate type than the required one.
    PredicateTypeMismatch,
    /// Nothing, or only white space, where a bundle should be.
    BundleEmpty,
    /// Not JSON, a duplicated key, a required field absent or of the wrong shape.
    BundleMalformed,
    /// A media type, content or key kind that this version cannot verify.
    BundleUnsupported,
    /// The signature does not verify.
    SignatureInvalid,
    /// The signing certificate cannot be parsed.
    CertificateMalformed,
    /// The certificate does not lead to an authority of the trust root, or is not for code signing.
    CertificateUntrusted,
    /// The certificate was not yet, or no longer, valid at a verified time.
    CertificateNotValidAtTime,
    /// The public key is of a kind that cannot be verified with.
    KeyUnsupported,
    /// The DSSE payload is no in-toto statement by its type.
    PayloadTypeUnsupported,
    /// The verified payload cannot be read as an in-toto statement.
    StatementMalformed,
    /// No log entry is left that the trust root knows the log of.
    LogUnknown,
    /// The bundle has no log entry.
    LogEntryMissing,
    /// A log entry is of a kind that this version cannot verify.
    LogEntryUnsupported,
    /// A log entry cannot be parsed.
    LogEntryMalformed,
    /// A log entry describes another signature, key or content.
    LogEntryMismatch,
    /// A log entry has neither an inclusion proof nor an inclusion promise, or the proof its media type demands is absent.
    LogProofMissing,
    /// The inclusion proof does not lead to the checkpoint's root.
    LogProofInvalid,
    /// The checkpoint is absent, malformed or not signed by a known log.
    CheckpointInvalid,
    /// The signed entry timestamp does not verify.
    LogPromiseInvalid,
    /// The log's time lies outside the certificate's validity.
    LogTimeOutsideCertificate,
    /// A verified time lies after the time of verification.
    TimeInFuture,
    /// The signed certificate timestamp is absent or invalid.
    SctInvalid,
    /// An RFC 3161 timestamp does not verify.
    TimestampInvalid,
    /// A timestamp lies outside the validity of the authority that made it.
    TimestampOutsideAuthority,
    /// Neither a log promise nor a timestamp vouches for the signing time.
    TimeMissing,
    /// The artifact's digest is not the signed one.
    DigestMismatch,
    /// No subject of the statement is the artifact.
    SubjectMismatch,
    /// The trust root cannot be used.
    TrustRootInvalid,
}

impl ReasonCode {
    /// Lists every reason.
    #[must_use]
    pub fn all() -> &'static [Self] {
        Self::VARIANTS
    }

    /// Returns the stable name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LimitExceeded => "limit-exceeded",
            Self::NoSignature => "no-signature",
            Self::IdentityMismatch => "identity-mismatch",
            Self::IssuerMismatch => "issuer-mismatch",
            Self::KeyMismatch => "key-mismatch",
            Self::NoCertificate => "no-certificate",
            Self::PredicateTypeMismatch => "predicate-type-mismatch",
            Self::BundleEmpty => "bundle-empty",
            Self::BundleMalformed => "bundle-malformed",
            Self::BundleUnsupported => "bundle-unsupported",
            Self::SignatureInvalid => "signature-invalid",
            Self::CertificateMalformed => "certificate-malformed",
            Self::CertificateUntrusted => "certificate-untrusted",
            Self::CertificateNotValidAtTime => "certificate-not-valid-at-time",
            Self::KeyUnsupported => "key-unsupported",
            Self::PayloadTypeUnsupported => "payload-type-unsupported",
            Self::StatementMalformed => "statement-malformed",
            Self::LogUnknown => "log-unknown",
            Self::LogEntryMissing => "log-entry-missing",
            Self::LogEntryUnsupported => "log-entry-unsupported",
            Self::LogEntryMalformed => "log-entry-malformed",
            Self::LogEntryMismatch => "log-entry-mismatch",
            Self::LogProofMissing => "log-proof-missing",
            Self::LogProofInvalid => "log-proof-invalid",
            Self::CheckpointInvalid => "checkpoint-invalid",
            Self::LogPromiseInvalid => "log-promise-invalid",
            Self::LogTimeOutsideCertificate => "log-time-outside-certificate",
            Self::TimeInFuture => "time-in-future",
            Self::SctInvalid => "sct-invalid",
            Self::TimestampInvalid => "timestamp-invalid",
            Self::TimestampOutsideAuthority => "timestamp-outside-authority",
            Self::TimeMissing => "time-missing",
            Self::DigestMismatch => "digest-mismatch",
            Self::SubjectMismatch => "subject-mismatch",
            Self::TrustRootInvalid => "trust-root-invalid",
        }
    }

    /// Returns the number of the class that the reason belongs to, as the exit codes of the contract number them:
    /// 6 limits, 10 no signature, 12 other identity or key, 13 no certificate, 14 attestation type, 15 cryptography
    /// or format, 16 log, SCT or timestamp, 17 digest or subject, 18 trust root.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::LimitExceeded => 6,
            Self::NoSignature => 10,
            Self::IdentityMismatch | Self::IssuerMismatch | Self::KeyMismatch => 12,
            Self::NoCertificate => 13,
            Self::PredicateTypeMismatch => 14,
            Self::BundleEmpty
            | Self::BundleMalformed
            | Self::BundleUnsupported
            | Self::SignatureInvalid
            | Self::CertificateMalformed
            | Self::CertificateUntrusted
            | Self::CertificateNotValidAtTime
            | Self::KeyUnsupported
            | Self::PayloadTypeUnsupported
            | Self::StatementMalformed => 15,
            Self::LogUnknown
            | Self::LogEntryMissing
            | Self::LogEntryUnsupported
            | Self::LogEntryMalformed
            | Self::LogEntryMismatch
            | Self::LogProofMissing
            | Self::LogProofInvalid
            | Self::CheckpointInvalid
            | Self::LogPromiseInvalid
            | Self::LogTimeOutsideCertificate
            | Self::TimeInFuture
            | Self::SctInvalid
            | Self::TimestampInvalid
            | Self::TimestampOutsideAuthority
            | Self::TimeMissing => 16,
            Self::DigestMismatch | Self::SubjectMismatch => 17,
            Self::TrustRootInvalid => 18,
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal of one bundle: where, why, and both values wherever there are two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Refusal {
    /// The reason.
    pub code: ReasonCode,
    /// The step that refused.
    pub step: Step,
    /// What would have been accepted, where that is one value.
    pub expected: Option<String>,
    /// What was there instead.
    pub found: Option<String>,
    /// The engine's or parser's own words, where they say more.
    pub detail: Option<String>,
}

impl Refusal {
    /// Makes a refusal with neither values nor detail.
    #[must_use]
    pub fn new(step: Step, code: ReasonCode) -> Self {
        Self {
            code,
            step,
            expected: None,
            found: None,
            detail: None,
        }
    }

    /// Sets what would have been accepted.
    #[must_use]
    pub fn expected(mut self, value: impl fmt::Display) -> Self {
        self.expected = Some(value.to_string());
        self
    }

    /// Sets what was found.
    #[must_use]
    pub fn found(mut self, value: impl fmt::Display) -> Self {
        self.found = Some(value.to_string());
        self
    }

    /// Sets the detail.
    #[must_use]
    pub fn detail(mut self, value: impl fmt::Display) -> Self {
        self.detail = Some(value.to_string());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => write!(f, ": expected `{expected}`, found `{found}`")?,
            (Some(expected), None) => write!(f, ": expected `{expected}`")?,
            (None, Some(found)) => write!(f, ": found `{found}`")?,
            (None, None) => {}
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_the_names_in_text() {
        for code in ReasonCode::all() {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
        }
    }

    #[test]
    fn text_holds_both_values() {
        let refusal = Refusal::new(Step::Statement, ReasonCode::SubjectMismatch)
            .expected("sha256:aa")
            .found("sha256:bb");
        assert_eq!(
            refusal.to_string(),
            "subject-mismatch: expected `sha256:aa`, found `sha256:bb`"
        );
    }
}
