//! `toolkit policy check`, and the policy files that `verify` and `promote` refuse.

use crate::binary::{Run, finish, toolkit};
use crate::stage::expect;

fn check(text: &str) -> Run {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs_err::write(directory.path().join("policy.yaml"), text).expect("the policy");
    finish(
        toolkit()
            .current_dir(directory.path())
            .args(["policy", "check", "policy.yaml"]),
    )
}

const GOOD: &str = "version: 1\nname: acme\ntrust: {root: public}\nidentities:\n  release: {kind: github, repository: acme/widget}\nrules:\n- id: signed\n  require: {signatures: release}\nnoMatch: deny\n";

#[test]
fn a_good_policy_is_told_with_its_trust_root() {
    let run = check(GOOD);
    expect(&run, 0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("`policy.yaml` is a valid policy, `acme`; trust root: public Sigstore, embedded copy of "), "{}", run.stderr);
}

#[test]
fn all_faults_are_shown_in_one_run() {
    let run = check(
        "version: 1\nname: acme\nidentities:\n  release: {kind: github, repositry: acme/widget}\nrules:\n- id: signed\n  require: {signatures: relase}\nnoMatch: denny\n",
    );
    expect(&run, 2);
    assert_eq!(run.stdout, "");
    for expected in [
        "unknown key `repositry`",
        "did you mean `repository`?",
        "`relase`",
        "did you mean `release`?",
        "`denny`",
        "did you mean `deny`?",
        "policy.yaml:4:27",
    ] {
        assert!(
            run.stderr.contains(expected),
            "{expected} is not in\n{}",
            run.stderr
        );
    }
    assert!(run.stderr.ends_with("Exit code 2: usage, configuration or policy file invalid; `toolkit explain 2` tells more.\n"), "{}", run.stderr);
}

#[test]
fn a_policy_must_be_what_it_looks_like() {
    let run = check(&GOOD.replace("acme/widget", "acme/wid\u{202e}get"));
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("`policy.yaml` line 5 holds the control or invisible character \\u{202e}"),
        "{}",
        run.stderr
    );
}

#[test]
fn files_that_a_policy_names_must_be_there() {
    let run = check(&GOOD.replace(
        "{kind: github, repository: acme/widget}",
        "{kind: key, file: release.pub}",
    ));
    expect(&run, 2);
    assert!(run.stderr.contains("release.pub"), "{}", run.stderr);
    let run = check(&GOOD.replace("{root: public}", "{root: {file: root.json}}"));
    expect(&run, 18);
    assert!(
        run.stderr.contains("the trust root is missing") && run.stderr.contains("root.json"),
        "{}",
        run.stderr
    );
}

#[test]
fn no_policy_is_no_decision() {
    for arguments in [
        &["verify", "localhost:1/x", "--policy", "none.yaml"][..],
        &[
            "promote",
            "localhost:1/x",
            "localhost:1/y",
            "--policy",
            "none.yaml",
        ],
    ] {
        let run = finish(toolkit().args(arguments));
        expect(&run, 2);
        assert!(
            run.stderr.contains("failed to read `none.yaml`"),
            "{}",
            run.stderr
        );
        assert!(
            run.stderr.contains("\nNo decision was made. Exit code 2: "),
            "{}",
            run.stderr
        );
    }
    let run = finish(toolkit().args(["promote", "localhost:1/x", "localhost:1/y"]));
    expect(&run, 2);
    assert!(
        run.stderr.contains("--policy <FILE>") && run.stderr.contains("No decision was made."),
        "{}",
        run.stderr
    );
}

#[test]
fn verify_needs_to_know_whose_signature() {
    for (arguments, expected) in [
        (
            &[][..],
            "expected a key, or an identity and its issuer, found neither",
        ),
        (
            &["--certificate-identity", "x"],
            "found --certificate-identity",
        ),
        (
            &["--type", "spdx", "--certificate-oidc-issuer", "x"],
            "found --certificate-oidc-issuer",
        ),
        (
            &[
                "--certificate-identity",
                "x",
                "--certificate-identity-regexp",
                "x",
                "--certificate-oidc-issuer",
                "x",
            ],
            "expected one key, or one identity and one issuer",
        ),
    ] {
        let run = finish(toolkit().args(["verify", "localhost:1/x"]).args(arguments));
        expect(&run, 2);
        assert!(
            run.stderr.contains(expected) && run.stderr.contains("No decision was made."),
            "{}",
            run.stderr
        );
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs_err::write(directory.path().join("policy.yaml"), GOOD).expect("the policy");
    let run = finish(
        toolkit()
            .current_dir(directory.path())
            .args(["verify", "localhost:1/x"])
            .env("TOOLKIT_POLICY", "policy.yaml")
            .env("TOOLKIT_VERIFY_TYPE", "spdx")
            .env("TOOLKIT_VERIFY_KEY", "k"),
    );
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("a policy says whose signature is wanted; found also --key, --type"),
        "{}",
        run.stderr
    );
}
