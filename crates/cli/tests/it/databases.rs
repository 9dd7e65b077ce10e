//! The documents against the package databases themselves, read apart with Python: licence, source, dependencies, layer.

use std::process::Command;

use crate::binary::repository;
use crate::data;

/// Runs the comparison on one layout and returns its first line.
fn compare(layout: &std::path::Path, kind: &str) -> String {
    let output = Command::new("python3")
        .arg(repository("crates/cli/tests/databases.py"))
        .arg(env!("CARGO_BIN_EXE_toolkit"))
        .arg(layout)
        .arg(kind)
        .output()
        .expect("python3 starts");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{}: {stdout}{}",
        layout.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    stdout.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn documents_say_what_the_databases_state() {
    let Some(shared) = data::directory() else {
        return;
    };
    for (image, kind, expected) in [
        (
            "debian-bookworm-dbonly",
            "dpkg",
            r#"{"packages": 91, "licences": 497, "sources": 91, "edges": 221, "layers": 1, "differences": 0}"#,
        ),
        (
            "distroless-base-debian11-dbonly",
            "dpkg",
            r#"{"packages": 6, "licences": 4, "sources": 6, "edges": 3, "layers": 2, "differences": 0}"#,
        ),
        (
            "wolfi-apko-ontop",
            "apk",
            r#"{"packages": 5, "licences": 5, "sources": 5, "edges": 6, "layers": 1, "differences": 0}"#,
        ),
        (
            "amazonlinux-2023-dbonly",
            "rpm",
            r#"{"packages": 103, "licences": 103, "sources": 102, "edges": 341, "layers": 1, "differences": 0}"#,
        ),
    ] {
        assert_eq!(
            compare(&shared.join("corpus/oci").join(image), kind),
            expected
        );
    }
}

#[test]
fn the_demo_image_is_described_as_its_database_states() {
    assert_eq!(
        compare(&repository("testdata/images/demo"), "dpkg"),
        r#"{"packages": 7, "licences": 10, "sources": 7, "edges": 1, "layers": 2, "differences": 0}"#
    );
}
