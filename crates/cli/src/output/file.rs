//! Output files: written beside their place and renamed, so that none is ever half there; devices and FIFOs are written directly.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Writes a file through `fill`: into a temporary file in the same directory, renamed over `path` only when everything is on disk.
///
/// A path that exists and is no regular file (a device, a FIFO), or names an open descriptor, is opened and appended to. A symbolic link to a regular file is
/// followed, so that the link stays; one that leads nowhere is refused, as `cp` does: what it names was not meant to be made.
///
/// # Errors
/// What `fill` returns, or [`Error::Write`] with the path when the disk refuses.
pub(crate) fn write_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.to_path_buf(),
        source,
    };
    match fs_err::metadata(path) {
        Ok(found) if found.is_dir() => Err(failed(io::Error::from(io::ErrorKind::IsADirectory))),
        Ok(found) if !found.is_file() || is_descriptor(path) => {
            let file = fs_err::OpenOptions::new()
                .append(true)
                .open(path)
                .map_err(failed)?;
            let mut writer = BufWriter::new(file);
            fill(&mut writer)?;
            writer.flush().map_err(failed)
        }
        Ok(found) => replace(
            &fs_err::canonicalize(path).map_err(failed)?,
            Some(found.permissions()),
            failed,
            fill,
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if fs_err::symlink_metadata(path).is_ok() {
                return Err(failed(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "it is a symbolic link that leads nowhere",
                )));
            }
            replace(path, None, failed, fill)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Tells whether the path names what this process has open already, such as `/dev/stdout`: a log that it was sent to is continued, never replaced.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr"]
        .iter()
        .any(|one| path == Path::new(one))
        || ["/dev/fd", "/proc/self/fd"]
            .iter()
            .any(|one| path.starts_with(one))
}

fn replace(
    path: &Path,
    permissions: Option<std::fs::Permissions>,
    failed: impl Fn(io::Error) -> Error,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".toolkit-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What a newly created file gets: the process's mask takes its share from it.
        builder.permissions(permissions.unwrap_or_else(|| std::fs::Permissions::from_mode(0o666)));
    }
    let temporary: NamedTempFile = builder.tempfile_in(directory_of(path)).map_err(&failed)?;
    let mut writer = BufWriter::new(temporary);
    fill(&mut writer)?;
    let temporary = writer
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    temporary.as_file().sync_all().map_err(&failed)?;
    temporary
        .persist(path)
        .map_err(|error| failed(error.error))?;
    Ok(())
}

/// Finds two outputs that go to one place: the same file under two names, or stdout twice (`None`).
pub(crate) fn shared_place<'a>(
    files: impl IntoIterator<Item = Option<&'a Path>>,
) -> Option<String> {
    let mut taken = Vec::new();
    for file in files {
        let place = file.map(real);
        if taken.contains(&place) {
            return Some(
                file.map_or_else(|| "stdout".to_owned(), |file| file.display().to_string()),
            );
        }
        taken.push(place);
    }
    None
}

/// Follows links, also where the file is not there yet.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = fs_err::canonicalize(path) {
        return real;
    }
    match (fs_err::canonicalize(directory_of(path)), path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path.to_path_buf(),
    }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &'static str) -> impl FnOnce(&mut dyn Write) -> Result<()> {
        move |writer| {
            writer
                .write_all(text.as_bytes())
                .expect("a writer to a temporary file");
            Ok(())
        }
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_no_new_one() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("out.json");
        write_file(&path, put("old")).expect("the first write");
        let result = write_file(&path, |writer| {
            put("half")(writer)?;
            Err(Error::UnknownCode {
                code: "stop".to_owned(),
            })
        });
        assert!(
            matches!(result, Err(Error::UnknownCode { .. })),
            "{result:?}"
        );
        assert_eq!(fs_err::read_to_string(&path).expect("the file"), "old");
        assert_eq!(
            fs_err::read_dir(directory.path())
                .expect("the directory")
                .count(),
            1
        );
        write_file(&path, put("new")).expect("the second write");
        assert_eq!(fs_err::read_to_string(&path).expect("the file"), "new");
    }

    #[test]
    fn a_directory_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let result = write_file(directory.path(), put("x"));
        assert!(
            matches!(&result, Err(Error::Write { source, .. }) if source.kind() == io::ErrorKind::IsADirectory),
            "{result:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn one_file_under_two_names_is_one_place() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (file, link) = (directory.path().join("a"), directory.path().join("b"));
        let below = directory.path().join("d");
        fs_err::create_dir(&below).expect("a directory");
        fs_err::os::unix::fs::symlink("a", &link).expect("the link");
        let new = [directory.path().join("new"), below.join("../new")];
        let shared = |files: &[&Path]| shared_place(files.iter().map(|file| Some(*file)));
        assert_eq!(
            shared(&[&new[0], &new[1]]),
            Some(new[1].display().to_string())
        );
        assert_eq!(shared(&[&file, &new[0]]), None);
        fs_err::write(&file, "x").expect("the file");
        assert_eq!(shared(&[&file, &link]), Some(link.display().to_string()));
        assert_eq!(
            shared_place([None, Some(file.as_path()), None]),
            Some("stdout".to_owned())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let link = directory.path().join("link");
        fs_err::os::unix::fs::symlink("target", &link).expect("the link");
        let result = write_file(&link, put("x"));
        assert!(
            matches!(&result, Err(Error::Write { source, .. }) if source.kind() == io::ErrorKind::InvalidInput),
            "{result:?}"
        );
        assert!(!directory.path().join("target").exists());
        assert!(fs_err::read_link(&link).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links_and_modes_stay_modes() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (target, link) = (
            directory.path().join("target"),
            directory.path().join("link"),
        );
        fs_err::write(&target, "old").expect("the target");
        fs_err::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).expect("its mode");
        fs_err::os::unix::fs::symlink("target", &link).expect("the link");
        write_file(&link, put("new")).expect("the write");
        assert!(
            fs_err::symlink_metadata(&link)
                .expect("the link")
                .file_type()
                .is_symlink()
        );
        assert_eq!(fs_err::read_to_string(&target).expect("the target"), "new");
        assert_eq!(
            fs_err::metadata(&target)
                .expect("the target")
                .permissions()
                .mode()
                & 0o777,
            0o640
        );
    }
}
