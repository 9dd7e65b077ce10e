//! A folder with feeds and a data directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::binary::{Run, finish, toolkit};

/// Holds the working directory of the runs: `feeds`, and `data` for what is installed.
pub(super) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// With one record: `x` of npm is affected below 1.2.0, and the finding is high.
    pub(super) fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        place.record("GHSA-1", "x", "1.2.0", "2024-05-01T00:00:00Z");
        place
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a record of GitHub's: the package is affected below `fixed`.
    pub(super) fn record(&self, id: &str, package: &str, fixed: &str, modified: &str) {
        let record = json!({"id": id, "modified": modified, "summary": format!("A flaw of {package}"),
            "database_specific": {"severity": "HIGH"},
            "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "ECOSYSTEM",
                "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]});
        self.write(&format!("feeds/ghsa/{id}.json"), &record);
    }

    pub(super) fn write(&self, name: &str, value: &Value) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs_err::write(path, value.to_string()).expect("the file");
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = toolkit();
        command
            .current_dir(self.directory.path())
            .env("TOOLKIT_DATA", self.path("data"))
            .args(arguments);
        command
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        finish(&mut self.command(arguments))
    }

    /// Scans one affected package with `--fail-on high`.
    pub(super) fn scan(&self, arguments: &[&str]) -> Run {
        fs_err::write(self.path("list.purls"), "pkg:npm/x@1.0.0\n").expect("the list");
        let mut all = vec!["scan", "sbom:list.purls", "--fail-on", "high"];
        all.extend(arguments);
        self.run(&all)
    }
}

/// Returns the digest that a run printed.
#[track_caller]
pub(super) fn digest(run: &Run) -> String {
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.trim().to_owned()
}

/// Reads a JSON file.
pub(super) fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(path).expect("the file")).expect("JSON")
}
