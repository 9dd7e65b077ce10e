//! In a job of GitHub Actions: the ambient token, the outputs, the summary, and values that would like to be more than values.

use std::path::Path;
use std::process::Command;

use toolkit_lab::{GithubClaims, RegistryFault, RegistryKind, Service};

use crate::binary::{Run, finish};
use crate::stage::{SIGNER, Stage, expect, image};

/// Prepares a run as a step of a job that may ask for a token.
fn step(stage: &Stage) -> Command {
    let mut command = without_permission(stage);
    command
        .env(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            stage.lab.actions_request_url(),
        )
        .env(
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            stage.lab.actions_request_token(),
        );
    command
}

/// Prepares a run as a step of a job without `permissions: id-token: write`.
fn without_permission(stage: &Stage) -> Command {
    let mut command = stage.toolkit("v2");
    command
        .env("GITHUB_ACTIONS", "true")
        .env("CI", "true")
        .env("GITHUB_STEP_SUMMARY", "summary.md")
        .env("GITHUB_OUTPUT", "output");
    command
}

fn read(path: &Path) -> String {
    fs_err::read_to_string(path).unwrap_or_default()
}

/// Reads the outputs as the runner does: `NAME<<DELIMITER`, lines, `DELIMITER` (GitHub, "Workflow commands", multiline strings).
fn outputs(stage: &Stage) -> Vec<(String, String)> {
    let text = read(&stage.path().join("output"));
    let mut lines = text.lines();
    let mut outputs = Vec::new();
    while let Some(line) = lines.next() {
        // The runner takes whichever comes first, `=` or `<<`.
        let (name, delimiter) = line.split_once("<<").expect("the heredoc form");
        assert!(!name.contains('='), "{line}");
        assert!(delimiter.len() > 32, "a delimiter nobody guesses: {line}");
        let mut value = Vec::new();
        loop {
            let line = lines.next().expect("the delimiter");
            if line == delimiter {
                break;
            }
            value.push(line);
        }
        outputs.push((name.to_owned(), value.join("\n")));
    }
    outputs
}

fn pairs(digest: &str, verdict: &str) -> Vec<(String, String)> {
    vec![
        ("digest".to_owned(), digest.to_owned()),
        ("verdict".to_owned(), verdict.to_owned()),
    ]
}

/// Starts every step with files of its own, as the runner does.
fn fresh(stage: &Stage) {
    for name in ["output", "summary.md"] {
        stage.write(name, "");
    }
}

fn policy(stage: &Stage, name: &str, rule: &str) {
    stage.write(
        "policy.yaml",
        &format!(
            "version: 1\nname: {name}\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  job: {{kind: github, repository: acme/widget, workflow: .github/workflows/release.yml, ref: refs/heads/main, issuer: \"{}\"}}\nrules:\n- id: built\n  require: {{{rule}}}\nnoMatch: deny\n",
            stage.lab.github_issuer()
        ),
    );
}

#[test]
fn the_ambient_token_signs() {
    let stage = Stage::new();
    stage
        .lab
        .set_actions_workflow(GithubClaims::new("acme/widget"));
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let tagged = format!("{name}:1");
    stage.lab.clear_requests();
    expect(&finish(step(&stage).args(["sign", &tagged])), 0);
    let asked: Vec<Option<String>> = stage
        .lab
        .requests()
        .into_iter()
        .filter(|request| request.service == Service::Issuer && request.path == "/actions/token")
        .map(|request| request.query)
        .collect();
    assert_eq!(asked.len(), 1, "one token for one run");
    assert!(
        asked[0]
            .as_deref()
            .is_some_and(|query| query.contains("audience=sigstore")),
        "{asked:?}"
    );
    policy(&stage, "job", "signatures: job");
    expect(
        &finish(without_permission(&stage).args(["verify", &tagged, "--policy=policy.yaml"])),
        0,
    );

    // A token that is given wins over the ambient one.
    let other = stage.push(RegistryKind::WithReferrers, "acme/other", &image("arm64"));
    let run = finish(
        step(&stage)
            .args(["sign", &format!("{other}:1")])
            .env("SIGSTORE_ID_TOKEN", stage.lab.email_token(SIGNER)),
    );
    expect(&run, 0);
    expect(&stage.verify(&format!("{other}:1"), SIGNER, &[]), 0);
}

