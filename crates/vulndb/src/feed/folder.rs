//! A directory of downloaded feeds: finds its documents, whichever way they are packed, and hands each to its reader.
//!
//! `DIR/<feed>/…` holds documents as files, as members of `.zip`, `.tar.zst` and `.tar.gz`, or one a line in `.jsonl`; a single file may be packed as
//! `.zst` or `.gz`. zstd windows of up to 128 MiB are read. The format is told by the document, not by the folder. Files come in the order of their names, so do
//! the members of a zip; those of a tar in theirs. What is not read is told: as a fault, or as a file that no reader is for;
//! but for [`fetched::NAME`] and what a download left unfinished. Symbolic links are not followed.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use fs_err as fs;

use crate::advisory::Advisory;
use crate::vex;

use super::error::Error;
use super::format::{Format, Kind};
use super::{csaf, epss, fetched, kev, openvex, osv, secdb, ubuntu, updateinfo, wolfi};

/// A document of this size is read, unpacked; the limits of the formats lie below.
pub(super) const MAX_DOCUMENT: usize = 256 << 20;
/// Bytes that one archive may hold, unpacked: ten times the largest export of 2025.
pub(super) const MAX_ARCHIVE: u64 = 64 << 30;
/// Bytes of a member's name or extension header.
const MAX_EXTENSION: u64 = 64 << 10;
/// The zstd window that is read, as a power of two: 128 MiB, what `zstd --long` writes.
const WINDOW: u32 = 27;
/// Folders within folders.
const MAX_DEPTH: usize = 32;

/// What a document holds.
#[derive(Debug)]
pub enum Record {
    /// An advisory.
    Advisory(Box<Advisory>),
    /// EPSS scores.
    Scores(epss::Table),
    /// The catalogue of known exploited vulnerabilities.
    Exploited(kev::Catalogue),
    /// VEX statements.
    Vex(vex::Document),
}

/// Tells why something was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// An OSV record was refused.
    #[error(transparent)]
    Osv(#[from] osv::Error),
    /// A document of another format was refused.
    #[error(transparent)]
    Document(#[from] Error),
    /// A file or archive could not be read on.
    #[error("could not be read")]
    Io(#[from] io::Error),
    /// A zip could not be read.
    #[error("not a readable zip")]
    Zip(#[from] zip::result::ZipError),
    /// Folders lie deeper than is looked.
    #[error("lies more than {limit} folders deep")]
    Deep {
        /// How deep is looked.
        limit: usize,
    },
    /// It holds another format, or none.
    #[error("no {expected} document{}", found.map_or_else(String::new, |found| format!(" but {found}")))]
    Other {
        /// The format that was expected.
        expected: Format,
        /// The format that is there.
        found: Option<Format>,
    },
    /// An archive holds more than is read.
    #[error("holds more than {limit} bytes")]
    Archive {
        /// Bytes that are read.
        limit: u64,
    },
}

/// Something that was not read.
#[derive(Debug)]
pub struct Fault {
    /// Where: the path below the directory, then the member, then `:` and the line.
    pub path: String,
    /// Why.
    pub reason: Reason,
}

/// Counts what was read of one source in one format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents that their reader took.
    pub documents: usize,
    /// Records in them: advisories, scores, exploited vulnerabilities, statements; for secdb its entries, of which [`Report::merged`] records are made.
    pub records: usize,
}

/// Tells what a directory held.
#[derive(Debug, Default)]
pub struct Report {
    /// What was read, by the first part of the path and by format.
    pub counts: BTreeMap<(String, Format), Counts>,
    /// Records made of all secdb documents together.
    pub merged: usize,
    /// Documents that the caller did not want.
    pub left_out: usize,
    /// Files that no reader is for.
    pub unrecognised: Vec<String>,
    /// What should have been read and was not.
    pub faults: Vec<Fault>,
}

/// Hands every record below `directory` to `each`, with its origin. Paths that have a component in `without` are left out.
///
/// # Errors
///
/// Only where the directory itself cannot be listed; everything below is a fault of the report.
pub fn read(
    directory: &Path,
    without: &[&str],
    each: &mut dyn FnMut(&str, Record),
) -> io::Result<Report> {
    let mut walk = Walk {
        without,
        each,
        report: Report::default(),
        secdb: secdb::Collector::default(),
    };
    walk.directory(directory, "", 0)?;
    let Walk {
        each,
        mut report,
        secdb,
        ..
    } = walk;
    for entry in secdb.unnamed() {
        report.faults.push(Fault {
            path: "secdb".to_owned(),
            reason: Error::Missing {
                what: "an id",
                place: format!("the entry `{}`", super::error::start(entry)),
            }
            .into(),
        });
    }
    for advisory in secdb.finish() {
        report.merged += 1;
        each("secdb", Record::Advisory(Box::new(advisory)));
    }
    Ok(report)
}

struct Walk<'a> {
    without: &'a [&'a str],
    each: &'a mut dyn FnMut(&str, Record),
    report: Report,
    secdb: secdb::Collector,
}

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    Plain,
    Zstd,
    Gzip,
}

