//! Evidence that does not hold: each reason has its code, and the report names what was expected and found.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use toolkit_attest::{IdentityToken, Options, Session, SigningConfig, Statement, TrustRoot};
use toolkit_lab::{RegistryKind, RekorVersion, TsaFault};
use toolkit_oci::Digest;

use super::says;
use crate::layout::{Layout, MANIFEST, TAR, digest};
use crate::stage::{SIGNER, Stage, expect, image};

/// A P-256 key made for these tests, and its public half.
pub(crate) const P256: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBmstZeClGMXecsvd
qzqnUSvOV6OBueQhdjE9RSxY+yqhRANCAARe5ejneUH0rdwOODNWGN3HNLusVsJH
QgZsEsjMYBOtD1ZpgkwizpzJV//Umo99jQhH/q3nR/lNrrq4/UPKnv00
-----END PRIVATE KEY-----
";
pub(crate) const P256_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXuXo53lB9K3cDjgzVhjdxzS7rFbC
R0IGbBLIzGATrQ9WaYJMIs6cyVf/1JqPfY0IR/6t50f5Ta66uP1Dyp79NA==
-----END PUBLIC KEY-----
";
/// Keys of other kinds, made for these tests: Ed25519, P-384 and RSA.
const ED25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICKtplOh56Hm/BvH+hc58Hf2DHA3qmcDZ2VuqAT0XT+K
-----END PRIVATE KEY-----
";
const ED25519_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAfKX+vM0LeMpIXbmzFSnIpODz/BMYQu1gVivaqIQ8bSw=
-----END PUBLIC KEY-----
";
const P384: &str = "-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCcTS1WS1sRpfZwuuy3
KmsXfltR/KLCOExba9HVRT0w505f0rDHSg3Y59AUqQqUkRChZANiAARB3l2XLlxW
udH5L7cX/dqeXAC1TuBD2eVudBPZlsDbfRRLPnJtUhRDh4stRv39ETFgLeVP5uv1
Tdw1Vas7yV31WQCs/+GpyDJ4vWsHtLivqwgqVrbIK4/AATdSej9DF/U=
-----END PRIVATE KEY-----
";
const P384_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEQd5dly5cVrnR+S+3F/3anlwAtU7gQ9nl
bnQT2ZbA230USz5ybVIUQ4eLLUb9/RExYC3lT+br9U3cNVWrO8ld9VkArP/hqcgy
eL1rB7S4r6sIKla2yCuPwAE3Uno/Qxf1
-----END PUBLIC KEY-----
";
const RSA_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxi6beQPOFtzXf4ccU540
zV0pKIsMIdBcWLPBxXTYTiCneJdQKkI59XQfGY0+Joy9KwwM+ndZFSva5vbz4Iwu
2VEzh0r+yWEoOLigiRKgtU7MphRdZKXxOMIlmohPvUynW96jZTmNhx8/hEK6rWfI
m2CCUVmrf8QONp5S9UWiYFx8IquclfRgqa0VpJtCd0K7CANbXO3dCZ8LHWjR9vnl
/v7OzUFl0ebS7yfbuW/FJ3CCUS+sT0uOZC79faFJwRQ3+IQJ9PeAwFERt0VEKISb
BLQGkXX/3IkKGtylyyNVSXnPxJ9bKvi/pXDMVewhhwEt2xKtagoRyaDjQa5cVjhW
bQIDAQAB
-----END PUBLIC KEY-----
";

/// A stage with a signed file.
fn signed_file(rekor: &str) -> Stage {
    let stage = Stage::new();
    stage.write("artifact", "content");
    expect(
        &stage.signed(rekor, &["sign", "file:artifact", "--bundle", "good.json"]),
        0,
    );
    stage
}

