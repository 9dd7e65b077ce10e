//! Runs a docker credential helper (`docker-credential-NAME get`).
//!
//! Its output is a secret: it is never put into an error. Protocol: docker-credential-helpers README.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::error::HelperFault;

/// Printed by helpers, with code 1, for a server that they do not know (docker-credential-helpers `credentials/error.go`).
const NOT_FOUND: &str = "credentials not found in native keychain";

#[derive(Deserialize)]
struct Output {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks helper `name` for the user name and secret of `server`; `None` when it knows none.
pub(super) fn get(
    name: &str,
    server: &str,
    timeout: Duration,
    max: u64,
) -> Result<Option<(String, String)>, HelperFault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(HelperFault::Name);
    }
    let mut child = Command::new(format!("docker-credential-{name}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| HelperFault::Start(error.kind()))?;
    let result = talk(&mut child, server, timeout, max);
    if result.is_err() {
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (success, code, output) = result?;
    if !success {
        let said = String::from_utf8_lossy(&output);
        return if said.trim() == NOT_FOUND {
            Ok(None)
        } else {
            Err(HelperFault::Failed(code))
        };
    }
    let output: Output = serde_json::from_slice(&output).map_err(|_| HelperFault::Unreadable)?;
    Ok(Some((output.username, output.secret)))
}

fn talk(
    child: &mut Child,
    server: &str,
    timeout: Duration,
    max: u64,
) -> Result<(bool, Option<i32>, Vec<u8>), HelperFault> {
    let started = Instant::now();
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read its input says what it wants by its output. The name fits into a pipe's buffer.
        let _ = input.write_all(server.as_bytes());
    }
    let (sender, receiver) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let result = output.take(max + 1).read_to_end(&mut bytes);
            // The receiver is gone after a time-out.
            let _ = sender.send(result.map(|_| bytes));
        });
    }
    let timed_out = HelperFault::Timeout(timeout);
    let output = match receiver.recv_timeout(timeout) {
        Ok(Ok(output)) => output,
        Ok(Err(_)) => return Err(HelperFault::Unreadable),
        Err(_) => return Err(timed_out),
    };
    if u64::try_from(output.len()).unwrap_or(u64::MAX) > max {
        return Err(HelperFault::TooLong(max));
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status.success(), status.code(), output)),
            Ok(None) if started.elapsed() < timeout => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => return Err(timed_out),
            Err(error) => return Err(HelperFault::Start(error.kind())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_be_paths_or_arguments() {
        for name in ["", "../x", "a b", "a/b", "a;b", "ä"] {
            assert_eq!(
                get(name, "s", Duration::from_secs(1), 1),
                Err(HelperFault::Name),
                "{name}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn output_time_and_failure_are_bounded() {
        let run = |script: &str, timeout| {
            let mut child = Command::new("sh")
                .args(["-c", script])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let result = talk(&mut child, "server.example", timeout, 65_536);
            let _ = child.kill();
            let _ = child.wait();
            result
        };
        let long = Duration::from_secs(20);
        assert_eq!(
            run("cat; exit 3", long),
            Ok((false, Some(3), b"server.example".to_vec()))
        );
        assert_eq!(
            run("head -c 70000 /dev/zero", long),
            Err(HelperFault::TooLong(65_536))
        );
        let short = Duration::from_millis(100);
        assert_eq!(
            run("exec sleep 20", short),
            Err(HelperFault::Timeout(short))
        );
        assert_eq!(
            run("exec >&-; exec sleep 20", short),
            Err(HelperFault::Timeout(short))
        );
    }
}
