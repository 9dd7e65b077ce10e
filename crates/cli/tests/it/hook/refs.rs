//! What git may push: new refs, tags, forced updates, deletions, many refs, other kinds of clones.

use super::place::{Place, ZERO, npm, silent, stopped, write};

#[test]
fn a_new_branch_is_compared_with_the_nearest_that_the_remote_has() {
    let place = Place::new();
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["push", "-q", "--no-verify", "origin", "main"]);
    place.git(&["checkout", "-q", "-b", "topic"]);
    silent(&place.hook(&place.line("topic", ZERO), &[]));
    place.commit(&[(
        "package-lock.json",
        &npm(&[("bad", "1.0.0"), ("fine", "1.0.0")]),
    )]);
    silent(&place.hook(&place.line("topic", ZERO), &[]));
    place.commit(&[(
        "package-lock.json",
        &npm(&[("bad", "1.0.0"), ("worse", "1.0.0")]),
    )]);
    let run = place.hook(&place.line("topic", ZERO), &[]);
    stopped(&run, &["CVE-2024-2 worse package-lock.json"]);
    let base = place.git(&["rev-parse", "origin/main"]);
    assert!(
        run.stderr
            .contains(&format!("Compared with {} of origin.", &base[..12])),
        "{}",
        run.stderr
    );
    // A URL, or a remote that was never fetched: what the other remotes have.
    let mut command = place.toolkit();
    command.args(["hook", "run", "pre-push", "../fork.git", "../fork.git"]);
    let run = place.finish(&mut command, &place.line("topic", ZERO));
    stopped(&run, &["CVE-2024-2 worse package-lock.json"]);
}

#[test]
fn a_remote_with_nothing_has_no_finding_yet() {
    let place = Place::new();
    let main = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let run = place.hook(
        &format!("refs/heads/main {main} refs/heads/main {ZERO}\n"),
        &[],
    );
    stopped(&run, &["CVE-2024-1 bad package-lock.json"]);
    assert!(
        run.stderr.contains("not known to have anything"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_the_remote_names_may_be_unknown_here() {
    let place = Place::new();
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let unknown = "1".repeat(40);
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.1.0")]))]);
    silent(&place.hook(&place.line("main", &unknown), &[]));
    place.commit(&[("package-lock.json", &npm(&[("worse", "1.1.0")]))]);
    stopped(
        &place.hook(&place.line("main", &unknown), &[]),
        &["CVE-2024-2 worse package-lock.json"],
    );
}

#[test]
fn a_forced_update_is_compared_with_what_it_replaces() {
    let place = Place::new();
    let root = place.git(&["rev-parse", "main"]);
    let theirs = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["checkout", "-q", "-b", "other", &root]);
    place.commit(&[(
        "package-lock.json",
        &npm(&[("bad", "1.2.0"), ("fine", "2.0.0")]),
    )]);
    silent(&place.hook(&place.line("other", &theirs), &[]));
    // Back to an older state: what was mended there comes again.
    place.git(&["checkout", "-q", "main"]);
    let mended = place.commit(&[("package-lock.json", &npm(&[("bad", "2.0.0")]))]);
    let run = place.hook(
        &format!("{theirs} {theirs} refs/heads/main {mended}\n"),
        &[],
    );
    stopped(&run, &["CVE-2024-1 bad package-lock.json"]);
}

#[test]
fn deletions_and_tags_of_anything_are_understood() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    silent(&place.hook(&format!("(delete) {ZERO} refs/heads/gone {old}\n"), &[]));
    silent(&place.hook("", &[]));
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["tag", "-a", "-m", "x", "of-commit"]);
    place.git(&["tag", "-a", "-m", "x", "of-tag", "of-commit"]);
    place.git(&["tag", "of-tree", "HEAD^{tree}"]);
    place.git(&["tag", "of-file", "HEAD:package-lock.json"]);
    for (tag, code) in [
        ("of-commit", 1),
        ("of-tag", 1),
        ("of-tree", 1),
        ("of-file", 0),
    ] {
        let run = place.hook(&place.line(tag, ZERO), &[]);
        assert_eq!(run.code, code, "{tag}: {run:?}");
    }
    // A tag that moves.
    let before = place.git(&["rev-parse", "of-commit"]);
    place.commit(&[(
        "package-lock.json",
        &npm(&[("bad", "1.0.0"), ("worse", "1.0.0")]),
    )]);
    place.git(&["tag", "-f", "-a", "-m", "x", "of-commit"]);
    let run = place.hook(&place.line("of-commit", &before), &[]);
    stopped(&run, &["CVE-2024-2 worse package-lock.json"]);
}

