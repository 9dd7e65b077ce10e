//! The 70 bundle directories of sigstore-conformance, each with the artifact as bytes and as digest.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use toolkit_attest::{
    Artifact, Error, Identity, Pattern, PublicKey, ReasonCode, Refusal, Step, TrustRoot, verify,
};
use toolkit_oci::Digest;

use crate::data;

fn trust_root(path: &Path) -> Result<TrustRoot, Refusal> {
    data::root(path).map_err(|error: Error| {
        Refusal::new(Step::Engine, ReasonCode::TrustRootInvalid).detail(error)
    })
}

#[test]
fn all_cases_in_both_forms() {
    let Some(sigstore) = data::sigstore() else {
        return;
    };
    let base = sigstore.join("conformance");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let now = data::collected();
    let mut wrong = Vec::new();
    let mut reasons = BTreeMap::new();
    let mut runs = 0;
    for case in data::json(base.join("cases.json"))["cases"]
        .as_array()
        .unwrap()
    {
        let name = text(&case["name"]).unwrap();
        let artifact = fs_err::read(base.join(text(&case["artifact"]).unwrap())).unwrap();
        let digest = Digest::parse(&format!(
            "sha256:{}",
            text(&case["artifact_sha256"]).unwrap()
        ))
        .unwrap();
        let root_path = match text(&case["trusted_root"]) {
            Some(path) => base.join(path),
            None => sigstore.join("trust/public-good/trusted_root.json"),
        };
        let who = match text(&case["key"]) {
            Some(path) => PublicKey::from_pem(&fs_err::read_to_string(base.join(path)).unwrap())
                .map(|key| (vec![key.clone()], Identity::Key(key)))
                .map_err(|error| {
                    Refusal::new(Step::Engine, ReasonCode::KeyUnsupported).detail(error)
                }),
            None => {
                let pattern = |name: &str| Pattern::exact(text(&case[name]).unwrap());
                Ok((
                    vec![],
                    Identity::Certificate {
                        san: pattern("identity"),
                        issuer: pattern("issuer"),
                    },
                ))
            }
        };
        let bytes = fs_err::read(base.join(text(&case["bundle"]).unwrap())).unwrap();
        for form in [Artifact::Bytes(&artifact), Artifact::Digest(&digest)] {
            runs += 1;
            let result = trust_root(&root_path).and_then(|root| {
                let (keys, identity) = who.as_ref().map_err(Clone::clone)?;
                let bundle = data::bundle(bytes.clone())?;
                let verified = verify(&bundle, &form, &root, keys, now)?;
                verified.require_identity(identity)?;
                assert_eq!(verified.artifact(), &digest, "{name}");
                assert!(!verified.log_entries().is_empty(), "{name}");
                Ok(())
            });
            let found = if result.is_ok() { "pass" } else { "refuse" };
            if case["expected"] != found {
                wrong.push(format!(
                    "{name}: expected {}, found {found}: {result:?}",
                    case["expected"]
                ));
            }
            if let Err(refusal) = result {
                let code = refusal.code;
                if let Some(other) = reasons.insert(name.clone(), code) {
                    assert_eq!(other, code, "{name} has two reasons: {refusal}");
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {runs} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(runs, 140);
    let expected: BTreeMap<String, ReasonCode> = REASONS
        .iter()
        .map(|(name, code)| ((*name).to_owned(), *code))
        .collect();
    assert_eq!(reasons, expected);
}

/// Why each bad case is refused. A case refused for another reason than its own would hide that the right check is missing.
const REASONS: [(&str, ReasonCode); 49] = [
    (
        "bundle-empty-certificate-chain_fail",
        ReasonCode::BundleMalformed,
    ),
    ("bundle-from-wrong-instance_fail", ReasonCode::LogUnknown),
    (
        "bundle-invalid-base64-signature_fail",
        ReasonCode::BundleMalformed,
    ),
    ("bundle-malformed-json_fail", ReasonCode::BundleMalformed),
    (
        "bundle-negative-log-index_fail",
        ReasonCode::BundleMalformed,
    ),
    ("bundle-unknown-version_fail", ReasonCode::BundleUnsupported),
    ("bundle-with-root-cert_fail", ReasonCode::CheckpointInvalid),
    ("checkpoint-bad-keyhint_fail", ReasonCode::CheckpointInvalid),
    (
        "checkpoint-wrong-roothash_fail",
        ReasonCode::CheckpointInvalid,
    ),
    ("dsse-invalid-sig_fail", ReasonCode::SignatureInvalid),
    ("dsse-mismatch-envelope_fail", ReasonCode::LogEntryMismatch),
    ("dsse-mismatch-sig_fail", ReasonCode::LogEntryMismatch),
    (
        "inclusion-proof-corrupted-hash_fail",
        ReasonCode::LogProofInvalid,
    ),
    ("incorrect-public-key_fail", ReasonCode::LogPromiseInvalid),
    (
        "integrated-time-in-future_fail",
        ReasonCode::CertificateNotValidAtTime,
    ),
    (
        "intoto-expired-certificate_fail",
        ReasonCode::CertificateNotValidAtTime,
    ),
    (
        "intoto-log-entry-mismatch_fail",
        ReasonCode::LogEntryMalformed,
    ),
    (
        "intoto-missing-inclusion-proof_fail",
        ReasonCode::LogProofMissing,
    ),
    (
        "intoto-set-outside-signing-cert-validity_fail",
        ReasonCode::CertificateNotValidAtTime,
    ),
    (
        "intoto-tsa-timestamp-outside-cert-validity_fail",
        ReasonCode::CertificateNotValidAtTime,
    ),
    (
        "invalid-checkpoint-signature_fail",
        ReasonCode::CheckpointInvalid,
    ),
    ("invalid-ct-key_fail", ReasonCode::SctInvalid),
    (
        "invalid-inclusion-proof_fail",
        ReasonCode::CheckpointInvalid,
    ),
    ("managed-key-no-key_fail", ReasonCode::NoCertificate),
    ("managed-key-wrong-key_fail", ReasonCode::KeyUnsupported),
    ("message-digest-mismatch_fail", ReasonCode::DigestMismatch),
    (
        "rekor2-checkpoint-missing-log-signature_fail",
        ReasonCode::BundleMalformed,
    ),
    (
        "rekor2-checkpoint-missing-origin_fail",
        ReasonCode::BundleMalformed,
    ),
    (
        "rekor2-checkpoint-missing-root-hash_fail",
        ReasonCode::BundleMalformed,
    ),
    (
        "rekor2-checkpoint-missing-size_fail",
        ReasonCode::BundleMalformed,
    ),
    (
        "rekor2-checkpoint-no-matching-signature_fail",
        ReasonCode::CheckpointInvalid,
    ),
    ("rekor2-dsse-invalid-sig_fail", ReasonCode::SignatureInvalid),
    (
        "rekor2-dsse-mismatch-envelope_fail",
        ReasonCode::LogEntryMismatch,
    ),
    (
        "rekor2-dsse-mismatch-sig_fail",
        ReasonCode::LogEntryMismatch,
    ),
    (
        "rekor2-no-inclusion-proof_fail",
        ReasonCode::LogProofMissing,
    ),
    ("rekor2-no-timestamp_fail", ReasonCode::TimeMissing),
    (
        "rekor2-timestamp-outside-trust-root-tsa-validity_fail",
        ReasonCode::TimestampOutsideAuthority,
    ),
    (
        "rekor2-timestamp-outside-tsa-cert-validity_fail",
        ReasonCode::TimestampInvalid,
    ),
    (
        "rekor2-timestamp-payload-mismatch_fail",
        ReasonCode::TimestampInvalid,
    ),
    (
        "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail",
        ReasonCode::TimestampInvalid,
    ),
    (
        "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail",
        ReasonCode::TimestampInvalid,
    ),
    (
        "rekor2-timestamp-with-incorrect-time_fail",
        ReasonCode::BundleMalformed,
    ),
    ("set-invalid-signature_fail", ReasonCode::LogPromiseInvalid),
    ("signature-mismatch_fail", ReasonCode::SignatureInvalid),
    (
        "trust-root-tlog-missing-validity-start_fail",
        ReasonCode::TrustRootInvalid,
    ),
    (
        "wrong-hashedrekord-artifact_fail",
        ReasonCode::LogEntryMismatch,
    ),
    (
        "wrong-hashedrekord-cert-and-sig_fail",
        ReasonCode::LogEntryMismatch,
    ),
    (
        "wrong-hashedrekord-entry_fail",
        ReasonCode::LogEntryMismatch,
    ),
    ("wrong-material_fail", ReasonCode::DigestMismatch),
];
