//! Brings one file into the folder.
//!
//! It is written beside its place, `.fetch-NAME.part`, and renamed only when it is whole and is what it should be. What breaks off stays there with the
//! entity tag of its state, and the next run asks for the rest.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs_err as fs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toolkit_oci::digest::Hasher;
use toolkit_oci::registry::{self, Got, Part, Sink, Validators};
use toolkit_oci::{Algorithm, ErrorClass};
use toolkit_vulndb::feed::fetched::{File, UNFINISHED};
use toolkit_vulndb::feed::probe;

use super::address::Addresses;
use super::discover::Wanted;
use super::error::FetchError;
use super::journey::FileState;
use super::record::{Record, failed, rename, replace};
use crate::event::Event;

/// Bytes of what is remembered of an unfinished file.
const MAX_NOTE: u64 = 16 << 10;

/// Everything that one file needs.
pub(super) struct Courier<'a> {
    pub(super) folder: &'a Path,
    pub(super) addresses: &'a Addresses<'a>,
    pub(super) record: &'a Record,
    pub(super) now: Timestamp,
    pub(super) events: &'a (dyn Fn(Event) + Sync),
}

/// Remembers of what an unfinished file is the beginning.
#[derive(Serialize, Deserialize)]
struct Note {
    url: String,
    etag: String,
}

impl Courier<'_> {
    /// Fetches a file of a feed where it changed.
    ///
    /// # Errors
    /// [`FetchError`]; the former file is then still there.
    pub(super) fn bring(
        &self,
        feed: &str,
        wanted: &Wanted,
    ) -> Result<(FileState, u64), FetchError> {
        let path = self.folder.join(&wanted.path);
        let folder = path.parent().unwrap_or(self.folder);
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let web = self.addresses.file(&wanted.url)?;
        let held = self.held(&path, wanted)?;
        if let Some(held) = &held
            && wanted.sha256.as_ref() == Some(&held.sha256)
        {
            return self.unchanged(wanted, held.clone());
        }
        let mut part = PartFile::beside(&path, &self.addresses.of(&wanted.url));
        let ask = registry::Wanted {
            held: held.as_ref().map(|held| Validators {
                etag: held.etag.clone(),
                last_modified: held.last_modified.clone(),
            }),
            part: part.left()?,
            limit: wanted.limit,
        };
        let mut sink = Told {
            part: &mut part,
            path: &wanted.path,
            done: ask.part.as_ref().map_or(0, |part| part.size),
            total: None,
            events: self.events,
        };
        let got = web.download(&ask, &mut sink);
        let outcome = match got {
            Ok(Got::Unchanged) => match held {
                Some(held) => {
                    part.remove()?;
                    return self.unchanged(wanted, held);
                }
                // Nothing was asked under a condition.
                None => Err(FetchError::Web(registry::Error::Header {
                    url: web.url(),
                    header: "ETag",
                })),
            },
            Ok(Got::Whole { validators, size }) => {
                let former = held.map(|held| held.sha256);
                self.take(feed, wanted, &path, &mut part, validators, size)
                    .map(|file| match former {
                        // Its publisher knows no conditions, or did not heed them.
                        Some(former) if former == file.sha256 => (FileState::Unchanged, file.size),
                        _ => (FileState::Fetched, file.size),
                    })
            }
            Err(error) => {
                // A beginning is worth keeping where the rest may still come.
                if error.class() != ErrorClass::Unreachable || !part.can_be_resumed() {
                    part.remove()?;
                }
                Err(error.into())
            }
        };
        (self.events)(Event::DownloadEnded {
            path: wanted.path.clone(),
            is_whole: outcome.is_ok(),
        });
        outcome
    }

    /// Puts a file that came whole into its place, if it is what it should be.
    fn take(
        &self,
        feed: &str,
        wanted: &Wanted,
        path: &Path,
        part: &mut PartFile,
        validators: Validators,
        size: u64,
    ) -> Result<File, FetchError> {
        let url = self.addresses.of(&wanted.url);
        let found = part.finish(size)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let checked = match &wanted.sha256 {
            Some(expected) if *expected != found => Err(FetchError::OtherBytes {
                url: url.clone(),
                expected: expected.clone(),
                found: found.clone(),
            }),
            _ => probe(&part.path, &name, wanted.format).map_err(|source| FetchError::NotTheFeed {
                url: url.clone(),
                source,
            }),
        };
        if let Err(error) = checked {
            part.remove()?;
            return Err(error);
        }
        rename(&part.path, path).map_err(|source| failed(path, source))?;
        part.remove()?;
        let file = File {
            feed: feed.to_owned(),
            url,
            time: self.now,
            etag: validators.etag,
            last_modified: validators.last_modified,
            sha256: found,
            size,
        };
        self.record.keep(&wanted.path, file.clone())?;
        Ok(file)
    }

    fn unchanged(&self, wanted: &Wanted, held: File) -> Result<(FileState, u64), FetchError> {
        let size = held.size;
        let file = File {
            time: self.now,
            ..held
        };
        self.record.keep(&wanted.path, file)?;
        Ok((FileState::Unchanged, size))
    }

    /// Returns what the record says of the file, where the file is still the one that it speaks of and came from the same address.
    fn held(&self, path: &Path, wanted: &Wanted) -> Result<Option<File>, FetchError> {
        let Some(known) = self.record.of(&wanted.path) else {
            return Ok(None);
        };
        if known.url != self.addresses.of(&wanted.url) {
            return Ok(None);
        }
        match fs::metadata(path) {
            Ok(found) if found.is_file() && found.len() == known.size => {}
            _ => return Ok(None),
        }
        let found = sha256(path)?;
        Ok((found == known.sha256).then_some(known))
    }
}

