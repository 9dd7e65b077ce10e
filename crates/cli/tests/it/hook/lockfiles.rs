//! Each kind of lock file stops a push, and files that a `requirements.txt` includes do.

use super::place::{Place, npm, silent, stopped};

#[test]
fn each_kind_is_read() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    let crates = "registry+https://github.com/rust-lang/crates.io-index";
    place.commit(&[
        ("Cargo.lock", &format!("version = 4\n[[package]]\nname = \"bad-rs\"\nversion = \"1.0.0\"\nsource = \"{crates}\"\n")),
        ("a/package-lock.json", &npm(&[("bad", "1.0.0")])),
        ("a/go.mod", "module m\ngo 1.21\nrequire example.com/bad v1.0.0\n"),
        ("a/requirements-dev.txt", "Bad_Py==1.0\n"),
        ("a/poetry.lock", "[[package]]\nname = \"bad-py\"\nversion = \"1.0\"\n"),
        ("a/uv.lock", "version = 1\n[[package]]\nname = \"bad-py\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n"),
        ("a/yarn.lock", "bad@1.0.0:\n"),
    ]);
    let run = place.hook(&place.line("main", &old), &[]);
    stopped(
        &run,
        &[
            "CVE-2024-6 bad-rs Cargo.lock",
            "CVE-2024-7 example.com/bad a/go.mod",
            "CVE-2024-1 bad a/package-lock.json",
            "CVE-2024-5 bad-py a/poetry.lock",
            "CVE-2024-5 bad-py a/requirements-dev.txt",
            "CVE-2024-5 bad-py a/uv.lock",
        ],
    );
}

#[test]
fn what_requirements_include_belongs_to_them() {
    let place = Place::new();
    let start = place.commit(&[
        ("app/requirements.txt", "-r ../lists/base.txt\nfine==1.0\n"),
        ("lists/base.txt", "fine==1.0\n"),
        ("lists/unused.txt", "bad-py==1.0\n"),
        ("notes.txt", "x\n"),
    ]);
    // The included file changes, the one that includes it does not.
    place.commit(&[("lists/base.txt", "bad-py==1.0\n")]);
    stopped(
        &place.hook(&place.line("main", &start), &[]),
        &["CVE-2024-5 bad-py lists/base.txt"],
    );
    // The one that includes changes.
    place.git(&["reset", "-q", "--hard", &start]);
    place.commit(&[(
        "app/requirements.txt",
        "-r ../lists/unused.txt\nfine==1.0\n",
    )]);
    stopped(
        &place.hook(&place.line("main", &start), &[]),
        &["CVE-2024-5 bad-py lists/unused.txt"],
    );
    // Nobody includes it.
    place.git(&["reset", "-q", "--hard", &start]);
    place.commit(&[
        ("lists/unused.txt", "bad-py==1.1\n"),
        ("notes.txt", "bad-py==1.1\n"),
    ]);
    silent(&place.hook(&place.line("main", &start), &[]));
    // In circles, out of the repository and to nowhere.
    place.commit(&[(
        "requirements.txt",
        "-r requirements.txt\n-r ../outside.txt\n-r nowhere.txt\n-r /etc/passwd\n",
    )]);
    silent(&place.hook(&place.line("main", &start), &[]));
}

#[test]
fn what_is_not_pinned_is_told_on_request() {
    let place = Place::new();
    let old = place.git(&["rev-parse", "main"]);
    place.commit(&[("requirements.txt", "bad-py>=1.0\n")]);
    let line = place.line("main", &old);
    silent(&place.hook(&line, &[]));
    let run = place.hook(&line, &["-v"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stderr
            .contains("not covered: `requirements.txt`: bad-py: not pinned to one version"),
        "{}",
        run.stderr
    );
}
