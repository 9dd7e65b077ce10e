//! Issuer, certificate authority, logs and timestamp authority.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fs_err as fs;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use toolkit_lab::{GithubClaims, RekorVersion, Service};

use crate::client::{Key, certify, chain, get, header, http, json, lab, openssl, post_json};

#[test]
fn fulcio_refuses_what_is_not_proved() {
    let (lab, other) = (lab(), lab());
    let (key, stranger) = (Key::new(1), Key::new(2));
    let mail = "dev@example.com";
    let good = lab.email_token(mail);
    let far = i64::from(u32::MAX);
    let custom = |audience: &str, expiry: i64, verified: bool| {
        lab.custom_token(&json!({"iss": lab.issuer(), "aud": audience, "exp": expiry, "email": mail, "email_verified": verified}))
    };
    let strange = lab.custom_token(
        &json!({"iss": "https://elsewhere.invalid", "aud": "sigstore", "exp": far, "email": mail}),
    );
    for (token, subject, key, status) in [
        (good.as_str(), mail, &key, 200),
        (&custom("sigstore", far, true), mail, &key, 200),
        (&good, "someone@example.com", &key, 400),
        (&other.email_token(mail), mail, &key, 401),
        (&custom("else", far, true), mail, &key, 401),
        (&custom("sigstore", 1, true), mail, &key, 401),
        (&custom("sigstore", far, false), mail, &key, 400),
        (&strange, mail, &key, 400),
        ("", mail, &key, 401),
    ] {
        assert_eq!(
            certify(&lab, token, subject, key).status(),
            status,
            "{token} {subject}"
        );
    }
    let body = json!({
        "credentials": {"oidcIdentityToken": good},
        "publicKeyRequest": {"publicKey": {"content": key.pem()}, "proofOfPossession": stranger.sign(mail.as_bytes())},
    });
    assert_eq!(
        post_json(&format!("{}/api/v2/signingCert", lab.fulcio_url()), &body).status(),
        400
    );
    assert!(
        lab.requests()
            .iter()
            .all(|request| request.service == Service::Fulcio)
    );
}

#[test]
fn openssl_accepts_a_workflows_certificate_and_reads_its_claims() {
    let lab = lab();
    let mut claims = GithubClaims::new("acme/widget");
    claims.environment = Some("production".to_owned());
    let subject = "repo:acme/widget:environment:production";
    let response = certify(&lab, &lab.github_token(claims), subject, &Key::new(1));
    let chain = chain(response);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    for (name, pem) in ["leaf", "intermediate", "root"].iter().zip(&chain) {
        fs::write(path(name), pem).expect("written");
    }
    // OpenSSL does not know Fulcio's extensions, none of which is critical.
    let verify = [
        "verify",
        "-x509_strict",
        "-purpose",
        "any",
        "-CAfile",
        &path("root"),
        "-untrusted",
        &path("intermediate"),
        &path("leaf"),
    ];
    let Some((text, good)) = openssl(&verify, b"") else {
        return;
    };
    assert!(good, "{text}");
    let (text, _) =
        openssl(&["x509", "-noout", "-text", "-in", &path("leaf")], b"").expect("openssl");
    for expected in [
        "Subject: \n",
        "X509v3 Subject Alternative Name: critical\n                URI:https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main",
        "X509v3 Extended Key Usage: \n                Code Signing",
        &format!(
            "1.3.6.1.4.1.57264.1.1: \n                {}/github",
            lab.issuer()
        ),
        "1.3.6.1.4.1.57264.1.2: \n                push",
        "1.3.6.1.4.1.57264.1.5: \n                acme/widget",
        "1.3.6.1.4.1.57264.1.12: \n                ..https://github.com/acme/widget",
        "1.3.6.1.4.1.57264.1.14: \n                ..refs/heads/main",
        "1.3.6.1.4.1.57264.1.16: \n                ..https://github.com/acme\n",
        "1.3.6.1.4.1.57264.1.21: \n                .9https://github.com/acme/widget/actions/runs/42/attempts/1",
        "1.3.6.1.4.1.57264.1.23: \n                .\nproduction",
        "CT Precertificate SCTs",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn fulcio_certifies_a_request_of_openssl() {
    let lab = lab();
    let new = [
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/dev/null",
        "-subj",
        "/CN=x",
    ];
    let Some((request, _)) = openssl(&new, b"") else {
        return;
    };
    let request = &request[request
        .find("-----BEGIN CERTIFICATE REQUEST")
        .expect("a request")..];
    let send = |request: &str| {
        let body = json!({"certificateSigningRequest": STANDARD.encode(request)}).to_string();
        let url = format!("{}/api/v2/signingCert", lab.fulcio_url());
        http()
            .post(url)
            .bearer_auth(lab.email_token("dev@example.com"))
            .body(body)
            .send()
            .expect("an answer")
    };
    let response = send(request);
    assert_eq!(response.status(), 200);
    let (of_leaf, _) = openssl(
        &["x509", "-noout", "-pubkey"],
        chain(response)[0].as_bytes(),
    )
    .expect("openssl");
    let (of_request, _) =
        openssl(&["req", "-noout", "-pubkey"], request.as_bytes()).expect("openssl");
    assert!(of_leaf.contains("BEGIN PUBLIC KEY"));
    assert_eq!(of_leaf, of_request);
    // A request whose signature is of other bytes: the common name is changed.
    let der = STANDARD
        .decode(
            request
                .lines()
                .filter(|line| !line.starts_with("--"))
                .collect::<String>(),
        )
        .expect("base64");
    let changed = String::from_utf8_lossy(&der).find('x').expect("the name");
    let mut der = der;
    let place = der.iter().position(|byte| *byte == b'x').unwrap_or(changed);
    der[place] = b'y';
    let pem = format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
        STANDARD.encode(der)
    );
    assert_eq!(send(&pem).status(), 400);
}

fn hashed_rekord(key: &Key, signed: &[u8], hashed: &[u8]) -> Value {
    json!({"kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": hex::encode(Sha256::digest(hashed))}},
        "signature": {"content": key.sign(signed), "publicKey": {"content": STANDARD.encode(key.pem())}},
    }})
}

