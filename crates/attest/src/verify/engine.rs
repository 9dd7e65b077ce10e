//! Step 3: the cryptography, by `sigstore-verify`. No other file names that crate.
//!
//! It is asked for everything it can check and told to skip nothing: certificate chain, SCT, log proofs, promises and timestamps.
//! Its failures come as text; here they get their reason code and, where the bundle has both, the two values.
//! Identity is not asked of it, since it knows exact text only: [`Verified`] has no way to be mistaken for
//! "signed by somebody" because every use names an identity.

use jiff::Timestamp;
use sigstore_trust_root::TrustedRoot;
use sigstore_verify::bundle::Error as ShapeError;
use sigstore_verify::crypto::{CertificateInfo, SubjectAltName};
use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{
    ArtifactDigest, Bundle as EngineBundle, DigestBytes, HashAlgorithm, KindVersion,
    SignatureContent,
};
use sigstore_verify::{
    CertificateError, Error as EngineError, PublicKeyVerificationPolicy, TimestampError,
    TransparencyLogError, VerificationPolicy, VerificationResult, Verifier,
};
use toolkit_oci::{Algorithm, Digest};

use super::{Artifact, LogEntry, TimeSource, Verified, VerifiedTime, filter, limits, statement};
use crate::{
    Bundle, CertificateFacts, Content, Limits, PublicKey, ReasonCode, Refusal, SanKind, Signer,
    Statement, Step, TrustRoot,
};

/// Verifies that a bundle's signature over an artifact is good, and returns the proof.
///
/// A bundle with a certificate is verified against the trust root. One that names a key is verified with one of `keys`, and against
/// the trust root for its log entries and timestamps. `now` is the time of verification: nothing may have
/// happened later. The trust root, not `now`, decides which certificates were valid: they live ten minutes.
///
/// # Errors
/// A [`Refusal`] with the step, the reason code and the values.
pub fn verify(
    bundle: &Bundle,
    artifact: &Artifact<'_>,
    root: &TrustRoot,
    keys: &[PublicKey],
    now: Timestamp,
) -> Result<Verified, Refusal> {
    limits::check(bundle)?;
    filter::no_root(bundle, root)?;
    let filtered = filter::apply(bundle, root)?;
    let parsed: EngineBundle = match filtered.document {
        None => serde_json::from_slice(bundle.bytes()),
        Some(document) => serde_json::from_value(document),
    }
    .map_err(|error| refuse(ReasonCode::BundleMalformed).detail(error))?;
    let signed = match bundle.content() {
        Content::DsseEnvelope => Some(statement::read(bundle, &Limits::default())?),
        Content::MessageSignature => None,
    };

    let verifier = Verifier::new(root.material())
        .map_err(|error| refuse(ReasonCode::TrustRootInvalid).detail(error))?;
    let case = Case {
        bundle: &parsed,
        statement: signed.as_ref(),
        artifact,
        now,
    };
    let (signer, result) = match &parsed.verification_material.content {
        VerificationMaterialContent::PublicKey(key) => {
            with_keys(&verifier, &case, &key.hint, keys)?
        }
        _ => {
            let result = case.run(&verifier, &VerificationPolicy::any_identity())?;
            let info = result
                .certificate()
                .ok_or_else(|| refuse(ReasonCode::CertificateMalformed))?;
            (Signer::Certificate(Box::new(facts(info)?)), result)
        }
    };
    // The evidence getters are for callers who relaxed a check; none is relaxed here, and a change of that must not go unseen.
    let complete = result.tlog_verified()
        && (matches!(signer, Signer::Key { .. })
            || (result.certificate_verified() && result.sct_verified()));
    if !complete {
        return Err(refuse(ReasonCode::BundleUnsupported).detail("the engine left a check out"));
    }

    checkpoints_are_of_their_log(&parsed)?;
    let times = times(&parsed, &result)?;
    if let Some(late) = times.iter().find(|verified| verified.time > now) {
        return Err(refuse(ReasonCode::TimeInFuture)
            .expected(format_args!("not after {now}"))
            .found(late.time));
    }
    let artifact = match (&signed, artifact) {
        (Some(statement), artifact) => {
            let digests = digests(artifact);
            match digests.iter().find(|digest| statement.names(digest)) {
                Some(digest) => digest.clone(),
                None => {
                    let (Artifact::Bytes(_) | Artifact::Digest(_), Some(first)) =
                        (artifact, digests.first())
                    else {
                        return Err(refuse(ReasonCode::SubjectMismatch));
                    };
                    statement::require_subject(statement, first)?;
                    first.clone()
                }
            }
        }
        (None, Artifact::Bytes(bytes)) => Digest::sha256(bytes),
        (None, Artifact::Digest(digest)) => (*digest).clone(),
    };
    Ok(Verified {
        signer,
        content: bundle.content(),
        artifact,
        statement: signed,
        times,
        log_entries: log_entries(&parsed, root),
        dropped_log_entries: filtered.dropped,
        bundle: bundle.digest().clone(),
        trust_root: root.origin().clone(),
    })
}

