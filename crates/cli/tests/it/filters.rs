//! What the user does not want to count in `toolkit scan`: ignore files, VEX documents, baselines, states of fixes, and the code that is left.

use serde_json::{Value, json};

use crate::binary::Run;
use crate::scan::Place;

const X: &str = "pkg:npm/x@1.0.0";
const EVIL: &str = "pkg:npm/evil@1.0.0";

impl Place {
    fn write(&self, name: &str, text: &str) {
        fs_err::write(self.path(name), text).expect("the file");
    }

    /// Scans as JSON with a threshold; returns the code and the document.
    fn judged(&self, purls: &[&str], arguments: &[&str]) -> (i32, Value, String) {
        let mut all = vec!["--fail-on", "low", "-o", "json"];
        all.extend(arguments);
        let run = self.scan(purls, &all);
        let document = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        (run.code, document, run.stderr)
    }
}

fn in_days(days: i64) -> String {
    let now = jiff::Timestamp::now();
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let span = jiff::Span::new().days(days);
    today.checked_add(span).expect("a date").to_string()
}

fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().filter_map(|one| one["id"].as_str()).collect()
}

#[test]
fn an_ignored_finding_is_kept_with_its_rule_and_does_not_count() {
    let place = Place::new();
    let until = in_days(10);
    place.write(
        "ignore.yaml",
        &format!("ignore:\n- id: GHSA-1\n  purl: pkg:npm/*\n  versions: '<1.2.0'\n  reason: not called\n  expires: {until}\n"),
    );
    let (code, document, stderr) = place.judged(&[X], &["--ignorefile", "ignore.yaml"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(document["findings"], json!([]));
    assert_eq!(
        document["suppressed"][0]["suppressed"],
        json!({"rule": "ignored", "by": "ignore.yaml:2", "reason": "not called", "until": until})
    );
    assert_eq!(document["filters"]["ignored"][0]["state"], "applied");
    assert!(!stderr.contains("ignore.yaml"), "{stderr}");
    let hidden = place.scan(&[X], &["--ignorefile", "ignore.yaml"]);
    assert!(
        hidden.stdout.contains("1 suppressed (`--show-suppressed`)"),
        "{hidden:?}"
    );
    let shown = place.scan(&[X], &["--ignorefile", "ignore.yaml", "--show-suppressed"]);
    assert!(
        shown.stdout.contains("1.0.0      [ignored]  CVE-2024-1"),
        "{shown:?}"
    );
}

#[test]
fn an_entry_that_is_over_or_matches_nothing_hides_nothing_and_is_told() {
    let place = Place::new();
    let (over, until) = (in_days(-1), in_days(10));
    place.write(
        "ignore.yaml",
        &format!("ignore:\n- {{id: CVE-2024-1, reason: r, expires: {over}}}\n- {{id: CVE-1999-1, reason: r, expires: {until}}}\n"),
    );
    let (code, document, stderr) = place.judged(&[X], &["--ignorefile", "ignore.yaml"]);
    assert_eq!((code, ids(&document["findings"])), (1, vec!["CVE-2024-1"]));
    let states: Vec<&Value> = document["filters"]["ignored"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| &entry["state"])
        .collect();
    assert_eq!(states, ["expired", "unmatched"]);
    for text in [
        format!(
            "ignore.yaml:2: the entry for CVE-2024-1 ended on {over} and hides nothing; it would hide 1"
        ),
        "ignore.yaml:3: the entry for CVE-1999-1 matches no finding".to_owned(),
    ] {
        assert!(stderr.contains(&text), "{text}\n{stderr}");
    }
}

#[test]
fn files_of_other_tools_are_known_by_name_and_their_endless_entries_warned_of() {
    let place = Place::new();
    for (name, text) in [
        (".trivyignore", "# known\nCVE-2024-1\n"),
        (
            ".trivyignore.yaml",
            "vulnerabilities:\n- id: CVE-2024-1\n  purls: [pkg:npm/x@1.0.0]\n",
        ),
        (
            ".grype.yaml",
            "output: json\nignore:\n- vulnerability: GHSA-1\n  package: {name: x, type: npm}\n",
        ),
        (
            "osv-scanner.toml",
            "[[IgnoredVulns]]\nid = \"GHSA-1\"\nreason = \"r\"\n",
        ),
        (
            "osv-scanner.toml",
            "[[PackageOverrides]]\nname = \"x\"\necosystem = \"npm\"\nignore = true\n",
        ),
    ] {
        place.write(name, text);
        let (code, document, stderr) = place.judged(&[X], &["--ignorefile", name]);
        assert_eq!(code, 0, "{name}: {document}");
        assert_eq!(
            document["suppressed"][0]["suppressed"]["rule"], "ignored",
            "{name}"
        );
        assert!(
            stderr.contains(name) && stderr.contains("has no end"),
            "{name}: {stderr}"
        );
    }
    // Nothing is loaded by itself: all four are still there.
    let (code, document, _) = place.judged(&[X], &[]);
    assert_eq!((code, document.get("filters")), (1, None));
}

#[test]
fn every_fault_of_every_ignore_file_is_shown_in_one_run() {
    let place = Place::new();
    place.write(
        "a.yaml",
        "ignore:\n- id: CVE-1\n  expires: 2000-13-01\n  why: r\n",
    );
    place.write(
        ".grype.yaml",
        "ignore:\n- vulnerability: CVE-1\n  namespace: github\n",
    );
    let run = place.scan(
        &[X],
        &[
            "--ignorefile",
            "a.yaml",
            "--ignorefile",
            ".grype.yaml",
            "-o",
            "json",
        ],
    );
    assert_eq!(run.code, 2, "{run:?}");
    for text in [
        "a.yaml:2:3",
        "an entry needs the key `reason`",
        "a.yaml:3:12",
        "`2000-13-01` is no date",
        "a.yaml:4:3",
        "unknown key `why` in an entry",
        ".grype.yaml:3:3",
        "`namespace` cannot be honoured",
        "the ignore files have 4 faults",
    ] {
        assert!(run.stderr.contains(text), "{text}\n{}", run.stderr);
    }
    let failure: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert!(
        failure.to_string().contains("a.yaml:4:3: unknown key"),
        "{failure}"
    );
}

#[test]
fn a_malicious_package_is_ignored_by_id_and_exact_version_only() {
    let place = Place::new();
    let until = in_days(10);
    for (entry, code) in [
        ("id: MAL-3", 1),
        ("purl: pkg:npm/evil", 1),
        ("id: MAL-3, purl: pkg:npm/evil, versions: '<2.0.0'", 1),
        ("id: MAL-3, purl: pkg:npm/evil, versions: =1.0.0", 0),
    ] {
        let text = format!("ignore:\n- {{{entry}, reason: r, expires: {until}}}\n");
        place.write("ignore.yaml", &text);
        let (found, document, _) = place.judged(&[EVIL], &["--ignorefile", "ignore.yaml"]);
        assert_eq!(found, code, "{entry}: {document}");
    }
    for flags in [
        &["--only-fixed"][..],
        &["--ignore-status", "unknown"],
        &["--severity", "low"],
    ] {
        let (code, ..) = place.judged(&[EVIL], flags);
        assert_eq!(code, 1, "{flags:?}");
    }
}

fn openvex(statements: &Value) -> String {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex", "author": "us",
        "timestamp": "2024-01-01T00:00:00Z", "version": 1, "statements": statements})
    .to_string()
}