/// Walks a proof upwards (RFC 9162 §2.1.3.2), apart from the lab's own code.
fn root_of(body: &[u8], mut index: u64, size: u64, hashes: &[Vec<u8>]) -> Vec<u8> {
    let node = |left: &[u8], right: &[u8]| Sha256::digest([&[1], left, right].concat()).to_vec();
    let (mut last, mut root) = (size - 1, Sha256::digest([&[0], body].concat()).to_vec());
    for hash in hashes {
        if index % 2 == 1 || index == last {
            root = node(hash, &root);
            while index.is_multiple_of(2) && index != 0 {
                (index, last) = (index >> 1, last >> 1);
            }
        } else {
            root = node(&root, hash);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    assert_eq!(last, 0);
    root
}

#[test]
fn rekor_v1_proves_what_it_logs_and_logs_it_once() {
    let lab = lab();
    let entries = format!("{}/api/v1/log/entries", lab.rekor_url(RekorVersion::V1));
    for number in 1..=5 {
        let response = post_json(
            &entries,
            &hashed_rekord(&Key::new(number), b"artifact", b"artifact"),
        );
        assert_eq!(response.status(), 201);
    }
    let proposal = hashed_rekord(&Key::new(6), b"artifact", b"artifact");
    let response = post_json(&entries, &proposal);
    let location = header(&response, "location").expect("a location");
    let answer = json(response);
    let (id, entry) = answer
        .as_object()
        .and_then(|all| all.iter().next())
        .expect("an entry");
    assert!(location.ends_with(id.as_str()));
    let text = |pointer: &str| {
        entry
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("text")
            .to_owned()
    };
    let body = STANDARD.decode(text("/body")).expect("base64");
    let hashes: Vec<Vec<u8>> = entry
        .pointer("/verification/inclusionProof/hashes")
        .and_then(Value::as_array)
        .expect("hashes")
        .iter()
        .map(|hash| hex::decode(hash.as_str().expect("text")).expect("hexadecimal"))
        .collect();
    let root = root_of(&body, 5, 6, &hashes);
    assert_eq!(
        hex::encode(&root),
        text("/verification/inclusionProof/rootHash")
    );
    let checkpoint = text("/verification/inclusionProof/checkpoint");
    let lines: Vec<&str> = checkpoint.lines().collect();
    assert_eq!(lines[1..4], ["6", &STANDARD.encode(root), ""]);

    let again = post_json(&entries, &proposal);
    assert_eq!(
        (again.status().as_u16(), header(&again, "location")),
        (409, Some(location.clone()))
    );
    let host = lab.rekor_url(RekorVersion::V1);
    for url in [format!("{host}{location}"), format!("{entries}?logIndex=5")] {
        assert_eq!(
            json(get(&url)).pointer(&format!("/{id}/body")),
            entry.get("body"),
            "{url}"
        );
    }
    assert_eq!(
        post_json(
            &entries,
            &hashed_rekord(&Key::new(7), b"artifact", b"other")
        )
        .status(),
        400
    );
    assert_eq!(
        post_json(
            &entries,
            &json!({"kind": "rekord", "apiVersion": "0.0.1", "spec": {}})
        )
        .status(),
        400
    );

    let key = get(&format!("{host}/api/v1/log/publicKey"))
        .text()
        .expect("PEM");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let promise = format!(
        "{{\"body\":\"{}\",\"integratedTime\":{},\"logID\":\"{}\",\"logIndex\":5}}",
        text("/body"),
        entry["integratedTime"],
        text("/logID")
    );
    let note = STANDARD
        .decode(lines[4].rsplit(' ').next().expect("a signature"))
        .expect("base64");
    let set = STANDARD
        .decode(text("/verification/signedEntryTimestamp"))
        .expect("base64");
    for (signed, signature) in [
        (promise, set),
        (format!("{}\n", lines[..3].join("\n")), note[4..].to_vec()),
    ] {
        fs::write(path("key"), &key).expect("written");
        fs::write(path("signature"), signature).expect("written");
        let arguments = [
            "dgst",
            "-sha256",
            "-verify",
            &path("key"),
            "-signature",
            &path("signature"),
        ];
        let Some((printed, good)) = openssl(&arguments, signed.as_bytes()) else {
            return;
        };
        assert!(good, "{printed} {signed}");
    }
}

#[test]
fn rekor_v1_logs_an_envelope_by_its_hashes() {
    let lab = lab();
    let entries = format!("{}/api/v1/log/entries", lab.rekor_url(RekorVersion::V1));
    let (key, payload) = (
        Key::new(1),
        b"{\"_type\":\"https://in-toto.io/Statement/v1\"}",
    );
    let signed = [
        format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len()).as_bytes(),
        payload,
    ]
    .concat();
    let propose = |signature: String| {
        let envelope = json!({
            "payload": STANDARD.encode(payload), "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": signature}],
        });
        let content =
            json!({"envelope": envelope.to_string(), "verifiers": [STANDARD.encode(key.pem())]});
        (
            envelope.to_string(),
            json!({"kind": "dsse", "apiVersion": "0.0.1", "spec": {"proposedContent": content}}),
        )
    };
    let (envelope, proposal) = propose(key.sign(&signed));
    let answer = json(post_json(&entries, &proposal));
    let entry = answer
        .as_object()
        .and_then(|all| all.values().next())
        .expect("an entry");
    let body = STANDARD
        .decode(entry["body"].as_str().expect("text"))
        .expect("base64");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let hash =
        |bytes: &[u8]| json!({"algorithm": "sha256", "value": hex::encode(Sha256::digest(bytes))});
    assert_eq!(body["spec"]["payloadHash"], hash(payload));
    assert_eq!(body["spec"]["envelopeHash"], hash(envelope.as_bytes()));
    assert_eq!(
        post_json(&entries, &propose(key.sign(payload)).1).status(),
        400
    );
}

