//! The file form of a segment: a header, a table of sections, the sections.
//!
//! ```text
//! 8 bytes  magic "tkvulndb"
//! u16      format version
//! u16      number of sections, at most 32
//! sections × { u32 id, u64 offset, u64 length }
//! ```
//! Numbers are little-endian. Sections lie one behind the other in table order.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, OnceLock};

use super::varint::Cursor;

/// Changes when a reader of the former form would misread.
pub(super) const VERSION: u16 = 1;
const MAGIC: &[u8; 8] = b"tkvulndb";
const MAX_SECTIONS: u16 = 32;
/// A section is read whole into memory; the largest of the full feeds of 2025 has 12 MB.
const MAX_SECTION: u64 = 1 << 30;

/// Tells why a segment is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It does not begin as a segment.
    #[error("not a database segment")]
    Magic,
    /// Another version of the form.
    #[error("database format {found}, this program reads {expected}")]
    Version {
        /// The version of the file.
        found: u16,
        /// The version that is read.
        expected: u16,
    },
    /// The section table points outside the file, or a section is missing or larger than is read.
    #[error("section table of the database is broken: section {section}")]
    Table {
        /// The section concerned.
        section: u32,
    },
    /// A section does not hold what it should.
    #[error("the {section} of the database are broken")]
    Section {
        /// What the section holds.
        section: &'static str,
    },
    /// The file could not be read.
    #[error("the database could not be read")]
    Io(#[from] io::Error),
}

