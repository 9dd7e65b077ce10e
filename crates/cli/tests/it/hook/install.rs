//! `hook install` and `uninstall`: where git looks, beside what is there, and back again.

use std::path::Path;

use super::place::{Place, npm, write};
use crate::binary::Run;

fn hook(place: &Place, folder: &str, action: &str) -> Run {
    let mut command = place.toolkit();
    command
        .current_dir(place.path(folder))
        .args(["hook", action]);
    place.finish(&mut command, "")
}

fn executable(path: &Path, text: &str) {
    write(path, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o754)).expect("its mode");
    }
}

/// Returns the names in a folder with content and mode.
fn snapshot(folder: &Path) -> Vec<(String, Vec<u8>, u32)> {
    let mut found: Vec<_> = fs_err::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let mode = {
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    fs_err::symlink_metadata(&path)
                        .expect("the file")
                        .permissions()
                        .mode()
                }
                #[cfg(not(unix))]
                0
            };
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs_err::read(&path).unwrap_or_default(), mode)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_second_run_changes_nothing_and_uninstalling_restores() {
    let place = Place::new();
    let hooks = place.path("repo/.git/hooks");
    let before = snapshot(&hooks);
    assert_eq!(hook(&place, "repo", "install").code, 0);
    let installed = snapshot(&hooks);
    assert_eq!(installed.len(), before.len() + 1);
    let run = hook(&place, "repo", "install");
    assert!(
        run.code == 0 && run.stderr.contains("installed already"),
        "{run:?}"
    );
    assert_eq!(snapshot(&hooks), installed);
    for _ in 0..2 {
        assert_eq!(hook(&place, "repo", "uninstall").code, 0);
        assert_eq!(snapshot(&hooks), before);
    }
}

#[test]
fn a_hook_that_is_there_runs_first_with_the_same_input() {
    let place = Place::new();
    let theirs = place.path("repo/.git/hooks/pre-push");
    executable(
        &theirs,
        "#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/seen\"\ncat >> \"$(dirname \"$0\")/seen\"\n[ ! -e refuse ]\n",
    );
    let hooks = place.path("repo/.git/hooks");
    let before = snapshot(&hooks);
    let run = hook(&place, "repo", "install");
    assert!(
        run.code == 0
            && run
                .stderr
                .contains("pre-push.before-toolkit now and runs first"),
        "{run:?}"
    );
    let old = place.git(&["rev-parse", "main"]);
    let new = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    let push = || place.try_git("repo", &["push", "-q", "origin", "main"]);
    let run = push();
    assert!(
        run.code != 0 && run.stderr.contains("CVE-2024-1"),
        "{run:?}"
    );
    let seen = fs_err::read_to_string(hooks.join("seen")).expect("what it saw");
    assert_eq!(
        seen,
        format!("origin ../origin.git\nrefs/heads/main {new} refs/heads/main {old}\n")
    );
    // It says no: ours does not run any more.
    write(&place.path("repo/refuse"), "");
    let run = push();
    assert!(
        run.code != 0 && !run.stderr.contains("CVE-2024-1"),
        "{run:?}"
    );
    fs_err::remove_file(place.path("repo/refuse")).expect("the file");
    fs_err::remove_file(hooks.join("seen")).expect("the file");
    assert_eq!(hook(&place, "repo", "install").code, 0, "again");
    assert_eq!(hook(&place, "repo", "uninstall").code, 0);
    assert_eq!(snapshot(&hooks), before);
    assert_eq!(push().code, 0, "theirs allows it");
}

#[cfg(unix)]
#[test]
fn links_are_kept_as_links() {
    let place = Place::new();
    let path = place.path("repo/.git/hooks/pre-push");
    for target in ["../../tracked-hook", "nowhere"] {
        fs_err::os::unix::fs::symlink(target, &path).expect("a link");
        assert_eq!(hook(&place, "repo", "install").code, 0, "{target}");
        assert!(fs_err::symlink_metadata(&path).expect("the hook").is_file());
        assert_eq!(hook(&place, "repo", "uninstall").code, 0, "{target}");
        assert_eq!(
            fs_err::read_link(&path).expect("the link"),
            Path::new(target)
        );
        fs_err::remove_file(&path).expect("the link");
    }
}

