//! Outputs that cannot be written end with 7 and leave nothing half-written; devices and FIFOs are written as they are.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use toolkit_lab::RegistryKind;

use super::says;
use crate::binary::{Run, finish, repository, toolkit};
use crate::stage::{SIGNER, Stage, image};

fn demo() -> String {
    format!("oci-dir:{}", repository("testdata/images/demo").display())
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs_err::read_dir(directory)
        .expect("the directory")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Runs with a standard output that nobody reads any more.
fn into_closed_pipe(command: &mut Command) -> Run {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    finish_into(command, Stdio::from(writer))
}

/// Runs with a standard output that is full.
fn into_full(command: &mut Command) -> Run {
    let full = fs_err::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the full device");
    finish_into(command, Stdio::from(full.into_file()))
}

fn finish_into(command: &mut Command, stdout: Stdio) -> Run {
    let output = command
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .expect("the binary starts");
    Run {
        code: output.status.code().expect("the binary ends by itself"),
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn every_command_notices_a_closed_or_full_stdout() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let tagged = format!("{name}:1");
    crate::stage::expect(&stage.signed("v1", &["sign", &tagged]), 0);
    stage.write("policy.yaml", "version: 1\nname: open\ntrust: {root: {file: root.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n");
    let to = format!("{}/acme/copy", stage.lab.registry());
    let identity = stage.identity(SIGNER);
    let mut verify = vec!["verify", &tagged];
    verify.extend(identity.iter().map(String::as_str));
    let json = [&verify[..], &["-o", "json"]].concat();
    for arguments in [
        &["sbom", &tagged][..],
        &["sbom", &tagged, "-o", "cyclonedx-json"],
        &["sbom", &tagged, "-o", "spdx-json"],
        &["sbom", &tagged, "-o", "purls"],
        &verify,
        &json,
        &["verify", &tagged, "--policy", "policy.yaml"],
        &["promote", &tagged, &to, "--policy", "policy.yaml"],
        &["tree", &tagged],
        &["tree", &tagged, "-o", "json"],
        &["sign", &tagged],
    ] {
        let prepared = || {
            let mut command = stage.toolkit("v1");
            command
                .args(arguments)
                .env("SIGSTORE_ID_TOKEN", stage.lab.email_token(SIGNER));
            command
        };
        let name = format!("{arguments:?}");
        says(
            &name,
            &into_closed_pipe(&mut prepared()),
            7,
            &["standard output", "Broken pipe"],
        );
        says(
            &name,
            &into_full(&mut prepared()),
            7,
            &["standard output", "No space left on device"],
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_written_directly() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for format in ["cyclonedx-json", "spdx-json", "purls", "table"] {
        let run = finish(toolkit().current_dir(directory.path()).args([
            "sbom",
            &demo(),
            "-o",
            &format!("{format}=/dev/full"),
        ]));
        says(
            format,
            &run,
            7,
            &["failed to write `/dev/full`", "No space left on device"],
        );
    }
    let run = finish(toolkit().args(["sbom", &demo(), "-o", "purls=/dev/null"]));
    says("/dev/null", &run, 0, &[]);
    let kind = fs_err::metadata("/dev/null").expect("the device");
    assert!(!kind.is_file(), "the device is still one");
    let shown = finish(toolkit().args(["sbom", &demo(), "-o", "purls=/dev/stdout"]));
    assert_eq!(
        shown,
        finish(toolkit().args(["sbom", &demo(), "-o", "purls"]))
    );
    assert_eq!(names(directory.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_fifo_is_written_directly() {
    use std::os::unix::fs::FileTypeExt;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let fifo = directory.path().join("fifo");
    let made = Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo starts");
    assert!(made.success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || {
            let mut text = String::new();
            fs_err::File::open(fifo)
                .expect("the FIFO")
                .read_to_string(&mut text)
                .expect("the document");
            text
        }
    });
    let run = finish(toolkit().args([
        "sbom",
        &demo(),
        "-o",
        &format!("cyclonedx-json={}", fifo.display()),
    ]));
    says("FIFO", &run, 0, &[]);
    let direct = finish(toolkit().args(["sbom", &demo(), "-o", "cyclonedx-json"]));
    assert_eq!(reader.join().expect("the reader"), direct.stdout);
    let kind = fs_err::metadata(&fifo).expect("the FIFO").file_type();
    assert!(kind.is_fifo());
    assert_eq!(names(directory.path()), ["fifo"]);
}

/// A file-size limit is what fills up here: the system refuses a write in the middle of the file, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file_and_no_half_one() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let old = directory.path().join("old.json");
    fs_err::write(&old, "old").expect("the old file");
    for file in ["old.json", "new.json"] {
        let mut command = Command::new("sh");
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir(directory.path())
            .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_toolkit"))
            .args(["sbom", &demo(), "-o", &format!("cyclonedx-json={file}")]);
        says(
            file,
            &finish(&mut command),
            7,
            &[&format!("failed to write `{file}`"), "File too large"],
        );
        assert_eq!(names(directory.path()), ["old.json"]);
        assert_eq!(fs_err::read_to_string(&old).expect("the file"), "old");
    }
    let run = finish(toolkit().current_dir(directory.path()).args([
        "sbom",
        &demo(),
        "-o",
        "purls=no/such/directory/x",
    ]));
    says(
        "no directory",
        &run,
        7,
        &["failed to write `no/such/directory/x`", "No such file"],
    );
    assert_eq!(names(directory.path()), ["old.json"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_bundle_that_cannot_be_written() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage.write("review.json", r#"{"approved": true}"#);
    let attest = [
        "attest",
        "file:artifact",
        "--predicate",
        "review.json",
        "--type",
        "https://example.com/review/v1",
        "--bundle",
    ];
    let sign = ["sign", "file:artifact", "--bundle"];
    for command in [&sign[..], &attest] {
        let full = [command, &["/dev/full"]].concat();
        says(
            "device",
            &stage.signed("v1", &full),
            7,
            &["failed to write `/dev/full`", "No space left on device"],
        );
        let nowhere = [command, &["no/such/directory/x"]].concat();
        says(
            "directory",
            &stage.signed("v1", &nowhere),
            7,
            &["failed to write `no/such/directory/x`"],
        );
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_lead_somewhere() {
    use fs_err::os::unix::fs::symlink;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name);
    symlink("real", path("link")).expect("the link");
    let sbom = |outputs: &[&str]| {
        let mut command = toolkit();
        command
            .current_dir(directory.path())
            .args(["sbom", &demo()]);
        for output in outputs {
            command.args(["-o", output]);
        }
        finish(&mut command)
    };
    says(
        "to nowhere",
        &sbom(&["purls=link"]),
        7,
        &[
            "failed to write `link`",
            "it is a symbolic link that leads nowhere",
        ],
    );
    assert_eq!(names(directory.path()), ["link"]);
    fs_err::write(path("real"), "old").expect("the file");
    says(
        "two names",
        &sbom(&["purls=link", "table=real"]),
        2,
        &["two outputs go to real"],
    );
    assert_eq!(
        fs_err::read_to_string(path("real")).expect("the file"),
        "old"
    );
    says("through the link", &sbom(&["purls=link"]), 0, &[]);
    assert!(
        fs_err::read_to_string(path("real"))
            .expect("the file")
            .starts_with("pkg:")
    );
    assert!(fs_err::read_link(path("link")).is_ok());
}
