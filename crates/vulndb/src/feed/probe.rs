//! Tells whether a file is what it should be, before it takes the place of one that is: a login page is no feed, nor is half an archive.
//!
//! A single document is read whole by its reader. Of a zip every member is unpacked, which compares its checksum, and the first document is looked at;
//! whether every record is good is found when a database is built.

use std::io::{self, BufReader, Read};
use std::path::Path;

use fs_err as fs;

use super::folder::{MAX_ARCHIVE, MAX_DOCUMENT, Reason, packed, unpack, whole};
use super::format::{Format, Kind};
use super::{epss, kev, osv, secdb, updateinfo};

/// Looks at a file; `name` is the one that it will have, which tells how it is packed.
///
/// # Errors
///
/// [`Reason`] for what [`super::folder::read`] would not take, and [`Reason::Other`] for a document of another format.
pub fn probe(file: &Path, name: &str, expected: Format) -> Result<(), Reason> {
    if Path::new(name).extension().is_some_and(|end| end == "zip") {
        return archive(file, expected);
    }
    let (plain, packing) = packed(name);
    let mut reader = unpack(BufReader::new(fs::File::open(file)?), packing)?;
    let bytes = whole(&mut reader, MAX_DOCUMENT)?;
    is(Kind::of(plain), &bytes, expected)?;
    match expected {
        Format::Secdb => drop(secdb::parse(&bytes)?),
        Format::Kev => drop(kev::parse(&bytes)?),
        Format::Epss => drop(epss::parse(&bytes)?),
        Format::Updateinfo => drop(updateinfo::parse(&bytes)?),
        Format::Osv => drop(osv::parse(&bytes)?),
        Format::Ubuntu | Format::Wolfi | Format::OpenVex | Format::Csaf => {}
    }
    Ok(())
}

fn archive(file: &Path, expected: Format) -> Result<(), Reason> {
    let mut archive = zip::ZipArchive::new(BufReader::new(fs::File::open(file)?))?;
    let mut room = MAX_ARCHIVE;
    let mut has_document = false;
    for number in 0..archive.len() {
        let mut member = archive.by_index(number)?;
        let name = member.name()?.into_owned();
        if !has_document && member.is_file() && Kind::of(&name) == Some(Kind::Json) {
            let bytes = whole(&mut member, MAX_DOCUMENT)?;
            is(Some(Kind::Json), &bytes, expected)?;
            has_document = true;
        }
        let rest = io::copy(&mut member.by_ref().take(room), &mut io::sink())?;
        room = room.saturating_sub(rest);
        if room == 0 {
            return Err(Reason::Archive { limit: MAX_ARCHIVE });
        }
    }
    if has_document {
        return Ok(());
    }
    Err(Reason::Other {
        expected,
        found: None,
    })
}

fn is(kind: Option<Kind>, bytes: &[u8], expected: Format) -> Result<(), Reason> {
    let found = match kind {
        Some(kind) => kind.format(bytes)?,
        None => None,
    };
    if found == Some(expected) {
        return Ok(());
    }
    Err(Reason::Other { expected, found })
}
