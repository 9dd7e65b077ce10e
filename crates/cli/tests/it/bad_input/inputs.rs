//! Files that are read because another file or a variable names them must be regular: opening a FIFO would wait for ever. What the command
//! line names may be a pipe.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use toolkit_lab::{RegistryAuth, RegistryKind};

use super::says;
use crate::binary::Run;
use crate::stage::{SIGNER, Stage, expect, image};

fn fifo(directory: &Path, name: &str) -> PathBuf {
    let path = directory.join(name);
    let made = Command::new("mkfifo")
        .arg(&path)
        .status()
        .expect("mkfifo starts");
    assert!(made.success());
    path
}

/// Runs a command that must not wait: one that does is stopped, and fails the test.
fn at_once(name: &str, command: &mut Command) -> Run {
    let mut child: Child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().expect("its state").is_none() {
        if Instant::now() > end {
            child.kill().expect("it can be stopped");
            panic!("{name}: it waits");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("its output");
    Run {
        code: output.status.code().expect("it ended by itself"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

#[test]
fn a_fifo_is_no_configuration() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    // Credentials are read when a registry asks for some.
    stage.lab.set_registry_auth(
        RegistryKind::WithReferrers,
        RegistryAuth::Basic {
            username: "ci".to_owned(),
            password: "right".to_owned(),
        },
    );
    fifo(stage.path(), "config.json");
    for (variable, value) in [
        ("DOCKER_CONFIG", stage.path().to_path_buf()),
        ("REGISTRY_AUTH_FILE", stage.path().join("config.json")),
        ("SSL_CERT_FILE", stage.path().join("config.json")),
    ] {
        let run = at_once(
            variable,
            stage
                .toolkit("v1")
                .args(["sbom", &target])
                .env(variable, value),
        );
        assert!([2, 3, 7].contains(&run.code), "{variable}: {}", run.code);
        says(variable, &run, run.code, &["no regular file"]);
    }
}

#[test]
fn a_fifo_that_a_policy_names_is_not_opened() {
    let stage = Stage::new();
    fifo(stage.path(), "named");
    let rest = "rules:\n- id: a\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n";
    for (name, text) in [
        (
            "trust root",
            format!("version: 1\nname: x\ntrust: {{root: {{file: named}}}}\n{rest}"),
        ),
        (
            "key",
            "version: 1\nname: x\nidentities:\n  k: {kind: key, file: named}\nrules:\n- id: a\n  require: {signatures: k}\nnoMatch: deny\n".to_owned(),
        ),
    ] {
        stage.write("policy.yaml", &text);
        let run = at_once(
            name,
            stage
                .toolkit("v1")
                .env_remove("TOOLKIT_TRUSTED_ROOT")
                .args(["policy", "check", "policy.yaml"]),
        );
        assert!([2, 18].contains(&run.code), "{name}: {}", run.code);
        says(name, &run, run.code, &["no regular file"]);
    }
}

#[test]
fn what_the_command_line_names_may_be_a_pipe() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage.write("token", &stage.lab.email_token(SIGNER));
    stage.write("review.json", "{}");
    stage.write(
        "policy.yaml",
        "version: 1\nname: x\nrules:\n- id: a\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n",
    );
    let binary = env!("CARGO_BIN_EXE_toolkit");
    for script in [
        format!("{binary} policy check <(cat policy.yaml)"),
        format!("cat policy.yaml | {binary} policy check /dev/stdin"),
        format!("{binary} sign file:artifact --bundle b.json --identity-token <(cat token)"),
        format!(
            "{binary} attest file:artifact --bundle a.json --identity-token token --type https://example.com/review/v1 --predicate <(cat review.json)"
        ),
    ] {
        let mut bash = Command::new("bash");
        let prepared = stage.toolkit("v1");
        bash.env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(
                prepared
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(stage.path())
            .args(["-c", &script]);
        expect(&at_once(&script, &mut bash), 0);
    }
}
