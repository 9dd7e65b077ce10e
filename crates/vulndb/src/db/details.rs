//! What is said of an advisory beyond the match: summary, vectors, weaknesses, links, the digest of its record.
//!
//! Sixteen advisories make a block, compressed with zstd; a reader decompresses the block that it needs.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use zstd::bulk::Decompressor;

use crate::advisory::Advisory;

use super::container::{Malformed, Segment, once};
use super::schema::{DETAIL_BLOCKS, DETAIL_DIGESTS, DETAIL_TABLE};
use super::varint::{Cursor, put, put_bytes};

const BLOCK: usize = 16;
/// zstd's level: the build is done once, the reader's speed hardly depends on it.
const LEVEL: i32 = 12;
/// A block is refused above this size; 16 records of bounded text have at most 128 kB.
const MAX_BLOCK: usize = 1 << 20;

/// Says more about an advisory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// One line.
    pub summary: String,
    /// CVSS vectors as the feed wrote them.
    pub vectors: Vec<String>,
    /// CWE ids.
    pub cwes: Vec<String>,
    /// Links.
    pub references: Vec<String>,
    /// SHA-256 of the feed's record.
    pub digest: [u8; 32],
}

/// Writes all of a record but its digest, which lies in a section of its own.
pub(super) fn encode(advisory: &Advisory) -> Vec<u8> {
    let vectors: Vec<&String> = advisory.cvss.iter().map(|cvss| &cvss.vector).collect();
    put_detail(
        &advisory.summary,
        &vectors,
        &advisory.cwes,
        &advisory.references,
    )
}

/// Writes the parts of a record.
pub(super) fn put_detail(
    summary: &str,
    vectors: &[&String],
    cwes: &[String],
    references: &[String],
) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, summary.as_bytes());
    for list in [
        vectors.to_vec(),
        cwes.iter().collect(),
        references.iter().collect(),
    ] {
        put(&mut out, u64::try_from(list.len()).unwrap_or(0));
        list.iter()
            .for_each(|text| put_bytes(&mut out, text.as_bytes()));
    }
    out
}

fn decode(bytes: &[u8], digest: [u8; 32]) -> Result<Detail, Malformed> {
    let mut cursor = Cursor::new(bytes, "details");
    let summary = cursor.text()?.to_owned();
    let mut list = || -> Result<Vec<String>, Malformed> {
        let count = cursor.count()?;
        (0..count)
            .map(|_| cursor.text().map(str::to_owned))
            .collect()
    };
    let (vectors, cwes, references) = (list()?, list()?, list()?);
    Ok(Detail {
        summary,
        vectors,
        cwes,
        references,
        digest,
    })
}

/// Collects blocks.
#[derive(Default)]
pub(super) struct Writer {
    block: Vec<u8>,
    held: usize,
    lengths: Vec<u64>,
    blocks: Vec<u8>,
    digests: Vec<u8>,
}

/// The sections of a details segment.
pub(super) struct Sections {
    pub(super) table: Vec<u8>,
    pub(super) blocks: Vec<u8>,
    pub(super) digests: Vec<u8>,
}

impl Writer {
    pub(super) fn add(&mut self, detail: &[u8], digest: &[u8; 32]) -> io::Result<()> {
        self.digests.extend_from_slice(digest);
        put_bytes(&mut self.block, detail);
        self.held += 1;
        if self.held == BLOCK {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held > 0 {
            let packed = zstd::bulk::compress(&self.block, LEVEL)?;
            self.lengths.push(u64::try_from(packed.len()).unwrap_or(0));
            self.blocks.extend_from_slice(&packed);
            self.block.clear();
            self.held = 0;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Sections> {
        self.flush()?;
        let mut table = Vec::new();
        put(&mut table, u64::try_from(self.lengths.len()).unwrap_or(0));
        self.lengths
            .iter()
            .for_each(|length| put(&mut table, *length));
        Ok(Sections {
            table,
            blocks: self.blocks,
            digests: self.digests,
        })
    }
}

/// Reads one details segment.
pub(super) struct DetailLayer {
    segment: Segment,
    blocks: Vec<(u64, u64)>,
    digests: OnceLock<Vec<u8>>,
    unpacker: Mutex<Unpacker>,
}

/// Unpacks blocks with one context and keeps the last: neighbours in the index are often asked about together.
struct Unpacker {
    context: Decompressor<'static>,
    last: Option<(usize, Vec<u8>)>,
}

impl DetailLayer {
    /// Opens a details segment; reads its table.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub(super) fn open(file: std::fs::File) -> Result<Self, Malformed> {
        let segment = Segment::open(file)?;
        let table = segment.section(DETAIL_TABLE)?;
        let mut cursor = Cursor::new(&table, "details");
        let count = cursor.count()?;
        let (mut blocks, mut start) = (Vec::with_capacity(count), 0_u64);
        for _ in 0..count {
            let length = cursor.number()?;
            blocks.push((start, length));
            start = start
                .checked_add(length)
                .ok_or(Malformed::Section { section: "details" })?;
        }
        Ok(Self {
            segment,
            blocks,
            digests: OnceLock::new(),
            unpacker: Mutex::new(Unpacker {
                context: Decompressor::new()?,
                last: None,
            }),
        })
    }

    /// Returns the details of the advisory with this number in the index.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment does not hold it.
    pub(super) fn get(&self, number: u32) -> Result<Detail, Malformed> {
        let broken = || Malformed::Section { section: "details" };
        let digest = self.digest(number)?;
        let number = usize::try_from(number).map_err(|_| broken())?;
        let mut unpacker = self.unpacker.lock().unwrap_or_else(PoisonError::into_inner);
        let block = self.block(&mut unpacker, number / BLOCK)?;
        let mut cursor = Cursor::new(block, "details");
        for _ in 0..number % BLOCK {
            cursor.bytes()?;
        }
        decode(cursor.bytes()?, digest)
    }

    fn block<'u>(&self, unpacker: &'u mut Unpacker, number: usize) -> Result<&'u [u8], Malformed> {
        let broken = || Malformed::Section { section: "details" };
        let bytes = match unpacker.last.take() {
            Some((held, bytes)) if held == number => bytes,
            _ => {
                let (start, length) = self.blocks.get(number).ok_or_else(broken)?;
                let packed = self.segment.range(DETAIL_BLOCKS, *start, *length)?;
                unpacker.context.decompress(&packed, MAX_BLOCK)?
            }
        };
        Ok(&unpacker.last.insert((number, bytes)).1)
    }

    /// Returns the digest of the record with this number in the index. All digests are read with the first.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment does not hold it.
    pub(super) fn digest(&self, number: u32) -> Result<[u8; 32], Malformed> {
        let broken = || Malformed::Section { section: "digests" };
        let digests = once(&self.digests, || self.segment.section(DETAIL_DIGESTS))?;
        let start = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_mul(32))
            .ok_or_else(broken)?;
        let digest = start
            .checked_add(32)
            .and_then(|end| digests.get(start..end))
            .ok_or_else(broken)?;
        digest.try_into().map_err(|_| broken())
    }
}
