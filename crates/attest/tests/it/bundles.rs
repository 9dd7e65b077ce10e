//! 94 real files of seven projects with verdicts that other verifiers gave: each embedded bundle against the recorded
//! verdict, every deviation listed with its reason.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use toolkit_attest::{Artifact, Bundle, Limits, PublicKey, ReasonCode, TrustRoot, verify};
use toolkit_oci::Digest;

use crate::data;

/// Bundles that others accept and this crate refuses.
const STRICTER: [(&str, usize, ReasonCode, &str); 2] = [
    (
        "sigstore-go/pkg/testing/data/bundles/public-key-validity.sigstore.json",
        0,
        ReasonCode::LogEntryMissing,
        "no log entry: a time alone is not enough here",
    ),
    (
        "sigstore-rust/timestamps/github_sha384_bundle.json",
        0,
        ReasonCode::LogEntryMissing,
        "GitHub's private instance has no log: a time alone is not enough here",
    ),
];

/// Why the others are refused.
const REFUSED: [(&str, usize, ReasonCode); 20] = [
    (
        "gh-cli/github_provenance_demo-0.0.12-py3-none-any-bundle-missing-verification-material.jsonl",
        0,
        ReasonCode::LogEntryMissing,
    ),
    (
        "gh-cli/sigstoreBundle-invalid-signature.json",
        0,
        ReasonCode::PayloadTypeUnsupported,
    ),
    (
        "sigstore-python/bundle_cve_2022_36056.txt.sigstore",
        0,
        ReasonCode::LogEntryMismatch,
    ),
    (
        "sigstore-python/bundle_no_cert_v1.txt.sigstore",
        0,
        ReasonCode::BundleMalformed,
    ),
    (
        "sigstore-python/bundle_no_log_entry.txt.sigstore",
        0,
        ReasonCode::LogEntryMissing,
    ),
    (
        "sigstore-python/bundle_v3_no_signed_time.txt.sigstore.json",
        0,
        ReasonCode::LogUnknown,
    ),
    (
        "sigstore-python/tsa/bundle.duplicate.sigstore",
        0,
        ReasonCode::BundleMalformed,
    ),
    (
        "sigstore-python/tsa/bundle.txt.late_timestamp.sigstore",
        0,
        ReasonCode::CertificateNotValidAtTime,
    ),
    (
        "slsa-verifier/internal-gha/bundle/invalid-set.intoto.sigstore",
        0,
        ReasonCode::BundleMalformed,
    ),
    (
        "slsa-verifier/internal-gha/npm-att-mismatch-prov-payloadtype.intoto.sigstore",
        0,
        ReasonCode::PayloadTypeUnsupported,
    ),
    (
        "slsa-verifier/internal-gha/npm-att-mismatch-pub-payloadtype.intoto.sigstore",
        0,
        ReasonCode::PayloadTypeUnsupported,
    ),
    (
        "slsa-verifier/internal-gha/npm-att-prov-invalid-signature.intoto.sigstore",
        0,
        ReasonCode::SignatureInvalid,
    ),
    (
        "slsa-verifier/internal-gha/npm-att-publish-nodigest.intoto.sigstore",
        1,
        ReasonCode::StatementMalformed,
    ),
    (
        "slsa-verifier/internal-gha/npm-stmt-mismatch-prov-type.intoto.sigstore",
        0,
        ReasonCode::StatementMalformed,
    ),
    (
        "slsa-verifier/internal-gha/npm-stmt-mismatch-pub-type.intoto.sigstore",
        1,
        ReasonCode::StatementMalformed,
    ),
    (
        "slsa-verifier/npm/gha/gundam-visor-cli-v1-tag-invalidsigprov.tgz.json",
        1,
        ReasonCode::SignatureInvalid,
    ),
    (
        "slsa-verifier/npm/gha/provenance-npm-test-cli-v02-prega-invalidsigpub.tgz.json",
        0,
        ReasonCode::SignatureInvalid,
    ),
    (
        "slsa-verifier/npm/gha/provenance-npm-test-cli-v1-prega-invalidsigprov.tgz.json",
        1,
        ReasonCode::SignatureInvalid,
    ),
    (
        "slsa-verifier/npm/gha/provenance-npm-test-ossf-invalidsigpub.tgz.json",
        0,
        ReasonCode::SignatureInvalid,
    ),
    (
        "slsa-verifier/npm/gha/supreme-googles-cli-v02-tag-invalidsigprov.tgz.json",
        1,
        ReasonCode::SignatureInvalid,
    ),
];

/// Takes the bundles out of a file: one, one a line, or npm's list.
fn embedded(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs_err::read(path).unwrap();
    let documents: Vec<Value> = serde_json::Deserializer::from_slice(&bytes)
        .into_iter()
        .map_while(Result::ok)
        .collect();
    match documents
        .first()
        .and_then(|first| first.get("attestations"))
        .and_then(Value::as_array)
    {
        Some(list) => list
            .iter()
            .map(|entry| serde_json::to_vec(&entry["bundle"]).unwrap())
            .collect(),
        None if documents.len() == 1 => vec![bytes],
        None => documents
            .iter()
            .map(|document| serde_json::to_vec(document).unwrap())
            .collect(),
    }
}

