//! Passing and lasting faults, warnings and limits.

use std::io::Read;
use std::time::{Duration, Instant};

use toolkit_oci::registry::{Client, Error as RegistryError, Options};
use toolkit_oci::{Digest, ErrorClass, Limits, Reference};

use super::{blob, get, pattern, registry_error};
use crate::fault_registry::{FaultRegistry, INDEX, Reply, client, index, options};

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
