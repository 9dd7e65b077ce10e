//! Vulnerability databases that somebody else built: found, vouched for by a wanted signer, pulled, installed; and published.
//!
//! A signature is over the manifest of the OCI artifact, which names the database's own manifest as its configuration, which names every segment
//! unpacked; or it is a message signature over the database's own manifest, beside it in a folder. Nothing is believed before it verified.

mod named;

use std::path::PathBuf;

use toolkit_attest::{Bundle, Content, Identity, Limits, Verified, predicate};
use toolkit_oci::referrers::SourceState;
use toolkit_oci::{
    Access, Descriptor, Digest, Manifest as OciManifest, RawManifest, Repository, Target,
};
use toolkit_vulndb::db::{
    self, Evidence, Lock, Manifest, Opened, Record, Refusal, Rules, SegmentRef, Trust as Origin,
};

use crate::collect::{Trust, states, verified};

pub use named::{Named, named};

/// Why a database is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The place that it is in did not give it, or gave something else.
    #[error(transparent)]
    Oci(#[from] toolkit_oci::Error),
    /// Its evidence could not be looked for.
    #[error(transparent)]
    Attest(#[from] toolkit_attest::Error),
    /// It cannot be read, written or installed.
    #[error(transparent)]
    Store(#[from] db::Error),
    /// It may not be used, by what it says of itself.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is not the one that was named.
    #[error("the database `{}` is another one: expected {expected}, found {found}", path.display())]
    Another {
        /// The folder.
        path: PathBuf,
        /// The digest that was named.
        expected: Digest,
        /// The digest of its manifest.
        found: Digest,
    },
    /// Nobody vouches for it.
    #[error("the database `{}` is not trusted: nothing vouches for {digest}", path.display())]
    Untrusted {
        /// The folder.
        path: PathBuf,
        /// The digest of its manifest.
        digest: Digest,
    },
    /// There is no signature.
    #[error("the database of {place} is not signed")]
    Unsigned {
        /// Where it is.
        place: String,
    },
    /// There are signatures or bundles, none by a wanted signer.
    #[error("the database of {place} is not signed by {}; found: {}", expected.join(" or "), found.join("; "))]
    OtherSigner {
        /// Where it is.
        place: String,
        /// Whose signature is wanted.
        expected: Vec<String>,
        /// What each bundle is instead.
        found: Vec<String>,
    },
    /// No wanted signature was found, and not every place where one may be has answered.
    #[error(
        "whether the database of {place} is signed is not known: {source_name} did not answer: {reason}"
    )]
    Unanswered {
        /// Where it is.
        place: String,
        /// What did not answer.
        source_name: String,
        /// Why.
        reason: String,
    },
}

type Result<T> = std::result::Result<T, DatabaseError>;

/// Is a database that a wanted signer vouches for. It is not pulled yet.
#[derive(Debug)]
pub struct Release {
    /// The digest of its manifest: its identity.
    pub digest: Digest,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Who signed it, a wanted one.
    pub signer: String,
    bytes: Vec<u8>,
    evidence: Evidence,
    source: Source,
}

/// Where the segments come from.
#[derive(Debug)]
enum Source {
    Artifact {
        repository: Box<Repository>,
        layers: Vec<(SegmentRef, Descriptor)>,
    },
    Folder(PathBuf),
}

/// Finds the database that a target names, and proves that a wanted signer vouches for it; any one of `identities` suffices. A tag is asked for
/// once.
///
/// # Errors
/// [`DatabaseError`]; "not signed" only where every place of signatures answered.
pub fn release(
    target: &Target,
    identities: &[Identity],
    trust: &Trust<'_>,
    access: &Access<'_>,
) -> Result<Release> {
    let (repository, artifact) = Repository::locate(target, access)?;
    let config = db::configuration(&artifact)?;
    let place = target.to_string();
    let collected =
        toolkit_attest::collect(&repository, &artifact.descriptor.digest, &Limits::default())?;
    let mut judged = Judged::default();
    for found in &collected.bundles {
        judged.look(
            &found.bundle,
            &artifact.descriptor.digest,
            identities,
            trust,
        );
    }
    let signer = match judged.signer.take() {
        Some(signer) => signer,
        None => return Err(unproved(place, identities, judged, &collected)),
    };
    let bytes = repository.blob_bytes(config, "manifest-size", access.limits.manifest_size)?;
    let manifest = Manifest::parse(&bytes)?;
    let layers = db::layers(&artifact, &manifest)?;
    Ok(Release {
        digest: config.digest.clone(),
        manifest,
        signer,
        bytes,
        evidence: Evidence {
            artifact: Some(artifact.bytes),
            bundles: judged.bundles,
        },
        source: Source::Artifact {
            repository: Box::new(repository),
            layers,
        },
    })
}