#[test]
fn a_statement_suppresses_where_it_gives_a_reason_and_is_about_the_package() {
    let place = Place::new();
    let of = |product: &str, status: &str, extra: Value| {
        let mut statement = json!({"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": product}], "status": status});
        let object = statement.as_object_mut().expect("an object");
        object.extend(extra.as_object().expect("an object").clone());
        statement
    };
    let reason = json!({"justification": "vulnerable_code_not_present"});
    for (statements, code) in [
        (json!([of("pkg:npm/x", "not_affected", reason.clone())]), 0),
        (json!([of("pkg:npm/x@1.0.0", "fixed", json!({}))]), 0),
        (json!([of("pkg:npm/x", "not_affected", json!({}))]), 1),
        (json!([of("pkg:npm/x@1.0.1", "fixed", json!({}))]), 1),
        (json!([of("pkg:npm/y", "fixed", json!({}))]), 1),
        (json!([of("pkg:oci/x", "fixed", json!({}))]), 1),
        (json!([of("pkg:npm/x", "affected", json!({}))]), 1),
        (
            json!([
                of("pkg:npm/x", "fixed", json!({})),
                of(
                    "pkg:npm/x",
                    "affected",
                    json!({"timestamp": "2024-02-01T00:00:00Z"})
                )
            ]),
            1,
        ),
    ] {
        place.write("a.json", &openvex(&statements));
        let (found, document, _) = place.judged(&[X], &["--vex", "a.json"]);
        assert_eq!(found, code, "{statements}");
        if code == 0 {
            let rule = &document["suppressed"][0]["suppressed"];
            assert_eq!(
                (&rule["rule"], &rule["by"]),
                (&json!("vex"), &json!("a.json"))
            );
        }
    }
    // Two documents of one moment.
    place.write(
        "a.json",
        &openvex(&json!([of("pkg:npm/x", "fixed", json!({}))])),
    );
    place.write(
        "b.json",
        &openvex(&json!([of("pkg:npm/x", "under_investigation", json!({}))])),
    );
    let (code, document, stderr) = place.judged(&[X], &["--vex", "a.json", "--vex", "b.json"]);
    assert_eq!(code, 1);
    assert_eq!(
        document["filters"]["conflicts"],
        json!([{"id": "CVE-2024-1", "purl": X, "statements": ["fixed (a.json)", "under_investigation (b.json)"]}])
    );
    assert!(stderr.contains("contradict each other"), "{stderr}");
    place.write("c.json", &json!({"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "GHSA-1", "affects": [{"ref": X}],
        "analysis": {"state": "resolved"}}]}).to_string());
    assert_eq!(place.judged(&[X], &["--vex", "c.json"]).0, 0, "CycloneDX");
}

