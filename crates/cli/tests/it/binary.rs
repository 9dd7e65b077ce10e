//! Runs the binary with a scrubbed environment and compares all that it gave back.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Holds what a run gave back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The exit code; a signal has none and fails the test.
    pub(crate) code: i32,
    /// What was printed as data.
    pub(crate) stdout: String,
    /// What was printed for people.
    pub(crate) stderr: String,
}

/// Prepares the binary: no variable of the machine, no home, no colour, a width that does not depend on the terminal.
pub(crate) fn toolkit() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolkit"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs `toolkit` with these arguments.
pub(crate) fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Run {
    finish(toolkit().args(arguments))
}

/// How long a run may take: many times what the slowest needs in a debug build on a busy machine.
const DEADLINE: Duration = Duration::from_secs(300);

/// Runs a prepared command; one that hangs is killed and fails its test instead of the whole suite.
pub(crate) fn finish(command: &mut Command) -> Run {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let id = child.id().to_string();
    let (ended, end) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if end.recv_timeout(DEADLINE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
    });
    let output = child.wait_with_output().expect("the binary ends");
    drop(ended);
    watch.join().expect("the watch ends");
    Run {
        code: output.status.code().expect("the binary ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("stdout is text"),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
    }
}

/// Returns a path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// Compares a text with a committed file; with `UPDATE_SNAPSHOTS` in the environment the file is written instead.
pub(crate) fn assert_file(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs_err::create_dir_all(path.parent().expect("a snapshot has a directory"))
            .expect("the snapshot's directory");
        fs_err::write(path, found).expect("the snapshot");
        return;
    }
    let expected = fs_err::read_to_string(path).unwrap_or_default();
    assert!(
        expected == found,
        "{} is out of step; run the tests with UPDATE_SNAPSHOTS=1 and look at the difference.\nexpected:\n{expected}\nfound:\n{found}",
        path.display()
    );
}
