//! Git, asked through its plumbing commands.
//!
//! It reads objects and refs and changes nothing. The environment of the user stays, since it may name the repository (`GIT_DIR` of a work tree);
//! what could make git reach for the network, show something else than the objects that are sent, or start another program is turned off.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::error::HookError;
use crate::env;

/// Is an object's id: 40 or 64 hexadecimal digits, for SHA-1 and SHA-256 (`gitglossary(7)`, "object name").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Oid(String);

impl Oid {
    /// Reads an id.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let valid = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        valid.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Says whether it stands for no object.
    pub(super) fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// Returns the digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the digits that people read.
    pub(super) fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// Asks the git of a repository.
#[derive(Debug, Clone)]
pub(super) struct Git {
    program: PathBuf,
}

impl Git {
    /// Finds git in the absolute directories of `PATH`: what lies in the repository is not started.
    pub(super) fn find() -> Result<Self, HookError> {
        let path = env::read(env::PATH).ok_or(HookError::NoGit)?;
        std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(format!("git{}", std::env::consts::EXE_SUFFIX)))
            .find(|program| program.is_file())
            .map(|program| Self { program })
            .ok_or(HookError::NoGit)
    }

    /// Prepares a command.
    fn command<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--no-pager", "-c", "core.fsmonitor=false"])
            .args(arguments)
            .stdin(Stdio::null())
            // What is sent are the objects themselves, not what replaces them here.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            // A partial clone would fetch what it lacks; older versions know only the second.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("LC_ALL", "C");
        for trace in [
            "GIT_TRACE",
            "GIT_TRACE2",
            "GIT_TRACE2_EVENT",
            "GIT_TRACE2_PERF",
        ] {
            command.env_remove(trace);
        }
        command
    }

    /// Runs a command that answers shortly, and returns its code and what it wrote. The answer is bounded by what the arguments ask for.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<(i32, Vec<u8>, String), HookError> {
        let name = arguments.first().copied().unwrap_or_default();
        let output = self
            .command(arguments)
            .output()
            .map_err(|source| start(name, source))?;
        let code = output.status.code().ok_or_else(|| HookError::Failed {
            command: name.to_owned(),
            said: output.status.to_string(),
        })?;
        Ok((code, output.stdout, said(&output.stderr)))
    }

    /// Runs a command that has to succeed.
    pub(super) fn answer(&self, arguments: &[&str]) -> Result<Vec<u8>, HookError> {
        match self.ask(arguments)? {
            (0, answer, _) => Ok(answer),
            (code, _, said) => Err(failed(
                arguments.first().copied().unwrap_or_default(),
                code,
                said,
            )),
        }
    }

    /// Runs a command and hands over its answer piece by piece, cut at NUL; `input` is written to it before.
    pub(super) fn pieces(
        &self,
        arguments: &[&str],
        each: &mut dyn FnMut(&[u8]) -> Result<(), HookError>,
    ) -> Result<(), HookError> {
        let name = arguments.first().copied().unwrap_or_default();
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| start(name, source))?;
        let mut read = || -> Result<(), HookError> {
            let Some(stdout) = child.stdout.take() else {
                return Ok(());
            };
            let mut stdout = BufReader::new(stdout);
            let mut piece = Vec::new();
            loop {
                piece.clear();
                let read = (&mut stdout)
                    .take(MAX_PIECE)
                    .read_until(0, &mut piece)
                    .map_err(|source| start(name, source))?;
                if read == 0 {
                    return Ok(());
                }
                if piece.pop() != Some(0) {
                    return Err(HookError::Failed {
                        command: name.to_owned(),
                        said: "the answer is cut off".to_owned(),
                    });
                }
                each(&piece)?;
            }
        };
        let done = read();
        if done.is_err() {
            // Its answer is not wanted any more.
            let _ = child.kill();
        }
        let output = child
            .wait_with_output()
            .map_err(|source| start(name, source))?;
        done?;
        match output.status.code() {
            Some(0) => Ok(()),
            code => Err(failed(name, code.unwrap_or(-1), said(&output.stderr))),
        }
    }

    /// Returns the directory of a path that git names, one line.
    pub(super) fn path(&self, arguments: &[&str]) -> Result<PathBuf, HookError> {
        let answer = self.answer(arguments)?;
        let line = answer.strip_suffix(b"\n").unwrap_or(&answer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(bytes_to_path(line))
    }

    /// Returns the top of the checkout, where there is one.
    pub(super) fn top(&self) -> Result<Option<PathBuf>, HookError> {
        let (code, answer, said) = self.ask(&["rev-parse", "--is-inside-work-tree"])?;
        if code != 0 {
            return Err(HookError::NoRepository { said });
        }
        if answer.trim_ascii() != b"true" {
            return Ok(None);
        }
        self.path(&["rev-parse", "--show-toplevel"]).map(Some)
    }

    /// Opens the store of objects.
    pub(super) fn objects(&self) -> Result<Objects, HookError> {
        Ok(Objects {
            git: self.clone(),
            check: Conversation::start(self, "--batch-check")?,
            contents: None,
        })
    }

    /// Returns those of the commits that are reached from none of the others.
    pub(super) fn unreached(&self, commits: &[Oid], others: &[Oid]) -> Result<Vec<Oid>, HookError> {
        let name = "rev-list";
        let mut child = self
            .command([name, "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| start(name, source))?;
        let lines: String = commits
            .iter()
            .map(|oid| format!("{}\n", oid.as_str()))
            .chain(others.iter().map(|oid| format!("^{}\n", oid.as_str())))
            .collect();
        // It reads all before it answers.
        let written = match child.stdin.take() {
            Some(mut stdin) => stdin.write_all(lines.as_bytes()),
            None => Ok(()),
        };
        let mut wanted: Vec<Oid> = commits.to_vec();
        wanted.sort();
        wanted.dedup();
        let mut found = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines() {
                let line = line.map_err(|source| start(name, source))?;
                if let Some(oid) = Oid::parse(&line)
                    && wanted.binary_search(&oid).is_ok()
                {
                    found.push(oid);
                }
            }
        }
        let status = child.wait().map_err(|source| start(name, source))?;
        match status.code() {
            Some(0) => Ok(found),
            code => {
                written.map_err(|source| start(name, source))?;
                Err(failed(name, code.unwrap_or(-1), String::new()))
            }
        }
    }
}

/// Answers questions about objects, from two git processes that stay as long as it does.
pub(super) struct Objects {
    git: Git,
    check: Conversation,
    contents: Option<Conversation>,
}

/// Is what `git cat-file` says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Object {
    /// It is there.
    Found {
        /// Its id.
        oid: Oid,
        /// Its type.
        ty: String,
        /// Its size in bytes.
        size: u64,
    },
    /// It is not there, or no such object can be reached from the one that was named.
    Missing,
}

