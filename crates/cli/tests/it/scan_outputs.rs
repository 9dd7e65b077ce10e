//! `toolkit scan -o`: each format by its own schema, what stands in it, and that the same scan gives the same bytes.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::binary::{Run, finish, repository, toolkit};
use crate::data;
use crate::stage::{SIGNER, Stage, expect, image};

/// A folder with feeds, a data directory with a database of them, and a bill of materials.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

pub(crate) const NPM: &str = "pkg:npm/x@1.0.0";
pub(crate) const EVIL: &str = "pkg:npm/evil@1.0.0";
pub(crate) const ZLIB: &str = "pkg:deb/debian/zlib@1.1-1?distro=debian-13";
pub(crate) const GAP: &str = "pkg:pypi/z@1";

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        place.build(&place.path("data"));
        place.write("list.purls", &[NPM, EVIL, ZLIB, GAP].join("\n"));
        place
    }

    /// Builds a database into a data directory.
    fn build(&self, data: &std::path::Path) {
        let affected = |ecosystem: &str, name: &str, events: Value, urgency: &str| {
            json!([{"package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": events}], "ecosystem_specific": {"urgency": urgency}}])
        };
        let fixed = |version: &str| json!([{"introduced": "0"}, {"fixed": version}]);
        for (name, record) in [
            (
                "ghsa/1",
                json!({"id": "GHSA-1", "aliases": ["CVE-2024-1"], "modified": "2024-05-01T00:00:00Z", "published": "2024-04-01T00:00:00Z",
                    "summary": "A <b>flaw</b> of x", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
                    "database_specific": {"cwe_ids": ["CWE-79"]}, "affected": affected("npm", "x", fixed("1.2.0"), "")}),
            ),
            (
                "malicious/3",
                json!({"id": "MAL-3", "modified": "2024-04-01T00:00:00Z", "affected": affected("npm", "evil", json!([{"introduced": "0"}]), "")}),
            ),
            (
                "debian/4",
                json!({"id": "CVE-2024-4", "modified": "2024-04-01T00:00:00Z", "affected": affected("Debian:13", "zlib", fixed("1.2-1"), "unimportant")}),
            ),
            (
                "debian/5",
                json!({"id": "CVE-2024-5", "modified": "2024-04-01T00:00:00Z", "affected": affected("Debian:13", "zlib", fixed("1.2-1"), "high")}),
            ),
        ] {
            self.write(&format!("feeds/{name}.json"), &record.to_string());
        }
        self.write("feeds/epss/epss_scores.csv", "#model_version:v2025.03.14,score_date:2024-05-01T12:55:00Z\ncve,epss,percentile\nCVE-2024-1,0.5,0.99\n");
        self.write(
            "feeds/kev/known_exploited_vulnerabilities.json",
            &json!({"catalogVersion": "2024.05.01", "dateReleased": "2024-05-01T00:00:00Z", "count": 1, "vulnerabilities": [
                {"cveID": "CVE-2024-5", "dateAdded": "2024-04-20", "dueDate": "2024-05-20", "knownRansomwareCampaignUse": "Known"}]}).to_string(),
        );
        let run = finish(
            toolkit()
                .current_dir(self.directory.path())
                .env("TOOLKIT_DATA", data)
                .args(["db", "build", "feeds"]),
        );
        assert_eq!(run.code, 0, "{run:?}");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs_err::write(path, text).expect("the file");
    }

    pub(crate) fn scan(&self, arguments: &[&str]) -> Run {
        finish(
            toolkit()
                .current_dir(self.directory.path())
                .env("TOOLKIT_DATA", self.path("data"))
                .env("SOURCE_DATE_EPOCH", "1714521600")
                .args(["scan", "sbom:list.purls"])
                .args(arguments),
        )
    }

    /// Scans to one format, twice, and reads it.
    fn document(&self, arguments: &[&str]) -> Value {
        let run = self.scan(arguments);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.stdout, self.scan(arguments).stdout, "the same bytes");
        serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"))
    }
}

fn schema(path: &str) -> Option<Value> {
    let file = data::directory()?.join("data/schemas").join(path);
    let text = fs_err::read(file).expect("the schema");
    Some(serde_json::from_slice(&text).expect("a schema"))
}

