//! What `-v` tells: what was resolved, which sources answered, which requests were made; and never a secret.

use toolkit_lab::{RegistryAuth, RegistryKind};

use crate::binary::{Run, finish};
use crate::stage::{SIGNER, Stage, expect, image};

#[track_caller]
fn tells(run: &Run, texts: &[&str]) {
    for text in texts {
        assert!(run.stderr.contains(text), "{text}:\n{}", run.stderr);
    }
}

#[test]
fn each_level_tells_more_and_none_a_secret() {
    let stage = Stage::new();
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithoutReferrers, "acme/widget", &built);
    let host = stage.lab.registry_without_referrers();
    let target = format!("{name}:1");
    stage.lab.set_registry_auth(
        RegistryKind::WithoutReferrers,
        RegistryAuth::Bearer {
            username: "ci".to_owned(),
            password: "hunter2-secret".to_owned(),
            anonymous_pull: false,
        },
    );
    // `ci:hunter2-secret`
    let basic = "Y2k6aHVudGVyMi1zZWNyZXQ=";
    stage.write(
        "config.json",
        &format!(r#"{{"auths":{{"{host}":{{"auth":"{basic}"}}}}}}"#),
    );
    let token = stage.lab.email_token(SIGNER);
    let run = |arguments: &[&str]| {
        let run = finish(
            stage
                .toolkit("v2")
                .args(arguments)
                .env("SIGSTORE_ID_TOKEN", &token)
                .env("DOCKER_CONFIG", stage.path()),
        );
        for secret in ["hunter2", basic, &token, "Bearer ", "eyJ"] {
            assert!(
                !run.stderr.contains(secret),
                "{secret} in the log of {arguments:?}:\n{}",
                run.stderr
            );
        }
        run
    };
    let signed = run(&["sign", &target, "-vv"]);
    expect(&signed, 0);
    tells(
        &signed,
        &[
            "service=\"certificate authority\"",
            "service=\"transparency log\"",
            "outcome=\"answered\"",
            "signed and verified",
            "method=PUT",
        ],
    );

    let identity = stage.identity(SIGNER);
    let verify = |flag: &str| {
        let mut arguments = vec!["verify", &target, flag];
        arguments.extend(identity.iter().map(String::as_str));
        let run = run(&arguments);
        expect(&run, 0);
        run
    };
    let plain = verify("--color=never");
    assert_eq!(plain.stderr, "");
    let stages = [
        "trust root from=root.json",
        "resolved digest=sha256:",
        "api=unsupported fallback_tag=answered",
        "bundles=1",
        "collected platforms=1 verified=1 refused=0 gaps=0",
        "close time.busy=",
    ];
    let told = verify("-v");
    tells(&told, &stages);
    assert!(!told.stderr.contains("method="), "{}", told.stderr);
    let more = verify("-vv");
    tells(&more, &stages);
    let request = format!("method=GET url=http://{host}/v2/acme/widget/manifests/1 status=200 ms=");
    tells(&more, &[&request, "verified bundle=sha256:"]);
    let all = verify("-vvv");
    tells(&all, &stages);
    for frame in ["hyper_util::client", "rustls::", "h2::"] {
        assert!(!all.stderr.contains(frame), "{frame}:\n{}", all.stderr);
    }
    let quiet = verify("-q");
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_scan_of_layers_is_timed() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let run = stage.run(&["sbom", &format!("{name}:1"), "-o", "purls", "-v"]);
    expect(&run, 0);
    tells(&run, &["layers=1", "packages=2", "close time.busy="]);
    assert!(run.stdout.starts_with("pkg:"), "{}", run.stdout);
}
