//! An OCI layout directory that is read and written.
//!
//! Specification: image-spec `image-layout.md`. Files appear complete or not at all: a temporary file beside, then a
//! rename. Writers of `index.json`, of this and other processes, wait for each other on the file `oci-layout`. Entries
//! of others are never touched. Where files lie and how they are read is `source`'s; images from other local forms are read elsewhere.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::digest::{Algorithm, Digest, Verifying};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::listing::Listing;
use crate::manifest::{Descriptor, ImageIndex, Manifest, RawManifest};
use crate::referrers::{
    Attached, LegacyKind, LegacyTag, Referrers, SourceState, Via, check_subject, entry,
    fallback_tag, union,
};
use crate::registry::Opener;
use crate::source::layout::{INDEX, Layout as Source, MARKER, REF_NAME, VERSION, read_blob};
use crate::source::{ImageSource, Selector};

#[derive(Debug, Clone)]
pub(super) struct Layout {
    source: Source,
}

impl Layout {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let source = Source::open(path, limits)?;
        Ok(Self { source })
    }

    pub(super) fn create(path: &Path, limits: &Limits) -> Result<Self> {
        fs_err::create_dir_all(path.join("blobs").join(Algorithm::Sha256.as_str()))
            .map_err(Error::Io)?;
        if !path.join(MARKER).exists() {
            write_file(
                path,
                MARKER,
                &mut format!(r#"{{"imageLayoutVersion":"{VERSION}"}}"#).as_bytes(),
            )?;
        }
        let layout = Self::open(path, limits)?;
        let _lock = layout.lock()?;
        if !path.join(INDEX).exists() {
            write_file(path, INDEX, &mut Listing::empty()?.to_bytes()?.as_slice())?;
        }
        Ok(layout)
    }

    pub(super) fn path(&self) -> &Path {
        self.source.path()
    }

    /// Reads what `selector` chooses, or the one image that there is.
    pub(super) fn resolve(&self, selector: Option<&Selector>) -> Result<Option<RawManifest>> {
        match self.source.resolve(selector) {
            Ok(found) => {
                let entry = found.descriptor;
                // Without the tag: it belongs to the entry, not to the manifest.
                RawManifest::check(
                    Descriptor::new(&entry.media_type, entry.digest, entry.size),
                    found.bytes,
                )
                .map(Some)
            }
            Err(error) if matches!(error.reason(), Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn manifest_by_tag(&self, tag: &str) -> Result<Option<RawManifest>> {
        let listing = self.listing()?;
        let mut tagged = listing
            .entries
            .iter()
            .filter(|entry| tag_of(&entry.descriptor) == Some(tag));
        match (tagged.next(), tagged.next()) {
            (None, _) => Ok(None),
            (Some(entry), None) => {
                // Without the tag: it belongs to the entry, not to the manifest.
                let found = &entry.descriptor;
                self.manifest(&Descriptor::new(
                    &found.media_type,
                    found.digest.clone(),
                    found.size,
                ))
                .map(Some)
            }
            (Some(_), Some(_)) => Err(Error::InvalidDocument {
                what: self.path().join(INDEX).display().to_string(),
                reason: format!("several entries have the tag `{}`", tag.escape_debug()),
            }),
        }
    }

    pub(super) fn manifest_by_digest(&self, digest: &Digest) -> Result<Option<RawManifest>> {
        let found = self.source.manifest_by_digest(digest)?;
        found
            .map(|found| RawManifest::check(found.descriptor, found.bytes))
            .transpose()
    }

    pub(super) fn manifest(&self, descriptor: &Descriptor) -> Result<RawManifest> {
        let max = self.source.limits().manifest_size;
        if descriptor.size > max {
            return Err(Error::LimitExceeded {
                limit: "manifest-size",
                max,
            });
        }
        let bytes = read_blob(&self.source, descriptor, "manifest-size", max)?;
        RawManifest::check(descriptor.clone(), bytes)
    }

    pub(super) fn open_blob(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        match self.source.blob_length(&descriptor.digest)? {
            None => Err(Error::NotFound {
                name: descriptor.digest.to_string(),
                origin: self.path().display().to_string(),
            }),
            Some(found) if found != descriptor.size => Err(Error::SizeMismatch {
                expected: descriptor.size,
                found,
            }
            .of_blob(&descriptor.digest)),
            Some(_) => self.source.open(descriptor),
        }
    }

    pub(super) fn has_blob(&self, digest: &Digest) -> Result<bool> {
        Ok(self.source.blob_length(digest)?.is_some())
    }

    /// Writes a blob; one that is there and right stays.
    pub(super) fn put_blob(&self, descriptor: &Descriptor, open: &Opener<'_>) -> Result<()> {
        if let Ok(reader) = self.open_blob(descriptor)
            && Verifying::new(reader, descriptor.digest.clone(), descriptor.size)
                .finish()
                .is_ok()
        {
            return Ok(());
        }
        let folder = self.source.blob_folder(&descriptor.digest);
        fs_err::create_dir_all(&folder).map_err(Error::Io)?;
        let mut reader = Verifying::new(open()?, descriptor.digest.clone(), descriptor.size);
        write_file(&folder, descriptor.digest.hex(), &mut reader)
    }

    pub(super) fn put_manifest(&self, bytes: &[u8]) -> Result<Digest> {
        let parsed = Manifest::parse(None, bytes)?;
        let descriptor = Descriptor::of(parsed.media_type(), bytes);
        let owned = bytes.to_vec();
        self.put_blob(&descriptor, &|| {
            Ok(Box::new(io::Cursor::new(owned.clone())))
        })?;
        Ok(descriptor.digest)
    }

    pub(super) fn publish(&self, manifest: &Descriptor, tag: Option<&str>) -> Result<()> {
        let mut entry =
            Descriptor::new(&manifest.media_type, manifest.digest.clone(), manifest.size);
        self.edit(|listing| {
            match tag {
                None if listing.contains(&manifest.digest) => return Ok(()),
                None => {}
                Some(tag) => {
                    entry
                        .annotations
                        .insert(REF_NAME.to_owned(), tag.to_owned());
                    // The tag moves; an entry of the same manifest without tag would be a second image.
                    listing.entries.retain(|old| match tag_of(&old.descriptor) {
                        Some(name) => name != tag,
                        None => old.descriptor.digest != manifest.digest,
                    });
                }
            }
            listing.push(entry)
        })
    }

    pub(super) fn attach(&self, subject: &Descriptor, manifest: &[u8]) -> Result<Attached> {
        let parsed = check_subject(manifest, &subject.digest)?;
        let entry = entry(&parsed, manifest);
        let digest = self.put_manifest(manifest)?;
        self.edit(|listing| {
            if listing.contains(&digest) {
                Ok(())
            } else {
                listing.push(entry)
            }
        })?;
        Ok(Attached {
            digest,
            via: Via::Layout,
        })
    }

    pub(super) fn referrers(&self, subject: &Digest) -> Result<Referrers> {
        let listing = self.listing()?;
        let limit = self.source.limits().referrers_entries;
        if u64::try_from(listing.entries.len()).unwrap_or(u64::MAX) > limit {
            return Err(Error::LimitExceeded {
                limit: "referrers-entries",
                max: limit,
            });
        }
        let list_tag = fallback_tag(subject);
        let legacy_tags = LegacyKind::ALL.map(|kind| (kind, kind.tag(subject)));
        let mut result = Referrers {
            entries: Vec::new(),
            api: SourceState::Answered,
            fallback: SourceState::Answered,
            legacy: Vec::new(),
            legacy_state: SourceState::Answered,
        };
        for entry in listing.entries {
            let descriptor = entry.descriptor;
            let tag = tag_of(&descriptor);
            if tag == Some(&list_tag) {
                match self.list(&descriptor) {
                    Ok(entries) => result.entries.extend(entries),
                    Err(error) => result.fallback = unreadable(error)?,
                }
            } else if let Some((kind, tag)) =
                legacy_tags.iter().find(|(_, legacy)| tag == Some(legacy))
            {
                result.legacy.push(LegacyTag {
                    kind: *kind,
                    tag: tag.clone(),
                    descriptor,
                });
            } else if descriptor.digest != *subject
                && crate::manifest::media_type::is_manifest(&descriptor.media_type)
            {
                match self.manifest(&descriptor) {
                    Ok(manifest) => {
                        if manifest
                            .manifest
                            .subject()
                            .is_some_and(|found| found.digest == *subject)
                        {
                            let artifact_type =
                                manifest.manifest.artifact_type().map(str::to_owned);
                            result.entries.push(Descriptor {
                                artifact_type: descriptor.artifact_type.clone().or(artifact_type),
                                ..descriptor
                            });
                        }
                    }
                    Err(error) => result.api = unreadable(error)?,
                }
            }
        }
        result.entries = union(result.entries);
        Ok(result)
    }

    fn list(&self, descriptor: &Descriptor) -> Result<Vec<Descriptor>> {
        match self.manifest(descriptor)?.manifest {
            Manifest::Index(ImageIndex { manifests, .. }) => Ok(manifests),
            Manifest::Image(_) => Err(Error::InvalidDocument {
                what: "referrers list".to_owned(),
                reason: "it is no index".to_owned(),
            }),
        }
    }

    fn listing(&self) -> Result<Listing> {
        let name = self.path().join(INDEX).display().to_string();
        Listing::parse(&name, &self.source.index_bytes()?)
    }

    /// Changes `index.json` while no other writer does.
    fn edit(&self, change: impl FnOnce(&mut Listing) -> Result<()>) -> Result<()> {
        let _lock = self.lock()?;
        let mut listing = self.listing()?;
        let before = listing.to_bytes()?;
        change(&mut listing)?;
        let after = listing.to_bytes()?;
        if after == before {
            return Ok(());
        }
        write_file(self.path(), INDEX, &mut after.as_slice())
    }

    /// Waits for other writers; the lock ends with the file that is returned.
    fn lock(&self) -> Result<fs_err::File> {
        let file = fs_err::File::open(self.path().join(MARKER)).map_err(Error::Io)?;
        match file.file().try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                tracing::info!(layout = %self.path().display(), "waiting for another writer")
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(Error::Io(error)),
        }
        file.file().lock().map_err(Error::Io)?;
        Ok(file)
    }
}

fn tag_of(descriptor: &Descriptor) -> Option<&str> {
    descriptor.annotations.get(REF_NAME).map(String::as_str)
}

/// A referrer that cannot be read leaves the question open: it might be the one that is looked for.
fn unreadable(error: Error) -> Result<SourceState> {
    match error.reason() {
        Error::Io(_) | Error::LimitExceeded { .. } => Err(error),
        _ => Ok(SourceState::Unreachable(Arc::new(error))),
    }
}

/// Writes a file beside and renames it, so that nobody sees half of it.
fn write_file(folder: &Path, name: &str, content: &mut dyn Read) -> Result<()> {
    let named = |error: io::Error| {
        Error::Io(io::Error::new(
            error.kind(),
            format!("failed to write `{}`: {error}", folder.join(name).display()),
        ))
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tmp-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As other files: what the umask leaves. A temporary file would be the owner's alone.
        builder.permissions(PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(named)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // An error of the content is its own; one of the disk names the file.
        let count = match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        file.write_all(buffer.get(..count).unwrap_or_default())
            .map_err(named)?;
    }
    file.as_file().sync_all().map_err(named)?;
    file.persist(folder.join(name))
        .map_err(|error| named(error.error))?;
    Ok(())
}