fn assert_valid(validator: &jsonschema::Validator, value: &Value) {
    let faults: Vec<String> = validator
        .iter_errors(value)
        .take(10)
        .map(|e| format!("{}: {e:.300}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn sarif_is_valid_and_tells_places_prints_and_scores() {
    let place = Place::new();
    let log = place.document(&["-o", "sarif"]);
    let run = &log["runs"][0];
    let rules = &run["tool"]["driver"]["rules"];
    let ids: Vec<&str> = rules
        .as_array()
        .expect("rules")
        .iter()
        .map(|rule| rule["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids, ["CVE-2024-1", "CVE-2024-5", "MAL-3"]);
    assert_eq!(
        rules[0]["properties"],
        json!({"precision": "very-high", "problem.severity": "error", "security-severity": "9.8",
            "tags": ["security", "vulnerability", "external/cwe/cwe-079"]})
    );
    assert_eq!(rules[0]["fullDescription"]["text"], "A <b>flaw</b> of x.");
    let markdown = rules[0]["help"]["markdown"].as_str().expect("markdown");
    assert!(
        markdown.contains("A &lt;b&gt;flaw&lt;/b&gt; of x"),
        "{markdown}"
    );
    // A word without a score has the middle of its band.
    assert_eq!(rules[1]["properties"]["security-severity"], "8.0");
    assert_eq!(rules[2]["properties"]["security-severity"], "10.0");
    let results = run["results"].as_array().expect("results");
    let heads: Vec<(&Value, &Value, &Value)> = results
        .iter()
        .map(|one| (&one["ruleId"], &one["ruleIndex"], &one["level"]))
        .collect();
    assert_eq!(
        heads,
        [
            (&json!("MAL-3"), &json!(2), &json!("error")),
            (&json!("CVE-2024-1"), &json!(0), &json!("error")),
            (&json!("CVE-2024-5"), &json!(1), &json!("error"))
        ]
    );
    assert_eq!(
        results[2]["message"]["text"],
        "zlib 1.1-1 has CVE-2024-5 (high), which is known to be exploited: fixed in 1.2-1."
    );
    assert_eq!(
        results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "list.purls"
    );
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(
        notes[0]["message"]["text"],
        "Nothing is known of 1 packages (PyPI); that is no all-clear."
    );
    // Suppressed results are alerts to code scanning, and only there on request.
    let all = place.document(&["-o", "sarif@2.1.0", "--show-suppressed"]);
    let last = &all["runs"][0]["results"][3];
    assert_eq!(
        (&last["ruleId"], &last["suppressions"]),
        (
            &json!("CVE-2024-4"),
            &json!([{"kind": "external", "status": "accepted", "justification": "unimportant"}])
        )
    );
    let Some(schema) = schema("sarif/sarif-schema-2.1.0.json") else {
        return;
    };
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    assert_valid(&validator, &log);
    assert_valid(&validator, &all);
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = json!("grave");
    assert!(
        !validator.is_valid(&broken),
        "the schema accepts everything"
    );
}

#[test]
fn what_could_not_be_read_is_a_notice_of_the_run() {
    let place = Place::new();
    let layer = toolkit_lab::image::Layer::new(toolkit_lab::image::Compression::Gzip)
        .file(
            "app/node_modules/x/package.json",
            r#"{"name": "x", "version": "1.0.0"}"#,
        )
        .file("app/node_modules/y/package.json", "{");
    toolkit_lab::image::Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image")
        .write_layout(&place.path("layout"), Some("1"))
        .expect("a layout");
    let run = finish(
        toolkit()
            .current_dir(place.path(""))
            .env("TOOLKIT_DATA", place.path("data"))
            .args(["scan", "oci-dir:layout:1", "-o", "sarif"]),
    );
    let log: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(1));
    let notes = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .expect("notices");
    let [note] = &notes[..] else {
        panic!("{notes:?}")
    };
    assert_eq!(note["descriptor"]["id"], "not-read");
    let text = note["message"]["text"].as_str().expect("a text");
    assert!(text.contains("app/node_modules/y/package.json"), "{text}");
    let kinds = run["tool"]["driver"]["notifications"].as_array();
    assert!(
        kinds
            .expect("kinds")
            .iter()
            .any(|kind| kind["id"] == "not-read")
    );
}

#[test]
fn fingerprints_do_not_change_with_versions_of_package_and_target() {
    let place = Place::new();
    let prints = |purls: &[&str]| {
        place.write("list.purls", &purls.join("\n"));
        let log = place.document(&["-o", "sarif"]);
        let results = log["runs"][0]["results"].as_array().cloned();
        results
            .expect("results")
            .iter()
            .map(|one| one["partialFingerprints"]["primaryLocationLineHash"].clone())
            .collect::<Vec<_>>()
    };
    let first = prints(&[NPM]);
    assert_eq!(first.len(), 1);
    assert_eq!(first, prints(&["pkg:npm/x@1.1.0"]));
    let two = prints(&[NPM, "pkg:npm/x@1.1.0"]);
    assert!(two.len() == 2 && two[0] != two[1], "{two:?}");
    assert_ne!(first, prints(&[EVIL]));
}

#[test]
fn cyclonedx_is_valid_and_says_what_affects_what() {
    let place = Place::new();
    let bom = place.document(&["-o", "cyclonedx-json"]);
    let found = &bom["vulnerabilities"];
    let one = |id: &str| {
        let all = found.as_array().expect("vulnerabilities");
        let one = all.iter().find(|one| one["id"] == id);
        one.unwrap_or_else(|| panic!("no {id}: {found}")).clone()
    };
    let first = one("CVE-2024-1");
    assert_eq!(
        first["ratings"][0],
        json!({"source": {"name": "ghsa", "url": "https://github.com/advisories/GHSA-1"}, "score": 9.8, "severity": "critical",
            "method": "CVSSv31", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"})
    );
    assert_eq!(first["ratings"][1]["score"], 0.5);
    assert_eq!(
        (&first["cwes"], &first["recommendation"]),
        (&json!([79]), &json!("Update x to 1.2.0 or later."))
    );
    assert_eq!(
        first["affects"],
        json!([{"ref": NPM, "versions": [{"version": "1.0.0", "status": "affected"}]}])
    );
    assert_eq!(first["analysis"], Value::Null);
    let hidden = one("CVE-2024-4");
    assert_eq!(
        hidden["analysis"],
        json!({"state": "in_triage", "detail": "suppressed by the rule `unimportant`"})
    );
    let refs: Vec<&Value> = bom["components"]
        .as_array()
        .expect("components")
        .iter()
        .map(|one| &one["bom-ref"])
        .collect();
    assert!(
        refs.contains(&&json!(NPM)) && refs.contains(&&json!(ZLIB)),
        "{refs:?}"
    );
    let Some(schema) = schema("cyclonedx/bom-1.7.schema.json") else {
        return;
    };
    let folder = data::directory()
        .expect("test data")
        .join("data/schemas/cyclonedx");
    let mut registry = jsonschema::Registry::new();
    for name in [
        "spdx.schema.json",
        "jsf-0.82.schema.json",
        "cryptography-defs.schema.json",
    ] {
        let text = fs_err::read(folder.join(name)).expect("the schema");
        let schema: Value = serde_json::from_slice(&text).expect("a schema");
        let uri = format!("http://cyclonedx.org/schema/{name}");
        registry = registry.add(uri, schema).expect("a schema");
    }
    let registry = registry.prepare().expect("schemas");
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    assert_valid(&validator, &bom);
    let mut broken = bom.clone();
    broken["vulnerabilities"][0]["ratings"][0]["method"] = json!("CVSSv9");
    assert!(
        !validator.is_valid(&broken),
        "the schema accepts everything"
    );
}

#[test]
fn openvex_states_no_more_than_is_known() {
    let place = Place::new();
    let vex = place.document(&["-o", "openvex"]);
    let statements: Vec<(&Value, &Value, &Value)> = vex["statements"]
        .as_array()
        .expect("statements")
        .iter()
        .map(|one| {
            (
                &one["vulnerability"]["name"],
                &one["status"],
                &one["status_notes"],
            )
        })
        .collect();
    assert_eq!(
        statements,
        [
            (
                &json!("CVE-2024-1"),
                &json!("under_investigation"),
                &json!("fixed in 1.2.0")
            ),
            (
                &json!("CVE-2024-4"),
                &json!("under_investigation"),
                &json!("Debian holds it unimportant")
            ),
            (
                &json!("CVE-2024-5"),
                &json!("under_investigation"),
                &json!("fixed in 1.2-1")
            ),
            (&json!("MAL-3"), &json!("affected"), &Value::Null),
        ]
    );
    assert_eq!(vex["timestamp"], "2024-05-01T00:00:00Z");
    let Some(schema) = schema("openvex/openvex_json_schema.json") else {
        return;
    };
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    assert_valid(&validator, &vex);
    let mut broken = vex.clone();
    broken["statements"][3]["action_statement"].take();
    assert!(
        !validator.is_valid(&broken),
        "the schema accepts everything"
    );
}

#[test]
fn openvex_without_a_statement_is_told() {
    let place = Place::new();
    let told = |run: &Run| run.stderr.contains("has nothing to state");
    assert!(!told(&place.scan(&["-o", "openvex"])));
    place.write("list.purls", "pkg:npm/x@1.2.0");
    let run = place.scan(&["-o", "openvex"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(told(&run), "{run:?}");
    let vex: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(vex["statements"], json!([]));
}

#[test]
fn several_formats_go_each_to_its_place() {
    let place = Place::new();
    let run = place.scan(&[
        "-o",
        "table",
        "-o",
        "out.sarif",
        "-o",
        "out.cdx.json",
        "-o",
        "openvex=out.txt",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    for (file, format) in [
        ("out.sarif", "sarif"),
        ("out.cdx.json", "cyclonedx"),
        ("out.txt", "openvex"),
    ] {
        let text = fs_err::read_to_string(place.path(file)).expect("the file");
        assert_eq!(text, place.scan(&["-o", format]).stdout, "{file}");
    }
    for (arguments, told) in [
        (&["-o", "sarif@2.0"][..], "2.1.0"),
        (&["-o", "sarif2"], "cyclonedx-json"),
        (&["-o", "sarif", "-o", "openvex"], "stdout"),
        (&["-o", "sarif", "--why", "CVE-2024-1"], "table"),
    ] {
        let run = place.scan(arguments);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(told), "{run:?}");
    }
}

#[test]
fn the_predicate_is_attested_and_verified() {
    let place = Place::new();
    let stage = Stage::new();
    let built = image("amd64");
    let name = stage.push(
        toolkit_lab::RegistryKind::WithReferrers,
        "acme/scanned",
        &built,
    );
    let run = place.scan(&["-o", "cosign-vuln"]);
    assert_eq!(run.code, 0, "{run:?}");
    let predicate: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(
        predicate["metadata"],
        json!({"scanStartedOn": "2024-05-01T00:00:00Z", "scanFinishedOn": "2024-05-01T00:00:00Z"})
    );
    assert_eq!(predicate["scanner"]["result"]["schema"], "toolkit.scan/v1");
    assert_eq!(
        predicate["scanner"]["result"]["database"]["digest"],
        predicate["scanner"]["db"]["version"]
    );
    stage.write("vuln.json", &run.stdout);
    let tagged = format!("{name}:1");
    expect(&stage.verify(&tagged, SIGNER, &["--type", "vuln"]), 14);
    let attest = [
        "attest",
        &tagged,
        "--predicate",
        "vuln.json",
        "--type",
        "vuln",
    ];
    expect(&stage.signed("v2", &attest), 0);
    expect(&stage.verify(&tagged, SIGNER, &["--type", "vuln"]), 0);
}

#[test]
fn the_documents_of_the_demo_image_name_it() {
    let place = Place::new();
    let target = format!("oci-dir:{}", repository("testdata/images/demo").display());
    let run = finish(
        toolkit()
            .current_dir(place.path(""))
            .env("TOOLKIT_DATA", place.path("data"))
            .args([
                "scan",
                &target,
                "-o",
                "cyclonedx-json=a.cdx.json",
                "-o",
                "sarif=a.sarif",
                "-o",
                "openvex=a.vex.json",
                "--as-of",
                "2026-01-01",
            ]),
    );
    let read = |name: &str| -> Value {
        let text = fs_err::read(place.path(name)).unwrap_or_else(|e| panic!("{e}: {run:?}"));
        serde_json::from_slice(&text).expect("JSON")
    };
    let bom = read("a.cdx.json");
    let purl = bom["metadata"]["component"]["purl"].as_str();
    assert!(
        purl.is_some_and(|purl| purl.starts_with("pkg:oci/demo@sha256")),
        "{purl:?}"
    );
    let log = read("a.sarif");
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "toolkit/scan/demo/");
    // What an earlier day and a database without the release hide is told by each: nothing found would be taken for nothing there.
    let told = |list: &Value, at: &str| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        let one = |one: &Value| one.pointer(at).and_then(Value::as_str).map(str::to_owned);
        list.iter().filter_map(one).collect()
    };
    let notices = told(
        &run["invocations"][0]["toolExecutionNotifications"],
        "/descriptor/id",
    );
    let properties = told(&bom["properties"], "/name");
    for kind in ["as-of", "not-asked"] {
        assert!(notices.contains(&kind.to_owned()), "{notices:?}");
        let name = format!("toolkit:scan:{kind}");
        assert!(properties.contains(&name), "{properties:?}");
    }
    let tooling = read("a.vex.json")["tooling"].clone();
    assert!(
        tooling
            .as_str()
            .is_some_and(|text| text.contains("what was known on 2026-01-01")),
        "{tooling}"
    );
}