#[test]
fn rekor_v2_serves_the_tree_that_its_checkpoint_signs() {
    let lab = lab();
    let host = lab.rekor_url(RekorVersion::V2);
    let request = |key: &Key, hashed: &[u8]| {
        json!({"hashedRekordRequestV002": {
            "digest": STANDARD.encode(Sha256::digest(hashed)),
            "signature": {"content": key.sign(b"artifact"), "verifier": {"publicKey": {"rawBytes": key.der()}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}},
        }})
    };
    let entries = format!("{host}/api/v2/log/entries");
    let mut last = Value::Null;
    for number in 1..=3 {
        let response = post_json(&entries, &request(&Key::new(number), b"artifact"));
        assert_eq!(response.status(), 201);
        last = json(response);
    }
    assert_eq!(
        post_json(&entries, &request(&Key::new(4), b"other")).status(),
        400
    );
    let hashes: Vec<Vec<u8>> = last["inclusionProof"]["hashes"]
        .as_array()
        .expect("hashes")
        .iter()
        .map(|hash| {
            STANDARD
                .decode(hash.as_str().expect("text"))
                .expect("base64")
        })
        .collect();
    let body = STANDARD
        .decode(last["canonicalizedBody"].as_str().expect("text"))
        .expect("base64");
    let root = STANDARD.encode(root_of(&body, 2, 3, &hashes));
    assert_eq!(last["inclusionProof"]["rootHash"], root.as_str());
    let checkpoint = get(&format!("{host}/api/v2/checkpoint"))
        .text()
        .expect("text");
    assert_eq!(
        checkpoint.lines().collect::<Vec<_>>()[..4],
        ["127.0.0.1", "3", &root, ""]
    );
    assert_eq!(
        last["inclusionProof"]["checkpoint"]["envelope"],
        checkpoint.as_str()
    );
    let bundle = get(&format!("{host}/api/v2/tile/entries/000.p/3"))
        .bytes()
        .expect("a tile");
    assert!(bundle.ends_with(&body));
    let leaves = get(&format!("{host}/api/v2/tile/0/000.p/3"))
        .bytes()
        .expect("a tile");
    assert_eq!(
        leaves[64..],
        Sha256::digest([&[0], body.as_slice()].concat())[..]
    );
    assert_eq!(get(&format!("{host}/api/v2/tile/0/000.p/4")).status(), 404);
}

