//! Databases as folders: written so that a reader sees all of it or nothing, opened by manifest, trusted by digest.
//!
//! ```text
//! FOLDER/manifest.json            one database, as `write` makes it
//! FOLDER/segments/sha256-…        its segments
//! DATA/state.json                 which databases are trusted and which one is current
//! DATA/databases/sha256-…/        installed databases, each such a folder
//! ```
//! Signatures are not looked at here: who verified one hands its result down.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toolkit_oci::Digest;

use super::build::Built;
use super::container::Malformed;
use super::details::Details;
use super::manifest::{Kind, MAX_BYTES, Manifest, SegmentRef};
use super::open::Index;
use super::signals::Signals;

const MANIFEST: &str = "manifest.json";
const SEGMENTS: &str = "segments";
const STATE: &str = "state.json";
const DATABASES: &str = "databases";

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
    /// The manifest is longer than is read.
    #[error("the manifest has more than the {limit} bytes that are read")]
    TooLong {
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
}

/// Says how a database came to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// It was built on this machine.
    Built,
}

/// Records a trusted database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How it came to be trusted.
    pub trust: Trust,
    /// Its sequence.
    pub sequence: i64,
    /// The time that its records are of.
    pub created: Timestamp,
}

/// Records which databases are trusted, and which one is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The installed database that is used where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Digest>,
    /// Every trusted database by the digest of its manifest.
    #[serde(default)]
    pub databases: BTreeMap<Digest, Record>,
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
    /// Opens the details segment, and checks it first where the folder is not an installed one.
    ///
    /// # Errors
    ///
    /// [`Error`] where it is absent or another.
    pub fn details(&self) -> Result<Details, Error> {
        let file = segment(&self.folder, &self.manifest, Kind::Details, !self.checked)?;
        Ok(Details::open(file)?)
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
}

/// Writes a database to a folder: segments first, the manifest last. Returns the digest of the manifest.
///
/// # Errors
///
/// [`Error::Io`]; what was there before is then still whole.
pub fn write(folder: &Path, manifest: &Manifest, built: &Built) -> Result<Digest, Error> {
    let segments = folder.join(SEGMENTS);
    fs_err::create_dir_all(&segments).map_err(|source| failed(&segments, source))?;
    for segment in &manifest.segments {
        let kind = segment.kind;
        let bytes = built.segment(kind).ok_or(Error::NoSegment { kind })?;
        replace(&segments.join(file_name(&segment.digest)), bytes)?;
    }
    let bytes = manifest.to_bytes()?;
    replace(&folder.join(MANIFEST), &bytes)?;
    Ok(Digest::sha256(&bytes))
}

/// Installs what was built below the data directory and makes it the current one.
///
/// # Errors
///
/// [`Error::Io`]; the former database is then still the current one.
pub fn install(data: &Path, manifest: &Manifest, built: &Built) -> Result<Digest, Error> {
    let databases = data.join(DATABASES);
    fs_err::create_dir_all(&databases).map_err(|source| failed(&databases, source))?;
    let digest = Digest::sha256(&manifest.to_bytes()?);
    let place = databases.join(file_name(&digest));
    if open_unchecked(&place).is_err() {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".new-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let beside = builder
            .tempdir_in(&databases)
            .map_err(|source| failed(&databases, source))?;
        write(beside.path(), manifest, built)?;
        // A folder that is there and cannot be opened is a broken install: it makes room.
        if fs_err::symlink_metadata(&place).is_ok() {
            fs_err::remove_dir_all(&place).map_err(|source| failed(&place, source))?;
        }
        fs_err::rename(beside.path(), &place).map_err(|source| failed(&place, source))?;
        // The folder has its name now; there is nothing left to clean up.
        let _ = beside.keep();
    }
    trust(data, &digest, manifest, true)?;
    Ok(digest)
}

/// Records a database that was built here as trusted; `current` makes it the one that is used.
///
/// # Errors
///
/// [`Error::Io`] and [`Error::State`].
pub fn trust(
    data: &Path,
    digest: &Digest,
    manifest: &Manifest,
    current: bool,
) -> Result<(), Error> {
    fs_err::create_dir_all(data).map_err(|source| failed(data, source))?;
    let mut state = state(data)?;
    state.databases.insert(
        digest.clone(),
        Record {
            trust: Trust::Built,
            sequence: manifest.sequence,
            created: manifest.created,
        },
    );
    if current {
        state.current = Some(digest.clone());
    }
    let mut bytes = serde_json::to_vec_pretty(&state).map_err(|source| Error::State {
        path: data.join(STATE),
        source,
    })?;
    bytes.push(b'\n');
    replace(&data.join(STATE), &bytes)
}

/// Reads which databases are trusted; none where nothing was ever installed.
///
/// # Errors
///
/// [`Error::Io`] and [`Error::State`].
pub fn state(data: &Path) -> Result<State, Error> {
    let path = data.join(STATE);
    match read(&path) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(State::default())
        }
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| Error::State { path, source }),
    }
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
    let folder = data.join(DATABASES).join(file_name(&digest));
    let opened = open_unchecked(&folder)?;
    if opened.digest != digest {
        return Err(Error::Segment {
            expected: digest.to_string(),
            found: opened.digest.to_string(),
        });
    }
    Ok(Some((opened, record.clone())))
}

/// Opens a database in any folder; its index is hashed first, since whoever wrote the folder may have changed it.
///
/// # Errors
///
/// [`Error`] where it cannot be used.
pub fn open(folder: &Path) -> Result<Opened, Error> {
    open_folder(folder, true)
}

/// An installed database was hashed when it was written.
fn open_unchecked(folder: &Path) -> Result<Opened, Error> {
    open_folder(folder, false)
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
    let file = segment(folder, &manifest, Kind::Index, check)?;
    Ok(Opened {
        index: Index::open(file)?,
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
    let mut file = fs_err::File::open(&path)
        .map_err(|source| failed(&path, source))?
        .into_file();
    let size = file
        .metadata()
        .map_err(|source| failed(&path, source))?
        .len();
    if size != named.size {
        return Err(Error::Segment {
            expected: format!("{} bytes", named.size),
            found: format!("{size} bytes"),
        });
    }
    if check {
        hash(&mut file, named, &path)?;
    }
    Ok(file)
}

fn hash(file: &mut std::fs::File, named: &SegmentRef, path: &Path) -> Result<(), Error> {
    use std::io::Seek;
    let mut bytes = Vec::new();
    file.take(named.size)
        .read_to_end(&mut bytes)
        .map_err(|source| failed(path, source))?;
    let found = Digest::sha256(&bytes);
    if found != named.digest {
        return Err(Error::Segment {
            expected: named.digest.to_string(),
            found: found.to_string(),
        });
    }
    file.rewind().map_err(|source| failed(path, source))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = fs_err::File::open(path).map_err(|source| failed(path, source))?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| failed(path, source))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(Error::TooLong { limit: MAX_BYTES });
    }
    Ok(bytes)
}

/// Writes beside the place, makes it durable, renames.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        fs_err::File::open(folder)?.sync_all()
    };
    write().map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// A digest as a file name: the colon is no character of names on every system.
fn file_name(digest: &Digest) -> String {
    digest.to_string().replace(':', "-")
}
