//! Signing through the lab's services, on both logs, with certificate and key; faults of every service; attaching.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use toolkit_attest::{
    Artifact, Bundle, Collected, Content, Error, Identity, IdentityToken, Options, Pattern,
    ReasonCode, Retries, Session, Signed, SigningConfig, SigningKey, Statement, Step, TrustRoot,
    UnreadReason, attach, collect, predicate, verify,
};
use toolkit_lab::{FulcioFault, GithubClaims, Lab, RekorFault, RekorVersion, Service, TsaFault};
use toolkit_oci::referrers::Via;
use toolkit_oci::{Descriptor, Digest, Repository, media_type};

use crate::data;
use crate::mutation::{self, Change, Good};

const EMAIL: &str = "dev@example.com";
const VERSIONS: [RekorVersion; 2] = [RekorVersion::V1, RekorVersion::V2];

/// A P-256 key made for this test.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4rBxPLktzktpGwLE
pZR0qszMy8jDBPb+rBzldjgiRJShRANCAATUOiaq1gfgtdc6A5hRswZx86q3YHV6
oqzeeg0SJW4jzTRmuePC3YqSL7hHI5yGKsKBVLDj1lnLO3tHX7wKQq/5
-----END PRIVATE KEY-----";

fn lab() -> Lab {
    Lab::start(toolkit_lab::Options::default()).unwrap()
}

fn options() -> Options {
    let mut options = Options::new(Arc::new(Timestamp::now), "toolkit-test");
    options.retries = Retries {
        tries: 3,
        pause: Duration::from_millis(5),
        longest: Duration::from_millis(20),
    };
    options
}

fn root(lab: &Lab) -> TrustRoot {
    TrustRoot::from_json(lab.trusted_root_json().as_bytes(), "lab").unwrap()
}

fn config(lab: &Lab, version: RekorVersion) -> SigningConfig {
    SigningConfig::from_json(lab.signing_config_json(version).as_bytes(), "lab").unwrap()
}

fn keyless(lab: &Lab, version: RekorVersion, token: &str) -> Session {
    let token = IdentityToken::parse(token).unwrap();
    Session::keyless(token, config(lab, version), root(lab), options()).unwrap()
}

fn with_key(lab: &Lab, version: RekorVersion) -> Session {
    let key = SigningKey::from_pem(KEY).unwrap();
    Session::with_key(key, config(lab, version), root(lab), options()).unwrap()
}

fn digest() -> Digest {
    Digest::sha256(b"image")
}

fn signature(session: &mut Session) -> Result<Signed, Error> {
    session.sign_statement(&Statement::image_signature(&digest()))
}

fn requests(lab: &Lab, service: Service) -> usize {
    lab.requests()
        .iter()
        .filter(|request| request.service == service)
        .count()
}

#[test]
fn eight_kinds_of_bundle() {
    let lab = lab();
    for version in VERSIONS {
        for mut session in [
            keyless(&lab, version, &lab.email_token(EMAIL)),
            with_key(&lab, version),
        ] {
            for content in [Content::DsseEnvelope, Content::MessageSignature] {
                let signed = match content {
                    Content::DsseEnvelope => signature(&mut session).unwrap(),
                    Content::MessageSignature => session.sign_digest(&digest()).unwrap(),
                };
                assert_eq!(signed.bundle.content(), content);
                assert_eq!(signed.verified.artifact(), &digest());
                let document: Value = serde_json::from_slice(signed.bundle.bytes()).unwrap();
                assert_eq!(document["mediaType"], toolkit_attest::MEDIA_TYPE_V0_3);
                assert!(
                    document
                        .pointer("/verificationMaterial/x509CertificateChain")
                        .is_none()
                );
                assert!(!signed.verified.times().is_empty());
                let [entry] = signed.verified.log_entries() else {
                    panic!("one log entry")
                };
                let kind = match (version, content) {
                    (RekorVersion::V1, Content::DsseEnvelope) => "dsse 0.0.1",
                    (RekorVersion::V1, Content::MessageSignature) => "hashedrekord 0.0.1",
                    _ => "hashedrekord 0.0.2",
                };
                assert_eq!(entry.kind, kind);
                assert!(entry.inclusion_proof);
            }
        }
    }
}

