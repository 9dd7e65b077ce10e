//! What a person may type for an image or a file.
//!
//! A scheme says what it is. Without one, an existing path is taken by what it is and anything else is a reference to a
//! registry: no daemon is ever asked unasked, so that one name means the same bytes everywhere.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::digest::{Digest, excerpt};
use crate::error::{Error, Result};
use crate::layer::decompress::Compression;
use crate::reference::{Reference, valid_tag};

/// Names an image, a directory or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Image in a registry (`registry:`).
    Registry(Reference),
    /// OCI image layout in a directory (`oci-dir:`).
    Layout {
        /// The directory.
        path: PathBuf,
        /// Which of its images.
        selector: Option<Selector>,
    },
    /// OCI image layout in a tar file (`oci-archive:`).
    OciArchive {
        /// The file.
        path: PathBuf,
        /// Which of its images.
        selector: Option<Selector>,
    },
    /// What `docker save` writes (`docker-archive:`).
    DockerArchive {
        /// The file.
        path: PathBuf,
        /// Which of its images.
        selector: Option<Selector>,
    },
    /// Directory with a file system (`dir:`).
    Directory(PathBuf),
    /// Any single file (`file:`).
    File(PathBuf),
}

/// Chooses one of several images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By a tag or full name, as `org.opencontainers.image.ref.name` or `RepoTags` have it.
    Tag(String),
    /// By the digest of the manifest.
    Digest(Digest),
    /// By its position, from 0.
    Index(usize),
}

impl Target {
    /// Parses what a person typed; looks at the file system to tell paths from references.
    ///
    /// # Errors
    /// [`Error::InvalidTarget`], [`Error::InvalidReference`] or [`Error::InvalidDigest`]; [`Error::NotFound`] for a path that is not there.
    pub fn parse(text: &str) -> Result<Self> {
        let fault = |reason: &str| Error::InvalidTarget {
            found: excerpt(text),
            reason: reason.to_owned(),
        };
        let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
        let selected = || match rest {
            "" => Err(fault("no path follows the scheme")),
            rest => split(rest),
        };
        Ok(match scheme {
            "registry" => Self::Registry(Reference::parse(rest)?),
            "oci-dir" => {
                let (path, selector) = selected()?;
                Self::Layout { path, selector }
            }
            "oci-archive" => {
                let (path, selector) = selected()?;
                Self::OciArchive { path, selector }
            }
            "docker-archive" => {
                let (path, selector) = selected()?;
                Self::DockerArchive { path, selector }
            }
            "dir" | "file" if rest.is_empty() => return Err(fault("no path follows the scheme")),
            "dir" => Self::Directory(PathBuf::from(rest)),
            "file" => Self::File(PathBuf::from(rest)),
            "docker" | "podman" | "containerd" | "sbom" | "purl" if !Path::new(text).exists() => {
                return Err(fault(
                    "this kind of target holds no image that can be read here",
                ));
            }
            _ => Self::without_scheme(text)?,
        })
    }

    fn without_scheme(text: &str) -> Result<Self> {
        let fault = |reason: &str| Error::InvalidTarget {
            found: excerpt(text),
            reason: reason.to_owned(),
        };
        let looks_like_path = text.starts_with(['.', '/', '~']);
        if Path::new(text).exists() {
            return Self::sniff(PathBuf::from(text), None);
        }
        if looks_like_path {
            return match split(text)? {
                (path, selector) if path.exists() => Self::sniff(path, selector),
                (path, _) => Err(Error::NotFound {
                    name: path.display().to_string(),
                    origin: "the file system".to_owned(),
                }),
            };
        }
        if names_a_file(text) {
            return Err(fault(
                "there is no such file; a repository of this name is written `registry:NAME`",
            ));
        }
        match text {
            "" => Err(fault("it is empty")),
            "-" => Err(fault("an image cannot be read from standard input")),
            reference => Ok(Self::Registry(Reference::parse(reference)?)),
        }
    }

