//! In a job of GitLab CI, or of a CI system that is not known: what provenance says of the build.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use toolkit_lab::RegistryKind;

use crate::binary::finish;
use crate::stage::{SIGNER, Stage, expect, image};

/// The variables of a job for a tag, as GitLab sets them.
const JOB: [(&str, &str); 16] = [
    ("CI", "true"),
    ("GITLAB_CI", "true"),
    ("CI_PROJECT_URL", "https://gitlab.example/acme/widget"),
    ("CI_PROJECT_ID", "1001"),
    ("CI_PROJECT_NAMESPACE_ID", "2002"),
    ("CI_COMMIT_SHA", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
    ("CI_COMMIT_REF_NAME", "v1"),
    ("CI_COMMIT_TAG", "v1"),
    ("CI_COMMIT_REF_PROTECTED", "true"),
    (
        "CI_CONFIG_REF_URI",
        "gitlab.example/acme/widget//.gitlab-ci.yml@refs/tags/v1",
    ),
    ("CI_JOB_NAME", "release"),
    ("CI_JOB_URL", "https://gitlab.example/acme/widget/-/jobs/42"),
    ("CI_PIPELINE_SOURCE", "push"),
    (
        "CI_PIPELINE_URL",
        "https://gitlab.example/acme/widget/-/pipelines/7",
    ),
    ("CI_RUNNER_ID", "5"),
    ("CI_JOB_TOKEN", "glcbt-hunter2"),
];

#[test]
fn credentials_in_addresses_and_facts_without_form_are_not_signed() {
    let stage = Stage::new();
    let with = |changes: &'static [(&'static str, &'static str)]| {
        move |command: &mut Command| {
            command.envs(JOB).envs(changes.iter().copied());
        }
    };
    let said = predicate(
        &stage,
        with(&[
            (
                "CI_PROJECT_URL",
                "https://u:hunter2@gitlab.example/acme/widget",
            ),
            (
                "CI_JOB_URL",
                "https://u:hunter2@gitlab.example/acme/widget/-/jobs/42",
            ),
            ("CI_PIPELINE_URL", "https://hunter2@gitlab.example/7"),
            (
                "CI_CONFIG_REF_URI",
                "u:hunter2@gitlab.example/acme/widget//f@refs/tags/v1",
            ),
        ]),
    );
    let text = said.to_string();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(
        text.contains("git+https://gitlab.example/acme/widget@refs/tags/v1"),
        "{text}"
    );
    let mut command = stage.toolkit("v2");
    command
        .args(["attest", "provenance", "oci-dir:image"])
        .env("SIGSTORE_ID_TOKEN", stage.lab.email_token(SIGNER))
        .envs(JOB)
        .env("CI_COMMIT_SHA", "xx");
    let run = finish(&mut command);
    expect(&run, 2);
    assert!(
        run.stderr.contains("`CI_COMMIT_SHA`") && run.stderr.contains("`xx`"),
        "{run:?}"
    );
}

/// Attests provenance of an image in a layout, and returns the predicate that was stored.
fn predicate(stage: &Stage, environment: impl FnOnce(&mut Command)) -> Value {
    let layout = stage.path().join("image");
    image("amd64")
        .write_layout(&layout, Some("1"))
        .expect("a layout");
    let mut command = stage.toolkit("v2");
    command
        .args(["attest", "provenance", "oci-dir:image"])
        .env("SIGSTORE_ID_TOKEN", stage.lab.email_token(SIGNER));
    environment(&mut command);
    expect(&finish(&mut command), 0);
    let payloads: Vec<String> = fs_err::read_dir(layout.join("blobs/sha256"))
        .expect("the blobs")
        .filter_map(|blob| {
            let bytes = fs_err::read(blob.expect("a blob").path()).expect("its bytes");
            let bundle: Value = serde_json::from_slice(&bytes).ok()?;
            let payload = bundle.pointer("/dsseEnvelope/payload")?.as_str()?;
            Some(payload.to_owned())
        })
        .collect();
    let [payload] = payloads.as_slice() else {
        panic!("expected one bundle, found {}", payloads.len());
    };
    let payload = STANDARD.decode(payload).expect("base64");
    let text = String::from_utf8(payload).expect("text");
    assert!(!text.contains("hunter2"), "a job's secret in a statement");
    let mut statement: Value = serde_json::from_str(&text).expect("a statement");
    statement["predicate"].take()
}

#[test]
fn provenance_is_of_the_job() {
    let found = predicate(&Stage::new(), |command| {
        command.envs(JOB);
    });
    let repository = "https://github.com/toolkit-rs/toolkit";
    assert_eq!(
        found["buildDefinition"],
        json!({
            "buildType": format!("{repository}/buildtypes/gitlab-ci/v1"),
            "externalParameters": {
                "configSource": "https://gitlab.example/acme/widget//.gitlab-ci.yml@refs/tags/v1",
                "entryPoint": "release",
                "source": "https://gitlab.example/acme/widget",
            },
            "internalParameters": {"gitlab": {
                "namespace_id": "2002",
                "pipeline_source": "push",
                "pipeline_url": "https://gitlab.example/acme/widget/-/pipelines/7",
                "project_id": "1001",
                "ref_protected": true,
                "runner_id": "5",
            }},
            "resolvedDependencies": [{
                "digest": {"gitCommit": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
                "uri": "git+https://gitlab.example/acme/widget@refs/tags/v1",
            }],
        })
    );
    // The lab's token is a person's: nothing says who runs the machine.
    assert_eq!(
        found["runDetails"]["builder"]["id"],
        format!("{repository}/builders/gitlab-ci-job/v1")
    );
    assert_eq!(
        found["runDetails"]["metadata"],
        json!({"invocationId": "https://gitlab.example/acme/widget/-/jobs/42"})
    );
}

#[test]
fn a_branch_is_no_tag() {
    let found = predicate(&Stage::new(), |command| {
        command
            .envs(JOB)
            .env_remove("CI_COMMIT_TAG")
            .env("CI_COMMIT_REF_NAME", "main");
    });
    assert_eq!(
        found["buildDefinition"]["resolvedDependencies"][0]["uri"],
        "git+https://gitlab.example/acme/widget@refs/heads/main"
    );
}

#[test]
fn an_unknown_system_is_not_said_to_be_none() {
    for (ci, name) in [(Some("true"), "unknown-ci"), (None, "local")] {
        let found = predicate(&Stage::new(), |command| {
            command.envs(ci.map(|value| ("CI", value)));
        });
        let repository = "https://github.com/toolkit-rs/toolkit";
        assert_eq!(
            found["buildDefinition"]["buildType"],
            format!("{repository}/buildtypes/{name}/v1")
        );
        assert_eq!(
            found["runDetails"]["builder"]["id"],
            format!("{repository}/builders/{name}/v1")
        );
    }
}

#[test]
fn what_a_job_lacks_is_named() {
    let stage = Stage::new();
    let layout = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{layout}:1");
    let mut command = stage.toolkit("v2");
    command.args(["attest", "provenance", &target]).envs(JOB);
    let run = finish(&mut command);
    expect(&run, 2);
    for words in [
        "this job of GitLab CI has none, `SIGSTORE_ID_TOKEN` is not set",
        "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}",
    ] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let run = finish(command.env_remove("CI_JOB_URL"));
    expect(&run, 2);
    assert!(
        run.stderr
            .contains("expected `CI_JOB_URL` in the environment of GitLab CI"),
        "{}",
        run.stderr
    );
}
