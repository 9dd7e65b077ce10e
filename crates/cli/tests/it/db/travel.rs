//! A database is published, signed with the ordinary command, pulled, carried on a disk, and used by whoever trusts its signer.

use serde_json::Value;
use toolkit_lab::RegistryKind;

use super::place::read_json;
use super::publisher::Publisher;
use crate::binary::finish;
use crate::stage::{SIGNER, expect};

#[test]
fn it_is_published_signed_pulled_and_used() {
    let publisher = Publisher::new();
    let digest = publisher.build("one", 2);
    let reference = publisher.reference();
    let pinned = publisher.export("one", &format!("registry:{reference}"));
    publisher.sign(&pinned);
    // It is an OCI manifest like any other.
    expect(&publisher.stage.verify(&pinned, SIGNER, &[]), 0);
    let tree = publisher.stage.run(&["tree", &pinned]);
    expect(&tree, 0);

    assert_eq!(publisher.scan("client", &[]).code, 4, "none yet");
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), digest);
    let scan = publisher.scan("client", &[]);
    expect(&scan, 1);
    assert!(
        scan.stderr.contains(&format!("pulled from {reference}")) && scan.stderr.contains(SIGNER),
        "{}",
        scan.stderr
    );
    let state = read_json(&publisher.path("client/vulndb-v2/state.json"));
    assert_eq!(state["databases"][&digest]["trust"], "pulled");
    assert_eq!(state["seen"][0]["reference"], reference.as_str());
    assert_eq!(state["subscription"]["reference"], reference.as_str());

    // Neither reference nor identity is typed again.
    let run = publisher.on("client", &["db", "check"]);
    expect(&run, 0);
    assert!(run.stdout.starts_with("none newer: "), "{}", run.stdout);
    publisher.record("GHSA-2", "y");
    let newer = publisher.publish("two", 1);
    let run = publisher.on("client", &["db", "check"]);
    expect(&run, 100);
    assert!(
        run.stdout.starts_with(&format!("newer: {newer} of ")),
        "{}",
        run.stdout
    );
    let run = publisher.on("client", &["db", "update"]);
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), newer);
    expect(&publisher.on("client", &["db", "check"]), 0);
    expect(&publisher.on("client", &["db", "search", "GHSA-2"]), 0);
}

#[test]
fn only_segments_that_are_missing_are_pulled() {
    let publisher = Publisher::new();
    publisher.publish("one", 2);
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert!(!run.stderr.contains(" 0 bytes pulled"), "{}", run.stderr);
    // The same records later: another database of the same segments.
    let newer = publisher.publish("two", 1);
    publisher.stage.lab.clear_requests();
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), newer);
    assert!(run.stderr.contains(" 0 bytes pulled"), "{}", run.stderr);
    let requests = publisher.stage.lab.requests();
    let blobs = requests
        .iter()
        .filter(|request| request.method == "GET" && request.path.contains("/blobs/"));
    assert_eq!(blobs.count(), 2, "the configuration and the bundle");
    expect(&publisher.scan("client", &[]), 1);
    // And again: nothing is written.
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert!(run.stderr.contains("is the newest"), "{}", run.stderr);
}

#[test]
fn who_signs_an_installed_one_later_counts_too() {
    let publisher = Publisher::new();
    publisher.build("one", 2);
    let pinned = publisher.export("one", &format!("registry:{}", publisher.reference()));
    publisher.sign(&pinned);
    expect(&publisher.update("client", &[]), 0);
    let address = "second@example.com";
    let issuer = publisher.stage.lab.issuer();
    let second = format!("kind=email,address={address},issuer={issuer}");
    let counts = |folder: &str, identity: &str| {
        expect(&publisher.on("client", &["db", "export", folder]), 0);
        let arguments = ["--db", folder, "--db-identity", identity];
        publisher.scan("new", &arguments).code == 1
    };
    let first = publisher.identity();
    assert!(counts("before", &first) && !counts("before", &second));

    let mut command = publisher.stage.toolkit("v1");
    let token = publisher.stage.lab.email_token(address);
    command
        .args(["sign", &pinned])
        .env("SIGSTORE_ID_TOKEN", token);
    expect(&finish(&mut command), 0);
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert!(run.stderr.contains("is the newest"), "{}", run.stderr);
    assert!(counts("after", &first) && counts("after", &second));
}