/// Tells whether a verifier can be made of a root: each key, certificate and window in it is then usable.
pub(crate) fn usable(root: &TrustedRoot) -> Result<(), String> {
    Verifier::new(root)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn refuse(code: ReasonCode) -> Refusal {
    Refusal::new(Step::Engine, code)
}

/// What is to be verified.
struct Case<'a> {
    bundle: &'a EngineBundle,
    statement: Option<&'a Statement>,
    artifact: &'a Artifact<'a>,
    now: Timestamp,
}

impl Case<'_> {
    fn run(
        &self,
        verifier: &Verifier,
        policy: &(impl sigstore_verify::Policy + ?Sized),
    ) -> Result<VerificationResult, Refusal> {
        let result = match self.artifact {
            Artifact::Bytes(bytes) => verifier.verify(*bytes, self.bundle, policy),
            Artifact::Digest(digest) => {
                let algorithm = match digest.algorithm() {
                    Algorithm::Sha256 => HashAlgorithm::Sha2256,
                    Algorithm::Sha512 => HashAlgorithm::Sha2512,
                };
                let value = DigestBytes::from_hex(digest.hex())
                    .and_then(|value| ArtifactDigest::new(algorithm, value));
                let value =
                    value.map_err(|error| refuse(ReasonCode::DigestMismatch).detail(error))?;
                verifier.verify(value, self.bundle, policy)
            }
        };
        result.map_err(|error| self.explain(error))
    }

    /// Gives an engine failure its reason code and values.
    fn explain(&self, error: EngineError) -> Refusal {
        let text = error.to_string();
        let plain = |code| refuse(code).detail(&text);
        match error {
            EngineError::SignatureInvalid(_) => plain(ReasonCode::SignatureInvalid),
            EngineError::ArtifactMismatch(_) => self.artifact_mismatch(&text),
            EngineError::UnsupportedArtifact(_) | EngineError::UnsupportedBundle(_) => {
                plain(ReasonCode::BundleUnsupported)
            }
            EngineError::Certificate(reason) => match reason {
                CertificateError::Malformed(_) => plain(ReasonCode::CertificateMalformed),
                CertificateError::NotYetValid { time, not_before } => {
                    refuse(ReasonCode::CertificateNotValidAtTime)
                        .expected(format_args!("not before {not_before}"))
                        .found(time)
                }
                CertificateError::Expired { time, not_after } => {
                    refuse(ReasonCode::CertificateNotValidAtTime)
                        .expected(format_args!("not after {not_after}"))
                        .found(time)
                }
                CertificateError::Sct(_) => plain(ReasonCode::SctInvalid),
                // The chain check also compares the validity, and says so in its text only.
                CertificateError::ChainInvalid(words)
                    if words.contains("CertExpired") || words.contains("CertNotValidYet") =>
                {
                    plain(ReasonCode::CertificateNotValidAtTime)
                }
                _ => plain(ReasonCode::CertificateUntrusted),
            },
            EngineError::TransparencyLog(reason) => match reason {
                TransparencyLogError::UnknownLog { log_id } => {
                    plain(ReasonCode::LogUnknown).found(log_id)
                }
                TransparencyLogError::InclusionProof(_) => plain(ReasonCode::LogProofInvalid),
                TransparencyLogError::Checkpoint(_) => plain(ReasonCode::CheckpointInvalid),
                TransparencyLogError::InclusionPromise(_) => plain(ReasonCode::LogPromiseInvalid),
                TransparencyLogError::EntryMismatch(_) => plain(ReasonCode::LogEntryMismatch),
                TransparencyLogError::IntegratedTime(_) => {
                    match self.integrated_times().find(|time| *time > self.now) {
                        Some(time) => refuse(ReasonCode::TimeInFuture)
                            .expected(format_args!("not after {}", self.now))
                            .found(time),
                        None => plain(ReasonCode::LogTimeOutsideCertificate),
                    }
                }
                _ => plain(ReasonCode::LogEntryMalformed),
            },
            EngineError::Timestamp(reason) => match reason {
                TimestampError::OutsideAuthorityValidity { .. } => {
                    plain(ReasonCode::TimestampOutsideAuthority)
                }
                TimestampError::NoVerifiedTimestamp(_) => plain(ReasonCode::TimeMissing),
                _ => plain(ReasonCode::TimestampInvalid),
            },
            EngineError::InvalidTrustRoot(_)
            | EngineError::TrustRoot(_)
            | EngineError::TrustedCertificate(_) => plain(ReasonCode::TrustRootInvalid),
            EngineError::Bundle(reason) => match reason {
                ShapeError::MissingInclusionPromise(_) | ShapeError::MissingInclusionProof(_) => {
                    plain(ReasonCode::LogProofMissing)
                }
                ShapeError::MissingCheckpoint | ShapeError::CheckpointRootMismatch => {
                    plain(ReasonCode::CheckpointInvalid)
                }
                ShapeError::LogIndexOutOfRange { .. } => plain(ReasonCode::LogProofInvalid),
                ShapeError::MissingSigningTimeEvidence | ShapeError::MissingTimestamp => {
                    plain(ReasonCode::TimeMissing)
                }
                ShapeError::UnsupportedMediaType(_)
                | ShapeError::UnsupportedVerificationMaterial => {
                    plain(ReasonCode::BundleUnsupported)
                }
                _ => plain(ReasonCode::BundleMalformed),
            },
            EngineError::Crypto(_) => plain(ReasonCode::KeyUnsupported),
            _ => plain(ReasonCode::BundleMalformed),
        }
    }

    /// The engine says the same of a bundle about another artifact and of a log entry about another one than the bundle.
    fn artifact_mismatch(&self, words: &str) -> Refusal {
        let digests = digests(self.artifact);
        let declared = match &self.bundle.content {
            SignatureContent::MessageSignature(signature) => signature.message_digest.as_ref(),
            _ => None,
        };
        let is_about_it = match self.statement {
            Some(statement) => digests.iter().any(|digest| statement.names(digest)),
            None => declared.is_some_and(|signed| {
                let signed = signed.digest.to_hex();
                digests.iter().any(|digest| digest.hex() == signed)
            }),
        };
        if is_about_it {
            return refuse(ReasonCode::LogEntryMismatch).detail(words);
        }
        let Some(wanted) = digests.first() else {
            return refuse(ReasonCode::DigestMismatch);
        };
        if let Some(statement) = self.statement {
            return statement::subject_mismatch(statement, wanted);
        }
        let refusal = refuse(ReasonCode::DigestMismatch).found(wanted);
        match declared {
            Some(signed) => refusal.expected(format_args!(
                "{}:{}",
                wanted.algorithm().as_str(),
                signed.digest.to_hex()
            )),
            None => refusal,
        }
    }

    /// The times that logs of version 1 state, verified or not.
    fn integrated_times(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let entries = self.bundle.verification_material.tlog_entries.iter();
        entries.filter_map(|entry| Timestamp::from_second(entry.integrated_time?.as_second()).ok())
    }
}