#[test]
fn only_what_is_new_counts_against_a_baseline() {
    let place = Place::new();
    let run = place.scan(&[X], &["-o", "json=before.json"]);
    assert_eq!(run.code, 0, "{run:?}");
    place.write("before.purls", "pkg:npm/x@0.9.0\n");
    for baseline in ["before.json", "sbom:before.purls", "before.purls"] {
        let (code, document, _) = place.judged(&["pkg:npm/x@1.1.0"], &["--baseline", baseline]);
        assert_eq!(code, 0, "{baseline}: {document}");
        assert_eq!(
            document["suppressed"][0]["suppressed"],
            json!({"rule": "baseline", "by": baseline})
        );
        assert_eq!(document["filters"]["baseline"], 1);
        let (code, document, _) = place.judged(&[X, EVIL], &["--baseline", baseline]);
        assert_eq!(
            (code, ids(&document["findings"])),
            (1, vec!["MAL-3"]),
            "{baseline}"
        );
    }
    place.write(
        "broken.json",
        "{\"schema\": \"toolkit.scan/v1\", \"findings\": 1}",
    );
    assert_eq!(place.scan(&[X], &["--baseline", "broken.json"]).code, 2);
    assert_eq!(place.scan(&[X], &["--baseline", "sbom:absent"]).code, 11);
}

