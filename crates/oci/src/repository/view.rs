//! Dispatches to a registry's repository or a layout, and copies between them.

use std::fmt;
use std::io::{self, Cursor, Read};
use std::path::Path;

use super::artifact::{Artifact, Rung};
use super::layout::Layout;
use crate::digest::{Digest, Verifying};
use crate::error::{Error, Result};
use crate::image::Access;
use crate::limits::Limits;
use crate::manifest::{Descriptor, RawManifest, media_type};
use crate::reference::Reference;
use crate::referrers::{Attached, Referrers};
use crate::registry::{Client, RemoteRepository};
use crate::source::{ImageSource, Selector, Target, Untrusted};

/// A place that holds images and their evidence, to read and to write.
#[derive(Debug, Clone)]
pub struct Repository {
    backend: Backend,
    /// What the target named beside the place.
    named: Option<Selector>,
}

#[derive(Debug, Clone)]
enum Backend {
    Registry(RemoteRepository),
    Layout(Layout),
}

impl Repository {
    /// Opens the place that a target names. A registry is not asked anything yet.
    ///
    /// # Errors
    /// [`Error::NotWritable`] for other targets than registries and layout directories; [`Error::NotFound`] for a
    /// directory that is no layout; [`Error::Unsupported`] for another layout version.
    pub fn open(target: &Target, access: &Access<'_>) -> Result<Self> {
        match target {
            Target::Registry(reference) => Self::remote(access.registry, reference),
            Target::Layout { path, selector } => Ok(Self {
                named: selector.clone(),
                ..Self::layout(path, access.limits)?
            }),
            other => Err(Error::NotWritable {
                target: other.to_string(),
            }),
        }
    }

    /// Names a registry's repository; nothing is asked yet.
    ///
    /// # Errors
    /// A registry name that is no host.
    pub fn remote(client: &Client, reference: &Reference) -> Result<Self> {
        // The digest counts, then the tag, then `latest`, as docker does.
        let named = match reference.digest() {
            Some(digest) => Selector::Digest(digest.clone()),
            None => Selector::Tag(reference.tag().unwrap_or("latest").to_owned()),
        };
        Ok(Self {
            backend: Backend::Registry(client.repository(reference)?),
            named: Some(named),
        })
    }

    /// Opens an OCI layout directory.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none; [`Error::Unsupported`] for another layout version.
    pub fn layout(path: &Path, limits: &Limits) -> Result<Self> {
        Ok(Self {
            backend: Backend::Layout(Layout::open(path, limits)?),
            named: None,
        })
    }

    /// Opens an OCI layout directory, and makes one where there is nothing.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Unsupported`] for another layout version.
    pub fn create_layout(path: &Path, limits: &Limits) -> Result<Self> {
        Ok(Self {
            backend: Backend::Layout(Layout::create(path, limits)?),
            named: None,
        })
    }

    /// Reads the manifest that `selector` chooses, or without one the manifest that the target named; `None` if there is
    /// definitely none.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] for a layout with several images of which none was named; as [`Repository::manifest_by_tag`].
    pub fn resolve(&self, selector: Option<&Selector>) -> Result<Option<RawManifest>> {
        match (&self.backend, selector.or(self.named.as_ref())) {
            (_, Some(Selector::Digest(digest))) => self.manifest_by_digest(digest),
            (Backend::Registry(remote), Some(Selector::Tag(tag))) => remote.manifest_by_tag(tag),
            (Backend::Registry(_), Some(Selector::Index(_)) | None) => Ok(None),
            (Backend::Layout(layout), selector) => layout.resolve(selector),
        }
    }

    /// Reads the manifest under a tag; `None` if there is definitely none.
    ///
    /// # Errors
    /// Whatever keeps the place from answering, and every fault of the manifest itself.
    pub fn manifest_by_tag(&self, tag: &str) -> Result<Option<RawManifest>> {
        match &self.backend {
            Backend::Registry(remote) => remote.manifest_by_tag(tag),
            Backend::Layout(layout) => layout.manifest_by_tag(tag),
        }
    }

    /// Reads the manifest with a digest; `None` if there is definitely none.
    ///
    /// # Errors
    /// As [`Repository::manifest_by_tag`].
    pub fn manifest_by_digest(&self, digest: &Digest) -> Result<Option<RawManifest>> {
        match &self.backend {
            Backend::Registry(remote) => remote.manifest_by_digest(digest),
            Backend::Layout(layout) => layout.manifest_by_digest(digest),
        }
    }