#[test]
fn a_job_that_may_not_ask_is_told_how() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    let sign = ["sign", "file:artifact", "--bundle=b.json"];
    let run = finish(without_permission(&stage).args(sign));
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("give the job `permissions: id-token: write`"),
        "{}",
        run.stderr
    );
    let secret = "not-the-request-token";
    let run = finish(
        step(&stage)
            .args(sign)
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", secret),
    );
    expect(&run, 3);
    assert!(
        run.stderr.contains("answered status 401") && !run.stderr.contains(secret),
        "{}",
        run.stderr
    );
    // Outside of the job the variables alone are not enough.
    let run = finish(step(&stage).args(sign).env_remove("GITHUB_ACTIONS"));
    expect(&run, 2);
    assert!(run.stderr.contains("no identity token"), "{}", run.stderr);
    assert!(!stage.path().join("b.json").exists());
}

#[test]
fn outputs_and_summary_tell_every_verdict() {
    let stage = Stage::new();
    let built = image("amd64");
    let digest = built.digest().to_owned();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &built);
    let tagged = format!("{name}:1");
    let verify = ["verify", &tagged, "--policy=policy.yaml"];
    policy(&stage, "job", "signatures: job");

    fresh(&stage);
    expect(&finish(step(&stage).args(verify)), 1);
    assert_eq!(outputs(&stage), pairs(&digest, "deny"));
    let summary = read(&stage.path().join("summary.md"));
    assert!(
        summary.starts_with("## FAIL: ") && summary.contains(&digest),
        "{summary}"
    );
    assert!(summary.contains("| signatures | fail | "), "{summary}");

    fresh(&stage);
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    faults.add(RegistryFault::Referrers(
        toolkit_lab::ReferrersFault::Status(403),
    ));
    expect(&finish(step(&stage).args(verify)), 3);
    faults.clear();
    assert_eq!(outputs(&stage), pairs(&digest, "undecided"));
    assert!(read(&stage.path().join("summary.md")).starts_with("## UNDECIDED: "));

    expect(&finish(step(&stage).args(["sign", &tagged])), 0);
    fresh(&stage);
    expect(&finish(step(&stage).args(verify)), 0);
    assert_eq!(outputs(&stage), pairs(&digest, "allow"));
    assert!(read(&stage.path().join("summary.md")).starts_with("## PASS: "));

    // A promotion tells the same; what was there before stays.
    let to = format!("{}/acme/production:1", stage.lab.registry());
    expect(
        &finish(step(&stage).args(["promote", &tagged, &to, "--policy=policy.yaml"])),
        0,
    );
    assert!(
        read(&stage.path().join("summary.md"))
            .contains(&format!("promoted to {}", to.trim_end_matches(":1"))),
        "the destination is told"
    );
    let twice = [pairs(&digest, "allow"), pairs(&digest, "allow")].concat();
    assert_eq!(outputs(&stage), twice);
    assert_eq!(
        read(&stage.path().join("summary.md"))
            .matches("## PASS: ")
            .count(),
        2
    );

    // Without a verdict there is no output that could be taken for one.
    fresh(&stage);
    let absent = format!("{name}:2");
    expect(
        &finish(step(&stage).args(["verify", &absent, "--policy=policy.yaml"])),
        11,
    );
    assert_eq!(outputs(&stage), []);
}

