//! Sorted tables of strings, each with a span of bytes elsewhere: found by text or by number, written with shared beginnings left out.
//!
//! ```text
//! varint count · varint blocks · blocks × varint length · blocks
//! block: varint first span start · per string { varint shared, varint rest, bytes, varint span length }
//! ```
//! A block holds 16 strings and shares nothing with the one before.

use super::container::Malformed;
use super::varint::{Cursor, put, put_bytes};

const BLOCK: usize = 16;

/// Writes strings in ascending order, each with the length of its span.
pub(super) fn write<'a>(strings: impl ExactSizeIterator<Item = (&'a [u8], u64)>) -> Vec<u8> {
    let count = strings.len();
    let (mut lengths, mut blocks, mut block) = (Vec::new(), Vec::new(), Vec::new());
    let (mut before, mut start): (&[u8], u64) = (&[], 0);
    for (position, (string, span)) in strings.enumerate() {
        if position % BLOCK == 0 {
            if position > 0 {
                put(&mut lengths, u64::try_from(block.len()).unwrap_or(u64::MAX));
                blocks.append(&mut block);
            }
            put(&mut block, start);
            before = &[];
        }
        let shared = before
            .iter()
            .zip(string)
            .take_while(|(left, right)| left == right)
            .count();
        put(&mut block, u64::try_from(shared).unwrap_or(0));
        put_bytes(&mut block, string.get(shared..).unwrap_or_default());
        put(&mut block, span);
        start += span;
        before = string;
    }
    if count > 0 {
        put(&mut lengths, u64::try_from(block.len()).unwrap_or(u64::MAX));
        blocks.append(&mut block);
    }
    let mut out = Vec::new();
    put(&mut out, u64::try_from(count).unwrap_or(u64::MAX));
    put(
        &mut out,
        u64::try_from(count.div_ceil(BLOCK)).unwrap_or(u64::MAX),
    );
    out.append(&mut lengths);
    out.append(&mut blocks);
    out
}

/// Reads such a table.
pub(super) struct Strings {
    bytes: Vec<u8>,
    count: usize,
    blocks: Vec<(usize, usize)>,
    what: &'static str,
}

impl Strings {
    /// Reads the block lengths and checks them against the bytes.
    pub(super) fn open(bytes: Vec<u8>, what: &'static str) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(&bytes, what);
        let broken = || Malformed::Section { section: what };
        let count = cursor.count()?;
        let number = cursor.count()?;
        if number != count.div_ceil(BLOCK) {
            return Err(broken());
        }
        let mut lengths = Vec::with_capacity(number);
        let mut all = 0_usize;
        for _ in 0..number {
            let length = cursor.count()?;
            all = all.checked_add(length).ok_or_else(broken)?;
            lengths.push(length);
        }
        let mut start = bytes.len().checked_sub(all).ok_or_else(broken)?;
        let blocks = lengths
            .into_iter()
            .map(|length| {
                let block = (start, start + length);
                start += length;
                block
            })
            .collect();
        Ok(Self {
            bytes,
            count,
            blocks,
            what,
        })
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.count
    }

