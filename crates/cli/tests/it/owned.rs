//! Python packages that Debian's packages own, and the same versions from pip: the distribution decides about its own, never about pip's.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::binary::{Run, finish, repository, toolkit};

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// With a database of one flaw for each answer that Debian may give.
    fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        let record = |id: &str, aliases: Value, ecosystem: &str, name: &str, fix: &str| {
            let document = json!({"id": id, "aliases": aliases, "modified": "2024-05-01T00:00:00Z", "database_specific": {"severity": "HIGH"},
                "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fix}]}]}]});
            fs_err::create_dir_all(place.path("feeds")).expect("a folder");
            fs_err::write(
                place.path("feeds").join(format!("{id}.json")),
                document.to_string(),
            )
            .expect("a record");
        };
        for (cve, name, source, debian) in [
            // The fix is installed, without the library's own number having changed.
            ("CVE-2024-1", "jinja2", "jinja2", Some("3.1.2-1")),
            ("CVE-2024-2", "urllib3", "python-urllib3", Some("0")),
            ("CVE-2024-3", "requests", "requests", Some("99")),
            ("CVE-2024-4", "urllib3", "python-urllib3", None),
        ] {
            record(
                &cve.replace("CVE", "GHSA"),
                json!([cve]),
                "PyPI",
                name,
                "99",
            );
            if let Some(fix) = debian {
                record(cve, json!([]), "Debian:12", source, fix);
            }
        }
        let run = place.run(&["db", "build", "feeds"]);
        assert_eq!(run.code, 0, "{run:?}");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        finish(
            toolkit()
                .current_dir(self.directory.path())
                .env("TOOLKIT_DATA", self.path("data"))
                .args(arguments),
        )
    }

    fn scan(&self, target: &str) -> Value {
        let run = self.run(&["scan", target, "-o", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.stdout).expect("JSON")
    }
}

fn image(tag: &str) -> String {
    format!(
        "oci-dir:{}:{tag}",
        repository("testdata/images/owned").display()
    )
}

/// The type of the package, the id, and the rule and record by which it is not shown.
fn told(document: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut told = Vec::new();
    for kind in ["findings", "suppressed"] {
        for item in document[kind].as_array().expect("a list") {
            let purl = text(&item["package"]["purl"]);
            let ty = purl["pkg:".len()..]
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            let rule = &item["suppressed"];
            let by = format!("{} {}", text(&rule["rule"]), text(&rule["by"]));
            told.push((ty, text(&item["id"]), by.trim().to_owned()));
        }
    }
    told
}

fn row(ty: &str, id: &str, rule: &str) -> (String, String, String) {
    (ty.to_owned(), id.to_owned(), rule.to_owned())
}

#[test]
fn the_distribution_answers_for_the_libraries_in_its_packages() {
    let place = Place::new();
    let found = place.scan(&image("debian"));
    assert_eq!(
        told(&found),
        [
            row("deb", "CVE-2024-3", ""),
            row("pypi", "CVE-2024-4", ""),
            row("pypi", "CVE-2024-1", "fixed-by-distro CVE-2024-1"),
            row("pypi", "CVE-2024-3", "reported-by-distro CVE-2024-3"),
            row("pypi", "CVE-2024-2", "not-affected-by-distro CVE-2024-2"),
        ]
    );
    // What the distribution is silent about stays, with its owner.
    let silent = &found["findings"][1]["package"];
    assert_eq!(silent["name"], "urllib3");
    let owner = silent["owner"].as_str().expect("an owner");
    assert!(
        owner.starts_with("pkg:deb/debian/python3-urllib3@"),
        "{owner}"
    );
    // The operating system's finding has the distribution's fix.
    assert_eq!(found["findings"][0]["fix"]["version"], "99");
}

#[test]
fn what_pip_installed_again_is_never_silenced() {
    let place = Place::new();
    let found = place.scan(&image("both"));
    let shown: Vec<_> = told(&found)
        .into_iter()
        .filter(|(ty, _, rule)| ty == "pypi" && rule.is_empty())
        .map(|(_, id, _)| id)
        .collect();
    assert_eq!(
        shown,
        ["CVE-2024-1", "CVE-2024-3", "CVE-2024-2", "CVE-2024-4"]
    );
}

#[test]
fn a_bill_of_materials_carries_the_owner() {
    let place = Place::new();
    for tag in ["debian", "both"] {
        let mut direct = place.scan(&image(tag));
        for (format, file) in [
            ("cyclonedx-json", "bom.cdx.json"),
            ("spdx-json", "bom.spdx.json"),
        ] {
            let output = format!("{format}={file}");
            let run = place.run(&["sbom", &image(tag), "-o", &output]);
            assert_eq!(run.code, 0, "{run:?}");
            let mut read = place.scan(&format!("sbom:{file}"));
            for document in [&mut direct, &mut read] {
                document["target"] = Value::Null;
            }
            assert_eq!(read, direct, "{tag} {format}");
        }
    }
}

#[test]
fn what_the_distribution_says_of_its_copy_is_stated_within_an_image_only() {
    let place = Place::new();
    let output = "cyclonedx-json=bom.cdx.json";
    let run = place.run(&["sbom", &image("debian"), "-o", output]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = fs_err::read_to_string(place.path("bom.cdx.json")).expect("the document");
    let mut bom: Value = serde_json::from_str(&text).expect("JSON");
    bom["metadata"]["component"] = json!({"type": "file", "name": "x"});
    fs_err::write(place.path("bare.cdx.json"), bom.to_string()).expect("the document");
    for (target, fixed, absent) in [
        ("sbom:bom.cdx.json", "fixed", "not_affected"),
        (
            "sbom:bare.cdx.json",
            "under_investigation",
            "under_investigation",
        ),
    ] {
        let run = place.run(&["scan", target, "-o", "openvex"]);
        assert_eq!(run.code, 0, "{run:?}");
        let draft: Value = serde_json::from_str(&run.stdout).expect("JSON");
        for (id, expected) in [("CVE-2024-1", fixed), ("CVE-2024-2", absent)] {
            let statements = draft["statements"].as_array().expect("statements");
            let found = statements
                .iter()
                .find(|one| one["vulnerability"]["name"] == id)
                .unwrap_or_else(|| panic!("{id}: {draft}"));
            assert_eq!(found["status"], expected, "{target} {id}");
        }
    }
}