/// Takes the end that tells a compression off a name.
pub(super) fn packed(name: &str) -> (&str, Packed) {
    if let Some(name) = name.strip_suffix(".zst") {
        (name, Packed::Zstd)
    } else if let Some(name) = name.strip_suffix(".gz") {
        (name, Packed::Gzip)
    } else {
        (name, Packed::Plain)
    }
}

pub(super) fn unpack<'a>(reader: impl Read + 'a, packed: Packed) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match packed {
        Packed::Plain => Box::new(reader),
        Packed::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(reader)?;
            decoder.window_log_max(WINDOW)?;
            Box::new(decoder)
        }
        Packed::Gzip => Box::new(flate2::read::MultiGzDecoder::new(reader)),
    })
}

/// Reads a document whole, or refuses it.
pub(super) fn whole(reader: &mut dyn Read, limit: usize) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(bound).read_to_end(&mut bytes)?;
    super::error::within(&bytes, limit)?;
    Ok(bytes)
}

impl Walk<'_> {
    fn fault(&mut self, path: &str, reason: impl Into<Reason>) {
        self.report.faults.push(Fault {
            path: path.to_owned(),
            reason: reason.into(),
        });
    }

    fn directory(&mut self, directory: &Path, below: &str, depth: usize) -> io::Result<()> {
        let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = match below {
                "" => name.clone(),
                below => format!("{below}/{name}"),
            };
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.fault(&path, error);
                    continue;
                }
            };
            if kind.is_dir() && depth == MAX_DEPTH {
                self.fault(&path, Reason::Deep { limit: MAX_DEPTH });
            } else if kind.is_dir() {
                if let Err(error) = self.directory(&entry.path(), &path, depth + 1) {
                    self.fault(&path, error);
                }
            } else if !kind.is_file() {
                self.report.unrecognised.push(path);
            } else if path == fetched::NAME || name.starts_with(fetched::UNFINISHED) {
                // Of whoever fetched the feeds: no feed, and not left out either.
            } else if let Err(reason) = self.file(&entry.path(), &path) {
                self.fault(&path, reason);
            }
        }
        Ok(())
    }

    fn is_left_out(&self, path: &str) -> bool {
        path.split('/').any(|part| self.without.contains(&part))
    }

    fn file(&mut self, file: &Path, path: &str) -> Result<(), Reason> {
        let (name, packing) = packed(path);
        if std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "zip")
            && packing == Packed::Plain
        {
            return self.zip(file, path);
        }
        if packing != Packed::Plain && name.ends_with(".tar") {
            let mut reader = unpack(BufReader::new(fs::File::open(file)?), packing)?;
            return self.tar(&mut reader, path);
        }
        if self.is_left_out(path) {
            self.report.left_out += 1;
            return Ok(());
        }
        let Some(kind) = Kind::of(name) else {
            self.report.unrecognised.push(path.to_owned());
            return Ok(());
        };
        let mut reader = unpack(BufReader::new(fs::File::open(file)?), packing)?;
        self.document(kind, path, &mut reader)
    }

    /// Takes a member of an archive; what its own name says of a compression holds too.
    fn member(&mut self, path: &str, reader: &mut dyn Read) -> Result<(), Reason> {
        if self.is_left_out(path) {
            self.report.left_out += 1;
            return Ok(());
        }
        let (name, packing) = packed(path);
        let Some(kind) = Kind::of(name) else {
            self.report.unrecognised.push(path.to_owned());
            return Ok(());
        };
        let mut reader = unpack(reader, packing)?;
        self.document(kind, path, &mut reader)
    }

    fn zip(&mut self, file: &Path, path: &str) -> Result<(), Reason> {
        let mut archive = zip::ZipArchive::new(BufReader::new(fs::File::open(file)?))?;
        let mut members = Vec::with_capacity(archive.len());
        for number in 0..archive.len() {
            let member = archive.by_index(number)?;
            let name = member.name()?.into_owned();
            if member.is_file() {
                members.push((name, number));
            } else if !member.is_dir() {
                self.report.unrecognised.push(format!("{path}/{name}"));
            }
        }
        members.sort_unstable();
        for (name, number) in members {
            let path = format!("{path}/{name}");
            let read = match archive.by_index(number) {
                Ok(mut member) => self.member(&path, &mut member),
                Err(error) => Err(error.into()),
            };
            if let Err(reason) = read {
                self.fault(&path, reason);
            }
        }
        Ok(())
    }

    fn tar(&mut self, reader: &mut dyn Read, path: &str) -> Result<(), Reason> {
        let mut bounded = reader.take(MAX_ARCHIVE);
        let mut archive = tar::Archive::new(&mut bounded);
        let mut long: Option<String> = None;
        // Raw, because a name of any length would be read into memory otherwise.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                let extension = extension(&mut entry)?;
                long = if kind.is_gnu_longname() {
                    let name = extension.split(|byte| *byte == 0).next();
                    name.map(|name| String::from_utf8_lossy(name).into_owned())
                } else {
                    pax_path(&extension)?
                };
                continue;
            }
            let name = match long.take() {
                Some(name) => name,
                None => String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
            };
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let path = format!("{path}/{}", name.trim_start_matches("./"));
            if !kind.is_file() {
                self.report.unrecognised.push(path);
            } else if let Err(reason) = self.member(&path, &mut entry) {
                self.fault(&path, reason);
            }
        }
        // The end of the archive lies before the end of the compression, whose checksum is worth having.
        io::copy(&mut bounded, &mut io::sink())?;
        if bounded.limit() == 0 {
            return Err(Reason::Archive { limit: MAX_ARCHIVE });
        }
        Ok(())
    }

    fn document(&mut self, kind: Kind, path: &str, reader: &mut dyn Read) -> Result<(), Reason> {
        if kind == Kind::JsonLines {
            return self.lines(path, reader);
        }
        let bytes = whole(reader, MAX_DOCUMENT)?;
        self.take(kind, path, &bytes)
    }

    fn lines(&mut self, path: &str, reader: &mut dyn Read) -> Result<(), Reason> {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        let bound = u64::try_from(osv::MAX_RECORD).unwrap_or(u64::MAX) + 1;
        for number in 1_usize.. {
            line.clear();
            if (&mut reader).take(bound).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            super::error::within(&line, osv::MAX_RECORD)?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let place = format!("{path}:{number}");
            if let Err(reason) = self.take(Kind::JsonLines, &place, line.trim_ascii()) {
                self.fault(&place, reason);
            }
        }
        Ok(())
    }

    /// Reads one document and hands its records on.
    fn take(&mut self, kind: Kind, path: &str, bytes: &[u8]) -> Result<(), Reason> {
        let Some(format) = kind.format(bytes)? else {
            self.report.unrecognised.push(path.to_owned());
            return Ok(());
        };
        let one = |advisory| vec![Record::Advisory(Box::new(advisory))];
        let (records, count) = match format {
            Format::Osv => (one(osv::parse(bytes)?), 1),
            Format::Ubuntu => (one(ubuntu::parse(bytes)?), 1),
            Format::Updateinfo => several(updateinfo::parse(bytes)?),
            Format::Wolfi => several(wolfi::parse(bytes)?),
            Format::Secdb => {
                let document = secdb::parse(bytes)?;
                let fixes = document.packages.iter().flat_map(|package| &package.fixes);
                let count = fixes.map(|(_, entries)| entries.len()).sum();
                self.secdb.add(document);
                (Vec::new(), count)
            }
            Format::Epss => {
                let table = epss::parse(bytes)?;
                let count = table.scores.len();
                (vec![Record::Scores(table)], count)
            }
            Format::Kev => {
                let catalogue = kev::parse(bytes)?;
                let count = catalogue.entries.len();
                (vec![Record::Exploited(catalogue)], count)
            }
            Format::OpenVex => statements(openvex::parse(bytes)?),
            Format::Csaf => statements(csaf::parse(bytes)?),
        };
        let source = path.split('/').next().unwrap_or(path).to_owned();
        let counts = self.report.counts.entry((source, format)).or_default();
        counts.documents += 1;
        counts.records += count;
        for record in records {
            (self.each)(path, record);
        }
        Ok(())
    }
}

