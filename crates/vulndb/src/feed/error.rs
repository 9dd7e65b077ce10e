//! Why a document of a feed was not read, in one type for all formats but OSV.

use std::io;

/// Tells why a document was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is larger than its format is read.
    #[error("the document has {found} bytes, at most {limit} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The document has more of something than is read.
    #[error("the document has more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// The bytes are no JSON document of the format.
    #[error("not a {format} document")]
    Json {
        /// The format.
        format: &'static str,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// The bytes are no well-formed XML.
    #[error("not well-formed XML at byte {position}")]
    Xml {
        /// Where it ends to be XML.
        position: u64,
        /// What the XML reader says.
        source: quick_xml::Error,
    },
    /// The bytes are no YAML as it is read here.
    #[error("not read as YAML at line {line}: {reason}")]
    Yaml {
        /// The line, from 1.
        line: usize,
        /// Why not.
        reason: String,
    },
    /// The bytes are no text.
    #[error("not UTF-8 text")]
    Text(#[from] std::str::Utf8Error),
    /// A line of a table is not as it should be.
    #[error("line {line} is no {expected}: `{found}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What a line is.
        expected: &'static str,
        /// The start of the line.
        found: String,
    },
    /// Something that the format demands is absent.
    #[error("{what} is missing in {place}")]
    Missing {
        /// What is absent.
        what: &'static str,
        /// Where it should be.
        place: String,
    },
    /// A value is none that the format knows.
    #[error("{what} is `{found}`, expected {expected}")]
    Value {
        /// What the value is for.
        what: &'static str,
        /// The value.
        found: String,
        /// What the format knows.
        expected: &'static str,
    },
    /// The document says how much it holds, and holds another number.
    #[error("the document announces {announced} {what} and holds {found}")]
    Count {
        /// What is counted.
        what: &'static str,
        /// The number announced.
        announced: usize,
        /// The number found.
        found: usize,
    },
    /// The bytes could not be unpacked.
    #[error("could not be read")]
    Io(#[from] io::Error),
}

/// Refuses a document that is larger than `limit`.
pub(super) fn within(bytes: &[u8], limit: usize) -> Result<(), Error> {
    if bytes.len() > limit {
        Err(Error::TooLarge {
            found: bytes.len(),
            limit,
        })
    } else {
        Ok(())
    }
}

/// Reads a JSON document.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(
    bytes: &'a [u8],
    format: &'static str,
) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| Error::Json { format, source })
}

/// Keeps the start of a foreign text for an error.
pub(super) fn start(text: &str) -> String {
    text.chars().take(80).collect()
}
