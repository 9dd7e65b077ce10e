//! A faulty policy file: all faults in one run, each underlined, with the allowed keys and a guess; code 2.

use super::says;
use crate::binary::{Run, finish, toolkit};

const FAULTY: &str = r#"version: 2
nam: acme
identities:
  alice: {kind: emial, address: alice@example.com, issuer: "https://issuer.example"}
rules:
- id: signed
  require:
    signatures: alcie
    image: {usr: nonRoot}
noMatch: dney
"#;

/// Runs every command that takes a policy, on a policy of this text.
fn every_command(text: &[u8]) -> Vec<(&'static str, Run)> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs_err::write(directory.path().join("policy.yaml"), text).expect("the policy");
    // Nothing is looked at before the policy is understood: neither image exists.
    [
        ("check", &["policy", "check", "policy.yaml"][..]),
        (
            "verify",
            &["verify", "127.0.0.1:1/a/b:c", "--policy", "policy.yaml"],
        ),
        (
            "promote",
            &[
                "promote",
                "127.0.0.1:1/a/b:c",
                "oci-dir:copy:1",
                "--policy",
                "policy.yaml",
            ],
        ),
    ]
    .into_iter()
    .map(|(name, arguments)| {
        let run = finish(toolkit().current_dir(directory.path()).args(arguments));
        assert!(!directory.path().join("copy").exists());
        (name, run)
    })
    .collect()
}

#[test]
fn all_faults_are_shown_in_one_run() {
    for (name, run) in every_command(FAULTY.as_bytes()) {
        says(
            name,
            &run,
            2,
            &[
                "policy.yaml:1:10",
                "policy.yaml:2:1",
                "unknown key `nam`",
                "policy.yaml:4:17",
                "`emial`",
                "policy.yaml:8:17",
                "`alcie`",
                "policy.yaml:9:13",
                "unknown key `usr`",
                "policy.yaml:10:10",
                "`dney`",
            ],
        );
        // The guesses.
        for guess in ["`name`", "`email`", "`alice`", "`user`", "`deny`"] {
            assert!(
                run.stderr.contains(&format!("did you mean {guess}")),
                "{name}: {guess}\n{}",
                run.stderr
            );
        }
        // Each fault has its line of the file and a mark beneath it.
        let marks = run
            .stderr
            .lines()
            .filter(|line| line.contains("┬") || line.contains('▲') || line.contains('─'))
            .count();
        assert!(marks >= 7, "{name}: {marks} marks\n{}", run.stderr);
        assert_eq!(run.stdout, "", "{name}");
    }
}

#[test]
fn what_is_no_policy_at_all() {
    for (what, text, says_so) in [
        ("empty", &b""[..], "empty"),
        ("no YAML", b"version: [1", "not valid YAML"),
        ("a list", b"- 1\n", "must be"),
        (
            "a control character",
            b"version: 1\nname: \"a\x1b[2J\"\n",
            "character",
        ),
        ("no UTF-8", b"version: 1\nname: \xff\xfe\n", "UTF-8"),
    ] {
        for (name, run) in every_command(text) {
            says(
                &format!("{name}: {what}"),
                &run,
                2,
                &["policy.yaml", says_so],
            );
            assert!(!run.stderr.contains("\x1b"), "{name}: {what}");
        }
    }
}

#[test]
fn a_policy_that_is_not_there() {
    for arguments in [
        &["policy", "check", "nowhere.yaml"][..],
        &["verify", "127.0.0.1:1/a/b:c", "--policy", "nowhere.yaml"],
    ] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let run = finish(toolkit().current_dir(directory.path()).args(arguments));
        says("missing", &run, 2, &["nowhere.yaml", "No such file"]);
    }
}
