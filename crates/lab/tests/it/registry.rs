//! The registry against distribution-spec v1.1.

use reqwest::{Method, blocking::RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use toolkit_lab::{
    Lab, RegistryAuth, RegistryKind,
    image::{Compression, Image, Layer},
};

use crate::client::{header, http, json, lab};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn request(lab: &Lab, method: &str, path: &str) -> RequestBuilder {
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/v2/{path}")
    };
    http().request(
        Method::from_bytes(method.as_bytes()).expect("a method"),
        format!("http://{}{path}", lab.registry()),
    )
}

fn status(request: RequestBuilder) -> u16 {
    request.send().expect("an answer").status().as_u16()
}

fn push_blob(lab: &Lab, repository: &str, bytes: &[u8]) {
    let path = format!("{repository}/blobs/uploads/?digest={}", digest(bytes));
    assert_eq!(
        status(request(lab, "POST", &path).body(bytes.to_vec())),
        201
    );
}

/// Pushes a manifest of the empty configuration and one empty layer; returns its digest.
fn push_referrer(
    lab: &Lab,
    repository: &str,
    artifact_type: &str,
    subject: Option<&str>,
    number: u32,
) -> (String, Option<String>) {
    push_blob(lab, repository, b"{}");
    let empty = json!({"mediaType": EMPTY, "digest": digest(b"{}"), "size": 2});
    let mut manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type, "config": empty, "layers": [empty],
        "annotations": {"number": number.to_string()},
    });
    if let Some(subject) = subject {
        manifest["subject"] = json!({"mediaType": MANIFEST, "digest": subject, "size": 1});
    }
    let bytes = manifest.to_string();
    let own = digest(bytes.as_bytes());
    let path = format!("{repository}/manifests/{own}");
    let response = request(lab, "PUT", &path)
        .header("content-type", MANIFEST)
        .body(bytes)
        .send()
        .expect("an answer");
    assert_eq!(response.status(), 201);
    assert_eq!(
        header(&response, "docker-content-digest").as_deref(),
        Some(own.as_str())
    );
    (own, header(&response, "oci-subject"))
}

#[test]
fn blobs_come_back_as_they_were_pushed_in_every_way() {
    let lab = lab();
    let bytes = b"0123456789".as_slice();
    let own = digest(bytes);
    let blob = format!("a/b/blobs/{own}");
    assert_eq!(status(request(&lab, "HEAD", &blob)), 404);
    let begin = || {
        let response = request(&lab, "POST", "a/b/blobs/uploads/")
            .send()
            .expect("an answer");
        assert_eq!(response.status(), 202);
        header(&response, "location").expect("a location")
    };
    // One request.
    push_blob(&lab, "one/request", bytes);
    // POST, then PUT.
    let put = format!("{}?digest={own}", begin());
    assert_eq!(status(request(&lab, "PUT", &put).body("another")), 400);
    let put = format!("{}?digest={own}", begin());
    assert_eq!(status(request(&lab, "PUT", &put).body(bytes.to_vec())), 201);
    assert_eq!(status(request(&lab, "PUT", &put).body(bytes.to_vec())), 404);
    assert_eq!(status(request(&lab, "DELETE", &blob)), 202);
    // Chunks.
    let upload = begin();
    let patch = |range: &str, bytes: &[u8]| {
        status(
            request(&lab, "PATCH", &upload)
                .header("content-range", range)
                .body(bytes.to_vec()),
        )
    };
    assert_eq!(patch("0-3", &bytes[..4]), 202);
    assert_eq!(patch("5-9", &bytes[5..]), 416);
    assert_eq!(
        header(
            &request(&lab, "GET", &upload).send().expect("an answer"),
            "range"
        )
        .as_deref(),
        Some("0-3")
    );
    assert_eq!(patch("4-8", &bytes[4..9]), 202);
    assert_eq!(
        status(request(&lab, "PUT", &format!("{upload}?digest={own}")).body(bytes[9..].to_vec())),
        201
    );

    let whole = request(&lab, "GET", &blob).send().expect("an answer");
    assert_eq!(
        header(&whole, "docker-content-digest").as_deref(),
        Some(own.as_str())
    );
    assert_eq!(whole.bytes().expect("a body"), bytes);
    let head = request(&lab, "HEAD", &blob).send().expect("an answer");
    assert_eq!(header(&head, "content-length").as_deref(), Some("10"));
    let part = request(&lab, "GET", &blob)
        .header("range", "bytes=3-5")
        .send()
        .expect("an answer");
    assert_eq!(
        (
            part.status().as_u16(),
            header(&part, "content-range").as_deref()
        ),
        (206, Some("bytes 3-5/10"))
    );
    assert_eq!(part.bytes().expect("a body"), "345");
    assert_eq!(
        status(request(&lab, "GET", &blob).header("range", "bytes=10-")),
        416
    );
    // Mounts.
    for (from, expected) in [("a/b", 201), ("not/there", 202)] {
        let path = format!("mounted/{expected}/blobs/uploads/?mount={own}&from={from}");
        assert_eq!(status(request(&lab, "POST", &path)), expected);
    }
    assert_eq!(
        status(request(&lab, "GET", &format!("mounted/201/blobs/{own}"))),
        200
    );
    assert_eq!(status(request(&lab, "GET", "a/b/blobs/sha256:12")), 400);
    assert_eq!(status(request(&lab, "GET", "A/blobs/uploads/1")), 400);
}

