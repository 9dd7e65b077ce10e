//! What is refused, each with its code: the contract, §1.

use serde_json::{Value, json};
use toolkit_lab::{BlobFault, RegistryFault, RegistryKind};

use super::place::read_json;
use super::publisher::Publisher;
use crate::layout::digest;
use crate::stage::{expect, image};

/// Fails unless the run ended so and said so.
#[track_caller]
fn refused(run: &crate::binary::Run, code: i32, text: &str) {
    expect(run, code);
    assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
}

#[test]
fn what_nobody_or_somebody_else_signed() {
    let publisher = Publisher::new();
    publisher.build("one", 2);
    let pinned = publisher.export("one", &format!("registry:{}", publisher.reference()));
    refused(&publisher.update("client", &[]), 4, "is not signed");
    // An attestation is no signature.
    publisher.stage.write("review.json", "{}");
    let run = publisher.stage.signed(
        "v1",
        &[
            "attest",
            &pinned,
            "--predicate",
            "review.json",
            "--type",
            "https://example.com/review/v1",
        ],
    );
    expect(&run, 0);
    refused(&publisher.update("client", &[]), 4, "is not signed");
    publisher.sign(&pinned);
    let other = format!(
        "kind=email,address=other@example.com,issuer={}",
        publisher.stage.lab.issuer()
    );
    let reference = publisher.reference();
    let run = publisher.on(
        "client",
        &["db", "update", &reference, "--db-identity", &other],
    );
    refused(&run, 4, "is not signed by other@example.com");
    assert!(run.stderr.contains("signer@example.com"), "{}", run.stderr);
    expect(&publisher.scan("client", &[]), 4);
    expect(&publisher.update("client", &[]), 0);
}

#[test]
fn what_was_rolled_back() {
    let publisher = Publisher::new();
    let old = publisher.publish("old", 3);
    publisher.record("GHSA-2", "y");
    let new = publisher.publish("new", 1);
    expect(&publisher.update("client", &[]), 0);
    // The tag is moved back to what was signed before.
    publisher.export("old", &format!("registry:{}", publisher.reference()));
    refused(&publisher.update("client", &[]), 4, "rolled back");
    refused(&publisher.on("client", &["db", "check"]), 4, "rolled back");
    let status = publisher.on("client", &["db", "status"]);
    assert!(status.stdout.contains(&new), "{}", status.stdout);
    // A machine that never saw the newer one cannot know.
    let run = publisher.update("other", &[]);
    expect(&run, 0);
    assert_eq!(run.stdout.trim(), old);
    // Imported: the same signer, remembered apart.
    let identity = publisher.identity();
    let import = |place: &str| {
        publisher.on(
            "closed",
            &["db", "import", place, "--db-identity", &identity],
        )
    };
    expect(&publisher.on("client", &["db", "export", "newer"]), 0);
    expect(&publisher.on("other", &["db", "export", "older"]), 0);
    expect(&import("newer"), 0);
    refused(&import("older"), 4, "rolled back");
    let beside = |machine: &str, folder: &str| {
        publisher.scan(machine, &["--db", folder, "--db-identity", &identity])
    };
    refused(&beside("closed", "older"), 4, "rolled back");
    // Used where it lies: that is remembered too.
    expect(&beside("third", "older"), 1);
    expect(&beside("third", "newer"), 1);
    refused(&beside("third", "older"), 4, "rolled back");
    let state = read_json(&publisher.path("third/vulndb-v2/state.json"));
    assert_eq!(
        state["databases"],
        json!({}),
        "its sequence, and not its trust"
    );
}

