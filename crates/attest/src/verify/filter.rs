//! Step 2: only entries of logs that the trust root knows are looked at.
//!
//! The engine refuses a bundle for any entry that it cannot verify. A bundle may rightly carry an entry of somebody's
//! private log beside one of a known log, so unknown ones are taken out first, and counted. Nothing is left: refused.
//!
//! Specification: Sigstore client specification, "transparency log"; sigstore-go skips entries of unknown logs likewise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::{Bundle, ReasonCode, Refusal, Step, TrustRoot};

/// The entry kinds that the engine verifies, as `kind version`.
const KINDS: [&str; 4] = [
    "hashedrekord 0.0.1",
    "hashedrekord 0.0.2",
    "dsse 0.0.1",
    "intoto 0.0.2",
];

/// Demands that the bundle does not bring its own trust: a root certificate has no place in it (protobuf-specs,
/// `X509CertificateChain`).
///
/// Bundles of version 0.1 often have it, from the time before that rule; there it is passed over, since only the trust root's
/// certificates end a chain.
pub(super) fn no_root(bundle: &Bundle, root: &TrustRoot) -> Result<(), Refusal> {
    let media_type = bundle.document().get("mediaType").and_then(Value::as_str);
    if media_type.is_some_and(|text| text.ends_with("version=0.1")) {
        return Ok(());
    }
    let chain = bundle
        .document()
        .pointer("/verificationMaterial/x509CertificateChain/certificates");
    for (index, certificate) in chain
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .enumerate()
    {
        let der = certificate.get("rawBytes").and_then(Value::as_str);
        if der
            .and_then(|text| STANDARD.decode(text).ok())
            .is_some_and(|der| root.is_root_certificate(&der))
        {
            return Err(Refusal::new(Step::Filter, ReasonCode::BundleMalformed)
                .expected("no root certificate")
                .found(format_args!("the trust root's as certificate {index}")));
        }
    }
    Ok(())
}

/// What is left of a bundle.
pub(super) struct Filtered {
    /// The document to verify; `None` where nothing was taken out.
    pub(super) document: Option<Value>,
    /// The ids of the unknown logs, lower-case hexadecimal.
    pub(super) dropped: Vec<String>,
}

pub(super) fn apply(bundle: &Bundle, root: &TrustRoot) -> Result<Filtered, Refusal> {
    const POINTER: &str = "/verificationMaterial/tlogEntries";
    let refuse = |code| Refusal::new(Step::Filter, code);
    let entries = bundle
        .document()
        .pointer(POINTER)
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err(refuse(ReasonCode::LogEntryMissing)
            .expected("a log entry")
            .found("none"));
    }
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for entry in entries {
        let id = entry.pointer("/logId/keyId").and_then(Value::as_str);
        let id = id.and_then(|text| STANDARD.decode(text).ok());
        let Some(id) = id else {
            return Err(refuse(ReasonCode::LogEntryMalformed)
                .expected("`logId.keyId` in base64")
                .found("none"));
        };
        if root.log(&id).is_none() {
            dropped.push(hex::encode(&id));
            continue;
        }
        let part = |name: &str| {
            entry
                .pointer(name)
                .and_then(Value::as_str)
                .unwrap_or("none")
                .to_owned()
        };
        let kind = format!(
            "{} {}",
            part("/kindVersion/kind"),
            part("/kindVersion/version")
        );
        if !KINDS.contains(&kind.as_str()) {
            return Err(refuse(ReasonCode::LogEntryUnsupported)
                .expected(KINDS.join(", "))
                .found(kind));
        }
        let present = |name: &str| entry.get(name).is_some_and(|value| !value.is_null());
        if !present("inclusionProof") && !present("inclusionPromise") {
            return Err(refuse(ReasonCode::LogProofMissing)
                .expected("an inclusion proof")
                .found("none"));
        }
        kept.push(entry.clone());
    }
    if kept.is_empty() {
        return Err(refuse(ReasonCode::LogUnknown)
            .expected(format_args!("an entry of a log of {}", root.origin()))
            .found(dropped.join(", ")));
    }
    let document = (!dropped.is_empty()).then(|| {
        let mut document = bundle.document().clone();
        if let Some(list) = document.pointer_mut(POINTER) {
            *list = Value::Array(kept);
        }
        document
    });
    Ok(Filtered { document, dropped })
}