/// Finds the database in a folder or in what [`release`] reads, and proves that a wanted signer vouches for it.
///
/// # Errors
/// As [`release`].
pub fn import(
    target: &Target,
    identities: &[Identity],
    trust: &Trust<'_>,
    access: &Access<'_>,
) -> Result<Release> {
    let Target::Directory(folder) = target else {
        return release(target, identities, trust, access);
    };
    let opened = db::open(folder)?;
    let (signer, evidence) = vouched(&opened, identities, trust)?;
    Ok(Release {
        digest: opened.digest.clone(),
        bytes: opened.manifest_bytes()?,
        manifest: opened.manifest,
        signer,
        evidence,
        source: Source::Folder(folder.clone()),
    })
}

/// Proves that a wanted signer vouches for a database in a folder, by the bundles beside it; returns the signer and what lies beside.
///
/// # Errors
/// [`DatabaseError::Unsigned`], [`DatabaseError::OtherSigner`], [`DatabaseError::Store`].
pub fn vouched(
    opened: &Opened,
    identities: &[Identity],
    trust: &Trust<'_>,
) -> Result<(String, Evidence)> {
    let (mut judged, evidence) = beside(opened, identities, trust)?;
    match judged.signer.take() {
        Some(signer) => Ok((signer, evidence)),
        None => {
            let place = opened.folder().display().to_string();
            Err(judged.refused(place, identities))
        }
    }
}

/// Returns every verified signature over a database in a folder, whoever made it.
///
/// # Errors
/// [`DatabaseError::Store`] where the evidence cannot be read.
pub fn signers(opened: &Opened, trust: &Trust<'_>) -> Result<Vec<Verified>> {
    Ok(beside(opened, &[], trust)?.0.good)
}

fn beside(
    opened: &Opened,
    identities: &[Identity],
    trust: &Trust<'_>,
) -> Result<(Judged, Evidence)> {
    let limits = Limits::default();
    let evidence = db::evidence(opened.folder(), limits.bundles, limits.bundle_bytes)?;
    // The artifact speaks of this database only where it names its manifest.
    let artifact = evidence.artifact.as_ref().and_then(|bytes| {
        let digest = Digest::sha256(bytes);
        let OciManifest::Image(image) = OciManifest::parse(None, bytes).ok()? else {
            return None;
        };
        (image.artifact_type.as_deref() == Some(db::ARTIFACT_TYPE)
            && image.config.media_type == db::MANIFEST_TYPE
            && image.config.digest == opened.digest)
            .then_some(digest)
    });
    let mut judged = Judged::default();
    for bytes in &evidence.bundles {
        match Bundle::from_bytes(bytes.clone(), &limits) {
            Err(refusal) => judged.others.push(refusal.to_string()),
            Ok(bundle) => {
                let subject = match (bundle.content(), &artifact) {
                    (Content::MessageSignature, _) | (_, None) => &opened.digest,
                    (_, Some(artifact)) => artifact,
                };
                judged.look(&bundle, subject, identities, trust);
            }
        }
    }
    Ok((judged, evidence))
}

/// Collects what the bundles prove.
#[derive(Default)]
struct Judged {
    /// The first wanted signer.
    signer: Option<String>,
    /// Every signature that verified.
    good: Vec<Verified>,
    bundles: Vec<Vec<u8>>,
    /// What the other bundles are.
    others: Vec<String>,
}

impl Judged {
    fn look(
        &mut self,
        bundle: &Bundle,
        subject: &Digest,
        identities: &[Identity],
        trust: &Trust<'_>,
    ) {
        let proof = match verified(bundle, subject, trust) {
            Ok(proof) => proof,
            Err(refusal) => return self.others.push(format!("refused: {refusal}")),
        };
        let is_signature = match proof.statement() {
            None => proof.content() == Content::MessageSignature,
            Some(statement) => statement.predicate_type() == predicate::IMAGE_SIGNATURE,
        };
        // An attestation is no signature.
        if !is_signature {
            return;
        }
        let mismatches: Vec<String> = identities
            .iter()
            .filter_map(|identity| identity.check(proof.signer()).err())
            .map(|mismatch| mismatch.to_string())
            .collect();
        let name = proof.signer().name();
        if mismatches.len() < identities.len() {
            self.signer.get_or_insert(name);
        } else {
            self.others
                .push(format!("by {name} ({})", mismatches.join(", ")));
        }
        self.bundles.push(bundle.bytes().to_vec());
        self.good.push(proof);
    }

    fn refused(self, place: String, identities: &[Identity]) -> DatabaseError {
        if self.others.is_empty() {
            return DatabaseError::Unsigned { place };
        }
        DatabaseError::OtherSigner {
            place,
            expected: identities.iter().map(ToString::to_string).collect(),
            found: self.others,
        }
    }
}

