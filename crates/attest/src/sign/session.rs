//! A session: everything that is signed with one key and one certificate.

use std::sync::Arc;

use jiff::Timestamp;
use sigstore_bundle::{BundleV03, VerificationMaterialV03};
use sigstore_sign::crypto;
use sigstore_sign::rekor::{HashedRekordV2, RekorV2KeyDetails};
use sigstore_sign::types::bundle::{MessageDigest, MessageSignature};
use sigstore_sign::types::{
    DerCertificate, DsseEnvelope, DsseSignature, HashAlgorithm, KeyId, PayloadBytes, Sha256Hash,
    SignatureBytes, SignatureContent,
};
use toolkit_oci::{Algorithm, Digest};

use super::key::{SigningKey, signing};
use super::rekor_v1;
use super::services::Services;
use super::token::IdentityToken;
use crate::{
    Artifact, Bundle, Error, Limits, PAYLOAD_TYPE, ReasonCode, Refusal, Result, Retries,
    SigningConfig, Statement, Step, TrustRoot, Verified, verify,
};

/// Tells the time. A session waits for services, so that one fixed time would not do.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a session behaves.
#[derive(Clone)]
pub struct Options {
    /// The time of use.
    pub clock: Clock,
    /// How often services are asked.
    pub retries: Retries,
    /// The `User-Agent` of all requests.
    pub user_agent: String,
    /// Bounds on the bundles made.
    pub limits: Limits,
}

impl Options {
    /// Makes options with the default retries and limits.
    #[must_use]
    pub fn new(clock: Clock, user_agent: impl Into<String>) -> Self {
        Self {
            clock,
            retries: Retries::default(),
            user_agent: user_agent.into(),
            limits: Limits::default(),
        }
    }
}

/// A signer for one run: one key, and for keyless signing one certificate, however much is signed.
pub struct Session {
    signer: Signer,
    config: SigningConfig,
    root: TrustRoot,
    services: Services,
    options: Options,
}

enum Signer {
    Keyless {
        token: Box<IdentityToken>,
        key: SigningKey,
        certificate: Option<Certificate>,
    },
    Key(SigningKey),
}

struct Certificate {
    der: DerCertificate,
    not_after: Timestamp,
}

/// A new bundle, with the proof that it verifies.
#[derive(Debug)]
#[must_use]
pub struct Signed {
    /// The bundle, v0.3, without a root certificate.
    pub bundle: Bundle,
    /// What our own verification found.
    pub verified: Verified,
}

impl Session {
    /// Starts a keyless session: an ephemeral key, certified for the token's identity by the configuration's Fulcio at the first
    /// signature, and only once.
    ///
    /// # Errors
    /// [`Error::TokenAudience`], [`Error::TokenExpired`], [`Error::NoService`]: found before any service is asked.
    pub fn keyless(
        token: IdentityToken,
        config: SigningConfig,
        root: TrustRoot,
        options: Options,
    ) -> Result<Self> {
        let now = (options.clock)();
        token.check(now)?;
        config.authority(now)?;
        let signer = Signer::Keyless {
            token: Box::new(token),
            key: SigningKey::ephemeral()?,
            certificate: None,
        };
        Self::new(signer, config, root, options, now)
    }

    /// Starts a session with a managed key. Its signatures are logged and timestamped by the same services as keyless ones.
    ///
    /// # Errors
    /// [`Error::NoService`].
    pub fn with_key(
        key: SigningKey,
        config: SigningConfig,
        root: TrustRoot,
        options: Options,
    ) -> Result<Self> {
        let now = (options.clock)();
        Self::new(Signer::Key(key), config, root, options, now)
    }

    fn new(
        signer: Signer,
        config: SigningConfig,
        root: TrustRoot,
        options: Options,
        now: Timestamp,
    ) -> Result<Self> {
        config.services(now)?;
        let services = Services::new(&options.user_agent, options.retries.clone())?;
        Ok(Self {
            signer,
            config,
            root,
            services,
            options,
        })
    }