fn several(advisories: Vec<Advisory>) -> (Vec<Record>, usize) {
    let count = advisories.len();
    let records = advisories.into_iter().map(Box::new);
    (records.map(Record::Advisory).collect(), count)
}

fn statements(document: vex::Document) -> (Vec<Record>, usize) {
    let count = document.statements.len();
    (vec![Record::Vex(document)], count)
}

/// Reads the content of a header that is about the next member.
fn extension(entry: &mut dyn Read) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    entry.take(MAX_EXTENSION + 1).read_to_end(&mut bytes)?;
    let limit = usize::try_from(MAX_EXTENSION).unwrap_or(usize::MAX);
    super::error::within(&bytes, limit)?;
    Ok(bytes)
}

/// Returns the path of a pax header (POSIX.1-2001, pax). One that changes the size is refused: the members behind it would be misread.
fn pax_path(bytes: &[u8]) -> Result<Option<String>, Reason> {
    let mut path = None;
    for record in tar::PaxExtensions::new(bytes) {
        let record = record?;
        match record.key_bytes() {
            b"path" => path = Some(String::from_utf8_lossy(record.value_bytes()).into_owned()),
            b"size" => return Err(io::Error::other("a member of 8 GiB or more").into()),
            _ => {}
        }
    }
    Ok(path)
}
