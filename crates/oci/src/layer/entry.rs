//! What one entry of a layer is, what was kept of it, and why something could not be read.
//!
//! Types only: how a tar makes entries is `entries`, how layers are merged is `overlay`.

/// Shows one entry of a layer, or of a directory read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Path without leading slash, `.` and `..`; any bytes but NUL.
    pub path: &'a [u8],
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits, at most `0o7777`.
    pub mode: u32,
    /// Bytes of the content; of a hard link, those of its target.
    pub size: u64,
    /// Target as written, of symbolic and hard links.
    pub link: Option<&'a [u8]>,
    /// Modification time in seconds since 1970.
    pub mtime: i64,
}

/// Tells what an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Regular file; in a [`super::View`] also a hard link to one.
    File,
    /// Directory.
    Directory,
    /// Symbolic link.
    Symlink,
    /// Another name of an earlier entry.
    Hardlink,
    /// Device, FIFO or a type of a vendor.
    Other,
}

/// Identifies the content of a regular file: hard links share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    /// Layer that brings the content.
    pub layer: usize,
    /// Number of the content in that layer.
    pub number: u32,
}

/// Holds what a [`ContentReader`](super::ContentReader) kept of a file.
#[derive(Debug, Clone)]
pub struct LayerFile<T> {
    /// Where the file is.
    pub path: Vec<u8>,
    /// Other names of the same content in the same layer.
    pub links: Vec<Vec<u8>>,
    /// Permission bits.
    pub mode: u32,
    /// Bytes of the content.
    pub size: u64,
    /// What was kept.
    pub content: T,
    /// Identity of the content.
    pub id: FileId,
}

/// Names something that could not be read although it matters; whoever lists contents lists these too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Path without leading slash.
    pub path: Vec<u8>,
    /// Layer, from 0.
    pub layer: usize,
    /// Why.
    pub reason: UnreadableReason,
}

/// Tells why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableReason {
    /// A wanted file is over the limit `file-size`.
    #[error("{size} bytes are over the limit `file-size` of {max}")]
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// The limit.
        max: u64,
    },
    /// A wanted file is stored sparsely, which is not unfolded.
    #[error("the file is stored as a sparse map")]
    Sparse,
    /// The path or link target is over the limit `path-size`, or has more components than `path-depth`.
    #[error("the path or link target is too long or too deep")]
    PathTooLong,
    /// The path leads through symbolic links that go round, or more of them than the limit `symlinks`.
    #[error("the path leads through too many symbolic links")]
    LinkLoop,
    /// A hard link's target is in no layer.
    #[error("the hard link's target `{0}` is missing")]
    MissingTarget(String),
    /// A wanted hard link's content is in a lower layer that cannot be read again.
    #[error("the hard link's content is in a lower layer that cannot be read again")]
    LowerContent,
    /// The system refused.
    #[error("{0}")]
    Io(String),
}

/// Shows foreign bytes as text without control characters.
pub(crate) fn escape(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}