impl Objects {
    /// Finds what an object of this clone leads to, be it through tags: `commit` or `tree`; none where it is of another type.
    pub(super) fn ours(&mut self, oid: &Oid, ty: &str) -> Result<Option<Oid>, HookError> {
        match self.find(oid.as_str())? {
            Object::Found { .. } => self.theirs(oid, ty),
            Object::Missing => Err(HookError::Failed {
                command: "cat-file".to_owned(),
                said: format!("the object {} is missing", oid.as_str()),
            }),
        }
    }

    /// Finds what an object leads to that need not be in this clone.
    pub(super) fn theirs(&mut self, oid: &Oid, ty: &str) -> Result<Option<Oid>, HookError> {
        match self.find(&format!("{}^{{{ty}}}", oid.as_str()))? {
            Object::Found { oid, .. } => Ok(Some(oid)),
            Object::Missing => Ok(None),
        }
    }

    /// Reads a file's content.
    pub(super) fn content(&mut self, oid: &Oid, max: u64) -> Result<Content, HookError> {
        let size = match self.find(oid.as_str())? {
            Object::Found { size, ty, .. } if ty == "blob" => size,
            _ => return Ok(Content::Missing),
        };
        if size > max {
            return Ok(Content::TooLarge(size));
        }
        let contents = match &mut self.contents {
            Some(contents) => contents,
            none => none.insert(Conversation::start(&self.git, "--batch")?),
        };
        match contents.header(oid.as_str())? {
            Some(Object::Found { size: now, .. }) if now == size => {
                contents.body(size).map(Content::Bytes)
            }
            _ => Err(HookError::Answer {
                command: "cat-file",
                found: oid.as_str().to_owned(),
            }),
        }
    }

    fn find(&mut self, object: &str) -> Result<Object, HookError> {
        if let Some(found) = self.check.header(object)? {
            return Ok(found);
        }
        // In a partial clone git before 2.45 ends where it may not fetch what is missing.
        self.check = Conversation::start(&self.git, "--batch-check")?;
        Ok(Object::Missing)
    }
}

/// Is the content of a file, or why it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// The content.
    Bytes(Vec<u8>),
    /// The object is not in this clone.
    Missing,
    /// It has more bytes than are read.
    TooLarge(u64),
}

/// Is a `git cat-file` that answers a line with a header, and in one of its modes with a body.
struct Conversation {
    child: Child,
    /// Dropped first, so that the child ends.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Conversation {
    fn start(git: &Git, mode: &str) -> Result<Self, HookError> {
        let broken = |source| start("cat-file", source);
        let mut child = git
            .command(["cat-file", mode])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let stdin = child.stdin.take();
        match child.stdout.take() {
            Some(stdout) => Ok(Self {
                child,
                stdin,
                stdout: BufReader::new(stdout),
            }),
            None => Err(broken(io::Error::from(io::ErrorKind::BrokenPipe))),
        }
    }

