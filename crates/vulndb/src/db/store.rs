//! Databases as folders: written so that a reader sees all of it or nothing, opened by manifest, trusted by digest.
//!
//! ```text
//! FOLDER/manifest.json            one database, as `write` makes it
//! FOLDER/segments/sha256-…        its segments
//! FOLDER/artifact.json            the manifest of the OCI artifact that it was published as, where it was
//! FOLDER/bundles/….json           signatures over that manifest, or over `manifest.json`
//! DATA/state.json                 which databases are trusted and which one is current (see `state`)
//! DATA/databases/sha256-…/        installed databases, each such a folder (see `install`)
//! ```
//! Signatures are carried and not looked at here: who verified one hands its result down.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use toolkit_oci::Digest;
use toolkit_oci::digest::{Algorithm, Hasher};

use super::build::Built;
use super::container::Malformed;
use super::layers::{Details, Index};
use super::manifest::{Kind, MAX_BYTES, Manifest, SegmentRef};
use super::signals::Signals;
use super::state::{Record, state};
use super::vex::Statements;

const MANIFEST: &str = "manifest.json";
pub(super) const SEGMENTS: &str = "segments";
const ARTIFACT: &str = "artifact.json";
const BUNDLES: &str = "bundles";
pub(super) const DATABASES: &str = "databases";
/// Begins the names of what is not finished.
pub(super) const NEW: &str = ".new-";
/// A segment is read up to this size; the largest of the full feeds of 2025 has 54 MB.
const MAX_SEGMENT: u64 = 2 << 30;

/// Tells why a database cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read or written.
    #[error("failed on `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no database in the folder.
    #[error("`{}` holds no vulnerability database", path.display())]
    Absent {
        /// The folder.
        path: PathBuf,
    },
    /// A manifest, record or bundle is longer than is read.
    #[error("`{}` has more than the {limit} bytes that are read", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The manifest is no manifest.
    #[error("the manifest of the database is malformed")]
    Manifest(#[source] serde_json::Error),
    /// The state file is no state.
    #[error("the record of trusted databases `{}` is malformed", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// Another version of the form.
    #[error("database format {found}, this program reads {expected}")]
    Format {
        /// The version found.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// The manifest names no segment of a kind.
    #[error("the database has no {kind} segment")]
    NoSegment {
        /// The kind.
        kind: Kind,
    },
    /// A segment is not what the manifest names.
    #[error(
        "a segment of the database is not the one that its manifest names: expected {expected}, found {found}"
    )]
    Segment {
        /// What the manifest names.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A segment cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Where a segment was to come from did not give it.
    #[error("failed to take over a segment of the database")]
    Source(#[source] io::Error),
    /// A segment is promised larger than is read.
    #[error("a segment of {found} bytes, at most {limit} are read")]
    TooLarge {
        /// The size that the manifest promises.
        found: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// An artifact that is no database.
    #[error("it is no vulnerability database")]
    NotOurs,
    /// The layers of an artifact are not the segments of the database in it.
    #[error(
        "the artifact's layers are not the segments that the database names: expected {segments}, found {layers} or other kinds"
    )]
    Layers {
        /// How many segments the database has.
        segments: usize,
        /// How many layers the artifact has.
        layers: usize,
    },
    /// More evidence lies beside a database than is read.
    #[error("more than {limit} bundles lie beside the database")]
    Bundles {
        /// The limit.
        limit: usize,
    },
}

/// Is an opened database.
pub struct Opened {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The digest of its manifest: its identity.
    pub digest: Digest,
    /// The index, open.
    pub index: Index,
    folder: PathBuf,
    checked: bool,
}

impl Opened {
    /// Returns the folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the bytes of the manifest.
    ///
    /// # Errors
    ///
    /// [`Error`] where they cannot be read, or changed since the database was opened.
    pub fn manifest_bytes(&self) -> Result<Vec<u8>, Error> {
        let bytes = read(&self.folder.join(MANIFEST))?;
        let found = Digest::sha256(&bytes);
        if found != self.digest {
            return Err(Error::Segment {
                expected: self.digest.to_string(),
                found: found.to_string(),
            });
        }
        Ok(bytes)
    }