/// Verifies with the keys, the one that the hint names first.
fn with_keys(
    verifier: &Verifier,
    case: &Case<'_>,
    hint: &str,
    keys: &[PublicKey],
) -> Result<(Signer, VerificationResult), Refusal> {
    let named = keys.iter().filter(|key| key.hint() == hint);
    let others = keys.iter().filter(|key| key.hint() != hint);
    let mut first: Option<Refusal> = None;
    for key in named.chain(others) {
        match case.run(
            verifier,
            &PublicKeyVerificationPolicy::new(key.spki().clone()),
        ) {
            Ok(result) => return Ok((Signer::key(key), result)),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    let Some(refusal) = first else {
        return Err(refuse(ReasonCode::NoCertificate)
            .expected("a certificate")
            .found(format_args!("key {hint}")));
    };
    // A hint in the usual form names one key for certain. It is not signed, but here it can only turn one refusal into another.
    let is_digest = toolkit_hint(hint) && keys.iter().all(|key| key.hint() != hint);
    if is_digest
        && matches!(
            refusal.code,
            ReasonCode::SignatureInvalid | ReasonCode::LogEntryMismatch
        )
    {
        let given: Vec<String> = keys.iter().map(PublicKey::hint).collect();
        return Err(refuse(ReasonCode::KeyMismatch)
            .expected(given.join(", "))
            .found(hint));
    }
    Err(refusal)
}

/// Tells whether a hint is base64 of 32 bytes, the form of a key's digest.
fn toolkit_hint(hint: &str) -> bool {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(hint)
        .is_ok_and(|bytes| bytes.len() == 32)
}

/// Demands that each checkpoint carries a signature of the log that its entry names.
///
/// The engine takes any known log's key, so that an entry could name one log and be proved by another. A checkpoint's signature
/// begins with the first four bytes of the key's id (C2SP signed-note; Rekor v1 uses the first four of the log id).
fn checkpoints_are_of_their_log(bundle: &EngineBundle) -> Result<(), Refusal> {
    for entry in &bundle.verification_material.tlog_entries {
        let Some(checkpoint) = entry
            .inclusion_proof
            .as_ref()
            .and_then(|proof| proof.checkpoint.checkpoint())
        else {
            continue;
        };
        let id = entry.log_id.key_id.as_bytes();
        let hint = id.get(..4).unwrap_or(id);
        if !checkpoint
            .signatures()
            .iter()
            .any(|signature| signature.key_id.as_slice() == hint)
        {
            let found: Vec<String> = checkpoint
                .signatures()
                .iter()
                .map(|signature| hex::encode(signature.key_id.as_slice()))
                .collect();
            return Err(refuse(ReasonCode::CheckpointInvalid)
                .expected(format_args!("a signature by key {}", hex::encode(hint)))
                .found(found.join(", ")));
        }
    }
    Ok(())
}

/// Returns the digests under which a statement may name the artifact.
fn digests(artifact: &Artifact<'_>) -> Vec<Digest> {
    match artifact {
        Artifact::Bytes(bytes) => vec![Digest::sha256(bytes), Digest::of(Algorithm::Sha512, bytes)],
        Artifact::Digest(digest) => vec![(*digest).clone()],
    }
}

fn times(bundle: &EngineBundle, result: &VerificationResult) -> Result<Vec<VerifiedTime>, Refusal> {
    // The engine gives all times in one list; those that a log of version 1 promised are in the entries as well.
    let mut promised: Vec<i64> = bundle
        .verification_material
        .tlog_entries
        .iter()
        .filter(|entry| {
            entry.inclusion_promise.is_some() && entry.kind_version != KindVersion::HashedRekordV002
        })
        .filter_map(|entry| Some(entry.integrated_time?.as_second()))
        .collect();
    let mut times = Vec::new();
    for time in result.verified_timestamps() {
        let source = match promised
            .iter()
            .position(|seconds| *seconds == time.as_second())
        {
            Some(position) => {
                promised.swap_remove(position);
                TimeSource::Log
            }
            None => TimeSource::TimestampAuthority,
        };
        times.push(VerifiedTime {
            time: convert(time.as_second(), time.subsec_nanosecond())?,
            source,
        });
    }
    times.sort_by_key(|verified| verified.time);
    Ok(times)
}

/// Converts between the two versions of the time library, this crate's and the engine's.
fn convert(seconds: i64, nanoseconds: i32) -> Result<Timestamp, Refusal> {
    Timestamp::new(seconds, nanoseconds)
        .map_err(|error| refuse(ReasonCode::TimestampInvalid).detail(error))
}

fn log_entries(bundle: &EngineBundle, root: &TrustRoot) -> Vec<LogEntry> {
    let entries = bundle.verification_material.tlog_entries.iter();
    entries
        .map(|entry| LogEntry {
            log: root
                .log(entry.log_id.key_id.as_bytes())
                .unwrap_or_default()
                .to_owned(),
            log_id: hex::encode(entry.log_id.key_id.as_bytes()),
            index: entry.log_index.get(),
            kind: format!(
                "{} {}",
                entry.kind_version.kind(),
                entry.kind_version.version()
            ),
            inclusion_proof: entry.inclusion_proof.is_some(),
        })
        .collect()
}

fn facts(info: &CertificateInfo) -> Result<CertificateFacts, Refusal> {
    let (san, san_kind) = match &info.identity {
        Some(SubjectAltName::Email(address)) => (address.clone(), SanKind::Email),
        Some(SubjectAltName::Uri(uri)) => (uri.clone(), SanKind::Uri),
        _ => (String::new(), SanKind::Unsupported),
    };
    let claims = info.ci_claims.clone();
    Ok(CertificateFacts {
        san,
        san_kind,
        issuer: info.issuer.clone().unwrap_or_default(),
        build_signer_uri: claims.build_signer_uri,
        build_signer_digest: claims.build_signer_digest,
        runner_environment: claims.runner_environment,
        source_repository_uri: claims.source_repository_uri,
        source_digest: claims.source_repository_digest,
        source_ref: claims.source_repository_ref,
        source_repository_id: claims.source_repository_identifier,
        source_owner_uri: claims.source_repository_owner_uri,
        source_owner_id: claims.source_repository_owner_identifier,
        build_config_uri: claims.build_config_uri,
        build_config_digest: claims.build_config_digest,
        build_trigger: claims.build_trigger,
        run_invocation_uri: claims.run_invocation_uri,
        source_visibility: claims.source_repository_visibility_at_signing,
        deployment_environment: claims.deployment_environment,
        token_subject: claims.token_subject,
        not_before: convert(
            info.not_before.as_second(),
            info.not_before.subsec_nanosecond(),
        )?,
        not_after: convert(
            info.not_after.as_second(),
            info.not_after.subsec_nanosecond(),
        )?,
    })
}
