//! Step 1: counts that hold for a well-formed bundle, beyond the sizes that parsing checked.
//!
//! Two equal log entries or timestamps add nothing and only make a bundle look better attested: they are refused, as by
//! sigstore-go ("duplicate tlog entries found").

use serde_json::Value;

use crate::{Bundle, ReasonCode, Refusal, Step};

pub(super) fn check(bundle: &Bundle) -> Result<(), Refusal> {
    for (pointer, what) in [
        ("/verificationMaterial/tlogEntries", "log entry"),
        (
            "/verificationMaterial/timestampVerificationData/rfc3161Timestamps",
            "timestamp",
        ),
        (
            "/verificationMaterial/x509CertificateChain/certificates",
            "certificate",
        ),
    ] {
        let list = bundle
            .document()
            .pointer(pointer)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        for (index, value) in list.iter().enumerate() {
            if list.iter().skip(index + 1).any(|other| other == value) {
                return Err(Refusal::new(Step::Limits, ReasonCode::BundleMalformed)
                    .expected(format_args!("every {what} once"))
                    .found(format_args!("{what} {index} twice")));
            }
        }
    }
    let chain = bundle
        .document()
        .pointer("/verificationMaterial/x509CertificateChain");
    if chain.is_some_and(|chain| {
        chain
            .get("certificates")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
    }) {
        return Err(Refusal::new(Step::Limits, ReasonCode::BundleMalformed)
            .expected("a certificate")
            .found("none"));
    }
    // The hint of a key and the envelope's key id are two names of one thing (protobuf-specs, `PublicKeyIdentifier`).
    let hint = bundle.unverified_key_hint().unwrap_or_default();
    let key_id = bundle
        .document()
        .pointer("/dsseEnvelope/signatures/0/keyid")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !hint.is_empty() && !key_id.is_empty() && hint != key_id {
        return Err(Refusal::new(Step::Limits, ReasonCode::BundleMalformed)
            .expected(format_args!("key id {hint}"))
            .found(format_args!("key id {key_id}")));
    }
    Ok(())
}
