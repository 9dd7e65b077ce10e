//! Every fault does what its name says, and only that.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use toolkit_lab::{
    BlobFault, FulcioFault, Lab, ReferrersFault, RegistryFault, RegistryKind, RekorFault,
    RekorVersion, TsaFault,
    image::{Compression, Image, Layer},
};

use crate::{
    client::{Key, certify, chain, get, header, http, json, lab, openssl, post_json},
    registry::digest,
};

const KIND: RegistryKind = RegistryKind::WithReferrers;

#[test]
fn blob_faults_break_the_body_below_and_above_http() {
    let lab = lab();
    let image = Image::new("linux", "amd64")
        .layer(Layer::new(Compression::None).file("f", vec![7; 100_000]))
        .build()
        .expect("an image");
    lab.push(KIND, "r", Some("1"), &image);
    let (own, bytes) = image
        .blobs()
        .iter()
        .max_by_key(|(_, bytes)| bytes.len())
        .expect("a layer");
    let url = format!("http://{}/v2/r/blobs/{own}", lab.registry());
    for (fault, announced, arrives) in [
        (BlobFault::Truncated, bytes.len(), None),
        (BlobFault::Reset, bytes.len(), None),
        (BlobFault::WrongBytes, bytes.len(), Some(bytes.len())),
        (BlobFault::TooShort, bytes.len() - 1, Some(bytes.len() - 1)),
        (BlobFault::TooLong, bytes.len() + 1, Some(bytes.len() + 1)),
    ] {
        lab.faults().registry(KIND).add(RegistryFault::Blob(fault));
        let response = get(&url);
        assert_eq!(
            header(&response, "content-length"),
            Some(announced.to_string()),
            "{fault:?}"
        );
        let body = response.bytes();
        assert_eq!(
            body.as_ref().ok().map(|body| body.len()),
            arrives,
            "{fault:?}"
        );
        assert!(
            body.is_err() || digest(&body.expect("a body")) != *own,
            "{fault:?}"
        );
        lab.faults().clear();
        assert_eq!(
            digest(&get(&url).bytes().expect("a body")),
            *own,
            "{fault:?} is off"
        );
    }
    lab.faults()
        .registry(KIND)
        .add(RegistryFault::Blob(BlobFault::RangeIgnored));
    assert_eq!(
        http()
            .get(&url)
            .header("range", "bytes=5-")
            .send()
            .expect("an answer")
            .status(),
        200
    );
}

#[test]
fn registry_faults_answer_as_they_say() {
    let lab = lab();
    let image = Image::new("linux", "amd64").build().expect("an image");
    lab.push(KIND, "r", Some("1"), &image);
    let url = format!("http://{}/v2/r/manifests/1", lab.registry());
    let faults = lab.faults().registry(KIND);
    let statuses = |count: usize| {
        (0..count)
            .map(|_| get(&url).status().as_u16())
            .collect::<Vec<_>>()
    };
    faults.add_times(2, RegistryFault::Status(500));
    assert_eq!(statuses(4), [500, 500, 200, 200]);
    faults.clear();
    faults.add_after(2, RegistryFault::Status(503));
    assert_eq!(statuses(4), [200, 200, 503, 503]);
    faults.clear();
    faults.add(RegistryFault::RateLimited {
        retry_after: Some(7),
    });
    let limited = get(&url);
    assert_eq!(
        (
            limited.status().as_u16(),
            header(&limited, "retry-after").as_deref()
        ),
        (429, Some("7"))
    );
    faults.clear();
    faults.add(RegistryFault::Unauthorized);
    let refused = http()
        .get(&url)
        .basic_auth("any", Some("thing"))
        .send()
        .expect("an answer");
    assert_eq!(
        (
            refused.status().as_u16(),
            header(&refused, "www-authenticate").is_some()
        ),
        (401, true)
    );
    faults.clear();
    faults.add(RegistryFault::HangUp);
    assert!(http().get(&url).send().is_err());
    faults.clear();
    faults.add(RegistryFault::Stall(Duration::from_millis(300)));
    let begin = Instant::now();
    assert_eq!(statuses(1), [200]);
    assert!(begin.elapsed() >= Duration::from_millis(300));
    faults.clear();
    for (fault, same_bytes, same_digest) in [
        (RegistryFault::ManifestWrongBytes, false, Some(true)),
        (RegistryFault::ManifestWrongDigest, true, Some(false)),
        (RegistryFault::ManifestWithoutDigest, true, None),
    ] {
        faults.add(fault.clone());
        let response = get(&url);
        let stated =
            header(&response, "docker-content-digest").map(|stated| stated == image.digest());
        assert_eq!(
            (
                digest(&response.bytes().expect("a body")) == image.digest(),
                stated
            ),
            (same_bytes, same_digest),
            "{fault:?}"
        );
        faults.clear();
    }
    // A write that is carried out though its answer never comes, and one that is refused.
    let put = |tag: &str| {
        let url = format!("http://{}/v2/r/manifests/{tag}", lab.registry());
        http()
            .put(url)
            .header("content-type", image.media_type())
            .body(image.bytes().to_vec())
            .send()
    };
    faults.add(RegistryFault::WriteThenHangUp);
    assert!(put("2").is_err());
    faults.clear();
    faults.add(RegistryFault::WriteStatus(503));
    assert_eq!(
        (put("3").expect("an answer").status().as_u16(), statuses(1)),
        (503, vec![200])
    );
    assert_eq!(lab.tags(KIND, "r"), ["1", "2"]);
    // The other registry works on.
    let other = format!("http://{}/v2/", lab.registry_without_referrers());
    assert_eq!(get(&other).status(), 200);
}