#[test]
fn manifests_need_what_they_name() {
    let lab = lab();
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": EMPTY, "digest": digest(b"{}"), "size": 2}, "layers": []});
    let bytes = manifest.to_string();
    let put = |reference: &str, media_type: &str, body: &str| {
        let response = request(&lab, "PUT", &format!("r/manifests/{reference}"))
            .header("content-type", media_type)
            .body(body.to_owned());
        let response = response.send().expect("an answer");
        let status = response.status().as_u16();
        let code = response
            .bytes()
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        (
            status,
            code.and_then(|body| body["errors"][0]["code"].as_str().map(ToOwned::to_owned)),
        )
    };
    let code = |text: &str| Some(text.to_owned());
    assert_eq!(
        put("1", MANIFEST, &bytes),
        (400, code("MANIFEST_BLOB_UNKNOWN"))
    );
    push_blob(&lab, "r", b"{}");
    assert_eq!(put("1", MANIFEST, "no"), (400, code("MANIFEST_INVALID")));
    assert_eq!(
        put("1", "application/vnd.oci.image.index.v1+json", &bytes),
        (400, code("MANIFEST_INVALID"))
    );
    assert_eq!(
        put(&digest(b"x"), MANIFEST, &bytes),
        (400, code("DIGEST_INVALID"))
    );
    assert_eq!(
        put("1", MANIFEST, &format!("{bytes}{}", " ".repeat(4 << 20))),
        (413, code("MANIFEST_INVALID"))
    );
    assert_eq!(put("1", MANIFEST, &bytes), (201, None));
    let index = json!({"schemaVersion": 2, "manifests": [{"digest": digest(b"x")}]}).to_string();
    assert_eq!(
        put("2", "application/vnd.oci.image.index.v1+json", &index),
        (400, code("MANIFEST_BLOB_UNKNOWN"))
    );

    let own = digest(bytes.as_bytes());
    for reference in ["1", &own] {
        let found = request(&lab, "GET", &format!("r/manifests/{reference}"))
            .send()
            .expect("an answer");
        assert_eq!(header(&found, "content-type").as_deref(), Some(MANIFEST));
        assert_eq!(
            header(&found, "docker-content-digest").as_deref(),
            Some(own.as_str())
        );
        assert_eq!(found.text().expect("text"), bytes);
    }
    for tag in ["0", "2", "3"] {
        assert_eq!(put(tag, MANIFEST, &bytes).0, 201);
    }
    let first = request(&lab, "GET", "r/tags/list?n=3")
        .send()
        .expect("an answer");
    let link = header(&first, "link").expect("a link");
    assert_eq!(json(first)["tags"], json!(["0", "1", "2"]));
    let next = link
        .trim_start_matches('<')
        .split('>')
        .next()
        .expect("a path")
        .to_owned();
    assert_eq!(
        json(request(&lab, "GET", &next).send().expect("an answer"))["tags"],
        json!(["3"])
    );
    assert_eq!(status(request(&lab, "DELETE", "r/manifests/3")), 202);
    assert_eq!(lab.tags(RegistryKind::WithReferrers, "r"), ["0", "1", "2"]);
    assert_eq!(
        status(request(&lab, "DELETE", &format!("r/manifests/{own}"))),
        202
    );
    assert_eq!(status(request(&lab, "GET", "r/manifests/1")), 404);
    assert_eq!(status(request(&lab, "GET", "unknown/tags/list")), 404);
}