    /// Reads the manifest that a descriptor describes; digest, size and media type hold.
    ///
    /// # Errors
    /// As [`Repository::manifest_by_tag`], and [`Error::NotFound`].
    pub fn manifest(&self, descriptor: &Descriptor) -> Result<RawManifest> {
        match &self.backend {
            Backend::Registry(remote) => remote.manifest(descriptor),
            Backend::Layout(layout) => layout.manifest(descriptor),
        }
    }

    /// Opens a blob; size and digest are checked while it is read.
    ///
    /// # Errors
    /// [`Error::NotFound`], a size that is not the descriptor's, or whatever keeps the place from answering.
    pub fn blob(&self, descriptor: &Descriptor) -> Result<Verifying<Box<dyn Read + Send>>> {
        Ok(Verifying::new(
            self.untrusted_blob(descriptor)?,
            descriptor.digest.clone(),
            descriptor.size,
        ))
    }

    fn untrusted_blob(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        match &self.backend {
            Backend::Registry(remote) => remote.open_blob(descriptor),
            Backend::Layout(layout) => layout.open_blob(descriptor),
        }
    }

    /// Reads a blob into memory, checked; `limit` and `max` name the limit that it must keep.
    ///
    /// # Errors
    /// As [`Repository::blob`], and [`Error::LimitExceeded`].
    pub fn blob_bytes(
        &self,
        descriptor: &Descriptor,
        limit: &'static str,
        max: u64,
    ) -> Result<Vec<u8>> {
        if descriptor.size > max {
            return Err(Error::LimitExceeded { limit, max });
        }
        self.blob(descriptor)?
            .into_bytes(limit, max)
            .map_err(|error| error.of_blob(&descriptor.digest))
    }

    /// Tells whether a blob is there. It is not read.
    ///
    /// # Errors
    /// Whatever keeps the place from answering.
    pub fn has_blob(&self, digest: &Digest) -> Result<bool> {
        match &self.backend {
            Backend::Registry(remote) => remote.has_blob(digest),
            Backend::Layout(layout) => layout.has_blob(digest),
        }
    }