#[test]
fn it_goes_where_git_looks() {
    let place = Place::new();
    // A second work tree shares the hooks of the repository.
    place.git(&["worktree", "add", "-q", "../tree", "-b", "tree"]);
    assert_eq!(hook(&place, "tree", "install").code, 0);
    assert!(place.path("repo/.git/hooks/pre-push").is_file());
    write(
        &place.path("tree/package-lock.json"),
        &npm(&[("bad", "1.0.0")]),
    );
    place.at("tree", &["add", "-A"]);
    place.at("tree", &["commit", "-q", "-m", "x"]);
    let push = place.try_git("tree", &["push", "-q", "origin", "tree"]);
    assert!(
        push.code != 0 && push.stderr.contains("CVE-2024-1"),
        "{push:?}"
    );
    assert_eq!(hook(&place, "repo", "uninstall").code, 0);
    assert!(!place.path("repo/.git/hooks/pre-push").exists());
    // A folder of the checkout, which others get too: without a path of this machine.
    place.git(&["config", "core.hooksPath", "tools/hooks"]);
    fs_err::create_dir_all(place.path("repo/sub")).expect("a folder");
    assert_eq!(hook(&place, "repo/sub", "install").code, 0);
    let text = fs_err::read_to_string(place.path("repo/tools/hooks/pre-push")).expect("the hook");
    assert!(text.contains("\ninstalled=\n"), "{text}");
    assert_eq!(hook(&place, "repo", "uninstall").code, 0);
    assert!(!place.path("repo/tools/hooks/pre-push").exists());
    // A bare repository.
    assert_eq!(hook(&place, "origin.git", "install").code, 0);
    assert!(place.path("origin.git/hooks/pre-push").is_file());
}

#[test]
fn places_of_others_are_refused() {
    let place = Place::new();
    for (value, scope, expected) in [
        (".husky/_", "--local", "`.husky/pre-push`"),
        ("/somewhere/hooks", "--global", "core.hooksPath"),
    ] {
        place.git(&["config", scope, "core.hooksPath", value]);
        let run = hook(&place, "repo", "install");
        assert!(
            run.code == 2 && run.stderr.contains(expected),
            "{value}: {run:?}"
        );
        place.git(&["config", scope, "--unset", "core.hooksPath"]);
    }
    let hooks = place.path("repo/.git/hooks");
    executable(
        &hooks.join("pre-push"),
        "#!/usr/bin/env ruby\n# overcommit\n",
    );
    assert_eq!(hook(&place, "repo", "install").code, 2);
    executable(&hooks.join("pre-push"), "#!/bin/sh\n# theirs\n");
    write(&hooks.join("pre-push.before-toolkit"), "older");
    let before = snapshot(&hooks);
    let run = hook(&place, "repo", "install");
    assert!(
        run.code == 2 && run.stderr.contains("there already"),
        "{run:?}"
    );
    assert_eq!(snapshot(&hooks), before);
    assert_eq!(hook(&place, "home", "install").code, 2, "no repository");
}

#[test]
fn what_somebody_added_is_not_thrown_away() {
    let place = Place::new();
    assert_eq!(hook(&place, "repo", "install").code, 0);
    let path = place.path("repo/.git/hooks/pre-push");
    let mut text = fs_err::read_to_string(&path).expect("the hook");
    text.push_str("echo mine\n");
    fs_err::write(&path, &text).expect("the hook");
    for action in ["install", "uninstall"] {
        let run = hook(&place, "repo", action);
        assert!(
            run.code == 2 && run.stderr.contains("was changed"),
            "{action}: {run:?}"
        );
        assert_eq!(fs_err::read_to_string(&path).expect("the hook"), text);
    }
}

#[test]
fn without_the_program_the_push_goes_on_with_a_warning() {
    let place = Place::new();
    assert_eq!(hook(&place, "repo", "install").code, 0);
    let path = place.path("repo/.git/hooks/pre-push");
    let text = fs_err::read_to_string(&path).expect("the hook");
    let moved = text.replace(env!("CARGO_BIN_EXE_toolkit"), "/nowhere/toolkit");
    assert_ne!(text, moved, "it names the program");
    fs_err::write(&path, moved).expect("the hook");
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    let push = place.try_git("repo", &["push", "-q", "origin", "main"]);
    assert!(
        push.code == 0
            && push
                .stderr
                .contains("not checked for known vulnerabilities: `toolkit` is not in PATH"),
        "{push:?}"
    );
}
