//! Installing: a database is written beside the others, renamed in, recorded. Removing what is not used any more.
//!
//! Only one updater works at a time; readers take no lock and see the former database until the record names the new one. Whatever stops an
//! updater leaves folders whose names begin with `.new-`, which the next updater removes.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toolkit_oci::Digest;

use super::build::Built;
use super::manifest::{Manifest, SegmentRef};
use super::state::{Record, State, Subscription, Trust, state};
use super::store::{
    DATABASES, Error, Evidence, NEW, Opened, SEGMENTS, bundle_files, bundle_name, failed,
    file_name, hash, open_installed, place, sync_folder, write, write_evidence, write_manifest,
    write_segment,
};

const LOCK: &str = "lock";

/// Is the right to change a data directory; it ends with the value.
pub struct Lock {
    data: PathBuf,
    _file: std::fs::File,
}

/// Waits for other updaters of a data directory; `waiting` is called where there is one. Makes the directory where there is none.
///
/// # Errors
///
/// [`Error::Io`].
pub fn lock(data: &Path, waiting: &dyn Fn()) -> Result<Lock, Error> {
    let databases = data.join(DATABASES);
    fs_err::create_dir_all(&databases).map_err(|source| failed(&databases, source))?;
    let path = data.join(LOCK);
    let mut options = fs_err::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = options
        .open(&path)
        .map_err(|source| failed(&path, source))?
        .into_file();
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            waiting();
            file.lock().map_err(|source| failed(&path, source))?;
        }
        Err(std::fs::TryLockError::Error(source)) => return Err(failed(&path, source)),
    }
    let lock = Lock {
        data: data.to_path_buf(),
        _file: file,
    };
    // What former updaters did not finish: nobody else works here now.
    for folder in [data, &databases] {
        for path in unfinished(folder)? {
            remove(&path)?;
        }
    }
    Ok(lock)
}

fn unfinished(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs_err::read_dir(folder).map_err(|source| failed(folder, source))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| failed(folder, source))?;
        if entry.file_name().to_string_lossy().starts_with(NEW) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

fn remove(path: &Path) -> Result<(), Error> {
    let removed = match fs_err::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs_err::remove_dir_all(path),
        Ok(_) => fs_err::remove_file(path),
        Err(error) => Err(error),
    };
    removed.map_err(|source| failed(path, source))
}

impl Lock {
    /// Reads the record as it is while nobody else changes it.
    ///
    /// # Errors
    ///
    /// As [`state`].
    pub fn state(&self) -> Result<State, Error> {
        state(&self.data)
    }

    /// Tells whether a database is installed with all of its bytes; one that lost some is written again.
    #[must_use]
    pub fn holds(&self, digest: &Digest) -> bool {
        let Ok(opened) = open_installed(&self.data, digest) else {
            return false;
        };
        opened.manifest.segments.iter().all(|named| {
            let path = opened
                .folder()
                .join(SEGMENTS)
                .join(file_name(&named.digest));
            fs_err::File::open(&path)
                .is_ok_and(|file| hash(&mut file.into_file(), named, &path).is_ok())
        })
    }

