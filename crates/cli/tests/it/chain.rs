//! The chain as a user types it: sign, attest, verify, promote, tree, on both logs, both kinds of registry and a layout.

use serde_json::Value;
use toolkit_lab::{GithubClaims, RegistryKind};

use crate::binary::finish;
use crate::stage::{SIGNER, Stage, expect, image, index};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_image_goes_the_whole_way() {
    let stage = Stage::new();
    let built = index();
    let digest = built.digest().to_owned();
    for (rekor, kind) in [
        ("v1", RegistryKind::WithReferrers),
        ("v2", RegistryKind::WithReferrers),
        ("v1", RegistryKind::WithoutReferrers),
    ] {
        let name = stage.push(
            kind,
            &format!("acme/{rekor}-{kind:?}").to_lowercase(),
            &built,
        );
        let tagged = format!("{name}:1");
        expect(&stage.verify(&tagged, SIGNER, &[]), 10);

        let run = stage.signed(rekor, &["sign", &tagged]);
        expect(&run, 0);
        assert_eq!(run.stdout, format!("{name}@{digest}\n"));
        let run = stage.verify(&tagged, SIGNER, &[]);
        expect(&run, 0);
        assert!(
            run.stdout
                .starts_with(&format!("PASS {tagged} ({digest})\n")),
            "{}",
            run.stdout
        );
        assert!(
            run.stdout
                .ends_with("PASS: 0 failed, 0 undecided, 1 passed; exit code 0\n"),
            "{}",
            run.stdout
        );
        expect(&stage.verify(&tagged, "mallory@example.com", &[]), 12);

        for platform in ["amd64", "arm64"] {
            let file = format!("{platform}.cdx.json");
            expect(
                &stage.run(&[
                    "sbom",
                    &tagged,
                    "--platform",
                    &format!("linux/{platform}"),
                    "-o",
                    &format!("cyclonedx-json={file}"),
                ]),
                0,
            );
            expect(&stage.verify(&tagged, SIGNER, &["--type", "cyclonedx"]), 14);
            expect(
                &stage.signed(
                    rekor,
                    &[
                        "attest",
                        &tagged,
                        "--predicate",
                        &file,
                        "--type",
                        "cyclonedx",
                    ],
                ),
                0,
            );
        }
        expect(&stage.verify(&tagged, SIGNER, &["--type", "cyclonedx"]), 0);
        expect(
            &stage.verify(&tagged, SIGNER, &["--type", "cyclonedx", "--type", "spdx"]),
            14,
        );

        let run = stage.signed(rekor, &["attest", "provenance", &tagged]);
        expect(&run, 0);
        assert_eq!(
            run.stdout.lines().count(),
            3,
            "the index and both platforms: {}",
            run.stdout
        );
        expect(
            &stage.verify(&tagged, SIGNER, &["--type", "slsaprovenance1"]),
            0,
        );
        let child = built.children()[0].digest();
        expect(
            &stage.verify(
                &format!("{name}@{child}"),
                SIGNER,
                &["--type", "slsaprovenance1"],
            ),
            0,
        );
        expect(&stage.verify(&format!("{name}@{child}"), SIGNER, &[]), 10);

        let tree = stage.run(&["tree", &tagged]);
        expect(&tree, 0);
        assert_eq!(
            tree.stdout.matches("  verified: ").count(),
            6,
            "{}",
            tree.stdout
        );
    }
}

