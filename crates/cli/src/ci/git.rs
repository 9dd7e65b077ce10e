//! The git checkout around the working directory, for provenance made on a machine that is no CI.
//!
//! It reads `.git` itself and runs no program: a repository may be configured to run others. Whether files differ from the commit cannot be
//! told so; the checkout is then reported as changed, the weaker claim.

use std::path::{Path, PathBuf};

use toolkit_attest::predicate::slsa::GitCheckout;

/// Bytes that are read of any file in `.git`.
const SIZE: u64 = 1 << 20;

/// Describes the checkout that holds the working directory; none where there is none, or HEAD leads to no commit.
pub(super) fn checkout() -> Option<GitCheckout> {
    describe(&std::env::current_dir().ok()?)
}

fn describe(start: &Path) -> Option<GitCheckout> {
    let git = start.ancestors().find_map(git_directory)?;
    let head = read(&git.join("HEAD"))?;
    let (reference, commit) = match head.trim().strip_prefix("ref: ") {
        Some(name) => (Some(name.to_owned()), resolve(&common(&git), &git, name)?),
        None => (None, head.trim().to_owned()),
    };
    let is_commit =
        matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| GitCheckout {
        remote: remote(&common(&git)),
        reference,
        commit,
        dirty: true,
    })
}

/// Returns `.git`, or where a worktree's or submodule's file of that name points to (gitrepository-layout(5)).
fn git_directory(directory: &Path) -> Option<PathBuf> {
    let git = directory.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let pointer = read(&git)?;
    Some(directory.join(pointer.trim().strip_prefix("gitdir: ")?))
}

/// Returns the directory that a worktree shares with its main checkout.
fn common(git: &Path) -> PathBuf {
    read(&git.join("commondir"))
        .map_or_else(|| git.to_path_buf(), |pointer| git.join(pointer.trim()))
}

fn resolve(common: &Path, git: &Path, name: &str) -> Option<String> {
    // The name comes from a file of the checkout; it must stay below the directory.
    if !name.starts_with("refs/") || name.split('/').any(|part| part == "..") {
        return None;
    }
    let loose = read(&git.join(name)).or_else(|| read(&common.join(name)));
    let packed = || {
        let packed = read(&common.join("packed-refs"))?;
        packed.lines().find_map(|line| {
            line.split_once(' ')
                .filter(|(_, other)| *other == name)
                .map(|(commit, _)| commit.to_owned())
        })
    };
    loose.map(|text| text.trim().to_owned()).or_else(packed)
}

/// Reads the URL of the remote `origin` from the configuration (git-config(1), "CONFIGURATION FILE").
fn remote(common: &Path) -> Option<String> {
    let config = read(&common.join("config"))?;
    let mut in_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin =
                line.to_ascii_lowercase().starts_with("[remote") && line.contains("\"origin\"");
        } else if in_origin
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

fn read(path: &Path) -> Option<String> {
    let found = fs_err::metadata(path).ok()?;
    if !found.is_file() || found.len() > SIZE {
        return None;
    }
    fs_err::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_checkout_is_described_from_its_files() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path();
        let put = |name: &str, text: &str| {
            let path = root.join(name);
            fs_err::create_dir_all(path.parent().expect("a parent")).expect("the directory");
            fs_err::write(path, text).expect("the file");
        };
        assert_eq!(describe(root), None);
        put(".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(describe(root), None);
        put(
            ".git/packed-refs",
            &format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n"),
        );
        put(
            ".git/config",
            "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://example.com/acme/widget.git\n",
        );
        put("sub/deep/file", "");
        let expected = GitCheckout {
            remote: Some("https://example.com/acme/widget.git".to_owned()),
            reference: Some("refs/heads/main".to_owned()),
            commit: COMMIT.to_owned(),
            dirty: true,
        };
        assert_eq!(describe(&root.join("sub/deep")), Some(expected.clone()));
        let newer = COMMIT.replace('0', "f");
        put(".git/refs/heads/main", &format!("{newer}\n"));
        assert_eq!(describe(root).map(|checkout| checkout.commit), Some(newer));
        put(".git/HEAD", &format!("{COMMIT}\n"));
        assert_eq!(
            describe(root),
            Some(GitCheckout {
                reference: None,
                ..expected.clone()
            })
        );
        put(".git/HEAD", "ref: refs/../../../secret\n");
        assert_eq!(describe(root), None);
        put("tree/.git", "gitdir: ../.git/worktrees/tree\n");
        put(".git/worktrees/tree/HEAD", "ref: refs/heads/other\n");
        put(".git/worktrees/tree/commondir", "../..\n");
        put(".git/refs/heads/other", COMMIT);
        assert_eq!(
            describe(&root.join("tree")),
            Some(GitCheckout {
                reference: Some("refs/heads/other".to_owned()),
                ..expected
            })
        );
    }
}