    /// Lays evidence beside an installed database, with what lies there: each bundle once, by its digest; an artifact takes the place of the former
    /// one. Where more than `limit` bundles would lie there, only the new ones stay, for a database with more is not read.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; every file is whole then, the former or the new one.
    pub fn add_evidence(
        &self,
        digest: &Digest,
        evidence: &Evidence,
        limit: usize,
    ) -> Result<(), Error> {
        let folder = place(&self.data, digest);
        write_evidence(&folder, evidence)?;
        let added: Vec<String> = evidence
            .bundles
            .iter()
            .map(|one| bundle_name(one))
            .collect();
        let lying = bundle_files(&folder, usize::MAX)?;
        if lying.len() <= limit {
            return Ok(());
        }
        for path in lying {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !added.iter().any(|added| *added == name) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Begins a database beside the others.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn stage(&self) -> Result<Staged<'_>, Error> {
        let databases = self.data.join(DATABASES);
        let mut builder = tempfile::Builder::new();
        builder.prefix(NEW);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let folder = builder
            .tempdir_in(&databases)
            .map_err(|source| failed(&databases, source))?;
        Ok(Staged { lock: self, folder })
    }

    /// Records a database as trusted; `current` makes it the one that is used. The oldest of more than a year's that were built to other folders are
    /// forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::State`].
    pub fn record(&self, digest: &Digest, record: Record, current: bool) -> Result<(), Error> {
        let mut state = self.state()?;
        state.take(digest, record);
        state.prune(&|one| one == digest || place(&self.data, one).is_dir());
        if current {
            state.current = Some(digest.clone());
        }
        state.save(&self.data)
    }

    /// Remembers the sequence of a database that is used where it lies, so that an older one of its signer is known as one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::State`].
    pub fn see(&self, signer: &str, sequence: i64) -> Result<(), Error> {
        let mut state = self.state()?;
        state.see(signer, None, sequence);
        state.save(&self.data)
    }

    /// Records where updates come from.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::State`].
    pub fn subscribe(&self, subscription: Subscription) -> Result<(), Error> {
        let mut state = self.state()?;
        state.subscription = Some(subscription);
        state.save(&self.data)
    }
}

/// Is a database that is being written beside the others.
pub struct Staged<'a> {
    lock: &'a Lock,
    folder: tempfile::TempDir,
}