#[test]
fn referrers_faults_answer_as_they_say() {
    let lab = lab();
    let subject = lab.push(
        KIND,
        "r",
        Some("1"),
        &Image::new("linux", "amd64").build().expect("an image"),
    );
    let config = get(&format!("http://{}/v2/r/manifests/1", lab.registry()));
    let config = json(config)["config"].clone();
    let put = |number: u32| {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": format!("application/{number}"),
            "config": config, "layers": [], "subject": {"mediaType": "x", "digest": subject, "size": 1},
        });
        let bytes = manifest.to_string();
        let url = format!(
            "http://{}/v2/r/manifests/{}",
            lab.registry(),
            digest(bytes.as_bytes())
        );
        let response = http()
            .put(url)
            .header("content-type", "application/vnd.oci.image.manifest.v1+json")
            .body(bytes);
        header(&response.send().expect("an answer"), "oci-subject").is_some()
    };
    assert!((0..3).all(put));
    let url = format!("http://{}/v2/r/referrers/{subject}", lab.registry());
    let faults = lab.faults().registry(KIND);
    for (fault, status, says_subject) in [
        (ReferrersFault::Status(404), 404, false),
        (ReferrersFault::Status(400), 400, false),
        (ReferrersFault::Status(405), 405, false),
        (ReferrersFault::Status(406), 406, false),
        (ReferrersFault::Status(501), 501, false),
        (ReferrersFault::Status(503), 503, true),
        (ReferrersFault::RateLimited, 429, true),
        (ReferrersFault::Html, 200, true),
        (ReferrersFault::LyingSubject, 404, true),
        (ReferrersFault::Empty, 200, true),
    ] {
        faults.add(RegistryFault::Referrers(fault.clone()));
        assert_eq!(
            (get(&url).status().as_u16(), put(0)),
            (status, says_subject),
            "{fault:?}"
        );
        faults.clear();
    }
    let fault = |fault: ReferrersFault| {
        faults.clear();
        faults.add(RegistryFault::Referrers(fault));
    };
    fault(ReferrersFault::Html);
    assert_eq!(
        header(&get(&url), "content-type").as_deref(),
        Some("text/html")
    );
    fault(ReferrersFault::Empty);
    assert_eq!(json(get(&url))["manifests"], json!([]));
    fault(ReferrersFault::Cut);
    assert!(get(&url).bytes().is_err());
    fault(ReferrersFault::NoFilter);
    let unfiltered = get(&format!("{url}?artifactType=application/1"));
    assert_eq!(header(&unfiltered, "oci-filters-applied"), None);
    assert_eq!(
        json(unfiltered)["manifests"].as_array().map(Vec::len),
        Some(3)
    );
    fault(ReferrersFault::ArtifactType("application/other".to_owned()));
    assert_eq!(
        json(get(&url))["manifests"][2]["artifactType"],
        "application/other"
    );
    fault(ReferrersFault::Pages(2));
    let first = get(&url);
    let link = header(&first, "link").expect("a link");
    let path = link
        .trim_start_matches('<')
        .split('>')
        .next()
        .expect("a path")
        .to_owned();
    assert_eq!(json(first)["manifests"].as_array().map(Vec::len), Some(2));
    let second = get(&format!("http://{}{path}", lab.registry()));
    assert_eq!(header(&second, "link"), None);
    assert_eq!(json(second)["manifests"].as_array().map(Vec::len), Some(1));
}

