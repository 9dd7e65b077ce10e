//! The table of `toolkit scan`: one row for each step, what is first and why, base and application; and the same in the JSON.

use serde_json::{Value, json};
use toolkit_lab::image::{Compression, Image, Layer};

use crate::binary::{Run, finish, toolkit};
use crate::scan_outputs::{EVIL, NPM, Place, ZLIB};

fn scan(place: &Place, target: &str, arguments: &[&str]) -> Run {
    finish(
        toolkit()
            .current_dir(place.path(""))
            .env("TOOLKIT_DATA", place.path("data"))
            .args(["scan", target])
            .args(arguments),
    )
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"))
}

/// Writes an image whose lowest layer is a Debian's and ends with its command, and whose next one has a package of npm.
fn layered(place: &Place) {
    let status = "Package: zlib1g\nSource: zlib\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1-1\nDescription: x\n\n\
                  Package: zlib-dev\nSource: zlib\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1-1\nDescription: x\n\n";
    let base = Layer::new(Compression::Gzip)
        .file("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n")
        .file("var/lib/dpkg/status", status);
    let own = Layer::new(Compression::Gzip).file(
        "app/node_modules/x/package.json",
        r#"{"name": "x", "version": "1.0.0"}"#,
    );
    Image::new("linux", "amd64")
        .annotation(
            "org.opencontainers.image.base.name",
            "docker.io/library/debian:13",
        )
        .layer(base)
        .step("CMD [\"bash\"]")
        .layer(own)
        .step("CMD [\"node\"]")
        .build()
        .expect("an image")
        .write_layout(&place.path("layout"), Some("1"))
        .expect("a layout");
}

#[test]
fn a_row_is_a_step_and_what_is_urgent_says_why() {
    let place = Place::new();
    place.write("list.purls", &[NPM, EVIL, ZLIB].join("\n"));
    let run = place.scan(&["--show-suppressed"]);
    assert_eq!(run.code, 0, "{run:?}");
    let (rows, rest) = run.stdout.split_once("\n3 findings: ").expect("counts");
    assert_eq!(
        rows,
        "SEVERITY    FINDINGS  PACKAGE  INSTALLED  UPDATE TO      VULNERABILITIES\n\
         malicious   1         evil     1.0.0      remove it      MAL-3\n\
         critical    1         x        1.0.0      1.2.0          CVE-2024-1\n\
         high        1         zlib     1.1-1      1.2-1          CVE-2024-5 (exploited)\n\
         \n\
         Suppressed:\n\
         negligible  1         zlib     1.1-1      [unimportant]  CVE-2024-4\n\
         \n\
         First these 3 of 3:\n  \
           1. MAL-3 in evil 1.0.0: malicious\n  \
           2. CVE-2024-5 in zlib 1.1-1: exploited by ransomware, high, fixed in 1.2-1\n  \
           3. CVE-2024-1 in x 1.0.0: EPSS 50 %, critical, fixed in 1.2.0\n"
    );
    assert!(!rest.contains("In the base"), "{rest}");
    let found = document(&place.scan(&["-o", "json"]));
    let priorities: Vec<(&Value, &Value)> = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|one| (&one["id"], &one["priority"]))
        .collect();
    assert_eq!(
        priorities,
        [
            (
                &json!("CVE-2024-5"),
                &json!({"rank": 2, "band": "now", "reasons": ["exploited by ransomware", "high", "fixed in 1.2-1"]})
            ),
            (
                &json!("MAL-3"),
                &json!({"rank": 1, "band": "now", "reasons": ["malicious"]})
            ),
            (
                &json!("CVE-2024-1"),
                &json!({"rank": 3, "band": "soon", "reasons": ["EPSS 50 %", "critical", "fixed in 1.2.0"]})
            ),
        ]
    );
    assert_eq!(found["suppressed"][0].get("priority"), None);
    assert_eq!(found.get("base"), None);
}

