//! Sigstore bundles as they arrive: raw bytes, checked for size and shape, not trusted.
//!
//! Nothing here verifies anything; what a bundle says of its signer, time or statement is a claim until
//! [`verify`](crate::verify()) has proved it.
//!
//! Specification: sigstore protobuf-specs `sigstore_bundle.proto`, media types 0.1 to 0.3; DSSE 1.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use toolkit_oci::Digest;

use crate::{Limits, ReasonCode, Refusal, Statement, Step, json, statement};

/// The media type that is written, and that a referrer's layer carries.
pub const MEDIA_TYPE_V0_3: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The media types that are read (protobuf-specs, `Bundle.media_type`).
pub const MEDIA_TYPES: [&str; 4] = [
    MEDIA_TYPE_V0_3,
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
];

/// What a bundle's signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The artifact itself.
    MessageSignature,
    /// A DSSE envelope, here always with an in-toto statement.
    DsseEnvelope,
}

impl Content {
    /// Returns the value of the referrer annotation `dev.sigstore.bundle.content`.
    #[must_use]
    pub fn annotation(self) -> &'static str {
        match self {
            Self::MessageSignature => "message-signature",
            Self::DsseEnvelope => "dsse-envelope",
        }
    }
}

/// A bundle: parsed, within limits, **not** verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    raw: Vec<u8>,
    digest: Digest,
    document: Value,
    content: Content,
}

impl Bundle {
    /// Parses a bundle and keeps its bytes.
    ///
    /// # Errors
    /// A refusal at [`Step::Limits`]: [`ReasonCode::LimitExceeded`], [`ReasonCode::BundleEmpty`],
    /// [`ReasonCode::BundleMalformed`] or [`ReasonCode::BundleUnsupported`].
    pub fn from_bytes(raw: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        let refuse = |code| Refusal::new(Step::Limits, code);
        let size = u64::try_from(raw.len()).unwrap_or(u64::MAX);
        if size > limits.bundle_bytes {
            return Err(refuse(ReasonCode::LimitExceeded)
                .expected(format_args!("at most {} bytes", limits.bundle_bytes))
                .found(format_args!("{size} bytes")));
        }
        if raw.trim_ascii().is_empty() {
            return Err(refuse(ReasonCode::BundleEmpty)
                .expected("a Sigstore bundle")
                .found(format_args!("{size} bytes")));
        }
        let document =
            json::parse(&raw).map_err(|error| refuse(ReasonCode::BundleMalformed).detail(error))?;
        let media_type = match document.get("mediaType") {
            Some(Value::String(text)) => text.as_str(),
            _ => {
                return Err(refuse(ReasonCode::BundleMalformed)
                    .expected("`mediaType`")
                    .found("none"));
            }
        };
        if !MEDIA_TYPES.contains(&media_type) {
            return Err(refuse(ReasonCode::BundleUnsupported)
                .expected(MEDIA_TYPE_V0_3)
                .found(media_type));
        }
        let content = match (
            document.get("messageSignature"),
            document.get("dsseEnvelope"),
        ) {
            (Some(Value::Object(_)), None) => Content::MessageSignature,
            (None, Some(Value::Object(_))) => Content::DsseEnvelope,
            (Some(_), Some(_)) => {
                return Err(refuse(ReasonCode::BundleMalformed)
                    .expected("`messageSignature` or `dsseEnvelope`")
                    .found("both"));
            }
            _ => {
                return Err(refuse(ReasonCode::BundleMalformed)
                    .expected("`messageSignature` or `dsseEnvelope`")
                    .found("none"));
            }
        };
        check_material(&document)?;
        if content == Content::DsseEnvelope {
            let payload_type = document
                .pointer("/dsseEnvelope/payloadType")
                .and_then(Value::as_str)
                .unwrap_or("none");
            if payload_type != statement::PAYLOAD_TYPE {
                return Err(refuse(ReasonCode::PayloadTypeUnsupported)
                    .expected(statement::PAYLOAD_TYPE)
                    .found(payload_type));
            }
        }
        for (pointer, limit, what) in [
            (
                "/verificationMaterial/tlogEntries",
                limits.log_entries,
                "log entries",
            ),
            (
                "/verificationMaterial/timestampVerificationData/rfc3161Timestamps",
                limits.timestamps,
                "timestamps",
            ),
            (
                "/verificationMaterial/x509CertificateChain/certificates",
                limits.certificates,
                "certificates",
            ),
        ] {
            let found = document
                .pointer(pointer)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            if found > limit {
                return Err(refuse(ReasonCode::LimitExceeded)
                    .expected(format_args!("at most {limit} {what}"))
                    .found(format_args!("{found} {what}")));
            }
        }
        let digest = Digest::sha256(&raw);
        Ok(Self {
            raw,
            digest,
            document,
            content,
        })
    }