    /// Asks for one object; the text holds no newline, since it is made of ids. None where git has ended instead.
    fn header(&mut self, object: &str) -> Result<Option<Object>, HookError> {
        let broken = |source| start("cat-file", source);
        if let Some(stdin) = &mut self.stdin {
            stdin
                .write_all(format!("{object}\n").as_bytes())
                .and_then(|()| stdin.flush())
                .map_err(broken)?;
        }
        let mut line = Vec::new();
        (&mut self.stdout)
            .take(MAX_HEADER)
            .read_until(b'\n', &mut line)
            .map_err(broken)?;
        if line.is_empty() {
            return Ok(None);
        }
        match parse_header(&line) {
            Some(found) => Ok(Some(found)),
            None => Err(HookError::Answer {
                command: "cat-file",
                found: excerpt(&line),
            }),
        }
    }

    fn body(&mut self, size: u64) -> Result<Vec<u8>, HookError> {
        let broken = |source| start("cat-file", source);
        let mut bytes = Vec::new();
        // A newline follows the content.
        (&mut self.stdout)
            .take(size.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(broken)?;
        match bytes.pop() {
            Some(b'\n') if u64::try_from(bytes.len()) == Ok(size) => Ok(bytes),
            _ => Err(broken(io::Error::from(io::ErrorKind::UnexpectedEof))),
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It ends with its input; nothing is left to tell where it does not.
        let _ = self.child.wait();
    }
}

/// Reads `OID TYPE SIZE`, or `… missing`, `… ambiguous` (git-cat-file(1), "BATCH OUTPUT").
fn parse_header(line: &[u8]) -> Option<Object> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        [oid, ty, size] => Some(Object::Found {
            oid: Oid::parse(oid)?,
            ty: (*ty).to_owned(),
            size: size.parse().ok()?,
        }),
        [_, "missing" | "ambiguous"] => Some(Object::Missing),
        _ => None,
    }
}

/// Makes a path of bytes that git gave.
#[cfg(unix)]
pub(super) fn bytes_to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(OsStr::from_bytes(bytes)).to_path_buf()
}

/// Makes a path of bytes that git gave; it speaks UTF-8 there.
#[cfg(not(unix))]
pub(super) fn bytes_to_path(bytes: &[u8]) -> PathBuf {
    Path::new(String::from_utf8_lossy(bytes).as_ref()).to_path_buf()
}

fn start(command: &str, source: io::Error) -> HookError {
    HookError::Start {
        command: command.to_owned(),
        source,
    }
}

fn failed(command: &str, code: i32, said: String) -> HookError {
    HookError::Failed {
        command: command.to_owned(),
        said: if said.is_empty() {
            format!("code {code}")
        } else {
            said
        },
    }
}

/// Returns the last line of what git says for people, without its prefix.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let first = text.lines().find(|line| !line.trim().is_empty());
    let line = first.unwrap_or_default().trim();
    excerpt(line.strip_prefix("fatal: ").unwrap_or(line).as_bytes())
}

/// Returns the beginning of a text that may be long and foreign.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end()
        .chars()
        .take(200)
        .collect()
}

/// The longest path with its header that is read; Linux paths end at 4,096 bytes, git's own limit is higher.
const MAX_PIECE: u64 = 64 << 10;
/// The longest header: an id of 64 digits, a type, a size.
const MAX_HEADER: u64 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_one_of_two_lengths() {
        for (text, expected) in [
            ("0".repeat(40), true),
            ("0".repeat(64), true),
            ("aF09".repeat(10), true),
            ("0".repeat(41), false),
            ("g".repeat(40), false),
            (String::new(), false),
        ] {
            assert_eq!(Oid::parse(&text).is_some(), expected, "{text}");
        }
        assert!(Oid::parse(&"0".repeat(64)).is_some_and(|oid| oid.is_zero()));
        assert!(Oid::parse(&"1".repeat(40)).is_some_and(|oid| !oid.is_zero()));
    }

    #[test]
    fn headers_are_of_the_documented_form() {
        let oid = "1".repeat(40);
        assert_eq!(
            parse_header(format!("{oid} blob 7\n").as_bytes()),
            Some(Object::Found {
                oid: Oid::parse(&oid).expect("an id"),
                ty: "blob".to_owned(),
                size: 7
            })
        );
        for text in [format!("{oid} missing\n"), "1^{tree} missing\n".to_owned()] {
            assert_eq!(
                parse_header(text.as_bytes()),
                Some(Object::Missing),
                "{text}"
            );
        }
        for text in [
            "",
            "\n",
            "x blob 7\n",
            &format!("{oid} blob -1\n"),
            &format!("{oid} blob 7"),
        ] {
            assert_eq!(parse_header(text.as_bytes()), None, "{text}");
        }
    }
}