#[test]
fn one_certificate_for_everything() {
    let lab = lab();
    let mut session = keyless(&lab, RekorVersion::V1, &lab.email_token(EMAIL));
    assert_eq!(requests(&lab, Service::Fulcio), 0);
    for _ in 0..3 {
        drop(signature(&mut session).unwrap());
    }
    assert_eq!(requests(&lab, Service::Fulcio), 1);
    assert_eq!(requests(&lab, Service::RekorV1), 3);
}

#[test]
fn a_workflow_is_who_the_token_says() {
    let lab = lab();
    let mut claims = GithubClaims::new("acme/widget");
    claims.reference = "refs/tags/v1".into();
    let mut session = keyless(&lab, RekorVersion::V2, &lab.github_token(claims));
    let verified = signature(&mut session).unwrap().verified;
    let glob = |text: &str| Pattern::glob(text).unwrap();
    let github = |repository: &str, reference: &str| Identity::Github {
        repository: glob(repository),
        workflow: Some(glob(".github/workflows/release.yml")),
        reference: Some(glob(reference)),
        issuer: lab.github_issuer(),
    };
    verified
        .require_identity(&github("acme/widget", "refs/tags/v*"))
        .unwrap();
    let refusal = verified
        .require_identity(&github("acme/other", "refs/tags/v*"))
        .unwrap_err();
    assert_eq!(
        (
            refusal.step,
            refusal.code,
            refusal.expected.as_deref(),
            refusal.found.as_deref()
        ),
        (
            Step::Identity,
            ReasonCode::IdentityMismatch,
            Some("acme/other"),
            Some("acme/widget")
        )
    );
    let refusal = verified
        .require_identity(&github("acme/widget", "refs/heads/*"))
        .unwrap_err();
    assert_eq!(refusal.found.as_deref(), Some("refs/tags/v1"));
    let refusal = verified
        .require_predicate_type(predicate::SPDX)
        .unwrap_err();
    assert_eq!(
        (
            refusal.code,
            refusal.expected.as_deref(),
            refusal.found.as_deref()
        ),
        (
            ReasonCode::PredicateTypeMismatch,
            Some(predicate::SPDX),
            Some(predicate::IMAGE_SIGNATURE)
        )
    );
}

#[test]
fn a_statement_is_signed_as_it_is() {
    let lab = lab();
    let payload = format!(
        "{{ \"predicateType\" : \"https://example.com/x\",\n \"_type\":\"https://in-toto.io/Statement/v1\", \"subject\":[{{\"digest\":{{\"sha256\":\"{}\"}},\"name\":\"a\"}}]}}",
        digest().hex()
    );
    let statement = Statement::from_bytes(
        payload.clone().into_bytes(),
        &toolkit_attest::Limits::default(),
    )
    .unwrap();
    let signed = keyless(&lab, RekorVersion::V1, &lab.email_token(EMAIL))
        .sign_statement(&statement)
        .unwrap();
    assert_eq!(
        signed.verified.statement().unwrap().payload(),
        payload.as_bytes()
    );
}

#[test]
fn bad_tokens_ask_nobody() {
    let lab = lab();
    let try_token = |claims: Value| {
        let token = IdentityToken::parse(&lab.custom_token(&claims)).unwrap();
        Session::keyless(token, config(&lab, RekorVersion::V1), root(&lab), options()).unwrap_err()
    };
    let claims = |aud: &str, exp: i64| serde_json::json!({"iss": lab.issuer(), "sub": "s", "aud": aud, "exp": exp});
    let error = try_token(claims("other", i64::from(u32::MAX)));
    assert_eq!(
        error,
        Error::TokenAudience {
            expected: "sigstore",
            found: "other".into()
        }
    );
    assert!(matches!(
        try_token(claims("sigstore", 1)),
        Error::TokenExpired { .. }
    ));
    assert!(lab.requests().is_empty());
}

#[test]
fn services_that_fail_now_and_then() {
    let lab = lab();
    lab.faults().fulcio().add_times(2, FulcioFault::Status(503));
    lab.faults().rekor().add_times(
        1,
        RekorFault::RateLimited {
            retry_after: Some(1),
        },
    );
    lab.faults().tsa().add_times(1, TsaFault::Status(500));
    drop(
        signature(&mut keyless(
            &lab,
            RekorVersion::V1,
            &lab.email_token(EMAIL),
        ))
        .unwrap(),
    );
    assert_eq!(requests(&lab, Service::Fulcio), 3);
}

