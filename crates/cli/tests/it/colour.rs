//! Colour is for terminals: the same command in a pipe and on a pseudo-terminal, which `script` (util-linux) opens.

use std::process::Command;

use crate::binary::{Run, finish, repository};
use crate::stage::{Stage, expect, image};

const ESCAPE: char = '\u{1b}';

/// Runs a command on a terminal of its own; stdout and stderr are one there.
fn on_a_terminal(prepared: &Command) -> Run {
    let mut line = String::from(env!("CARGO_BIN_EXE_toolkit"));
    for argument in prepared.get_args() {
        line.push_str(&format!(" '{}'", argument.to_str().expect("text")));
    }
    let mut script = Command::new("script");
    script
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TERM", "xterm")
        .envs(
            prepared
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .args(["-qec", &line, "/dev/null"]);
    if let Some(directory) = prepared.get_current_dir() {
        script.current_dir(directory);
    }
    finish(&mut script)
}

#[test]
fn only_a_terminal_is_painted() {
    let stage = Stage::new();
    image("amd64")
        .write_layout(&stage.path().join("layout"), Some("1"))
        .expect("a layout");
    stage.write(
        "policy.yaml",
        "version: 1\nname: x\ntrust: {root: {file: root.json}}\nrules:\n- id: a\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n",
    );
    stage.write("faulty.yaml", "version: 2\n");
    let target = "oci-dir:layout:1";
    expect(&stage.signed("v1", &["sign", target]), 0);
    for (arguments, code, painted) in [
        (
            &["verify", target, "--policy", "policy.yaml"][..],
            0,
            "\u{1b}[32mPASS\u{1b}[0m ",
        ),
        (&["tree", target], 0, "\u{1b}[32mverified\u{1b}[0m: "),
        (&["sbom", target], 0, "\u{1b}[1mNAME"),
        (&["policy", "check", "faulty.yaml"], 2, "\u{1b}["),
    ] {
        let prepare = |more: &[(&str, &str)]| {
            let mut command = stage.toolkit("v1");
            command.args(arguments).envs(more.iter().copied());
            command
        };
        let piped = finish(&mut prepare(&[]));
        expect(&piped, code);
        assert!(
            !piped.stdout.contains(ESCAPE) && !piped.stderr.contains(ESCAPE),
            "{arguments:?}: {piped:?}"
        );
        let shown = on_a_terminal(&prepare(&[]));
        expect(&shown, code);
        assert!(shown.stdout.contains(painted), "{arguments:?}: {shown:?}");
        for variable in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
            let plain = on_a_terminal(&prepare(&[variable]));
            expect(&plain, code);
            assert!(
                !plain.stdout.contains(ESCAPE),
                "{variable:?} {arguments:?}: {plain:?}"
            );
        }
        let mut never = prepare(&[]);
        never.arg("--color=never");
        assert!(
            !on_a_terminal(&never).stdout.contains(ESCAPE),
            "{arguments:?}"
        );
        let mut always = prepare(&[]);
        always.arg("--color=always");
        let always = finish(&mut always);
        assert!(
            always.stdout.contains(painted) || always.stderr.contains(painted),
            "{arguments:?}: {always:?}"
        );
        // Colour adds nothing but colour.
        let bare: String = strip(&always.stdout);
        assert_eq!(bare, piped.stdout, "{arguments:?}");
    }
}

/// Takes colours away: `ESC [ … m`.
fn strip(text: &str) -> String {
    let mut parts = text.split(ESCAPE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |bare, part| {
        let (_, rest) = part.split_once('m').expect("a colour");
        bare + rest
    })
}

#[test]
fn a_file_is_never_painted() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let target = format!("oci-dir:{}", repository("testdata/images/demo").display());
    let mut command = crate::binary::toolkit();
    command.current_dir(directory.path()).args([
        "sbom",
        &target,
        "-o",
        "table=out.txt",
        "--color=always",
    ]);
    expect(&finish(&mut command), 0);
    let text = fs_err::read_to_string(directory.path().join("out.txt")).expect("the file");
    assert!(!text.contains(ESCAPE), "{text}");
}
