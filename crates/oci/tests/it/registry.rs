//! Pull, push, credentials and faults, against a registry that misbehaves on purpose.

use std::io::Read;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use toolkit_oci::registry::{
    Answer, Client, Error as RegistryError, Options, TargetFault, TokenFault,
};
use toolkit_oci::{Descriptor, Digest, Error, ErrorClass, Limits, Reference, Verifying};

use crate::fault_registry::{
    FaultRegistry, INDEX, MANIFEST, Reply, Seen, client, client_with, index, options, sha256,
};

fn registry_error(error: Error) -> RegistryError {
    match error {
        Error::Registry(error) => *error,
        other => panic!("{other:?}"),
    }
}

fn get(
    client: &Client,
    registry: &FaultRegistry,
    tag: &str,
) -> Result<Option<toolkit_oci::RawManifest>, Error> {
    client
        .repository(&registry.reference())?
        .manifest_by_tag(tag)
}

fn read_blob(
    client: &Client,
    registry: &FaultRegistry,
    descriptor: &Descriptor,
) -> Result<Vec<u8>, Error> {
    let reader = client
        .repository(&registry.reference())?
        .open_blob(descriptor)?;
    let mut bytes = Vec::new();
    Verifying::new(reader, descriptor.digest.clone(), descriptor.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn blob(bytes: &[u8]) -> Descriptor {
    Descriptor::of("application/octet-stream", bytes)
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 % 251) as u8).collect()
}