/// Returns the digest that the bundle itself speaks of: whether the signature is good is what the verdicts are about.
fn own_artifact(bundle: &Bundle) -> Option<Digest> {
    if let Some(statement) = bundle.unverified_statement(&Limits::default()) {
        return statement
            .subjects()
            .iter()
            .find_map(toolkit_attest::Subject::digest);
    }
    let document: Value = serde_json::from_slice(bundle.bytes()).unwrap();
    let text = document
        .pointer("/messageSignature/messageDigest/digest")?
        .as_str()?;
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).ok()?;
    Digest::parse(&format!("sha256:{}", hex::encode(bytes))).ok()
}

fn npm_keys(path: &Path) -> Vec<PublicKey> {
    let document = data::json(path.to_path_buf());
    let keys = document["keys"].as_array().unwrap().iter();
    keys.filter_map(|key| {
        let der = key["publicKey"]["rawBytes"].as_str()?;
        PublicKey::from_pem(&format!(
            "-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----"
        ))
        .ok()
    })
    .collect()
}

#[test]
fn verdicts_of_other_verifiers() {
    let Some(sigstore) = data::sigstore() else {
        return;
    };
    let folder = sigstore.join("bundles");
    let roots: BTreeMap<&str, TrustRoot> = ["public-good", "staging", "github"]
        .into_iter()
        .map(|name| {
            (
                name,
                data::root(sigstore.join("trust").join(name).join("trusted_root.json")).unwrap(),
            )
        })
        .collect();
    let keys = npm_keys(&sigstore.join("trust/npm/keys.json"));
    assert!(!keys.is_empty());
    let mut accepted = 0;
    let mut stricter = BTreeMap::new();
    let mut refused = BTreeMap::new();
    for entry in data::json(folder.join("expected.json"))["entries"]
        .as_array()
        .unwrap()
    {
        let file = entry["file"].as_str().unwrap();
        let Some(root) = entry["trust_root"]
            .as_str()
            .and_then(|name| roots.get(name))
        else {
            continue;
        };
        let documents = embedded(&folder.join(file));
        for (index, (facts, bytes)) in entry["bundles"]
            .as_array()
            .unwrap()
            .iter()
            .zip(documents)
            .enumerate()
        {
            let verdict = facts["cryptographic_verdict"].as_str().unwrap();
            let result = data::bundle(bytes).and_then(|bundle| {
                let artifact = own_artifact(&bundle).unwrap_or_else(|| Digest::sha256(b""));
                verify(
                    &bundle,
                    &Artifact::Digest(&artifact),
                    root,
                    &keys,
                    data::collected(),
                )
            });
            match (verdict, result) {
                ("accept", Ok(verified)) => {
                    accepted += 1;
                    // Identity and extensions as other readers found them.
                    if let Some(certificate) = verified.signer().certificate() {
                        let expected = &facts["certificate"];
                        assert_eq!(expected["identity"], certificate.san.as_str(), "{file}");
                        assert_eq!(expected["issuer"], certificate.issuer.as_str(), "{file}");
                        for (name, found) in [
                            ("buildSignerURI", &certificate.build_signer_uri),
                            ("sourceRepositoryURI", &certificate.source_repository_uri),
                            ("sourceRepositoryDigest", &certificate.source_digest),
                            ("sourceRepositoryRef", &certificate.source_ref),
                            ("buildConfigURI", &certificate.build_config_uri),
                            ("buildTrigger", &certificate.build_trigger),
                            ("runInvocationURI", &certificate.run_invocation_uri),
                            ("runnerEnvironment", &certificate.runner_environment),
                        ] {
                            assert_eq!(
                                expected["extensions"][name].as_str(),
                                found.as_deref(),
                                "{file} {name}"
                            );
                        }
                    }
                    if let Some(statement) = verified.statement() {
                        assert_eq!(
                            facts["statement"]["predicate_type"],
                            statement.predicate_type(),
                            "{file}"
                        );
                    }
                }
                ("accept", Err(refusal)) => {
                    stricter.insert(
                        (file.to_owned(), index),
                        (refusal.code, refusal.to_string()),
                    );
                }
                (_, Err(refusal)) => {
                    refused.insert(
                        (file.to_owned(), index),
                        (refusal.code, refusal.to_string()),
                    );
                }
                (verdict, Ok(_)) => panic!("{file} {index}: accepted, but others say {verdict}"),
            }
        }
    }
    let found: Vec<_> = stricter
        .iter()
        .map(|((file, index), (code, _))| (file.as_str(), *index, *code))
        .collect();
    let listed: Vec<_> = STRICTER
        .iter()
        .map(|(file, index, code, _)| (*file, *index, *code))
        .collect();
    assert_eq!(found, listed, "{stricter:#?}");
    let found: Vec<_> = refused
        .iter()
        .map(|((file, index), (code, _))| (file.as_str(), *index, *code))
        .collect();
    assert_eq!(found, REFUSED, "{refused:#?}");
    assert_eq!(
        accepted + stricter.len() + refused.len(),
        102,
        "accepted {accepted}"
    );
}
