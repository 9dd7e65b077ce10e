//! Layers: tar archives of entries, compressed or not (OCI image-spec, `layer.md`).

use std::io::{self, Write as _};

use flate2::{Compression as Level, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::error::{Error, Result};

/// How a layer's tar archive is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952).
    #[default]
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// Returns the layer's media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::None => "application/vnd.oci.image.layer.v1.tar",
            Self::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }
}

/// A layer made of entries in the order in which they are added.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    entries: Vec<Entry>,
    compression: Compression,
    created_by: Option<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: Vec<u8>,
    mode: u32,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    File(Vec<u8>),
    Directory,
    Symlink(Vec<u8>),
    Hardlink(Vec<u8>),
}

impl Layer {
    /// Begins an empty layer.
    pub fn new(compression: Compression) -> Self {
        Self {
            compression,
            ..Self::default()
        }
    }

    /// Says in the image's history what made the layer.
    #[must_use]
    pub fn created_by(mut self, command: &str) -> Self {
        self.created_by = Some(command.to_owned());
        self
    }

    /// Adds a regular file with mode 0644.
    #[must_use]
    pub fn file(self, path: impl AsRef<[u8]>, content: impl Into<Vec<u8>>) -> Self {
        self.file_with_mode(path, content, 0o644)
    }

    /// Adds a regular file.
    #[must_use]
    pub fn file_with_mode(
        self,
        path: impl AsRef<[u8]>,
        content: impl Into<Vec<u8>>,
        mode: u32,
    ) -> Self {
        self.entry(path.as_ref(), mode, Kind::File(content.into()))
    }

    /// Adds a directory with mode 0755.
    #[must_use]
    pub fn directory(self, path: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref().strip_suffix(b"/").unwrap_or(path.as_ref());
        self.entry(&[path, b"/"].concat(), 0o755, Kind::Directory)
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(
            path.as_ref(),
            0o777,
            Kind::Symlink(target.as_ref().to_vec()),
        )
    }

    /// Adds a hard link to a path of the archive.
    #[must_use]
    pub fn hardlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(
            path.as_ref(),
            0o644,
            Kind::Hardlink(target.as_ref().to_vec()),
        )
    }

    /// Removes a path of the layers below.
    #[must_use]
    pub fn whiteout(self, path: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref();
        let name = path
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |slash| slash + 1);
        let (parent, name) = path.split_at(name);
        self.file([parent, b".wh.", name].concat(), Vec::new())
    }

    /// Hides everything that the layers below have in a directory.
    #[must_use]
    pub fn opaque(self, directory: impl AsRef<[u8]>) -> Self {
        self.file([directory.as_ref(), b"/.wh..wh..opq"].concat(), Vec::new())
    }

    fn entry(mut self, path: &[u8], mode: u32, kind: Kind) -> Self {
        self.entries.push(Entry {
            path: path.to_vec(),
            mode,
            kind,
        });
        self
    }

    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    pub(crate) fn command(&self) -> Option<&str> {
        self.created_by.as_deref()
    }

    /// Returns the tar archive.
    ///
    /// # Errors
    /// [`Error::Image`] where an entry does not fit into the format.
    pub fn tar(&self) -> Result<Vec<u8>> {
        let mut builder = Builder::new(Vec::new());
        for entry in &self.entries {
            write(&mut builder, entry).map_err(Error::Image)?;
        }
        builder.into_inner().map_err(Error::Image)
    }

    /// Compresses an archive as the layer is.
    pub(crate) fn compress(&self, tar: &[u8]) -> Result<Vec<u8>> {
        let compressed = match self.compression {
            Compression::None => Ok(tar.to_vec()),
            Compression::Gzip => {
                let mut encoder = GzBuilder::new().write(Vec::new(), Level::default());
                encoder.write_all(tar).and_then(|()| encoder.finish())
            }
            Compression::Zstd => zstd::encode_all(tar, 0),
        };
        compressed.map_err(Error::Image)
    }
}

fn write(builder: &mut Builder<Vec<u8>>, entry: &Entry) -> io::Result<()> {
    let (kind, content, link): (_, &[u8], &[u8]) = match &entry.kind {
        Kind::File(content) => (EntryType::Regular, content, &[]),
        Kind::Directory => (EntryType::Directory, &[], &[]),
        Kind::Symlink(target) => (EntryType::Symlink, &[], target),
        Kind::Hardlink(target) => (EntryType::Link, &[], target),
    };
    // Names go into the header as they are, since `tar` would refuse `..` and absolute ones, which tests need.
    long(builder, EntryType::GNULongName, &entry.path)?;
    long(builder, EntryType::GNULongLink, link)?;
    let mut header = Header::new_gnu();
    fill(&mut header.as_old_mut().name, &entry.path);
    fill(&mut header.as_old_mut().linkname, link);
    header.set_entry_type(kind);
    header.set_mode(entry.mode);
    header.set_size(content.len() as u64);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    builder.append(&header, content)
}

/// Writes GNU's own entry for a name that does not fit into 100 bytes.
fn long(builder: &mut Builder<Vec<u8>>, kind: EntryType, name: &[u8]) -> io::Result<()> {
    if name.len() < 100 {
        return Ok(());
    }
    let content = [name, &[0]].concat();
    let mut header = Header::new_gnu();
    fill(&mut header.as_old_mut().name, b"././@LongLink");
    header.set_entry_type(kind);
    header.set_mode(0);
    header.set_size(content.len() as u64);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    builder.append(&header, content.as_slice())
}

fn fill(field: &mut [u8; 100], text: &[u8]) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}
