//! Gathers everything that is known about one pinned image: its platforms, their configurations, and the evidence
//! beside each of them from every source, verified.
//!
//! Whatever could not be seen becomes a gap or a refusal in the evidence; only bytes that are not their digest's, and
//! faults of this machine, are errors.

use std::collections::BTreeSet;

use jiff::Timestamp;
use toolkit_attest::UnreadReason;
use toolkit_attest::{
    Artifact, Bundle, PublicKey, ReasonCode, Refusal, Statement, Step, TrustRoot, Verified,
};
use toolkit_oci::referrers::{LegacyKind, Referrers, SourceState};
use toolkit_oci::{
    Access, Descriptor, Digest, ErrorClass, ImageConfig, Limits, Manifest, RawManifest, media_type,
};
use toolkit_policy::{
    ConfigEvidence, DatabaseEvidence, Evidence, Gap, GapKind, PlatformEvidence, Refused,
};

use crate::image::{PinnedImage, is_evidence};
use crate::{Error, Event, Result};

/// By what bundles are verified.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The trust root.
    pub root: &'a TrustRoot,
    /// Keys for bundles without a certificate.
    pub keys: &'a [PublicKey],
    /// The time of verification.
    pub now: Timestamp,
}

/// A bundle that was named, instead of found beside the image.
#[derive(Debug, Clone)]
pub struct NamedBundle {
    /// Its name for messages, a path as a rule.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is known about an image.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The evidence, as a policy takes it.
    pub evidence: Evidence,
    /// Manifests of the evidence that verified.
    pub(crate) manifests: BTreeSet<Digest>,
}

/// Gathers the evidence about an image.
///
/// # Errors
/// Bytes that are not their digest's, documents that cannot be parsed or are over a limit, and faults of this machine. A
/// place that does not answer is a gap in the evidence.
pub fn collect(
    image: &PinnedImage,
    named: &[NamedBundle],
    trust: &Trust<'_>,
    access: &Access<'_>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Collected> {
    let _stage = tracing::info_span!("collect", image = %image.digest()).entered();
    let mut collector = Collector {
        image,
        trust,
        limits: access.limits,
        evidence: Evidence {
            reference: image.reference.clone(),
            digest: image.digest().clone(),
            platforms: Vec::new(),
            attestations: Vec::new(),
            refused: Vec::new(),
            gaps: Vec::new(),
            contents: Vec::new(),
            database: DatabaseEvidence::NotAsked,
        },
        manifests: BTreeSet::new(),
        looked_at: 0,
    };
    collector.platforms(&image.manifest, None, 0)?;
    let platforms: BTreeSet<Digest> = collector
        .evidence
        .platforms
        .iter()
        .map(|platform| platform.digest.clone())
        .collect();
    let mut subjects = vec![image.digest().clone()];
    subjects.extend(
        platforms
            .into_iter()
            .filter(|digest| digest != image.digest()),
    );
    for subject in &subjects {
        collector.beside(subject, events)?;
    }
    for bundle in named {
        collector.named(bundle, &subjects);
    }
    tracing::info!(
        platforms = collector.evidence.platforms.len(),
        verified = collector.evidence.attestations.len(),
        refused = collector.evidence.refused.len(),
        gaps = collector.evidence.gaps.len(),
        "collected"
    );
    Ok(Collected {
        evidence: collector.evidence,
        manifests: collector.manifests,
    })
}

struct Collector<'a> {
    image: &'a PinnedImage,
    trust: &'a Trust<'a>,
    limits: &'a Limits,
    evidence: Evidence,
    manifests: BTreeSet<Digest>,
    /// Entries of indexes so far: nested indexes multiply.
    looked_at: u64,
}

