//! `toolkit db` and `toolkit scan`: a database of a few records, what it knows, and every code that a scan ends with.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::binary::{Run, finish, toolkit};

/// A folder with feeds, a data directory and bills of materials.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// With a database that is built and installed.
    pub(crate) fn new() -> Self {
        let place = Self::empty();
        let run = place.run(&["db", "build", "feeds"]);
        assert_eq!(run.code, 0, "{run:?}");
        place
    }

    pub(crate) fn empty() -> Self {
        let place = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        let affected = |ecosystem: &str, name: &str, events: Value| json!([{"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]);
        place.record(
            "ghsa/1",
            &json!({"id": "GHSA-1", "aliases": ["CVE-2024-1"], "modified": "2024-05-01T00:00:00Z", "summary": "A flaw of x",
                "database_specific": {"severity": "HIGH"}, "affected": affected("npm", "x", json!([{"introduced": "0"}, {"fixed": "1.2.0"}]))}),
        );
        place.record(
            "ghsa/2",
            &json!({"id": "GHSA-2", "modified": "2024-04-01T00:00:00Z",
                "affected": affected("npm", "unrated", json!([{"introduced": "0"}]))}),
        );
        place.record(
            "malicious/3",
            &json!({"id": "MAL-3", "modified": "2024-04-01T00:00:00Z", "affected": affected("npm", "evil", json!([{"introduced": "0"}]))}),
        );
        place.record("withdrawn-undated/4", &json!({"id": "GHSA-4", "modified": "2024-04-01T00:00:00Z", "affected": affected("npm", "y", json!([{"introduced": "0"}]))}));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn record(&self, name: &str, record: &Value) {
        let path = self.path("feeds").join(format!("{name}.json"));
        fs_err::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs_err::write(path, record.to_string()).expect("the record");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(
            toolkit()
                .current_dir(self.directory.path())
                .env("TOOLKIT_DATA", self.path("data"))
                .args(arguments),
        )
    }

    /// Scans to JSON and reads it.
    fn document(&self, purls: &[&str], arguments: &[&str]) -> (Value, i32) {
        let run = self.scan(purls, &[arguments, &["-o", "json"]].concat());
        let document = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"));
        (document, run.code)
    }

    pub(crate) fn scan(&self, purls: &[&str], arguments: &[&str]) -> Run {
        fs_err::write(self.path("list.purls"), purls.join("\n")).expect("the list");
        let mut all = vec!["scan", "sbom:list.purls"];
        all.extend(arguments);
        self.run(&all)
    }
}

#[test]
fn the_table_says_what_was_found_and_what_was_not_asked() {
    let place = Place::new();
    let run = place.scan(
        &[
            "pkg:npm/x@1.0.0",
            "pkg:npm/evil@1.0.0",
            "pkg:npm/unrated@1.0.0",
            "pkg:pypi/z@1",
        ],
        &[],
    );
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stdout,
        "SEVERITY   FINDINGS  PACKAGE  INSTALLED  UPDATE TO  VULNERABILITIES\n\
         malicious  1         evil     1.0.0      remove it  MAL-3\n\
         high       1         x        1.0.0      1.2.0      CVE-2024-1\n\
         \n\
         Without a fix to apply:\n\
         unknown    1         unrated  1.0.0      unknown    GHSA-2\n\
         \n\
         First this 1 of 3:\n  \
           1. MAL-3 in evil 1.0.0: malicious\n\
         \n\
         3 findings: 1 malicious, 1 high, 1 of unknown severity, which reach no threshold.\n\
         Asked: 3 npm (full; ghsa, malicious to 2024-05-01). Not asked, so not known to be clean: 1 packages (PyPI).\n"
            .replace("(PyPI)", "(1 PyPI)")
    );
    assert!(
        run.stderr.contains("of 2024-05-01T00:00:00Z") && run.stderr.contains("built here"),
        "{}",
        run.stderr
    );
    let clean = place.scan(&["pkg:npm/x@1.2.0", "pkg:pypi/z@1"], &[]);
    assert_eq!(
        clean.stdout,
        "No known vulnerability in the 1 packages that were asked about.\n\
         Asked: 1 npm (full; ghsa, malicious to 2024-05-01). Not asked, so not known to be clean: 1 packages (1 PyPI).\n"
    );
}

#[test]
fn every_outcome_has_its_code() {
    let place = Place::new();
    let x = "pkg:npm/x@1.0.0";
    for (purls, arguments, code) in [
        (&[x][..], &[][..], 0),
        (&[x], &["--fail-on", "high"], 1),
        (&[x], &["--fail-on", "HIGH"], 1),
        (&[x], &["--fail-on", "high", "--severity", "low"], 1),
        (&[x], &["--fail-on", "high", "--exit-code", "0"], 1),
        (&[x], &["--fail-on", "unknown"], 2),
        (&[x], &["--fail-on", "high", "--why", "CVE-2024-1"], 2),
        (&[x], &["--only-fixed", "--only-notfixed"], 2),
        (&[x], &["--fail-on", "critical"], 0),
        (&[x], &["--fail-on", "high", "--exit-code", "9"], 9),
        (&[x], &["--exit-code", "9"], 9),
        (&[x], &["--exit-code", "9", "--severity", "low,critical"], 0),
        (&[x], &["--fail-on", "high", "--only-fixed"], 1),
        (
            &["pkg:npm/unrated@1"],
            &["--exit-code", "9", "--only-fixed"],
            0,
        ),
        // Nobody rates it: it reaches no threshold.
        (&["pkg:npm/unrated@1"], &["--fail-on", "negligible"], 0),
        (&["pkg:npm/evil@1"], &["--fail-on", "critical"], 1),
        (
            &["pkg:npm/evil@1"],
            &["--fail-on", "critical", "--severity", "low"],
            1,
        ),
        (&["pkg:npm/x@not.a.version"], &["--fail-on", "high"], 3),
        (&["pkg:npm/x@not.a.version"], &[], 0),
        // A finding decides although another one is open.
        (&["pkg:npm/x@not.a.version", x], &["--fail-on", "high"], 1),
        (&["pkg:pypi/z@1"], &[], 4),
        (
            &["pkg:deb/debian/z@1?distro=debian-12", "pkg:npm/x@2.0.0"],
            &[],
            0,
        ),
        (&["# nothing"], &[], 5),
        (&[x], &["-o", "xml"], 2),
        (&[x], &["--max-age", "5"], 2),
        (&[x], &["--max-age", "1h"], 4),
        (&["no package URL"], &[], 2),
    ] {
        let run = place.scan(purls, arguments);
        assert_eq!(run.code, code, "{purls:?} {arguments:?}: {run:?}");
    }
}

#[test]
fn an_image_of_an_unknown_release_is_not_judged() {
    let place = Place::new();
    let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "operating-system", "name": "debian", "version": "12"},
        {"type": "library", "name": "z", "version": "1", "purl": "pkg:deb/debian/z@1?distro=debian-12"},
        {"type": "library", "name": "x", "version": "1.0.0", "purl": "pkg:npm/x@1.0.0"}]});
    fs_err::write(place.path("bom.json"), bom.to_string()).expect("the document");
    let run = place.run(&["scan", "bom.json", "--fail-on", "high"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(
        run.stdout.contains("CVE-2024-1") && run.stdout.contains("1 packages (1 Debian:12)"),
        "{}",
        run.stdout
    );
}

#[test]
fn json_is_told_by_its_schema_and_is_stable() {
    let place = Place::new();
    let purls = ["pkg:npm/x@1.0.0", "pkg:npm/x@not.a.version", "pkg:pypi/z@1"];
    let first = place.scan(&purls, &["-o", "json"]);
    assert_eq!(first.stdout, place.scan(&purls, &["-o", "json"]).stdout);
    let found: Value = serde_json::from_str(&first.stdout).expect("JSON");
    assert_eq!(found["schema"], "toolkit.scan/v1");
    let finding = &found["findings"][0];
    assert_eq!(
        (
            &finding["id"],
            &finding["severity"],
            &finding["severitySource"],
            &finding["summary"]
        ),
        (
            &json!("CVE-2024-1"),
            &json!("high"),
            &json!({"kind": "deciding", "feed": "ghsa", "id": "GHSA-1"}),
            &json!("A flaw of x")
        )
    );
    assert_eq!(finding["fix"]["version"], "1.2.0");
    assert_eq!(finding["aliases"], json!(["GHSA-1"]));
    assert_eq!(finding["package"]["purl"], "pkg:npm/x@1.0.0");
    assert_eq!(found["undetermined"][0]["id"], "GHSA-1");
    assert_eq!(
        found["coverage"],
        json!([
            {"name": "npm", "coverage": "full", "feeds": ["ghsa", "malicious"], "newest": "2024-05-01", "packages": 2},
            {"name": "PyPI", "coverage": "none", "feeds": [], "newest": null, "packages": 1}
        ])
    );
    let failed = place.run(&["scan", "sbom:absent", "-o", "json"]);
    assert_eq!(failed.code, 11);
    let failed: Value = serde_json::from_str(&failed.stdout).expect("JSON");
    assert_eq!(
        (&failed["schema"], &failed["exitCode"]),
        (&json!("toolkit.scan/v1"), &json!(11))
    );
    // Both forms in one run.
    let run = place.scan(&purls, &["-o", "table", "-o", "json=out.json"]);
    assert!(run.stdout.starts_with("SEVERITY"), "{run:?}");
    assert_eq!(
        fs_err::read_to_string(place.path("out.json")).expect("the file"),
        first.stdout
    );
}

#[test]
fn without_a_database_nothing_is_decided() {
    let place = Place::empty();
    let run = place.scan(&["pkg:npm/x@1.0.0"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    // The text is wrapped for a terminal of no known width.
    let told: String = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "`toolkit db fetch DIR && toolkit db build DIR`",
        "`toolkit db update REF --db-identity IDENTITY`",
        "No decision was made.",
    ] {
        assert!(told.replace("│ ", "").contains(expected), "{told}");
    }
    for arguments in [&["db", "status"][..], &["db", "search", "CVE-2024-1"]] {
        assert_eq!(place.run(arguments).code, 4, "{arguments:?}");
    }
}

#[test]
fn why_explains_matches_and_non_matches() {
    let place = Place::new();
    let run = place.scan(&["pkg:npm/x@1.0.0"], &["--why", "CVE-2024-1"]);
    let record = fs_err::read(place.path("feeds/ghsa/1.json")).expect("the record");
    let digest = toolkit_oci::Digest::sha256(&record);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (
            0,
            format!(
                "CVE-2024-1, also GHSA-1: 1 records\n\
                 \n\
                 pkg:npm/x@1.0.0\n  \
                   found as CVE-2024-1\n  \
                   looked up: x 1.0.0 in npm\n  \
                   GHSA-1 (ghsa) in npm, {digest}\n    \
                     affected: from the beginning to before 1.2.0, the fix\n    \
                     1.0.0 is before 1.2.0, the first fixed version\n    \
                     it holds: fixed in 1.2.0, installed 1.0.0\n"
            )
            .as_str()
        )
    );
    let (document, code) = place.document(&["pkg:npm/x@1.2.0"], &["--why", "CVE-2024-1,pkg:npm/*"]);
    assert_eq!(
        (code, &document["schema"], &document["match"]),
        (0, &json!("toolkit.why/v1"), &json!(false))
    );
    let package = &document["packages"][0];
    assert_eq!(
        (&package["answer"], &package["reason"]),
        (
            &json!("no-match"),
            &json!("not found: GHSA-1: not in range: fixed in 1.2.0, installed 1.2.0")
        )
    );
    assert_eq!(
        package["steps"][0]["compared"],
        json!([{"with": "fixed", "version": "1.2.0", "installedIs": "equal", "epochAssumed": false}])
    );
    assert_eq!(package["steps"][0]["outcome"], json!("outside"));
    // Neither the vulnerability nor the package is there.
    for question in ["CVE-1999-1", "CVE-2024-1,pkg:npm/z"] {
        let run = place.scan(&["pkg:npm/x@1.0.0"], &["--why", question]);
        assert_eq!(run.code, 5, "{run:?}");
    }
    let elsewhere = place.scan(&["pkg:npm/z@1.0.0"], &["--why", "GHSA-2"]);
    assert_eq!(elsewhere.code, 5);
    assert!(
        elsewhere
            .stdout
            .contains("none of the packages is one that they name\n    npm unrated\n"),
        "{}",
        elsewhere.stdout
    );
    let bad = place.scan(&["pkg:npm/x@1.0.0"], &["--why", "CVE-2024-1,x"]);
    assert_eq!(bad.code, 2, "{bad:?}");
}

#[test]
fn an_earlier_day_is_called_an_approximation() {
    let place = Place::empty();
    place.record(
        "ghsa/5",
        &json!({"id": "GHSA-5", "modified": "2024-05-01T00:00:00Z", "published": "2024-04-20T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]}),
    );
    assert_eq!(place.run(&["db", "build", "feeds"]).code, 0);
    let run = place.scan(&["pkg:npm/x@1.0.0"], &["--as-of", "2024-04-19"]);
    assert!(
        !run.stdout.contains("GHSA-5")
            && run.stdout.contains("As of 2024-04-19, which is an approximation: 1 records that hold and were published later are left out, 1 without a date are not"),
        "{}",
        run.stdout
    );
    let (document, _) = place.document(&["pkg:npm/x@1.0.0"], &["--as-of", "2024-04-20"]);
    assert_eq!(
        document["asOf"],
        json!({"date": "2024-04-20", "approximate": true, "later": 0, "undated": 1})
    );
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(2));
    let future = place.scan(&["pkg:npm/x@1.0.0"], &["--as-of", "9999-01-01"]);
    assert_eq!(future.code, 2, "{future:?}");
}

#[test]
fn the_end_of_a_release_is_warned_of_and_sets_a_code_on_request() {
    let place = Place::empty();
    for release in ["9", "13"] {
        place.record(
            &format!("debian/{release}"),
            &json!({"id": format!("CVE-2024-{release}"), "modified": "2024-05-01T00:00:00Z",
                "affected": [{"package": {"ecosystem": format!("Debian:{release}"), "name": "zlib"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2-1"}]}],
                "ecosystem_specific": {"urgency": "high"}}]}),
        );
    }
    assert_eq!(place.run(&["db", "build", "feeds"]).code, 0);
    let old = |version: &str| format!("pkg:deb/debian/zlib@{version}?distro=debian-9");
    let new = "pkg:deb/debian/zlib@1.2-1?distro=debian-13";
    let run = place.scan(&[&old("1.2-1")], &[]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout
            .contains("1 Debian:9 (full; debian to 2024-05-01; past its end of life, 2022-07-01)"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("Debian:9 is past its end of life, 2022-07-01: that nothing is known of a package there says nothing (https://endoflife.date/debian)"), "{}", run.stderr);
    for (purl, arguments, code) in [
        (old("1.2-1"), &["--exit-on-eol", "7"][..], 7),
        (new.to_owned(), &["--exit-on-eol", "7"], 0),
        (old("1.1-1"), &["--exit-on-eol", "7"], 7),
        (
            old("1.1-1"),
            &["--exit-on-eol", "7", "--fail-on", "high"],
            1,
        ),
    ] {
        let run = place.scan(&[&purl], arguments);
        assert_eq!(run.code, code, "{purl} {arguments:?} {run:?}");
    }
    let (document, _) = place.document(&[&old("1.2-1")], &["--exit-on-eol", "7"]);
    assert_eq!(
        (&document["exitCode"], &document["coverage"][0]["endOfLife"]),
        (
            &json!(7),
            &json!({"release": "9", "ended": "2022-07-01", "source": "https://endoflife.date/debian", "checked": "2026-08-22"})
        )
    );
}

fn digest(run: &Run) -> String {
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.trim().to_owned()
}

#[test]
fn a_build_is_a_function_of_the_feeds() {
    let place = Place::empty();
    let first = digest(&place.run(&["db", "build", "feeds", "-o", "one"]));
    let second = digest(&place.run(&["db", "build", "feeds", "-o", "two"]));
    assert_eq!(first, second);
    assert_eq!(
        first,
        digest(&place.run(&["db", "build", "feeds"])),
        "installed or written"
    );
    let files = |name: &str| {
        let mut names: Vec<_> = fs_err::read_dir(place.path(name).join("segments"))
            .expect("the segments")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(files("one"), files("two"));
    place.record(
        "future/5",
        &json!({"id": "GHSA-5", "modified": "2997-01-01T00:00:00Z", "affected": []}),
    );
    let run = place.run(&["db", "build", "feeds", "-o", "three"]);
    assert!(
        run.stderr.contains("1 records are dated after today"),
        "{run:?}"
    );
    let manifest = fs_err::read_to_string(place.path("three/manifest.json")).expect("the manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(
        (&manifest["created"], &manifest["expires"]),
        (
            &json!("2024-05-01T00:00:00Z"),
            &json!("2024-05-15T00:00:00Z")
        )
    );
    for (folder, code) in [("absent", 2), ("data", 2)] {
        fs_err::create_dir_all(place.path("data")).expect("a folder");
        let run = place.run(&["db", "build", folder]);
        assert_eq!(run.code, code, "{folder}: {run:?}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to.join("segments")).expect("the folder");
    fs_err::copy(from.join("manifest.json"), to.join("manifest.json")).expect("the manifest");
    for entry in fs_err::read_dir(from.join("segments")).expect("the segments") {
        let entry = entry.expect("an entry");
        fs_err::copy(entry.path(), to.join("segments").join(entry.file_name())).expect("a segment");
    }
}

#[test]
fn a_database_is_used_only_where_something_vouches_for_it() {
    let place = Place::empty();
    let digest = digest(&place.run(&["db", "build", "feeds", "-o", "built"]));
    let x = ["pkg:npm/x@1.0.0"];
    assert_eq!(
        place.scan(&x, &["--db", "built", "--fail-on", "high"]).code,
        1,
        "built here"
    );
    // On another machine.
    fs_err::remove_dir_all(place.path("data")).expect("the state");
    let run = place.scan(&x, &["--db", "built"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(
        run.stderr.contains(&format!("--db built@{digest}")),
        "{}",
        run.stderr
    );
    let named = format!("built@{digest}");
    assert_eq!(
        place.scan(&x, &["--db", &named, "--fail-on", "high"]).code,
        1
    );
    let other = format!("built@sha256:{}", "0".repeat(64));
    assert_eq!(place.scan(&x, &["--db", &other]).code, 4, "another digest");
    assert_eq!(
        place.scan(&x, &["--db", "built@sha256:0"]).code,
        2,
        "no digest"
    );
    assert_eq!(place.scan(&x, &["--db", "absent"]).code, 4, "no database");
    // One byte of a segment.
    for entry in fs_err::read_dir(place.path("built/segments")).expect("the segments") {
        let name = entry.expect("an entry").file_name();
        let broken = place.path("broken");
        copy(&place.path("built"), &broken);
        let path = broken.join("segments").join(&name);
        let mut bytes = fs_err::read(&path).expect("the segment");
        let last = bytes.last_mut().expect("a byte");
        *last ^= 1;
        fs_err::write(&path, bytes).expect("the segment");
        let run = place.scan(&x, &["--db", &format!("broken@{digest}")]);
        assert_eq!(run.code, 4, "{name:?}: {run:?}");
    }
    let future = finish(
        toolkit()
            .current_dir(place.directory.path())
            .env("TOOLKIT_DATA", place.path("data"))
            .env("SOURCE_DATE_EPOCH", "32503680000")
            .args(["db", "build", "feeds", "-o", "future"]),
    );
    assert_eq!(future.code, 0, "{future:?}");
    let run = place.scan(&x, &["--db", "future"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(
        run.stderr
            .contains("3000-01-01T00:00:00Z, more than a day after"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_failed_build_keeps_the_installed_database() {
    let place = Place::new();
    fs_err::create_dir_all(place.path("none")).expect("a folder");
    assert_eq!(place.run(&["db", "build", "none"]).code, 2);
    assert_eq!(
        place
            .scan(&["pkg:npm/x@1.0.0"], &["--fail-on", "high"])
            .code,
        1
    );
    // A newer one replaces it, and the former is still there.
    place.record(
        "ghsa/9",
        &json!({"id": "GHSA-9", "modified": "2024-06-01T00:00:00Z", "affected": []}),
    );
    assert_eq!(place.run(&["db", "build", "feeds"]).code, 0);
    let status = place.run(&["db", "status"]);
    assert!(
        status.stdout.contains("2024-06-01T00:00:00Z") && status.stdout.contains("built here"),
        "{status:?}"
    );
    let installed =
        fs_err::read_dir(place.path("data/vulndb-v2/databases")).expect("the databases");
    assert_eq!(installed.count(), 2);
}

#[test]
fn a_search_finds_records_by_id_and_by_package() {
    let place = Place::new();
    for query in ["CVE-2024-1", "GHSA-1"] {
        let run = place.run(&["db", "search", query]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(
            run.stdout,
            "GHSA-1 (ghsa)  A flaw of x\n  aliases: CVE-2024-1\n"
        );
    }
    let run = place.run(&["db", "search", "pkg:npm/x"]);
    assert_eq!(
        run.stdout,
        "GHSA-1 (ghsa)  A flaw of x\n  aliases: CVE-2024-1\n  npm: < 1.2.0\n"
    );
    let run = place.run(&["db", "search", "pkg:npm/evil", "-o", "json"]);
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(found["schema"], "toolkit.db-search/v1");
    assert_eq!(
        found["records"][0]["affected"]["ranges"],
        json!(["all versions"])
    );
    for query in ["CVE-1999-1", "pkg:npm/none", "pkg:pypi/x", "GHSA-4"] {
        assert_eq!(place.run(&["db", "search", query]).code, 5, "{query}");
    }
}

#[test]
fn the_worst_is_painted() {
    let place = Place::new();
    let purls = ["pkg:npm/x@1.0.0", "pkg:npm/evil@1.0.0"];
    let plain = place.scan(&purls, &[]);
    assert!(!plain.stdout.contains('\u{1b}'), "{}", plain.stdout);
    let painted = place.scan(&purls, &["--color=always"]);
    for word in [
        "\u{1b}[1mSEVERITY\u{1b}[0m ",
        "\n\u{1b}[1m\u{1b}[31mmalicious\u{1b}[0m ",
        "\n\u{1b}[1m\u{1b}[31mhigh\u{1b}[0m ",
    ] {
        assert!(painted.stdout.contains(word), "{:?}", painted.stdout);
    }
    let json = place.scan(&purls, &["--color=always", "-o", "json"]);
    assert!(!json.stdout.contains('\u{1b}'), "{}", json.stdout);
}

#[test]
fn a_job_is_told_what_was_found() {
    let place = Place::new();
    let purls = "pkg:npm/x@1.0.0\npkg:npm/evil@1.0.0\npkg:npm/unrated@1.0.0";
    fs_err::write(place.path("list.purls"), purls).expect("the list");
    let run = finish(
        toolkit()
            .current_dir(place.directory.path())
            .env("TOOLKIT_DATA", place.path("data"))
            .env("GITHUB_STEP_SUMMARY", "summary.md")
            .env("GITHUB_OUTPUT", "output")
            .args([
                "scan",
                "sbom:list.purls",
                "--fail-on",
                "high",
                "-o",
                "json=report.json",
            ]),
    );
    assert_eq!(run.code, 1, "{run:?}");
    let summary = fs_err::read_to_string(place.path("summary.md")).expect("the summary");
    assert!(
        summary.starts_with("## Scan of sbom:list.purls: 3 findings\n")
            && summary.contains("\n| malicious | 1 |\n")
            && summary.contains("\n| high | 1 |\n"),
        "{summary}"
    );
    let output = fs_err::read_to_string(place.path("output")).expect("the outputs");
    let lines: Vec<&str> = output.lines().collect();
    let pairs: Vec<(&str, &str)> = lines
        .chunks(3)
        .map(|block| (block[0].split_once("<<").expect("a name").0, block[1]))
        .collect();
    assert_eq!(
        pairs,
        [
            ("exit-code", "1"),
            ("report-path", "report.json"),
            ("findings", "3"),
            ("findings-malicious", "1"),
            ("findings-critical", "0"),
            ("findings-high", "1"),
            ("findings-medium", "0"),
            ("findings-low", "0"),
            ("findings-negligible", "0"),
            ("findings-unknown", "1"),
        ]
    );
}
