//! Blobs and manifests that are written.

use toolkit_oci::registry::Error as RegistryError;
use toolkit_oci::{Digest, Error, Verifying};

use super::{blob, pattern, registry_error};
use crate::fault_registry::{FaultRegistry, INDEX, Reply, client, index, sha256};

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
