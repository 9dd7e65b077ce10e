//! A registry that is not reached, lets nobody in, or asks to wait too long decides nothing: 3.

use std::net::TcpListener;

use toolkit_lab::{ReferrersFault, RegistryAuth, RegistryFault, RegistryKind, Service};

use super::says;
use crate::stage::{SIGNER, Stage, expect, image};

const OPEN: &str = "version: 1\nname: open\ntrust: {root: {file: root.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n";

/// Lists every command that asks a registry, on this image.
fn commands<'a>(stage: &Stage, target: &'a str) -> Vec<Vec<String>> {
    let mut verify = vec!["verify".to_owned(), target.to_owned()];
    verify.extend(stage.identity(SIGNER));
    let plain = |words: &[&'a str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        plain(&["sbom", target]),
        verify,
        plain(&["verify", target, "--policy", "open.yaml"]),
        plain(&["promote", target, "oci-dir:copy:1", "--policy", "open.yaml"]),
        plain(&["tree", target]),
        plain(&["sign", target]),
    ]
}

/// Runs them all at once, since most of their time is waiting.
fn every_command(stage: &Stage, target: &str, code: i32, texts: &[&str]) {
    std::thread::scope(|scope| {
        for arguments in commands(stage, target) {
            scope.spawn(move || {
                let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let run = stage.signed("v1", &words);
                says(&format!("{words:?}"), &run, code, texts);
                if matches!(words[0], "verify" | "promote") {
                    says(
                        &format!("{words:?}"),
                        &run,
                        code,
                        &["No decision was made. Exit code 3"],
                    );
                }
                assert!(!stage.path().join("copy").exists(), "{words:?}");
            });
        }
    });
}

#[test]
fn nobody_listens() {
    let stage = Stage::new();
    stage.write("open.yaml", OPEN);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    every_command(
        &stage,
        &format!("{address}/acme/widget:1"),
        3,
        &[
            &format!("no answer from `http://{address}/"),
            "onnection refused",
        ],
    );
}

#[test]
fn nobody_is_let_in() {
    let stage = Stage::new();
    stage.write("open.yaml", OPEN);
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    stage
        .lab
        .faults()
        .registry(RegistryKind::WithReferrers)
        .add(RegistryFault::Unauthorized);
    let host = stage.lab.registry();
    every_command(
        &stage,
        &target,
        3,
        &[
            &format!("`{host}` refused the credentials it was given, or wants some"),
            "`UNAUTHORIZED`: authentication required",
        ],
    );
    stage.lab.faults().clear();
    for auth in [
        RegistryAuth::Basic {
            username: "ci".to_owned(),
            password: "right".to_owned(),
        },
        RegistryAuth::Bearer {
            username: "ci".to_owned(),
            password: "right".to_owned(),
            anonymous_pull: false,
        },
    ] {
        stage
            .lab
            .set_registry_auth(RegistryKind::WithReferrers, auth);
        every_command(&stage, &target, 3, &[&host]);
        // A wrong password is no better, and is not shown.
        let config = stage.path().join("docker");
        fs_err::create_dir_all(&config).expect("a directory");
        // `ci:wrong`
        fs_err::write(
            config.join("config.json"),
            format!(r#"{{"auths":{{"{host}":{{"auth":"Y2k6d3Jvbmc="}}}}}}"#),
        )
        .expect("the credentials");
        let run = crate::binary::finish(
            stage
                .toolkit("v1")
                .args(["sbom", &target])
                .env("DOCKER_CONFIG", &config),
        );
        says("wrong password", &run, 3, &[&host]);
        assert!(
            !run.stderr.contains("wrong") && !run.stderr.contains("Y2k6"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_rate_limit_past_the_budget() {
    let stage = Stage::new();
    stage.write("open.yaml", OPEN);
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    // A longer wait than is obeyed: nothing is waited for.
    faults.add(RegistryFault::RateLimited {
        retry_after: Some(3600),
    });
    let started = std::time::Instant::now();
    every_command(
        &stage,
        &target,
        3,
        &["is rate-limited, to be asked again in 3600 s"],
    );
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    faults.clear();

    faults.add(RegistryFault::RateLimited { retry_after: None });
    stage.lab.clear_requests();
    says(
        "without a time",
        &stage.run(&["sbom", &target]),
        3,
        &["is rate-limited", "`TOOMANYREQUESTS`: too many requests"],
    );
    let tries = stage
        .lab
        .requests()
        .iter()
        .filter(|request| request.service == Service::Registry && request.status == Some(429))
        .count();
    assert_eq!(tries, 6, "the retry budget is six tries");
    faults.clear();

    // Within the budget it is waited for, and the answer counts.
    faults.add_times(
        2,
        RegistryFault::RateLimited {
            retry_after: Some(1),
        },
    );
    says("in the budget", &stage.run(&["sbom", &target]), 0, &[]);
}

#[test]
fn evidence_that_is_not_reached_is_not_missing() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    for (fault, reason) in [
        (ReferrersFault::Status(401), "refused the credentials"),
        (ReferrersFault::Status(403), "is forbidden"),
        (ReferrersFault::Status(500), "answered status 500"),
        (ReferrersFault::Cut, "the list of referrers did not answer"),
    ] {
        faults.add(RegistryFault::Referrers(fault.clone()));
        let run = stage.verify(&target, SIGNER, &[]);
        says(
            &format!("{fault:?}"),
            &run,
            3,
            &["UNDECIDED", "the list of referrers did not answer", reason],
        );
        faults.clear();
    }
    expect(&stage.verify(&target, SIGNER, &[]), 10);
    // What is signed is proved even though another source is silent.
    expect(&stage.signed("v1", &["sign", &target]), 0);
    expect(&stage.verify(&target, SIGNER, &[]), 0);
}

#[test]
fn what_is_not_there_is_not_found() {
    let stage = Stage::new();
    stage.write("open.yaml", OPEN);
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let absent = format!("sha256:{}", "0".repeat(64));
    let layout = crate::layout::Layout::new();
    for target in [
        format!("{name}:2"),
        format!("{name}@{absent}"),
        format!("{}/acme/nothing:1", stage.lab.registry()),
        layout.target(),
        format!("{}:2", layout.target()),
        format!("{}@{absent}", layout.target()),
        format!("oci-dir:{}", stage.path().join("nowhere").display()),
    ] {
        for arguments in commands(&stage, &target) {
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            says(
                &format!("{words:?}"),
                &stage.signed("v1", &words),
                11,
                &["not found"],
            );
        }
    }
}