#[test]
fn bundles_that_cannot_be_read() {
    let stage = signed_file("v2");
    let good = fs_err::read_to_string(stage.path().join("good.json")).expect("the bundle");
    for (name, text, reason) in [
        ("empty", "", "bundle-empty"),
        ("blank", " \n", "bundle-empty"),
        ("cut", &good[..good.len() / 2], "bundle-malformed"),
        ("an array", "[]", "bundle-malformed"),
        ("an object", "{}", "bundle-malformed"),
        ("a number", "1", "bundle-malformed"),
        ("text", "not json", "bundle-malformed"),
        (
            "another version",
            &good.replace("bundle.v0.3", "bundle.v9.9"),
            "bundle-unsupported",
        ),
    ] {
        stage.write("bad.json", text);
        let run = stage.verify("file:artifact", SIGNER, &["--bundle", "bad.json"]);
        says(
            name,
            &run,
            15,
            &[
                reason,
                &format!("expected  signature by {SIGNER} of "),
                "found  ",
            ],
        );
    }
    // A bundle that holds binary rubbish, as a file and beside an image.
    fs_err::write(stage.path().join("bad.json"), [0xff, 0, 0xfe]).expect("the bundle");
    let run = stage.verify("file:artifact", SIGNER, &["--bundle", "bad.json"]);
    says("binary", &run, 15, &["bundle-malformed"]);
}

#[test]
fn bundles_beside_an_image_that_cannot_be_read() {
    let stage = Stage::new();
    let identity = stage.identity(SIGNER);
    for (name, bytes, reason) in [
        ("empty", &b""[..], "bundle-empty"),
        ("text", b"not json", "bundle-malformed"),
    ] {
        let (layout, subject) = Layout::of(&[(b"", TAR)], &[digest(b"")]);
        attach(&layout, &subject, bytes);
        let target = format!(
            "{}@{}",
            layout.target(),
            subject["digest"].as_str().expect("a digest")
        );
        let mut arguments = vec!["verify", &target];
        arguments.extend(identity.iter().map(String::as_str));
        let run = stage.run(&arguments);
        says(name, &run, 15, &[reason, "expected  signature by"]);
    }
}

/// Lists a bundle as evidence of an image, as a signing tool does.
fn attach(layout: &Layout, subject: &Value, bundle: &[u8]) {
    const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let config = layout.blob("application/vnd.oci.empty.v1+json", b"{}");
    let layer = layout.blob(BUNDLE, bundle);
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE, "config": config, "layers": [layer], "subject": subject,
        "annotations": {"dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1"},
    });
    let mut entry = layout.document(MANIFEST, &manifest);
    entry["artifactType"] = BUNDLE.into();
    entry["annotations"] = manifest["annotations"].clone();
    let mut entries = layout.entries();
    entries.push(entry);
    layout.list(&entries);
}

#[test]
fn a_signature_of_another_image() {
    let stage = Stage::new();
    let identity = stage.identity(SIGNER);
    let (layout, mine) = Layout::of(&[(b"", TAR)], &[digest(b"")]);
    let other = layout.image(&[(b"other", TAR)], &[digest(b"other")]);
    layout.list(&[mine.clone(), other.clone()]);
    let at = |image: &Value| {
        format!(
            "{}@{}",
            layout.target(),
            image["digest"].as_str().expect("a digest")
        )
    };
    expect(
        &stage.signed("v2", &["sign", &at(&mine), "--bundle", "mine.json"]),
        0,
    );
    let bundle = fs_err::read(stage.path().join("mine.json")).expect("the bundle");
    let mut arguments = vec!["verify".to_owned(), at(&mine)];
    arguments.extend(identity.clone());
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    expect(&stage.run(&words), 0);

    let (mine_digest, other_digest) = (
        mine["digest"].as_str().expect("a digest"),
        other["digest"].as_str().expect("a digest"),
    );
    let mut arguments = vec!["verify".to_owned(), at(&other)];
    arguments.extend(identity);
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    expect(&stage.run(&words), 10);
    words.extend(["--bundle", "mine.json"]);
    says(
        "named",
        &stage.run(&words),
        17,
        &["subject-mismatch", mine_digest, other_digest],
    );
    words.truncate(words.len() - 2);
    attach(&layout, &other, &bundle);
    says(
        "attached",
        &stage.run(&words),
        17,
        &["subject-mismatch", mine_digest, other_digest],
    );
}

