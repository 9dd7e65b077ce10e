//! Why an image could not be read or written, one variant a reason.
//!
//! Every variant carries what was expected and what was found. Which process exit code follows is not decided here:
//! [`Error::class`] sorts the reasons into the few kinds that a caller has to tell apart.

use std::io;

use crate::digest::Digest;

/// Shortens `Result<T, Error>` for this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Tells what kind of failure an [`Error`] is, for exit codes and retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Bytes differ from their descriptor: size, digest, `diff_id`, subject.
    Mismatch,
    /// The input is malformed, hostile or over a limit.
    Hostile,
    /// The image, tag or blob is definitely not there.
    NotFound,
    /// A registry did not answer, refused access or asked to wait: nothing is known.
    Unreachable,
    /// Reading or writing local files failed.
    Local,
    /// The request itself makes no sense: an unparsable reference, no such platform, several images to choose from.
    Usage,
}

/// Lists every reason for which this crate refuses or fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A blob or manifest is shorter or longer than its descriptor says. For a longer one `found` is the count at
    /// which reading stopped.
    #[error("size mismatch: expected {expected} bytes, found {found}")]
    SizeMismatch {
        /// Bytes that the descriptor promises.
        expected: u64,
        /// Bytes that were there; one more than `expected` when there were too many.
        found: u64,
    },
    /// The bytes have another digest than the one they were asked by.
    #[error("digest mismatch: expected `{expected}`, found `{found}`")]
    DigestMismatch {
        /// Digest of the descriptor or reference.
        expected: Digest,
        /// Digest of the bytes.
        found: Digest,
    },
    /// The decompressed layer has another digest than the image's configuration says.
    #[error("diff_id mismatch: expected `{expected}`, found `{found}`")]
    DiffIdMismatch {
        /// `rootfs.diff_ids` entry of the configuration.
        expected: Digest,
        /// Digest of the decompressed bytes.
        found: Digest,
    },
    /// The configuration lists more or fewer `diff_ids` than the manifest has layers.
    #[error("the configuration lists {diff_ids} diff_ids for {layers} layers")]
    DiffIdCount {
        /// Layers of the manifest.
        layers: usize,
        /// Entries of `rootfs.diff_ids`.
        diff_ids: usize,
    },
    /// Something went wrong in one layer.
    #[error("layer {index} (`{digest}`): {source}")]
    Layer {
        /// Position in the manifest, from 0 at the bottom.
        index: usize,
        /// Digest of the layer's blob.
        digest: Digest,
        /// What went wrong.
        source: Box<Self>,
    },
    /// Something went wrong with one blob or manifest.
    #[error("`{digest}`: {source}")]
    Blob {
        /// Digest by which it was asked.
        digest: Digest,
        /// What went wrong.
        source: Box<Self>,
    },
    /// A limit of [`crate::Limits`] was exceeded.
    #[error("over the limit `{limit}` of {max}")]
    LimitExceeded {
        /// Name as [`crate::Limits::set`] takes it.
        limit: &'static str,
        /// Its value.
        max: u64,
    },
    /// No limit has this name, or its value is zero.
    #[error("`{name}={value}` is no limit: expected a name that exists and a number above 0")]
    UnknownLimit {
        /// Name that was given.
        name: String,
        /// Value that was given.
        value: u64,
    },
    /// A tar entry has a name that no image builder writes: it climbs with `..`, or contains NUL.
    #[error("entry name `{name}` at byte {offset}: {reason}")]
    EntryName {
        /// Offset of the entry's header in the decompressed layer.
        offset: u64,
        /// Name, escaped.
        name: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// A tar header or extension record cannot be read.
    #[error("malformed tar at byte {offset}: {reason}")]
    Tar {
        /// Offset in the decompressed stream.
        offset: u64,
        /// Which rule is broken.
        reason: &'static str,
    },
    /// A compressed stream cannot be decoded.
    #[error("malformed {format} stream after {offset} decoded bytes: {reason}")]
    Compression {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// Decoded bytes before the fault.
        offset: u64,
        /// The decoder's words.
        reason: String,
    },
    /// A JSON document cannot be parsed.
    #[error("{what}: {reason} at byte {offset}")]
    Json {
        /// Which document: a path or the role it plays.
        what: String,
        /// Offset of the fault.
        offset: u64,
        /// The parser's words.
        reason: String,
    },
    /// A document parses, but breaks a rule of its format.
    #[error("{what}: {reason}")]
    InvalidDocument {
        /// Which document.
        what: String,
        /// Which rule is broken.
        reason: String,
    },
    /// A manifest's media type is not the one that was announced.
    #[error("media type mismatch: announced `{expected}`, the document says `{found}`")]
    MediaTypeMismatch {
        /// From the descriptor or the `Content-Type` header.
        expected: String,
        /// From the document's `mediaType`.
        found: String,
    },
    /// A document is of a kind that is not read here.
    #[error("unsupported {what} `{found}`{hint}")]
    Unsupported {
        /// Which property: media type, schema version, digest algorithm.
        what: &'static str,
        /// Its value.
        found: String,
        /// What to do about it, starting with `: `, or empty.
        hint: &'static str,
    },
    /// A digest is not `algorithm:hex` of the right length.
    #[error("`{found}` is no digest: {reason}")]
    InvalidDigest {
        /// Text that was given.
        found: String,
        /// Which rule is broken.
        reason: &'static str,
    },
    /// An image reference cannot be parsed.
    #[error("`{found}` is no image reference: {reason}")]
    InvalidReference {
        /// Text that was given.
        found: String,
        /// Which rule is broken.
        reason: &'static str,
    },
    /// A platform is not `os/architecture[/variant]`.
    #[error("`{found}` is no platform: {reason}")]
    InvalidPlatform {
        /// Text that was given.
        found: String,
        /// Which rule is broken.
        reason: &'static str,
    },
    /// A target cannot be parsed.
    #[error("`{found}` is no target: {reason}")]
    InvalidTarget {
        /// Text that was given.
        found: String,
        /// Which rule is broken.
        reason: String,
    },
    /// The image exists, but not for the wanted platform.
    #[error("no image for platform `{wanted}`, there are: {available}")]
    NoSuchPlatform {
        /// Platform asked for.
        wanted: String,
        /// Platforms of the index, comma separated.
        available: String,
    },
    /// The path holds several images and none was chosen.
    #[error("`{origin}` holds several images, choose one: {}", choices.join(", "))]
    Ambiguous {
        /// Path that was asked.
        origin: String,
        /// What can be written behind it.
        choices: Vec<String>,
    },
    /// No image, tag or manifest of that name is there.
    #[error("`{name}` not found in `{origin}`")]
    NotFound {
        /// What was looked for.
        name: String,
        /// Where.
        origin: String,
    },
    /// What was asked for is not a container image with a configuration and layers.
    #[error("not a container image: {reason}")]
    NotAnImage {
        /// What it is instead.
        reason: String,
    },
    /// A target of this kind cannot hold signatures, attestations or promoted images.
    #[error("`{target}` can hold neither signatures nor attestations")]
    NotWritable {
        /// Target as it was given.
        target: String,
    },
    /// A registry, or the way to it, did not give what was asked for.
    #[error(transparent)]
    Registry(Box<crate::registry::Error>),
    /// Reading or writing locally failed; the text names the path where there is one.
    #[error("{0}")]
    Io(io::Error),
}