#[test]
fn referrers_are_listed_filtered_and_paged_or_missing() {
    let lab = lab();
    let (subject, none) = push_referrer(&lab, "r", "application/x", None, 0);
    assert_eq!(none, None);
    let mut all: Vec<String> = Vec::new();
    for number in 1..=3 {
        let kind = if number == 3 {
            "application/b"
        } else {
            "application/a"
        };
        let (own, said) = push_referrer(&lab, "r", kind, Some(&subject), number);
        assert_eq!(said.as_deref(), Some(subject.as_str()));
        all.push(own);
    }
    all.sort();
    let path = format!("r/referrers/{subject}");
    let response = request(&lab, "GET", &path).send().expect("an answer");
    assert_eq!(
        header(&response, "content-type").as_deref(),
        Some("application/vnd.oci.image.index.v1+json")
    );
    let index = json(response);
    let digests: Vec<&str> = index["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["digest"].as_str())
        .collect();
    assert_eq!(digests, all);
    let filtered = request(&lab, "GET", &format!("{path}?artifactType=application%2Fb"))
        .send()
        .expect("an answer");
    assert_eq!(
        header(&filtered, "oci-filters-applied").as_deref(),
        Some("artifactType")
    );
    let filtered = json(filtered);
    assert_eq!(filtered["manifests"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        filtered["manifests"][0]["annotations"],
        json!({"number": "3"})
    );
    assert_eq!(filtered["manifests"][0]["artifactType"], "application/b");
    let nothing = json(
        request(&lab, "GET", &format!("r/referrers/{}", digest(b"nothing")))
            .send()
            .expect("an answer"),
    );
    assert_eq!(nothing["manifests"], json!([]));
    let url = format!(
        "http://{}/v2/r/referrers/{subject}",
        lab.registry_without_referrers()
    );
    assert_eq!(http().get(url).send().expect("an answer").status(), 404);
}

#[test]
fn credentials_are_asked_for() {
    let lab = lab();
    let image = Image::new("linux", "amd64")
        .layer(Layer::new(Compression::None))
        .build()
        .expect("an image");
    lab.push(RegistryKind::WithReferrers, "r", Some("1"), &image);
    let kind = RegistryKind::WithReferrers;
    let (username, password) = ("user".to_owned(), "secret".to_owned());
    lab.set_registry_auth(
        kind,
        RegistryAuth::Basic {
            username: username.clone(),
            password: password.clone(),
        },
    );
    let manifest = || request(&lab, "GET", "r/manifests/1");
    let refused = manifest().send().expect("an answer");
    assert_eq!(
        (
            refused.status().as_u16(),
            header(&refused, "www-authenticate").as_deref()
        ),
        (401, Some("Basic realm=\"toolkit-lab\""))
    );
    assert_eq!(status(manifest().basic_auth("user", Some("wrong"))), 401);
    assert_eq!(status(manifest().basic_auth("user", Some("secret"))), 200);

    lab.set_registry_auth(
        kind,
        RegistryAuth::Bearer {
            username,
            password,
            anonymous_pull: true,
        },
    );
    let refused = manifest().send().expect("an answer");
    let expected = format!(
        "Bearer realm=\"http://{}/token\",service=\"toolkit-lab\",scope=\"repository:r:pull\"",
        lab.registry()
    );
    assert_eq!(
        (
            refused.status().as_u16(),
            header(&refused, "www-authenticate")
        ),
        (401, Some(expected))
    );
    let token = |user: Option<&str>, scope: &str| {
        let mut request = request(
            &lab,
            "GET",
            &format!("/token?service=toolkit-lab&scope={scope}"),
        );
        if let Some(password) = user {
            request = request.basic_auth("user", Some(password));
        }
        let response = request.send().expect("an answer");
        (response.status() == 200).then(|| {
            json(response)["token"]
                .as_str()
                .expect("a token")
                .to_owned()
        })
    };
    assert_eq!(token(Some("wrong"), "repository:r:pull"), None);
    let anonymous = token(None, "repository:r:pull,push").expect("a token");
    let known = token(Some("secret"), "repository:r:pull,push").expect("a token");
    let other = token(Some("secret"), "repository:other:pull,push").expect("a token");
    for (token, pull, push) in [
        (&anonymous, 200, 401),
        (&known, 200, 202),
        (&other, 401, 401),
    ] {
        assert_eq!(status(manifest().bearer_auth(token)), pull);
        assert_eq!(
            status(request(&lab, "POST", "r/blobs/uploads/").bearer_auth(token)),
            push
        );
    }
    let seen = lab.requests();
    assert!(
        seen.iter()
            .filter_map(|request| request.headers.get("authorization"))
            .all(|value| value == "Basic" || value == "Bearer")
    );
}