#[test]
fn findings_are_left_out_by_the_state_of_their_fix() {
    let place = Place::new();
    let both = [X, "pkg:npm/unrated@1.0.0"];
    for (flags, expected) in [
        (&[][..], &["GHSA-2", "CVE-2024-1"][..]),
        (&["--only-fixed"], &["CVE-2024-1"]),
        (&["--ignore-unfixed"], &["CVE-2024-1"]),
        (&["--only-notfixed"], &["GHSA-2"]),
        (&["--ignore-status", "fixed"], &["GHSA-2"]),
        (&["--ignore-states", "unknown,not-fixed"], &["CVE-2024-1"]),
        (
            &[
                "--ignore-status",
                "will_not_fix,not_affected,under_investigation",
            ],
            &["GHSA-2", "CVE-2024-1"],
        ),
        (&["--by-cve"], &["GHSA-2", "CVE-2024-1"]),
    ] {
        let (_, document, _) = place.judged(&both, flags);
        assert_eq!(ids(&document["findings"]), expected, "{flags:?}");
    }
    for flags in [
        &["--ignore-status", "mended"][..],
        &["--only-fixed", "--only-notfixed"],
    ] {
        assert_eq!(place.scan(&both, flags).code, 2, "{flags:?}");
    }
}

/// A CSAF document whose branches are nested beyond the standard's bound.
fn deep() -> String {
    let mut branch = json!({});
    for _ in 0..31 {
        branch = json!({"branches": [branch]});
    }
    json!({"document": {"csaf_version": "2.0", "publisher": {"name": "x"}, "tracking": {"id": "x", "current_release_date": "2024-01-01T00:00:00Z"}},
        "product_tree": branch, "vulnerabilities": []})
    .to_string()
}

#[test]
fn the_first_reason_in_the_order_of_the_contract_is_the_code() {
    let place = Place::new();
    place.write("deep.json", &deep());
    place.write("bad.yaml", "ignore: 1\n");
    place.write("none.purls", "# nothing\n");
    fs_err::create_dir_all(place.path("folder")).expect("a folder");
    let bare = Place::empty();
    for name in ["deep.json", "bad.yaml", "none.purls"] {
        fs_err::copy(place.path(name), bare.path(name)).expect("the file");
    }
    let run = |place: &Place, target: &str, arguments: &[&str]| -> Run {
        place.write("x.purls", X);
        let mut all = vec!["scan", target];
        all.extend(arguments);
        place.run(&all)
    };
    let fail = &["--fail-on", "low"][..];
    let undetermined = "pkg:npm/x@latest";
    place.write("open.purls", undetermined);
    place.write("both.purls", &format!("{X}\n{undetermined}\n"));
    for (at, target, arguments, code, why) in [
        (
            &place,
            "sbom:x.purls",
            &["--vex", "deep.json"][..],
            6,
            "hostile",
        ),
        (
            &place,
            "sbom:x.purls",
            &["--vex", "deep.json", "--ignorefile", "folder"],
            6,
            "hostile before the disk",
        ),
        (
            &place,
            "sbom:x.purls",
            &["--ignorefile", "folder"],
            7,
            "the disk",
        ),
        (
            &place,
            "sbom:x.purls",
            &["--ignorefile", "folder", "--ignorefile", "bad.yaml"],
            7,
            "the disk before usage",
        ),
        (
            &bare,
            "sbom:x.purls",
            &["--ignorefile", "bad.yaml"],
            2,
            "usage before the database",
        ),
        (
            &bare,
            "sbom:absent",
            &[],
            11,
            "a target that is none before the database",
        ),
        (&bare, "sbom:x.purls", fail, 4, "no database"),
        (
            &bare,
            "localhost:1/x",
            fail,
            4,
            "the database before the network",
        ),
        (
            &place,
            "sbom:both.purls",
            fail,
            1,
            "a finding before what is open",
        ),
        (&place, "localhost:1/x", fail, 3, "the network"),
        (&place, "sbom:open.purls", fail, 3, "undetermined"),
        (
            &place,
            "sbom:open.purls",
            &[],
            0,
            "undetermined, and nobody asks",
        ),
        (&place, "sbom:none.purls", fail, 5, "nothing there"),
    ] {
        let run = run(at, target, arguments);
        assert_eq!(run.code, code, "{why}: {run:?}");
    }
}
