//! Why a hook could not be installed or could not do its work.

use std::io;
use std::path::PathBuf;

use super::install::HUSKY;
use crate::exit::Exit;

/// Names what stopped `toolkit hook`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HookError {
    /// There is no git to ask.
    #[error("`git` is in no absolute directory of `PATH`")]
    NoGit,
    /// The directory belongs to no repository.
    #[error("this directory is in no git repository")]
    NoRepository {
        /// What git says.
        said: String,
    },
    /// Git could not be started or ended early.
    #[error("`git {command}` does not run")]
    Start {
        /// The subcommand.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// Git ended with a failure.
    #[error("`git {command}` failed: {said}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What it says, or its code.
        said: String,
    },
    /// Git answered in a form that it is not documented to answer in.
    #[error("`git {command}` answered with something else than expected: `{found}`")]
    Answer {
        /// The subcommand.
        command: &'static str,
        /// The beginning of the answer.
        found: String,
    },
    /// What git gives a pre-push hook is not on stdin.
    #[error("nothing is on stdin: git writes a line there for each ref that is pushed")]
    NoInput,
    /// A line on stdin is none of a pre-push hook.
    #[error("line {line} on stdin is no `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`: `{found}`")]
    Input {
        /// The line, from 1.
        line: usize,
        /// The beginning of it.
        found: String,
    },
    /// Stdin is longer than is read.
    #[error("more than {limit} bytes are on stdin")]
    InputTooLong {
        /// The limit.
        limit: u64,
    },
    /// Stdin could not be read.
    #[error("failed to read stdin")]
    Stdin {
        /// What the system said.
        source: io::Error,
    },
    /// Something that has to be judged could not be, and the project demands that it is.
    #[error("the push could not be judged, and `toolkit.yaml` demands that it is: {what}")]
    Undecided {
        /// What could not be judged.
        what: String,
        /// Whether it is the database that does not know.
        database: bool,
    },
    /// Another program writes the hooks, and would overwrite this one or not run below it.
    #[error("{manager} manages the hooks in `{}`", folder.display())]
    Managed {
        /// The program.
        manager: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is used by repositories that nobody named.
    #[error("`core.hooksPath` is set for all repositories of this user: `{}`", folder.display())]
    Shared {
        /// The folder.
        folder: PathBuf,
    },
    /// The hook was changed after it was installed.
    #[error("`{}` was changed since `toolkit` wrote it", path.display())]
    Edited {
        /// The hook.
        path: PathBuf,
    },
    /// The place for the hook that was there before is taken.
    #[error("`{}` is there already, so `{}` cannot be kept under that name", kept.display(), path.display())]
    KeptTaken {
        /// The hook.
        path: PathBuf,
        /// The name to keep it under.
        kept: PathBuf,
    },
    /// A hook could not be read, written or moved.
    #[error("failed to {what} `{}`", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl HookError {
    /// Returns the code that it ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoGit
            | Self::NoRepository { .. }
            | Self::NoInput
            | Self::Input { .. }
            | Self::Managed { .. }
            | Self::Shared { .. }
            | Self::Edited { .. }
            | Self::KeptTaken { .. } => Exit::Usage,
            Self::InputTooLong { .. } => Exit::Hostile,
            Self::Undecided { database: true, .. } => Exit::Database,
            Self::Undecided { .. } => Exit::Unreachable,
            Self::Start { .. }
            | Self::Failed { .. }
            | Self::Answer { .. }
            | Self::Stdin { .. }
            | Self::Io { .. } => Exit::LocalIo,
        }
    }

    /// Names the remedy.
    pub(crate) fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoRepository { said } if said.contains("dubious ownership") => {
                "git does not trust the owner of this directory; `git config --global --add safe.directory DIR` lets it"
            }
            Self::NoInput => {
                "`toolkit hook install` makes git call it; by hand: `echo refs/heads/main $(git rev-parse main) refs/heads/main $(git rev-parse origin/main) | toolkit hook run pre-push origin`"
            }
            Self::Managed { manager: HUSKY, .. } => {
                "add the line `toolkit hook run pre-push \"$@\"` to `.husky/pre-push`"
            }
            Self::Managed { .. } => "let it run `toolkit hook run pre-push \"$@\"` before a push",
            Self::Shared { .. } => {
                "`git config core.hooksPath .git/hooks` gives this repository hooks of its own; or add the line `toolkit hook run pre-push \"$@\"` to the hook there"
            }
            Self::Edited { path } => {
                return Some(format!(
                    "move what you added elsewhere and remove `{}`, then run it again",
                    path.display()
                ));
            }
            Self::KeptTaken { .. } => {
                "another program has replaced the hook: decide which of the two to keep, and remove the other"
            }
            Self::Undecided { .. } | Self::Failed { .. } | Self::Answer { .. } => {
                "`git push --no-verify` pushes without the hook"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
