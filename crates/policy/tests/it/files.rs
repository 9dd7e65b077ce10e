//! Whole policy files: the one of the contract, its keys, limits, and many faults at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use toolkit_policy::{Diagnostic, Fault, KeyFile, Trust, check};

use crate::faults::{now, render};

/// The example of the contract, with a digest in place of its `…`.
const EXAMPLE: &str = r#"version: 1
name: acme-release
trust: {root: public}
identities:
  release: {kind: github, repository: acme/widget, workflow: .github/workflows/release.yml, ref: "refs/tags/v*"}
  alice:   {kind: email, address: alice@example.com, issuer: "https://accounts.example.com"}
  ci:      {kind: fulcio, issuer: "https://issuer.example", san: "https://ci.example/acme/*"}
  vault:   {kind: key, file: vault.pub}
rules:
- id: signed
  match: {images: ["registry.example/acme/**"]}
  require:
    reference: {registries: ["registry.example"], digestRequired: true}
    signatures: {anyOf: [release, vault]}
    attestations: [{type: cyclonedx, by: release}, {type: "https://example.com/review/v1", by: alice}]
    provenance: {by: release, builders: ["https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v*"], source: {repository: "https://github.com/acme/widget", refs: ["refs/tags/v*"]}}
    image: {user: nonRoot}
exceptions:
- {id: E1, checks: [image.user], images: ["registry.example/acme/legacy@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"], owner: "ops", reason: "rebuilt in January", expires: 2027-01-31}
noMatch: deny
"#;

/// RFC 6979 §A.2.5's public key.
const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\nYfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n12zCU2pgvGNpg==\n-----END PUBLIC KEY-----\n";

#[test]
fn the_example_of_the_contract_is_valid() {
    let policy =
        check("policy.yaml", EXAMPLE, now()).unwrap_or_else(|faults| panic!("{}", render(&faults)));
    assert_eq!(policy.name(), "acme-release");
    assert_eq!(policy.trust(), &Trust::Public);
    assert_eq!(
        policy.key_files(),
        [KeyFile {
            identity: "vault".into(),
            file: "vault.pub".into()
        }]
    );
    let files = BTreeMap::from([("vault.pub".to_owned(), KEY.as_bytes().to_vec())]);
    assert_eq!(
        policy
            .load_keys(&files)
            .expect("the key is good")
            .keys()
            .len(),
        1
    );
}

#[test]
fn keys_are_needed_and_must_be_keys() {
    for (file, expected) in [
        (
            None,
            Fault::KeyMissing {
                file: "vault.pub".into(),
            },
        ),
        (
            Some("not a key"),
            Fault::KeyUnusable {
                file: "vault.pub".into(),
                detail: String::new(),
            },
        ),
    ] {
        let policy = check("policy.yaml", EXAMPLE, now()).expect("the policy is valid");
        let files = file
            .map(|text| ("vault.pub".to_owned(), text.as_bytes().to_vec()))
            .into_iter()
            .collect();
        let faults = policy.load_keys(&files).expect_err("a key is wrong");
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}")
        };
        assert_eq!(
            std::mem::discriminant(fault.fault()),
            std::mem::discriminant(&expected),
            "{fault:?}"
        );
        assert_eq!(fault.position().line, 8);
    }
}

#[test]
fn all_faults_come_in_one_run_in_order() {
    let text = EXAMPLE
        .replace("name: acme-release", "name: acme release")
        .replace("kind: email", "kind: mail")
        .replace("signatures:", "signature:")
        .replace("by: alice", "by: alise")
        .replace("nonRoot", "nobody")
        .replace("2027-01-31", "2028-01-31");
    let faults = check("policy.yaml", &text, now()).expect_err("six faults");
    let found: Vec<(usize, String)> = faults
        .iter()
        .map(|fault| (fault.position().line, fault.fault().code()))
        .collect();
    let expected = [
        (2, "policy.bad-name"),
        (6, "policy.unknown-value"),
        (14, "policy.unknown-key"),
        (15, "policy.unknown-identity"),
        (17, "policy.unknown-value"),
        (19, "policy.exception-too-long"),
    ];
    assert_eq!(found, expected.map(|(line, code)| (line, code.to_owned())));
}

#[test]
fn an_exception_lasts_a_year_at_most() {
    for (now, expires, valid) in [
        ("2026-11-24T00:00:00Z", "2027-11-24", true),
        ("2026-11-24T23:59:59Z", "2027-11-24", true),
        ("2026-11-24T00:00:00Z", "2027-11-25", false),
        ("2026-11-25T00:00:00Z", "2027-11-25", true),
        ("2024-02-29T00:00:00Z", "2025-02-28", true),
        ("2024-02-29T00:00:00Z", "2025-03-01", false),
        ("2026-11-24T00:00:00Z", "2020-01-01", true),
    ] {
        let text = EXAMPLE.replace("2027-01-31", expires);
        let now: Timestamp = now.parse().expect("a time");
        assert_eq!(
            check("policy.yaml", &text, now).is_ok(),
            valid,
            "{expires} on {now}"
        );
    }
}

#[test]
fn limits_end_the_reading() {
    let code = |text: &str| -> Vec<String> {
        let faults: Vec<Diagnostic> = check("policy.yaml", text, now()).expect_err("over a limit");
        faults.iter().map(|fault| fault.fault().code()).collect()
    };
    assert_eq!(
        code(&format!("# {}", "x".repeat(1 << 20))),
        ["policy.too-large"]
    );
    assert_eq!(code(&"[".repeat(40)), ["policy.too-deep"]);
    assert_eq!(
        code(&format!("[{}]", "x,".repeat(60_000))),
        ["policy.too-many-values"]
    );
    assert_eq!(code(&format!("a: {}x", "- ".repeat(5))), ["policy.syntax"]);
}

#[test]
fn no_text_makes_it_panic() {
    // Every prefix, and every byte of the example replaced by what YAML and UTF-8 find difficult.
    for end in (0..EXAMPLE.len()).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        let _ = check("policy.yaml", &EXAMPLE[..end], now());
    }
    for at in 0..EXAMPLE.len() {
        for other in [
            "\0", "é", "\u{feff}", "&", "*", "!", "{", "]", ":", "\t", "\r",
        ] {
            let text = format!("{}{other}{}", &EXAMPLE[..at], &EXAMPLE[at + 1..]);
            let _ = check("policy.yaml", &text, now());
        }
    }
}