    /// Tells what an existing path is.
    fn sniff(path: PathBuf, selector: Option<Selector>) -> Result<Self> {
        if path.is_dir() {
            return Ok(match selector {
                selector if path.join("oci-layout").is_file() => Self::Layout { path, selector },
                _ => Self::Directory(path),
            });
        }
        // Opening a FIFO would wait for its writer; what it is, is told where it would be read.
        if !fs_err::metadata(&path)?.is_file() {
            return Ok(Self::File(path));
        }
        let mut start = [0; 263];
        let mut filled = 0;
        let mut file = fs_err::File::open(&path)?;
        while let Some(rest) = start.get_mut(filled..)
            && !rest.is_empty()
        {
            match std::io::Read::read(&mut file, rest)? {
                0 => break,
                count => filled = filled.saturating_add(count),
            }
        }
        // POSIX and GNU tars have `ustar` at 257. A compressed file counts as an archive only by its name: a database
        // or a wheel may be gzip too.
        let tar = start.get(257..262) == Some(b"ustar");
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        let named = [".tar.gz", ".tgz", ".tar.zst", ".tar.zstd"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
        if tar || (named && Compression::of(&start) != Compression::None) {
            return Ok(Self::DockerArchive { path, selector });
        }
        Ok(Self::File(path))
    }

    /// Returns the path of a local target.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Registry(_) => None,
            Self::Layout { path, .. }
            | Self::OciArchive { path, .. }
            | Self::DockerArchive { path, .. } => Some(path),
            Self::Directory(path) | Self::File(path) => Some(path),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, path, selector) = match self {
            Self::Registry(reference) => return reference.fmt(f),
            Self::Layout { path, selector } => ("oci-dir", path, selector.as_ref()),
            Self::OciArchive { path, selector } => ("oci-archive", path, selector.as_ref()),
            Self::DockerArchive { path, selector } => ("docker-archive", path, selector.as_ref()),
            Self::Directory(path) => ("dir", path, None),
            Self::File(path) => ("file", path, None),
        };
        write!(f, "{scheme}:{}", path.display())?;
        match selector {
            Some(selector) => selector.fmt(f),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Selector {
    /// Writes the selector as it stands behind a path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, ":{}", excerpt(tag)),
            Self::Digest(digest) => write!(f, "@{digest}"),
            Self::Index(index) => write!(f, ":@{index}"),
        }
    }
}

/// Tells whether a text ends as the names of archives do: nobody who types one means a repository.
fn names_a_file(text: &str) -> bool {
    const SUFFIXES: [&str; 9] = [
        ".tar",
        ".tar.gz",
        ".tgz",
        ".tar.zst",
        ".tar.zstd",
        ".oci",
        ".json",
        ".xml",
        ".txt",
    ];
    let text = text.to_ascii_lowercase();
    SUFFIXES.iter().any(|suffix| text.ends_with(suffix))
}

/// Splits a path from what selects inside it: the longest existing path counts, else what looks like a tag or digest.
fn split(text: &str) -> Result<(PathBuf, Option<Selector>)> {
    if Path::new(text).exists() {
        return Ok((PathBuf::from(text), None));
    }
    let cuts = text
        .rmatch_indices([':', '@'])
        .filter(|(place, _)| *place > 0);
    for (place, mark) in cuts.clone() {
        let (path, suffix) = text.split_at(place);
        if Path::new(path).exists() {
            let suffix = suffix.strip_prefix(mark).unwrap_or(suffix);
            return Ok((PathBuf::from(path), Some(selector(mark, suffix)?)));
        }
    }
    for (place, mark) in cuts {
        let (path, suffix) = text.split_at(place);
        let suffix = suffix.strip_prefix(mark).unwrap_or(suffix);
        let fits = if mark == "@" {
            Digest::parse(suffix).is_ok()
        } else {
            valid_tag(suffix)
        };
        if fits {
            return Ok((PathBuf::from(path), Some(selector(mark, suffix)?)));
        }
    }
    Ok((PathBuf::from(text), None))
}