#[test]
fn services_that_fail_for_good() {
    let lab = lab();
    lab.faults().fulcio().add(FulcioFault::Status(503));
    let error = signature(&mut keyless(
        &lab,
        RekorVersion::V1,
        &lab.email_token(EMAIL),
    ))
    .unwrap_err();
    let Error::Unreachable {
        service,
        url,
        tries,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (service, url, tries),
        ("certificate authority", lab.fulcio_url(), 3)
    );
    lab.faults().clear();
    lab.faults().rekor().add(RekorFault::Status(400));
    let error = signature(&mut with_key(&lab, RekorVersion::V1)).unwrap_err();
    let Error::Rejected {
        service, status, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((service, status), ("transparency log", Some(400)));
    lab.faults().clear();
    lab.faults().tsa().add(TsaFault::Rejected);
    let error = signature(&mut with_key(&lab, RekorVersion::V2)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Answer {
                service: "timestamp authority",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn lying_services_are_found_out_before_the_bundle_is_given_out() {
    let lab = lab();
    let outcome = |version| {
        signature(&mut keyless(&lab, version, &lab.email_token(EMAIL)))
            .map(drop)
            .unwrap_err()
    };
    let refused = |error: Error| match error {
        Error::SelfVerification(refusal) => refusal.code,
        other => panic!("{other}"),
    };
    lab.faults().fulcio().add(FulcioFault::WrongKey);
    assert!(matches!(
        outcome(RekorVersion::V1),
        Error::Answer {
            service: "certificate authority",
            ..
        }
    ));
    lab.faults().clear();
    for (fault, code) in [
        (FulcioFault::MissingSct, ReasonCode::SctInvalid),
        (FulcioFault::WrongSct, ReasonCode::SctInvalid),
        (
            FulcioFault::WrongIdentity("evil@example.com".into()),
            ReasonCode::IdentityMismatch,
        ),
    ] {
        lab.faults().fulcio().add(fault);
        assert_eq!(refused(outcome(RekorVersion::V1)), code);
        lab.faults().clear();
    }
    for (version, fault, code) in [
        (
            RekorVersion::V1,
            RekorFault::WrongBody,
            ReasonCode::LogEntryMismatch,
        ),
        (
            RekorVersion::V1,
            RekorFault::WrongSet,
            ReasonCode::LogPromiseInvalid,
        ),
        (
            RekorVersion::V1,
            RekorFault::WrongProof,
            ReasonCode::LogProofInvalid,
        ),
        (
            RekorVersion::V1,
            RekorFault::WrongCheckpoint,
            ReasonCode::CheckpointInvalid,
        ),
        (
            RekorVersion::V2,
            RekorFault::WrongProof,
            ReasonCode::LogProofInvalid,
        ),
        (
            RekorVersion::V2,
            RekorFault::WrongCheckpoint,
            ReasonCode::LogProofInvalid,
        ),
    ] {
        // More than one leaf, so that there is a proof to be wrong.
        drop(signature(&mut with_key(&lab, version)).unwrap());
        lab.faults().rekor().add(fault.clone());
        assert_eq!(refused(outcome(version)), code, "{fault:?}");
        lab.faults().clear();
    }
    lab.faults()
        .tsa()
        .add(TsaFault::Offset(jiff::SignedDuration::from_hours(1)));
    assert_eq!(
        refused(outcome(RekorVersion::V2)),
        ReasonCode::CertificateNotValidAtTime
    );
    lab.faults().clear();
    // A key has no validity that the time could miss: only the rule that nothing lies in the future is left.
    lab.faults()
        .tsa()
        .add(TsaFault::Offset(jiff::SignedDuration::from_hours(1)));
    let error = signature(&mut with_key(&lab, RekorVersion::V2))
        .map(drop)
        .unwrap_err();
    assert_eq!(refused(error), ReasonCode::TimeInFuture);
}

#[test]
fn another_key_root_or_time_is_refused() {
    let lab = lab();
    let signed = signature(&mut with_key(&lab, RekorVersion::V1)).unwrap();
    let artifact = digest();
    let artifact = Artifact::Digest(&artifact);
    let own = SigningKey::from_pem(KEY).unwrap().public_key().clone();
    let now = Timestamp::now();
    let judge = |root: &TrustRoot, keys: &[toolkit_attest::PublicKey], now| {
        verify(&signed.bundle, &artifact, root, keys, now)
            .map(drop)
            .map_err(|refusal| (refusal.code, refusal.found))
    };
    let root_here = root(&lab);
    assert_eq!(judge(&root_here, std::slice::from_ref(&own), now), Ok(()));
    assert_eq!(
        judge(&root_here, &[], now),
        Err((
            ReasonCode::NoCertificate,
            Some(format!("key {}", own.hint()))
        ))
    );
    let other = toolkit_attest::PublicKey::from_pem(OTHER).unwrap();
    assert_eq!(
        judge(&root_here, std::slice::from_ref(&other), now),
        Err((ReasonCode::KeyMismatch, Some(own.hint())))
    );
    assert_eq!(judge(&root_here, &[other, own.clone()], now), Ok(()));
    let before = now - jiff::SignedDuration::from_hours(1);
    assert_eq!(
        judge(&root_here, std::slice::from_ref(&own), before)
            .unwrap_err()
            .0,
        ReasonCode::TimeInFuture
    );
    let public = TrustRoot::embedded_public().unwrap();
    assert_eq!(
        judge(&public, &[own], now).unwrap_err().0,
        ReasonCode::LogUnknown
    );
}

/// Another key, RFC 6979 §A.2.5's.
const OTHER: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7
Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n12zCU2pgvGNpg==
-----END PUBLIC KEY-----";

#[test]
fn an_entry_of_an_unknown_log_is_dropped_and_counted() {
    let lab = lab();
    let here = signature(&mut with_key(&lab, RekorVersion::V1)).unwrap();
    let mut document: Value = serde_json::from_slice(here.bundle.bytes()).unwrap();
    let entries = document
        .pointer_mut("/verificationMaterial/tlogEntries")
        .unwrap()
        .as_array_mut()
        .unwrap();
    let mut foreign = entries[0].clone();
    foreign["logId"]["keyId"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
    entries.push(foreign);
    let bundle = data::bundle(document.to_string().into_bytes()).unwrap();
    let key = SigningKey::from_pem(KEY).unwrap().public_key().clone();
    let verified = verify(
        &bundle,
        &Artifact::Digest(&digest()),
        &root(&lab),
        &[key],
        Timestamp::now(),
    )
    .unwrap();
    assert_eq!(verified.dropped_log_entries(), ["00".repeat(32)]);
    assert_eq!(verified.log_entries().len(), 1);
}

#[test]
fn an_entry_is_proved_by_the_log_it_names() {
    let lab = lab();
    let signed = signature(&mut with_key(&lab, RekorVersion::V2)).unwrap();
    let own = signed.verified.log_entries()[0].log_id.clone();
    let trusted: Value = serde_json::from_str(&lab.trusted_root_json()).unwrap();
    let mut other = trusted["tlogs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| &log["logId"]["keyId"]);
    let mut document: Value = serde_json::from_slice(signed.bundle.bytes()).unwrap();
    let named = document
        .pointer_mut("/verificationMaterial/tlogEntries/0/logId/keyId")
        .unwrap();
    *named = other.find(|id| **id != *named).unwrap().clone();
    let bundle = data::bundle(document.to_string().into_bytes()).unwrap();
    let key = SigningKey::from_pem(KEY).unwrap().public_key().clone();
    let artifact = digest();
    let now = Timestamp::now();
    let refusal = verify(
        &bundle,
        &Artifact::Digest(&artifact),
        &root(&lab),
        &[key],
        now,
    )
    .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.found.as_deref()),
        (ReasonCode::CheckpointInvalid, own.get(..8))
    );
}

#[test]
fn an_entry_of_another_signature_is_no_other_artifact() {
    let lab = lab();
    let own = SigningKey::from_pem(KEY).unwrap().public_key().clone();
    let other = Digest::sha256(b"another image");
    for version in VERSIONS {
        let mut session = with_key(&lab, version);
        for content in [Content::DsseEnvelope, Content::MessageSignature] {
            let mut sign = |digest: &Digest| -> Value {
                let signed = match content {
                    Content::DsseEnvelope => {
                        session.sign_statement(&Statement::image_signature(digest))
                    }
                    Content::MessageSignature => session.sign_digest(digest),
                };
                serde_json::from_slice(signed.unwrap().bundle.bytes()).unwrap()
            };
            let (mut document, foreign) = (sign(&digest()), sign(&other));
            let entries = "/verificationMaterial/tlogEntries";
            *document.pointer_mut(entries).unwrap() = foreign.pointer(entries).unwrap().clone();
            let judge = |document: &Value, artifact: &Digest| {
                let bundle = data::bundle(document.to_string().into_bytes()).unwrap();
                let artifact = Artifact::Digest(artifact);
                let keys = std::slice::from_ref(&own);
                verify(&bundle, &artifact, &root(&lab), keys, Timestamp::now())
                    .map(drop)
                    .map_err(|refusal| refusal.code)
            };
            let case = format!("{version:?} {content:?}");
            assert_eq!(
                judge(&document, &digest()),
                Err(ReasonCode::LogEntryMismatch),
                "{case}"
            );
            let expected = match content {
                Content::DsseEnvelope => ReasonCode::SubjectMismatch,
                Content::MessageSignature => ReasonCode::DigestMismatch,
            };
            assert_eq!(judge(&foreign, &digest()), Err(expected), "{case}");
            assert_eq!(judge(&foreign, &other), Ok(()), "{case}");
        }
    }
}

/// Which changes a fresh bundle bears: of those that are listed as harmless for bundles of all ages and makers, only these.
fn borne(version: RekorVersion, by_key: bool, content: Content) -> BTreeSet<(String, Change)> {
    use Change::{Decrease, Delete, Flip, Increase};
    const STAMPS: &str = "/verificationMaterial/timestampVerificationData";
    const PROOF: &str = "/verificationMaterial/tlogEntries/#/inclusionProof";
    let mut all = vec![(
        format!("{STAMPS}/rfc3161Timestamps/#/signedTimestamp"),
        Flip,
    )];
    if content == Content::MessageSignature {
        all.push(("/messageSignature/messageDigest".into(), Delete));
    }
    if by_key {
        let hint = "/verificationMaterial/publicKey/hint";
        all.extend([Delete, Flip].map(|change| (hint.into(), change)));
    }
    // The timestamp is all that gives a certificate's signature a time in Rekor v2.
    if by_key || version == RekorVersion::V1 {
        for part in ["", "/rfc3161Timestamps", "/rfc3161Timestamps/#"] {
            all.push((format!("{STAMPS}{part}"), Delete));
        }
    }
    if version == RekorVersion::V1 {
        let promise = "/verificationMaterial/tlogEntries/#/inclusionPromise";
        all.push((promise.into(), Delete));
    } else {
        let index = format!("{PROOF}/logIndex");
        all.extend([Delete, Increase, Decrease].map(|change| (index.clone(), change)));
        let size = format!("{PROOF}/treeSize");
        all.extend([Increase, Decrease].map(|change| (size.clone(), change)));
        all.push((format!("{PROOF}/rootHash"), Flip));
    }
    all.into_iter().collect()
}

#[test]
fn our_bundles_mutated() {
    let lab = lab();
    let key = SigningKey::from_pem(KEY).unwrap().public_key().clone();
    for version in VERSIONS {
        // The log of another test's length, so that proofs are not empty.
        drop(signature(&mut with_key(&lab, version)).unwrap());
        for by_key in [false, true] {
            let (mut session, identity) = if by_key {
                (with_key(&lab, version), Identity::Key(key.clone()))
            } else {
                let address = EMAIL.into();
                let issuer = lab.issuer();
                (
                    keyless(&lab, version, &lab.email_token(EMAIL)),
                    Identity::Email { address, issuer },
                )
            };
            for content in [Content::DsseEnvelope, Content::MessageSignature] {
                let signed = match content {
                    Content::DsseEnvelope => signature(&mut session),
                    Content::MessageSignature => session.sign_digest(&digest()),
                }
                .unwrap();
                let good = Good {
                    name: format!("{version:?}, by key: {by_key}, {content:?}"),
                    document: serde_json::from_slice(signed.bundle.bytes()).unwrap(),
                    artifact: b"image".to_vec(),
                    root: root(&lab),
                    keys: vec![key.clone()],
                    identity: identity.clone(),
                    now: Timestamp::now(),
                };
                let (accepted, made) = mutation::accepted(&good);
                assert!(made > 100, "{}: {made}", good.name);
                let accepted: BTreeSet<_> = accepted.into_iter().collect();
                let borne = borne(version, by_key, content);
                assert_eq!(accepted, borne, "{}, of {made}", good.name);
                assert!(borne.iter().all(mutation::is_harmless), "{borne:?}");
            }
        }
    }
}

static CLIENT: LazyLock<toolkit_oci::registry::Client> =
    LazyLock::new(|| toolkit_oci::registry::Client::new(toolkit_oci::registry::Options::default()));

fn places(lab: &Lab, folder: &std::path::Path) -> Vec<(Repository, Via)> {
    let remote = |registry: String| {
        let reference = format!("{registry}/acme/widget:v1").parse().unwrap();
        Repository::remote(&CLIENT, &reference).unwrap()
    };
    vec![
        (remote(lab.registry()), Via::ReferrersApi),
        (remote(lab.registry_without_referrers()), Via::FallbackTag),
        (
            Repository::create_layout(folder, &toolkit_oci::Limits::default()).unwrap(),
            Via::Layout,
        ),
    ]
}

/// Puts a small index there, to have a subject.
fn subject(repository: &Repository) -> Descriptor {
    let bytes = br#"{"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#;
    repository
        .put_manifest(bytes, media_type::OCI_INDEX)
        .unwrap();
    Descriptor::of(media_type::OCI_INDEX, bytes)
}

#[test]
fn attached_bundles_are_found_again() {
    let lab = lab();
    let folder = tempfile::tempdir().unwrap();
    let created: Timestamp = "2026-01-02T03:04:05.6Z".parse().unwrap();
    let mut session = keyless(&lab, RekorVersion::V1, &lab.email_token(EMAIL));
    for (repository, via) in places(&lab, folder.path()) {
        let subject = subject(&repository);
        let signed = session
            .sign_statement(&Statement::image_signature(&subject.digest))
            .unwrap();
        let attached = attach(&repository, &subject, &signed.bundle, Some(created)).unwrap();
        assert_eq!(attached.via, via);
        assert_eq!(
            attach(&repository, &subject, &signed.bundle, Some(created))
                .unwrap()
                .digest,
            attached.digest
        );
        // Something else beside it, and a bundle that is none.
        let other = |kind: &str, payload: &[u8]| toolkit_oci::repository::Artifact {
            artifact_type: kind.into(),
            annotations: Default::default(),
            payload: payload.to_vec(),
        };
        repository
            .attach_artifact(&subject, &other("application/spdx+json", b"{}"))
            .unwrap();
        repository
            .attach_artifact(&subject, &other(toolkit_attest::MEDIA_TYPE_V0_3, b"{"))
            .unwrap();
        let Collected {
            bundles,
            unread,
            others,
            referrers,
        } = collect(
            &repository,
            &subject.digest,
            &toolkit_attest::Limits::default(),
        )
        .unwrap();
        assert!(referrers.complete(), "{repository}: {referrers:?}");
        let [found] = bundles.as_slice() else {
            panic!("{repository}: {} bundles", bundles.len())
        };
        assert_eq!(found.bundle, signed.bundle);
        assert_eq!(found.manifest.digest, attached.digest);
        assert_eq!(others.len(), 1);
        let [unread] = unread.as_slice() else {
            panic!("{repository}: {unread:?}")
        };
        let UnreadReason::Refused(refusal) = &unread.reason else {
            panic!("{unread:?}")
        };
        assert_eq!(refusal.code, ReasonCode::BundleMalformed);
        let entry = referrers
            .entries
            .iter()
            .find(|entry| entry.digest == attached.digest)
            .unwrap();
        let annotation = |name: &str| entry.annotations.get(name).map(String::as_str);
        assert_eq!(
            entry.artifact_type.as_deref(),
            Some(toolkit_attest::MEDIA_TYPE_V0_3)
        );
        assert_eq!(
            annotation("dev.sigstore.bundle.content"),
            Some("dsse-envelope")
        );
        assert_eq!(
            annotation("dev.sigstore.bundle.predicateType"),
            Some(predicate::IMAGE_SIGNATURE)
        );
        assert_eq!(
            annotation("org.opencontainers.image.created"),
            Some("2026-01-02T03:04:05Z")
        );
    }
}

/// The bundle type stays free of what only signing needs.
#[test]
fn a_bundle_is_its_bytes() {
    let lab = lab();
    let signed = signature(&mut with_key(&lab, RekorVersion::V2)).unwrap();
    let again: Bundle = data::bundle(signed.bundle.bytes().to_vec()).unwrap();
    assert_eq!(again, signed.bundle);
    assert_eq!(again.digest(), &Digest::sha256(signed.bundle.bytes()));
}