impl Error {
    /// Tells which kind of failure this is; wrappers answer for what they wrap.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::SizeMismatch { .. }
            | Self::DigestMismatch { .. }
            | Self::DiffIdMismatch { .. } => ErrorClass::Mismatch,
            Self::Layer { source, .. } | Self::Blob { source, .. } => source.class(),
            Self::DiffIdCount { .. }
            | Self::LimitExceeded { .. }
            | Self::EntryName { .. }
            | Self::Tar { .. }
            | Self::Compression { .. }
            | Self::Json { .. }
            | Self::InvalidDocument { .. }
            | Self::MediaTypeMismatch { .. }
            | Self::Unsupported { .. } => ErrorClass::Hostile,
            Self::UnknownLimit { .. }
            | Self::InvalidDigest { .. }
            | Self::InvalidReference { .. }
            | Self::InvalidPlatform { .. }
            | Self::InvalidTarget { .. }
            | Self::NoSuchPlatform { .. }
            | Self::Ambiguous { .. }
            | Self::NotAnImage { .. }
            | Self::NotWritable { .. } => ErrorClass::Usage,
            Self::NotFound { .. } => ErrorClass::NotFound,
            Self::Registry(error) => error.class(),
            Self::Io(_) => ErrorClass::Local,
        }
    }

    /// Says of a path that the user named as a target why it cannot be opened; one that is not there is no fault of the disk.
    pub(crate) fn opening(path: &std::path::Path, error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound {
                name: path.display().to_string(),
                origin: "the file system".to_owned(),
            },
            _ => Self::Io(error),
        }
    }

    /// Returns the reason itself, without the [`Error::Layer`] and [`Error::Blob`] around it.
    pub fn reason(&self) -> &Self {
        match self {
            Self::Layer { source, .. } | Self::Blob { source, .. } => source.reason(),
            other => other,
        }
    }

    /// Wraps an error with the digest of the blob or manifest it is about.
    pub fn of_blob(self, digest: &Digest) -> Self {
        match self {
            already @ (Self::Blob { .. } | Self::Layer { .. }) => already,
            source => Self::Blob {
                digest: digest.clone(),
                source: Box::new(source),
            },
        }
    }

    /// Wraps an error with the layer it is about.
    pub fn of_layer(self, index: usize, digest: &Digest) -> Self {
        match self {
            already @ Self::Layer { .. } => already,
            Self::Blob { source, .. } => Self::Layer {
                index,
                digest: digest.clone(),
                source,
            },
            source => Self::Layer {
                index,
                digest: digest.clone(),
                source: Box::new(source),
            },
        }
    }

    /// Makes the error of a JSON document of which `error` is the parser's complaint.
    pub(crate) fn json(what: impl Into<String>, bytes: &[u8], error: &serde_json::Error) -> Self {
        let line_start: usize = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let offset = line_start.saturating_add(error.column().saturating_sub(1));
        let text = error.to_string();
        // serde_json appends ` at line L column C`; the byte offset says the same and is what binary tools show.
        let reason = text
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Self::Json {
            what: what.into(),
            offset: u64::try_from(offset).unwrap_or(u64::MAX),
            reason,
        }
    }
}

