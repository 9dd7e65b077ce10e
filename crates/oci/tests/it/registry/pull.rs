//! Manifests and blobs that are read.

use std::io::Read;
use std::time::Duration;

use toolkit_oci::registry::{Client, Error as RegistryError, Options};
use toolkit_oci::{Descriptor, Digest, Error, ErrorClass, Limits};

use super::{blob, get, pattern, read_blob, registry_error};
use crate::fault_registry::{
    FaultRegistry, INDEX, MANIFEST, Reply, client, index, options, sha256,
};

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

/// A connection that sends one byte at a time, with a pause before each.
struct Drip(std::net::TcpStream);

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl std::io::Write for Drip {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::thread::sleep(Duration::from_millis(2));
        self.0.write(bytes.get(..1).unwrap_or(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn a_blob_that_drips_is_given_up() {
    // At 500 bytes a second at most it would take over half an hour, and every byte comes before the idle time-out.
    let bytes = pattern(1 << 20);
    let registry = FaultRegistry::start_over(|stream| Some(Drip(stream)), {
        let bytes = bytes.clone();
        move |_, _| Some(Reply::new(200).body("application/octet-stream", &bytes))
    });
    let mut limits = Limits::default();
    limits.set("transfer-window", 1).unwrap();
    let client = Client::new(Options {
        limits,
        ..options()
    });
    let error = registry_error(read_blob(&client, &registry, &blob(&bytes)).unwrap_err());
    assert!(
        matches!(error, RegistryError::Slow { expected: 1024, found, window, .. }
            if (1..1024).contains(&found) && window == Duration::from_secs(1)),
        "{error:?}"
    );
    assert_eq!(registry.log().len(), 1, "it is not asked again");
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