/// Writes a segment of these sections.
pub(super) fn write(out: &mut dyn Write, sections: &[(u32, &[u8])]) -> io::Result<()> {
    let too_many = || io::Error::other("too many sections");
    let count = u16::try_from(sections.len()).map_err(|_| too_many())?;
    out.write_all(MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(&count.to_le_bytes())?;
    let mut offset = 12 + 20 * u64::from(count);
    for (id, bytes) in sections {
        let length = u64::try_from(bytes.len()).map_err(|_| too_many())?;
        out.write_all(&id.to_le_bytes())?;
        out.write_all(&offset.to_le_bytes())?;
        out.write_all(&length.to_le_bytes())?;
        offset += length;
    }
    sections
        .iter()
        .try_for_each(|(_, bytes)| out.write_all(bytes))
}

/// Reads sections of a segment when they are asked for.
pub(super) struct Segment {
    file: Mutex<File>,
    table: Vec<(u32, u64, u64)>,
}

impl Segment {
    /// Reads header and table and checks every bound against the length of the file.
    pub(super) fn open(mut file: File) -> Result<Self, Malformed> {
        let size = file.metadata()?.len();
        let mut header = [0_u8; 12];
        file.read_exact(&mut header).map_err(|_| Malformed::Magic)?;
        let [magic @ .., v0, v1, n0, n1] = header;
        if magic != *MAGIC {
            return Err(Malformed::Magic);
        }
        let (found, count) = (u16::from_le_bytes([v0, v1]), u16::from_le_bytes([n0, n1]));
        if found != VERSION {
            return Err(Malformed::Version {
                found,
                expected: VERSION,
            });
        }
        if count > MAX_SECTIONS {
            return Err(Malformed::Table {
                section: u32::from(count),
            });
        }
        let mut table = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let mut id = [0_u8; 4];
            let (mut offset, mut length) = ([0_u8; 8], [0_u8; 8]);
            file.read_exact(&mut id)?;
            file.read_exact(&mut offset)?;
            file.read_exact(&mut length)?;
            let (id, offset, length) = (
                u32::from_le_bytes(id),
                u64::from_le_bytes(offset),
                u64::from_le_bytes(length),
            );
            let inside = offset.checked_add(length).is_some_and(|end| end <= size);
            if !inside || length > MAX_SECTION || table.iter().any(|(other, _, _)| *other == id) {
                return Err(Malformed::Table { section: id });
            }
            table.push((id, offset, length));
        }
        Ok(Self {
            file: Mutex::new(file),
            table,
        })
    }

    /// Returns the numbers of the sections, in the order in which they lie.
    pub(super) fn ids(&self) -> Vec<u32> {
        self.table.iter().map(|(id, _, _)| *id).collect()
    }

    /// Returns the length of a section, 0 where there is none.
    pub(super) fn length(&self, id: u32) -> u64 {
        self.table
            .iter()
            .find(|(section, _, _)| *section == id)
            .map_or(0, |(_, _, length)| *length)
    }

    /// Reads a whole section.
    pub(super) fn section(&self, id: u32) -> Result<Vec<u8>, Malformed> {
        self.range(id, 0, self.length(id))
    }

    /// Reads a part of a section.
    pub(super) fn range(&self, id: u32, from: u64, length: u64) -> Result<Vec<u8>, Malformed> {
        let broken = || Malformed::Table { section: id };
        let (_, offset, size) = self
            .table
            .iter()
            .find(|(section, _, _)| *section == id)
            .ok_or_else(broken)?;
        if from.checked_add(length).is_none_or(|end| end > *size) {
            return Err(broken());
        }
        let length = usize::try_from(length).map_err(|_| broken())?;
        let mut bytes = vec![0; length];
        let mut file = self
            .file
            .lock()
            .map_err(|_| io::Error::other("a reader of the database panicked"))?;
        file.seek(SeekFrom::Start(offset + from))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// A section of items, each behind its length.
pub(super) struct Items {
    bytes: Vec<u8>,
    /// Where the length of each item lies.
    starts: Vec<u32>,
    what: &'static str,
}

impl Items {
    pub(super) fn open(bytes: Vec<u8>, what: &'static str) -> Result<Self, Malformed> {
        let broken = || Malformed::Section { section: what };
        let mut cursor = Cursor::new(&bytes, what);
        let count = cursor.count()?;
        let mut starts = Vec::with_capacity(count);
        for _ in 0..count {
            let start = bytes.len() - cursor.remaining();
            starts.push(u32::try_from(start).map_err(|_| broken())?);
            cursor.bytes()?;
        }
        Ok(Self {
            bytes,
            starts,
            what,
        })
    }

    pub(super) fn get(&self, number: u32) -> Result<Cursor<'_>, Malformed> {
        let broken = || Malformed::Section { section: self.what };
        let start = usize::try_from(number)
            .ok()
            .and_then(|number| self.starts.get(number))
            .and_then(|start| usize::try_from(*start).ok())
            .ok_or_else(broken)?;
        let mut cursor = Cursor::new(self.bytes.get(start..).ok_or_else(broken)?, self.what);
        Ok(Cursor::new(cursor.bytes()?, self.what))
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }
}

/// Reads a section once. Two threads may both read it the first time; the first to finish is kept.
pub(super) fn once<T>(
    cell: &OnceLock<T>,
    read: impl FnOnce() -> Result<T, Malformed>,
) -> Result<&T, Malformed> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = read()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        file
    }

    fn written() -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, &[(1, b"one"), (2, b"twotwo")]).expect("written");
        out
    }

    #[test]
    fn sections_come_back() {
        let segment = Segment::open(file(&written())).expect("a segment");
        assert_eq!(segment.section(2).expect("a section"), b"twotwo");
        assert_eq!(segment.range(2, 3, 3).expect("a part"), b"two");
        assert!(matches!(
            segment.range(2, 3, 4),
            Err(Malformed::Table { section: 2 })
        ));
        assert!(matches!(
            segment.section(3),
            Err(Malformed::Table { section: 3 })
        ));
    }

    #[test]
    fn what_is_no_segment_is_refused() {
        let good = written();
        assert!(matches!(Segment::open(file(b"")), Err(Malformed::Magic)));
        assert!(matches!(
            Segment::open(file(b"not a segment")),
            Err(Malformed::Magic)
        ));
        let mut other = good.clone();
        other[8] = 9;
        assert!(matches!(
            Segment::open(file(&other)),
            Err(Malformed::Version {
                found: 9,
                expected: VERSION
            })
        ));
        assert!(matches!(
            Segment::open(file(&good[..good.len() - 1])),
            Err(Malformed::Table { section: 2 })
        ));
        assert!(Segment::open(file(&good[..20])).is_err());
        let mut huge = good;
        huge[20..28].fill(0xff);
        assert!(matches!(
            Segment::open(file(&huge)),
            Err(Malformed::Table { section: 1 })
        ));
    }
}