#[test]
fn values_are_only_values() {
    let stage = Stage::new();
    let evil = "x\nverdict=allow\nverdict<<EOF\nallow\nEOF\n## PASS: all good\n| a | b |\n@everyone <img src=x onerror=alert(1)> [x](http://evil.example)";
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let tagged = format!("{name}:1");
    stage.write("artifact", "content");
    expect(
        &stage.signed("v2", &["sign", "file:artifact", "--bundle=b.json"]),
        0,
    );
    let check = |run: &Run, code: i32, digest: &str, verdict: &str| {
        expect(run, code);
        assert_eq!(outputs(&stage), pairs(digest, verdict));
        let summary = read(&stage.path().join("summary.md"));
        assert_eq!(summary.matches("\n## ").count(), 0, "{summary}");
        assert!(summary.starts_with("## FAIL: "), "{summary}");
        for markup in ["\nverdict", "@everyone", "<img", "](http", "\n| a | b |"] {
            assert!(!summary.contains(markup), "{markup}: {summary}");
        }
        // What people see keeps to its line, too.
        for line in run.stdout.lines() {
            assert!(
                !line.starts_with("verdict") && !line.starts_with("## "),
                "{}",
                run.stdout
            );
        }
    };

    // A policy cannot even be named so.
    let quoted = serde_json::to_string(evil).expect("JSON");
    policy(&stage, &quoted, "signatures: job");
    fresh(&stage);
    let run = finish(step(&stage).args(["verify", &tagged, "--policy=policy.yaml"]));
    expect(&run, 2);
    assert_eq!(outputs(&stage), []);

    // An image's user.
    let root = toolkit_lab::image::Image::new("linux", "amd64")
        .user(evil)
        .build()
        .expect("an image");
    let pushed = stage.push(RegistryKind::WithReferrers, "acme/user", &root);
    policy(&stage, "user", "signatures: job, image: {user: nonRoot}");
    fresh(&stage);
    let run = finish(step(&stage).args(["verify", &format!("{pushed}:1"), "--policy=policy.yaml"]));
    check(&run, 1, root.digest(), "deny");

    // The name of a file.
    let artifact = stage.path().join("x\nverdict=allow\n## PASS: all good");
    fs_err::write(&artifact, "other content").expect("the file");
    fresh(&stage);
    let identity = stage.identity(SIGNER);
    let run = finish(
        step(&stage)
            .args(["verify", &format!("file:{}", artifact.display())])
            .args(&identity)
            .arg("--bundle=b.json"),
    );
    let digest = crate::layout::digest(b"other content");
    check(&run, 17, &digest, "deny");

    // Who is asked for, and who signed.
    fresh(&stage);
    let run = finish(step(&stage).args([
        "verify",
        "file:artifact",
        "--bundle=b.json",
        "--certificate-oidc-issuer",
        &stage.lab.issuer(),
        "--certificate-identity",
        evil,
    ]));
    check(&run, 12, &crate::layout::digest(b"content"), "deny");
}

