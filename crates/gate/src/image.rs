//! One image, resolved once: from here on only its digest is used.

use toolkit_oci::{Access, Digest, Platform, RawManifest, Reference, Repository, Selector, Target};
use toolkit_policy::{DigestTyped, ReferenceFacts};

use crate::Result;

/// An image in a place that holds evidence, by digest.
#[derive(Debug, Clone)]
pub struct PinnedImage {
    pub(crate) repository: Repository,
    pub(crate) manifest: RawManifest,
    pub(crate) reference: ReferenceFacts,
}

impl PinnedImage {
    /// Resolves what a person typed; a tag is asked for once, here.
    ///
    /// # Errors
    /// What [`Repository::locate`] says: not found, ambiguous, no answer, bytes that are not their digest's.
    pub fn resolve(target: &Target, access: &Access<'_>) -> Result<Self> {
        let (repository, manifest) = Repository::locate(target, access)?;
        let (name, typed) = match target {
            Target::Registry(reference) => (Some(reference.clone()), reference.digest().is_some()),
            Target::Layout { selector, .. } => {
                (None, matches!(selector, Some(Selector::Digest(_))))
            }
            _ => (None, false),
        };
        let typed = if typed {
            DigestTyped::Yes
        } else {
            DigestTyped::No
        };
        Ok(Self {
            repository,
            manifest,
            reference: ReferenceFacts { name, typed },
        })
    }

    /// Yields the digest that it was resolved to.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.manifest.descriptor.digest
    }

    /// Yields the manifest or index that it was resolved to.
    #[must_use]
    pub fn manifest(&self) -> &RawManifest {
        &self.manifest
    }

    /// Yields the place that it is in.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Yields the name under which it is judged; `None` for a local image.
    #[must_use]
    pub fn name(&self) -> Option<&Reference> {
        self.reference.name.as_ref()
    }

    /// Gives a local image the name under which it is judged; one that has a name keeps it.
    #[must_use]
    pub(crate) fn judged_as(mut self, reference: Option<&Reference>) -> Self {
        self.reference.name = self.reference.name.or_else(|| reference.cloned());
        self
    }
}

/// Tells whether an entry of an index is evidence inside it (BuildKit's attestation manifests), never run.
pub(crate) fn is_evidence(platform: Option<&Platform>) -> bool {
    platform.is_some_and(Platform::is_unknown)
}