#[test]
fn what_is_frozen_stale_or_of_the_future() {
    let publisher = Publisher::new();
    publisher.publish("frozen", 15 * 24);
    refused(
        &publisher.update("client", &["--max-age", "30d"]),
        4,
        "expired at",
    );
    publisher.publish("stale", 6 * 24);
    refused(&publisher.update("client", &[]), 4, "allowed are 5 days");
    expect(&publisher.update("client", &["--max-age", "7d"]), 0);
    refused(&publisher.scan("client", &[]), 4, "allowed are 5 days");
    expect(&publisher.scan("client", &["--max-age", "7d"]), 1);
    refused(
        &publisher.scan("client", &["--max-age", "1h"]),
        4,
        "allowed are 1 hours",
    );
    let status = publisher.on("client", &["db", "status"]);
    expect(&status, 4);
    assert!(status.stdout.contains("refused "), "{}", status.stdout);
    expect(&publisher.on("client", &["db", "check"]), 0);
    publisher.publish("future", -48);
    refused(&publisher.update("client", &[]), 4, "more than a day after");
    // Built here: neither age nor end count, but the future does.
    for (folder, code) in [("frozen", 1), ("stale", 1), ("future", 4)] {
        expect(&publisher.scan("publisher", &["--db", folder]), code);
    }
    expect(
        &publisher.scan("publisher", &["--db", "stale", "--max-age", "5d"]),
        4,
    );
    // Named by its digest: who typed it vouches for it.
    let bytes = fs_err::read(publisher.path("stale/manifest.json")).expect("the manifest");
    let named = format!("stale@{}", digest(&bytes));
    expect(&publisher.scan("new", &["--db", &named]), 1);
}

#[test]
fn what_the_place_does_not_give() {
    let publisher = Publisher::new();
    publisher.publish("one", 2);
    let faults = publisher
        .stage
        .lab
        .faults()
        .registry(RegistryKind::WithReferrers);
    for (fault, code) in [
        (RegistryFault::Status(503), 3),
        (RegistryFault::Unauthorized, 3),
        (RegistryFault::HangUp, 3),
        (RegistryFault::Blob(BlobFault::Truncated), 3),
        (RegistryFault::Blob(BlobFault::Reset), 3),
        (RegistryFault::ManifestWrongBytes, 4),
        (RegistryFault::Blob(BlobFault::WrongBytes), 4),
        (RegistryFault::Blob(BlobFault::TooShort), 4),
        (RegistryFault::Blob(BlobFault::TooLong), 4),
        (
            RegistryFault::Referrers(toolkit_lab::ReferrersFault::Status(500)),
            3,
        ),
    ] {
        faults.add(fault.clone());
        let run = publisher.update("client", &[]);
        faults.clear();
        assert_eq!(run.code, code, "{fault:?}: {}", run.stderr);
        assert_eq!(publisher.scan("client", &[]).code, 4, "{fault:?}");
    }
    // After the signature was read: only the segments.
    for fault in [
        BlobFault::WrongBytes,
        BlobFault::TooShort,
        BlobFault::TooLong,
    ] {
        faults.add_after(2, RegistryFault::Blob(fault));
        let run = publisher.update("client", &[]);
        faults.clear();
        assert_eq!(run.code, 4, "{fault:?}: {}", run.stderr);
    }
    let reference = format!("{}/acme/none", publisher.stage.lab.registry());
    let identity = publisher.identity();
    let update = |arguments: &[&str]| {
        let mut all = vec!["db", "update"];
        all.extend(arguments);
        publisher.on("client", &all).code
    };
    assert_eq!(update(&[&reference, "--db-identity", &identity]), 11);
    let reference = publisher.reference();
    assert_eq!(
        update(&[&reference, "--db-identity", &identity, "--offline"]),
        3
    );
    assert_eq!(update(&[]), 2, "nothing was ever pulled");
    assert_eq!(update(&[&reference]), 2, "nobody is wanted");
    assert_eq!(update(&[&reference, "--db-identity", "kind=email"]), 2);
    assert_eq!(
        update(&[&reference, "--db-identity", &identity, "--max-age", "5"]),
        2
    );
    assert_eq!(
        publisher
            .on(
                "client",
                &[
                    "db",
                    "import",
                    &format!("registry:{reference}"),
                    "--db-identity",
                    &identity
                ]
            )
            .code,
        2
    );
    assert_eq!(publisher.on("client", &["db", "check"]).code, 2);
    assert_eq!(
        publisher
            .on(
                "publisher",
                &["db", "export", "registry:x/y@sha256:0", "--db", "one"]
            )
            .code,
        2
    );
    assert_eq!(update(&[&reference, "--db-identity", &identity]), 0);
}

