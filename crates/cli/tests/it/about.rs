//! The commands about the tool itself, and what every command shares: usage errors, closed and full outputs, quiet.

use std::process::Stdio;

use crate::binary::{Run, finish, run, toolkit};

fn expect(code: i32, stdout: &str, stderr: &str) -> Run {
    Run {
        code,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

#[test]
fn version() {
    let text = concat!("toolkit ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(run(["version"]), expect(0, text, ""));
    assert_eq!(run(["--version"]), expect(0, text, ""));
}

#[test]
fn explain_one_code() {
    assert_eq!(
        run(["explain", "13"]),
        expect(
            0,
            "## 13: no certificate\n\nThe signature carries no certificate, so it has no identity to compare. If it was made with a key, verify with `--key`.\n",
            ""
        )
    );
}

#[test]
fn explain_what_is_no_code() {
    assert_eq!(
        run(["explain", "9\u{1b}[2J"]),
        expect(
            2,
            "",
            "  × unknown code `9\\u{1b}[2J`\n  help: `toolkit explain` lists all codes\nExit code 2: usage, configuration or policy file invalid; `toolkit explain 2` tells more.\n"
        )
    );
}

#[test]
fn explain_a_code_of_a_report() {
    let run = run(["explain", "evidence.refused.no-certificate"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for part in [
        "## `evidence.refused.REASON`",
        "## `no-certificate`",
        "Verify with `--key FILE`",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let misspelt = crate::binary::run(["explain", "identity.mismatsch"]);
    assert_eq!(misspelt.code, 2);
    assert!(
        misspelt
            .stderr
            .contains("did you mean `identity.mismatch`?"),
        "{}",
        misspelt.stderr
    );
}

#[test]
fn explain_lists_the_codes() {
    let run = run(["explain"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for line in [
        "  12                                 signatures, but none matches the identity or key\n",
        "  image.user                         Asks of every platform",
        "  identity.mismatch                  The signature or attestation is there and valid, and somebody else made it\n",
        "  no-certificate                     The signature carries no certificate",
        "  policy.unknown-key                 The key is not one of the grammar",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn wrong_arguments_end_with_two() {
    assert_eq!(
        run(["explian"]),
        expect(
            2,
            "",
            "error: unrecognized subcommand 'explian'\n\n  tip: a similar subcommand exists: 'explain'\n\nUsage: toolkit [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\nExit code 2: usage, configuration or policy file invalid; `toolkit explain 2` tells more.\n"
        )
    );
    assert_eq!(run::<&str>([]).code, 2);
    assert_eq!(run(["version", "--color", "blue"]).code, 2);
}

#[test]
fn a_variable_stands_for_its_flag() {
    let run = finish(toolkit().arg("version").env("TOOLKIT_COLOR", "blue"));
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("invalid value 'blue' for '--color <WHEN>'"),
        "{}",
        run.stderr
    );
    let run = finish(
        toolkit()
            .args(["explain", "9"])
            .env("TOOLKIT_COLOR", "always"),
    );
    assert!(run.stderr.contains('\u{1b}'), "{}", run.stderr);
    let run = finish(toolkit().args(["explain", "9"]).env("TOOLKIT_QUIET", "2"));
    assert_eq!(run, expect(2, "", ""));
}

#[test]
fn quiet_twice_leaves_only_the_code() {
    assert_eq!(run(["-qq", "explain", "9"]), expect(2, "", ""));
    assert_eq!(
        run(["-q", "version"]),
        expect(0, concat!("toolkit ", env!("CARGO_PKG_VERSION"), "\n"), "")
    );
}

#[test]
fn colour_is_only_for_terminals() {
    assert!(!run(["explain", "9"]).stderr.contains('\u{1b}'));
    assert!(
        run(["--color", "always", "explain", "9"])
            .stderr
            .contains('\u{1b}')
    );
    let run = finish(
        toolkit()
            .args(["explain", "9"])
            .env("CLICOLOR_FORCE", "1")
            .env("NO_COLOR", "1"),
    );
    assert!(!run.stderr.contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn a_closed_stdout_ends_with_seven() {
    for arguments in [
        &["version"][..],
        &["explain"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = toolkit()
            .args(arguments)
            .stdout(Stdio::from(writer))
            .output()
            .expect("the binary starts");
        assert_eq!(
            output.status.code(),
            Some(7),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_ends_with_seven_and_says_why() {
    let full = fs_err::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the full device");
    let output = toolkit()
        .arg("version")
        .stdout(full.into_file())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "  × failed to write to the standard output\n  ╰─▶ No space left on device (os error 28)\nExit code 7: local I/O: disk full, permission, lock or closed output; `toolkit explain 7` tells more.\n"
    );
}
