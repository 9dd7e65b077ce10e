//! The git checkout around the working directory, for provenance made on a machine whose CI system, if any, says nothing of it.
//!
//! No program is run and nothing of the user's configuration is read: a repository that somebody else prepared may name programs (`filter`,
//! `core.fsmonitor`, gitattributes(5), git-config(1)). Where it cannot be told whether files differ from the commit, the checkout is
//! reported as changed, the weaker claim.

use std::path::Path;

use gix::open::Options;
use gix::sec::Trust;
use gix::status::UntrackedFiles;
use toolkit_attest::predicate::slsa::GitCheckout;

/// Describes the checkout that holds the working directory; none where there is none, or HEAD leads to no commit.
pub(super) fn checkout() -> Option<GitCheckout> {
    describe(&std::env::current_dir().ok()?)
}

fn describe(start: &Path) -> Option<GitCheckout> {
    let (found, _) = gix::discover::upwards(start).ok()?;
    // Programs that the repository configures are run only with full trust.
    let options = Options::isolated().with(Trust::Reduced);
    let repository = gix::open_opts(found.as_ref(), options).ok()?;
    let commit = repository.head_id().ok()?.to_string();
    let reference = repository.head_name().ok()?;
    let remote = repository.config_snapshot().string("remote.origin.url");
    Some(GitCheckout {
        remote: remote.map(|url| url.to_string()),
        reference: reference.map(|name| name.as_bstr().to_string()),
        commit,
        dirty: !is_clean(&repository),
    })
}

/// Says whether the files are those of the commit: nothing staged, nothing changed, and nothing there that is neither tracked nor ignored.
fn is_clean(repository: &gix::Repository) -> bool {
    let Ok(status) = repository.status(gix::progress::Discard) else {
        return false;
    };
    status
        .untracked_files(UntrackedFiles::Collapsed)
        .into_iter(None)
        .is_ok_and(|mut changes| changes.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// A repository made by git itself, which the tests therefore need.
    struct Checkout {
        directory: tempfile::TempDir,
        root: PathBuf,
    }

    impl Checkout {
        fn new() -> Self {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let root = directory.path().join("widget");
            fs_err::create_dir(&root).expect("the directory");
            let checkout = Self { directory, root };
            checkout.git(&["init", "-q", "-b", "main"]);
            checkout
        }

        #[track_caller]
        fn git(&self, arguments: &[&str]) -> String {
            let done = Command::new("git")
                .args(arguments)
                .current_dir(&self.root)
                // Neither the user's nor the machine's configuration takes part (git(1)).
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_SYSTEM", "/dev/null")
                .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                    [
                        (format!("GIT_{who}_NAME"), "Tester"),
                        (format!("GIT_{who}_EMAIL"), "tester@example.com"),
                    ]
                }))
                .output()
                .expect("git");
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "git {arguments:?}: {said}");
            String::from_utf8(done.stdout)
                .expect("text")
                .trim()
                .to_owned()
        }

        fn put(&self, name: &str, text: &str) {
            let path = self.root.join(name);
            fs_err::create_dir_all(path.parent().expect("a parent")).expect("the directory");
            fs_err::write(path, text).expect("the file");
        }

        fn committed() -> Self {
            let checkout = Self::new();
            checkout.put("src/main", "content");
            checkout.put(".gitignore", "target/\n*.log\n");
            checkout.git(&["add", "."]);
            checkout.git(&["commit", "-q", "-m", "first"]);
            checkout
        }

        #[track_caller]
        fn dirty(&self) -> bool {
            describe(&self.root).expect("a checkout").dirty
        }
    }

    #[test]
    fn a_checkout_is_described() {
        let checkout = Checkout::new();
        assert_eq!(describe(&checkout.root), None, "HEAD leads to no commit");
        checkout.put("src/main", "content");
        checkout.git(&["add", "."]);
        checkout.git(&["commit", "-q", "-m", "first"]);
        let expected = GitCheckout {
            remote: None,
            reference: Some("refs/heads/main".to_owned()),
            commit: checkout.git(&["rev-parse", "HEAD"]),
            dirty: false,
        };
        assert_eq!(
            describe(&checkout.root.join("src")),
            Some(expected.clone()),
            "from below"
        );
        let url = "https://example.com/acme/widget.git";
        checkout.git(&["remote", "add", "origin", url]);
        let expected = GitCheckout {
            remote: Some(url.to_owned()),
            ..expected
        };
        assert_eq!(describe(&checkout.root), Some(expected.clone()));
        checkout.git(&["pack-refs", "--all"]);
        checkout.git(&["gc", "-q"]);
        assert_eq!(describe(&checkout.root), Some(expected.clone()), "packed");
        checkout.git(&["checkout", "-q", "--detach"]);
        let detached = GitCheckout {
            reference: None,
            ..expected.clone()
        };
        assert_eq!(describe(&checkout.root), Some(detached));
        checkout.git(&["worktree", "add", "-q", "../tree", "-b", "other"]);
        let tree = GitCheckout {
            reference: Some("refs/heads/other".to_owned()),
            ..expected
        };
        assert_eq!(
            describe(&checkout.directory.path().join("tree")),
            Some(tree)
        );
    }

    #[test]
    fn only_what_differs_from_the_commit_is_dirt() {
        let checkout = Checkout::committed();
        assert!(!checkout.dirty(), "as committed");
        checkout.put("target/release/widget", "ignored");
        checkout.put("src/build.log", "ignored");
        assert!(!checkout.dirty(), "ignored files");
        checkout.put("src/main", "content");
        assert!(!checkout.dirty(), "written again with the same content");
        checkout.put("src/new", "");
        assert!(checkout.dirty(), "a file that git does not know");
        checkout.git(&["add", "src/new"]);
        assert!(checkout.dirty(), "a staged file");
        checkout.git(&["commit", "-q", "-m", "second"]);
        assert!(!checkout.dirty(), "committed");
        checkout.put("src/main", "contenT");
        assert!(checkout.dirty(), "a changed file of the same size");
        checkout.git(&["checkout", "-q", "src/main"]);
        fs_err::remove_file(checkout.root.join("src/main")).expect("the file");
        assert!(checkout.dirty(), "a file that is gone");
    }

    #[test]
    fn no_program_of_the_repository_is_run() {
        let checkout = Checkout::committed();
        let witness = checkout.directory.path().join("witness");
        let program = format!("touch {}; cat", witness.display());
        checkout.put(".gitattributes", "* filter=hostile\n");
        checkout.git(&["add", "."]);
        checkout.git(&["commit", "-q", "-m", "second"]);
        for name in [
            "filter.hostile.clean",
            "filter.hostile.process",
            "core.fsmonitor",
        ] {
            checkout.git(&["config", name, &program]);
        }
        // Its content has to be looked at, which is when git would call a filter.
        checkout.put("src/main", "content");
        assert!(describe(&checkout.root).is_some());
        assert!(!witness.exists(), "a program of the repository was run");
        checkout.git(&["status"]);
        assert!(
            witness.exists(),
            "the repository runs nothing under git either, so this test proves nothing"
        );
    }
}
