//! Tokens, credentials of the Docker configuration, and where they are sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use toolkit_oci::ErrorClass;
use toolkit_oci::registry::{Answer, Client, Error as RegistryError, TargetFault, TokenFault};

use super::{blob, get, pattern, read_blob, registry_error};
use crate::fault_registry::{
    FaultRegistry, INDEX, Reply, Seen, client, client_with, index, sha256,
};

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