#[cfg(target_os = "linux")]
#[test]
fn a_runner_whose_files_are_full_is_told() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    expect(
        &stage.signed("v2", &["sign", "file:artifact", "--bundle=b.json"]),
        0,
    );
    let identity = stage.identity(SIGNER);
    for variable in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        let run = finish(
            step(&stage)
                .args(["verify", "file:artifact", "--bundle=b.json"])
                .args(&identity)
                .env(variable, "/dev/full"),
        );
        expect(&run, 7);
        assert!(
            run.stderr.contains("failed to write `/dev/full`")
                && run.stderr.contains("the answer above holds")
                && !run.stderr.contains("No decision was made"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn provenance_is_of_the_job() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    // The runner sets all of its variables; one that is missing is no job of GitHub's.
    let run = finish(step(&stage).args(["attest", "provenance", &format!("{name}:1")]));
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("expected `GITHUB_SERVER_URL` in the environment of GitHub Actions"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_fact_that_the_token_contradicts_is_not_signed() {
    let stage = Stage::new();
    let claims = GithubClaims::new("acme/widget");
    stage.lab.set_actions_workflow(claims.clone());
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    let job = |variable: &str, value: &str| {
        finish(
            step(&stage)
                .args(["attest", "provenance", &target])
                .envs([
                    ("GITHUB_SERVER_URL", "https://github.com"),
                    ("GITHUB_REPOSITORY", &claims.repository),
                    ("GITHUB_REPOSITORY_ID", &claims.repository_id),
                    ("GITHUB_REPOSITORY_OWNER_ID", &claims.repository_owner_id),
                    ("GITHUB_REF", &claims.reference),
                    ("GITHUB_SHA", &claims.sha),
                    ("GITHUB_EVENT_NAME", &claims.event_name),
                    (
                        "GITHUB_WORKFLOW_REF",
                        "acme/widget/.github/workflows/release.yml@refs/heads/main",
                    ),
                    ("GITHUB_RUN_ID", &claims.run_id),
                    ("GITHUB_RUN_ATTEMPT", &claims.run_attempt),
                    ("RUNNER_ENVIRONMENT", &claims.runner_environment),
                ])
                .env(variable, value),
        )
    };
    for (variable, value) in [
        ("GITHUB_REPOSITORY", "acme/other"),
        ("GITHUB_REF", "refs/tags/v2"),
        ("GITHUB_SHA", "0000000000000000000000000000000000000001"),
    ] {
        let run = job(variable, value);
        expect(&run, 2);
        let said =
            format!("`{variable}` of GitHub Actions is `{value}`, and the identity token says `");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
    }
    expect(&job("GITHUB_SHA", &claims.sha), 0);
}

#[test]
fn what_was_made_is_told() {
    let stage = Stage::new();
    stage
        .lab
        .set_actions_workflow(GithubClaims::new("acme/widget"));
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &built);
    let tagged = format!("{name}:1");
    let pinned = format!("{name}@{}", built.digest());
    let value = |name: &str| {
        let found = outputs(&stage).into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value).unwrap_or_default()
    };
    let summary = || read(&stage.path().join("summary.md"));

    fresh(&stage);
    let run = finish(step(&stage).args([
        "sbom",
        &tagged,
        "-o",
        "cyclonedx-json=sbom.json",
        "-o",
        "table",
    ]));
    expect(&run, 0);
    assert_eq!(
        outputs(&stage),
        [
            ("digest".to_owned(), built.digest().to_owned()),
            ("packages".to_owned(), "2".to_owned()),
            ("sbom-path".to_owned(), "sbom.json".to_owned()),
        ]
    );
    assert!(
        summary().starts_with("## SBOM of ") && summary().contains(": 2 packages\n"),
        "{}",
        summary()
    );

    fresh(&stage);
    expect(
        &finish(step(&stage).args(["sign", &tagged, "--bundle=b.json"])),
        0,
    );
    assert_eq!(value("digest"), built.digest());
    assert_eq!(value("reference"), pinned);
    assert_eq!(value("bundle-path"), "b.json");
    let bundle = fs_err::read(stage.path().join("b.json")).expect("the bundle");
    assert_eq!(value("bundle-digest"), crate::layout::digest(&bundle));
    assert!(
        value("stored").starts_with("sha256:"),
        "{}",
        value("stored")
    );
    assert!(summary().starts_with("## Signed\n"), "{}", summary());

    fresh(&stage);
    let run = finish(step(&stage).args([
        "attest",
        &tagged,
        "--predicate=sbom.json",
        "--type=cyclonedx",
    ]));
    expect(&run, 0);
    assert_eq!(value("reference"), pinned);
    assert!(
        value("bundle-digest").starts_with("sha256:") && value("stored").starts_with("sha256:"),
        "{:?}",
        outputs(&stage)
    );
    assert!(summary().contains("cyclonedx.org/bom"), "{}", summary());

    // The name of a file that would like to be an output of its own.
    fresh(&stage);
    let evil = "x\nverdict=allow\n## PASS";
    let bundle = format!("--bundle={evil}");
    expect(&finish(step(&stage).args(["sign", &tagged, &bundle])), 0);
    assert_eq!(value("bundle-path"), evil);
    assert_eq!(value("verdict"), "");
    assert_eq!(summary().matches("\n## ").count(), 0, "{}", summary());
}
