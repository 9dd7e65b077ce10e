//! Cuts a tar stream into entries as bytes arrive.
//!
//! Reads what Go's `archive/tar` reads, since the runtimes are written in it and must see the same files: ustar, GNU
//! and PAX (POSIX.1-2017 `pax`). Whatever could be read in two ways is an error, never skipped: bad checksums,
//! malformed or orphaned extension records, negative sizes, a lone zero block. Paths are not judged here and contents
//! not kept.

use crate::error::{Error, Result};

/// Tells what an entry is (POSIX `typeflag`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// File with content of its own.
    Regular,
    /// Another name of a file; its target is the header's `link`.
    Hardlink,
    /// Symbolic link.
    Symlink,
    /// Directory.
    Directory,
    /// Devices, FIFOs and types of vendors.
    Other,
}

/// Holds one entry's header with its extensions applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// Path as written, of any bytes.
    pub name: &'a [u8],
    /// Target as written, of hard and symbolic links.
    pub link: &'a [u8],
    /// What the entry is.
    pub kind: Kind,
    /// Permission bits as written.
    pub mode: u32,
    /// Bytes of the file, which for a sparse one is more than is stored.
    pub size: u64,
    /// Modification time in seconds since 1970.
    pub mtime: i64,
    /// Whether the stored content is a sparse map with its pieces instead of the file's bytes.
    pub sparse: bool,
    /// Where the header starts in the stream.
    pub offset: u64,
}