    /// Signs a statement as the exact payload bytes it holds, in a DSSE envelope.
    ///
    /// # Errors
    /// Of the services ([`Error::Unreachable`], [`Error::Rejected`], [`Error::Answer`]), [`Error::CertificateExpired`],
    /// [`Error::StatementMalformed`] for a statement without a subject that can be verified, [`Error::SelfVerification`].
    pub fn sign_statement(&mut self, statement: &Statement) -> Result<Signed> {
        let subject = statement
            .subjects()
            .iter()
            .find_map(crate::Subject::digest)
            .ok_or_else(|| Error::StatementMalformed {
                reason: "no subject has a `sha256` or `sha512` digest".into(),
            })?;
        let payload = PayloadBytes::from_bytes(statement.payload());
        // What is signed does not hold the signature: an envelope with an empty one gives the bytes.
        let empty = DsseSignature::new(SignatureBytes::from_bytes(&[]), KeyId::default());
        let mut envelope = DsseEnvelope::new(PAYLOAD_TYPE, payload, empty);
        let signed = envelope.pae();
        let material = self.material()?;
        let signature = self.signing_key().sign(&signed)?;
        // No key id: cosign writes none, and its verifier passes over a signature whose id is not one of its own form.
        envelope.signature = DsseSignature::new(signature.clone(), KeyId::default());
        let verifier = self.verifier_pem(&material);
        let v1 = rekor_v1::Request::dsse(&envelope, &verifier).map_err(signing)?;
        let digest = crypto::sha256(&signed);
        let content = SignatureContent::DsseEnvelope(envelope);
        self.finish(
            material,
            content,
            &signature,
            &v1,
            &digest,
            &Artifact::Digest(&subject),
        )
    }

    /// Signs an artifact by its SHA-256 digest: a message signature.
    ///
    /// # Errors
    /// As [`sign_statement`](Self::sign_statement); [`Error::Signing`] for another algorithm.
    pub fn sign_digest(&mut self, artifact: &Digest) -> Result<Signed> {
        if artifact.algorithm() != Algorithm::Sha256 {
            let reason = format!(
                "expected a digest by sha256, found one by {}",
                artifact.algorithm().as_str()
            );
            return Err(Error::Signing { reason });
        }
        let digest = Sha256Hash::from_hex(artifact.hex()).map_err(signing)?;
        let material = self.material()?;
        let signature = self
            .signing_key()
            .pair()
            .sign_digest(&digest)
            .map_err(signing)?;
        let v1 = rekor_v1::Request::hashedrekord(
            artifact.hex(),
            &signature,
            &self.verifier_pem(&material),
        );
        let message = MessageSignature::new(signature.clone())
            .with_message_digest(MessageDigest::new(HashAlgorithm::Sha2256, digest.into()));
        let content = SignatureContent::MessageSignature(message);
        self.finish(
            material,
            content,
            &signature,
            &v1,
            &digest,
            &Artifact::Digest(artifact),
        )
    }

    /// Returns the certificate or key hint, asking for the certificate the first time.
    fn material(&mut self) -> Result<VerificationMaterialV03> {
        let now = (self.options.clock)();
        match &mut self.signer {
            Signer::Key(key) => Ok(VerificationMaterialV03::PublicKey {
                hint: key.public_key().hint(),
            }),
            Signer::Keyless {
                token,
                key,
                certificate,
            } => {
                let certificate = match certificate {
                    Some(certificate) => certificate,
                    None => {
                        token.check(now)?;
                        let authority = self.config.authority(now)?;
                        let der =
                            self.services
                                .certificate(&authority, token.secret(), key.pair())?;
                        let unusable = |reason: String| Error::Answer {
                            service: "certificate authority",
                            url: authority.url.clone(),
                            reason,
                        };
                        let info = crypto::parse_certificate_info(&der)
                            .map_err(|error| unusable(error.to_string()))?;
                        if info.public_key != *key.public_key().spki() {
                            return Err(unusable("a certificate for another key".into()));
                        }
                        let not_after = Timestamp::from_second(info.not_after.as_second());
                        let not_after = not_after.map_err(|error| unusable(error.to_string()))?;
                        certificate.insert(Certificate { der, not_after })
                    }
                };
                if certificate.not_after <= now {
                    return Err(Error::CertificateExpired {
                        not_after: certificate.not_after,
                        now,
                    });
                }
                Ok(VerificationMaterialV03::Certificate(
                    certificate.der.clone(),
                ))
            }
        }
    }