#[test]
fn fulcio_faults_spoil_the_certificate() {
    let lab = lab();
    let key = Key::new(1);
    let ask = || {
        certify(
            &lab,
            &lab.email_token("dev@example.com"),
            "dev@example.com",
            &key,
        )
    };
    let text = |pem: &str| {
        openssl(&["x509", "-noout", "-text", "-pubkey"], pem.as_bytes()).map(|(text, _)| text)
    };
    lab.faults().fulcio().add_times(
        1,
        FulcioFault::RateLimited {
            retry_after: Some(3),
        },
    );
    let limited = ask();
    assert_eq!(
        (
            limited.status().as_u16(),
            header(&limited, "retry-after").as_deref()
        ),
        (429, Some("3"))
    );
    lab.faults().fulcio().add_times(1, FulcioFault::Status(500));
    assert_eq!([ask().status(), ask().status()], [500, 200]);
    for (fault, own_key, sct, identity) in [
        (None, true, true, true),
        (Some(FulcioFault::WrongKey), false, true, true),
        (Some(FulcioFault::MissingSct), true, false, true),
        (
            Some(FulcioFault::WrongIdentity("other@example.com".to_owned())),
            true,
            true,
            false,
        ),
    ] {
        if let Some(fault) = fault.clone() {
            lab.faults().fulcio().add_times(1, fault);
        }
        let Some(text) = text(&chain(ask())[0]) else {
            return;
        };
        let found = (
            text.contains(&key.pem()),
            text.contains("CT Precertificate SCTs"),
            text.contains("email:dev@example.com"),
        );
        assert_eq!(found, (own_key, sct, identity), "{fault:?}");
    }
}

fn log(lab: &Lab, version: RekorVersion, number: u8) -> Value {
    let key = Key::new(number);
    let (path, body) = match version {
        RekorVersion::V1 => (
            "/api/v1/log/entries",
            json!({"kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": hex::encode(Sha256::digest(b"a"))}},
                "signature": {"content": key.sign(b"a"), "publicKey": {"content": STANDARD.encode(key.pem())}},
            }}),
        ),
        RekorVersion::V2 => (
            "/api/v2/log/entries",
            json!({"hashedRekordRequestV002": {"digest": STANDARD.encode(Sha256::digest(b"a")), "signature": {
                "content": key.sign(b"a"), "verifier": {"publicKey": {"rawBytes": key.der()}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"},
            }}}),
        ),
    };
    let answer = json(post_json(
        &format!("{}{path}", lab.rekor_url(version)),
        &body,
    ));
    match version {
        RekorVersion::V1 if answer.get("code").is_none() => answer
            .as_object()
            .and_then(|all| all.values().next())
            .cloned()
            .unwrap_or(answer),
        _ => answer,
    }
}