impl From<io::Error> for Error {
    /// Takes our own error out of the I/O error that carried it through a `Read`, else keeps the I/O error.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl From<crate::registry::Error> for Error {
    /// Keeps a registry's error; one of the bytes that were being uploaded is that error itself.
    fn from(error: crate::registry::Error) -> Self {
        match error {
            crate::registry::Error::Source { source, .. } => Self::from(source),
            error => Self::Registry(Box::new(error)),
        }
    }
}

impl From<Error> for io::Error {
    /// Carries an error of ours through a `Read` implementation.
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error,
            error => Self::new(io::ErrorKind::InvalidData, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_survive_the_way_through_a_reader() {
        let carried = io::Error::from(Error::SizeMismatch {
            expected: 3,
            found: 4,
        });
        assert!(matches!(
            Error::from(carried),
            Error::SizeMismatch {
                expected: 3,
                found: 4
            }
        ));
        let plain = io::Error::from(io::ErrorKind::TimedOut);
        assert!(
            matches!(Error::from(plain), Error::Io(error) if error.kind() == io::ErrorKind::TimedOut)
        );
    }

    #[test]
    fn wrappers_answer_for_what_they_wrap() {
        let digest = Digest::sha256(b"x");
        let error = Error::SizeMismatch {
            expected: 1,
            found: 0,
        }
        .of_blob(&digest)
        .of_layer(2, &digest);
        assert_eq!(error.class(), ErrorClass::Mismatch);
        assert!(matches!(error.reason(), Error::SizeMismatch { .. }));
        assert!(matches!(error, Error::Layer { index: 2, .. }));
    }

    #[test]
    fn json_faults_are_placed_by_byte() {
        let bytes = b"{\n \"a\": x}";
        let fault = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).unwrap_err();
        let Error::Json { offset, reason, .. } = Error::json("x", bytes, &fault) else {
            panic!()
        };
        assert_eq!((offset, reason.as_str()), (8, "expected value"));
    }
}
