//! What is said of an advisory beyond the match: summary, vectors, weaknesses, links, the digest of its record.
//!
//! Sixteen advisories make a block, compressed with zstd; a reader decompresses the block that it needs.

use std::io;

use crate::advisory::Advisory;

use super::container::{Malformed, Segment};
use super::schema::{DETAIL_BLOCKS, DETAIL_TABLE};
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

pub(super) fn encode(advisory: &Advisory) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, advisory.summary.as_bytes());
    let vectors: Vec<&String> = advisory.cvss.iter().map(|cvss| &cvss.vector).collect();
    for list in [
        vectors,
        advisory.cwes.iter().collect(),
        advisory.references.iter().collect(),
    ] {
        put(&mut out, u64::try_from(list.len()).unwrap_or(0));
        list.iter()
            .for_each(|text| put_bytes(&mut out, text.as_bytes()));
    }
    out.extend_from_slice(&advisory.digest);
    out
}

fn decode(bytes: &[u8]) -> Result<Detail, Malformed> {
    let mut cursor = Cursor::new(bytes, "details");
    let summary = cursor.text()?.to_owned();
    let mut list = || -> Result<Vec<String>, Malformed> {
        let count = cursor.count()?;
        (0..count)
            .map(|_| cursor.text().map(str::to_owned))
            .collect()
    };
    let (vectors, cwes, references) = (list()?, list()?, list()?);
    let digest = cursor
        .take(32)?
        .try_into()
        .map_err(|_| Malformed::Section { section: "details" })?;
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
}

impl Writer {
    pub(super) fn add(&mut self, detail: &[u8]) -> io::Result<()> {
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

    /// Returns the table and the blocks.
    pub(super) fn finish(mut self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        self.flush()?;
        let mut table = Vec::new();
        put(&mut table, u64::try_from(self.lengths.len()).unwrap_or(0));
        self.lengths
            .iter()
            .for_each(|length| put(&mut table, *length));
        Ok((table, self.blocks))
    }
}

/// Reads a details segment.
pub struct Details {
    segment: Segment,
    blocks: Vec<(u64, u64)>,
}

impl Details {
    /// Opens a details segment; reads its table.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn open(file: std::fs::File) -> Result<Self, Malformed> {
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
        Ok(Self { segment, blocks })
    }

    /// Returns the details of the advisory with this number in the index.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment does not hold it.
    pub fn get(&self, number: u32) -> Result<Detail, Malformed> {
        let broken = || Malformed::Section { section: "details" };
        let number = usize::try_from(number).map_err(|_| broken())?;
        let (start, length) = self.blocks.get(number / BLOCK).ok_or_else(broken)?;
        let packed = self.segment.range(DETAIL_BLOCKS, *start, *length)?;
        let block = zstd::bulk::decompress(&packed, MAX_BLOCK)?;
        let mut cursor = Cursor::new(&block, "details");
        for _ in 0..number % BLOCK {
            cursor.bytes()?;
        }
        decode(cursor.bytes()?)
    }
}