#[test]
fn many_refs_are_one_push() {
    let place = Place::new();
    for index in 0..60 {
        place.commit(&[]);
        place.git(&["tag", &format!("t{index}")]);
    }
    place.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let refs = place.git(&[
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        "refs/tags",
    ]);
    let lines: String = refs
        .lines()
        .map(|line| {
            let (name, oid) = line.split_once(' ').expect("two words");
            format!("{name} {oid} {name} {ZERO}\n")
        })
        .collect();
    silent(&place.hook(&lines, &[]));
    let new = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    let lines = format!(
        "{lines}refs/heads/main {new} refs/heads/main {}\nrefs/heads/main {new} refs/heads/copy {ZERO}\n",
        place.git(&["rev-parse", "origin/main"])
    );
    let run = place.hook(&lines, &[]);
    // Once, although two refs bring it.
    stopped(&run, &["CVE-2024-1 bad package-lock.json"]);
    assert!(
        run.stderr.contains("by refs/heads/copy, refs/heads/main\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn names_are_data() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let branch = "$(touch${IFS}pwned)";
    place.git(&["checkout", "-q", "-b", branch]);
    let new = place.commit(&[
        (
            "$(touch pwned)/package-lock.json",
            &npm(&[("bad", "1.0.0")]),
        ),
        (
            "--output=pwned/requirements.txt",
            "-r --output=pwned\nbad-py==1.0\n",
        ),
    ]);
    let installed = place.finish(place.toolkit().args(["hook", "install"]), "");
    assert_eq!(installed.code, 0, "{installed:?}");
    let push = place.try_git("repo", &["push", "-q", "origin", branch]);
    assert!(
        push.code != 0 && push.stderr.contains("CVE-2024-1") && push.stderr.contains("CVE-2024-5"),
        "{push:?}"
    );
    let run = place.hook(
        &format!("refs/heads/\u{1b}[2J {new} refs/heads/\u{1b}[2J {old}\n"),
        &[],
    );
    assert!(run.code == 1 && !run.stderr.contains('\u{1b}'), "{run:?}");
    for folder in ["repo", "."] {
        assert!(!place.path(folder).join("pwned").exists(), "{folder}");
    }
}

#[test]
fn submodules_and_links_are_no_lock_files() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    place.git(&[
        "submodule",
        "--quiet",
        "add",
        "../origin.git",
        "package-lock.json",
    ]);
    write(&place.path("repo/other"), &npm(&[("bad", "1.0.0")]));
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink("../other", place.path("repo").join("poetry.lock"))
        .expect("a link");
    let new = place.commit(&[]);
    silent(&place.hook(
        &format!("refs/heads/main {new} refs/heads/main {old}\n"),
        &[],
    ));
}

#[test]
fn a_shallow_clone_is_compared_with_what_it_has() {
    let place = Place::new();
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let url = format!("file://{}", place.path("origin.git").display());
    place.at(".", &["clone", "-q", "--depth=1", &url, "shallow"]);
    let shallow = |arguments: &[&str]| place.at("shallow", arguments);
    shallow(&["checkout", "-q", "-b", "topic"]);
    let hook = || {
        let line = format!(
            "refs/heads/topic {} refs/heads/topic {ZERO}\n",
            shallow(&["rev-parse", "HEAD"])
        );
        let mut command = place.toolkit();
        command
            .current_dir(place.path("shallow"))
            .args(["hook", "run", "pre-push", "origin", &url]);
        place.finish(&mut command, &line)
    };
    write(
        &place.path("shallow/package-lock.json"),
        &npm(&[("bad", "1.1.0")]),
    );
    shallow(&["commit", "-q", "-a", "-m", "x"]);
    silent(&hook());
    // Another history: still what the remote has.
    shallow(&["checkout", "-q", "--orphan", "alone"]);
    shallow(&["commit", "-q", "-m", "x"]);
    silent(&hook());
    write(
        &place.path("shallow/package-lock.json"),
        &npm(&[("worse", "1.1.0")]),
    );
    shallow(&["commit", "-q", "-a", "-m", "x"]);
    let run = hook();
    stopped(&run, &["CVE-2024-2 worse package-lock.json"]);
    assert!(run.stderr.contains("shares no history"), "{}", run.stderr);
}

#[test]
fn repositories_of_sha256_are_read() {
    let place = Place::of_format("sha256");
    place.build_database();
    let old = place.git(&["rev-parse", "main"]);
    assert_eq!(old.len(), 64);
    let new = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    for remote in [old, "0".repeat(64)] {
        let run = place.hook(
            &format!("refs/heads/main {new} refs/heads/main {remote}\n"),
            &[],
        );
        stopped(&run, &["CVE-2024-1 bad package-lock.json"]);
    }
}

#[test]
fn the_pre_commit_framework_gives_refs_in_variables() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let new = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    for variables in [
        &[
            ("PRE_COMMIT_FROM_REF", old.as_str()),
            ("PRE_COMMIT_TO_REF", &new),
            ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ][..],
        &[
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
            ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
        ],
        &[],
    ] {
        let mut command = place.toolkit();
        command
            .env("PRE_COMMIT", "1")
            .envs(variables.iter().copied())
            .args(["hook", "run", "pre-push"]);
        stopped(
            &place.finish(&mut command, ""),
            &["CVE-2024-1 bad package-lock.json"],
        );
    }
    let mut command = place.toolkit();
    command
        .env("PRE_COMMIT", "1")
        .env("PRE_COMMIT_TO_REF", "--output=x")
        .args(["hook", "run", "pre-push"]);
    assert_eq!(place.finish(&mut command, "").code, 7);
}