#[test]
fn a_file_that_was_changed_after_signing() {
    for rekor in ["v1", "v2"] {
        let stage = signed_file(rekor);
        stage.write("artifact", "other content");
        let run = stage.verify("file:artifact", SIGNER, &["--bundle", "good.json"]);
        says(
            rekor,
            &run,
            17,
            &[
                "digest-mismatch",
                Digest::sha256(b"content").hex(),
                Digest::sha256(b"other content").hex(),
            ],
        );
    }
}

#[test]
fn keys_of_the_wrong_kind() {
    let stage = signed_file("v1");
    let expected = "expected an ECDSA P-256";
    fs_err::write(stage.path().join("der.key"), [0x30, 0x59, 0xff, 0x00]).expect("the key");
    for (name, text) in [
        ("Ed25519", ED25519_PUBLIC),
        ("P-384", P384_PUBLIC),
        ("RSA", RSA_PUBLIC),
        ("private", P256),
        ("empty", ""),
        ("text", "not a key"),
    ] {
        stage.write("wrong.pub", text);
        let run = stage.run(&[
            "verify",
            "file:artifact",
            "--bundle=good.json",
            "--key=wrong.pub",
        ]);
        says(
            name,
            &run,
            15,
            &[
                "`wrong.pub` is not the key that is needed",
                expected,
                "found",
            ],
        );
    }
    let der = stage.run(&[
        "verify",
        "file:artifact",
        "--bundle=good.json",
        "--key=der.key",
    ]);
    says(
        "DER",
        &der,
        15,
        &["`der.key` is not the key that is needed", expected],
    );
    for (name, text) in [
        ("Ed25519", ED25519),
        ("P-384", P384),
        ("public", P256_PUBLIC),
        ("empty", ""),
    ] {
        stage.write("wrong.key", text);
        let run = stage.run(&[
            "sign",
            "file:artifact",
            "--bundle=b.json",
            "--key=wrong.key",
        ]);
        says(
            name,
            &run,
            15,
            &[
                "`wrong.key` is not the key that is needed",
                "expected",
                "P-256",
            ],
        );
        assert!(!stage.path().join("b.json").exists(), "{name}");
    }
    let der = stage.run(&["sign", "file:artifact", "--bundle=b.json", "--key=der.key"]);
    says(
        "DER",
        &der,
        15,
        &["`der.key` is not the key that is needed", "P-256"],
    );
}

#[test]
fn keys_and_certificates_are_not_each_other() {
    let stage = signed_file("v1");
    stage.write("key.pem", P256);
    stage.write("key.pub", P256_PUBLIC);
    expect(
        &stage.run(&[
            "sign",
            "file:artifact",
            "--bundle=keyed.json",
            "--key=key.pem",
        ]),
        0,
    );
    expect(
        &stage.run(&[
            "verify",
            "file:artifact",
            "--bundle=keyed.json",
            "--key=key.pub",
        ]),
        0,
    );
    says(
        "13",
        &stage.verify("file:artifact", SIGNER, &["--bundle=keyed.json"]),
        13,
        &[
            "no-certificate",
            &format!("expected  signature by {SIGNER} of "),
        ],
    );
    says(
        "12 with a key",
        &stage.run(&[
            "verify",
            "file:artifact",
            "--bundle=good.json",
            "--key=key.pub",
        ]),
        12,
        &["identity.mismatch", SIGNER],
    );
    let name = stage.push(RegistryKind::WithReferrers, "acme/keyed", &image("amd64"));
    let tagged = format!("{name}:1");
    says(
        "10",
        &stage.run(&["verify", &tagged, "--key=key.pub"]),
        10,
        &["signature.missing", "found     none"],
    );
    expect(&stage.run(&["sign", &tagged, "--key=key.pem"]), 0);
    expect(&stage.run(&["verify", &tagged, "--key=key.pub"]), 0);
    says(
        "13",
        &stage.verify(&tagged, SIGNER, &[]),
        13,
        &["no-certificate"],
    );
    says(
        "14",
        &stage.run(&["verify", &tagged, "--key=key.pub", "--type=spdx"]),
        14,
        &["attestation.missing", "spdx attestation by"],
    );
    expect(&stage.signed("v1", &["sign", &tagged]), 0);
    says(
        "12",
        &stage.verify(
            &tagged,
            "mallory@example.com",
            &["--type=https://sigstore.dev/cosign/sign/v1"],
        ),
        12,
        &["`mallory@example.com`", SIGNER],
    );
}

