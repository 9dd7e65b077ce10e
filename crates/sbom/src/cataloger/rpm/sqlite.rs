//! Tables of a SQLite database as it lies in a file, with the write-ahead log beside it.
//!
//! Implements reading of "Database File Format" (sqlite.org/fileformat2.html): sections 1.3 header, 1.5 and 1.6 table b-trees
//! and overflow pages, 2.1 records, 2.6 the schema table, 4 the write-ahead log. It reads rows of ordinary tables in the order
//! of their row ids; no index, no SQL, no locks, no writing. Every page is used once at most, so that work and memory are
//! bounded by the size of the files.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::Fault;

/// Is a database with the last committed state of its log.
#[derive(Debug)]
pub struct Database<'a> {
    main: &'a [u8],
    log: Pages<'a>,
    page_size: usize,
    usable: usize,
}

/// Maps page numbers to their content in the log.
type Pages<'a> = BTreeMap<u32, &'a [u8]>;

/// Is one value of a row that this reader hands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `NULL`, a float, or a column that the row does not have.
    Other,
    /// An integer.
    Integer(i64),
    /// A text or blob.
    Bytes(Vec<u8>),
}

impl<'a> Database<'a> {
    /// Checks the header and applies the log; frames after the last valid commit do not count.
    ///
    /// # Errors
    /// [`Fault`] where the header is no SQLite header or names an encoding other than UTF-8. A log that does not belong to
    /// the database, or is damaged, ends at its last good commit as section 4.1 says.
    pub fn open(main: &'a [u8], wal: Option<&'a [u8]>) -> Result<Self, Fault> {
        let (log, log_page_size) = wal.map(read_log).unwrap_or_default();
        let header = log.get(&1).copied().unwrap_or(main);
        let fault = |what, offset| Fault::Malformed { what, offset };
        if header.len() < HEADER {
            return Err(Fault::Truncated {
                what: "SQLite header",
                offset: 0,
            });
        }
        if !header.starts_with(MAGIC) {
            return Err(fault("SQLite header", 0));
        }
        let page_size = match be16(header, 16) {
            Some(1) => 65_536,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return Err(fault("page size", 16)),
        };
        if log_page_size.is_some_and(|size| size != page_size) {
            return Err(fault("page size of the write-ahead log", 8));
        }
        let reserved = header.get(20).copied().map_or(0, usize::from);
        let usable = page_size.saturating_sub(reserved);
        // Section 1.3.4: at least 480 bytes are usable.
        if usable < 480 {
            return Err(fault("reserved space", 20));
        }
        // 0 is a database without any table yet.
        if !matches!(be32(header, 56), Some(0 | 1)) {
            return Err(Fault::Unsupported {
                format: "a SQLite database in UTF-16",
            });
        }
        Ok(Self {
            main,
            log,
            page_size,
            usable,
        })
    }

    /// Reads every row of a table, wanted columns only, in the order of row ids. What is damaged is a fault, the rest is read.
    #[must_use]
    pub fn rows(&self, table: &str, columns: &[usize]) -> (Vec<Vec<Value>>, Vec<Fault>) {
        let (schema, mut faults) = self.walk(1, &[0, 1, 3]);
        let root = schema.iter().find_map(|row| match row.as_slice() {
            [Value::Bytes(kind), Value::Bytes(name), Value::Integer(root)] => (kind == b"table"
                && name.eq_ignore_ascii_case(table.as_bytes()))
            .then(|| u32::try_from(*root).ok())
            .flatten(),
            _ => None,
        });
        let Some(root) = root else {
            if faults.is_empty() {
                faults.push(Fault::Malformed {
                    what: "schema without the expected table",
                    offset: 100,
                });
            }
            return (Vec::new(), faults);
        };
        let (rows, more) = self.walk(root, columns);
        faults.extend(more);
        (rows, faults)
    }

    fn page(&self, number: u32) -> Result<&'a [u8], Fault> {
        if let Some(page) = self.log.get(&number) {
            return Ok(page);
        }
        let start = usize::try_from(number)
            .ok()
            .and_then(|n| n.checked_sub(1))
            .and_then(|n| n.checked_mul(self.page_size));
        start
            .and_then(|start| self.main.get(start..start.checked_add(self.page_size)?))
            .ok_or(Fault::Truncated {
                what: "page",
                offset: u64::from(number).saturating_sub(1) * wide(self.page_size),
            })
    }

    fn walk(&self, root: u32, columns: &[usize]) -> (Vec<Vec<Value>>, Vec<Fault>) {
        let mut walk = Walk {
            db: self,
            used: BTreeSet::new(),
            todo: vec![root],
            rows: Vec::new(),
        };
        let mut faults = Vec::new();
        while let Some(number) = walk.todo.pop() {
            if let Err(fault) = walk.node(number, columns, &mut faults) {
                faults.push(fault);
            }
        }
        (walk.rows, faults)
    }
}

struct Walk<'d, 'a> {
    db: &'d Database<'a>,
    used: BTreeSet<u32>,
    todo: Vec<u32>,
    rows: Vec<Vec<Value>>,
}

