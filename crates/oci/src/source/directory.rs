//! A directory, or a single file, read as the one layer of an image.
//!
//! Walked in sorted order on one file system; links are recorded, never followed; only regular files are opened. What
//! the system refuses to show is listed as unreadable.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::layer::ContentReader;
use crate::layer::entries::Collector;
use crate::layer::entry::UnreadableReason;
use crate::layer::tar::{Header, Kind, Sink};
use crate::source::target::Target;

/// Holds the place of a directory or file.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Checks that what is there is of the kind that the target names; a device or FIFO has no end and is nobody's file system.
    pub(crate) fn open(target: &Target) -> Result<Self> {
        let (path, expected) = match target {
            Target::Directory(path) => (path, "a directory"),
            Target::File(path) => (path, "a regular file"),
            other => {
                return Err(Error::NotAnImage {
                    reason: format!("`{other}` is neither a directory nor a file"),
                });
            }
        };
        match fs_err::metadata(path) {
            Ok(found) => {
                let is_as_named = match target {
                    Target::Directory(_) => found.is_dir(),
                    _ => found.is_file(),
                };
                if is_as_named {
                    return Ok(Self { path: path.clone() });
                }
                let kind = if found.is_dir() {
                    "a directory"
                } else if found.is_file() {
                    "a regular file"
                } else {
                    "a device, FIFO or socket"
                };
                Err(Error::NotAnImage {
                    reason: format!("expected {expected} at `{}`, found {kind}", path.display()),
                })
            }
            Err(error) => Err(Error::opening(path, error)),
        }
    }

    /// Hands every entry to the collector, as the tar parser does for a layer.
    pub(crate) fn walk<C: ContentReader>(&self, collector: &mut Collector<'_, C>) -> Result<()> {
        let metadata = fs_err::metadata(&self.path)?;
        if !metadata.is_dir() {
            let name = name_bytes(self.path.file_name().unwrap_or_default());
            return file(collector, &self.path, &name, &metadata);
        }
        let device = device(&metadata);
        let mut stack = vec![(self.path.clone(), Vec::new())];
        while let Some((folder, prefix)) = stack.pop() {
            let listed =
                fs_err::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
            let mut entries = match listed {
                Ok(entries) => entries,
                Err(error) => {
                    collector.unreadable(&prefix, UnreadableReason::Io(error.kind().to_string()));
                    continue;
                }
            };
            entries.sort_by_key(fs_err::DirEntry::file_name);
            let mut folders = Vec::new();
            for entry in entries {
                let mut name = prefix.clone();
                if !name.is_empty() {
                    name.push(b'/');
                }
                name.extend_from_slice(&name_bytes(&entry.file_name()));
                let path = entry.path();
                let metadata = match fs_err::symlink_metadata(&path) {
                    Ok(metadata) => metadata,
                    Err(error) => {
                        collector.unreadable(&name, UnreadableReason::Io(error.kind().to_string()));
                        continue;
                    }
                };
                if metadata.is_file() {
                    file(collector, &path, &name, &metadata)?;
                    continue;
                }
                let (kind, link) = if metadata.is_dir() {
                    (Kind::Directory, Vec::new())
                } else if metadata.is_symlink() {
                    match fs_err::read_link(&path) {
                        Ok(target) => (Kind::Symlink, name_bytes(target.as_os_str())),
                        Err(error) => {
                            collector
                                .unreadable(&name, UnreadableReason::Io(error.kind().to_string()));
                            continue;
                        }
                    }
                } else {
                    (Kind::Other, Vec::new())
                };
                collector.entry(&header(&name, &link, kind, 0, &metadata))?;
                collector.end()?;
                if kind == Kind::Directory && self::device(&metadata) == device {
                    folders.push((path, name));
                }
            }
            stack.extend(folders.into_iter().rev());
        }
        Ok(())
    }
}

/// Hands one regular file over; its bytes are read only as far as they are wanted.
fn file<C: ContentReader>(
    collector: &mut Collector<'_, C>,
    path: &Path,
    name: &[u8],
    metadata: &std::fs::Metadata,
) -> Result<()> {
    let size = metadata.len();
    collector.entry(&header(name, &[], Kind::Regular, size, metadata))?;
    let read = |collector: &mut Collector<'_, C>| -> std::io::Result<()> {
        if size == 0 {
            return Ok(());
        }
        let mut file = fs_err::File::open(path)?.take(size);
        let mut buffer = vec![0; 64 << 10];
        let mut left = size;
        while left > 0 && collector.is_interested() {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
            }
            left = left.saturating_sub(u64::try_from(count).unwrap_or(left));
            collector.data(buffer.get(..count).unwrap_or_default())?;
        }
        Ok(())
    };
    match read(collector) {
        Ok(()) => collector.end(),
        Err(error) => {
            collector.abandon();
            collector.unreadable(name, UnreadableReason::Io(error.kind().to_string()));
            Ok(())
        }
    }
}

fn header<'a>(
    name: &'a [u8],
    link: &'a [u8],
    kind: Kind,
    size: u64,
    metadata: &std::fs::Metadata,
) -> Header<'a> {
    let mtime = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    Header {
        name,
        link,
        kind,
        mode: mode(metadata),
        size,
        mtime: mtime
            .and_then(|time| i64::try_from(time.as_secs()).ok())
            .unwrap_or_default(),
        sparse: false,
        offset: 0,
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    if metadata.permissions().readonly() {
        0o444
    } else {
        0o644
    }
}

#[cfg(unix)]
fn device(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(metadata)
}

#[cfg(not(unix))]
fn device(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_vec()
}

#[cfg(not(unix))]
fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    name.to_string_lossy().replace('\\', "/").into_bytes()
}