#[test]
fn base_and_application_are_told_apart_in_an_image_and_in_its_bills() {
    let place = Place::new();
    layered(&place);
    let run = scan(&place, "oci-dir:layout:1", &[]);
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "SEVERITY  FINDINGS  PACKAGE                  INSTALLED  UPDATE TO  LAYER        VULNERABILITIES",
        "high      2         zlib (zlib-dev, zlib1g)  1.1-1      1.2-1      base         CVE-2024-5 (exploited)",
        "critical  1         x                        1.0.0      1.2.0      application  CVE-2024-1",
        "First these 3 of 3:",
        "  1. CVE-2024-5 in zlib-dev 1.1-1 and 1 more: exploited by ransomware, high, fixed in 1.2-1, in the base",
        "  3. CVE-2024-1 in x 1.0.0: EPSS 50 %, critical, fixed in 1.2.0, in the application",
        "In the base (docker.io/library/debian:13), by the image's history its lowest 1 layers: 2 findings; in the application: 1.",
    ] {
        assert!(
            run.stdout.lines().any(|found| found == line),
            "{line}\n{}",
            run.stdout
        );
    }
    let image = document(&scan(&place, "oci-dir:layout:1", &["-o", "json"]));
    assert_eq!(
        image["base"],
        json!({"name": "docker.io/library/debian:13", "layers": 1})
    );
    let origins: Vec<&Value> = image["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|one| &one["origin"])
        .collect();
    assert_eq!(origins, ["base", "base", "application"]);
    let run = finish(toolkit().current_dir(place.path("")).args([
        "sbom",
        "oci-dir:layout:1",
        "-o",
        "a.cdx.json",
        "-o",
        "a.spdx.json",
    ]));
    assert_eq!(run.code, 0, "{run:?}");
    for bill in ["sbom:a.cdx.json", "sbom:a.spdx.json"] {
        let read = document(&scan(&place, bill, &["-o", "json"]));
        assert_eq!(read["findings"], image["findings"], "{bill}");
        assert_eq!(read["base"]["layers"], 1, "{bill}");
    }
}

#[test]
fn an_update_takes_away_what_its_row_says() {
    let place = crate::scan::Place::empty();
    let record = |id: &str, package: &str, events: Value| {
        let record = json!({"id": id, "modified": "2024-05-01T00:00:00Z", "database_specific": {"severity": "HIGH"},
            "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": events}]}]});
        let path = place.path("feeds").join(format!("ghsa/{id}.json"));
        fs_err::write(path, record.to_string()).expect("the record");
    };
    let fixed = |version: &str| json!([{"introduced": "0"}, {"fixed": version}]);
    // A later fix on the other branch.
    record(
        "GHSA-a1",
        "later",
        json!([{"introduced": "0"}, {"fixed": "1.5.0"}, {"introduced": "2.0.0"}, {"fixed": "2.3.0"}]),
    );
    record("GHSA-a2", "later", fixed("2.1.0"));
    // None there.
    record(
        "GHSA-b1",
        "never",
        json!([{"introduced": "0"}, {"fixed": "1.5.0"}, {"introduced": "2.0.0"}]),
    );
    record("GHSA-b2", "never", fixed("2.1.0"));
    let run = place.run(&["db", "build", "feeds"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = place.scan(&["pkg:npm/later@1.0.0", "pkg:npm/never@1.0.0"], &[]);
    let (rows, _) = run.stdout.split_once("\n\n").expect("rows");
    assert_eq!(
        rows,
        "SEVERITY  FINDINGS  PACKAGE  INSTALLED  UPDATE TO  VULNERABILITIES\n\
         high      2         later    1.0.0      2.3.0      GHSA-a1, GHSA-a2\n\
         high      1         never    1.0.0      2.1.0      GHSA-b2\n\
         high      1         never    1.0.0      1.5.0      GHSA-b1"
    );
}
