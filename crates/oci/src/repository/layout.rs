//! An OCI layout directory that is read and written.
//!
//! Specification: image-spec `image-layout.md`. Files appear complete or not at all: a temporary file beside, then a
//! rename. Writers of `index.json`, of this and other processes, wait for each other on the file `oci-layout`. Entries
//! of others are never touched. Images from other local forms are read elsewhere.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
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
use crate::source::layout::{Layout as Source, REF_NAME, check_marker};
use crate::source::{ImageSource, Selector};

const MARKER: &str = "oci-layout";
const INDEX: &str = "index.json";
/// Longest marker file; the specified one has 30 bytes.
const MAX_MARKER: u64 = 4096;
const VERSION: &str = "1.0.0";

#[derive(Debug, Clone)]
pub(super) struct Layout {
    path: PathBuf,
    limits: Limits,
}

impl Layout {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let layout = Self {
            path: path.to_owned(),
            limits: limits.clone(),
        };
        let marker = layout.path.join(MARKER);
        let bytes = read_limited(&marker, "oci-layout", MAX_MARKER)?
            .ok_or_else(|| layout.missing(MARKER))?;
        check_marker(&bytes)?;
        Ok(layout)
    }

    pub(super) fn create(path: &Path, limits: &Limits) -> Result<Self> {
        fs_err::create_dir_all(path.join("blobs").join(Algorithm::Sha256.as_str()))
            .map_err(Error::Io)?;
        let layout = Self {
            path: path.to_owned(),
            limits: limits.clone(),
        };
        if !path.join(MARKER).exists() {
            write_file(
                path,
                MARKER,
                &mut format!(r#"{{"imageLayoutVersion":"{VERSION}"}}"#).as_bytes(),
            )?;
        }
        let layout = Self::open(&layout.path, limits)?;
        let _lock = layout.lock()?;
        if !path.join(INDEX).exists() {
            write_file(path, INDEX, &mut Listing::empty()?.to_bytes()?.as_slice())?;
        }
        Ok(layout)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what `selector` chooses, or the one image that there is.
    pub(super) fn resolve(&self, selector: Option<&Selector>) -> Result<Option<RawManifest>> {
        match Source::open(&self.path, &self.limits)?.resolve(selector) {
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
                what: self.path.join(INDEX).display().to_string(),
                reason: format!("several entries have the tag `{}`", tag.escape_debug()),
            }),
        }
    }

    pub(super) fn manifest_by_digest(&self, digest: &Digest) -> Result<Option<RawManifest>> {
        let path = self.blob_path(digest);
        let Some(bytes) = read_limited(&path, "manifest-size", self.limits.manifest_size)? else {
            return Ok(None);
        };
        digest
            .check(&bytes)
            .map_err(|error| error.of_blob(digest))?;
        let parsed = Manifest::parse(None, &bytes).map_err(|error| error.of_blob(digest))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        RawManifest::check(
            Descriptor::new(parsed.media_type(), digest.clone(), size),
            bytes,
        )
        .map(Some)
    }

    pub(super) fn manifest(&self, descriptor: &Descriptor) -> Result<RawManifest> {
        let max = self.limits.manifest_size;
        if descriptor.size > max {
            return Err(Error::LimitExceeded {
                limit: "manifest-size",
                max,
            });
        }
        let reader = self.open_blob(descriptor)?;
        let bytes = Verifying::new(reader, descriptor.digest.clone(), descriptor.size)
            .into_bytes("manifest-size", max)
            .map_err(|error| error.of_blob(&descriptor.digest))?;
        RawManifest::check(descriptor.clone(), bytes)
    }

    pub(super) fn open_blob(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        let path = self.blob_path(&descriptor.digest);
        if !is_regular(&path)? {
            return Err(self.missing(&descriptor.digest.to_string()));
        }
        let file = fs_err::File::open(&path).map_err(Error::Io)?;
        let found = file.metadata().map_err(Error::Io)?.len();
        if found != descriptor.size {
            return Err(Error::SizeMismatch {
                expected: descriptor.size,
                found,
            }
            .of_blob(&descriptor.digest));
        }
        Ok(Box::new(file))
    }

    pub(super) fn has_blob(&self, digest: &Digest) -> Result<bool> {
        is_regular(&self.blob_path(digest))
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
        let folder = self.blob_folder(&descriptor.digest);
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
        let limit = self.limits.referrers_entries;
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
        let path = self.path.join(INDEX);
        let bytes = read_limited(&path, "layout-index-size", self.limits.layout_index_size)?
            .ok_or_else(|| self.missing(INDEX))?;
        Listing::parse(&path.display().to_string(), &bytes)
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
        write_file(&self.path, INDEX, &mut after.as_slice())
    }

    /// Waits for other writers; the lock ends with the file that is returned.
    fn lock(&self) -> Result<fs_err::File> {
        let file = fs_err::File::open(self.path.join(MARKER)).map_err(Error::Io)?;
        match file.file().try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                tracing::info!(layout = %self.path.display(), "waiting for another writer")
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(Error::Io(error)),
        }
        file.file().lock().map_err(Error::Io)?;
        Ok(file)
    }

    fn blob_folder(&self, digest: &Digest) -> PathBuf {
        self.path.join("blobs").join(digest.algorithm().as_str())
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.blob_folder(digest).join(digest.hex())
    }

    fn missing(&self, name: &str) -> Error {
        Error::NotFound {
            name: name.to_owned(),
            origin: self.path.display().to_string(),
        }
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

/// Tells whether a file is there. Links are not followed: they could lead out of the layout.
fn is_regular(path: &Path) -> Result<bool> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::Io(error)),
    }
}

fn read_limited(path: &Path, limit: &'static str, max: u64) -> Result<Option<Vec<u8>>> {
    if !is_regular(path)? {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    fs_err::File::open(path)
        .and_then(|file| file.take(max.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(Error::Io)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max {
        return Err(Error::LimitExceeded { limit, max });
    }
    Ok(Some(bytes))
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