/// Takes what the parser finds.
pub trait Sink {
    /// Takes the header of the next entry.
    ///
    /// # Errors
    /// Whatever ends the parse; the same for the other methods.
    fn entry(&mut self, header: &Header<'_>) -> Result<()>;
    /// Takes the next stored bytes of the entry.
    ///
    /// # Errors
    /// As [`Sink::entry`].
    fn data(&mut self, bytes: &[u8]) -> Result<()>;
    /// Learns that the entry is complete.
    ///
    /// # Errors
    /// As [`Sink::entry`].
    fn end(&mut self) -> Result<()>;
}

/// Parses a tar stream pushed into it in pieces of any size.
#[derive(Debug)]
pub struct Parser {
    state: State,
    block: Vec<u8>,
    position: u64,
    record_limit: u64,
    pending: Extensions,
    /// Header whose old-GNU sparse extension blocks are still arriving.
    sparse: Option<Box<[u8; BLOCK]>>,
    name: Vec<u8>,
    link: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    /// Extension blocks of an old-GNU sparse header.
    SparseBlocks,
    /// One zero block was seen.
    Zero,
    Content {
        left: u64,
        padding: u64,
    },
    Record {
        kind: Record,
        left: u64,
        padding: u64,
    },
    Padding(u64),
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Record {
    Pax,
    Global,
    LongName,
    LongLink,
}

/// Holds what extension headers said about the next entry.
#[derive(Debug, Default)]
struct Extensions {
    offset: Option<u64>,
    pax: Pax,
    long_name: Vec<u8>,
    long_link: Vec<u8>,
    record: Vec<u8>,
}

#[derive(Debug, Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    mtime: Option<i64>,
    sparse: bool,
    sparse_name: Option<Vec<u8>>,
    sparse_size: Option<u64>,
}

const BLOCK: usize = 512;
const BLOCK_U64: u64 = 512;

impl Parser {
    /// Starts at the beginning of a stream; extension records over `record_limit` bytes are refused.
    pub fn new(record_limit: u64) -> Self {
        Self {
            state: State::Header,
            block: Vec::with_capacity(BLOCK),
            position: 0,
            record_limit,
            pending: Extensions::default(),
            sparse: None,
            name: Vec::new(),
            link: Vec::new(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::Tar`], [`Error::LimitExceeded`], or what the sink says.
    pub fn push(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> Result<()> {
        while !bytes.is_empty() {
            let taken = self.step(bytes, sink)?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Returns how many of the next bytes are content or padding, which a seeking reader may skip.
    pub(crate) fn skippable(&self) -> u64 {
        match self.state {
            State::Content { left, padding } => left.saturating_add(padding),
            State::Padding(left) => left,
            _ => 0,
        }
    }

    /// Behaves as if the skippable bytes had been pushed, without telling the sink of them.
    pub(crate) fn skip(&mut self, sink: &mut impl Sink) -> Result<()> {
        let count = self.skippable();
        if matches!(self.state, State::Content { .. }) {
            sink.end()?;
        }
        if count > 0 {
            self.position = self.position.saturating_add(count);
            self.state = State::Header;
        }
        Ok(())
    }

    /// Tells whether both zero blocks were seen: nothing behind them is read.
    pub(crate) fn ended(&self) -> bool {
        self.state == State::End
    }

    /// Learns that the stream has ended.
    ///
    /// # Errors
    /// [`Error::Tar`] when it ended inside an entry. A missing end mark is allowed, as in Go.
    pub fn finish(&self) -> Result<()> {
        let truncated = match self.state {
            State::Header => !self.block.is_empty(),
            State::End | State::Zero | State::Padding(_) => false,
            State::SparseBlocks | State::Content { .. } | State::Record { .. } => true,
        };
        if truncated {
            return Err(self.fault("the stream ends inside an entry"));
        }
        if let Some(offset) = self.pending.offset {
            return Err(Error::Tar {
                offset,
                reason: "an extension header has no entry",
            });
        }
        Ok(())
    }

    fn fault(&self, reason: &'static str) -> Error {
        Error::Tar {
            offset: self.position,
            reason,
        }
    }

    /// Handles a prefix of `bytes` (not empty) and returns its length.
    fn step(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize> {
        match self.state {
            State::End => {
                self.position = self.position.saturating_add(len(bytes));
                Ok(bytes.len())
            }
            State::Padding(left) => {
                let (taken, _) = split(bytes, left);
                let left = left.saturating_sub(len(taken));
                self.state = if left == 0 {
                    State::Header
                } else {
                    State::Padding(left)
                };
                self.position = self.position.saturating_add(len(taken));
                Ok(taken.len())
            }
            State::Content { left, padding } => {
                let (taken, _) = split(bytes, left);
                sink.data(taken)?;
                self.position = self.position.saturating_add(len(taken));
                let left = left.saturating_sub(len(taken));
                if left == 0 {
                    sink.end()?;
                    self.state = after(padding);
                } else {
                    self.state = State::Content { left, padding };
                }
                Ok(taken.len())
            }
            State::Record {
                kind,
                left,
                padding,
            } => {
                let (taken, _) = split(bytes, left);
                self.pending.record.extend_from_slice(taken);
                self.position = self.position.saturating_add(len(taken));
                let left = left.saturating_sub(len(taken));
                if left == 0 {
                    self.record(kind)?;
                    self.state = after(padding);
                } else {
                    self.state = State::Record {
                        kind,
                        left,
                        padding,
                    };
                }
                Ok(taken.len())
            }
            State::Header | State::Zero | State::SparseBlocks => {
                let missing = BLOCK.saturating_sub(self.block.len());
                let taken = bytes.get(..missing).unwrap_or(bytes);
                if let (true, Ok(block)) = (self.block.is_empty(), <&[u8; BLOCK]>::try_from(taken))
                {
                    self.block(block, sink)?;
                } else {
                    self.block.extend_from_slice(taken);
                    if let Ok(block) = <[u8; BLOCK]>::try_from(self.block.as_slice()) {
                        self.block.clear();
                        self.block(&block, sink)?;
                    }
                }
                Ok(taken.len())
            }
        }
    }

    fn block(&mut self, block: &[u8; BLOCK], sink: &mut impl Sink) -> Result<()> {
        let zero = block.iter().all(|byte| *byte == 0);
        let result = match (self.state, zero) {
            (State::Zero, true) => {
                self.state = State::End;
                Ok(())
            }
            (State::Zero, false) => Err(self.fault("a lone zero block is followed by something")),
            (State::SparseBlocks, _) => self.sparse_block(block, sink),
            (_, true) => {
                self.state = State::Zero;
                Ok(())
            }
            (_, false) => self.header(block, sink),
        };
        self.position = self.position.saturating_add(BLOCK_U64);
        result
    }

    /// Skips blocks of an old-GNU sparse map; byte 504 says whether another follows.
    fn sparse_block(&mut self, block: &[u8; BLOCK], sink: &mut impl Sink) -> Result<()> {
        if field(block, 504, 1).first().is_some_and(|more| *more != 0) {
            return Ok(());
        }
        let Some(header) = self.sparse.take() else {
            return Err(self.fault("a sparse map has no header"));
        };
        self.file(&header, sink)
    }

    fn header(&mut self, block: &[u8; BLOCK], sink: &mut impl Sink) -> Result<()> {
        self.checksum(block)?;
        let typeflag = field(block, 156, 1).first().copied().unwrap_or_default();
        let record = match typeflag {
            b'x' | b'X' => Record::Pax,
            b'g' => Record::Global,
            b'L' => Record::LongName,
            b'K' => Record::LongLink,
            b'S' if field(block, 482, 1).first().is_some_and(|more| *more != 0) => {
                self.sparse = Some(Box::new(*block));
                self.state = State::SparseBlocks;
                return Ok(());
            }
            _ => return self.file(block, sink),
        };
        if record == Record::Global && self.pending.offset.is_some() {
            return Err(
                self.fault("a global header stands between an extension header and its entry")
            );
        }
        let size = self.size(block)?;
        if size > self.record_limit {
            return Err(Error::LimitExceeded {
                limit: "tar-record-size",
                max: self.record_limit,
            });
        }
        if record != Record::Global {
            self.pending.offset.get_or_insert(self.position);
        }
        self.pending.record.clear();
        if size == 0 {
            self.record(record)?;
            self.state = State::Header;
        } else {
            self.state = State::Record {
                kind: record,
                left: size,
                padding: padding(size),
            };
        }
        Ok(())
    }

    fn file(&mut self, block: &[u8; BLOCK], sink: &mut impl Sink) -> Result<()> {
        let typeflag = field(block, 156, 1).first().copied().unwrap_or_default();
        let offset = self.pending.offset.unwrap_or(self.position);
        let extensions = std::mem::take(&mut self.pending);
        let Pax {
            path,
            link,
            size,
            mtime,
            sparse,
            sparse_name,
            sparse_size,
        } = extensions.pax;

        self.name.clear();
        self.link.clear();
        header_name(block, &mut self.name);
        self.link.extend_from_slice(text(block, 157, 100));
        if let Some(path) = path {
            self.name = path;
        }
        if let Some(path) = sparse_name {
            self.name = path;
        }
        if let Some(link) = link {
            self.link = link;
        }
        // Go applies GNU long names after PAX records; so do the runtimes.
        if !extensions.long_name.is_empty() {
            self.name = extensions.long_name;
        }
        if !extensions.long_link.is_empty() {
            self.link = extensions.long_link;
        }

        let kind = match typeflag {
            0 if self.name.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'7' | b'S' => Kind::Regular,
            b'1' => Kind::Hardlink,
            b'2' => Kind::Symlink,
            b'5' | b'D' => Kind::Directory,
            _ => Kind::Other,
        };
        // Go gives these types no content, whatever their size says.
        let header_only = matches!(typeflag, b'1'..=b'6');
        let stored = match size {
            _ if header_only => 0,
            Some(size) => size,
            None => self.size(block)?,
        };
        let old_sparse = typeflag == b'S';
        let real = match sparse_size {
            Some(real) => real,
            None if old_sparse => self.number(block, 483, 12)?,
            None => stored,
        };
        let header = Header {
            name: &self.name,
            link: &self.link,
            kind,
            mode: u32::try_from(self.number(block, 100, 8)? & 0o7777).unwrap_or_default(),
            size: if kind == Kind::Regular { real } else { 0 },
            mtime: mtime.unwrap_or_else(|| {
                self.number(block, 136, 12)
                    .ok()
                    .and_then(|time| i64::try_from(time).ok())
                    .unwrap_or_default()
            }),
            sparse: sparse || old_sparse,
            offset,
        };
        sink.entry(&header)?;
        if stored == 0 {
            sink.end()?;
            self.state = State::Header;
        } else {
            self.state = State::Content {
                left: stored,
                padding: padding(stored),
            };
        }
        Ok(())
    }

    /// Checks the header's checksum, of unsigned or, as old tars wrote, of signed bytes.
    fn checksum(&self, block: &[u8; BLOCK]) -> Result<()> {
        let stored = self.number(block, 148, 8)?;
        let (mut unsigned, mut signed) = (0_u64, 0_i64);
        for (index, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&index) {
                b' '
            } else {
                *byte
            };
            unsigned += u64::from(byte);
            signed += i64::from(i8::from_ne_bytes([byte]));
        }
        if stored == unsigned || i64::try_from(stored).is_ok_and(|stored| stored == signed) {
            return Ok(());
        }
        Err(self.fault("the header's checksum does not match"))
    }

    fn size(&self, block: &[u8; BLOCK]) -> Result<u64> {
        let size = self.number(block, 124, 12)?;
        if i64::try_from(size).is_err() {
            return Err(self.fault("a size overflows"));
        }
        Ok(size)
    }

    /// Reads a number: octal digits between spaces and NULs, or GNU's base 256 with the top bit set.
    fn number(&self, block: &[u8; BLOCK], start: usize, length: usize) -> Result<u64> {
        let bytes = field(block, start, length);
        if let Some((first, rest)) = bytes.split_first()
            && first & 0x80 != 0
        {
            if first & 0x40 != 0 {
                return Err(self.fault("a number is negative"));
            }
            return rest
                .iter()
                .try_fold(u64::from(first & 0x3f), |number, byte| {
                    number
                        .checked_mul(256)
                        .and_then(|number| number.checked_add(u64::from(*byte)))
                        .ok_or_else(|| self.fault("a number overflows"))
                });
        }
        let blank = |byte: &u8| *byte == b' ' || *byte == 0;
        let from = bytes
            .iter()
            .position(|byte| !blank(byte))
            .unwrap_or(bytes.len());
        let digits = bytes.get(from..).unwrap_or_default();
        let digits = digits
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or_default()
            .trim_ascii_end();
        digits.iter().try_fold(0_u64, |number, digit| match digit {
            b'0'..=b'7' => number
                .checked_mul(8)
                .and_then(|number| number.checked_add(u64::from(digit - b'0')))
                .ok_or_else(|| self.fault("a number overflows")),
            _ => Err(self.fault("a number has other digits than 0 to 7")),
        })
    }

    fn record(&mut self, kind: Record) -> Result<()> {
        let record = std::mem::take(&mut self.pending.record);
        match kind {
            Record::Pax => self.pending.pax = self.pax(&record)?,
            Record::Global => {
                self.pax(&record)?;
            }
            Record::LongName => self.pending.long_name = until_nul(&record).to_vec(),
            Record::LongLink => self.pending.long_link = until_nul(&record).to_vec(),
        }
        self.pending.record = record;
        Ok(())
    }

    /// Parses `LENGTH KEY=VALUE\n` records (POSIX `pax`, "pax Extended Header").
    fn pax(&self, mut bytes: &[u8]) -> Result<Pax> {
        let mut pax = Pax::default();
        let fault = |reason| self.fault(reason);
        while !bytes.is_empty() {
            let space = bytes
                .iter()
                .position(|byte| *byte == b' ')
                .ok_or_else(|| fault("a PAX record has no length"))?;
            let length = decimal(bytes.get(..space).unwrap_or_default())
                .and_then(|length| usize::try_from(length).ok())
                .ok_or_else(|| fault("a PAX record's length is no number"))?;
            let record = bytes
                .get(space.saturating_add(1)..length)
                .ok_or_else(|| fault("a PAX record is longer or shorter than it says"))?;
            let record = record
                .strip_suffix(b"\n")
                .ok_or_else(|| fault("a PAX record does not end with a newline"))?;
            let equals = record
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(|| fault("a PAX record has no `=`"))?;
            let (key, value) = record.split_at(equals);
            let value = value.get(1..).unwrap_or_default();
            bytes = bytes.get(length..).unwrap_or_default();
            self.pax_value(&mut pax, key, value)?;
        }
        Ok(pax)
    }

    fn pax_value(&self, pax: &mut Pax, key: &[u8], value: &[u8]) -> Result<()> {
        if key.is_empty() || key.contains(&0) {
            return Err(self.fault("a PAX key is empty or contains NUL"));
        }
        let size = || decimal(value).filter(|size| i64::try_from(*size).is_ok());
        let bad_size = || self.fault("a PAX size is no number");
        if value.is_empty() {
            // An empty value restores what the header says (POSIX).
            match key {
                b"path" => pax.path = None,
                b"linkpath" => pax.link = None,
                b"size" => pax.size = None,
                b"mtime" => pax.mtime = None,
                _ => {}
            }
            return Ok(());
        }
        match key {
            b"path" => pax.path = Some(value.to_vec()),
            b"linkpath" => pax.link = Some(value.to_vec()),
            b"size" => pax.size = Some(size().ok_or_else(bad_size)?),
            b"mtime" => {
                let seconds = value.split(|byte| *byte == b'.').next().unwrap_or_default();
                let (negative, digits) = match seconds.strip_prefix(b"-") {
                    Some(digits) => (true, digits),
                    None => (false, seconds),
                };
                let time = decimal(digits).and_then(|time| i64::try_from(time).ok());
                let time = time.ok_or_else(|| self.fault("a PAX time is no number"))?;
                pax.mtime = Some(if negative { -time } else { time });
            }
            b"GNU.sparse.name" => pax.sparse_name = Some(value.to_vec()),
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                pax.sparse = true;
                pax.sparse_size = Some(size().ok_or_else(bad_size)?);
            }
            _ if key.starts_with(b"GNU.sparse.") => pax.sparse = true,
            _ => {}
        }
        Ok(())
    }
}

/// Joins prefix and name as the header's dialect says: POSIX has a prefix, GNU keeps times there, star a shorter one.
fn header_name(block: &[u8; BLOCK], name: &mut Vec<u8>) {
    let prefix = if field(block, 257, 8) == b"ustar\x0000" {
        text(
            block,
            345,
            if field(block, 508, 4) == b"tar\0" {
                131
            } else {
                155
            },
        )
    } else {
        b""
    };
    if !prefix.is_empty() {
        name.extend_from_slice(prefix);
        name.push(b'/');
    }
    name.extend_from_slice(text(block, 0, 100));
}

fn after(padding: u64) -> State {
    if padding == 0 {
        State::Header
    } else {
        State::Padding(padding)
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK_U64 - size % BLOCK_U64) % BLOCK_U64
}

fn split(bytes: &[u8], at: u64) -> (&[u8], &[u8]) {
    bytes
        .split_at_checked(usize::try_from(at).unwrap_or(usize::MAX))
        .unwrap_or((bytes, &[]))
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn field(block: &[u8; BLOCK], start: usize, length: usize) -> &[u8] {
    block
        .get(start..start.saturating_add(length))
        .unwrap_or_default()
}

fn text(block: &[u8; BLOCK], start: usize, length: usize) -> &[u8] {
    until_nul(field(block, start, length))
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