/// Tells why no wanted signature was found: there is none, or not every place answered.
fn unproved(
    place: String,
    identities: &[Identity],
    judged: Judged,
    collected: &toolkit_attest::Collected,
) -> DatabaseError {
    let silent = states(&collected.referrers)
        .into_iter()
        .find_map(|(name, state)| match state {
            SourceState::Unreachable(error) => Some((name.to_owned(), error.to_string())),
            _ => None,
        });
    let unread = || {
        let of = |unread: &toolkit_attest::Unread| match &unread.reason {
            toolkit_attest::UnreadReason::Unreachable(error) => Some((
                format!("the bundle `{}`", unread.entry.digest),
                error.to_string(),
            )),
            toolkit_attest::UnreadReason::TooMany { limit } => Some((
                "the rest of the bundles".to_owned(),
                format!("more than {limit} are listed"),
            )),
            _ => None,
        };
        collected.unread.iter().find_map(of)
    };
    match silent.or_else(unread) {
        Some((source_name, reason)) => DatabaseError::Unanswered {
            place,
            source_name,
            reason,
        },
        None => judged.refused(place, identities),
    }
}

impl Release {
    /// Judges the database by its times and its sequence, and refuses one for trials: nobody named it.
    ///
    /// # Errors
    /// [`DatabaseError::Refused`].
    pub fn admit(&self, rules: &Rules) -> Result<()> {
        if self.manifest.demo {
            return Err(Refusal::Demo.into());
        }
        self.manifest.admit(rules)?;
        Ok(())
    }

    /// Installs the database and makes it the current one: only segments that no installed database has are pulled; one that is installed gets the
    /// signatures. Returns how many bytes were pulled, packed.
    ///
    /// # Errors
    /// [`DatabaseError`]; the former database is then still the current one.
    pub fn install(&self, lock: &Lock, origin: Origin, reference: Option<&str>) -> Result<u64> {
        let mut pulled = 0;
        if !lock.holds(&self.digest) {
            let staged = lock.stage()?;
            match &self.source {
                Source::Artifact { repository, layers } => {
                    for (segment, layer) in layers {
                        if staged.take(segment)? {
                            continue;
                        }
                        let packed = repository.blob(layer)?;
                        staged
                            .write(segment, &mut db::unpack(packed)?)
                            .map_err(of_place)?;
                        pulled += layer.size;
                    }
                }
                Source::Folder(folder) => {
                    let opened = db::open(folder)?;
                    for segment in &self.manifest.segments {
                        if !staged.take(segment)? {
                            staged.write(segment, &mut opened.open_segment(segment)?)?;
                            pulled += segment.size;
                        }
                    }
                }
            }
            staged.finish(&self.bytes, &self.evidence)?;
        } else {
            // Who vouches for it may be new: a policy asks for signers by name.
            let limit = Limits::default().bundles;
            lock.add_evidence(&self.digest, &self.evidence, limit)?;
        }
        let record = Record {
            trust: origin,
            sequence: self.manifest.sequence,
            created: self.manifest.created,
            signer: Some(self.signer.clone()),
            reference: reference.map(str::to_owned),
        };
        lock.record(&self.digest, record, true)?;
        Ok(pulled)
    }
}

/// Takes out what a place said while it was read.
fn of_place(error: db::Error) -> DatabaseError {
    match error {
        db::Error::Source(error) => match error.downcast::<toolkit_oci::Error>() {
            Ok(error) => error.into(),
            Err(error) => db::Error::Source(error).into(),
        },
        other => other.into(),
    }
}

/// Says what was published.
#[derive(Debug)]
pub struct Exported {
    /// The artifact's manifest.
    pub artifact: Descriptor,
    /// How many bytes the blobs have.
    pub bytes: u64,
    /// How many signatures were written beside it.
    pub bundles: usize,
    /// Whether the database has signatures that are over another packing of it, made by another release of this program.
    pub repacked: bool,
}

/// Publishes a database as an OCI artifact, with the signatures that it has over the same artifact. The tag comes last.
///
/// # Errors
/// [`DatabaseError::Oci`] and [`DatabaseError::Attest`] for what keeps the place from taking it, [`DatabaseError::Store`].
pub fn export(opened: &Opened, repository: &Repository, tag: Option<&str>) -> Result<Exported> {
    let limits = Limits::default();
    let evidence = db::evidence(opened.folder(), limits.bundles, limits.bundle_bytes)?;
    let packed = opened.pack()?;
    let mut bytes = 0;
    for (descriptor, blob) in &packed.blobs {
        repository.put_blob(descriptor, blob)?;
        bytes += descriptor.size;
    }
    let raw = RawManifest::check(
        Descriptor::of(toolkit_oci::media_type::OCI_MANIFEST, &packed.manifest),
        packed.manifest,
    )?;
    repository.put_manifest(&raw.bytes, &raw.descriptor.media_type)?;
    let same = evidence.artifact.as_ref() == Some(&raw.bytes);
    let mut bundles = 0;
    for bytes in evidence.bundles.iter().filter(|_| same) {
        // Those of a folder are over the database's own manifest.
        if let Ok(bundle) = Bundle::from_bytes(bytes.clone(), &limits)
            && bundle.content() != Content::MessageSignature
        {
            toolkit_attest::attach(repository, &raw.descriptor, &bundle, None)?;
            bundles += 1;
        }
    }
    repository.publish(&raw, tag)?;
    Ok(Exported {
        artifact: raw.descriptor,
        bytes,
        bundles,
        repacked: !same && !evidence.bundles.is_empty(),
    })
}
