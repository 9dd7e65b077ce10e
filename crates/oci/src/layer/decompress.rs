//! Undoes a layer's compression, told by its first bytes.
//!
//! gzip (RFC 1952, several members), zstd (RFC 8878, several frames) and none. The media type is not asked: archives
//! and registries mislabel.

use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::limits::Limits;

/// Names a compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// Tells the compression by the magic number at the start.
    pub(crate) fn of(start: &[u8]) -> Self {
        // RFC 1952 section 2.3.1; RFC 8878 section 3.1.1 and, for a leading skippable frame, 3.1.2.
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

type Source<R> = BufReader<Chain<Cursor<Vec<u8>>, Carrying<R>>>;

/// Reads the decompressed bytes of a stream.
pub(crate) struct Decoder<R: Read> {
    stream: Stream<R>,
    produced: u64,
}

enum Stream<R: Read> {
    None(Source<R>),
    Gzip(Box<MultiGzDecoder<Source<R>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Source<R>>>),
}

impl<R: Read> Decoder<R> {
    /// Looks at the first bytes and starts.
    ///
    /// # Errors
    /// What the reader says.
    pub(crate) fn new(reader: R, limits: &Limits) -> Result<Self> {
        let mut reader = Carrying(reader);
        let mut start = Vec::new();
        reader
            .by_ref()
            .take(4)
            .read_to_end(&mut start)
            .map_err(uncarry)?;
        let compression = Compression::of(&start);
        let source = BufReader::with_capacity(INPUT, Cursor::new(start).chain(reader));
        let stream = match compression {
            Compression::None => Stream::None(source),
            Compression::Gzip => Stream::Gzip(Box::new(MultiGzDecoder::new(source))),
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
                decoder.window_log_max(limits.zstd_window.max(1).ilog2())?;
                Stream::Zstd(Box::new(decoder))
            }
        };
        Ok(Self {
            stream,
            produced: 0,
        })
    }

    /// Fills the buffer as far as the stream goes and returns how many bytes that are.
    ///
    /// # Errors
    /// [`Error::Compression`] when the stream is malformed, else what the reader says.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..)
            && !rest.is_empty()
        {
            let count = match &mut self.stream {
                Stream::None(stream) => stream.read(rest),
                Stream::Gzip(stream) => stream.read(rest),
                Stream::Zstd(stream) => stream.read(rest),
            };
            match count {
                Ok(0) => break,
                Ok(count) => {
                    filled = filled.saturating_add(count);
                    self.produced = self
                        .produced
                        .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(error)),
            }
        }
        Ok(filled)
    }

    /// Reads the rest of the compressed stream without decompressing it, so that what checks it below comes to its
    /// verdict.
    ///
    /// # Errors
    /// What the reader says.
    pub(crate) fn drain(self) -> Result<()> {
        let mut source = match self.stream {
            Stream::None(source) => source,
            Stream::Gzip(stream) => stream.into_inner(),
            Stream::Zstd(stream) => stream.finish(),
        };
        io::copy(&mut source, &mut io::sink()).map_err(uncarry)?;
        Ok(())
    }

    fn fault(&self, error: io::Error) -> Error {
        let format = match self.stream {
            Stream::None(_) => return uncarry(error),
            Stream::Gzip(_) => "gzip",
            Stream::Zstd(_) => "zstd",
        };
        // Faults of the reader below arrive wrapped, so what is left are the decoder's own.
        match error.downcast::<Carried>() {
            Ok(Carried(error)) => error,
            Err(error) => Error::Compression {
                format,
                offset: self.produced,
                reason: error.to_string(),
            },
        }
    }
}

/// Takes the reader's error out of what carried it through a decoder.
fn uncarry(error: io::Error) -> Error {
    match error.downcast::<Carried>() {
        Ok(Carried(error)) => error,
        Err(error) => Error::from(error),
    }
}

/// Marks the errors of the reader below, so that a decoder's own can be told from them.
#[derive(Debug)]
struct Carrying<R>(R);

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Carried(Error);

impl<R: Read> Read for Carrying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => io::Error::new(kind, Carried(Error::from(error))),
        })
    }
}

/// Bytes asked of the source at once: stays in the second-level cache beside the decoder's window.
const INPUT: usize = 128 << 10;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::digest::{Digest, Verifying};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut decoder = Decoder::new(bytes, &Limits::default())?;
        let (mut out, mut buffer) = (Vec::new(), vec![0; 1000]);
        loop {
            match decoder.fill(&mut buffer)? {
                0 => return Ok(out),
                count => out.extend_from_slice(&buffer[..count]),
            }
        }
    }

    #[test]
    fn every_format_decodes_by_magic() {
        let text = b"layer ".repeat(10_000);
        let half = text.len() / 2;
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let table = [
            ("plain", text.clone()),
            ("gzip", gzip(&text)),
            (
                "two members",
                [gzip(&text[..half]), gzip(&text[half..])].concat(),
            ),
            ("zstd", zstd(&text)),
            (
                "two frames",
                [zstd(&text[..half]), zstd(&text[half..])].concat(),
            ),
            (
                "skippable frames",
                [&skippable[..], &zstd(&text), &skippable].concat(),
            ),
        ];
        for (name, bytes) in table {
            assert!(decode(&bytes).unwrap() == text, "{name}");
        }
        for short in [&b""[..], b"a", b"abc"] {
            assert_eq!(decode(short).unwrap(), short);
        }
    }

    #[test]
    fn broken_streams_are_errors() {
        let text = b"layer ".repeat(10_000);
        let mut flipped = gzip(&text);
        let end = flipped.len() - 6;
        flipped[end] ^= 1;
        let zipped = gzip(&text);
        let squeezed = zstd::encode_all(&text[..], 3).unwrap();
        let table = [
            ("gzip crc", flipped, "gzip"),
            ("gzip cut", zipped[..zipped.len() - 9].to_vec(), "gzip"),
            (
                "gzip with something behind",
                [&zipped[..], b"junk"].concat(),
                "gzip",
            ),
            ("zstd cut", squeezed[..squeezed.len() - 3].to_vec(), "zstd"),
            (
                "zstd with something behind",
                [&squeezed[..], b"junk"].concat(),
                "zstd",
            ),
        ];
        for (name, bytes, expected) in table {
            let error = decode(&bytes).unwrap_err();
            assert!(
                matches!(error, Error::Compression { format, .. } if format == expected),
                "{name}: {error:?}"
            );
        }
    }

    #[test]
    fn a_window_over_the_limit_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(24).unwrap();
        encoder.write_all(&b"x".repeat(1 << 20)).unwrap();
        let bytes = encoder.finish().unwrap();
        let mut limits = Limits::default();
        let read = |limits: &Limits| {
            Decoder::new(&bytes[..], limits).and_then(|mut decoder| decoder.fill(&mut [0; 9]))
        };
        assert_eq!(read(&limits).unwrap(), 9);
        limits.set("zstd-window", 1 << 20).unwrap();
        assert!(matches!(
            read(&limits),
            Err(Error::Compression { format: "zstd", .. })
        ));
    }

    #[test]
    fn the_checking_reader_keeps_its_word_through_a_decoder() {
        let bytes = gzip(b"hello");
        let wrong = Digest::sha256(b"");
        let size = u64::try_from(bytes.len()).unwrap();
        let mut decoder =
            Decoder::new(Verifying::new(&bytes[..], wrong, size), &Limits::default()).unwrap();
        let error = decoder.fill(&mut [0; 100]).unwrap_err();
        assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
        let error = decoder.drain().unwrap_err();
        assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
    }
}
