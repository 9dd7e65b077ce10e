//! An OCI image layout in a directory (image-spec `image-layout.md`): how its files are found and read.
//!
//! Blobs are opened only as regular files, without following links. It writes nothing; `repository` does, and reads through this.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ImageSource, Selector, Untrusted};
use crate::digest::{Digest, Verifying};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::manifest::{Descriptor, ImageIndex, Manifest, Strictness, media_type, parse_json};
use crate::platform::Platform;
use crate::reference::Reference;

/// Annotation of an `index.json` entry with its tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Annotation that containerd writes with the full name.
pub(crate) const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// Names the file that makes a directory a layout.
pub(crate) const MARKER: &str = "oci-layout";
/// Names the file with the entries.
pub(crate) const INDEX: &str = "index.json";
/// Is the one version that there is.
pub(crate) const VERSION: &str = "1.0.0";

/// Reads a layout directory.
#[derive(Debug, Clone)]
pub struct Layout {
    path: PathBuf,
    limits: Limits,
}

impl Layout {
    /// Opens a layout and checks its version.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the path is no layout, [`Error::Unsupported`] for another version.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let marker = read_file(
            &path.join(MARKER),
            "layout-index-size",
            limits.layout_index_size,
        )?;
        let marker = marker.ok_or_else(|| Error::NotFound {
            name: MARKER.to_owned(),
            origin: path.display().to_string(),
        })?;
        check_marker(&marker)?;
        Ok(Self {
            path: path.to_owned(),
            limits: limits.clone(),
        })
    }

    /// Reads `index.json`.
    ///
    /// # Errors
    /// [`Error::NotFound`], or whatever [`ImageIndex::parse`] refuses.
    pub fn index(&self) -> Result<ImageIndex> {
        ImageIndex::parse(&self.index_bytes()?)
    }

    /// Reads `index.json` as it is.
    pub(crate) fn index_bytes(&self) -> Result<Vec<u8>> {
        let bytes = read_file(
            &self.path.join(INDEX),
            "layout-index-size",
            self.limits.layout_index_size,
        )?;
        bytes.ok_or_else(|| self.missing(INDEX))
    }

    /// Reads a manifest by digest alone: its size and type are its own; `None` where it is not there.
    pub(crate) fn manifest_by_digest(&self, digest: &Digest) -> Result<Option<Untrusted>> {
        match unlisted(self, digest, &self.limits) {
            Ok(found) => Ok(Some(found)),
            Err(error) if matches!(error.reason(), Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the length of a blob's file; `None` where there is none. A link is none: it could lead out of the layout.
    pub(crate) fn blob_length(&self, digest: &Digest) -> Result<Option<u64>> {
        match fs_err::symlink_metadata(self.blob_path(digest)) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Io(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the directory of the blobs of a digest's algorithm.
    pub(crate) fn blob_folder(&self, digest: &Digest) -> PathBuf {
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

impl ImageSource for Layout {
    fn resolve(&self, selector: Option<&Selector>) -> Result<Untrusted> {
        select(
            self,
            &self.index()?,
            selector,
            &self.path.display().to_string(),
            &self.limits,
        )
    }

    fn open(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        let path = self.blob_path(&descriptor.digest);
        match fs_err::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(Box::new(fs_err::File::open(&path)?)),
            Ok(_) => Err(Error::InvalidDocument {
                what: path.display().to_string(),
                reason: "a blob is no regular file".to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(self.missing(&descriptor.digest.to_string()))
            }
            Err(error) => Err(Error::Io(error)),
        }
    }
}

/// Checks the content of an `oci-layout` file.
pub(crate) fn check_marker(bytes: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Marker {
        #[serde(rename = "imageLayoutVersion")]
        version: String,
    }
    let Marker { version } = parse_json(MARKER, bytes, Strictness::Other)?;
    if version != VERSION {
        return Err(Error::Unsupported {
            what: "image layout version",
            found: version,
            hint: "",
        });
    }
    Ok(())
}

/// Chooses an entry of a layout's index and reads it.
///
/// Without a selector it is the one entry that is neither evidence nor a referrer, that is whose manifest has no
/// `subject`. An entry that cannot be read counts as an image, so that nothing is chosen by accident.
pub(crate) fn select(
    source: &dyn ImageSource,
    index: &ImageIndex,
    selector: Option<&Selector>,
    origin: &str,
    limits: &Limits,
) -> Result<Untrusted> {
    let not_found = |name: String| Error::NotFound {
        name,
        origin: origin.to_owned(),
    };
    let count = u64::try_from(index.manifests.len()).unwrap_or(u64::MAX);
    if count > limits.index_manifests {
        return Err(Error::LimitExceeded {
            limit: "index-manifests",
            max: limits.index_manifests,
        });
    }
    let mut chosen: Vec<&Descriptor> = match selector {
        Some(Selector::Digest(digest)) => {
            let listed = index.manifests.iter().find(|entry| entry.digest == *digest);
            return match listed {
                Some(entry) => read(source, entry, limits),
                // Children of an index are not listed in `index.json`, but can be named.
                None => unlisted(source, digest, limits).map_err(|error| match error {
                    Error::NotFound { .. } => not_found(digest.to_string()),
                    error => error,
                }),
            };
        }
        Some(Selector::Tag(tag)) => index
            .manifests
            .iter()
            .filter(|entry| is_named(entry, tag))
            .collect(),
        Some(Selector::Index(number)) => index.manifests.iter().skip(*number).take(1).collect(),
        None => {
            let mut images: Vec<&Descriptor> = index
                .manifests
                .iter()
                .filter(|entry| !is_evidence(entry))
                .collect();
            if images.len() > 1 {
                images.retain(|entry| !is_referrer(source, entry, limits));
            }
            images
        }
    };
    chosen.sort_by(|left, right| left.digest.cmp(&right.digest));
    chosen.dedup_by(|left, right| left.digest == right.digest);
    match chosen.as_slice() {
        [only] => read(source, only, limits),
        [] => Err(not_found(
            selector.map_or_else(|| "an image".to_owned(), ToString::to_string),
        )),
        several => Err(Error::Ambiguous {
            origin: origin.to_owned(),
            choices: several
                .iter()
                .map(|entry| match (selector, entry.annotations.get(REF_NAME)) {
                    (None, Some(tag)) => format!(":{}", crate::digest::excerpt(tag)),
                    _ => format!("@{}", entry.digest),
                })
                .collect(),
        }),
    }
}

/// Tells by the entry alone that it is evidence: BuildKit's platform, or a tag by which cosign and the referrers tag
/// schema name evidence (`sha256-<hex>`, with `.sig`, `.att` or `.sbom`).
fn is_evidence(entry: &Descriptor) -> bool {
    if entry.platform.as_ref().is_some_and(Platform::is_unknown) {
        return true;
    }
    let Some(name) = entry.annotations.get(REF_NAME) else {
        return false;
    };
    let tag = name.rsplit(':').next().unwrap_or(name);
    let stem = [".sig", ".att", ".sbom"]
        .iter()
        .find_map(|suffix| tag.strip_suffix(suffix))
        .unwrap_or(tag);
    stem.split_once('-')
        .is_some_and(|(algorithm, hex)| Digest::parse(&format!("{algorithm}:{hex}")).is_ok())
}

fn is_named(entry: &Descriptor, wanted: &str) -> bool {
    let names = [REF_NAME, CONTAINERD_NAME]
        .into_iter()
        .filter_map(|key| entry.annotations.get(key));
    names.into_iter().any(|name| same_name(name, wanted))
}

/// Compares image names as written, or else expanded (`alpine:3` and `docker.io/library/alpine:3`).
pub(crate) fn same_name(name: &str, wanted: &str) -> bool {
    let expanded = |text: &str| {
        let reference = Reference::parse(text).ok()?;
        let tag = reference.tag().unwrap_or("latest").to_owned();
        Some((reference.name(), tag))
    };
    name == wanted
        || (wanted.contains([':', '/'])
            && expanded(name).is_some_and(|name| expanded(wanted) == Some(name)))
}

fn is_referrer(source: &dyn ImageSource, entry: &Descriptor, limits: &Limits) -> bool {
    let checked = read(source, entry, limits)
        .and_then(|found| crate::manifest::RawManifest::check(found.descriptor, found.bytes));
    checked.is_ok_and(|raw| raw.manifest.subject().is_some())
}

fn read(source: &dyn ImageSource, entry: &Descriptor, limits: &Limits) -> Result<Untrusted> {
    let max = limits.manifest_size;
    if entry.size > max {
        return Err(Error::LimitExceeded {
            limit: "manifest-size",
            max,
        });
    }
    // One byte more than promised shows that there are too many.
    let mut bytes = Vec::new();
    source
        .open(entry)?
        .take(entry.size.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(Untrusted {
        descriptor: entry.clone(),
        bytes,
    })
}

/// Reads a manifest by digest alone: its size and type are its own.
fn unlisted(source: &dyn ImageSource, digest: &Digest, limits: &Limits) -> Result<Untrusted> {
    let max = limits.manifest_size;
    let mut bytes = Vec::new();
    let probe = Descriptor::new(media_type::OCI_MANIFEST, digest.clone(), 0);
    source
        .open(&probe)?
        .take(max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > max {
        return Err(Error::LimitExceeded {
            limit: "manifest-size",
            max,
        });
    }
    digest
        .check(&bytes)
        .map_err(|error| error.of_blob(digest))?;
    let media_type = Manifest::parse(None, &bytes)
        .map_err(|error| error.of_blob(digest))?
        .media_type()
        .to_owned();
    Ok(Untrusted {
        descriptor: Descriptor::new(&media_type, digest.clone(), size),
        bytes,
    })
}

/// Reads a small file; `None` when it is not there.
pub(crate) fn read_file(path: &Path, limit: &'static str, max: u64) -> Result<Option<Vec<u8>>> {
    match fs_err::metadata(path) {
        Ok(found) if found.is_file() => {}
        // A FIFO without a writer would be waited for.
        Ok(_) => {
            return Err(Error::InvalidDocument {
                what: path.display().to_string(),
                reason: "it is no regular file".to_owned(),
            });
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(Error::Io(error)),
    }
    let file = fs_err::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max {
        return Err(Error::LimitExceeded { limit, max });
    }
    Ok(Some(bytes))
}

/// Reads a blob into memory and checks it.
pub(crate) fn read_blob(
    source: &dyn ImageSource,
    descriptor: &Descriptor,
    limit: &'static str,
    max: u64,
) -> Result<Vec<u8>> {
    let reader = source.open(descriptor)?;
    Verifying::new(reader, descriptor.digest.clone(), descriptor.size)
        .into_bytes(limit, max)
        .map_err(|error| error.of_blob(&descriptor.digest))
}