#[test]
fn trust_roots_that_cannot_be_used() {
    let stage = signed_file("v1");
    stage.write("policy.yaml", "version: 1\nname: open\ntrust: {root: {file: nowhere.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n");
    for (name, text) in [
        ("empty", ""),
        ("text", "not json"),
        ("an array", "[]"),
        ("no media type", "{}"),
        (
            "of another kind",
            r#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}"#,
        ),
    ] {
        stage.write("wrong.json", text);
        let run = stage.verify(
            "file:artifact",
            SIGNER,
            &["--bundle=good.json", "--trusted-root=wrong.json"],
        );
        says(name, &run, 18, &["trust root `wrong.json` cannot be used"]);
    }
    let missing = stage.verify(
        "file:artifact",
        SIGNER,
        &["--bundle=good.json", "--trusted-root=nowhere.json"],
    );
    says(
        "missing",
        &missing,
        18,
        &[
            "the trust root is missing",
            "nowhere.json",
            "`--trusted-root FILE`",
        ],
    );
    let run = stage.run(&["policy", "check", "policy.yaml"]);
    says(
        "check",
        &run,
        18,
        &["the trust root is missing", "nowhere.json"],
    );
    let sign = stage.signed(
        "v1",
        &[
            "sign",
            "file:artifact",
            "--bundle=b.json",
            "--trusted-root=nowhere.json",
        ],
    );
    says("sign", &sign, 18, &["the trust root is missing"]);
}

/// Asks the lab's authority for another time stamp of a bundle's signature, and returns the bundle with that one alone.
fn restamped(stage: &Stage, bundle: &str, offset: SignedDuration) -> String {
    let mut bundle: Value = serde_json::from_str(bundle).expect("a bundle");
    let signature = bundle["messageSignature"]["signature"]
        .as_str()
        .expect("a signature");
    let signature = STANDARD.decode(signature).expect("base64");
    // TimeStampReq (RFC 3161 §2.4.1): version 1, SHA-256 imprint, certReq.
    let mut query = vec![
        0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
        0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    ];
    let imprint = Digest::sha256(&signature);
    let hex = imprint.hex();
    query.extend((0..32).map(|byte| u8::from_str_radix(&hex[2 * byte..][..2], 16).expect("hex")));
    query.extend([0x01, 0x01, 0xff]);
    let tsa = stage.lab.faults().tsa();
    tsa.add(TsaFault::Offset(offset));
    let answer = reqwest::blocking::Client::new()
        .post(stage.lab.timestamp_url())
        .header("content-type", "application/timestamp-query")
        .body(query)
        .send()
        .expect("the authority");
    tsa.clear();
    assert_eq!(answer.status(), 201);
    let stamp = STANDARD.encode(answer.bytes().expect("a stamp"));
    bundle["verificationMaterial"]["timestampVerificationData"] =
        json!({"rfc3161Timestamps": [{"signedTimestamp": stamp}]});
    bundle.to_string()
}