    fn block(&self, block: usize) -> Result<Block<'_>, Malformed> {
        let range = self
            .blocks
            .get(block)
            .and_then(|(from, to)| self.bytes.get(*from..*to));
        let mut cursor = Cursor::new(
            range.ok_or(Malformed::Section { section: self.what })?,
            self.what,
        );
        let start = cursor.number()?;
        Ok(Block {
            cursor,
            string: Vec::new(),
            start,
            what: self.what,
        })
    }

    /// Returns the first string of a block, which is written whole.
    fn first(&self, block: usize) -> Result<&[u8], Malformed> {
        let mut cursor = self.block(block)?.cursor;
        match cursor.number()? {
            0 => cursor.bytes(),
            _ => Err(Malformed::Section { section: self.what }),
        }
    }

    /// Returns the string with this number.
    pub(super) fn get(&self, number: usize) -> Result<Vec<u8>, Malformed> {
        let mut block = self.block(number / BLOCK)?;
        for _ in 0..=number % BLOCK {
            block.next()?;
        }
        Ok(block.string)
    }

    /// Returns the string with this number as text.
    pub(super) fn text(&self, number: usize) -> Result<String, Malformed> {
        String::from_utf8(self.get(number)?).map_err(|_| Malformed::Section { section: self.what })
    }

    /// Hands every string and its span to `each`, in order.
    pub(super) fn each(
        &self,
        mut each: impl FnMut(&[u8], std::ops::Range<u64>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        for number in 0..self.blocks.len() {
            let mut block = self.block(number)?;
            for _ in 0..BLOCK.min(self.count.saturating_sub(number * BLOCK)) {
                let span = block.next()?;
                each(&block.string, span)?;
            }
        }
        Ok(())
    }

    /// Returns the number and the span of a string.
    pub(super) fn find(
        &self,
        string: &[u8],
    ) -> Result<Option<(usize, std::ops::Range<u64>)>, Malformed> {
        let (mut low, mut high) = (0, self.blocks.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.first(middle)? <= string {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(found) = low.checked_sub(1) else {
            return Ok(None);
        };
        let mut block = self.block(found)?;
        for offset in 0..BLOCK.min(self.count.saturating_sub(found * BLOCK)) {
            let span = block.next()?;
            match block.string.as_slice().cmp(string) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Ok(Some((found * BLOCK + offset, span))),
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(None)
    }
}

struct Block<'a> {
    cursor: Cursor<'a>,
    string: Vec<u8>,
    start: u64,
    what: &'static str,
}

impl Block<'_> {
    /// Moves to the next string; returns its span.
    fn next(&mut self) -> Result<std::ops::Range<u64>, Malformed> {
        let broken = Malformed::Section { section: self.what };
        let shared = usize::try_from(self.cursor.number()?).unwrap_or(usize::MAX);
        if shared > self.string.len() {
            return Err(broken);
        }
        self.string.truncate(shared);
        self.string.extend_from_slice(self.cursor.bytes()?);
        let end = self
            .start
            .checked_add(self.cursor.number()?)
            .ok_or(broken)?;
        let span = self.start..end;
        self.start = end;
        Ok(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_by_text_and_number() {
        let texts: Vec<String> = (0..100)
            .map(|number| format!("package-{number:04}"))
            .collect();
        let bytes = write(
            texts
                .iter()
                .map(String::as_bytes)
                .zip((0..100).collect::<Vec<u64>>()),
        );
        let table = Strings::open(bytes, "test").expect("a table");
        assert_eq!(table.len(), 100);
        let mut start = 0;
        for ((number, text), span) in texts.iter().enumerate().zip(0_u64..) {
            assert_eq!(table.text(number).expect("a string"), *text);
            assert_eq!(
                table.find(text.as_bytes()).expect("a search"),
                Some((number, start..start + span))
            );
            start += span;
        }
        for text in ["", "a", "package-0000x", "package-0015x", "zzz"] {
            assert_eq!(
                table.find(text.as_bytes()).expect("a search"),
                None,
                "{text}"
            );
        }
        assert!(table.get(100).is_err());
    }

    #[test]
    fn no_byte_of_it_can_break_the_reader() {
        let bytes = write(
            [b"alpha".as_slice(), b"beta", b"betamax"]
                .into_iter()
                .map(|text| (text, 3)),
        );
        for position in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[position] = value;
                if let Ok(table) = Strings::open(broken, "test") {
                    let _ = table.find(b"beta");
                    (0..4).for_each(|number| drop(table.get(number)));
                }
            }
        }
        assert!(Strings::open(Vec::new(), "test").is_err());
        assert_eq!(
            Strings::open(write(std::iter::empty()), "test")
                .expect("empty")
                .find(b"x")
                .expect("a search"),
            None
        );
    }
}