    /// Reads a segment whole, hashed.
    pub(super) fn segment_bytes(&self, named: &SegmentRef) -> Result<Vec<u8>, Error> {
        let path = self.folder.join(SEGMENTS).join(file_name(&named.digest));
        let mut file = segment_file(&path, named)?;
        hash(&mut file, named, &path)?;
        let mut bytes = Vec::new();
        file.take(named.size)
            .read_to_end(&mut bytes)
            .map_err(|source| failed(&path, source))?;
        Ok(bytes)
    }

    /// Opens a segment for whoever hashes it while it is read.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Segment`] for another size.
    pub fn open_segment(&self, named: &SegmentRef) -> Result<std::fs::File, Error> {
        segment_file(
            &self.folder.join(SEGMENTS).join(file_name(&named.digest)),
            named,
        )
    }

    /// Writes the database with its evidence to another folder, every segment hashed; the manifest comes last.
    ///
    /// # Errors
    ///
    /// [`Error`] where it cannot be read or written; what was there before is then still whole.
    pub fn copy_to(&self, folder: &Path, evidence: &Evidence) -> Result<(), Error> {
        let manifest = self.manifest_bytes()?;
        for named in &self.manifest.segments {
            write_segment(folder, named, &mut self.open_segment(named)?)?;
        }
        write_evidence(folder, evidence)?;
        write_manifest(folder, &manifest).map(drop)
    }

    /// Opens the details segment, and checks it first where the folder is not an installed one.
    ///
    /// # Errors
    ///
    /// [`Error`] where it is absent or another.
    pub fn details(&self) -> Result<Details, Error> {
        let open = |kind| segment(&self.folder, &self.manifest, kind, !self.checked);
        let details = Details::open(open(Kind::Details)?)?;
        if self.manifest.segment(Kind::DeltaDetails).is_none() {
            return Ok(details);
        }
        Ok(details.with_delta(open(Kind::DeltaDetails)?)?)
    }

    /// Opens the signals segment, checked as [`Self::details`]; none where the database has none.
    ///
    /// # Errors
    ///
    /// [`Error`] where it is named and absent or another.
    pub fn signals(&self) -> Result<Option<Signals>, Error> {
        if self.manifest.segment(Kind::Signals).is_none() {
            return Ok(None);
        }
        let file = segment(&self.folder, &self.manifest, Kind::Signals, !self.checked)?;
        Ok(Some(Signals::open(file)?))
    }

    /// Opens the VEX segment, checked as [`Self::details`]; none where the database has none.
    ///
    /// # Errors
    ///
    /// [`Error`] where it is named and absent or another.
    pub fn statements(&self) -> Result<Option<Statements>, Error> {
        if self.manifest.segment(Kind::Vex).is_none() {
            return Ok(None);
        }
        let file = segment(&self.folder, &self.manifest, Kind::Vex, !self.checked)?;
        Ok(Some(Statements::open(file)?))
    }
}

/// Writes what was built to a folder: segments first, the manifest last. Returns the digest of the manifest.
///
/// # Errors
///
/// [`Error::Io`]; what was there before is then still whole.
pub fn write(folder: &Path, manifest: &Manifest, built: &Built) -> Result<Digest, Error> {
    for segment in &manifest.segments {
        let kind = segment.kind;
        let mut bytes = built.segment(kind).ok_or(Error::NoSegment { kind })?;
        write_segment(folder, segment, &mut bytes)?;
    }
    write_manifest(folder, &manifest.to_bytes()?)
}