impl Staged<'_> {
    /// Takes a segment over from an installed database that has it; tells whether one had.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn take(&self, named: &SegmentRef) -> Result<bool, Error> {
        let name = file_name(&named.digest);
        for installed in folders(&self.lock.data)? {
            let path = installed.join(SEGMENTS).join(&name);
            let Ok(file) = fs_err::File::open(&path) else {
                continue;
            };
            let mut file = file.into_file();
            let size = file.metadata().map_err(|source| failed(&path, source))?;
            // Right when it was installed; a disk may have lost it since.
            if size.len() != named.size || hash(&mut file, named, &path).is_err() {
                continue;
            }
            let segments = self.folder.path().join(SEGMENTS);
            fs_err::create_dir_all(&segments).map_err(|source| failed(&segments, source))?;
            match fs_err::hard_link(&path, segments.join(&name)) {
                Ok(()) => sync_folder(&segments).map_err(|source| failed(&segments, source))?,
                // Not every file system has hard links.
                Err(_) => write_segment(self.folder.path(), named, &mut file)?,
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Writes a segment from anywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Segment`] for other bytes than are named, [`Error::Source`] for what `from` says, [`Error::Io`].
    pub fn write(&self, named: &SegmentRef, from: &mut dyn Read) -> Result<(), Error> {
        write_segment(self.folder.path(), named, from)
    }

    /// Writes the evidence and the manifest, and gives the folder its name. The database is not recorded yet.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn finish(self, manifest: &[u8], evidence: &Evidence) -> Result<Digest, Error> {
        write_evidence(self.folder.path(), evidence)?;
        let digest = write_manifest(self.folder.path(), manifest)?;
        self.rename(&digest)?;
        Ok(digest)
    }

    fn rename(self, digest: &Digest) -> Result<(), Error> {
        let place = place(&self.lock.data, digest);
        // A folder that is there and cannot be opened is a broken install: it makes room.
        if fs_err::symlink_metadata(&place).is_ok() {
            remove(&place)?;
        }
        fs_err::rename(self.folder.path(), &place).map_err(|source| failed(&place, source))?;
        // The folder has its name now; there is nothing left to clean up.
        let _ = self.folder.keep();
        let databases = self.lock.data.join(DATABASES);
        sync_folder(&databases).map_err(|source| failed(&databases, source))
    }
}

/// Installs what was built here and makes it the current one.
///
/// # Errors
///
/// [`Error::Io`]; the former database is then still the current one.
pub fn install(lock: &Lock, manifest: &Manifest, built: &Built) -> Result<Digest, Error> {
    let digest = Digest::sha256(&manifest.to_bytes()?);
    if !lock.holds(&digest) {
        let staged = lock.stage()?;
        write(staged.folder.path(), manifest, built)?;
        staged.rename(&digest)?;
    }
    lock.record(&digest, Record::built(manifest), true)?;
    Ok(digest)
}

impl Record {
    /// Records what was built on this machine.
    #[must_use]
    pub fn built(manifest: &Manifest) -> Self {
        Self {
            trust: Trust::Built,
            sequence: manifest.sequence,
            created: manifest.created,
            signer: None,
            reference: None,
        }
    }
}

/// Returns the folders of the installed databases, in the order of their names.
fn folders(data: &Path) -> Result<Vec<PathBuf>, Error> {
    let databases = data.join(DATABASES);
    let entries = match fs_err::read_dir(&databases) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| failed(&databases, source))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| failed(&databases, source))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Is an installed database.
pub struct Installed {
    /// The digest of its manifest.
    pub digest: Digest,
    /// How it came to be trusted.
    pub record: Record,
    /// Whether it is the one that is used.
    pub current: bool,
    /// Whether it can be opened.
    pub opened: Result<Opened, Error>,
}

/// Lists the installed databases, newest first.
///
/// # Errors
///
/// [`Error::Io`] and [`Error::State`].
pub fn installed(data: &Path) -> Result<Vec<Installed>, Error> {
    let state = state(data)?;
    let mut found: Vec<Installed> = state
        .databases
        .into_iter()
        .filter(|(digest, _)| place(data, digest).is_dir())
        .map(|(digest, record)| Installed {
            opened: open_installed(data, &digest),
            current: state.current.as_ref() == Some(&digest),
            digest,
            record,
        })
        .collect();
    found.sort_by(|left, right| {
        (right.record.created, &right.digest).cmp(&(left.record.created, &left.digest))
    });
    Ok(found)
}

/// Is what was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The name of the folder.
    pub name: String,
    /// The bytes of its files that no other database shares.
    pub bytes: u64,
}

/// Removes installed databases but the current one and the `keep` newest others, and folders that nothing records.
///
/// What the record says of sequences and of databases written to other folders stays. Without a current database nothing is removed but what
/// is not recorded.
///
/// # Errors
///
/// [`Error::Io`] and [`Error::State`].
pub fn gc(lock: &Lock, keep: usize) -> Result<Vec<Removed>, Error> {
    let mut state = lock.state()?;
    let installed = installed(&lock.data)?;
    let mut kept = 0;
    let stays: Vec<PathBuf> = installed
        .iter()
        .filter(|one| {
            one.current || state.current.is_none() || {
                kept += 1;
                kept <= keep
            }
        })
        .map(|one| place(&lock.data, &one.digest))
        .collect();
    let goes: Vec<PathBuf> = folders(&lock.data)?
        .into_iter()
        .filter(|path| !stays.contains(path))
        .collect();
    // First the record: a database that it names is there.
    for one in &installed {
        if !stays.contains(&place(&lock.data, &one.digest)) {
            state.databases.remove(&one.digest);
        }
    }
    state.save(&lock.data)?;
    let mut removed = Vec::new();
    for path in goes {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = own_bytes(&path);
        // Under another name first: a removal that is stopped leaves no half database.
        let aside = path.with_file_name(format!("{NEW}{name}"));
        fs_err::rename(&path, &aside).map_err(|source| failed(&path, source))?;
        remove(&aside)?;
        removed.push(Removed {
            name: name.into_owned(),
            bytes,
        });
    }
    Ok(removed)
}

/// Counts the bytes that a folder's removal frees; files with other names elsewhere stay.
fn own_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return 0;
    };
    let mut bytes = 0;
    for entry in entries.flatten() {
        bytes += match entry.metadata() {
            Ok(found) if found.is_dir() => own_bytes(&entry.path()),
            Ok(found) if links(&found) == 1 => found.len(),
            _ => 0,
        };
    }
    bytes
}

#[cfg(unix)]
fn links(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn links(_: &std::fs::Metadata) -> u64 {
    1
}