impl Walk<'_, '_> {
    fn claim(&mut self, number: u32) -> Result<(), Fault> {
        if self.used.insert(number) {
            return Ok(());
        }
        Err(Fault::Malformed {
            what: "page that is used twice",
            offset: u64::from(number).saturating_sub(1) * wide(self.db.page_size),
        })
    }

    fn node(
        &mut self,
        number: u32,
        columns: &[usize],
        faults: &mut Vec<Fault>,
    ) -> Result<(), Fault> {
        self.claim(number)?;
        let page = self.db.page(number)?;
        let base = u64::from(number).saturating_sub(1) * wide(self.db.page_size);
        let malformed = |what| Fault::Malformed { what, offset: base };
        let start = if number == 1 { HEADER } else { 0 };
        let header = page.get(start..).unwrap_or_default();
        let kind = header.first().copied();
        let cells = be16(header, 3).ok_or_else(|| malformed("page header"))?;
        let (interior, first) = match kind {
            Some(5) => (true, 12),
            Some(13) => (false, 8),
            _ => return Err(malformed("type of a table page")),
        };
        let pointer = |index: u16| be16(header, first + 2 * usize::from(index)).map(usize::from);
        if interior {
            let mut children = Vec::with_capacity(usize::from(cells) + 1);
            for index in 0..cells {
                children.push(pointer(index).and_then(|at| be32(page, at)));
            }
            children.push(be32(header, 8));
            // The stack gives the last one first.
            for child in children.into_iter().rev() {
                self.todo
                    .push(child.ok_or_else(|| malformed("pointer to a page"))?);
            }
            return Ok(());
        }
        for index in 0..cells {
            let cell = pointer(index)
                .and_then(|at| page.get(at..self.db.usable))
                .ok_or_else(|| malformed("pointer to a cell"))?;
            match self.cell(cell, base, columns) {
                Ok(row) => self.rows.push(row),
                Err(fault) => faults.push(fault),
            }
        }
        Ok(())
    }

    fn cell(&mut self, cell: &[u8], base: u64, columns: &[usize]) -> Result<Vec<Value>, Fault> {
        let malformed = || Fault::Malformed {
            what: "cell of a table page",
            offset: base,
        };
        let (length, rest) = varint(cell).ok_or_else(malformed)?;
        let (rowid, rest) = varint(rest).ok_or_else(malformed)?;
        let length = usize::try_from(length).map_err(|_| malformed())?;
        let payload = self.payload(length, rest, base)?;
        let mut row = record(&payload, columns).ok_or_else(malformed)?;
        // Section 2.3: an INTEGER PRIMARY KEY is stored as NULL, its value is the row id.
        if let (Some(0), Some(first)) = (columns.first(), row.first_mut())
            && *first == Value::Other
        {
            *first = Value::Integer(rowid.cast_signed());
        }
        Ok(row)
    }

    /// Joins the part in the cell with its overflow pages.
    fn payload(&mut self, length: usize, rest: &[u8], base: u64) -> Result<Vec<u8>, Fault> {
        let malformed = || Fault::Malformed {
            what: "payload of a cell",
            offset: base,
        };
        let usable = self.db.usable;
        let local = local_size(length, usable);
        let mut out = rest.get(..local).ok_or_else(malformed)?.to_vec();
        if local == length {
            return Ok(out);
        }
        let mut next = be32(rest, local).ok_or_else(malformed)?;
        while out.len() < length {
            self.claim(next)?;
            let page = self.db.page(next)?;
            let take = (length - out.len()).min(usable - 4);
            next = be32(page, 0).ok_or_else(malformed)?;
            out.extend_from_slice(page.get(4..4 + take).ok_or_else(malformed)?);
        }
        Ok(out)
    }
}

/// Returns how many payload bytes of a table leaf lie in the cell (section 1.6).
fn local_size(length: usize, usable: usize) -> usize {
    let most = usable - 35;
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fit = least + (length - least) % (usable - 4);
    if fit <= most { fit } else { least }
}

/// Reads the wanted columns of a record (section 2.1).
fn record(payload: &[u8], columns: &[usize]) -> Option<Vec<Value>> {
    let (header_size, _) = varint(payload)?;
    let header_size = usize::try_from(header_size).ok()?;
    let (_, mut types) = varint(payload.get(..header_size)?)?;
    let mut body = payload.get(header_size..)?;
    let mut out = vec![Value::Other; columns.len()];
    let mut column = 0;
    while !types.is_empty() {
        let (kind, rest) = varint(types)?;
        types = rest;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            kind => usize::try_from((kind - 12) / 2).ok()?,
        };
        let (value, rest) = body.split_at_checked(size)?;
        body = rest;
        for (place, _) in out.iter_mut().zip(columns).filter(|(_, c)| **c == column) {
            *place = match kind {
                0 | 7 => Value::Other,
                8 => Value::Integer(0),
                9 => Value::Integer(1),
                1..=6 => Value::Integer(integer(value)),
                _ => Value::Bytes(value.to_vec()),
            };
        }
        column += 1;
    }
    Some(out)
}

