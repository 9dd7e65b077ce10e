//! Bundles beside an image: writing one as an OCI referrer, and reading all that are there.
//!
//! What is read is untrusted: it names its subject, and whether it says the truth is [`verify`](crate::verify())'s question.
//! Nothing is looked over by its list entry alone, since registries list bundles under other types than they have.
//!
//! Specification: cosign `specs/BUNDLE_SPEC.md` (artifact type and one layer of the bundle's media type, annotations
//! `dev.sigstore.bundle.content` and `.predicateType`); image-spec annotation `org.opencontainers.image.created`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use toolkit_oci::referrers::{Attached, Referrers};
use toolkit_oci::repository::{Artifact, Repository};
use toolkit_oci::{Descriptor, Digest, ErrorClass, Manifest};

use crate::{Bundle, Limits, MEDIA_TYPE_V0_3, Refusal, Result};

const CONTENT: &str = "dev.sigstore.bundle.content";
const PREDICATE_TYPE: &str = "dev.sigstore.bundle.predicateType";
const CREATED: &str = "org.opencontainers.image.created";

/// What the media type of every bundle begins with, whatever its version.
const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";

/// Writes a bundle beside its subject: the manifest by digest, then listed as a referrer. The same arguments give the same
/// manifest.
///
/// The annotation with the predicate type is read out of the bundle. `created` is left out where there is none.
///
/// # Errors
/// [`Error::Oci`](crate::Error::Oci): whatever keeps the place from taking it.
pub fn attach(
    repository: &Repository,
    subject: &Descriptor,
    bundle: &Bundle,
    created: Option<Timestamp>,
) -> Result<Attached> {
    let mut annotations =
        BTreeMap::from([(CONTENT.to_owned(), bundle.content().annotation().to_owned())]);
    if let Some(statement) = bundle.unverified_statement(&Limits::default()) {
        annotations.insert(
            PREDICATE_TYPE.to_owned(),
            statement.predicate_type().to_owned(),
        );
    }
    if let Some(created) = created {
        // Whole seconds, as other tools write it.
        annotations.insert(
            CREATED.to_owned(),
            created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
    }
    let artifact = Artifact {
        artifact_type: MEDIA_TYPE_V0_3.to_owned(),
        annotations,
        payload: bundle.bytes().to_vec(),
    };
    Ok(repository.attach_artifact(subject, &artifact)?)
}

/// A bundle that was found beside a digest. It is not verified.
#[derive(Debug, Clone)]
pub struct Found {
    /// The bundle.
    pub bundle: Bundle,
    /// The manifest that carries it.
    pub manifest: Descriptor,
}

/// Evidence that could not be taken in.
#[derive(Debug)]
pub struct Unread {
    /// The list entry.
    pub entry: Descriptor,
    /// Why.
    pub reason: UnreadReason,
}

/// Why evidence could not be taken in.
#[derive(Debug)]
pub enum UnreadReason {
    /// It could not be fetched: what it says is unknown.
    Unreachable(toolkit_oci::Error),
    /// It was fetched, and its manifest or bytes are faulty or over a limit, or they are not there although listed.
    Faulty(toolkit_oci::Error),
    /// It was fetched and is no bundle that could be verified.
    Refused(Refusal),
    /// Its manifest names another subject than the list does.
    OtherSubject,
    /// More bundles are listed than are read.
    TooMany {
        /// How many are read.
        limit: usize,
    },
}

/// Everything beside a digest.
#[derive(Debug)]
pub struct Collected {
    /// The bundles, in the order of their manifests' digests.
    pub bundles: Vec<Found>,
    /// What could not be taken in.
    pub unread: Vec<Unread>,
    /// Referrers that carry no bundle.
    pub others: Vec<Descriptor>,
    /// The lists, with what each source said, and the older tags, which are not read.
    pub referrers: Referrers,
}

impl Collected {
    /// Tells whether "there is no other bundle" can be said: every source answered and every entry could be fetched.
    #[must_use]
    pub fn complete(&self) -> bool {
        let open = |unread: &Unread| {
            matches!(
                unread.reason,
                UnreadReason::Unreachable(_) | UnreadReason::TooMany { .. }
            )
        };
        self.referrers.complete() && !self.unread.iter().any(open)
    }
}

/// Reads all bundles beside a digest.
///
/// # Errors
/// [`Error::Oci`](crate::Error::Oci) where the lists are over a limit or this machine fails; a source that did not answer and an entry
/// that could not be fetched stand in the result.
pub fn collect(repository: &Repository, subject: &Digest, limits: &Limits) -> Result<Collected> {
    let referrers = repository.referrers(subject)?;
    let mut collected = Collected {
        bundles: Vec::new(),
        unread: Vec::new(),
        others: Vec::new(),
        referrers,
    };
    let entries = collected.referrers.entries.clone();
    for entry in entries {
        match read(repository, subject, &entry, limits) {
            Ok(Some(_)) if collected.bundles.len() >= limits.bundles => {
                let reason = UnreadReason::TooMany {
                    limit: limits.bundles,
                };
                collected.unread.push(Unread { entry, reason });
                break;
            }
            Ok(Some(found)) => collected.bundles.push(found),
            Ok(None) => collected.others.push(entry),
            Err(reason) => collected.unread.push(Unread { entry, reason }),
        }
    }
    let states = &collected.referrers;
    tracing::info!(
        %subject,
        api = %states.api,
        fallback_tag = %states.fallback,
        legacy_tags = %states.legacy_state,
        bundles = collected.bundles.len(),
        unread = collected.unread.len(),
        others = collected.others.len(),
        "listed evidence"
    );
    Ok(collected)
}

/// Reads one entry; `None` for one that carries something else.
fn read(
    repository: &Repository,
    subject: &Digest,
    entry: &Descriptor,
    limits: &Limits,
) -> std::result::Result<Option<Found>, UnreadReason> {
    let manifest = repository
        .referrer(subject, entry)
        .map_err(sort)?
        .ok_or(UnreadReason::OtherSubject)?;
    let Manifest::Image(image) = &manifest.manifest else {
        return Ok(None);
    };
    let [layer] = image.layers.as_slice() else {
        return Ok(None);
    };
    if !layer.media_type.starts_with(BUNDLE_PREFIX) {
        return Ok(None);
    }
    let bytes = repository
        .blob_bytes(layer, "bundle", limits.bundle_bytes)
        .map_err(sort)?;
    let bundle = Bundle::from_bytes(bytes, limits).map_err(UnreadReason::Refused)?;
    Ok(Some(Found {
        bundle,
        manifest: manifest.descriptor,
    }))
}

fn sort(error: toolkit_oci::Error) -> UnreadReason {
    match error.class() {
        ErrorClass::Unreachable | ErrorClass::Local | ErrorClass::Usage => {
            UnreadReason::Unreachable(error)
        }
        _ => UnreadReason::Faulty(error),
    }
}
