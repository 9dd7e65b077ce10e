//! What stops a push and what does not: findings that are new against what the ref names on the remote.

use super::place::{Place, npm, silent, stopped, write};

#[test]
fn a_push_is_stopped_with_the_reason_and_goes_on_when_it_is_gone() {
    let place = Place::new();
    let installed = place.finish(place.toolkit().args(["hook", "install"]), "");
    assert_eq!(installed.code, 0, "{installed:?}");
    let before = place.git(&["rev-parse", "origin/main"]);
    place.commit(&[(
        "web/package-lock.json",
        &npm(&[("bad", "1.0.0"), ("fine", "1.0.0")]),
    )]);
    let push = place.try_git("repo", &["push", "-q", "origin", "main"]);
    assert_ne!(push.code, 0, "{push:?}");
    let short = &before[..12];
    let digest = push
        .stderr
        .lines()
        .find_map(|line| {
            line.strip_prefix("Database ")?
                .split_once(" of ")
                .map(|(digest, _)| digest.to_owned())
        })
        .unwrap_or_else(|| panic!("{}", push.stderr));
    let days = push
        .stderr
        .lines()
        .find_map(|line| {
            line.split_once(" (")?
                .1
                .strip_suffix(" days old).")
                .map(str::to_owned)
        })
        .expect("an age");
    assert_eq!(
        push.stderr
            .replace("error: failed to push some refs to '../origin.git'\n", ""),
        format!(
            "Push to origin stopped: 1 known vulnerability that it does not have, critical or malicious, by refs/heads/main\n\
             \x20 SEVERITY  ID          PACKAGE  INSTALLED  FIXED IN  FILE\n\
             \x20 critical  CVE-2024-1  bad      1.0.0      2.0.0     web/package-lock.json\n\
             Compared with refs/heads/main at {short}.\n\
             Database {digest} of 2024-05-01T00:00:00Z ({days} days old).\n\
             Update what is affected, or push all the same with `git push --no-verify`.\n"
        )
    );
    assert_eq!(
        place.at("origin.git", &["rev-parse", "main"]),
        before,
        "nothing was pushed"
    );
    place.commit(&[(
        "web/package-lock.json",
        &npm(&[("bad", "2.0.0"), ("fine", "1.0.0")]),
    )]);
    let push = place.try_git("repo", &["push", "-q", "origin", "main"]);
    silent(&push);
    assert_eq!(
        place.at("origin.git", &["rev-parse", "main"]),
        place.git(&["rev-parse", "main"])
    );
}

#[test]
fn only_what_the_remote_does_not_have_stops_it() {
    let place = Place::new();
    let lock = |packages: &[(&str, &str)]| npm(packages);
    let old = place.commit(&[
        ("package-lock.json", &lock(&[("bad", "1.0.0")])),
        ("evil/package-lock.json", &lock(&[("evil", "1.0.0")])),
    ]);
    for (name, files, arguments, expected) in [
        (
            "another package",
            vec![(
                "package-lock.json",
                lock(&[("bad", "1.0.0"), ("fine", "1.0.0")]),
            )],
            &[][..],
            &[][..],
        ),
        (
            "another affected version",
            vec![("package-lock.json", lock(&[("bad", "1.5.0")]))],
            &[],
            &[],
        ),
        ("gone", vec![("package-lock.json", lock(&[]))], &[], &[]),
        (
            "another vulnerability",
            vec![(
                "package-lock.json",
                lock(&[("bad", "1.0.0"), ("worse", "1.0.0")]),
            )],
            &[],
            &["CVE-2024-2 worse package-lock.json"],
        ),
        (
            "another place",
            vec![("a b/package-lock.json", lock(&[("bad", "1.0.0")]))],
            &[],
            &["CVE-2024-1 bad b/package-lock.json"],
        ),
        (
            "below the threshold",
            vec![("package-lock.json", lock(&[("meh", "1.0.0")]))],
            &[],
            &[],
        ),
        (
            "a lower threshold",
            vec![("package-lock.json", lock(&[("meh", "1.0.0")]))],
            &["--fail-on", "high"],
            &["CVE-2024-3 meh package-lock.json"],
        ),
        (
            "malicious",
            vec![("package-lock.json", lock(&[("evil", "1.0.0")]))],
            &[],
            &["MAL-4 evil package-lock.json"],
        ),
        (
            "another malicious version",
            vec![("evil/package-lock.json", lock(&[("evil", "1.0.1")]))],
            &[],
            &["MAL-4 evil evil/package-lock.json"],
        ),
        (
            "the same malicious version",
            vec![(
                "evil/package-lock.json",
                lock(&[("evil", "1.0.0"), ("fine", "1.0.0")]),
            )],
            &[],
            &[],
        ),
        (
            "no lock file",
            vec![("src/main.js", "x".to_owned())],
            &[],
            &[],
        ),
    ] {
        place.git(&["checkout", "-q", "-B", "work", &old]);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        let new = place.commit(&files);
        let run = place.hook(
            &format!("refs/heads/work {new} refs/heads/main {old}\n"),
            arguments,
        );
        if expected.is_empty() {
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name}");
        } else {
            stopped(&run, expected);
        }
    }
}

#[test]
fn commits_are_read_and_not_the_work_tree() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let lock = place.path("repo").join("package-lock.json");
    let affected = place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    write(&lock, &npm(&[("bad", "2.0.0")]));
    place.git(&["add", "-A"]);
    let run = place.hook(
        &format!("refs/heads/main {affected} refs/heads/main {old}\n"),
        &[],
    );
    stopped(&run, &["CVE-2024-1 bad package-lock.json"]);
    let mended = place.commit(&[]);
    write(&lock, &npm(&[("bad", "1.0.0")]));
    let line = format!("refs/heads/main {mended} refs/heads/main {old}\n");
    silent(&place.hook(&line, &[]));
    // From a folder of the checkout, too.
    fs_err::create_dir_all(place.path("repo/sub")).expect("a folder");
    let mut command = place.toolkit();
    command
        .current_dir(place.path("repo/sub"))
        .args(["hook", "run", "pre-push", "origin"]);
    silent(&place.finish(&mut command, &line));
}

#[test]
fn what_a_file_marks_as_development_is_said() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let text =
        r#"{"lockfileVersion":3,"packages":{"node_modules/bad":{"version":"1.0.0","dev":true}}}"#;
    let new = place.commit(&[("package-lock.json", text)]);
    let run = place.hook(
        &format!("refs/heads/main {new} refs/heads/main {old}\n"),
        &[],
    );
    assert!(
        run.code == 1 && run.stderr.contains("bad (development)  1.0.0"),
        "{run:?}"
    );
}

#[test]
fn the_project_may_tighten() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let new = place.commit(&[("package-lock.json", &npm(&[("meh", "1.0.0")]))]);
    let line = format!("refs/heads/main {new} refs/heads/main {old}\n");
    silent(&place.hook(&line, &[]));
    let file = place.path("repo/toolkit.yaml");
    write(&file, "hook:\n  failOn: high\n");
    stopped(
        &place.hook(&line, &[]),
        &["CVE-2024-3 meh package-lock.json"],
    );
    stopped(
        &place.hook(&line, &["--fail-on", "critical"]),
        &["CVE-2024-3 meh package-lock.json"],
    );
    write(&file, "hook:\n  failOn: none\n  requires: true\n");
    let run = place.hook(&line, &[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr.contains("line 2")
            && run.stderr.contains("line 3")
            && run.stderr.contains("did you mean `require`?"),
        "{}",
        run.stderr
    );
}
