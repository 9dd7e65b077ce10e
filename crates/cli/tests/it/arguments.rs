//! How wrong arguments are answered, and which of an argument and a variable counts.

use crate::binary::{finish, run, toolkit};
use crate::stage::{SIGNER, Stage, expect, image};

#[test]
fn the_words_of_other_tools_are_answered() {
    for (arguments, advice) in [
        (
            &["verify-attestation", "x"][..],
            "`toolkit verify --type TYPE IMAGE`",
        ),
        (
            &["verify-blob", "x"],
            "`toolkit verify file:FILE --bundle BUNDLE`",
        ),
        (
            &["sign-blob", "x"],
            "`toolkit sign file:FILE --bundle BUNDLE`",
        ),
        (&["attest-blob"], "`toolkit attest file:FILE"),
        (&["image", "x"], "`toolkit scan IMAGE`"),
        (&["packages", "x"], "`toolkit sbom TARGET`"),
        (&["triangulate", "x"], "`toolkit tree IMAGE`"),
        (
            &["copy", "a", "b"],
            "`toolkit promote SRC DST --policy FILE`",
        ),
        (
            &["sign", "x", "--yes"],
            "nothing is ever asked: leave it out",
        ),
        (&["sign", "x", "-y"], "nothing is ever asked: leave it out"),
        (
            &["sign", "--recursive", "x"],
            "every platform below an index",
        ),
        (&["sbom", "x", "--format", "json"], "`-o FORMAT[=FILE]`"),
    ] {
        let run = run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(advice), "{arguments:?}: {}", run.stderr);
        assert!(
            !run.stderr.contains("similar"),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_switch_s_variable_is_yes_no_or_a_mistake() {
    let promote = |word: &str| {
        finish(toolkit().env("TOOLKIT_FORCE", word).args([
            "promote",
            "oci-dir:nowhere",
            "oci-dir:elsewhere",
            "--policy",
            "none.yaml",
        ]))
    };
    let refused = promote("maybe");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("maybe"), "{refused:?}");
    for word in ["1", "true", "no", ""] {
        let run = promote(word);
        assert!(run.stderr.contains("none.yaml"), "{word}: {run:?}");
    }
}

#[test]
fn an_empty_variable_is_none() {
    for name in [
        "TOOLKIT_POLICY",
        "TOOLKIT_VERIFY_KEY",
        "TOOLKIT_VERIFY_OUTPUT",
        "TOOLKIT_COLOR",
        "TOOLKIT_VERBOSE",
        "TOOLKIT_LIMIT",
    ] {
        let run = finish(toolkit().env(name, "").args([
            "verify",
            "oci-dir:nowhere",
            "--certificate-identity=a@example.com",
            "--certificate-oidc-issuer=https://issuer.example",
        ]));
        assert_eq!(run.code, 11, "{name}: {run:?}");
    }
}

#[test]
fn hidden_commands_are_not_told() {
    let run = run::<&str>([]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("verify") && !run.stderr.contains("conformance"),
        "{}",
        run.stderr
    );
}

#[test]
fn usage_lines_show_what_is_to_be_typed() {
    let run = finish(
        toolkit()
            .args(["verify", "--nonsense"])
            .env("TOOLKIT_TRUSTED_ROOT", "root.json")
            .env("TOOLKIT_OFFLINE", "true"),
    );
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("Usage: toolkit verify [OPTIONS] <TARGET>\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_variable_is_for_the_command_that_it_names() {
    // `json` is no format of `sbom`, and no word steers a command that it does not name.
    let folder = tempfile::tempdir().expect("a folder");
    let target = format!("dir:{}", folder.path().display());
    for variable in [
        "TOOLKIT_OUTPUT",
        "TOOLKIT_VERIFY_OUTPUT",
        "TOOLKIT_TREE_OUTPUT",
    ] {
        let run = finish(toolkit().args(["sbom", &target]).env(variable, "json"));
        assert_eq!(run.code, 0, "{variable}: {}", run.stderr);
    }
    let run = finish(
        toolkit()
            .args(["sbom", &target])
            .env("TOOLKIT_SBOM_OUTPUT", "json"),
    );
    assert_eq!(run.code, 2, "{}", run.stderr);
}

#[test]
fn what_is_typed_beats_a_variable() {
    let stage = Stage::new();
    stage.write("key.pem", crate::bad_input::P256);
    stage.write("key.pub", crate::bad_input::P256_PUBLIC);
    image("amd64")
        .write_layout(&stage.path().join("layout"), Some("1"))
        .expect("a layout");
    let token = stage.lab.email_token(SIGNER);
    let target = "oci-dir:layout:1";
    // As below `lab run`: a token in the environment, a key on the command line.
    let run = finish(
        stage
            .toolkit("v1")
            .args(["sign", target, "--key", "key.pem"])
            .env("TOOLKIT_IDENTITY_TOKEN", &token),
    );
    expect(&run, 0);
    assert!(run.stderr.contains("signed by key "), "{}", run.stderr);
    let run = finish(
        stage
            .toolkit("v1")
            .args(["sign", target, "--identity-token", &token])
            .env("TOOLKIT_SIGNING_KEY", "key.pem"),
    );
    expect(&run, 0);
    assert!(run.stderr.contains(SIGNER), "{}", run.stderr);
    // One that is none.
    let run = finish(
        stage
            .toolkit("v1")
            .args(["sign", target, "--identity-token", "eyJ.e30.x"]),
    );
    expect(&run, 2);
    assert!(run.stderr.contains("identity token"), "{}", run.stderr);
    // Nobody typed either.
    let run = finish(
        stage
            .toolkit("v1")
            .args(["sign", target])
            .env("TOOLKIT_SIGNING_KEY", "key.pem")
            .env("TOOLKIT_IDENTITY_TOKEN", &token),
    );
    expect(&run, 2);
    assert!(run.stderr.contains("two signers"), "{}", run.stderr);
    // The key that is asked for, and an identity that the job asks for everywhere else.
    let run = finish(
        stage
            .toolkit("v1")
            .args(["verify", target, "--key", "key.pub"])
            .env("TOOLKIT_CERTIFICATE_IDENTITY", "somebody@example.com")
            .env("TOOLKIT_CERTIFICATE_OIDC_ISSUER", "https://issuer.example"),
    );
    expect(&run, 0);
}