#[test]
fn openssl_accepts_timestamps_with_and_without_the_certificate() {
    let lab = lab();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let chain = get(&format!("{}/certchain", lab.timestamp_url()))
        .text()
        .expect("PEM");
    fs::write(path("chain"), chain).expect("written");
    fs::write(path("data"), "data").expect("written");
    for (extra, hash, status) in [
        ("-cert", "-sha256", true),
        ("-no_nonce", "-sha256", true),
        ("-cert", "-sha512", false),
    ] {
        let Some((text, good)) = openssl(
            &[
                "ts",
                "-query",
                "-data",
                &path("data"),
                hash,
                extra,
                "-out",
                &path("query"),
            ],
            b"",
        ) else {
            return;
        };
        assert!(good, "{text}");
        let query = fs::read(path("query")).expect("a query");
        let response = http()
            .post(lab.timestamp_url())
            .header("content-type", "application/timestamp-query")
            .body(query)
            .send()
            .expect("an answer");
        assert_eq!(
            header(&response, "content-type").as_deref(),
            Some("application/timestamp-reply")
        );
        fs::write(path("reply"), response.bytes().expect("a reply")).expect("written");
        let verify = [
            "ts",
            "-verify",
            "-queryfile",
            &path("query"),
            "-in",
            &path("reply"),
            "-CAfile",
            &path("chain"),
            "-untrusted",
            &path("chain"),
        ];
        let (text, good) = openssl(&verify, b"").expect("openssl");
        assert_eq!(good, status, "{extra} {hash}: {text}");
    }
}

#[test]
fn the_actions_endpoint_gives_tokens_that_fulcio_takes() {
    let lab = lab();
    let url = format!("{}&audience=sigstore", lab.actions_request_url());
    let ask = |token: &str| {
        http()
            .get(&url)
            .bearer_auth(token)
            .send()
            .expect("an answer")
    };
    assert_eq!(ask("guess").status(), 401);
    lab.set_actions_workflow(GithubClaims::new("other/thing"));
    let token = json(ask(&lab.actions_request_token()));
    let token = token["value"].as_str().expect("a token");
    assert_eq!(
        certify(
            &lab,
            token,
            "repo:other/thing:ref:refs/heads/main",
            &Key::new(1)
        )
        .status(),
        200
    );
    let elsewhere = json(
        http()
            .get(lab.actions_request_url())
            .bearer_auth(lab.actions_request_token())
            .send()
            .expect("an answer"),
    );
    let token = elsewhere["value"].as_str().expect("a token");
    assert_eq!(
        certify(
            &lab,
            token,
            "repo:other/thing:ref:refs/heads/main",
            &Key::new(1)
        )
        .status(),
        401
    );
}

#[test]
fn the_clock_moves_every_service() {
    let lab = lab();
    let old = lab.email_token("dev@example.com");
    lab.set_clock_offset(SignedDuration::from_hours(-24 * 365));
    assert_eq!(
        certify(&lab, &old, "dev@example.com", &Key::new(1)).status(),
        401
    );
    let leaf = chain(certify(
        &lab,
        &lab.email_token("dev@example.com"),
        "dev@example.com",
        &Key::new(1),
    ));
    let entries = format!("{}/api/v1/log/entries", lab.rekor_url(RekorVersion::V1));
    let answer = json(post_json(
        &entries,
        &hashed_rekord(&Key::new(1), b"artifact", b"artifact"),
    ));
    let logged = answer
        .as_object()
        .and_then(|all| all.values().next())
        .expect("an entry")["integratedTime"]
        .as_i64()
        .expect("a time");
    let now = jiff::Timestamp::now().as_second();
    assert!(
        (now - 366 * 86_400..now - 364 * 86_400).contains(&logged),
        "{logged}"
    );
    let Some((_, expired)) = openssl(&["x509", "-noout", "-checkend", "0"], leaf[0].as_bytes())
    else {
        return;
    };
    assert!(!expired, "a certificate of last year is expired now");
}

#[test]
fn two_labs_share_no_trust() {
    let (one, other) = (lab(), lab());
    let root = |lab: &toolkit_lab::Lab| {
        serde_json::from_str::<Value>(&lab.trusted_root_json()).expect("JSON")
    };
    for pointer in [
        "/tlogs/0/publicKey/rawBytes",
        "/tlogs/1/publicKey/rawBytes",
        "/ctlogs/0/publicKey/rawBytes",
        "/certificateAuthorities/0/certChain/certificates/1/rawBytes",
        "/timestampAuthorities/0/certChain/certificates/1/rawBytes",
    ] {
        assert!(root(&one).pointer(pointer).is_some(), "{pointer}");
        assert_ne!(
            root(&one).pointer(pointer),
            root(&other).pointer(pointer),
            "{pointer}"
        );
    }
}
