//! A layout in one tar file: written from a directory, and taken apart into one to be read with its evidence.
//!
//! Only the members of a layout are taken, under their own names; what the blobs hold is checked where they are read. Archives of images for
//! reading alone are `source::archive`'s.
//!
//! Specification: image-spec `image-layout.md`, POSIX ustar. The bytes are stable: members in the order of their names, no times and owners.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::digest::Algorithm;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::manifest::media_type;

const MARKER: &str = "oci-layout";
const INDEX: &str = "index.json";

/// Writes the layout in a directory as a tar file.
///
/// # Errors
/// [`Error::Io`].
pub fn pack(layout: &Path, out: &mut dyn io::Write) -> Result<()> {
    let sha256 = Algorithm::Sha256.as_str();
    let blobs = layout.join("blobs").join(sha256);
    let mut names: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs_err::read_dir(&blobs).map_err(Error::Io)? {
        let entry = entry.map_err(Error::Io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_hex(&name) {
            names.push((format!("blobs/{sha256}/{name}"), entry.path()));
        }
    }
    names.extend([MARKER, INDEX].map(|name| (name.to_owned(), layout.join(name))));
    names.sort();
    let mut archive = tar::Builder::new(out);
    for (name, path) in names {
        let file = fs_err::File::open(path).map_err(Error::Io)?;
        let mut header = tar::Header::new_ustar();
        header.set_size(file.metadata().map_err(Error::Io)?.len());
        header.set_mode(0o644);
        header.set_mtime(0);
        archive
            .append_data(&mut header, name, file)
            .map_err(Error::Io)?;
    }
    archive.finish().map_err(Error::Io)
}

/// Takes a tar file with a layout apart into an empty directory.
///
/// # Errors
/// [`Error::Tar`] for what is no archive, [`Error::LimitExceeded`] for too many or too large members, [`Error::Io`].
pub fn unpack(archive: &Path, layout: &Path, limits: &Limits) -> Result<()> {
    let sha256 = Algorithm::Sha256.as_str();
    let blobs = layout.join("blobs").join(sha256);
    fs_err::create_dir_all(&blobs).map_err(Error::Io)?;
    let file = fs_err::File::open(archive).map_err(|error| Error::opening(archive, error))?;
    let broken = |error: io::Error| Error::NotAnImage {
        reason: format!("`{}` is no archive: {error}", archive.display()),
    };
    let mut reader = tar::Archive::new(io::BufReader::new(file));
    for (count, member) in (1_u64..).zip(reader.entries().map_err(broken)?) {
        let member = member.map_err(broken)?;
        if count > limits.archive_entries {
            return Err(Error::LimitExceeded {
                limit: "archive-entries",
                max: limits.archive_entries,
            });
        }
        if member.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        let name = name.strip_prefix("./").unwrap_or(&name);
        let blob = name.strip_prefix("blobs/").and_then(|rest| {
            let (algorithm, hex) = rest.split_once('/')?;
            (algorithm == sha256 && is_hex(hex)).then(|| blobs.join(hex))
        });
        let path = match (name, blob) {
            (MARKER | INDEX, _) => layout.join(name),
            (_, Some(blob)) => blob,
            _ => continue,
        };
        let size = member.size();
        let max = match name {
            MARKER | INDEX => limits.layout_index_size,
            _ => limits.descriptor_size,
        };
        if size > max {
            let limit = match name {
                MARKER | INDEX => "layout-index-size",
                _ => "descriptor-size",
            };
            return Err(Error::LimitExceeded { limit, max });
        }
        let mut out = fs_err::File::create(&path).map_err(Error::Io)?;
        copy(member, &mut out, &broken)?;
    }
    if !layout.join(MARKER).exists() || !layout.join(INDEX).exists() {
        return Err(Error::NotAnImage {
            reason: format!(
                "`{}` holds no layout: expected `{MARKER}` and `{INDEX}` ({})",
                archive.display(),
                media_type::OCI_INDEX
            ),
        });
    }
    Ok(())
}

/// Copies; faults of the archive are told from those of the disk.
fn copy(
    mut from: impl Read,
    to: &mut fs_err::File,
    broken: &dyn Fn(io::Error) -> Error,
) -> Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => io::Write::write_all(to, buffer.get(..count).unwrap_or_default())
                .map_err(Error::Io)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(error)),
        }
    }
}

fn is_hex(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::manifest::Descriptor;
    use crate::repository::Repository;

    #[test]
    fn a_layout_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits::default();
        let from = folder.path().join("from");
        let repository = Repository::create_layout(&from, &limits).unwrap();
        let blob = Descriptor::of("x/y", b"content");
        repository.put_blob(&blob, b"content").unwrap();
        let mut bytes = Vec::new();
        pack(&from, &mut bytes).unwrap();
        let mut again = Vec::new();
        pack(&from, &mut again).unwrap();
        assert_eq!(bytes, again);
        // A member that leads out, a link, and one that nobody knows.
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind) in [
            ("other", tar::EntryType::Regular),
            ("blobs/sha256/short", tar::EntryType::Regular),
            ("index.json", tar::EntryType::Symlink),
        ] {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(kind);
            header.set_size(0);
            header.set_link_name("/etc/passwd").unwrap();
            builder.append_data(&mut header, name, io::empty()).unwrap();
        }
        let mut hostile = builder.into_inner().unwrap();
        hostile.truncate(3 * 512);
        hostile.extend(bytes);
        let archive = folder.path().join("x.tar");
        fs_err::write(&archive, &hostile).unwrap();
        let to = folder.path().join("to");
        unpack(&archive, &to, &limits).unwrap();
        let back = Repository::layout(&to, &limits).unwrap();
        assert_eq!(back.blob_bytes(&blob, "x", 100).unwrap(), b"content");
        let mut names: Vec<_> = fs_err::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["blobs", "index.json", "oci-layout"]);
        assert_eq!(
            fs_err::read_dir(to.join("blobs/sha256")).unwrap().count(),
            1
        );
        assert!(back.has_blob(&Digest::sha256(b"content")).unwrap());
    }

    #[test]
    fn what_is_no_layout_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("x.tar");
        for (name, bytes) in [("text", b"no archive".repeat(100)), ("empty", Vec::new())] {
            fs_err::write(&archive, bytes).unwrap();
            let to = folder.path().join(name);
            assert!(
                matches!(
                    unpack(&archive, &to, &Limits::default()),
                    Err(Error::NotAnImage { .. })
                ),
                "{name}"
            );
        }
    }
}