impl Collector<'_> {
    /// Descends to every platform below a manifest or index.
    fn platforms(
        &mut self,
        manifest: &RawManifest,
        entry: Option<&Descriptor>,
        depth: u64,
    ) -> Result<()> {
        match &manifest.manifest {
            Manifest::Image(image) => {
                let (config, stated) = self.config(&image.config)?;
                let platform = entry.and_then(|entry| entry.platform.clone()).or(stated);
                let digest = manifest.descriptor.digest.clone();
                self.add(PlatformEvidence {
                    digest,
                    platform,
                    config,
                });
            }
            Manifest::Index(index) => {
                if depth >= self.limits.index_depth {
                    return Err(Error::Limit {
                        what: "levels of nested indexes",
                        limit: self.limits.index_depth,
                    });
                }
                for entry in index
                    .manifests
                    .iter()
                    .filter(|entry| !is_evidence(entry.platform.as_ref()))
                {
                    self.looked_at = self.looked_at.saturating_add(1);
                    if self.looked_at > self.limits.index_manifests {
                        return Err(Error::Limit {
                            what: "manifests of an index",
                            limit: self.limits.index_manifests,
                        });
                    }
                    match self.image.repository.manifest(entry) {
                        Ok(child) => {
                            self.platforms(&child, Some(entry), depth.saturating_add(1))?
                        }
                        Err(error) => {
                            let reason = unavailable(error)?;
                            let (digest, platform) = (entry.digest.clone(), entry.platform.clone());
                            self.add(PlatformEvidence {
                                digest,
                                platform,
                                config: ConfigEvidence::Unavailable { reason },
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// An index may list one manifest for several platforms; the manifest is judged once.
    fn add(&mut self, platform: PlatformEvidence) {
        if self
            .evidence
            .platforms
            .iter()
            .all(|known| known.digest != platform.digest)
        {
            self.evidence.platforms.push(platform);
        }
    }

    fn config(
        &self,
        config: &Descriptor,
    ) -> Result<(ConfigEvidence, Option<toolkit_oci::Platform>)> {
        if !media_type::is_config(&config.media_type) {
            let reason = format!("`{}` is no image configuration", config.media_type);
            return Ok((ConfigEvidence::Unavailable { reason }, None));
        }
        let bytes = match self.image.repository.blob_bytes(
            config,
            "manifest-size",
            self.limits.manifest_size,
        ) {
            Ok(bytes) => bytes,
            Err(error) => {
                return Ok((
                    ConfigEvidence::Unavailable {
                        reason: unavailable(error)?,
                    },
                    None,
                ));
            }
        };
        let config = ImageConfig::parse(&bytes)?;
        let platform = config.platform();
        Ok((ConfigEvidence::Read { user: config.user }, Some(platform)))
    }

    /// Reads and verifies what lies beside one manifest or index.
    fn beside(&mut self, subject: &Digest, events: &(dyn Fn(Event) + Sync)) -> Result<()> {
        let limits = toolkit_attest::Limits::default();
        let collected = toolkit_attest::collect(&self.image.repository, subject, &limits)?;
        let (verified, refused) = (
            self.evidence.attestations.len(),
            self.evidence.refused.len(),
        );
        for found in &collected.bundles {
            if self.bundle(&found.bundle, subject) {
                self.manifests.insert(found.manifest.digest.clone());
            }
        }
        for unread in collected.unread {
            let what = format!("the bundle `{}`", unread.entry.digest);
            let claimed_type = unread
                .entry
                .annotations
                .get("dev.sigstore.bundle.predicateType")
                .cloned();
            match unread.reason {
                UnreadReason::Unreachable(error) => {
                    self.gap(
                        subject,
                        GapKind::Unreachable {
                            source: what,
                            reason: error.to_string(),
                        },
                    );
                }
                UnreadReason::Faulty(error) => self.gap(
                    subject,
                    GapKind::Unreadable {
                        what,
                        reason: error.to_string(),
                    },
                ),
                UnreadReason::Refused(refusal) => self.refuse(subject, None, claimed_type, refusal),
                // Its own subject is another image: it is no evidence of this one.
                UnreadReason::OtherSubject => {}
                UnreadReason::TooMany { limit } => {
                    let reason = format!("more than {limit} bundles are listed");
                    self.gap(
                        subject,
                        GapKind::Unreadable {
                            what: "the rest of the bundles".to_owned(),
                            reason,
                        },
                    );
                }
            }
        }
        self.sources(subject, &collected.referrers);
        events(Event::Evidence {
            subject: subject.clone(),
            verified: self.evidence.attestations.len() - verified,
            refused: self.evidence.refused.len() - refused,
        });
        Ok(())
    }

    fn sources(&mut self, subject: &Digest, referrers: &Referrers) {
        for (source, state) in states(referrers) {
            if let SourceState::Unreachable(error) = state {
                self.gap(
                    subject,
                    GapKind::Unreachable {
                        source: source.to_owned(),
                        reason: error.to_string(),
                    },
                );
            }
        }
        for legacy in &referrers.legacy {
            match legacy.kind {
                LegacyKind::Signature => self.gap(subject, GapKind::LegacySignature),
                LegacyKind::Attestation => self.gap(subject, GapKind::LegacyAttestation),
                // A document without a signature proves nothing.
                LegacyKind::Sbom => {}
            }
        }
    }

    /// Takes a bundle that was named: for each manifest of the image that its statement names.
    fn named(&mut self, named: &NamedBundle, subjects: &[Digest]) {
        let limits = toolkit_attest::Limits::default();
        let root = self.image.digest().clone();
        let bundle = match Bundle::from_bytes(named.bytes.clone(), &limits) {
            Ok(bundle) => bundle,
            Err(refusal) => return self.refuse(&root, None, None, refusal.detail(&named.name)),
        };
        let statement = bundle.unverified_statement(&limits);
        let meant: Vec<&Digest> = subjects
            .iter()
            .filter(|subject| {
                statement
                    .as_ref()
                    .is_some_and(|statement| statement.names(subject))
            })
            .collect();
        if meant.is_empty() {
            let claimed = statement
                .as_ref()
                .map(|statement| statement.predicate_type().to_owned());
            let refusal = Refusal::new(Step::Statement, ReasonCode::SubjectMismatch)
                .expected(&root)
                .found(
                    statement
                        .as_ref()
                        .map_or_else(|| "no statement about an image".to_owned(), subjects_of),
                )
                .detail(&named.name);
            return self.refuse(&root, Some(bundle.digest().clone()), claimed, refusal);
        }
        for subject in meant {
            self.bundle(&bundle, subject);
        }
    }

    /// Verifies one bundle for one manifest or index; tells whether it is good.
    fn bundle(&mut self, bundle: &Bundle, subject: &Digest) -> bool {
        match verified(bundle, subject, self.trust) {
            Ok(verified) => {
                let known = self.evidence.attestations.iter().any(|known| {
                    known.bundle() == verified.bundle() && known.artifact() == subject
                });
                if !known {
                    self.evidence.attestations.push(verified);
                }
                true
            }
            Err(refusal) => {
                let statement = bundle.unverified_statement(&toolkit_attest::Limits::default());
                let claimed = statement.map(|statement| statement.predicate_type().to_owned());
                self.refuse(subject, Some(bundle.digest().clone()), claimed, refusal);
                false
            }
        }
    }

    fn gap(&mut self, subject: &Digest, kind: GapKind) {
        self.evidence.gaps.push(Gap {
            subject: subject.clone(),
            kind,
        });
    }

    fn refuse(
        &mut self,
        subject: &Digest,
        bundle: Option<Digest>,
        claimed_type: Option<String>,
        refusal: Refusal,
    ) {
        self.evidence.refused.push(Refused {
            subject: subject.clone(),
            bundle,
            claimed_type,
            refusal,
        });
    }
}

/// Verifies a bundle for one digest.
pub(crate) fn verified(
    bundle: &Bundle,
    subject: &Digest,
    trust: &Trust<'_>,
) -> std::result::Result<Verified, Refusal> {
    let answer = toolkit_attest::verify(
        bundle,
        &Artifact::Digest(subject),
        trust.root,
        trust.keys,
        trust.now,
    );
    match &answer {
        Ok(verified) => {
            let signer = verified.signer().name();
            tracing::debug!(bundle = %bundle.digest(), %signer, "verified");
        }
        Err(refusal) => tracing::debug!(bundle = %bundle.digest(), %refusal, "refused"),
    }
    answer
}

/// Names what a statement speaks of, for messages: the first few of its subjects, by digest where they have one.
fn subjects_of(statement: &Statement) -> String {
    const SHOWN: usize = 3;
    let all = statement.subjects();
    let mut names: Vec<String> = all
        .iter()
        .take(SHOWN)
        .map(|subject| match subject.digest() {
            Some(digest) => digest.to_string(),
            None => subject.name.clone(),
        })
        .collect();
    if all.len() > SHOWN {
        names.push(format!("{} more", all.len() - SHOWN));
    }
    names.join(", ")
}

/// Names the places where evidence may be, with what each said.
pub(crate) fn states(referrers: &Referrers) -> [(&'static str, &SourceState); 3] {
    [
        ("the list of referrers", &referrers.api),
        ("the fallback tag", &referrers.fallback),
        ("the look-up of older tags", &referrers.legacy_state),
    ]
}

/// Tells why something is not there; what is there and wrong stays an error.
fn unavailable(error: toolkit_oci::Error) -> Result<String> {
    match error.class() {
        ErrorClass::NotFound | ErrorClass::Unreachable => Ok(error.to_string()),
        _ => Err(error.into()),
    }
}