#[test]
fn rekor_faults_spoil_the_entry() {
    let lab = lab();
    for version in [RekorVersion::V1, RekorVersion::V2] {
        let (body, proof, root, checkpoint) = match version {
            RekorVersion::V1 => (
                "/body",
                "/verification/inclusionProof/hashes",
                "/verification/inclusionProof/rootHash",
                "/verification/inclusionProof/checkpoint",
            ),
            RekorVersion::V2 => (
                "/canonicalizedBody",
                "/inclusionProof/hashes",
                "/inclusionProof/rootHash",
                "/inclusionProof/checkpoint/envelope",
            ),
        };
        let text = |entry: &Value, pointer: &str| {
            entry
                .pointer(pointer)
                .and_then(Value::as_str)
                .expect("text")
                .to_owned()
        };
        let hash = match version {
            RekorVersion::V1 => hex::encode(Sha256::digest(b"a")),
            RekorVersion::V2 => STANDARD.encode(Sha256::digest(b"a")),
        };
        let holds = |entry: &Value| {
            let logged = String::from_utf8(STANDARD.decode(text(entry, body)).expect("base64"))
                .expect("UTF-8")
                .contains(&hash);
            let root = match version {
                RekorVersion::V1 => {
                    STANDARD.encode(hex::decode(text(entry, root)).expect("hexadecimal"))
                }
                RekorVersion::V2 => text(entry, root),
            };
            let signed = text(entry, checkpoint).lines().nth(2) == Some(&root);
            // The first entry's proof is empty.
            let proved = entry
                .pointer(proof)
                .and_then(Value::as_array)
                .is_none_or(Vec::is_empty);
            (logged, signed, proved)
        };
        lab.faults().rekor().add_times(1, RekorFault::WrongProof);
        assert_eq!(holds(&log(&lab, version, 1)), (true, true, false));
        lab.faults().rekor().add_times(1, RekorFault::WrongBody);
        assert!(!holds(&log(&lab, version, 2)).0);
        lab.faults()
            .rekor()
            .add_times(1, RekorFault::WrongCheckpoint);
        assert!(!holds(&log(&lab, version, 3)).1);
        assert_eq!(
            (
                holds(&log(&lab, version, 4)).0,
                holds(&log(&lab, version, 5)).1
            ),
            (true, true)
        );
        lab.faults().rekor().add_times(1, RekorFault::Status(500));
        assert_eq!(log(&lab, version, 6)["code"], 500);
    }
}

#[test]
fn tsa_faults_spoil_the_token() {
    let lab = lab();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    fs_err::write(
        path("chain"),
        get(&format!("{}/certchain", lab.timestamp_url()))
            .text()
            .expect("PEM"),
    )
    .expect("written");
    fs_err::write(path("data"), "data").expect("written");
    let Some(_) = openssl(
        &[
            "ts",
            "-query",
            "-data",
            &path("data"),
            "-sha256",
            "-cert",
            "-out",
            &path("query"),
        ],
        b"",
    ) else {
        return;
    };
    for (fault, expected) in [
        (None, "Verification: OK"),
        (Some(TsaFault::WrongNonce), "nonce mismatch"),
        (Some(TsaFault::WrongImprint), "message imprint mismatch"),
        (Some(TsaFault::Rejected), "failure codes: systemFailure"),
        (
            Some(TsaFault::Offset(jiff::SignedDuration::from_hours(1))),
            "Verification: OK",
        ),
    ] {
        lab.faults().clear();
        if let Some(fault) = fault.clone() {
            lab.faults().tsa().add(fault);
        }
        let query = fs_err::read(path("query")).expect("a query");
        let reply = http()
            .post(lab.timestamp_url())
            .body(query)
            .send()
            .expect("an answer")
            .bytes()
            .expect("a reply");
        fs_err::write(path("reply"), reply).expect("written");
        let verify = [
            "ts",
            "-verify",
            "-queryfile",
            &path("query"),
            "-in",
            &path("reply"),
            "-CAfile",
            &path("chain"),
        ];
        let (text, _) = openssl(&verify, b"").expect("openssl");
        assert!(text.contains(expected), "{fault:?}: {text}");
    }
    lab.faults().clear();
    lab.faults().tsa().add(TsaFault::Status(500));
    assert_eq!(
        http()
            .post(lab.timestamp_url())
            .send()
            .expect("an answer")
            .status(),
        500
    );
}
