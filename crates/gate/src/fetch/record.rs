//! `fetch.json` while several files are fetched at once, and the right to change the folder.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fs_err as fs;
use toolkit_vulndb::feed::fetched::{Fetched, File, MAX_RECORD, NAME, UNFINISHED};

use super::error::FetchError;

/// Is the record and the right to change it; the right ends with the value.
pub(super) struct Record {
    path: PathBuf,
    fetched: Mutex<Fetched>,
    _lock: std::fs::File,
}

impl Record {
    /// Makes the folder where there is none, waits for others who fetch into it, and reads what was fetched before. What is no record any more is told
    /// and counts as none: everything is fetched again.
    ///
    /// # Errors
    /// [`FetchError::Folder`].
    pub(super) fn open(folder: &Path, tell: &dyn Fn(String)) -> Result<Self, FetchError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let lock = lock(&folder.join(format!("{UNFINISHED}lock")), tell)?;
        let path = folder.join(NAME);
        let fetched = match read(&path) {
            Ok(Some(bytes)) => Fetched::parse(&bytes).unwrap_or_else(|fault| {
                tell(format!(
                    "`{}` is of no use, everything is fetched again: {fault}",
                    path.display()
                ));
                Fetched::default()
            }),
            Ok(None) => Fetched::default(),
            Err(source) => return Err(failed(&path, source)),
        };
        Ok(Self {
            path,
            fetched: Mutex::new(fetched),
            _lock: lock,
        })
    }

    /// Returns what is known of a file.
    pub(super) fn of(&self, path: &str) -> Option<File> {
        self.fetched().files.get(path).cloned()
    }

    /// Remembers a file that is in its place, at once: whatever stops the others does not lose it.
    ///
    /// # Errors
    /// [`FetchError::Record`], [`FetchError::Folder`].
    pub(super) fn keep(&self, path: &str, file: File) -> Result<(), FetchError> {
        let mut fetched = self.fetched();
        fetched.files.insert(path.to_owned(), file);
        let bytes = fetched.to_bytes().map_err(|source| FetchError::Record {
            path: self.path.clone(),
            source,
        })?;
        replace(&self.path, &bytes).map_err(|source| failed(&self.path, source))
    }

    fn fetched(&self) -> MutexGuard<'_, Fetched> {
        // Only whole entries are put in; a panic elsewhere does not spoil it.
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock(path: &Path, tell: &dyn Fn(String)) -> Result<std::fs::File, FetchError> {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = options
        .open(path)
        .map_err(|source| failed(path, source))?
        .into_file();
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            tell("waiting for another download into this folder".to_owned());
            file.lock().map_err(|source| failed(path, source))?;
        }
        Err(std::fs::TryLockError::Error(source)) => return Err(failed(path, source)),
    }
    Ok(file)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    use io::Read;
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    // One more than is read is refused as too large.
    let limit = super::feeds::bytes(MAX_RECORD) + 1;
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Writes a small file beside its place, syncs and renames it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!("{UNFINISHED}{name}.new"));
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&beside, path)
}

/// Renames a file that is on disk, and puts the new name on disk too.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    // Windows has no handle of a folder to sync.
    if cfg!(unix)
        && let Some(folder) = to.parent()
    {
        let folder = if folder == Path::new("") {
            Path::new(".")
        } else {
            folder
        };
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

pub(super) fn failed(path: &Path, source: io::Error) -> FetchError {
    FetchError::Folder {
        path: path.to_path_buf(),
        source,
    }
}
