//! Signing and verifying with a managed key, whose holder no certificate names.

use toolkit_lab::RegistryKind;

use crate::stage::{SIGNER, Stage, expect, image};

/// Is a key made for this test and used nowhere else.
const KEY: &str = concat!(
    "-----BEGIN PRIVATE KEY-----\n",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUevTuXJNwXHCvUYj\n",
    "qYH5/EamBPSQFROMX6n6SrThv/ahRANCAASC1df1QOwLiAAZSsLgecUXFp6TVPnY\n",
    "esz5xuX5DzM7e1q5T0zJaYKl1KlWI/Qxnp/PeBYRTFbp1O4JR8C+TuSJ\n",
    "-----END PRIVATE KEY-----\n",
);

/// Is its public half.
const PUBLIC: &str = concat!(
    "-----BEGIN PUBLIC KEY-----\n",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgtXX9UDsC4gAGUrC4HnFFxaek1T5\n",
    "2HrM+cbl+Q8zO3tauU9MyWmCpdSpViP0MZ6fz3gWEUxW6dTuCUfAvk7kiQ==\n",
    "-----END PUBLIC KEY-----\n",
);

/// Is the public half of another key.
const OTHER: &str = concat!(
    "-----BEGIN PUBLIC KEY-----\n",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiV2n0a+2cfWAvBE0LVBxJ2Ft0fxY\n",
    "SZWdcQZmQGY56BpmL+zQpaIecfzxcOFjcdEGaMt13CGfGslsBc/+auHKtQ==\n",
    "-----END PUBLIC KEY-----\n",
);

#[test]
fn a_key_signs_and_its_public_half_verifies() {
    let stage = Stage::new();
    stage.write("key.pem", KEY);
    stage.write("key.pub", PUBLIC);
    stage.write("other.pub", OTHER);
    stage.write("artifact", "content");
    stage.write("review.json", r#"{"approved": true}"#);
    let review = "https://example.com/review/v1";
    for (rekor, kind) in [
        ("v1", RegistryKind::WithReferrers),
        ("v2", RegistryKind::WithoutReferrers),
    ] {
        let keyed = |arguments: &[&str]| {
            crate::binary::finish(
                stage
                    .toolkit(rekor)
                    .args(arguments)
                    .args(["--key", "key.pem"]),
            )
        };
        let name = stage.push(kind, "acme/keyed", &image("amd64"));
        let target = format!("{name}:1");
        expect(&keyed(&["sign", &target]), 0);
        expect(
            &keyed(&[
                "attest",
                &target,
                "--predicate",
                "review.json",
                "--type",
                review,
            ]),
            0,
        );
        expect(&stage.run(&["verify", &target, "--key", "key.pub"]), 0);
        expect(
            &stage.run(&["verify", &target, "--key", "key.pub", "--type", review]),
            0,
        );
        expect(&stage.run(&["verify", &target, "--key", "other.pub"]), 12);
        expect(&stage.run(&["verify", &target, "--key", "key.pem"]), 15);
        expect(&stage.verify(&target, SIGNER, &[]), 13);
        let tree = stage.run(&["tree", &target, "--key", "key.pub"]);
        expect(&tree, 0);
        assert_eq!(
            tree.stdout.matches("  verified: key ").count(),
            2,
            "{}",
            tree.stdout
        );

        expect(
            &keyed(&["sign", "file:artifact", "--bundle", "bundle.json"]),
            0,
        );
        expect(
            &stage.run(&[
                "verify",
                "file:artifact",
                "--key",
                "key.pub",
                "--bundle",
                "bundle.json",
            ]),
            0,
        );
        expect(
            &stage.run(&[
                "verify",
                "file:artifact",
                "--key",
                "other.pub",
                "--bundle",
                "bundle.json",
            ]),
            12,
        );
    }
}

#[test]
fn a_policy_names_keys_by_file() {
    let stage = Stage::new();
    stage.write("key.pem", KEY);
    stage.write("key.pub", PUBLIC);
    stage.write("other.pub", OTHER);
    let name = stage.push(RegistryKind::WithReferrers, "acme/keyed", &image("amd64"));
    let target = format!("{name}:1");
    expect(&stage.run(&["sign", &target, "--key", "key.pem"]), 0);
    for (file, code) in [("key.pub", 0), ("other.pub", 1)] {
        stage.write(
            "policy.yaml",
            &format!("version: 1\nname: keyed\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  vault: {{kind: key, file: {file}}}\nrules:\n- id: signed\n  require: {{signatures: vault}}\nnoMatch: deny\n"),
        );
        expect(
            &stage.run(&["verify", &target, "--policy", "policy.yaml"]),
            code,
        );
    }
}

#[test]
fn one_signer_at_a_time_and_none_is_told() {
    let stage = Stage::new();
    stage.write("key.pem", KEY);
    stage.write("artifact", "content");
    let sign = ["sign", "file:artifact", "--bundle", "bundle.json"];
    let both = stage.signed(
        "v1",
        &[
            &sign[..],
            &["--key", "key.pem", "--identity-token", "eyJh.eyJz.c2ln"],
        ]
        .concat(),
    );
    expect(&both, 2);
    assert!(
        both.stderr
            .contains("two signers: expected a key or an identity token, found both"),
        "{}",
        both.stderr
    );
    let none = stage.run(&sign);
    expect(&none, 2);
    assert!(
        none.stderr.contains(
            "no identity token: looked at the argument, `SIGSTORE_ID_TOKEN` and the CI system"
        ),
        "{}",
        none.stderr
    );
    let secret = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNlY3JldA";
    let refused = crate::binary::finish(stage.toolkit("v1").args(sign).args([
        "-vvv",
        "--identity-token",
        secret,
    ]));
    assert_ne!(refused.code, 0);
    assert!(
        !refused.stderr.contains("Y2FuYXJ5LXNlY3JldA"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_key_that_signed_too_does_not_hide_who_else_signed() {
    let stage = Stage::new();
    stage.write("key.pem", KEY);
    let name = stage.push(RegistryKind::WithReferrers, "acme/both", &image("amd64"));
    let target = format!("{name}:1");
    expect(&stage.signed("v2", &["sign", &target]), 0);
    expect(&stage.run(&["sign", &target, "--key", "key.pem"]), 0);
    let verified = stage.run(&[
        "verify",
        &target,
        "--certificate-identity",
        "nobody@example.com",
        "--certificate-oidc-issuer",
        "https://issuer.example",
    ]);
    expect(&verified, 12);
    for part in [
        "[identity.mismatch]",
        "expected `https://issuer.example`",
        "refused: no-certificate",
    ] {
        assert!(
            verified.stdout.contains(part),
            "{part}: {}",
            verified.stdout
        );
    }
}
