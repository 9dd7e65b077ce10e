//! `toolkit lab`, with the Cargo feature: the demo, and a command that finds the lab in its environment.

use crate::binary::{finish, repository, toolkit};
use crate::stage::expect;

#[test]
fn the_demo_walks_the_whole_chain() {
    let run = finish(
        toolkit()
            .current_dir(repository("crates"))
            .args(["lab", "demo"]),
    );
    expect(&run, 0);
    assert!(
        run.stdout
            .ends_with("\n11 of 11 steps ended as they must\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .starts_with("warning: toolkit lab is for trials and tests, not for production"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_command_finds_the_lab_and_its_code_is_ours() {
    let script = r#"test -s "$TOOLKIT_TRUSTED_ROOT" && test -s "$TOOLKIT_SIGNING_CONFIG" && test -n "$SIGSTORE_ID_TOKEN" || exit 9
        echo content > artifact
        "$0" sign file:artifact --bundle bundle.json || exit 8
        "$0" verify file:artifact --bundle bundle.json --certificate-identity "$TOOLKIT_LAB_EMAIL" --certificate-oidc-issuer "$TOOLKIT_LAB_ISSUER" || exit 7
        exit 42"#;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut command = toolkit();
    command.current_dir(directory.path()).args([
        "lab",
        "run",
        "--email",
        "me@example.com",
        "--",
        "/bin/sh",
        "-c",
        script,
        env!("CARGO_BIN_EXE_toolkit"),
    ]);
    let run = finish(&mut command);
    expect(&run, 42);
    assert!(run.stdout.contains("PASS file:artifact"), "{}", run.stdout);
}
