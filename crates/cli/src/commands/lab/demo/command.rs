//! One command of the demonstration: how a user would type it, and the real child process that runs it.

use std::borrow::Cow;
use std::process::{Command, Stdio};

use super::super::LabError;
use super::scene::{JOB, Scene};
use crate::env;
use crate::error::Result;

/// A command line of this program.
#[derive(Debug, Default)]
pub(super) struct Typed {
    words: Vec<String>,
    in_job: bool,
}

/// What a command gave back.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub(super) code: Option<i32>,
    /// What it printed: data, then what was for people.
    pub(super) text: String,
}

impl Typed {
    /// Takes the words behind the program's name.
    pub(super) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            words: words.into_iter().map(str::to_owned).collect(),
            in_job: false,
        }
    }

    /// Makes it a step of a job of GitHub Actions.
    pub(super) fn in_job(self) -> Self {
        Self {
            in_job: true,
            ..self
        }
    }

    /// Renders it for a shell in the lab's folder, with `$IMAGE` and `$COPY` for the long names.
    pub(super) fn shown(&self, scene: &Scene) -> String {
        let mut line = String::new();
        if self.in_job {
            line.push_str(&format!("env $(cat {JOB}) "));
        }
        line.push_str("toolkit");
        for word in &self.words {
            line.push(' ');
            if *word == scene.first {
                line.push_str("$IMAGE");
            } else if *word == scene.second {
                line.push_str("$COPY");
            } else {
                line.push_str(&quoted(word));
            }
        }
        line
    }

    /// Runs it to its end, in the lab's folder and an environment in which nothing steers it but what is shown.
    ///
    /// # Errors
    /// [`LabError::Executable`].
    pub(super) fn run(&self, scene: &Scene) -> Result<Ended> {
        let program = std::env::current_exe().map_err(LabError::Executable)?;
        let mut command = Command::new(&program);
        command
            .args(&self.words)
            .current_dir(scene.folder.path())
            .stdin(Stdio::null());
        for name in env::lab::steering() {
            command.env_remove(name);
        }
        for (name, value) in env::lab::direct_loopback() {
            command.env(name, value);
        }
        command.envs(scene.session());
        if self.in_job {
            command.envs(scene.job.iter().map(|(name, value)| (name, value)));
        }
        let output = command.output().map_err(LabError::Executable)?;
        let text = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ended {
            code: output.status.code(),
            text: text.concat(),
        })
    }
}

/// Quotes a word for a shell where it needs it.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@=,+%".contains(&byte) || byte >= 0x80;
    if !word.is_empty() && word.bytes().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        for (word, expected) in [
            ("oci-dir:/a/b:1.0", "oci-dir:/a/b:1.0"),
            ("oci-dir:/a b", "'oci-dir:/a b'"),
            ("it's", "'it'\\''s'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
