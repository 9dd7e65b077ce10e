//! Promotion between the lab's two registries and layouts: what arrives, what is refused before anything is written.

mod interrupted;

use std::collections::BTreeSet;

use serde_json::Value;
use toolkit_lab::image::Built;
use toolkit_lab::{Lab, RecordedRequest, ReferrersFault, RegistryFault, RegistryKind};

use crate::binary::Run;
use crate::stage::{SIGNER, Stage, expect, image, index};

const REVIEW: &str = "https://example.com/review/v1";

/// Writes the policy: signed, reviewed, not as root.
fn policy(stage: &Stage) {
    stage.write(
        "policy.yaml",
        &format!(
            "version: 1\nname: release\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  signer: {{kind: email, address: {SIGNER}, issuer: \"{}\"}}\nrules:\n- id: release\n  require:\n    signatures: signer\n    attestations: [{{type: \"{REVIEW}\", by: signer}}]\n    image: {{user: nonRoot}}\nnoMatch: deny\n",
            stage.lab.issuer()
        ),
    );
    stage.write("review.json", r#"{"approved": true}"#);
}

/// Puts an image into a registry, signs and reviews it, and returns its name without a tag.
fn released(stage: &Stage, kind: RegistryKind, repository: &str, built: &Built) -> String {
    let name = stage.push(kind, repository, built);
    release(stage, &format!("{name}:1"));
    name
}

fn release(stage: &Stage, target: &str) {
    expect(&stage.signed("v2", &["sign", target]), 0);
    expect(
        &stage.signed(
            "v2",
            &[
                "attest",
                target,
                "--predicate=review.json",
                "--type",
                REVIEW,
            ],
        ),
        0,
    );
}

fn promote(stage: &Stage, from: &str, to: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["promote", from, to, "--policy=policy.yaml"];
    arguments.extend(more);
    stage.run(&arguments)
}

/// Returns the requests that wrote into a repository.
fn writes(lab: &Lab, repository: &str) -> Vec<RecordedRequest> {
    let prefix = format!("/v2/{repository}/");
    lab.requests()
        .into_iter()
        .filter(|request| {
            request.path.starts_with(&prefix) && !matches!(request.method.as_str(), "GET" | "HEAD")
        })
        .collect()
}

fn host(stage: &Stage, kind: RegistryKind) -> String {
    match kind {
        RegistryKind::WithReferrers => stage.lab.registry(),
        RegistryKind::WithoutReferrers => stage.lab.registry_without_referrers(),
    }
}

/// Is the tag under which evidence of a digest is listed where the referrers API is missing (distribution-spec v1.1).
fn fallback(digest: &str) -> String {
    digest.replacen(':', "-", 1)
}

/// Returns the digests of everything that a repository holds: manifests but for the lists of evidence, and their blobs.
fn closure(lab: &Lab, kind: RegistryKind, repository: &str) -> BTreeSet<String> {
    let lists: BTreeSet<String> = lab
        .tags(kind, repository)
        .iter()
        .filter(|tag| tag.starts_with("sha256-"))
        .filter_map(|tag| lab.tag(kind, repository, tag))
        .collect();
    let mut all = BTreeSet::new();
    for digest in lab.manifests(kind, repository) {
        // An older list has lost its tag.
        let bytes = lab.manifest(kind, repository, &digest).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
        let is_list = manifest["manifests"].as_array().is_some_and(|entries| {
            entries
                .iter()
                .all(|entry| entry["artifactType"].is_string())
        });
        if lists.contains(&digest) || is_list {
            continue;
        }
        let parts = manifest["layers"].as_array().into_iter().flatten();
        for part in parts.chain([&manifest["config"]]) {
            all.extend(part["digest"].as_str().map(str::to_owned));
        }
        all.insert(digest);
    }
    all
}

#[test]
fn an_index_arrives_with_the_evidence_of_every_platform() {
    use RegistryKind::{WithReferrers, WithoutReferrers};
    for (from_kind, to_kind) in [
        (WithReferrers, WithoutReferrers),
        (WithoutReferrers, WithReferrers),
    ] {
        let stage = Stage::new();
        policy(&stage);
        let built = index();
        let from = released(&stage, from_kind, "acme/staging", &built);
        for child in built.children() {
            let pinned = format!("{from}@{}", child.digest());
            release(&stage, &pinned);
            expect(
                &stage.run(&["sbom", &pinned, "-o", "cyclonedx-json=sbom.json"]),
                0,
            );
            expect(
                &stage.signed(
                    "v1",
                    &[
                        "attest",
                        &pinned,
                        "--predicate=sbom.json",
                        "--type=cyclonedx",
                    ],
                ),
                0,
            );
        }
        let sources = closure(&stage.lab, from_kind, "acme/staging");
        let to = format!("{}/acme/production", host(&stage, to_kind));
        let run = promote(
            &stage,
            &format!("{from}:1"),
            &format!("{to}:1.0"),
            &["-o", "json"],
        );
        expect(&run, 0);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        // The index, two images; for each of the three a signature and a review; two documents.
        assert_eq!(report["promoted"]["manifests"], 3 + 3 * 2 + 2);
        assert_eq!(report["promoted"]["tag"], "created");
        assert_eq!(
            closure(&stage.lab, to_kind, "acme/production"),
            sources,
            "everything is there and nothing else"
        );

        let mut tags = vec!["1.0".to_owned()];
        if to_kind == WithoutReferrers {
            tags.push(fallback(built.digest()));
            tags.extend(
                built
                    .children()
                    .iter()
                    .map(|child| fallback(child.digest())),
            );
        }
        tags.sort();
        assert_eq!(stage.lab.tags(to_kind, "acme/production"), tags);

        for digest in [
            built.digest(),
            built.children()[0].digest(),
            built.children()[1].digest(),
        ] {
            let pinned = format!("{to}@{digest}");
            expect(&stage.verify(&pinned, SIGNER, &[]), 0);
            expect(&stage.verify(&pinned, SIGNER, &["--type", REVIEW]), 0);
            expect(&stage.verify(&pinned, SIGNER, &["--type=cyclonedx"]), 0);
        }
        let trees = [format!("{from}:1"), format!("{to}:1.0")].map(|target| {
            let run = stage.run(&["tree", &target]);
            expect(&run, 0);
            run.stdout.matches("  verified: ").count()
        });
        assert_eq!(trees, [8, 8]);
    }
}

#[test]
fn through_a_layout_and_back() {
    let stage = Stage::new();
    policy(&stage);
    let built = index();
    let from = released(&stage, RegistryKind::WithReferrers, "acme/staging", &built);
    let layout = format!("oci-dir:{}", stage.path().join("layout").display());
    expect(
        &promote(&stage, &format!("{from}:1"), &format!("{layout}:2"), &[]),
        0,
    );
    for offline in [
        &[
            "verify",
            &format!("{layout}:2"),
            "--policy=policy.yaml",
            "--offline",
        ][..],
        &["verify", &layout, "--policy=policy.yaml", "--offline"],
    ] {
        expect(&stage.run(offline), 0);
    }
    let to = format!("{}/acme/back", stage.lab.registry_without_referrers());
    expect(
        &promote(&stage, &format!("{layout}:2"), &format!("{to}:3"), &[]),
        0,
    );
    assert_eq!(
        closure(&stage.lab, RegistryKind::WithoutReferrers, "acme/back"),
        closure(&stage.lab, RegistryKind::WithReferrers, "acme/staging")
    );
    expect(
        &stage.verify(&format!("{to}:3"), SIGNER, &["--type", REVIEW]),
        0,
    );
    // A layout into a layout.
    let second = format!("oci-dir:{}", stage.path().join("second").display());
    expect(
        &promote(&stage, &format!("{layout}:2"), &format!("{second}:4"), &[]),
        0,
    );
    expect(&stage.verify(&format!("{second}:4"), SIGNER, &[]), 0);
}

/// Lists the files of a directory with their content.
fn content(directory: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in fs_err::read_dir(next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let bytes = fs_err::read(&path).expect("a file");
                files.push((path.display().to_string(), bytes));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_tag_of_another_image_is_not_moved() {
    let stage = Stage::new();
    policy(&stage);
    let (old, new) = (image("arm64"), image("amd64"));
    let (was, wanted) = (old.digest().to_owned(), new.digest().to_owned());
    let from = released(&stage, RegistryKind::WithReferrers, "acme/staging", &new);
    let source = format!("{from}:1");
    for kind in [RegistryKind::WithReferrers, RegistryKind::WithoutReferrers] {
        let to = format!("{}:1", stage.push(kind, "acme/production", &old));
        stage.lab.clear_requests();
        for more in [&[][..], &["-o", "json"]] {
            let run = promote(&stage, &source, &to, more);
            expect(&run, 1);
            for text in [&was, &wanted, "`--force` moves the tag"] {
                assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
            }
            if !more.is_empty() {
                let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
                assert_eq!(
                    (&report["verdict"], &report["exitCode"]),
                    (&Value::Null, &1.into())
                );
            }
        }
        assert_eq!(writes(&stage.lab, "acme/production"), []);
        assert_eq!(
            stage.lab.tag(kind, "acme/production", "1"),
            Some(was.clone())
        );
        assert_eq!(stage.lab.manifests(kind, "acme/production"), [was.as_str()]);

        let run = promote(&stage, &source, &to, &["--force"]);
        expect(&run, 0);
        assert!(
            run.stdout.contains(&format!("tag moved from {was}")),
            "{}",
            run.stdout
        );
        assert_eq!(
            stage.lab.tag(kind, "acme/production", "1"),
            Some(wanted.clone())
        );
        // What the tag named is still there by its digest.
        assert!(stage.lab.manifest(kind, "acme/production", &was).is_some());
    }

    let path = stage.path().join("layout");
    old.write_layout(&path, Some("1")).expect("a layout");
    let before = content(&path);
    let to = format!("oci-dir:{}:1", path.display());
    let run = promote(&stage, &source, &to, &[]);
    expect(&run, 1);
    assert!(
        run.stderr.contains(&was) && run.stderr.contains(&wanted),
        "{}",
        run.stderr
    );
    assert_eq!(content(&path), before, "nothing was written");
    expect(&promote(&stage, &source, &to, &["--force"]), 0);
    expect(&stage.verify(&to, SIGNER, &[]), 0);
}

#[test]
fn a_second_promotion_has_nothing_to_do() {
    let stage = Stage::new();
    policy(&stage);
    let built = image("amd64");
    let from = released(&stage, RegistryKind::WithReferrers, "acme/staging", &built);
    let layout = format!("oci-dir:{}:1", stage.path().join("layout").display());
    for to in [
        format!("{}/acme/production:1", stage.lab.registry()),
        format!(
            "{}/acme/production:1",
            stage.lab.registry_without_referrers()
        ),
        layout,
    ] {
        expect(&promote(&stage, &format!("{from}:1"), &to, &[]), 0);
        stage.lab.clear_requests();
        let run = promote(&stage, &format!("{from}:1"), &to, &["-o", "json"]);
        expect(&run, 0);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(
            (&report["promoted"]["tag"], &report["promoted"]["written"]),
            (&"unchanged".into(), &0.into()),
            "{to}"
        );
        assert_eq!(writes(&stage.lab, "acme/production"), [], "{to}");
        // A new piece of evidence follows; the image stays.
        expect(
            &stage.signed(
                "v1",
                &[
                    "attest",
                    &format!("{from}:1"),
                    "--predicate=review.json",
                    &format!("--type=https://example.com/{}", to.len()),
                ],
            ),
            0,
        );
        let run = promote(&stage, &format!("{from}:1"), &to, &[]);
        expect(&run, 0);
        assert!(run.stdout.contains("tag unchanged"), "{}", run.stdout);
        expect(
            &stage.verify(
                &to,
                SIGNER,
                &["--type", &format!("https://example.com/{}", to.len())],
            ),
            0,
        );
    }
}

#[test]
fn a_destination_without_a_tag_gets_the_image_by_digest() {
    let stage = Stage::new();
    policy(&stage);
    let built = index();
    let from = released(&stage, RegistryKind::WithReferrers, "acme/staging", &built);
    let to = format!("{}/acme/production", stage.lab.registry());
    let run = promote(&stage, &format!("{from}:1"), &to, &[]);
    expect(&run, 0);
    assert!(
        run.stdout
            .contains(&format!("promoted to {to}@{}: tag none", built.digest())),
        "{}",
        run.stdout
    );
    assert_eq!(
        stage
            .lab
            .tags(RegistryKind::WithReferrers, "acme/production"),
        Vec::<String>::new()
    );
    expect(
        &stage.verify(&format!("{to}@{}", built.digest()), SIGNER, &[]),
        0,
    );
    let layout = format!("oci-dir:{}", stage.path().join("layout").display());
    expect(&promote(&stage, &format!("{from}:1"), &layout, &[]), 0);
    expect(&stage.verify(&layout, SIGNER, &["--type", REVIEW]), 0);

    // Named by a digest: the image's own, or it is a mistake.
    let own = format!("{to}@{}", built.digest());
    expect(&promote(&stage, &format!("{from}:1"), &own, &[]), 0);
    let other = format!("{to}@{}", image("amd64").digest());
    let run = promote(&stage, &format!("{from}:1"), &other, &[]);
    expect(&run, 17);
    assert!(
        run.stderr.contains(built.digest()) && run.stderr.contains(image("amd64").digest()),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_not_allowed_is_not_copied() {
    let stage = Stage::new();
    policy(&stage);
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithReferrers, "acme/staging", &built);
    let source = format!("{name}:1");
    let registry = format!("{}/acme/production:1", stage.lab.registry());
    let path = stage.path().join("layout");
    let layout = format!("oci-dir:{}:1", path.display());
    let refused = |code: i32, check: &str| {
        for to in [&registry, &layout] {
            stage.lab.clear_requests();
            let run = promote(&stage, &source, to, &[]);
            expect(&run, code);
            assert!(run.stdout.contains(check), "{check}: {}", run.stdout);
            assert!(!run.stdout.contains("promoted to"), "{}", run.stdout);
            assert_eq!(writes(&stage.lab, "acme/production"), []);
            assert!(!path.exists(), "{to}");
        }
        assert_eq!(
            stage
                .lab
                .manifests(RegistryKind::WithReferrers, "acme/production"),
            Vec::<String>::new()
        );
    };
    refused(1, "signature.missing");
    expect(&stage.signed("v2", &["sign", &source]), 0);
    refused(1, "attestation.missing");
    // Evidence that is not reached proves neither yes nor no.
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    faults.add(RegistryFault::Referrers(ReferrersFault::Status(403)));
    refused(3, "evidence.unreachable");
    faults.clear();
    release(&stage, &source);
    expect(&promote(&stage, &source, &registry, &[]), 0);
}