    /// Returns the exact bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.raw
    }

    /// Returns the digest of the exact bytes.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Returns what the signature is over.
    #[must_use]
    pub fn content(&self) -> Content {
        self.content
    }

    /// Returns the hint at the managed key, if the bundle names a key instead of carrying a certificate. Anyone can write it.
    #[must_use]
    pub fn unverified_key_hint(&self) -> Option<&str> {
        let key = self.document.pointer("/verificationMaterial/publicKey")?;
        Some(key.get("hint").and_then(Value::as_str).unwrap_or_default())
    }

    /// Reads the statement **without** verifying anything: good for listing and for choosing what to verify.
    ///
    /// `None` for message signatures and for payloads that are no statement.
    #[must_use]
    pub fn unverified_statement(&self, limits: &Limits) -> Option<Statement> {
        Statement::from_bytes(self.payload()?, limits).ok()
    }

    /// Returns the DSSE payload's bytes.
    pub(crate) fn payload(&self) -> Option<Vec<u8>> {
        let payload = self.document.pointer("/dsseEnvelope/payload")?.as_str()?;
        STANDARD.decode(payload).ok()
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }
}

/// Refuses more than one of what may prove the signer: `VerificationMaterial.content` is a `oneof` (`sigstore_bundle.proto`), and which of
/// two a reader takes would be its own choice. None at all is found where the signature is verified.
fn check_material(document: &Value) -> Result<(), Refusal> {
    const KINDS: [&str; 3] = ["publicKey", "x509CertificateChain", "certificate"];
    let material = document.get("verificationMaterial");
    // `null` is an absent field (ProtoJSON).
    let is_set = |kind: &&str| {
        material
            .and_then(|material| material.get(kind))
            .is_some_and(|value| !value.is_null())
    };
    let found: Vec<String> = KINDS
        .into_iter()
        .filter(is_set)
        .map(|kind| format!("`{kind}`"))
        .collect();
    if found.len() > 1 {
        return Err(Refusal::new(Step::Limits, ReasonCode::BundleMalformed)
            .expected("one of `publicKey`, `x509CertificateChain` and `certificate`")
            .found(found.join(" and ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_and_limits() {
        let good = r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"h"},"tlogEntries":[{},{}]},"messageSignature":{}}"#;
        let limits = Limits::default();
        let bundle = Bundle::from_bytes(good.into(), &limits).unwrap();
        assert_eq!(
            (bundle.content(), bundle.unverified_key_hint()),
            (Content::MessageSignature, Some("h"))
        );
        assert_eq!(bundle.digest(), &Digest::sha256(good.as_bytes()));
        let table: [(String, ReasonCode, Option<&str>, Option<&str>); 8] = [
            (
                good.replace(
                    r#""publicKey""#,
                    r#""certificate":{"rawBytes":""},"x509CertificateChain":null,"publicKey""#,
                ),
                ReasonCode::BundleMalformed,
                Some("one of `publicKey`, `x509CertificateChain` and `certificate`"),
                Some("`publicKey` and `certificate`"),
            ),
            (
                " \n".into(),
                ReasonCode::BundleEmpty,
                Some("a Sigstore bundle"),
                Some("2 bytes"),
            ),
            ("{".into(), ReasonCode::BundleMalformed, None, None),
            (
                good.replacen("{", "{\"mediaType\":\"x\",", 1),
                ReasonCode::BundleMalformed,
                None,
                None,
            ),
            (
                good.replace("v0.3+json", "v9+json"),
                ReasonCode::BundleUnsupported,
                Some(MEDIA_TYPE_V0_3),
                Some("application/vnd.dev.sigstore.bundle.v9+json"),
            ),
            (
                good.replace("mediaType", "mediatype"),
                ReasonCode::BundleMalformed,
                Some("`mediaType`"),
                Some("none"),
            ),
            (
                good.replace("messageSignature", "message"),
                ReasonCode::BundleMalformed,
                Some("`messageSignature` or `dsseEnvelope`"),
                Some("none"),
            ),
            (
                good.replace(
                    r#""messageSignature":{}"#,
                    r#""dsseEnvelope":{"payloadType":"text/plain"}"#,
                ),
                ReasonCode::PayloadTypeUnsupported,
                Some(statement::PAYLOAD_TYPE),
                Some("text/plain"),
            ),
        ];
        for (text, code, expected, found) in table {
            let refusal = Bundle::from_bytes(text.clone().into(), &limits).unwrap_err();
            assert_eq!(
                (
                    refusal.step,
                    refusal.code,
                    refusal.expected.as_deref(),
                    refusal.found.as_deref()
                ),
                (Step::Limits, code, expected, found),
                "{text}"
            );
        }
        for (limits, expected, found) in [
            (
                Limits {
                    bundle_bytes: 10,
                    ..Limits::default()
                },
                "at most 10 bytes",
                format!("{} bytes", good.len()),
            ),
            (
                Limits {
                    log_entries: 1,
                    ..Limits::default()
                },
                "at most 1 log entries",
                "2 log entries".into(),
            ),
        ] {
            let refusal = Bundle::from_bytes(good.into(), &limits).unwrap_err();
            assert_eq!(
                refusal,
                Refusal::new(Step::Limits, ReasonCode::LimitExceeded)
                    .expected(expected)
                    .found(found)
            );
        }
    }
}