#[test]
fn a_policy_lets_an_image_through_with_its_evidence() {
    let stage = Stage::new();
    let built = index();
    let digest = built.digest().to_owned();
    let from = stage.push(RegistryKind::WithReferrers, "acme/staging", &built);
    let to = format!("{}/acme/production", stage.lab.registry_without_referrers());
    stage.write(
        "policy.yaml",
        &format!(
            "version: 1\nname: test\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  signer: {{kind: email, address: {SIGNER}, issuer: \"{}\"}}\nrules:\n- id: signed\n  require:\n    signatures: signer\n    image: {{user: nonRoot}}\nnoMatch: deny\n",
            stage.lab.issuer()
        ),
    );
    let source = format!("{from}:1");
    let refused = stage.run(&[
        "promote",
        &source,
        &format!("{to}:1"),
        "--policy",
        "policy.yaml",
    ]);
    expect(&refused, 1);
    assert!(refused.stdout.contains("  FAIL       signatures [signature.missing]\n             at        policy.yaml:9:17, rule signed\n"), "{}", refused.stdout);
    assert_eq!(
        stage
            .lab
            .tag(RegistryKind::WithoutReferrers, "acme/production", "1"),
        None
    );

    expect(&stage.signed("v1", &["sign", &source]), 0);
    let run = stage.run(&[
        "promote",
        &source,
        &format!("{to}:1"),
        "--policy",
        "policy.yaml",
        "-o",
        "json",
    ]);
    expect(&run, 0);
    let report = json(&run.stdout);
    assert_eq!(report["schema"], "toolkit.promote/v1");
    assert_eq!(
        (&report["verdict"], &report["exitCode"], &report["digest"]),
        (&"allow".into(), &0.into(), &digest.as_str().into())
    );
    assert_eq!(report["promoted"]["tag"], "created");
    assert_eq!(
        stage
            .lab
            .tag(RegistryKind::WithoutReferrers, "acme/production", "1"),
        Some(digest.clone())
    );
    expect(&stage.verify(&format!("{to}:1"), SIGNER, &[]), 0);

    let again = stage.run(&[
        "promote",
        &source,
        &format!("{to}:1"),
        "--policy",
        "policy.yaml",
    ]);
    expect(&again, 0);
    assert!(again.stdout.contains("tag unchanged"), "{}", again.stdout);

    let layout = format!("oci-dir:{}:1", stage.path().join("layout").display());
    expect(
        &stage.run(&["promote", &source, &layout, "--policy", "policy.yaml"]),
        0,
    );
    expect(&stage.verify(&layout, SIGNER, &[]), 0);
    expect(
        &stage.run(&["verify", &layout, "--policy", "policy.yaml", "--offline"]),
        0,
    );

    let other = stage.push(RegistryKind::WithReferrers, "acme/other", &image("amd64"));
    expect(&stage.signed("v1", &["sign", &format!("{other}:1")]), 0);
    let taken = stage.run(&[
        "promote",
        &format!("{other}:1"),
        &format!("{to}:1"),
        "--policy",
        "policy.yaml",
    ]);
    expect(&taken, 1);
    let found = image("amd64").digest().to_owned();
    assert!(
        taken.stderr.contains(&digest)
            && taken.stderr.contains(&found)
            && taken.stderr.contains("`--force` moves the tag"),
        "{}",
        taken.stderr
    );
    assert_eq!(
        stage
            .lab
            .tag(RegistryKind::WithoutReferrers, "acme/production", "1"),
        Some(digest)
    );
    expect(
        &stage.run(&[
            "promote",
            &format!("{other}:1"),
            &format!("{to}:1"),
            "--policy",
            "policy.yaml",
            "--force",
        ]),
        0,
    );
    assert_eq!(
        stage
            .lab
            .tag(RegistryKind::WithoutReferrers, "acme/production", "1"),
        Some(found)
    );
}

#[test]
fn a_job_of_github_actions_signs_and_is_told_the_verdict() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let tagged = format!("{name}:1");
    let claims = GithubClaims::new("acme/widget");
    stage.lab.set_actions_workflow(claims.clone());
    let job = |arguments: &[&str]| {
        finish(
            stage
                .toolkit("v1")
                .args(arguments)
                .env("GITHUB_ACTIONS", "true")
                .env(
                    "ACTIONS_ID_TOKEN_REQUEST_URL",
                    stage.lab.actions_request_url(),
                )
                .env(
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                    stage.lab.actions_request_token(),
                )
                .env("GITHUB_SERVER_URL", "https://github.com")
                .env("GITHUB_REPOSITORY", &claims.repository)
                .env("GITHUB_REPOSITORY_ID", &claims.repository_id)
                .env("GITHUB_REPOSITORY_OWNER_ID", &claims.repository_owner_id)
                .env("GITHUB_REF", &claims.reference)
                .env("GITHUB_SHA", &claims.sha)
                .env("GITHUB_EVENT_NAME", &claims.event_name)
                .env(
                    "GITHUB_WORKFLOW_REF",
                    "acme/widget/.github/workflows/release.yml@refs/heads/main",
                )
                .env("GITHUB_RUN_ID", &claims.run_id)
                .env("GITHUB_RUN_ATTEMPT", &claims.run_attempt)
                .env("RUNNER_ENVIRONMENT", &claims.runner_environment)
                .env("GITHUB_STEP_SUMMARY", "summary.md")
                .env("GITHUB_OUTPUT", "output"),
        )
    };
    expect(&job(&["sign", &tagged]), 0);
    expect(&job(&["attest", "provenance", &tagged]), 0);
    stage.write(
        "policy.yaml",
        &format!(
            "version: 1\nname: job\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  job: {{kind: github, repository: acme/widget, workflow: .github/workflows/release.yml, ref: refs/heads/main, issuer: \"{}\"}}\nrules:\n- id: built\n  require:\n    signatures: job\n    provenance: {{by: job, builders: [\"https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main\"], source: {{repository: \"https://github.com/acme/widget\", refs: [refs/heads/main]}}}}\nnoMatch: deny\n",
            stage.lab.github_issuer()
        ),
    );
    // Each step has files of its own.
    for name in ["summary.md", "output"] {
        fs_err::remove_file(stage.path().join(name)).expect("what the steps before were told");
    }
    expect(&job(&["verify", &tagged, "--policy", "policy.yaml"]), 0);
    let summary = fs_err::read_to_string(stage.path().join("summary.md")).expect("the summary");
    assert!(summary.starts_with("## PASS: "), "{summary}");
    let output = fs_err::read_to_string(stage.path().join("output")).expect("the outputs");
    let lines: Vec<&str> = output.lines().collect();
    let digest = image("amd64").digest().to_owned();
    assert!(
        lines[0].starts_with("digest<<toolkit_") && lines[1] == digest,
        "{output}"
    );
    assert!(
        lines[3].starts_with("verdict<<toolkit_") && lines[4] == "allow",
        "{output}"
    );
    assert_eq!(lines.len(), 6, "{output}");
}