fn selector(mark: &str, text: &str) -> Result<Selector> {
    if mark == "@" {
        return Ok(Selector::Digest(Digest::parse(text)?));
    }
    match text.strip_prefix('@') {
        Some(number) => match number.parse() {
            Ok(index) => Ok(Selector::Index(index)),
            Err(_) => Ok(Selector::Digest(Digest::parse(number)?)),
        },
        None if text.is_empty() => Err(Error::InvalidTarget {
            found: excerpt(text),
            reason: "the tag is empty".to_owned(),
        }),
        None => Ok(Selector::Tag(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn targets_parse_by_scheme_or_by_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        fs_err::create_dir_all(folder.path().join("layout:v1")).unwrap();
        fs_err::write(folder.path().join("layout:v1/oci-layout"), "{}").unwrap();
        fs_err::create_dir_all(folder.path().join("plain")).unwrap();
        fs_err::write(folder.path().join("note.txt"), "hello").unwrap();
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        fs_err::write(folder.path().join("image.tar"), tar).unwrap();
        fs_err::write(folder.path().join("x.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
        fs_err::write(folder.path().join("x.tar.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
        let table = [
            (
                "alpine:3".to_owned(),
                "docker.io/library/alpine:3".to_owned(),
            ),
            (
                "registry:alpine".to_owned(),
                "docker.io/library/alpine".to_owned(),
            ),
            (
                format!("{root}/layout:v1"),
                format!("oci-dir:{root}/layout:v1"),
            ),
            (
                format!("oci-dir:{root}/layout:v1"),
                format!("oci-dir:{root}/layout:v1"),
            ),
            (
                format!("{root}/layout:v1:3.20"),
                format!("oci-dir:{root}/layout:v1:3.20"),
            ),
            (
                format!("oci-dir:{root}/layout:v1@{DIGEST}"),
                format!("oci-dir:{root}/layout:v1@{DIGEST}"),
            ),
            (
                format!("oci-dir:{root}/new:v2"),
                format!("oci-dir:{root}/new:v2"),
            ),
            (format!("{root}/plain"), format!("dir:{root}/plain")),
            (format!("{root}/note.txt"), format!("file:{root}/note.txt")),
            (
                format!("{root}/image.tar"),
                format!("docker-archive:{root}/image.tar"),
            ),
            (
                format!("{root}/image.tar:a/b:1"),
                format!("docker-archive:{root}/image.tar:a/b:1"),
            ),
            (
                format!("docker-archive:{root}/image.tar:@1"),
                format!("docker-archive:{root}/image.tar:@1"),
            ),
            (format!("{root}/x.gz"), format!("file:{root}/x.gz")),
            (
                format!("{root}/x.tar.gz"),
                format!("docker-archive:{root}/x.tar.gz"),
            ),
            ("file:any".to_owned(), "file:any".to_owned()),
        ];
        for (text, expected) in table {
            assert_eq!(
                Target::parse(&text).unwrap().to_string(),
                expected,
                "{text}"
            );
        }
        let new = Target::parse(&format!("oci-dir:{root}/new:v2")).unwrap();
        assert!(
            matches!(new, Target::Layout { selector: Some(Selector::Tag(tag)), .. } if tag == "v2")
        );
        for absent in ["./nosuch", "/nowhere/at/all"] {
            let error = Target::parse(absent).unwrap_err();
            assert!(
                matches!(&error, Error::NotFound { name, .. } if name == absent),
                "{absent}: {error:?}"
            );
        }
        for bad in [
            "nosuch.tar",
            "images/nosuch.TAR.GZ",
            "nosuch.tgz",
            "",
            "-",
            "dir:",
            "oci-dir:",
            "docker:x",
            "sbom:x",
            "purl:x",
            "UPPER",
        ] {
            let error = Target::parse(bad).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::InvalidTarget { .. } | Error::InvalidReference { .. }
                ),
                "{bad}: {error:?}"
            );
        }
    }
}
