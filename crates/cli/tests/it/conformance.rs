//! The bundle cases of sigstore-conformance through the real binary, each as a path and as a digest.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::binary::run;
use crate::data;

#[test]
fn every_case_ends_as_expected() {
    let Some(data) = data::directory() else {
        return;
    };
    let base = data.join("data/sigstore/conformance");
    let cases: Value =
        serde_json::from_slice(&fs_err::read(base.join("cases.json")).expect("the cases"))
            .expect("JSON");
    let cases = cases["cases"].as_array().expect("a list");
    let public = data.join("data/sigstore/trust/public-good/trusted_root.json");
    let next = AtomicUsize::new(0);
    let runs = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for artifact in [
                        base.join(text(case, "artifact")).display().to_string(),
                        format!("sha256:{}", text(case, "artifact_sha256")),
                    ] {
                        check(&base, &public, case, &artifact);
                        runs.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(runs.into_inner(), 140);
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

fn check(base: &Path, public: &Path, case: &Value, artifact: &str) {
    let path = |key: &str| base.join(text(case, key)).display().to_string();
    let mut arguments = vec![
        "conformance".to_owned(),
        "verify-bundle".to_owned(),
        "--bundle".to_owned(),
        path("bundle"),
    ];
    if case["key"].is_string() {
        arguments.extend(["--key".to_owned(), path("key")]);
    } else {
        arguments.extend([
            "--certificate-identity".to_owned(),
            text(case, "identity").to_owned(),
        ]);
        arguments.extend([
            "--certificate-oidc-issuer".to_owned(),
            text(case, "issuer").to_owned(),
        ]);
    }
    let root = if case["trusted_root"].is_string() {
        path("trusted_root")
    } else {
        public.display().to_string()
    };
    arguments.extend(["--trusted-root".to_owned(), root, artifact.to_owned()]);
    let run = run(&arguments);
    let name = text(case, "name");
    match text(case, "expected") {
        "pass" => assert_eq!(run.code, 0, "{name} as {artifact}: {}", run.stderr),
        // A refusal has a reason of its own: usage (2), an unreadable file (7) or a bug (101) would be no refusal.
        _ => assert!(
            matches!(run.code, 6 | 12..=18),
            "{name} as {artifact} ended with {}: {}",
            run.code,
            run.stderr
        ),
    }
}