#[test]
fn files_are_signed_into_bundles() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage.write("other", "another content");
    stage.write("review.json", r#"{"approved": true}"#);
    let review = "https://example.com/review/v1";
    for rekor in ["v1", "v2"] {
        expect(
            &stage.signed(
                rekor,
                &["sign", "file:artifact", "--bundle", "message.json"],
            ),
            0,
        );
        expect(
            &stage.verify("file:artifact", SIGNER, &["--bundle", "message.json"]),
            0,
        );
        expect(
            &stage.verify(
                "file:artifact",
                "mallory@example.com",
                &["--bundle", "message.json"],
            ),
            12,
        );
        expect(
            &stage.verify(
                "file:artifact",
                SIGNER,
                &["--bundle", "message.json", "--type", review],
            ),
            14,
        );
        let other = stage.verify("file:other", SIGNER, &["--bundle", "message.json"]);
        assert!(matches!(other.code, 15..=17), "{other:?}");
        let attest = [
            "attest",
            "file:artifact",
            "--bundle",
            "dsse.json",
            "--predicate",
            "review.json",
            "--type",
            review,
        ];
        expect(&stage.signed(rekor, &attest), 0);
        expect(
            &stage.verify(
                "file:artifact",
                SIGNER,
                &["--bundle", "dsse.json", "--type", review],
            ),
            0,
        );
        expect(
            &stage.verify("file:artifact", SIGNER, &["--bundle", "dsse.json"]),
            10,
        );
        expect(
            &stage.verify(
                "file:other",
                SIGNER,
                &["--bundle", "dsse.json", "--type", review],
            ),
            17,
        );
    }
    expect(&stage.signed("v1", &["sign", "file:artifact"]), 2);
    expect(&stage.verify("file:artifact", SIGNER, &[]), 2);
}

#[test]
fn a_failed_push_leaves_the_bundle_on_disk() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    faults.add(toolkit_lab::RegistryFault::WriteStatus(403));
    let run = stage.signed("v1", &["sign", &format!("{name}:1")]);
    expect(&run, 3);
    let digest = image("amd64").digest().to_owned();
    let kept = format!("{}-1.sigstore.json", &digest["sha256:".len()..][..12]);
    assert!(
        run.stderr.contains(&format!("its bundle is `{kept}`")),
        "{}",
        run.stderr
    );
    faults.clear();
    expect(&stage.verify(&format!("{name}:1"), SIGNER, &[]), 10);
    expect(
        &stage.verify(&format!("{name}:1"), SIGNER, &["--bundle", &kept]),
        0,
    );
}

#[test]
fn a_verdict_in_json_is_json_also_when_there_is_none() {
    let stage = Stage::new();
    let run = stage.verify(
        &format!("{}/acme/nothing:1", stage.lab.registry()),
        SIGNER,
        &["-o", "json"],
    );
    expect(&run, 11);
    let report = json(&run.stdout);
    assert_eq!(report["schema"], "toolkit.verify/v1");
    assert_eq!(
        (&report["verdict"], &report["exitCode"]),
        (&Value::Null, &11.into())
    );
    assert!(run.stderr.ends_with("No decision was made. Exit code 11: image or tag not found; `toolkit explain 11` tells more.\n"), "{}", run.stderr);
}