/// A registry that wants a bearer token, and gives `t1`, `t2`, … itself; each is good for `uses` requests.
fn bearer(uses: usize) -> FaultRegistry {
    let state = std::sync::Mutex::new((0_usize, 0_usize));
    FaultRegistry::start(move |seen, _| {
        let mut state = state.lock().unwrap();
        if seen.path.starts_with("/token") {
            *state = (state.0 + 1, 0);
            return Some(Reply::new(200).body(
                "application/json",
                format!(r#"{{"token":"t{}","expires_in":300}}"#, state.0).as_bytes(),
            ));
        }
        let good =
            seen.header("authorization") == Some(&format!("Bearer t{}", state.0)) && state.1 < uses;
        state.1 += 1;
        if good {
            return None;
        }
        let host = seen.header("host").unwrap();
        let challenge = format!(
            r#"Bearer realm="http://{host}/token",service="svc",scope="repository:r:pull""#
        );
        Some(Reply::error(401, "UNAUTHORIZED").header("www-authenticate", &challenge))
    })
}

#[test]
fn tokens_are_asked_for_once_with_service_and_scope() {
    let registry = bearer(usize::MAX);
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let client = client();
    for _ in 0..3 {
        assert!(get(&client, &registry, "t").unwrap().is_some());
    }
    assert_eq!(registry.count("GET", "/token"), 1);
    let log = registry.log();
    let token = log
        .iter()
        .find(|seen| seen.path.starts_with("/token"))
        .unwrap();
    assert_eq!(token.query("service").as_deref(), Some("svc"));
    assert_eq!(token.query("scope").as_deref(), Some("repository:r:pull"));
    assert_eq!(token.header("authorization"), None, "anonymous");
    assert_eq!(
        log.iter()
            .filter(|seen| seen.header("authorization").is_none() && seen.path.starts_with("/v2/"))
            .count(),
        1
    );
}

#[test]
fn a_refused_token_is_refreshed_once() {
    let registry = bearer(1);
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let client = client();
    for expected in [1, 2, 3] {
        assert!(get(&client, &registry, "t").unwrap().is_some());
        assert_eq!(registry.count("GET", "/token"), expected);
    }
    let registry = bearer(0);
    let error = registry_error(get(&client, &registry, "t").unwrap_err());
    assert!(
        matches!(&error, RegistryError::Unauthorized { registry: name, .. } if *name == registry.host),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Unreachable);
    assert_eq!(registry.count("GET", "/v2/"), 2);
}

#[test]
fn pushing_asks_for_more_than_pulling() {
    let registry = bearer(usize::MAX);
    let remote = client().repository(&registry.reference()).unwrap();
    remote.put_manifest(&index(&[]), INDEX, Some("t")).unwrap();
    let log = registry.log();
    let token = log
        .iter()
        .find(|seen| seen.path.starts_with("/token"))
        .unwrap();
    let scopes: Vec<&str> = token
        .path
        .split('&')
        .filter(|part| part.starts_with("scope="))
        .collect();
    // The challenge's scope first, then ours.
    assert_eq!(
        scopes,
        [
            "scope=repository%3Ar%3Apull",
            "scope=repository%3Ar%3Apull%2Cpush"
        ]
    );
}

#[test]
fn basic_and_identity_tokens_come_from_the_docker_configuration() {
    let wants_basic = || {
        FaultRegistry::start(|seen, _| {
            let good =
                seen.header("authorization") == Some(&format!("Basic {}", STANDARD.encode("u:p")));
            (!good).then(|| {
                Reply::new(401).header("www-authenticate", r#"Digest realm="x", Basic realm="y""#)
            })
        })
    };
    let registry = wants_basic();
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let config = format!(
        r#"{{"auths":{{"{}":{{"auth":"{}"}}}}}}"#,
        registry.host,
        STANDARD.encode("u:p")
    );
    let (client, _folder) = client_with(&config);
    assert!(get(&client, &registry, "t").unwrap().is_some());
    let other = wants_basic();
    let error = registry_error(get(&client, &other, "t").unwrap_err());
    assert!(
        matches!(error, RegistryError::Unauthorized { .. }),
        "{error:?}"
    );
    assert!(
        other
            .log()
            .iter()
            .all(|seen| seen.header("authorization").is_none()),
        "credentials of another registry"
    );

    let registry = FaultRegistry::start(|seen, _| {
        if seen.is("POST", "/token") {
            let form = String::from_utf8(seen.body.clone()).unwrap();
            assert_eq!(
                form,
                "grant_type=refresh_token&client_id=toolkit&refresh_token=it&scope=repository%3Ar%3Apull&service=svc"
            );
            return Some(Reply::new(200).body("application/json", br#"{"access_token":"at"}"#));
        }
        let realm = format!(
            r#"Bearer realm="http://{}/token",service="svc""#,
            seen.header("host").unwrap()
        );
        (seen.header("authorization") != Some("Bearer at"))
            .then(|| Reply::new(401).header("www-authenticate", &realm))
    });
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let (client, _folder) = client_with(&format!(
        r#"{{"auths":{{"{}":{{"identitytoken":"it"}}}}}}"#,
        registry.host
    ));
    assert!(get(&client, &registry, "t").unwrap().is_some());
}

#[test]
fn token_servers_are_not_believed_blindly() {
    let answer = |realm: &'static str, body: &'static [u8], status: u16| {
        let registry = FaultRegistry::start(move |seen, _| {
            if seen.path.starts_with("/token") {
                return Some(Reply::new(status).body("application/json", body));
            }
            Some(Reply::new(401).header("www-authenticate", &format!(r#"Bearer realm="{realm}""#)))
        });
        registry_error(get(&client(), &registry, "t").unwrap_err())
    };
    let error = answer("http://169.254.169.254/token", b"", 200);
    assert!(
        matches!(
            &error,
            RegistryError::Target {
                fault: TargetFault::Downgrade,
                ..
            }
        ),
        "{error:?}"
    );
    let error = answer("https://10.0.0.1/token", b"", 200);
    assert!(
        matches!(
            &error,
            RegistryError::Target {
                fault: TargetFault::PrivateAddress,
                ..
            }
        ),
        "{error:?}"
    );
    let long = vec![b' '; 200_000];
    for (body, status, expected) in [
        (&b"{}"[..], 200, TokenFault::Missing),
        (b"<html>", 200, TokenFault::Unreadable),
        (
            b"no",
            403,
            TokenFault::Status(
                403,
                Answer {
                    code: None,
                    message: "no".to_owned(),
                },
            ),
        ),
    ] {
        let error = answer("/token", body, status);
        assert!(
            matches!(&error, RegistryError::Token { fault, .. } if *fault == expected),
            "{error:?}"
        );
    }
    let error = answer("/token", long.leak(), 200);
    assert!(
        matches!(error, RegistryError::TooMuch { limit: 131_072, .. }),
        "{error:?}"
    );
}

#[test]
fn passing_faults_are_repeated_and_lasting_ones_reported() {
    let failing = |status: u16, times: usize| {
        let registry = FaultRegistry::start(move |_, before| {
            (before < times).then(|| Reply::error(status, "X"))
        });
        registry
            .store
            .lock()
            .unwrap()
            .add_manifest(Some("t"), INDEX, &index(&[]));
        let result = get(&client(), &registry, "t");
        (result, registry.log().len())
    };
    for (status, times, requests) in [(500, 2, 3), (503, 3, 4), (429, 1, 2), (408, 1, 2)] {
        let (result, found) = failing(status, times);
        assert!(result.unwrap().is_some());
        assert_eq!(found, requests, "{status}");
    }
    for (status, requests, class) in [
        (429, 4, ErrorClass::Unreachable),
        (500, 4, ErrorClass::Unreachable),
        (501, 1, ErrorClass::Unreachable),
        (403, 1, ErrorClass::Unreachable),
        (401, 1, ErrorClass::Unreachable),
        (400, 1, ErrorClass::Unreachable),
    ] {
        let (result, found) = failing(status, usize::MAX);
        let error = registry_error(result.unwrap_err());
        assert_eq!(
            (error.status(), error.class(), found),
            (Some(status), class, requests),
            "{error:?}"
        );
        assert_eq!(error.answer().unwrap().code.as_deref(), Some("X"));
    }
    let (result, _) = failing(404, usize::MAX);
    assert!(result.unwrap().is_none(), "404 is an answer");
}

#[test]
fn retry_after_is_obeyed_up_to_its_limit() {
    let registry = FaultRegistry::start(|_, before| {
        (before == 0).then(|| Reply::new(429).header("retry-after", "1"))
    });
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let started = Instant::now();
    assert!(get(&client(), &registry, "t").unwrap().is_some());
    assert!(
        started.elapsed() >= Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );

    let registry = FaultRegistry::start(|_, _| {
        Some(
            Reply::new(429)
                .header("retry-after", "9999")
                .body("text/plain", b"slow down"),
        )
    });
    let error = registry_error(get(&client(), &registry, "t").unwrap_err());
    let wait = Some(Duration::from_secs(9999));
    assert!(
        matches!(&error, RegistryError::RateLimited { wait: found, answer, .. } if *found == wait && answer.message == "slow down"),
        "{error:?}"
    );
    assert_eq!(registry.log().len(), 1);
}

#[test]
fn nobody_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap();
    drop(listener);
    let reference = Reference::parse(&format!("{host}/r")).unwrap();
    let error = registry_error(
        client()
            .repository(&reference)
            .unwrap()
            .manifest_by_tag("t")
            .unwrap_err(),
    );
    assert!(
        matches!(error, RegistryError::Transport { .. }),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Unreachable);

    let registry = FaultRegistry::start(|_, _| {
        std::thread::sleep(Duration::from_secs(2));
        None
    });
    let mut short = options();
    short.idle_timeout = Duration::from_millis(100);
    short.retries.attempts = 1;
    let error = registry_error(get(&Client::new(short), &registry, "t").unwrap_err());
    assert!(
        matches!(error, RegistryError::Transport { .. }),
        "{error:?}"
    );
}

#[test]
fn every_manifest_request_accepts_all_four_types() {
    let registry = FaultRegistry::working();
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    get(&client(), &registry, "t").unwrap().unwrap();
    let accept = registry.log()[0].header("accept").unwrap().to_owned();
    for wanted in [
        INDEX,
        MANIFEST,
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ] {
        assert!(accept.split(", ").any(|found| found == wanted), "{accept}");
    }
}

#[test]
fn manifests_must_be_what_was_asked_for() {
    let good = index(&[]);
    let answer = |reply: Reply| {
        let registry = FaultRegistry::start(move |_, _| Some(reply.clone()));
        get(&client(), &registry, "t")
    };
    let error = registry_error(
        answer(Reply::new(200).body("text/html; charset=utf-8", b"<html>log in</html>"))
            .unwrap_err(),
    );
    assert!(
        matches!(&error, RegistryError::NotRegistry { content_type, .. } if content_type == "text/html"),
        "{error:?}"
    );
    let error =
        registry_error(answer(Reply::new(200).body("application/octet-stream", b"x")).unwrap_err());
    assert!(
        matches!(error, RegistryError::NotRegistry { .. }),
        "{error:?}"
    );
    let other = sha256(b"other");
    let error = registry_error(
        answer(
            Reply::new(200)
                .header("docker-content-digest", &other)
                .body(INDEX, &good),
        )
        .unwrap_err(),
    );
    let expected = Digest::parse(&other).unwrap();
    assert!(
        matches!(&error, RegistryError::DigestMismatch { expected: e, found, .. } if *e == expected && *found == Digest::sha256(&good)),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Mismatch);
    let error = answer(Reply::new(200).body(MANIFEST, &good)).unwrap_err();
    assert!(
        matches!(error.reason(), Error::MediaTypeMismatch { .. }),
        "{error:?}"
    );
    let error =
        registry_error(answer(Reply::new(200).body(INDEX, &vec![b' '; 9 << 20])).unwrap_err());
    assert!(
        matches!(
            error,
            RegistryError::TooMuch {
                limit: 8_388_608,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Hostile);
    let error = registry_error(answer(Reply::new(200).body(INDEX, &good).cut(5)).unwrap_err());
    assert!(
        matches!(error, RegistryError::Cut { found: 5, .. }),
        "{error:?}"
    );
    // Without a digest header and with a general type, the document decides.
    assert_eq!(
        answer(Reply::new(200).body("application/json", &good))
            .unwrap()
            .unwrap()
            .descriptor
            .media_type,
        INDEX
    );

    let registry = FaultRegistry::start({
        let good = good.clone();
        move |_, _| Some(Reply::new(200).body(INDEX, &good))
    });
    let remote = client().repository(&registry.reference()).unwrap();
    let error = registry_error(remote.manifest_by_digest(&expected).unwrap_err());
    assert!(
        matches!(error, RegistryError::DigestMismatch { .. }),
        "{error:?}"
    );
    let short = Descriptor::new(INDEX, Digest::sha256(&good), 3);
    let error = remote.manifest(&short).unwrap_err();
    assert!(
        matches!(error.reason(), Error::SizeMismatch { expected: 3, .. }),
        "{error:?}"
    );
}

#[test]
fn a_cut_blob_is_resumed_where_it_broke() {
    let bytes = pattern(300_000);
    let serve = {
        let bytes = bytes.clone();
        move |honours_range: bool| {
            let bytes = bytes.clone();
            let registry = FaultRegistry::start({
                let bytes = bytes.clone();
                move |seen, before| match (before, honours_range) {
                    (0, _) => Some(
                        Reply::new(200)
                            .body("application/octet-stream", &bytes)
                            .cut(100_000),
                    ),
                    (1, true) => {
                        let start = 100_000;
                        assert_eq!(seen.header("range"), Some("bytes=100000-"));
                        let range = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
                        Some(
                            Reply::new(206)
                                .header("content-range", &range)
                                .body("application/octet-stream", &bytes[start..])
                                .cut(50_000),
                        )
                    }
                    (_, true) => None,
                    (_, false) => Some(Reply::new(200).body("application/octet-stream", &bytes)),
                }
            });
            registry.store.lock().unwrap().add_blob(&bytes);
            registry
        }
    };
    let registry = serve(true);
    assert_eq!(
        read_blob(&client(), &registry, &blob(&bytes)).unwrap(),
        bytes
    );
    let ranges: Vec<Option<String>> = registry
        .log()
        .iter()
        .map(|seen| seen.header("range").map(str::to_owned))
        .collect();
    assert_eq!(
        ranges,
        [
            None,
            Some("bytes=100000-".to_owned()),
            Some("bytes=150000-".to_owned())
        ]
    );

    let registry = serve(false);
    assert_eq!(
        read_blob(&client(), &registry, &blob(&bytes)).unwrap(),
        bytes
    );
    assert_eq!(registry.log().len(), 2);
}

#[test]
fn a_blob_that_keeps_breaking_ends_in_an_error() {
    let bytes = pattern(1000);
    let registry = FaultRegistry::start({
        let bytes = bytes.clone();
        move |_, before| match before {
            0 => Some(
                Reply::new(200)
                    .body("application/octet-stream", &bytes)
                    .cut(10),
            ),
            _ => Some(
                Reply::new(206)
                    .header("content-range", "bytes 10-999/1000")
                    .body("application/octet-stream", &bytes[10..])
                    .cut(0),
            ),
        }
    });
    let error = registry_error(read_blob(&client(), &registry, &blob(&bytes)).unwrap_err());
    assert!(
        matches!(
            error,
            RegistryError::Cut {
                expected: 1000,
                found: 10,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(registry.log().len(), 4, "four attempts");

    let registry = FaultRegistry::start({
        let bytes = bytes.clone();
        move |_, before| match before {
            0 => Some(
                Reply::new(200)
                    .body("application/octet-stream", &bytes)
                    .cut(10),
            ),
            _ => Some(
                Reply::new(206)
                    .header("content-range", "bytes 11-999/1000")
                    .body("application/octet-stream", &bytes[11..]),
            ),
        }
    });
    let error = registry_error(read_blob(&client(), &registry, &blob(&bytes)).unwrap_err());
    assert!(
        matches!(
            error,
            RegistryError::Header {
                header: "Content-Range",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn blobs_must_have_their_size_and_digest() {
    let bytes = pattern(100);
    let answer = |reply: Reply| {
        let registry = FaultRegistry::start(move |_, _| Some(reply.clone()));
        read_blob(&client(), &registry, &blob(&pattern(100))).unwrap_err()
    };
    let error = registry_error(answer(
        Reply::new(200).body("application/octet-stream", &bytes[..90]),
    ));
    assert!(
        matches!(
            error,
            RegistryError::SizeMismatch {
                expected: 100,
                found: 90,
                ..
            }
        ),
        "{error:?}"
    );
    let error = registry_error(answer(
        Reply::new(200)
            .body("application/octet-stream", &bytes)
            .length(5_000_000_000),
    ));
    assert!(
        matches!(
            error,
            RegistryError::SizeMismatch {
                expected: 100,
                found: 5_000_000_000,
                ..
            }
        ),
        "{error:?}"
    );
    let mut wrong = bytes.clone();
    wrong[50] ^= 1;
    let error = answer(Reply::new(200).body("application/octet-stream", &wrong));
    assert!(
        matches!(&error, Error::DigestMismatch { found, .. } if *found == Digest::sha256(&wrong)),
        "{error:?}"
    );
    let error = registry_error(answer(Reply::new(200).body("text/html", b"<html>")));
    assert!(
        matches!(error, RegistryError::NotRegistry { .. }),
        "{error:?}"
    );
    let error = answer(Reply::error(404, "BLOB_UNKNOWN"));
    assert_eq!(error.class(), ErrorClass::NotFound);
}

/// A registry that wants Basic and sends everything else to `target`.
fn redirecting(
    target: impl Fn(&Seen) -> String + Send + Sync + 'static,
) -> (FaultRegistry, Client, tempfile::TempDir) {
    let registry = FaultRegistry::start(move |seen, _| {
        if seen.header("authorization").is_none() {
            return Some(Reply::new(401).header("www-authenticate", r#"Basic realm="x""#));
        }
        Some(Reply::new(307).header("location", &target(seen)))
    });
    let config = format!(
        r#"{{"auths":{{"{}":{{"auth":"{}"}}}}}}"#,
        registry.host,
        STANDARD.encode("u:p")
    );
    let (client, folder) = client_with(&config);
    (registry, client, folder)
}

#[test]
fn credentials_stay_with_their_registry() {
    let bytes = pattern(1000);
    let storage = FaultRegistry::working();
    let digest = storage.store.lock().unwrap().add_blob(&bytes);
    let target = format!("http://{}/v2/x/blobs/{digest}?sig=1", storage.host);
    let (registry, client, _folder) = redirecting(move |_| target.clone());
    assert_eq!(read_blob(&client, &registry, &blob(&bytes)).unwrap(), bytes);
    assert_eq!(storage.log().len(), 1);
    assert_eq!(storage.log()[0].header("authorization"), None);
    assert!(
        registry
            .log()
            .iter()
            .any(|seen| seen.header("authorization").is_some())
    );

    for (target, expected) in [
        (
            "http://169.254.169.254/latest/meta-data",
            TargetFault::Downgrade,
        ),
        ("https://10.0.0.1/", TargetFault::PrivateAddress),
        ("ftp://127.0.0.1/", TargetFault::Scheme),
        ("http://u:p@127.0.0.1/", TargetFault::Credentials),
    ] {
        let (registry, client, _folder) = redirecting(move |_| target.to_owned());
        let error = registry_error(read_blob(&client, &registry, &blob(&bytes)).unwrap_err());
        assert!(
            matches!(&error, RegistryError::Target { fault, .. } if *fault == expected),
            "{target}: {error:?}"
        );
        assert_eq!(error.class(), ErrorClass::Hostile);
    }
    let (registry, client, _folder) = redirecting(|seen| format!("{}x", seen.path));
    let error = registry_error(read_blob(&client, &registry, &blob(&bytes)).unwrap_err());
    assert!(
        matches!(
            error,
            RegistryError::TooMuch {
                limit: 5,
                unit: "redirects",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_foreign_upload_location_gets_no_credentials() {
    let storage = FaultRegistry::start(|seen, _| {
        Some(Reply::new(201).header("docker-content-digest", &sha256(&seen.body)))
    });
    let location = format!("http://{}/upload?state=1", storage.host);
    let registry = FaultRegistry::start(move |seen, _| {
        if seen.header("authorization").is_none() {
            return Some(Reply::new(401).header("www-authenticate", r#"Basic realm="x""#));
        }
        seen.is("POST", "/uploads/")
            .then(|| Reply::new(202).header("location", &location))
    });
    let config = format!(
        r#"{{"auths":{{"{}":{{"auth":"{}"}}}}}}"#,
        registry.host,
        STANDARD.encode("u:p")
    );
    let (client, _folder) = client_with(&config);
    let bytes = pattern(1000);
    let remote = client.repository(&registry.reference()).unwrap();
    remote
        .put_blob(&blob(&bytes), &|| {
            Ok(Box::new(std::io::Cursor::new(pattern(1000))))
        })
        .unwrap();
    let log = storage.log();
    assert_eq!((log.len(), log[0].header("authorization")), (1, None));
    assert_eq!(
        log[0].query("state").as_deref(),
        Some("1"),
        "the location's own query stays"
    );
    assert_eq!(log[0].body, bytes);
}

#[test]
fn get_says_what_head_does_not() {
    let storage = FaultRegistry::start(|seen, _| {
        Some(match seen.method.as_str() {
            "GET" => Reply::new(200).body("application/octet-stream", &pattern(1_000_000)),
            _ => Reply::new(403),
        })
    });
    let to = format!("http://{}/blob?sig=for-get", storage.host);
    type Heads = Box<dyn Fn() -> Reply + Send + Sync>;
    let cases: Vec<(&str, Heads)> = vec![
        ("405", Box::new(|| Reply::new(405))),
        ("400", Box::new(|| Reply::new(400))),
        ("501", Box::new(|| Reply::new(501))),
        (
            "storage",
            Box::new(move || Reply::new(307).header("location", &to)),
        ),
    ];
    for (what, head) in cases {
        let registry = FaultRegistry::start(move |seen, _| (seen.method == "HEAD").then(&head));
        let bytes = pattern(1_000_000);
        registry.store.lock().unwrap().add_blob(&bytes);
        let remote = client().repository(&registry.reference()).unwrap();
        let open = || -> std::io::Result<Box<dyn Read + Send>> { panic!("uploaded again") };
        remote.put_blob(&blob(&bytes), &open).unwrap();
        assert!(remote.has_blob(&Digest::sha256(&bytes)).unwrap(), "{what}");
        assert_eq!(registry.count("POST", "/blobs/uploads/"), 0, "{what}");
        if what != "storage" {
            assert!(
                !remote.has_blob(&Digest::sha256(b"absent")).unwrap(),
                "{what}"
            );
        }
    }
    // What both refuse is refused, with the words of GET; a token or a quota is not asked for twice.
    for (status, asked) in [(403, 1), (401, 0), (429, 0)] {
        let registry = FaultRegistry::start(move |_, _| Some(Reply::error(status, "DENIED")));
        let remote = client().repository(&registry.reference()).unwrap();
        let error = registry_error(remote.has_blob(&Digest::sha256(b"x")).unwrap_err());
        assert_eq!(error.status(), Some(status));
        assert_eq!(registry.count("GET", "/blobs/"), asked, "{status}");
        let code = error.answer().and_then(|answer| answer.code.clone());
        assert_eq!(code.as_deref(), (asked > 0).then_some("DENIED"));
    }
}

#[test]
fn a_blob_is_pushed_once_in_one_piece() {
    let registry = FaultRegistry::working();
    let bytes = pattern(10_000_000);
    let remote = client().repository(&registry.reference()).unwrap();
    for _ in 0..2 {
        remote
            .put_blob(&blob(&bytes), &|| {
                Ok(Box::new(std::io::Cursor::new(pattern(10_000_000))))
            })
            .unwrap();
    }
    let methods: Vec<String> = registry.log().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["HEAD", "POST", "PUT", "HEAD"]);
    assert_eq!(registry.store.lock().unwrap().blobs[&sha256(&bytes)], bytes);
}

#[test]
fn a_registry_that_refuses_big_bodies_gets_pieces() {
    let registry =
        FaultRegistry::start(|seen, _| (seen.body.len() > 4 << 20).then(|| Reply::new(413)));
    let bytes = pattern(10_000_000);
    let remote = client().repository(&registry.reference()).unwrap();
    remote
        .put_blob(&blob(&bytes), &|| {
            Ok(Box::new(std::io::Cursor::new(pattern(10_000_000))))
        })
        .unwrap();
    assert_eq!(registry.count("PATCH", "/uploads/"), 3);
    assert_eq!(registry.store.lock().unwrap().blobs[&sha256(&bytes)], bytes);
}

#[test]
fn a_passing_fault_of_an_upload_starts_it_again() {
    let registry =
        FaultRegistry::start(|seen, _| (seen.is("PUT", "/uploads/u0")).then(|| Reply::new(500)));
    let bytes = pattern(1000);
    let remote = client().repository(&registry.reference()).unwrap();
    remote
        .put_blob(&blob(&bytes), &|| {
            Ok(Box::new(std::io::Cursor::new(pattern(1000))))
        })
        .unwrap();
    assert_eq!(registry.count("POST", "/uploads/"), 2);
    assert!(
        registry
            .store
            .lock()
            .unwrap()
            .blobs
            .contains_key(&sha256(&bytes))
    );
}

#[test]
fn bytes_that_fail_on_the_way_never_become_a_blob() {
    let registry = FaultRegistry::working();
    let remote = client().repository(&registry.reference()).unwrap();
    let promised = blob(&pattern(100_000));
    let error = remote
        .put_blob(&promised, &|| {
            let wrong = vec![0; 100_000];
            Ok(Box::new(Verifying::new(
                std::io::Cursor::new(wrong),
                Digest::sha256(&pattern(100_000)),
                100_000,
            )))
        })
        .unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
    assert!(registry.store.lock().unwrap().blobs.is_empty());
}

#[test]
fn a_mount_is_tried_and_its_refusal_is_no_fault() {
    let bytes = pattern(1000);
    for (fault, methods) in [
        (None, vec!["HEAD", "POST"]),
        (Some(403), vec!["HEAD", "POST", "POST", "PUT"]),
        (Some(405), vec!["HEAD", "POST", "POST", "PUT"]),
        (Some(202), vec!["HEAD", "POST", "PUT"]),
    ] {
        let registry = FaultRegistry::start(move |seen, _| {
            if seen.is("HEAD", "/blobs/") {
                return Some(Reply::new(404));
            }
            let fault = fault.filter(|_| seen.query("mount").is_some())?;
            Some(Reply::new(fault).header("location", "/v2/r/blobs/uploads/u0"))
        });
        if fault.is_none() {
            registry.store.lock().unwrap().add_blob(&bytes);
        }
        if fault == Some(202) {
            // The session that the 202 names.
            let remote = client().repository(&registry.reference()).unwrap();
            let _ = remote.put_blob(&blob(b"other"), &|| Err(std::io::ErrorKind::Other.into()));
        }
        let before = registry.log().len();
        let remote = client().repository(&registry.reference()).unwrap();
        remote
            .mount_blob(&blob(&bytes), "other", &|| {
                Ok(Box::new(std::io::Cursor::new(pattern(1000))))
            })
            .unwrap();
        let log = registry.log();
        let found: Vec<&str> = log[before..]
            .iter()
            .map(|seen| seen.method.as_str())
            .collect();
        assert_eq!(found, methods, "{fault:?}");
        let mount = log[before..]
            .iter()
            .find(|seen| seen.query("mount").is_some())
            .unwrap();
        assert_eq!(mount.query("from").as_deref(), Some("other"));
    }
}

#[test]
fn a_registry_that_stores_something_else_is_caught() {
    let registry = FaultRegistry::start(|seen, _| {
        (seen.method == "PUT")
            .then(|| Reply::new(201).header("docker-content-digest", &sha256(b"other")))
    });
    let remote = client().repository(&registry.reference()).unwrap();
    let error = registry_error(remote.put_manifest(&index(&[]), INDEX, None).unwrap_err());
    assert!(
        matches!(error, RegistryError::DigestMismatch { .. }),
        "{error:?}"
    );
    let error = remote
        .put_manifest(&vec![b' '; 5 << 20], INDEX, None)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::LimitExceeded {
                limit: "manifest-push-size",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn warnings_are_collected_once() {
    let client = client();
    let registry = FaultRegistry::start(|_, _| {
        Some(
            Reply::new(404)
                .header("warning", "299 - \"old registry\"")
                .header("warning", "110 - \"stale\""),
        )
    });
    get(&client, &registry, "t").unwrap();
    get(&client, &registry, "t").unwrap();
    assert_eq!(
        client.take_warnings(),
        [format!("{}: old registry", registry.host)]
    );
    assert!(client.take_warnings().is_empty());
}

#[test]
fn limits_come_from_the_caller() {
    let registry = FaultRegistry::working();
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let mut limits = Limits::default();
    limits.set("manifest-size", 10).unwrap();
    let error = registry_error(
        get(
            &Client::new(Options {
                limits,
                ..options()
            }),
            &registry,
            "t",
        )
        .unwrap_err(),
    );
    assert!(
        matches!(error, RegistryError::TooMuch { limit: 10, .. }),
        "{error:?}"
    );
}
