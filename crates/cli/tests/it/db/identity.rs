//! `--db-identity`: the policy's identities on one line, with all faults in one run and a guess.

use super::place::Place;

#[test]
fn faults_are_told_with_the_allowed_keys_and_a_guess() {
    let place = Place::new();
    let run = place.run(&[
        "db",
        "update",
        "registry.example/acme/db",
        "--db-identity",
        "kind=github,repositry=acme/db,workflow=db.yml",
    ]);
    assert_eq!(run.code, 2, "{run:?}");
    for text in [
        "needs the key `repository`",
        "unknown key `repositry`",
        "did you mean `repository`",
        "workflow",
    ] {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
    for (identity, text) in [
        ("kind=gihub,repository=a/b", "github"),
        ("kind=email,address=a@b.example", "issuer"),
        ("repository=a/b", "kind"),
        ("kind=key,file=none.pub", "none.pub"),
        ("kind=github,repository", "key=value"),
        (
            "kind=fulcio,issuer=https://i.example,san=\u{1b}[2J",
            "control",
        ),
    ] {
        let run = place.run(&[
            "db",
            "update",
            "registry.example/acme/db",
            "--db-identity",
            identity,
        ]);
        assert_eq!(run.code, 2, "{identity}: {run:?}");
        assert!(run.stderr.contains(text), "{identity}: {}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{identity}");
    }
}
