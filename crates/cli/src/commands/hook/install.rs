//! `toolkit hook install` and `uninstall`: where git looks for hooks, a hook that is there is kept under another name.
//!
//! The new hook is complete on disk before the old one moves, and is taken back where it cannot take its place. A second run changes nothing.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::terminal::Terminal;

use super::error::HookError;
use super::git::{Git, bytes_to_path};
use super::script::{KEPT, is_ours, is_unchanged, script};

/// Installs the hook.
///
/// # Errors
/// [`HookError`], before anything is changed.
pub(super) fn install(terminal: &Terminal) -> Result<Exit> {
    let place = Place::find().map_err(Error::Hook)?;
    let text = script(place.program().as_deref());
    match place.hook().map_err(Error::Hook)? {
        Hook::Ours(found) if found == text.as_bytes() => {
            terminal.note(&format!("{} is installed already", place.path().display()));
            return Ok(Exit::Yes);
        }
        Hook::Ours(found) if !is_unchanged(&found) => {
            return Err(Error::Hook(HookError::Edited { path: place.path() }));
        }
        Hook::Ours(_) | Hook::None => {}
        Hook::Other(Some(OVERCOMMIT)) => {
            // It goes by the name that it is called by.
            let (manager, folder) = (OVERCOMMIT, place.folder);
            return Err(Error::Hook(HookError::Managed { manager, folder }));
        }
        Hook::Other(manager) => {
            replace(&place, &text).map_err(Error::Hook)?;
            terminal.note(&format!(
                "the hook that was there is {} now and runs first",
                place.kept().display()
            ));
            if let Some(manager) = manager {
                terminal.note(&format!(
                    "{manager} wrote it and may write it anew: better let {manager} run `toolkit hook run pre-push`"
                ));
            }
            terminal.note(&format!("{} is installed", place.path().display()));
            return Ok(Exit::Yes);
        }
    }
    let path = place.path();
    prepare(&place, &text)
        .and_then(|file| {
            file.persist(&path)
                .map_err(|error| io_error("write", &path)(error.error))
        })
        .map_err(Error::Hook)?;
    terminal.note(&format!("{} is installed", place.path().display()));
    Ok(Exit::Yes)
}

/// Takes the hook away and puts back what was there before.
///
/// # Errors
/// [`HookError`], before anything is changed.
pub(super) fn uninstall(terminal: &Terminal) -> Result<Exit> {
    let place = Place::find().map_err(Error::Hook)?;
    match place.hook().map_err(Error::Hook)? {
        Hook::Ours(found) if !is_unchanged(&found) => {
            return Err(Error::Hook(HookError::Edited { path: place.path() }));
        }
        Hook::Ours(_) => {}
        Hook::None | Hook::Other(_) => {
            terminal.note(&format!(
                "no hook of `toolkit` in {}",
                place.folder.display()
            ));
            return Ok(Exit::Yes);
        }
    }
    let (path, kept) = (place.path(), place.kept());
    let done = if exists(&kept).map_err(Error::Hook)? {
        fs_err::rename(&kept, &path).map_err(io_error("move", &kept))
    } else {
        fs_err::remove_file(&path).map_err(io_error("remove", &path))
    };
    done.map_err(Error::Hook)?;
    terminal.note(&format!("{} is uninstalled", path.display()));
    Ok(Exit::Yes)
}

/// Is the folder in which git looks for the hooks of this repository.
struct Place {
    folder: PathBuf,
    /// Whether the folder is part of the checkout and may be shared with others.
    shared: bool,
}