    fn signing_key(&self) -> &SigningKey {
        match &self.signer {
            Signer::Keyless { key, .. } | Signer::Key(key) => key,
        }
    }

    /// Returns the certificate or public key as PEM with line feeds, as the log keeps it.
    fn verifier_pem(&self, material: &VerificationMaterialV03) -> String {
        match material {
            VerificationMaterialV03::Certificate(certificate) => {
                certificate.to_pem().replace("\r\n", "\n")
            }
            _ => self.signing_key().public_key().to_pem(),
        }
    }

    /// Has a signature timestamped and logged, makes the bundle, and verifies it.
    fn finish(
        &self,
        material: VerificationMaterialV03,
        content: SignatureContent,
        signature: &SignatureBytes,
        v1: &rekor_v1::Request,
        digest: &Sha256Hash,
        artifact: &Artifact<'_>,
    ) -> Result<Signed> {
        let _stage = tracing::info_span!("sign").entered();
        let selected = self.config.services((self.options.clock)())?;
        let v2 = match &material {
            VerificationMaterialV03::Certificate(certificate) => {
                HashedRekordV2::new_with_certificate(
                    digest,
                    signature,
                    certificate,
                    RekorV2KeyDetails::PkixEcdsaP256Sha256,
                )
            }
            _ => HashedRekordV2::new_with_public_key(
                digest,
                signature,
                self.signing_key().public_key().spki(),
                RekorV2KeyDetails::PkixEcdsaP256Sha256,
            ),
        };
        let mut bundle = BundleV03::new(material, content);
        for authority in &selected.timestamps {
            bundle = bundle.with_rfc3161_timestamp(self.services.timestamp(authority, signature)?);
        }
        for log in &selected.logs {
            let entry = match log.version {
                1 => self.services.log_v1(log, v1)?,
                _ => self.services.log_v2(log, &v2)?,
            };
            bundle = bundle.with_tlog_entry(entry);
        }
        let text = bundle.into_bundle().to_json().map_err(signing)?;
        let bundle = Bundle::from_bytes(text.into_bytes(), &self.options.limits)
            .map_err(Error::SelfVerification)?;
        let verified = self
            .verify(&bundle, artifact)
            .map_err(Error::SelfVerification)?;
        tracing::info!(bundle = %verified.bundle(), artifact = %verified.artifact(), signer = %verified.signer().name(), "signed and verified");
        Ok(Signed { bundle, verified })
    }

    fn verify(
        &self,
        bundle: &Bundle,
        artifact: &Artifact<'_>,
    ) -> std::result::Result<Verified, Refusal> {
        let keys = match &self.signer {
            Signer::Key(key) => vec![key.public_key().clone()],
            Signer::Keyless { .. } => Vec::new(),
        };
        let verified = verify(bundle, artifact, &self.root, &keys, (self.options.clock)())?;
        // A person's certificate has to name the person; a workload's name is Fulcio's to derive from its claims.
        if let Signer::Keyless { token, .. } = &self.signer
            && let Some(address) = token.email()
            && verified
                .signer()
                .certificate()
                .is_none_or(|facts| facts.san != address)
        {
            let found = verified
                .signer()
                .certificate()
                .map_or("none", |facts| facts.san.as_str());
            return Err(Refusal::new(Step::Identity, ReasonCode::IdentityMismatch)
                .expected(address)
                .found(found));
        }
        Ok(verified)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let signer: &dyn std::fmt::Debug = match &self.signer {
            Signer::Keyless { token, .. } => token,
            Signer::Key(key) => key,
        };
        f.debug_struct("Session")
            .field("signer", signer)
            .field("config", self.config.origin())
            .finish_non_exhaustive()
    }
}