#[test]
fn it_is_carried_on_a_disk() {
    let publisher = Publisher::new();
    let digest = publisher.publish("one", 2);
    expect(&publisher.update("client", &[]), 0);
    let identity = publisher.identity();
    for (number, place) in [
        "folder",
        "oci-dir:layout",
        "oci-dir:tagged:v1",
        "oci-archive:db.tar",
    ]
    .into_iter()
    .enumerate()
    {
        let run = publisher.on("client", &["db", "export", place]);
        expect(&run, 0);
        assert!(!run.stderr.contains("left out"), "{}", run.stderr);
        let machine = format!("closed-{number}");
        let run = publisher.on(
            &machine,
            &[
                "db",
                "import",
                place,
                "--db-identity",
                &identity,
                "--offline",
            ],
        );
        expect(&run, 0);
        assert_eq!(run.stdout.trim(), digest, "{place}");
        let scan = publisher.scan(&machine, &[]);
        expect(&scan, 1);
        assert!(
            scan.stderr.contains("imported, signed by"),
            "{}",
            scan.stderr
        );
        let other = "kind=email,address=other@example.com,issuer=https://issuer.example";
        let run = publisher.on("other", &["db", "import", place, "--db-identity", other]);
        expect(&run, 4);
        // Any one suffices.
        let run = publisher.on(
            "other",
            &[
                "db",
                "import",
                place,
                "--db-identity",
                other,
                "--db-identity",
                &identity,
            ],
        );
        expect(&run, 0);
    }
    // The archive by its bytes, the layout by its marker.
    for place in ["db.tar", "layout"] {
        let run = publisher.on(
            "bytes",
            &["db", "import", place, "--db-identity", &identity],
        );
        expect(&run, 0);
    }
}

#[test]
fn a_folder_is_used_where_its_signer_is_wanted() {
    let publisher = Publisher::new();
    publisher.publish("one", 2);
    expect(&publisher.update("client", &[]), 0);
    expect(&publisher.on("client", &["db", "export", "folder"]), 0);
    let identity = publisher.identity();
    expect(&publisher.scan("new", &["--db", "folder"]), 4);
    let run = publisher.scan("new", &["--db", "folder", "--db-identity", &identity]);
    expect(&run, 1);
    assert!(
        run.stderr.contains("vouched for where it lies, signed by")
            || run.stderr.contains("signed by"),
        "{}",
        run.stderr
    );
    // Nothing was recorded.
    expect(&publisher.scan("new", &["--db", "folder"]), 4);
    // The evidence of another database.
    publisher.record("GHSA-2", "y");
    publisher.build("two", 1);
    for name in ["artifact.json", "bundles"] {
        let to = publisher.path("two").join(name);
        fs_err::rename(publisher.path("folder").join(name), to).expect("moved");
    }
    let run = publisher.scan("new", &["--db", "two", "--db-identity", &identity]);
    expect(&run, 4);
    assert!(run.stderr.contains("is not signed by"), "{}", run.stderr);
}

#[test]
fn a_folder_can_be_signed_by_its_manifest() {
    let publisher = Publisher::new();
    publisher.build("one", 2);
    fs_err::create_dir_all(publisher.path("one/bundles")).expect("the folder");
    let run = publisher.stage.signed(
        "v2",
        &[
            "sign",
            "file:one/manifest.json",
            "--bundle",
            "one/bundles/own.json",
        ],
    );
    expect(&run, 0);
    let identity = publisher.identity();
    expect(
        &publisher.scan("new", &["--db", "one", "--db-identity", &identity]),
        1,
    );
    let run = publisher.on("new", &["db", "import", "one", "--db-identity", &identity]);
    expect(&run, 0);
    expect(&publisher.scan("new", &[]), 1);
}

#[test]
fn a_registry_without_referrers_holds_it_too() {
    let publisher = Publisher::new();
    let digest = publisher.build("one", 2);
    let reference = publisher.reference_at(RegistryKind::WithoutReferrers);
    let pinned = publisher.export("one", &format!("registry:{reference}"));
    publisher.sign(&pinned);
    let identity = publisher.identity();
    // By digest, the place is still the same.
    let run = publisher.on(
        "client",
        &["db", "update", &pinned, "--db-identity", &identity],
    );
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), digest);
    let run = publisher.on(
        "client",
        &["db", "update", &reference, "--db-identity", &identity],
    );
    expect(&run, 0);
}

