//! What is about to be pushed, as git tells a pre-push hook (githooks(5), "pre-push"), or as the pre-commit framework does, which keeps stdin to
//! itself and gives the first ref in variables (pre-commit documentation, "Supported git hooks", pre-push).

use std::io::Read;

use super::error::HookError;
use super::git::{Oid, excerpt};
use crate::env;

/// Is one ref that a push changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Update {
    /// What is pushed, as git expands it.
    pub(super) local_ref: String,
    /// The object that it names.
    pub(super) local: Oid,
    /// The ref on the other side.
    pub(super) remote_ref: String,
    /// The object that it names there; none for a new ref.
    pub(super) remote: Option<Oid>,
}

/// Reads the refs; a ref that the push deletes brings nothing and is left out.
pub(super) fn read(mut stdin: impl Read) -> Result<Vec<Update>, HookError> {
    let mut bytes = Vec::new();
    (&mut stdin)
        .take(MAX_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| HookError::Stdin { source })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_INPUT {
        return Err(HookError::InputTooLong { limit: MAX_INPUT });
    }
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Vec<Update>, HookError> {
    let mut updates = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let fault = || HookError::Input {
            line: index + 1,
            found: excerpt(line),
        };
        let update = Update::parse(&text).ok_or_else(fault)?;
        if !update.local.is_zero() {
            updates.push(update);
        }
    }
    Ok(updates)
}

impl Update {
    /// The local side comes as it was typed where it is no ref, and may hold spaces; the other three cannot (git-check-ref-format(1)).
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.rsplitn(4, ' ');
        let (remote, remote_ref, local, local_ref) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let remote = Oid::parse(remote)?;
        Some(Self {
            local_ref: local_ref.to_owned(),
            local: Oid::parse(local)?,
            remote_ref: remote_ref.to_owned(),
            remote: (!remote.is_zero()).then_some(remote),
        })
    }
}

/// Is what the pre-commit framework says of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PreCommit {
    /// The commit or ref that is pushed.
    pub(super) local: String,
    /// The ref on the other side.
    pub(super) remote_ref: String,
    /// A commit that the other side has.
    pub(super) remote: Option<String>,
    /// The name of the remote.
    pub(super) name: Option<String>,
}

impl PreCommit {
    /// Reads its variables, where it runs the hook.
    pub(super) fn find() -> Option<Self> {
        env::text(env::PRE_COMMIT)?;
        let local = env::text(env::PRE_COMMIT_TO_REF)
            .or_else(|| env::text(env::PRE_COMMIT_LOCAL_BRANCH))
            // `pre-commit run --hook-stage pre-push --all-files` names nothing.
            .unwrap_or_else(|| "HEAD".to_owned());
        Some(Self {
            remote_ref: env::text(env::PRE_COMMIT_REMOTE_BRANCH).unwrap_or_else(|| local.clone()),
            local,
            remote: env::text(env::PRE_COMMIT_FROM_REF),
            name: env::text(env::PRE_COMMIT_REMOTE_NAME),
        })
    }
}

/// The longest input: a push of 100,000 refs with long names.
const MAX_INPUT: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_are_read_from_the_right() {
        let long = "b".repeat(64);
        for (line, local_ref, remote) in [
            (
                format!("refs/heads/m {A} refs/heads/m {A}\n"),
                "refs/heads/m",
                Some(A),
            ),
            (
                format!("refs/heads/m {A} refs/heads/n {ZERO}"),
                "refs/heads/m",
                None,
            ),
            (
                format!("HEAD^{{/a fix}} {A} refs/heads/m {A}\r\n"),
                "HEAD^{/a fix}",
                Some(A),
            ),
            (
                format!("refs/heads/$(x) {A} refs/heads/$(x) {ZERO}\n\n"),
                "refs/heads/$(x)",
                None,
            ),
            (
                format!("m {long} refs/heads/m {long}"),
                "m",
                Some(long.as_str()),
            ),
        ] {
            let updates = parse(line.as_bytes()).expect("a line");
            let [update] = updates.as_slice() else {
                panic!("{line}: {updates:?}")
            };
            assert_eq!(update.local_ref, local_ref, "{line}");
            assert_eq!(update.remote.as_ref().map(Oid::as_str), remote, "{line}");
        }
    }

    #[test]
    fn deletions_bring_nothing_and_faults_are_named() {
        let deleted = format!("(delete) {ZERO} refs/heads/m {A}\n");
        assert_eq!(parse(deleted.as_bytes()).expect("a line"), []);
        assert_eq!(parse(b"").expect("no line"), []);
        for (line, expected) in [
            (format!("{deleted}refs/heads/m {A} refs/heads/m\n"), 2),
            (format!("m {A} r short\n"), 1),
            (format!("{A} r {A}\n"), 1),
            ("\u{1b}[2J\n".to_owned(), 1),
        ] {
            assert!(
                matches!(parse(line.as_bytes()), Err(HookError::Input { line, .. }) if line == expected),
                "{line}"
            );
        }
    }
}