/// Reads a big-endian two's complement integer of up to 8 bytes.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|b| b & 0x80 != 0) {
        -1
    } else {
        0
    };
    bytes
        .iter()
        .fold(sign, |n: i64, b| (n << 8) | i64::from(*b))
}

/// Reads a variable-length integer of 1 to 9 bytes (section 1.6).
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        if index == 8 {
            return Some(((value << 8) | u64::from(*byte), bytes.get(9..)?));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

/// Reads the frames up to the last valid commit (section 4): page number to its newest content, and the page size.
fn read_log(wal: &[u8]) -> (Pages<'_>, Option<usize>) {
    committed(wal).unwrap_or_default()
}

fn committed(wal: &[u8]) -> Option<(Pages<'_>, Option<usize>)> {
    let header = wal.get(..LOG_HEADER)?;
    let big_endian = match be32(header, 0)? {
        0x377f_0682 => false,
        0x377f_0683 => true,
        _ => return None,
    };
    let page_size = usize::try_from(be32(header, 8)?).ok()?;
    if !(512..=65_536).contains(&page_size) || !page_size.is_power_of_two() {
        return None;
    }
    let mut sums = checksum(header.get(..24)?, (0, 0), big_endian);
    if sums != (be32(header, 24)?, be32(header, 28)?) {
        return None;
    }
    let salts = header.get(16..24)?;
    let mut pages = BTreeMap::new();
    let mut pending = BTreeMap::new();
    let frames = wal.get(LOG_HEADER..)?;
    for frame in frames.chunks_exact(LOG_FRAME + page_size) {
        let (head, page) = frame.split_at_checked(LOG_FRAME)?;
        sums = checksum(head.get(..8)?, sums, big_endian);
        sums = checksum(page, sums, big_endian);
        if head.get(8..16)? != salts || sums != (be32(head, 16)?, be32(head, 20)?) {
            break;
        }
        pending.insert(be32(head, 0)?, page);
        if be32(head, 4)? != 0 {
            pages.append(&mut pending);
        }
    }
    let size = (!pages.is_empty()).then_some(page_size);
    Some((pages, size))
}

/// Continues the checksum of section 4.2 over a multiple of 8 bytes.
fn checksum(bytes: &[u8], (mut a, mut b): (u32, u32), big_endian: bool) -> (u32, u32) {
    let word = |bytes: [u8; 4]| {
        if big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    };
    for pair in bytes.chunks_exact(8) {
        if let [x0, x1, x2, x3, y0, y1, y2, y3] = *pair {
            a = a.wrapping_add(word([x0, x1, x2, x3])).wrapping_add(b);
            b = b.wrapping_add(word([y0, y1, y2, y3])).wrapping_add(a);
        }
    }
    (a, b)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Section 1.3: the database header.
const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER: usize = 100;
/// Section 4.1: headers of the log and of each frame.
const LOG_HEADER: usize = 32;
const LOG_FRAME: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varint_reads_one_to_nine_bytes() {
        let table: [(&[u8], Option<u64>); 6] = [
            (&[0x00], Some(0)),
            (&[0x7f, 1], Some(127)),
            (&[0x81, 0x00], Some(128)),
            (&[0xff; 9], Some(u64::MAX)),
            (&[0x81], None),
            (&[0xff; 8], None),
        ];
        for (bytes, expected) in table {
            assert_eq!(varint(bytes).map(|(n, _)| n), expected, "{bytes:?}");
        }
    }

    #[test]
    fn integers_are_signed() {
        assert_eq!(integer(&[0xff]), -1);
        assert_eq!(integer(&[0x00, 0xff]), 255);
        assert_eq!(integer(&[]), 0);
    }

    #[test]
    fn local_size_follows_the_formula() {
        // Figures of section 1.6 for 4 096 usable bytes: X = 4061, M = 489.
        assert_eq!(local_size(4_061, 4_096), 4_061);
        assert_eq!(local_size(4_062, 4_096), 489);
        assert_eq!(local_size(489 + 4_092 + 100, 4_096), 589);
    }

    #[test]
    fn open_refuses_other_files() {
        let mut header = MAGIC.to_vec();
        header.resize(4_096, 0);
        header[16] = 0x10;
        assert!(Database::open(&header, None).is_ok());
        header[59] = 2;
        assert_eq!(
            Database::open(&header, None).err(),
            Some(Fault::Unsupported {
                format: "a SQLite database in UTF-16"
            })
        );
        assert_eq!(
            Database::open(&header[..50], None).err(),
            Some(Fault::Truncated {
                what: "SQLite header",
                offset: 0
            })
        );
        header[17] = 1;
        assert_eq!(
            Database::open(&header, None).err(),
            Some(Fault::Malformed {
                what: "page size",
                offset: 16
            })
        );
        header[0] = 0;
        assert_eq!(
            Database::open(&header, None).err(),
            Some(Fault::Malformed {
                what: "SQLite header",
                offset: 0
            })
        );
    }
}