/// Writes a segment from anywhere; other bytes than the manifest names are refused, and none of them stay.
pub(super) fn write_segment(
    folder: &Path,
    named: &SegmentRef,
    from: &mut dyn Read,
) -> Result<(), Error> {
    if named.size > MAX_SEGMENT {
        return Err(Error::TooLarge {
            found: named.size,
            limit: MAX_SEGMENT,
        });
    }
    let segments = folder.join(SEGMENTS);
    fs_err::create_dir_all(&segments).map_err(|source| failed(&segments, source))?;
    let path = segments.join(file_name(&named.digest));
    write_beside(&path, |file| {
        let mut from = from.take(named.size.saturating_add(1));
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let (mut buffer, mut size) = (vec![0; 128 << 10], 0_u64);
        loop {
            let count = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::Source(error)),
            };
            let bytes = buffer.get(..count).unwrap_or_default();
            hasher.update(bytes);
            file.write_all(bytes)
                .map_err(|source| failed(&path, source))?;
            size += u64::try_from(count).unwrap_or(u64::MAX);
        }
        let found = hasher.finish();
        match (size == named.size, found == named.digest) {
            (true, true) => Ok(()),
            (false, _) => Err(Error::Segment {
                expected: format!("{} bytes", named.size),
                found: match size > named.size {
                    true => "more".to_owned(),
                    false => format!("{size} bytes"),
                },
            }),
            (true, false) => Err(Error::Segment {
                expected: named.digest.to_string(),
                found: found.to_string(),
            }),
        }
    })
}

pub(super) fn write_manifest(folder: &Path, bytes: &[u8]) -> Result<Digest, Error> {
    replace(&folder.join(MANIFEST), bytes)?;
    Ok(Digest::sha256(bytes))
}

/// What lies beside a database: the manifest of the artifact that it was published as, and bundles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The bytes of the artifact's manifest.
    pub artifact: Option<Vec<u8>>,
    /// The bundles, in the order of their files' names.
    pub bundles: Vec<Vec<u8>>,
}

/// Reads the evidence beside a database in a folder: at most so many bundles of at most so many bytes.
///
/// # Errors
///
/// [`Error::Io`], [`Error::TooLong`], [`Error::Bundles`].
pub fn evidence(folder: &Path, bundles: usize, size: u64) -> Result<Evidence, Error> {
    let artifact = match read_limited(&folder.join(ARTIFACT), MAX_BYTES) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
        other => Some(other?),
    };
    let paths = bundle_files(folder, bundles)?;
    let bundles = paths
        .iter()
        .map(|path| read_limited(path, size))
        .collect::<Result<_, _>>()?;
    Ok(Evidence { artifact, bundles })
}

/// Lists the files of the bundles beside a database, by name; at most so many.
pub(super) fn bundle_files(folder: &Path, limit: usize) -> Result<Vec<PathBuf>, Error> {
    let beside = folder.join(BUNDLES);
    let entries = match fs_err::read_dir(&beside) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| failed(&beside, source))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| failed(&beside, source))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
        if paths.len() > limit {
            return Err(Error::Bundles { limit });
        }
    }
    paths.sort();
    Ok(paths)
}

/// Names the file of a bundle.
pub(super) fn bundle_name(bundle: &[u8]) -> String {
    format!("{}.json", file_name(&Digest::sha256(bundle)))
}

pub(super) fn write_evidence(folder: &Path, evidence: &Evidence) -> Result<(), Error> {
    if let Some(artifact) = &evidence.artifact {
        replace(&folder.join(ARTIFACT), artifact)?;
    }
    let beside = folder.join(BUNDLES);
    if !evidence.bundles.is_empty() {
        fs_err::create_dir_all(&beside).map_err(|source| failed(&beside, source))?;
    }
    for bundle in &evidence.bundles {
        replace(&beside.join(bundle_name(bundle)), bundle)?;
    }
    Ok(())
}

/// Opens the installed database that is current; none where there is none.
///
/// # Errors
///
/// [`Error`] where it is there and cannot be used.
pub fn open_current(data: &Path) -> Result<Option<(Opened, Record)>, Error> {
    let state = state(data)?;
    let Some(digest) = state.current else {
        return Ok(None);
    };
    let Some(record) = state.databases.get(&digest) else {
        return Ok(None);
    };
    Ok(Some((open_installed(data, &digest)?, record.clone())))
}

