//! Files that the user names, read within a limit.

use std::io::{self, Read};
use std::path::Path;

use toolkit_oci::Digest;
use toolkit_oci::digest::{Algorithm, Hasher};

use crate::error::{Error, Result};

/// Reads a whole file of at most `limit` bytes.
///
/// # Errors
/// [`Error::Read`] with the path, [`Error::TooLong`] with the limit.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::Read {
        path: path.to_path_buf(),
        source,
    };
    let mut file = fs_err::File::open(path)
        .map_err(failed)?
        .take(limit.saturating_add(1));
    let mut bytes = Vec::new();
    let length = file.read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(length).unwrap_or(u64::MAX) > limit {
        return Err(Error::TooLong {
            path: path.to_path_buf(),
            limit,
        });
    }
    Ok(bytes)
}

/// Reads a whole file that the user did not name himself, but a file of his: only a regular one, since opening a FIFO waits for a writer.
///
/// # Errors
/// As [`read_file`]; anything but a regular file is invalid input.
pub(crate) fn read_regular_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::Read {
        path: path.to_path_buf(),
        source,
    };
    if !fs_err::metadata(path).map_err(failed)?.is_file() {
        let fault = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
        return Err(failed(fault));
    }
    read_file(path, limit)
}

/// Reads a whole text file of at most `limit` bytes.
///
/// # Errors
/// As [`read_file`]; text that is no UTF-8 is invalid data.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String> {
    String::from_utf8(read_file(path, limit)?).map_err(|error| Error::Read {
        path: path.to_path_buf(),
        source: io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is no UTF-8 text: {}", error.utf8_error()),
        ),
    })
}

/// Hashes a file of any size, without holding it.
///
/// # Errors
/// [`Error::Read`] with the path.
pub(crate) fn digest_of_file(path: &Path) -> Result<Digest> {
    let failed = |source| Error::Read {
        path: path.to_path_buf(),
        source,
    };
    let mut file = fs_err::File::open(path).map_err(failed)?;
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hasher.finish()),
            length => hasher.update(buffer.get(..length).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("file");
        fs_err::write(&path, [b'x'; 10]).expect("the file");
        assert_eq!(read_file(&path, 10).expect("ten bytes"), [b'x'; 10]);
        assert!(matches!(
            read_file(&path, 9),
            Err(Error::TooLong { limit: 9, .. })
        ));
        assert_eq!(
            digest_of_file(&path).expect("a digest"),
            Digest::sha256(&[b'x'; 10])
        );
        fs_err::write(&path, [0xff, 0xfe]).expect("the file");
        assert!(
            matches!(read_text(&path, 9), Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::InvalidData)
        );
    }
}
