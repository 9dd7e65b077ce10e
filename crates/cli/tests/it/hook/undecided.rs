//! What cannot be judged: a warning and a push, or no push where the project demands it.

use super::place::{Place, npm, silent, stopped, write};

#[test]
fn without_a_usable_database_the_push_goes_on_unless_the_project_demands_one() {
    let place = Place::of_format("sha1");
    let old = place.git(&["rev-parse", "main"]);
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    let line = place.line("main", &old);
    let required = place.path("repo/toolkit.yaml");
    let both = |arguments: &[&str], expected: &str| {
        let _ = fs_err::remove_file(&required);
        let run = place.hook(&line, arguments);
        assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
        assert!(
            run.stderr.starts_with("warning: the push is not checked")
                && run.stderr.contains(expected),
            "{}",
            run.stderr
        );
        write(&required, "hook: {require: true}\n");
        let run = place.hook(&line, arguments);
        assert_eq!(run.code, 4, "{run:?}");
        assert!(
            run.stderr.contains("No decision was made."),
            "{}",
            run.stderr
        );
    };
    both(&[], "there is no vulnerability database");
    // Nothing to ask about it: silent, demanded or not.
    silent(&place.hook(
        &format!("refs/heads/main {old} refs/heads/main {old}\n"),
        &[],
    ));
    place.build_database();
    both(&["--max-age", "1h"], "old");
    both(&["--db", "absent"], "absent");
    fs_err::remove_file(&required).expect("the file");
    stopped(
        &place.hook(&line, &[]),
        &["CVE-2024-1 bad package-lock.json"],
    );
    assert_eq!(place.hook(&line, &["--max-age", "x"]).code, 2);
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    for (name, file, text, expected) in [
        (
            "broken",
            "Cargo.lock",
            "<<<<<<< HEAD\n",
            "not the expected lock file at line 1",
        ),
        (
            "undetermined",
            "package-lock.json",
            r#"{"packages":{"node_modules/bad":{"version":"not.a.version"}}}"#,
            "GHSA-1",
        ),
    ] {
        place.git(&["checkout", "-q", "-f", "-B", "work", &old]);
        place.commit(&[(file, text)]);
        let line = place.line("work", &old);
        let run = place.hook(&line, &[]);
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert!(
            run.stderr.starts_with("warning: not judged: `") && run.stderr.contains(expected),
            "{name}: {}",
            run.stderr
        );
        write(&place.path("repo/toolkit.yaml"), "hook: {require: true}\n");
        let run = place.hook(&line, &[]);
        assert_eq!(run.code, 3, "{name}: {run:?}");
        fs_err::remove_file(place.path("repo/toolkit.yaml")).expect("the file");
        // What the remote has already is no news.
        let new = place.git(&["rev-parse", "work"]);
        silent(&place.hook(
            &format!("refs/heads/work {new} refs/heads/work {new}\n"),
            &[],
        ));
    }
}

#[test]
fn an_ecosystem_that_the_database_does_not_have_is_told() {
    let place = Place::new();
    fs_err::remove_file(place.path("feeds/ghsa/5.json")).expect("the record");
    let run = place.finish(
        place
            .toolkit()
            .current_dir(place.path("."))
            .args(["db", "build", "feeds"]),
        "",
    );
    assert_eq!(run.code, 0, "{run:?}");
    let old = place.git(&["rev-parse", "main"]);
    place.commit(&[("requirements.txt", "bad-py==1.0\n")]);
    let line = place.line("main", &old);
    let run = place.hook(&line, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr
            .contains("the database knows nothing of PyPI (1 packages)"),
        "{}",
        run.stderr
    );
    write(&place.path("repo/toolkit.yaml"), "hook: {require: true}\n");
    assert_eq!(place.hook(&line, &[]).code, 4);
}

#[test]
fn content_that_a_partial_clone_lacks_is_not_fetched() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    place.commit(&[("package-lock.json", &npm(&[("bad", "1.0.0")]))]);
    place.git(&["push", "-q", "--no-verify", "origin", "main"]);
    place.at("origin.git", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", place.path("origin.git").display());
    place.at(
        ".",
        &[
            "clone",
            "-q",
            "--filter=blob:none",
            "--no-checkout",
            &url,
            "partial",
        ],
    );
    let head = place.at("partial", &["rev-parse", "HEAD"]);
    let mut command = place.toolkit();
    command
        .current_dir(place.path("partial"))
        .args(["hook", "run", "pre-push", "origin", &url]);
    let run = place.finish(
        &mut command,
        &format!("refs/heads/main {head} refs/heads/main {old}\n"),
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr
            .contains("`package-lock.json`: its content is not in this clone"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_no_push_is_refused() {
    let place = Place::new();
    let run = place.hook("refs/heads/main\n", &[]);
    assert!(
        run.code == 2 && run.stderr.contains("line 1 on stdin"),
        "{run:?}"
    );
    let mut command = place.toolkit();
    command
        .current_dir(place.path("home"))
        .args(["hook", "run", "pre-push"]);
    assert_eq!(place.finish(&mut command, "").code, 2, "no repository");
    let mut command = place.toolkit();
    command
        .env("PATH", "relative:")
        .args(["hook", "run", "pre-push"]);
    assert_eq!(place.finish(&mut command, "").code, 2, "no git");
    let mut command = place.toolkit();
    command.args(["hook", "run", "pre-commit"]);
    assert_eq!(place.finish(&mut command, "").code, 2, "another hook");
}