/// Is what is in the place of the hook.
enum Hook {
    None,
    /// Ours, with its content.
    Ours(Vec<u8>),
    /// Somebody's, perhaps of a manager of hooks.
    Other(Option<&'static str>),
}

impl Place {
    /// Finds the folder: `core.hooksPath`, else `hooks` in the repository that all work trees share (git-config(1), githooks(5)).
    fn find() -> Result<Self, HookError> {
        let git = Git::find()?;
        let top = git.top()?;
        let common = git.path(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        let Some((configured, scope)) = hooks_path(&git)? else {
            return Ok(Self {
                folder: common.join("hooks"),
                shared: false,
            });
        };
        // Relative to where the hooks run: the top of the checkout, the repository where there is none.
        let folder = top.as_ref().unwrap_or(&common).join(configured);
        if folder.ends_with(".husky/_") {
            return Err(HookError::Managed {
                manager: HUSKY,
                folder,
            });
        }
        if !matches!(scope.as_str(), "local" | "worktree" | "command") {
            return Err(HookError::Shared { folder });
        }
        let shared = top.is_some_and(|top| folder.starts_with(top)) && !folder.starts_with(&common);
        Ok(Self { folder, shared })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("pre-push")
    }

    fn kept(&self) -> PathBuf {
        self.folder.join(KEPT)
    }

    /// Returns where this program is; a path of this machine has no place in a file that others may get.
    fn program(&self) -> Option<String> {
        if self.shared {
            return None;
        }
        let program = std::env::current_exe().ok()?;
        let text = program.to_str()?;
        // A line ends the word that the script holds it in.
        (!text.contains(['\n', '\r'])).then(|| text.to_owned())
    }

    fn hook(&self) -> Result<Hook, HookError> {
        let path = self.path();
        if !exists(&path)? {
            return Ok(Hook::None);
        }
        match fs_err::read(&path) {
            Ok(bytes) if is_ours(&bytes) => Ok(Hook::Ours(bytes)),
            Ok(bytes) => Ok(Hook::Other(manager(&bytes))),
            // A link to nothing, which is kept as it is.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Hook::Other(None)),
            Err(error) => Err(io_error("read", &path)(error)),
        }
    }
}

/// Reads `core.hooksPath` and where it is set; later values win, as for git.
fn hooks_path(git: &Git) -> Result<Option<(PathBuf, String)>, HookError> {
    let arguments = [
        "config",
        "--null",
        "--show-scope",
        "--type=path",
        "--get",
        "core.hooksPath",
    ];
    match git.ask(&arguments)? {
        (0, answer, _) => {
            let mut words = answer.split(|byte| *byte == 0);
            let unexpected = || HookError::Answer {
                command: "config",
                found: super::git::excerpt(&answer),
            };
            let scope = words.next().ok_or_else(unexpected)?;
            let path = words.next().ok_or_else(unexpected)?;
            Ok(Some((
                bytes_to_path(path),
                String::from_utf8_lossy(scope).into_owned(),
            )))
        }
        // It is not set.
        (1, ..) => Ok(None),
        (_, _, said) => Err(HookError::Failed {
            command: "config".to_owned(),
            said,
        }),
    }
}

/// Tells by its own words which manager wrote a hook.
fn manager(hook: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(hook);
    ["lefthook", "pre-commit", HUSKY, OVERCOMMIT]
        .into_iter()
        .find(|name| text.contains(name))
}

/// Keeps the hook that is there and takes its place.
fn replace(place: &Place, text: &str) -> Result<(), HookError> {
    let (path, kept) = (place.path(), place.kept());
    if exists(&kept)? {
        return Err(HookError::KeptTaken { path, kept });
    }
    let file = prepare(place, text)?;
    fs_err::rename(&path, &kept).map_err(io_error("move", &path))?;
    if let Err(error) = file.persist(&path) {
        fs_err::rename(&kept, &path).map_err(io_error("move", &kept))?;
        return Err(io_error("write", &path)(error.error));
    }
    Ok(())
}

/// Writes the hook beside its place.
fn prepare(place: &Place, text: &str) -> Result<NamedTempFile, HookError> {
    fs_err::create_dir_all(&place.folder).map_err(io_error("make", &place.folder))?;
    let failed = io_error("write", &place.path());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".toolkit-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Git runs what is executable; the process's mask takes its share.
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    let mut file = builder.tempfile_in(&place.folder).map_err(&failed)?;
    file.write_all(text.as_bytes()).map_err(&failed)?;
    file.as_file().sync_all().map_err(&failed)?;
    Ok(file)
}

/// Says whether something is there, be it a link to nothing.
fn exists(path: &Path) -> Result<bool, HookError> {
    match fs_err::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_error("read", path)(error)),
    }
}

fn io_error(what: &'static str, path: &Path) -> impl Fn(io::Error) -> HookError + use<> {
    let path = path.to_path_buf();
    move |source| HookError::Io {
        what,
        path: path.clone(),
        source,
    }
}

/// Its `.husky/_` holds generated hooks, which call those of `.husky`.
pub(super) const HUSKY: &str = "husky";
/// Its hooks find out by their own name what they are for.
const OVERCOMMIT: &str = "overcommit";
