//! A repository with a bare remote and a database of a few records, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::json;

use crate::binary::{Run, toolkit};

/// Is the place of one test.
pub(super) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// With a database, a remote `origin` with one commit on `main`, and a clone of it in `repo`.
    pub(super) fn new() -> Self {
        let place = Self::of_format("sha1");
        place.build_database();
        place
    }

    /// Without a database; `format` is git's word for how it hashes.
    pub(super) fn of_format(format: &str) -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        fs_err::create_dir_all(place.path("home")).expect("a home");
        let object_format = format!("--object-format={format}");
        place.at(
            ".",
            &[
                "init",
                "-q",
                "--bare",
                "-b",
                "main",
                &object_format,
                "origin.git",
            ],
        );
        place.at(".", &["init", "-q", "-b", "main", &object_format, "repo"]);
        place.git(&["remote", "add", "origin", "../origin.git"]);
        place.commit(&[("README", "x")]);
        place.git(&["push", "-q", "--no-verify", "-u", "origin", "main"]);
        place
    }

    pub(super) fn build_database(&self) {
        for (name, ecosystem, package, id, severity) in [
            ("ghsa/1", "npm", "bad", "CVE-2024-1", "CRITICAL"),
            ("ghsa/2", "npm", "worse", "CVE-2024-2", "CRITICAL"),
            ("ghsa/3", "npm", "meh", "CVE-2024-3", "HIGH"),
            ("malicious/4", "npm", "evil", "", ""),
            ("ghsa/5", "PyPI", "bad-py", "CVE-2024-5", "CRITICAL"),
            ("ghsa/6", "crates.io", "bad-rs", "CVE-2024-6", "CRITICAL"),
            ("ghsa/7", "Go", "example.com/bad", "CVE-2024-7", "CRITICAL"),
        ] {
            let number = name.rsplit('/').next().expect("a number");
            let kind = if severity.is_empty() { "MAL" } else { "GHSA" };
            let mut record = json!({"id": format!("{kind}-{number}"), "modified": "2024-05-01T00:00:00Z",
                "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                    "ranges": [{"type": if ecosystem == "Go" || ecosystem == "crates.io" { "SEMVER" } else { "ECOSYSTEM" },
                        "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]});
            if !severity.is_empty() {
                record["aliases"] = json!([id]);
                record["database_specific"] = json!({"severity": severity});
            }
            let path = self.path("feeds").join(format!("{name}.json"));
            fs_err::create_dir_all(path.parent().expect("a folder")).expect("the folder");
            fs_err::write(path, record.to_string()).expect("the record");
        }
        let run = self.finish(
            self.toolkit()
                .current_dir(self.directory.path())
                .args(["db", "build", "feeds"]),
            "",
        );
        assert_eq!(run.code, 0, "{run:?}");
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Prepares the binary in the repository.
    pub(super) fn toolkit(&self) -> Command {
        let mut command = toolkit();
        self.environment(&mut command);
        command.current_dir(self.path("repo"));
        command
    }

    fn environment(&self, command: &mut Command) {
        command
            .env("PATH", std::env::var_os("PATH").expect("a path"))
            .env("HOME", self.path("home"))
            .env("TOOLKIT_DATA", self.path("data"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "A")
                .env(format!("GIT_{who}_EMAIL"), "a@example.com");
        }
    }

    /// Runs a prepared command with text on its stdin.
    pub(super) fn finish(&self, command: &mut Command, stdin: &str) -> Run {
        // A file never blocks, whatever the command reads of it.
        let file = self.path("stdin");
        fs_err::write(&file, stdin).expect("the input");
        let output = command
            .stdin(Stdio::from(
                fs_err::File::open(&file).expect("the input").into_parts().0,
            ))
            .output()
            .expect("it starts");
        run(output)
    }

    /// Runs the hook as git does.
    pub(super) fn hook(&self, stdin: &str, arguments: &[&str]) -> Run {
        let mut command = self.toolkit();
        command
            .args(["hook", "run", "pre-push", "origin", "../origin.git"])
            .args(arguments);
        self.finish(&mut command, stdin)
    }

    /// Runs git in the repository and returns what it answers; it has to succeed.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        self.at("repo", arguments)
    }

    /// Runs git in a folder; it has to succeed.
    pub(super) fn at(&self, folder: &str, arguments: &[&str]) -> String {
        let run = self.try_git(folder, arguments);
        assert_eq!(run.code, 0, "git {arguments:?}: {run:?}");
        run.stdout.trim_end().to_owned()
    }

    /// Runs git in a folder.
    pub(super) fn try_git(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = Command::new("git");
        command.env_clear();
        self.environment(&mut command);
        command
            .args([
                "-c",
                "protocol.file.allow=always",
                "-c",
                "advice.detachedHead=false",
            ])
            .args(arguments)
            .current_dir(self.path(folder));
        run(command.output().expect("git starts"))
    }

    /// Writes files, commits all of them and returns the commit.
    pub(super) fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, content) in files {
            write(&self.path("repo").join(name), content);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Returns the line for a ref that is pushed to its own name, with what the remote has.
    pub(super) fn line(&self, name: &str, remote: &str) -> String {
        let local = self.git(&["rev-parse", name]);
        let name = self.git(&["rev-parse", "--symbolic-full-name", name]);
        format!("{name} {local} {name} {remote}\n")
    }
}

/// No object, as git writes it for a ref that is not there.
pub(super) const ZERO: &str = "0000000000000000000000000000000000000000";

/// Makes a `package-lock.json` of names and versions.
pub(super) fn npm(packages: &[(&str, &str)]) -> String {
    let packages: serde_json::Map<String, serde_json::Value> = packages
        .iter()
        .map(|(name, version)| (format!("node_modules/{name}"), json!({"version": version})))
        .collect();
    json!({"name": "app", "lockfileVersion": 3, "packages": packages}).to_string()
}

pub(super) fn write(path: &Path, content: &str) {
    fs_err::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs_err::write(path, content).expect("the file");
}

fn run(output: Output) -> Run {
    Run {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Checks that a run let the push go on and said nothing.
#[track_caller]
pub(super) fn silent(run: &Run) {
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", ""),
        "{run:?}"
    );
}

/// Checks that a run stopped the push because of these findings, each `ID PACKAGE FILE`, and no others.
#[track_caller]
pub(super) fn stopped(run: &Run, findings: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    let rows: Vec<String> = run
        .stderr
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("SEVERITY"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("{} {} {}", words[1], words[2], words[words.len() - 1])
        })
        .collect();
    assert_eq!(rows, findings, "{}", run.stderr);
}