#[test]
fn what_is_no_database() {
    let publisher = Publisher::new();
    let repository = publisher
        .stage
        .push(RegistryKind::WithReferrers, "acme/app", &image("amd64"));
    let reference = format!("{repository}:1");
    publisher.sign(&reference);
    let identity = publisher.identity();
    let run = publisher.on(
        "client",
        &["db", "update", &reference, "--db-identity", &identity],
    );
    refused(&run, 4, "no vulnerability database");
    fs_err::create_dir_all(publisher.path("empty")).expect("a folder");
    let run = publisher.on(
        "client",
        &["db", "import", "empty", "--db-identity", &identity],
    );
    refused(&run, 4, "holds no vulnerability database");
    let run = publisher.on(
        "client",
        &["db", "import", "none", "--db-identity", &identity],
    );
    expect(&run, 2);
}

#[test]
fn what_is_for_trials() {
    let publisher = Publisher::new();
    publisher.build_with("demo", 2, &["--demo"]);
    let pinned = publisher.export("demo", &format!("registry:{}", publisher.reference()));
    publisher.sign(&pinned);
    refused(&publisher.update("client", &[]), 4, "for trials");
}

/// Writes another configuration into an exported layout; returns the new artifact's digest.
fn edit(publisher: &Publisher, layout: &str, change: &dyn Fn(&mut Value)) -> String {
    let line = publisher.export("one", &format!("oci-dir:{layout}"));
    let folder = publisher.path(layout);
    let blob = |digest: &str| folder.join("blobs").join(digest.replacen(':', "/", 1));
    let put = |value: &Value| {
        let bytes = value.to_string();
        let digest = digest(bytes.as_bytes());
        fs_err::write(blob(&digest), &bytes).expect("the blob");
        (digest, bytes.len())
    };
    let former = line.rsplit_once('@').expect("a digest").1;
    let mut artifact = read_json(&blob(former));
    let mut manifest = read_json(&blob(
        artifact["config"]["digest"].as_str().expect("a digest"),
    ));
    change(&mut manifest);
    let (config, size) = put(&manifest);
    artifact["config"]["digest"] = json!(config);
    artifact["config"]["size"] = json!(size);
    let (new, size) = put(&artifact);
    let mut index = read_json(&folder.join("index.json"));
    index["manifests"][0]["digest"] = json!(new);
    index["manifests"][0]["size"] = json!(size);
    fs_err::write(folder.join("index.json"), index.to_string()).expect("the index");
    new
}

#[test]
fn what_says_other_things_than_it_holds() {
    let publisher = Publisher::new();
    publisher.build("one", 2);
    let identity = publisher.identity();
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Value), &'a str);
    let cases: [Case<'_>; 6] = [
        (
            "format",
            &|manifest| manifest["format"] = json!(9),
            "database format 9",
        ),
        (
            "digest",
            &|manifest| {
                manifest["segments"][0]["digest"] = json!(format!("sha256:{}", "0".repeat(64)))
            },
            "not the one that its manifest names",
        ),
        (
            "shorter",
            &|manifest| manifest["segments"][0]["size"] = json!(10),
            "expected 10 bytes, found more",
        ),
        (
            "huge",
            &|manifest| manifest["segments"][0]["size"] = json!(1_u64 << 40),
            "at most",
        ),
        (
            "kinds",
            &|manifest| {
                manifest["segments"]
                    .as_array_mut()
                    .expect("a list")
                    .reverse()
            },
            "not the segments",
        ),
        (
            "unknown",
            &|manifest| manifest["more"] = json!(1),
            "malformed",
        ),
    ];
    for (name, change, text) in cases {
        let new = edit(&publisher, name, change);
        let target = format!("oci-dir:{name}@{new}");
        publisher.sign(&target);
        let run = publisher.on(
            "client",
            &["db", "import", &target, "--db-identity", &identity],
        );
        assert_eq!(run.code, 4, "{name}: {}", run.stderr);
        assert!(run.stderr.contains(text), "{name}: {}", run.stderr);
        let left =
            fs_err::read_dir(publisher.path("client/vulndb-v2/databases")).expect("the folder");
        assert_eq!(left.count(), 0, "{name}");
    }
}