    /// Writes a blob that is in memory, unless it is there.
    ///
    /// # Errors
    /// Bytes that are not the descriptor's; whatever keeps the place from taking it.
    pub fn put_blob(&self, descriptor: &Descriptor, bytes: &[u8]) -> Result<()> {
        descriptor.check(bytes)?;
        let owned = bytes.to_vec();
        let open =
            || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(io::Cursor::new(owned.clone()))) };
        match &self.backend {
            Backend::Registry(remote) => remote.put_blob(descriptor, &open),
            Backend::Layout(layout) => layout.put_blob(descriptor, &open),
        }
    }

    /// Copies a blob from another place, streaming and checked; within one registry it is mounted.
    ///
    /// # Errors
    /// As [`Repository::blob`] of the source, and whatever keeps this place from taking it. Bytes that are not the
    /// descriptor's never become a blob here.
    pub fn copy_blob(&self, from: &Self, descriptor: &Descriptor) -> Result<()> {
        let open = || -> io::Result<Box<dyn Read + Send>> {
            let reader = from
                .blob(descriptor)
                .map_err(|error| io::Error::from(error.of_blob(&descriptor.digest)))?;
            Ok(Box::new(reader))
        };
        match (&self.backend, &from.backend) {
            (Backend::Registry(to), Backend::Registry(from))
                if to.registry() == from.registry() && to.name() != from.name() =>
            {
                to.mount_blob(descriptor, from.name(), &open)
            }
            (Backend::Registry(to), _) => to.put_blob(descriptor, &open),
            (Backend::Layout(to), _) => to.put_blob(descriptor, &open),
        }
    }

    /// Writes a manifest under its digest, and only under that. What it names must be there before.
    ///
    /// # Errors
    /// Whatever keeps the place from taking it.
    pub fn put_manifest(&self, bytes: &[u8], media_type: &str) -> Result<Digest> {
        match &self.backend {
            Backend::Registry(remote) => remote.put_manifest(bytes, media_type, None),
            Backend::Layout(layout) => layout.put_manifest(bytes),
        }
    }

    /// Makes a manifest that was written before an image that can be asked for: by `tag`, or in a layout by digest.
    /// A tag that named another manifest names this one afterwards.
    ///
    /// # Errors
    /// Whatever keeps the place from taking it.
    pub fn publish(&self, manifest: &RawManifest, tag: Option<&str>) -> Result<()> {
        match (&self.backend, tag) {
            (Backend::Registry(remote), Some(tag)) => remote
                .put_manifest(&manifest.bytes, &manifest.descriptor.media_type, Some(tag))
                .map(|_| ()),
            // A registry finds every manifest by its digest.
            (Backend::Registry(_), None) => Ok(()),
            (Backend::Layout(layout), tag) => layout.publish(&manifest.descriptor, tag),
        }
    }

    /// Lists what refers to a manifest: all places, none hiding another. The entries are claims; [`Repository::referrer`]
    /// opens one.
    ///
    /// # Errors
    /// Limits, and what is wrong on this machine; what a place fails to say is a state of the result.
    pub fn referrers(&self, subject: &Digest) -> Result<Referrers> {
        match &self.backend {
            Backend::Registry(remote) => remote.referrers(subject),
            Backend::Layout(layout) => layout.referrers(subject),
        }
    }

    /// Reads the manifest of an entry; `None` if its own `subject` is another one, so that the entry lied.
    ///
    /// # Errors
    /// As [`Repository::manifest`].
    pub fn referrer(&self, subject: &Digest, entry: &Descriptor) -> Result<Option<RawManifest>> {
        let manifest = self.manifest(entry)?;
        let refers = manifest
            .manifest
            .subject()
            .is_some_and(|found| found.digest == *subject);
        Ok(refers.then_some(manifest))
    }

    /// Writes a manifest whose `subject` is `subject`, and lists it as a referrer. Its blobs come before.
    ///
    /// # Errors
    /// A manifest of another subject; whatever keeps the place from taking it.
    pub fn attach(&self, subject: &Descriptor, manifest: &[u8]) -> Result<Attached> {
        match &self.backend {
            Backend::Registry(remote) => remote.attach(subject, manifest),
            Backend::Layout(layout) => layout.attach(subject, manifest),
        }
    }

    /// Writes an artifact with its blobs and lists it as a referrer of `subject`. Registries that refuse artifact types
    /// get the older forms of the same manifest, with a warning in [`Repository::take_warnings`]; what one refused is not
    /// sent to it again by the same client.
    ///
    /// # Errors
    /// As [`Repository::attach`].
    pub fn attach_artifact(&self, subject: &Descriptor, artifact: &Artifact) -> Result<Attached> {
        for (descriptor, bytes) in artifact.blobs() {
            self.put_blob(&descriptor, bytes)?;
        }
        let mut refused = None;
        let known = match &self.backend {
            Backend::Registry(remote) => remote.refused_forms(&artifact.artifact_type),
            Backend::Layout(_) => 0,
        };
        for (number, rung) in Rung::ALL.into_iter().enumerate().skip(known) {
            match self.attach(subject, &artifact.manifest(subject, rung)?) {
                Ok(attached) => {
                    if let (Backend::Registry(remote), Some(error)) = (&self.backend, &refused) {
                        remote.note_refused_forms(&artifact.artifact_type, number);
                        remote.warn(&format!(
                            "stored as {}, since artifact types were refused ({error})",
                            rung.description()
                        ));
                    }
                    return Ok(attached);
                }
                Err(error) if refuses_form(&error) => refused = refused.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or_else(|| Error::NotWritable {
            target: self.to_string(),
        }))
    }

    /// Takes the warnings of the registry since the last call, each once.
    pub fn take_warnings(&self) -> Vec<String> {
        match &self.backend {
            Backend::Registry(remote) => remote.take_warnings(),
            Backend::Layout(_) => Vec::new(),
        }
    }
}

/// What lies in the place, unchecked.
impl ImageSource for Repository {
    fn resolve(&self, selector: Option<&Selector>) -> Result<Untrusted> {
        let found = Self::resolve(self, selector)?.ok_or_else(|| Error::NotFound {
            name: selector
                .or(self.named.as_ref())
                .map_or_else(|| "an image".to_owned(), ToString::to_string),
            origin: self.to_string(),
        })?;
        Ok(Untrusted {
            descriptor: found.descriptor,
            bytes: found.bytes,
        })
    }

    fn open(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        if media_type::is_manifest(&descriptor.media_type) {
            return Ok(Box::new(Cursor::new(self.manifest(descriptor)?.bytes)));
        }
        self.untrusted_blob(descriptor)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.backend {
            Backend::Registry(remote) => write!(f, "{}/{}", remote.registry(), remote.name()),
            Backend::Layout(layout) => write!(f, "oci-dir:{}", layout.path().display()),
        }
    }
}

/// Tells whether a registry refused the form of a manifest (GitLab, Quay, ECR 405, old Artifactory; oci.md §6, 4).
fn refuses_form(error: &Error) -> bool {
    let Error::Registry(error) = error else {
        return false;
    };
    matches!(error.status(), Some(400 | 405 | 415 | 422))
        && error.answer().and_then(|answer| answer.code.as_deref()) != Some("MANIFEST_BLOB_UNKNOWN")
}