#[test]
fn a_certificate_that_was_not_valid_when_it_signed() {
    let stage = signed_file("v2");
    let good = fs_err::read_to_string(stage.path().join("good.json")).expect("the bundle");
    stage.write(
        "again.json",
        &restamped(&stage, &good, SignedDuration::ZERO),
    );
    expect(
        &stage.verify("file:artifact", SIGNER, &["--bundle=again.json"]),
        0,
    );
    for offset in [
        SignedDuration::from_hours(-1),
        SignedDuration::from_hours(-240),
    ] {
        stage.write("stale.json", &restamped(&stage, &good, offset));
        let run = stage.verify("file:artifact", SIGNER, &["--bundle=stale.json"]);
        says(
            &offset.to_string(),
            &run,
            15,
            &["certificate-not-valid-at-time", "expected", "found"],
        );
    }
    // Nobody signs so by mistake: the new signature is checked before it is given out.
    stage
        .lab
        .faults()
        .tsa()
        .add(TsaFault::Offset(SignedDuration::from_hours(-1)));
    let run = stage.signed("v2", &["sign", "file:artifact", "--bundle=b.json"]);
    says("sign", &run, 15, &["certificate-not-valid-at-time"]);
    assert!(!stage.path().join("b.json").exists());
}

#[test]
fn a_clock_behind_the_log() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithReferrers, "acme/future", &built);
    let tagged = format!("{name}:1");
    stage.lab.set_clock_offset(SignedDuration::from_hours(1));
    let now = || {
        Timestamp::now()
            .checked_add(SignedDuration::from_hours(1))
            .expect("a time")
    };
    // The signer's clock is right; with Rekor v1 the verifier's engine would ask this machine's clock instead of it.
    let mut session = Session::keyless(
        IdentityToken::parse(&stage.lab.email_token(SIGNER)).expect("a token"),
        SigningConfig::from_json(
            stage.lab.signing_config_json(RekorVersion::V2).as_bytes(),
            "lab",
        )
        .expect("a configuration"),
        TrustRoot::from_json(stage.lab.trusted_root_json().as_bytes(), "lab").expect("a root"),
        Options::new(Arc::new(now), "toolkit-test"),
    )
    .expect("a session");
    let put = |name: &str, bytes: &[u8]| {
        fs_err::write(stage.path().join(name), bytes).expect("the bundle");
    };
    let file = session
        .sign_digest(&Digest::sha256(b"content"))
        .expect("a signature");
    put("file.json", file.bundle.bytes());
    let statement = Statement::image_signature(&Digest::parse(built.digest()).expect("a digest"));
    let signed = session.sign_statement(&statement).expect("a signature");
    put("image.json", signed.bundle.bytes());
    stage.write("policy.yaml", &format!("version: 1\nname: signed\ntrust: {{root: {{file: root.json}}}}\nidentities:\n  signer: {{kind: email, address: {SIGNER}, issuer: \"{}\"}}\nrules:\n- id: signed\n  require: {{signatures: signer}}\nnoMatch: deny\n", stage.lab.issuer()));

    let texts = [
        "time-in-future: expected `not after 2",
        "found `2",
        "check this machine's clock",
    ];
    let run = stage.verify("file:artifact", SIGNER, &["--bundle=file.json"]);
    says("file", &run, 16, &texts);
    let run = stage.verify(&tagged, SIGNER, &["--bundle=image.json"]);
    says("image", &run, 16, &texts);
    let run = stage.run(&[
        "verify",
        &tagged,
        "--policy=policy.yaml",
        "--bundle=image.json",
    ]);
    says(
        "policy",
        &run,
        1,
        &[
            "time-in-future",
            "check the clock of the machine that judges",
        ],
    );
}

#[test]
fn signing_with_a_clock_behind_the_log() {
    for rekor in ["v1", "v2"] {
        let stage = Stage::new();
        stage.write("artifact", "content");
        stage.lab.set_clock_offset(SignedDuration::from_hours(1));
        let run = stage.signed(rekor, &["sign", "file:artifact", "--bundle=b.json"]);
        says(
            rekor,
            &run,
            16,
            &[
                "time-in-future",
                "not after 2",
                "check this machine's clock",
            ],
        );
        assert!(!stage.path().join("b.json").exists());
    }
}
