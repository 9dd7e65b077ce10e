//! `toolkit sbom`: outputs, formats, platforms, time, and what is said about images without packages.

use std::io::Read;
use std::path::Path;

use serde_json::Value;
use toolkit_lab::RegistryKind;
use toolkit_lab::image::{Compression, Image, Layer};

use crate::binary::{Run, finish, toolkit};
use crate::data;
use crate::stage::{Stage, expect, image, index};

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        index()
            .write_layout(&directory.path().join("layout"), Some("1"))
            .expect("a layout");
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn sbom(&self, arguments: &[&str]) -> Run {
        finish(
            toolkit()
                .current_dir(self.path())
                .args(["sbom", "oci-dir:layout:1", "--platform", "linux/amd64"])
                .args(arguments),
        )
    }

    fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.path().join(name)).expect("the output")
    }
}

const PURLS: &str = "pkg:deb/debian/base@1.0-1?arch=all&distro=debian-12\npkg:deb/debian/tool@2:3.4-5?arch=all&distro=debian-12\n";

#[test]
fn one_reading_writes_every_output() {
    let place = Place::new();
    let run = place.sbom(&[
        "-o",
        "purls",
        "-o",
        "cyclonedx-json@1.7=a.cdx.json",
        "-o",
        "b.spdx.json",
    ]);
    expect(&run, 0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (PURLS, ""));
    let cdx: Value = serde_json::from_str(&place.read("a.cdx.json")).expect("JSON");
    assert_eq!(
        (&cdx["bomFormat"], &cdx["specVersion"]),
        (&"CycloneDX".into(), &"1.7".into())
    );
    assert_eq!(cdx["metadata"]["timestamp"], "2026-01-02T03:04:05Z");
    let spdx: Value = serde_json::from_str(&place.read("b.spdx.json")).expect("JSON");
    assert_eq!(spdx["spdxVersion"], "SPDX-2.3");
    let names: Vec<_> = fs_err::read_dir(place.path())
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn the_same_image_gives_the_same_bytes_and_the_epoch_sets_the_time() {
    let place = Place::new();
    let first = place.sbom(&["-o", "cyclonedx-json"]);
    assert_eq!(first, place.sbom(&["-o", "cyclonedx-json"]));
    let epoch = |value: &str| {
        let arguments = [
            "sbom",
            "oci-dir:layout:1",
            "--platform",
            "linux/amd64",
            "-o",
            "cyclonedx-json",
        ];
        finish(
            toolkit()
                .current_dir(place.path())
                .args(arguments)
                .env("SOURCE_DATE_EPOCH", value),
        )
    };
    let run = epoch("0");
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(document["metadata"]["timestamp"], "1970-01-01T00:00:00Z");
    let wrong = epoch("yesterday");
    expect(&wrong, 2);
    assert!(wrong.stderr.contains("`SOURCE_DATE_EPOCH` is no time: expected seconds since 1970 as a whole number, found `yesterday`"), "{}", wrong.stderr);
}

#[test]
fn unknown_formats_versions_and_doubled_outputs_end_with_two() {
    let place = Place::new();
    for (outputs, expected) in [
        (
            &["-o", "cyclonedx-json@9.9"][..],
            "unknown version `9.9` of format `cyclonedx-json`; known: 1.7",
        ),
        (
            &["-o", "xml"],
            "unknown format `xml`; known: cyclonedx-json, spdx-json, purls, table",
        ),
        (
            &["-o", "purls=x", "-o", "spdx-json=x"],
            "two outputs go to x",
        ),
        (&["-o", "purls", "-o", "table"], "two outputs go to stdout"),
        (
            &["--limit", "layer-size"],
            "`layer-size` is no limit: expected `NAME=VALUE`",
        ),
        (
            &["--limit", "layers-size=5"],
            "`layers-size=5` is no limit: expected a name that exists and a number above 0",
        ),
    ] {
        let run = place.sbom(outputs);
        expect(&run, 2);
        assert!(
            run.stderr.contains(expected) && run.stdout.is_empty(),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn platforms_are_chosen_or_refused() {
    let place = Place::new();
    let run = finish(toolkit().current_dir(place.path()).args([
        "sbom",
        "oci-dir:layout:1",
        "--platform",
        "linux/s390x",
    ]));
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("no image for platform `linux/s390x`, there are: linux/amd64, linux/arm64"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("help: name one of them with `--platform`"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_image_without_packages_is_written_and_told() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let layer = Layer::new(Compression::None).file("hello", "world");
    let empty = Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image");
    empty
        .write_layout(&directory.path().join("layout"), None)
        .expect("a layout");
    let run = finish(toolkit().current_dir(directory.path()).args([
        "sbom",
        "oci-dir:layout",
        "-o",
        "purls",
    ]));
    expect(&run, 0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        "warning: no package was found in `oci-dir:layout`; the document says so\n"
    );
}

#[test]
fn offline_refuses_what_is_in_a_registry() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    expect(
        &stage.run(&["sbom", &format!("{name}:1"), "-o", "purls"]),
        0,
    );
    stage.lab.clear_requests();
    let run = stage.run(&["sbom", &format!("{name}:1"), "-o", "purls", "--offline"]);
    expect(&run, 3);
    assert!(
        run.stderr
            .contains("is in a registry, and the network is not to be used"),
        "{}",
        run.stderr
    );
    assert_eq!(stage.lab.requests().len(), 0);
}

#[test]
fn a_directory_is_read_as_it_is() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let database = directory.path().join("root/var/lib/dpkg");
    fs_err::create_dir_all(&database).expect("the directories");
    fs_err::write(
        database.join("status"),
        "Package: base\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n",
    )
    .expect("the database");
    let run = finish(toolkit().current_dir(directory.path().join("root")).args([
        "sbom",
        ".",
        "-o",
        "cyclonedx-json",
    ]));
    expect(&run, 0);
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(document["metadata"]["component"]["name"], "root");
    assert_eq!(
        document["components"].as_array().map(Vec::len),
        Some(1),
        "{}",
        run.stdout
    );
    assert!(
        !run.stdout
            .contains(directory.path().to_str().expect("a path")),
        "the document names the disk: {}",
        run.stdout
    );
}

#[cfg(unix)]
#[test]
fn a_fifo_is_written_directly() {
    let place = Place::new();
    let fifo = place.path().join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        fs_err::File::open(fifo)
            .expect("the FIFO")
            .read_to_string(&mut text)
            .expect("text");
        text
    });
    expect(&place.sbom(&["-o", "purls=fifo"]), 0);
    assert_eq!(reader.join().expect("the reader"), PURLS);
}

#[cfg(target_os = "linux")]
#[cfg(unix)]
#[test]
fn what_is_no_file_and_no_directory_is_no_target() {
    let place = Place::new();
    let fifo = place.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo").success());
    fs_err::write(place.path().join("file"), "x").expect("a file");
    for (target, found) in [
        ("file:fifo", "a device, FIFO or socket"),
        ("fifo", "a device, FIFO or socket"),
        ("file:/dev/zero", "a device, FIFO or socket"),
        ("dir:file", "a regular file"),
        ("file:.", "a directory"),
    ] {
        let run = finish(toolkit().current_dir(place.path()).args(["sbom", target]));
        assert_eq!(run.code, 2, "{target}: {run:?}");
        assert!(run.stderr.contains(found), "{target}: {run:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_is_continued() {
    let place = Place::new();
    let log = place.path().join("log");
    fs_err::write(&log, "before\n").expect("the log");
    let open = fs_err::OpenOptions::new().append(true).open(&log);
    let image = crate::binary::repository("testdata/images/demo");
    let status = crate::binary::toolkit()
        .args([
            "sbom",
            &format!("oci-dir:{}", image.display()),
            "-o",
            "purls=/dev/stdout",
        ])
        .stdout(open.expect("the log").into_parts().0)
        .status()
        .expect("it starts");
    assert!(status.success());
    let text = fs_err::read_to_string(&log).expect("the log");
    assert!(text.starts_with("before\npkg:"), "{text}");
}

#[test]
fn a_full_disk_ends_with_seven() {
    let place = Place::new();
    let run = place.sbom(&["-o", "cyclonedx-json=/dev/full"]);
    expect(&run, 7);
    assert_eq!(
        run.stderr,
        "  × failed to write `/dev/full`\n  ╰─▶ No space left on device (os error 28)\nExit code 7: local I/O: disk full, permission, lock or closed output; `toolkit explain 7` tells more.\n"
    );
    let run = place.sbom(&["-o", "purls=missing/out"]);
    expect(&run, 7);
    assert!(
        run.stderr.contains("failed to write `missing/out`"),
        "{}",
        run.stderr
    );
}

#[test]
fn malformed_images_of_the_corpus_are_refused() {
    let Some(data) = data::directory() else {
        return;
    };
    let folder = data.join("corpus/edge/malformed");
    for (target, code, expected) in [
        (
            "oci-dir:tampered-layer",
            17,
            "digest mismatch: expected `sha256:",
        ),
        (
            "docker-archive:diffid-mismatch.docker.tar",
            17,
            "diff_id mismatch: expected `sha256:",
        ),
        (
            "docker-archive:more-diffids-than-layers.docker.tar",
            6,
            "diff_ids for",
        ),
    ] {
        let run = finish(
            toolkit()
                .current_dir(&folder)
                .args(["sbom", target, "-o", "purls"]),
        );
        expect(&run, code);
        assert!(
            run.stderr.contains(expected) && run.stdout.is_empty(),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn slow_work_is_told_line_by_line_where_there_is_no_terminal() {
    let stage = Stage::new();
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &built);
    let quick = stage.run(&["sbom", &format!("{name}:1"), "-o", "purls"]);
    assert_eq!(quick.stderr, "");
    let stall = toolkit_lab::RegistryFault::Stall(std::time::Duration::from_millis(600));
    stage
        .lab
        .faults()
        .registry(RegistryKind::WithReferrers)
        .add(stall);
    let run = stage.run(&["sbom", &format!("{name}:1"), "-o", "purls"]);
    expect(&run, 0);
    assert!(
        run.stderr.starts_with("layer 0 ")
            && run.stderr.ends_with(" read\n")
            && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    let quiet = stage.run(&["sbom", &format!("{name}:1"), "-o", "purls", "-q"]);
    assert_eq!(quiet.stderr, "");
}