/// An unfinished file and the note beside it.
struct PartFile {
    path: PathBuf,
    note: PathBuf,
    url: String,
    file: Option<fs::File>,
}

impl PartFile {
    fn beside(path: &Path, url: &str) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = |end: &str| path.with_file_name(format!("{UNFINISHED}{name}.{end}"));
        Self {
            path: beside("part"),
            note: beside("note"),
            url: url.to_owned(),
            file: None,
        }
    }

    /// Returns what an earlier run left of the same address.
    fn left(&self) -> Result<Option<Part>, FetchError> {
        let Some(note) = self.read_note() else {
            return Ok(None);
        };
        let size = match fs::metadata(&self.path) {
            Ok(found) if found.is_file() => found.len(),
            _ => return Ok(None),
        };
        Ok((note.url == self.url && size > 0).then_some(Part {
            validators: Validators {
                etag: Some(note.etag),
                last_modified: None,
            },
            size,
        }))
    }

    fn read_note(&self) -> Option<Note> {
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.note).ok()?;
        file.take(MAX_NOTE).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn can_be_resumed(&self) -> bool {
        self.read_note().is_some()
    }

    /// Puts the bytes on disk; returns their SHA-256.
    fn finish(&mut self, size: u64) -> Result<String, FetchError> {
        let synced = match self.file.take() {
            Some(file) => file.sync_all(),
            // A file without a byte.
            None => fs::File::open(&self.path).map(drop),
        };
        synced.map_err(|source| failed(&self.path, source))?;
        let found = fs::metadata(&self.path).map_err(|source| failed(&self.path, source))?;
        if found.len() != size {
            let reason = format!("{} bytes are there, {size} came", found.len());
            return Err(failed(&self.path, io::Error::other(reason)));
        }
        sha256(&self.path)
    }

    fn remove(&mut self) -> Result<(), FetchError> {
        self.file = None;
        for path in [&self.note, &self.path] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Sink for PartFile {
    fn begin(&mut self, validators: &Validators, _: Option<u64>) -> io::Result<()> {
        self.file = None;
        // The note goes first and comes last: it never speaks of other bytes.
        match fs::remove_file(&self.note) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = fs::File::create(&self.path)?;
        if let Some(etag) = validators.strong() {
            file.sync_all()?;
            let note = Note {
                url: self.url.clone(),
                etag: etag.to_owned(),
            };
            replace(&self.note, &serde_json::to_vec(&note)?)?;
        }
        self.file = Some(file);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            // The rest of what an earlier run left.
            none => {
                let mut file = fs::OpenOptions::new().write(true).open(&self.path)?;
                file.seek(SeekFrom::End(0))?;
                none.insert(file)
            }
        };
        file.write_all(bytes)
    }
}

/// Tells how far a file is.
struct Told<'a> {
    part: &'a mut PartFile,
    path: &'a str,
    done: u64,
    total: Option<u64>,
    events: &'a (dyn Fn(Event) + Sync),
}

impl Told<'_> {
    fn tell(&self) {
        (self.events)(Event::Download {
            path: self.path.to_owned(),
            done: self.done,
            total: self.total,
        });
    }
}

impl Sink for Told<'_> {
    fn begin(&mut self, validators: &Validators, size: Option<u64>) -> io::Result<()> {
        self.part.begin(validators, size)?;
        (self.done, self.total) = (0, size);
        self.tell();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.part.write(bytes)?;
        self.done = self
            .done
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.tell();
        Ok(())
    }
}

fn sha256(path: &Path) -> Result<String, FetchError> {
    let hash = || {
        let mut file = fs::File::open(path)?;
        let mut hasher = Hasher::new(Algorithm::Sha256);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok(hasher.finish().hex().to_owned());
            }
            hasher.update(buffer.get(..count).unwrap_or_default());
        }
    };
    hash().map_err(|source| failed(path, source))
}