/// Opens an installed database.
pub(super) fn open_installed(data: &Path, digest: &Digest) -> Result<Opened, Error> {
    let opened = open_folder(&place(data, digest), false)?;
    if opened.digest != *digest {
        return Err(Error::Segment {
            expected: digest.to_string(),
            found: opened.digest.to_string(),
        });
    }
    Ok(opened)
}

/// Returns where a database is installed.
pub(super) fn place(data: &Path, digest: &Digest) -> PathBuf {
    data.join(DATABASES).join(file_name(digest))
}

/// Opens a database in any folder; its index is hashed first, since whoever wrote the folder may have changed it.
///
/// # Errors
///
/// [`Error`] where it cannot be used.
pub fn open(folder: &Path) -> Result<Opened, Error> {
    open_folder(folder, true)
}

fn open_folder(folder: &Path, check: bool) -> Result<Opened, Error> {
    let bytes = match read(&folder.join(MANIFEST)) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Absent {
                path: folder.to_path_buf(),
            });
        }
        other => other?,
    };
    let manifest = Manifest::parse(&bytes)?;
    let mut index = Index::open(segment(folder, &manifest, Kind::Index, check)?)?;
    if manifest.segment(Kind::Delta).is_some() {
        index = index.with_delta(segment(folder, &manifest, Kind::Delta, check)?)?;
    }
    Ok(Opened {
        index,
        digest: Digest::sha256(&bytes),
        manifest,
        folder: folder.to_path_buf(),
        checked: !check,
    })
}

fn segment(
    folder: &Path,
    manifest: &Manifest,
    kind: Kind,
    check: bool,
) -> Result<std::fs::File, Error> {
    let named = manifest.segment(kind).ok_or(Error::NoSegment { kind })?;
    let path = folder.join(SEGMENTS).join(file_name(&named.digest));
    let mut file = segment_file(&path, named)?;
    if check {
        hash(&mut file, named, &path)?;
    }
    Ok(file)
}

fn segment_file(path: &Path, named: &SegmentRef) -> Result<std::fs::File, Error> {
    let file = fs_err::File::open(path)
        .map_err(|source| failed(path, source))?
        .into_file();
    let size = file
        .metadata()
        .map_err(|source| failed(path, source))?
        .len();
    if size != named.size {
        return Err(Error::Segment {
            expected: format!("{} bytes", named.size),
            found: format!("{size} bytes"),
        });
    }
    Ok(file)
}

/// Hashes a file of a segment and goes back to its beginning.
pub(super) fn hash(file: &mut std::fs::File, named: &SegmentRef, path: &Path) -> Result<(), Error> {
    use std::io::Seek;
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file
            .read(&mut buffer)
            .map_err(|source| failed(path, source))?
        {
            0 => break,
            count => hasher.update(buffer.get(..count).unwrap_or_default()),
        }
    }
    let found = hasher.finish();
    if found != named.digest {
        return Err(Error::Segment {
            expected: named.digest.to_string(),
            found: found.to_string(),
        });
    }
    file.rewind().map_err(|source| failed(path, source))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_limited(path, MAX_BYTES)
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).map_err(|source| failed(path, source))?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| failed(path, source))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(Error::TooLong {
            path: path.to_path_buf(),
            limit,
        });
    }
    Ok(bytes)
}

pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_beside(path, |file| {
        file.write_all(bytes).map_err(|source| failed(path, source))
    })
}

/// Writes beside the place, makes it durable, renames.
fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut tempfile::NamedTempFile) -> Result<(), Error>,
) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(NEW);
    // As other files: what the umask leaves. A temporary file would be the owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder
        .tempfile_in(folder)
        .map_err(|source| failed(path, source))?;
    write(&mut file)?;
    let finish = || -> io::Result<()> {
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        sync_folder(folder)
    };
    finish().map_err(|source| failed(path, source))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows opens no folder as a file, and needs none of this.
    if cfg!(unix) {
        fs_err::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

pub(super) fn failed(path: &Path, source: io::Error) -> Error {
    Error::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// A digest as a file name: the colon is no character of names on every system.
pub(super) fn file_name(digest: &Digest) -> String {
    digest.to_string().replace(':', "-")
}