#[test]
fn the_artifact_is_the_documented_one() {
    let publisher = Publisher::new();
    let digest = publisher.build("one", 2);
    let line = publisher.export("one", "oci-dir:layout:v1");
    let artifact = line.rsplit_once("@sha256:").expect("a digest").1;
    let manifest = read_json(&publisher.path("layout/blobs/sha256").join(artifact));
    assert_eq!(
        manifest["artifactType"],
        "application/vnd.toolkit.vulndb.v1"
    );
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.toolkit.vulndb.manifest.v1+json"
    );
    assert_eq!(manifest["config"]["digest"], digest.as_str());
    let own = read_json(&publisher.path("one/manifest.json"));
    let kinds: Vec<String> = own["segments"]
        .as_array()
        .expect("segments")
        .iter()
        .map(|segment| {
            let kind = segment["kind"].as_str().expect("a kind");
            format!("application/vnd.toolkit.vulndb.{kind}.v1+zstd")
        })
        .collect();
    let layers: Vec<String> = manifest["layers"]
        .as_array()
        .expect("layers")
        .iter()
        .map(|layer| layer["mediaType"].as_str().expect("a type").to_owned())
        .collect();
    assert_eq!(layers, kinds);
    assert_eq!(manifest.get("subject"), None::<&Value>);
    // The same database gives the same artifact.
    assert_eq!(
        publisher
            .export("one", "oci-dir:again:v1")
            .rsplit_once('@')
            .expect("a digest")
            .1,
        format!("sha256:{artifact}")
    );
}

#[test]
fn changes_alone_are_pulled_by_whoever_has_the_base() {
    let publisher = Publisher::new();
    for number in 10..400 {
        publisher.record(&format!("GHSA-{number}"), &format!("package-{number}"));
    }
    publisher.publish("one", 3);
    expect(&publisher.update("client", &[]), 0);
    publisher.record("GHSA-2", "y");
    let digest = publisher.build_with("two", 2, &["--base", "one"]);
    let manifest = read_json(&publisher.path("two/manifest.json"));
    let former = read_json(&publisher.path("one/manifest.json"));
    let kinds = |manifest: &Value| -> Vec<Value> {
        let segments = manifest["segments"].as_array().expect("segments");
        segments.iter().map(|one| one["kind"].clone()).collect()
    };
    assert_eq!(
        kinds(&manifest),
        ["index", "details", "delta", "delta-details"]
    );
    assert_eq!(manifest["segments"][0], former["segments"][0]);
    let pinned = publisher.export("two", &format!("registry:{}", publisher.reference()));
    publisher.sign(&pinned);
    publisher.stage.lab.clear_requests();
    let run = publisher.update("client", &[]);
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), digest);
    let requests = publisher.stage.lab.requests();
    let blobs = requests
        .iter()
        .filter(|request| request.method == "GET" && request.path.contains("/blobs/"));
    assert_eq!(blobs.count(), 4, "configuration, bundle and the changes");
    expect(&publisher.scan("client", &[]), 1);
    expect(&publisher.on("client", &["db", "search", "GHSA-2"]), 0);
    expect(&publisher.on("client", &["db", "search", "pkg:npm/y"]), 0);
    // The next changes are of the same base.
    publisher.record("GHSA-3", "z");
    publisher.build_with("three", 1, &["--base", &digest_of(&publisher, "two")]);
    let manifest = read_json(&publisher.path("three/manifest.json"));
    assert_eq!(manifest["segments"][0], former["segments"][0]);
    let run = publisher.on("publisher", &["db", "diff", "two", "three"]);
    assert!(run.stdout.ends_with("+ ghsa GHSA-3\n"), "{}", run.stdout);
}

/// Names a built folder with its digest.
fn digest_of(publisher: &Publisher, folder: &str) -> String {
    let bytes = fs_err::read(publisher.path(folder).join("manifest.json")).expect("the manifest");
    format!("{folder}@{}", crate::layout::digest(&bytes))
}
