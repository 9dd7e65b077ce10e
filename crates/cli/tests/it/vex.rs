//! `toolkit vex`: documents that the schema accepts and that `toolkit scan` believes, by flags and from a scan.

use serde_json::{Value, json};

use crate::binary::{Run, finish, toolkit};
use crate::scan::Place;

fn vex(place: &Place, arguments: &[&str]) -> Run {
    finish(
        toolkit()
            .current_dir(place.path("."))
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .arg("vex")
            .args(arguments),
    )
}

fn read(place: &Place, name: &str) -> Value {
    let text = fs_err::read_to_string(place.path(name)).expect("the document");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_document_is_written_believed_and_continued() {
    let place = Place::new();
    let create = [
        "create",
        "--author",
        "Acme",
        "--product",
        "pkg:npm/x@1.0.0",
        "--vuln",
        "CVE-2024-1,GHSA-1",
        "--status",
        "not_affected",
        "--justification",
        "vulnerable_code_not_in_execute_path",
    ];
    let run = vex(&place, &[&create[..], &["-o", "a.json"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let document = read(&place, "a.json");
    assert_eq!(document["timestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(
        document["statements"][0]["vulnerability"],
        json!({"name": "CVE-2024-1", "aliases": ["GHSA-1"]})
    );
    let again = vex(&place, &create);
    assert_eq!(
        serde_json::from_str::<Value>(&again.stdout).expect("JSON"),
        document
    );
    let scan = place.scan(
        &["pkg:npm/x@1.0.0"],
        &["--vex", "a.json", "--fail-on", "low"],
    );
    assert_eq!(scan.code, 0, "{scan:?}");
    let add = [
        "add",
        "a.json",
        "--product",
        "pkg:npm/y",
        "--vuln",
        "CVE-2024-2",
        "--status",
        "affected",
    ];
    assert_eq!(vex(&place, &add).code, 2, "an action statement is needed");
    assert_eq!(read(&place, "a.json"), document, "nothing was written");
    let run = vex(
        &place,
        &[&add[..], &["--action-statement", "update to 2"]].concat(),
    );
    assert_eq!(run.code, 0, "{run:?}");
    let next = read(&place, "a.json");
    assert_eq!(
        (&next["version"], &next["@id"]),
        (&json!(2), &document["@id"])
    );
    assert_eq!(next["statements"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&next["timestamp"], &next["last_updated"]),
        (&document["timestamp"], &json!("2023-11-14T22:13:20Z"))
    );
}

#[test]
fn a_foreign_document_keeps_what_is_not_known_and_goes_where_it_is_asked_to() {
    let place = Place::empty();
    let foreign = r#"{"x-ours": {"b": 1.50, "a": 1}, "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/1", "author": "they",
        "timestamp": "2020-01-01T00:00:00Z", "last_updated": "2020-02-01T00:00:00Z", "version": 3, "statements": [
        {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:npm/x"}], "status": "fixed", "x-ticket": 7}]}"#;
    fs_err::write(place.path("a.json"), foreign).expect("the file");
    let run = vex(
        &place,
        &[
            "add",
            "a.json",
            "--product",
            "pkg:npm/x",
            "--vuln",
            "CVE-2",
            "--status",
            "fixed",
            "-o",
            "b.json",
        ],
    );
    assert_eq!(run.code, 0, "{run:?}");
    let left = fs_err::read_to_string(place.path("a.json")).expect("the file");
    assert_eq!(left, foreign);
    let text = fs_err::read_to_string(place.path("b.json")).expect("the file");
    for kept in [r#"{"b": 1.50, "a": 1}"#, r#""x-ticket": 7}"#] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
    let next = read(&place, "b.json");
    assert_eq!(
        (&next["version"], &next["timestamp"], &next["last_updated"]),
        (
            &json!(4),
            &json!("2020-01-01T00:00:00Z"),
            &json!("2023-11-14T22:13:20Z")
        )
    );
    let statements = next["statements"].as_array().expect("statements");
    assert_eq!(
        (
            statements[0].get("timestamp"),
            &statements[1]["timestamp"],
            statements.len()
        ),
        (None, &json!("2023-11-14T22:13:20Z"), 2)
    );
}

#[test]
fn faulty_statements_are_refused() {
    let place = Place::empty();
    let product = ["--product", "pkg:npm/x"];
    for (arguments, said) in [
        (&["--vuln", "CVE-1", "--status", "fixed"][..], "--product"),
        (&["--product", "pkg:npm/x"], "--vuln, --status"),
        (
            &["--vuln", "CVE-1", "--status", "mended"],
            "under_investigation",
        ),
        (
            &[
                "--vuln",
                "CVE-1",
                "--status",
                "not_affected",
                "--justification",
                "no",
            ],
            "component_not_present",
        ),
        (
            &[
                "--vuln",
                "CVE-1",
                "--status",
                "not_affected",
                "--product",
                "pkg:npm/x",
            ],
            "a justification or an impact statement",
        ),
        (
            &[
                "--vuln",
                "CVE-1",
                "--status",
                "fixed",
                "--product",
                "pkg:npm/x",
                "--impact-statement",
                "t",
            ],
            "has no impact statement",
        ),
        (
            &[
                "--vuln",
                "CVE-1",
                "--status",
                "fixed",
                "--product",
                "pkg:npm",
            ],
            "pkg:npm",
        ),
    ] {
        let run = vex(&place, &[&["create", "--author", "us"], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(said), "{said}\n{}", run.stderr);
    }
    fs_err::write(place.path("none.json"), "{}").expect("the file");
    let run = vex(
        &place,
        &[
            &["add", "none.json", "--vuln", "CVE-1", "--status", "fixed"],
            &product[..],
        ]
        .concat(),
    );
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn what_a_scan_suppressed_becomes_statements() {
    let place = Place::new();
    fs_err::write(place.path(".trivyignore"), "CVE-2024-1 # not called\n").expect("the file");
    let scan = place.scan(
        &["pkg:npm/x@1.0.0"],
        &["--ignorefile", ".trivyignore", "-o", "json=r.json"],
    );
    assert_eq!(scan.code, 0, "{scan:?}");
    let run = vex(
        &place,
        &["create", "--author", "us", "--from-scan", "r.json"],
    );
    let draft: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let statement = &draft["statements"][0];
    assert_eq!(
        (&statement["status"], &statement["status_notes"]),
        (&json!("under_investigation"), &json!("not called"))
    );
    let image = "pkg:oci/app@sha256%3Aaa";
    let run = vex(
        &place,
        &[
            "create",
            "--author",
            "us",
            "--from-scan",
            "r.json",
            "--product",
            image,
            "--status",
            "not_affected",
            "--impact-statement",
            "not called",
        ],
    );
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let product = &document["statements"][0]["products"][0];
    assert_eq!(
        (&product["@id"], &product["subcomponents"][0]["@id"]),
        (&json!(image), &json!("pkg:npm/x@1.0.0"))
    );
    let clean = place.scan(&["pkg:npm/x@1.0.0"], &["-o", "json=c.json"]);
    assert_eq!(clean.code, 0, "{clean:?}");
    assert_eq!(
        vex(
            &place,
            &["create", "--author", "us", "--from-scan", "c.json"]
        )
        .code,
        5
    );
}

#[test]
fn a_distribution_speaks_of_its_own_copy_only() {
    let place = Place::empty();
    for (rule, stated) in [
        ("fixed-by-distro", "fixed"),
        ("not-affected-by-distro", "not_affected"),
    ] {
        let report = json!({"suppressed": [{
            "id": "CVE-1",
            "package": {"purl": "pkg:pypi/requests@2.28.1"},
            "suppressed": {"rule": rule, "by": "DEBIAN-CVE-1"},
        }]});
        fs_err::write(place.path("r.json"), report.to_string()).expect("the report");
        let from = ["create", "--author", "us", "--from-scan", "r.json"];
        let product = ["--product", "pkg:oci/app@sha256%3Aaa"];
        for (more, expected) in [(&[][..], "under_investigation"), (&product, stated)] {
            let run = vex(&place, &[&from[..], more].concat());
            let document: Value =
                serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
            assert_eq!(
                document["statements"][0]["status"], expected,
                "{rule} {more:?}"
            );
        }
    }
}

#[test]
fn the_schema_of_openvex_accepts_what_is_written() {
    let Some(data) = crate::data::directory() else {
        return;
    };
    let schema = fs_err::read_to_string(data.join("data/schemas/openvex/openvex_json_schema.json"))
        .expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let place = Place::empty();
    let first = [
        "create",
        "--author",
        "us",
        "--role",
        "Document Creator",
        "--product",
        "pkg:npm/x",
        "--product",
        "pkg:npm/y",
        "--subcomponent",
        "pkg:npm/z@1",
        "--vuln",
        "CVE-1",
        "--vuln",
        "CVE-2,GHSA-2",
        "--status",
        "affected",
        "--action-statement",
        "update",
        "--status-note",
        "seen",
        "-o",
        "a.json",
    ];
    assert_eq!(vex(&place, &first).code, 0);
    let run = vex(
        &place,
        &[
            "add",
            "a.json",
            "--product",
            "pkg:npm/x",
            "--vuln",
            "CVE-1",
            "--status",
            "not_affected",
            "--justification",
            "component_not_present",
            "--impact-statement",
            "not there",
        ],
    );
    assert_eq!(run.code, 0, "{run:?}");
    // Both are of `SOURCE_DATE_EPOCH`.
    assert!(run.stderr.contains("about `CVE-1`"), "{run:?}");
    let mut document = read(&place, "a.json");
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
    document["statements"][0]["status"] = json!("mended");
    assert!(!validator.is_valid(&document));
}
