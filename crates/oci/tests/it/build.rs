//! Builds images in temporary folders, right ones and wrong ones.

use std::io::Write;
use std::path::Path;

use tempfile::TempDir;
use toolkit_oci::{Digest, media_type};

/// One tar entry.
#[derive(Clone)]
pub(crate) enum Item {
    File(String, Vec<u8>),
    Dir(String, u32),
    Symlink(String, String),
    Hardlink(String, String),
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(name, content) => write!(f, "{name} = {}", content.escape_ascii()),
            Self::Dir(name, mode) => write!(f, "{name}/ {mode:o}"),
            Self::Symlink(name, link) => write!(f, "{name} -> {link}"),
            Self::Hardlink(name, link) => write!(f, "{name} == {link}"),
        }
    }
}

pub(crate) fn file(path: &str, content: &str) -> Item {
    Item::File(path.to_owned(), content.as_bytes().to_vec())
}

/// Writes a tar; names go in as they are, however hostile.
pub(crate) fn tar(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        let (name, kind, mode, link, content) = match item {
            Item::File(name, content) => (name, b'0', 0o644, "", content.as_slice()),
            Item::Dir(name, mode) => (name, b'5', *mode, "", &[][..]),
            Item::Symlink(name, link) => (name, b'2', 0o777, link.as_str(), &[][..]),
            Item::Hardlink(name, link) => (name, b'1', 0o644, link.as_str(), &[][..]),
        };
        out.extend_from_slice(&header(
            name.as_bytes(),
            kind,
            mode,
            link.as_bytes(),
            content.len(),
        ));
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// Writes one POSIX header.
pub(crate) fn header(name: &[u8], kind: u8, mode: u32, link: &[u8], size: usize) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(format!("{mode:07o}").as_bytes());
    block[108..115].copy_from_slice(b"0000000");
    block[116..123].copy_from_slice(b"0000000");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layout being written.
pub(crate) struct Layout {
    folder: TempDir,
    entries: Vec<String>,
}

impl Layout {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        fs_err::write(
            folder.path().join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .unwrap();
        Self {
            folder,
            entries: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn target(&self) -> String {
        format!("oci-dir:{}", self.folder.path().display())
    }

    /// Stores a blob and returns its descriptor.
    pub(crate) fn blob(&self, media_type: &str, bytes: &[u8]) -> String {
        let digest = Digest::sha256(bytes);
        fs_err::write(
            self.folder.path().join("blobs/sha256").join(digest.hex()),
            bytes,
        )
        .unwrap();
        format!(
            r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#,
            bytes.len()
        )
    }

    /// Stores an image of compressed layers with the given `diff_ids` and returns its manifest's descriptor.
    pub(crate) fn image_of(
        &self,
        blobs: &[Vec<u8>],
        diff_ids: &[Digest],
        platform: (&str, &str),
    ) -> String {
        let diff_ids: Vec<String> = diff_ids
            .iter()
            .map(|digest| format!("\"{digest}\""))
            .collect();
        let (os, architecture) = platform;
        let config = format!(
            r#"{{"os":"{os}","architecture":"{architecture}","rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
            diff_ids.join(",")
        );
        let config = self.blob(media_type::OCI_CONFIG, config.as_bytes());
        let layers: Vec<String> = blobs
            .iter()
            .map(|blob| self.blob(media_type::OCI_LAYER_GZIP, blob))
            .collect();
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{config},"layers":[{}]}}"#,
            layers.join(",")
        );
        self.blob(media_type::OCI_MANIFEST, manifest.as_bytes())
    }

    /// Stores an image of gzipped layers.
    pub(crate) fn image(&self, tars: &[Vec<u8>]) -> String {
        let diff_ids: Vec<Digest> = tars.iter().map(|tar| Digest::sha256(tar)).collect();
        let blobs: Vec<Vec<u8>> = tars.iter().map(|tar| gzip(tar)).collect();
        self.image_of(&blobs, &diff_ids, ("linux", "amd64"))
    }

    /// Lists a descriptor in `index.json`, with something added to it.
    pub(crate) fn list(&mut self, descriptor: &str, more: &str) {
        self.entries
            .push(format!("{}{more}}}", descriptor.strip_suffix('}').unwrap()));
        let index = format!(
            r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
            self.entries.join(",")
        );
        fs_err::write(self.folder.path().join("index.json"), index).unwrap();
    }

    /// Makes a layout of one image with these layers.
    pub(crate) fn with_layers(tars: &[Vec<u8>]) -> Self {
        let mut layout = Self::new();
        let image = layout.image(tars);
        layout.list(&image, "");
        layout
    }
}
