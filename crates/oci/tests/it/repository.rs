//! Layouts, and copies between them and registries.

use std::path::Path;

use toolkit_oci::referrers::{LegacyKind, SourceState, Via, fallback_tag};
use toolkit_oci::{
    Descriptor, Digest, Error, Limits, Manifest, RawManifest, Repository, Selector, Target,
};

use crate::fault_registry::{
    FaultRegistry, INDEX, MANIFEST, Reply, index, remote, sha256, with_access,
};
use crate::referrers::referrer;

fn create(path: &Path) -> Repository {
    Repository::create_layout(path, &Limits::default()).unwrap()
}

fn layout(path: &Path, selector: Option<Selector>) -> Target {
    Target::Layout {
        path: path.to_owned(),
        selector,
    }
}

fn open(path: &Path) -> Result<Repository, Error> {
    with_access(|access| Repository::open(&layout(path, None), access))
}

/// Puts an image with one blob, and returns it.
fn put_image(repository: &Repository, blob: &[u8], tag: Option<&str>) -> RawManifest {
    let config =
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let (config_type, layer_type) = (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar",
    );
    repository
        .put_blob(&Descriptor::of(config_type, config), config)
        .unwrap();
    repository
        .put_blob(&Descriptor::of(layer_type, blob), blob)
        .unwrap();
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"{config_type}","digest":"{}","size":{}}},"layers":[{{"mediaType":"{layer_type}","digest":"{}","size":{}}}]}}"#,
        sha256(config),
        config.len(),
        sha256(blob),
        blob.len()
    );
    let digest = repository.put_manifest(text.as_bytes(), MANIFEST).unwrap();
    assert_eq!(digest, Digest::sha256(text.as_bytes()));
    let manifest =
        RawManifest::check(Descriptor::of(MANIFEST, text.as_bytes()), text.into_bytes()).unwrap();
    repository.publish(&manifest, tag).unwrap();
    manifest
}

fn index_json(path: &Path) -> String {
    fs_err::read_to_string(path.join("index.json")).unwrap()
}

#[test]
fn a_layout_gives_back_what_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    let repository = create(&path);
    let image = put_image(&repository, b"layer", Some("v1"));
    let again = open(&path).unwrap();
    assert_eq!(
        again.manifest_by_tag("v1").unwrap().unwrap().bytes,
        image.bytes
    );
    assert_eq!(
        again
            .manifest_by_digest(&image.descriptor.digest)
            .unwrap()
            .unwrap()
            .descriptor,
        image.descriptor
    );
    assert!(again.manifest_by_tag("v2").unwrap().is_none());
    assert!(
        again
            .manifest_by_digest(&Digest::sha256(b"none"))
            .unwrap()
            .is_none()
    );
    let layer = Descriptor::of("x", b"layer");
    assert!(again.has_blob(&layer.digest).unwrap());
    assert_eq!(
        again.blob_bytes(&layer, "payload-size", 5).unwrap(),
        b"layer"
    );
    let error = again.blob_bytes(&layer, "payload-size", 4).unwrap_err();
    assert!(
        matches!(
            error,
            Error::LimitExceeded {
                limit: "payload-size",
                max: 4
            }
        ),
        "{error:?}"
    );
    let leftovers: Vec<_> = fs_err::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(leftovers.len(), 3, "{leftovers:?}");
}

#[test]
fn what_is_no_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = || open(folder.path()).unwrap_err();
    assert!(matches!(refusal(), Error::NotFound { .. }));
    fs_err::write(
        folder.path().join("oci-layout"),
        r#"{"imageLayoutVersion":"2.0.0"}"#,
    )
    .unwrap();
    assert!(matches!(
        refusal(),
        Error::Unsupported {
            what: "image layout version",
            ..
        }
    ));
    fs_err::write(folder.path().join("oci-layout"), "{").unwrap();
    assert!(matches!(refusal(), Error::Json { .. }));
}

#[test]
fn a_tag_moves_and_other_entries_stay() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let first = put_image(&repository, b"1", Some("v1"));
    put_image(&repository, b"1", Some("v2"));
    let second = put_image(&repository, b"2", Some("v1"));
    assert_eq!(
        repository
            .manifest_by_tag("v1")
            .unwrap()
            .unwrap()
            .descriptor,
        second.descriptor
    );
    assert_eq!(
        repository
            .manifest_by_tag("v2")
            .unwrap()
            .unwrap()
            .descriptor,
        first.descriptor
    );
    let third = put_image(&repository, b"3", None);
    put_image(&repository, b"3", None);
    assert_eq!(
        index_json(folder.path())
            .matches(&third.descriptor.digest.to_string())
            .count(),
        1
    );
    put_image(&repository, b"3", Some("v3"));
    assert_eq!(
        index_json(folder.path())
            .matches(&third.descriptor.digest.to_string())
            .count(),
        1
    );
}

#[test]
fn evidence_in_a_layout_changes_no_other_entry() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let image = put_image(&repository, b"layer", Some("v1"));
    let raw = format!(
        r#"{{ "mediaType" : "{MANIFEST}", "digest":"{}","size":{}, "x-unknown":{{"b":1,"a":[ 2 ]}}, "annotations":{{"org.opencontainers.image.ref.name":"v1"}} }}"#,
        image.descriptor.digest, image.descriptor.size
    );
    fs_err::write(
        folder.path().join("index.json"),
        format!(r#"{{"schemaVersion":2,"manifests":[{raw}]}}"#),
    )
    .unwrap();
    let manifest = referrer(&image.descriptor.digest, "a/b", "n");
    for _ in 0..2 {
        let attached = repository.attach(&image.descriptor, &manifest).unwrap();
        assert_eq!(
            (attached.via, attached.digest),
            (Via::Layout, Digest::sha256(&manifest))
        );
    }
    let written = index_json(folder.path());
    assert!(written.contains(&raw), "{written}");
    let found = repository.referrers(&image.descriptor.digest).unwrap();
    assert!(found.complete());
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.entries[0].artifact_type.as_deref(), Some("a/b"));
    assert_eq!(
        found.entries[0].annotations.get("note").map(String::as_str),
        Some("n")
    );
    assert_eq!(found.entries[0].annotations.len(), 1, "no tag");
    assert!(
        repository
            .referrers(&Digest::sha256(b"other"))
            .unwrap()
            .entries
            .is_empty()
    );
}

#[test]
fn a_layout_lists_fallback_and_older_tags_too() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let image = put_image(&repository, b"layer", Some("v1"));
    let subject = &image.descriptor.digest;
    let listed = referrer(subject, "a/b", "listed");
    let listed_entry =
        serde_json::json!({"mediaType": MANIFEST, "digest": sha256(&listed), "size": listed.len()});
    let list = index(&[listed_entry]);
    for (bytes, media_type, tag) in [
        (&list, INDEX, fallback_tag(subject)),
        (&listed, MANIFEST, LegacyKind::Signature.tag(subject)),
    ] {
        repository.put_manifest(bytes, media_type).unwrap();
        let manifest =
            RawManifest::check(Descriptor::of(media_type, bytes), bytes.clone()).unwrap();
        repository.publish(&manifest, Some(&tag)).unwrap();
    }
    let found = repository.referrers(subject).unwrap();
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.entries[0].digest, Digest::sha256(&listed));
    assert_eq!(found.legacy.len(), 1);
    assert!(found.complete());
}

#[test]
fn a_referrer_that_cannot_be_read_leaves_the_question_open() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let image = put_image(&repository, b"layer", Some("v1"));
    let manifest = referrer(&image.descriptor.digest, "a/b", "n");
    repository.attach(&image.descriptor, &manifest).unwrap();
    let blob = folder
        .path()
        .join("blobs/sha256")
        .join(Digest::sha256(&manifest).hex());
    fs_err::remove_file(&blob).unwrap();
    let found = repository.referrers(&image.descriptor.digest).unwrap();
    assert!(
        matches!(found.api, SourceState::Unreachable(_)) && !found.complete(),
        "{found:?}"
    );
    fs_err::write(&blob, &manifest[1..]).unwrap();
    let found = repository.referrers(&image.descriptor.digest).unwrap();
    assert!(!found.complete(), "{found:?}");
}

#[test]
fn threads_that_attach_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let image = put_image(&create(folder.path()), b"layer", Some("v1"));
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (path, image) = (folder.path(), &image);
            scope.spawn(move || {
                let repository = open(path).unwrap();
                for round in 0..10 {
                    let manifest = referrer(
                        &image.descriptor.digest,
                        "a/b",
                        &format!("{writer}-{round}"),
                    );
                    repository.attach(&image.descriptor, &manifest).unwrap();
                }
            });
        }
    });
    let found = create(folder.path())
        .referrers(&image.descriptor.digest)
        .unwrap();
    assert_eq!(found.entries.len(), 80);
}

#[test]
fn wrong_bytes_never_become_a_blob() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let error = repository
        .put_blob(&Descriptor::of("x", b"right"), b"wrong")
        .unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");

    let registry = FaultRegistry::start(|seen, _| {
        seen.is("GET", "/blobs/")
            .then(|| Reply::new(200).body("x/y", b"wrong"))
    });
    let source = remote(&registry);
    let wanted = Descriptor::of("x", b"right");
    let target = FaultRegistry::working();
    for to in [repository, remote(&target)] {
        let error = to.copy_blob(&source, &wanted).unwrap_err();
        assert!(
            matches!(error.reason(), Error::DigestMismatch { .. }),
            "{error:?}"
        );
        assert!(!to.has_blob(&wanted.digest).unwrap());
    }
    let files: Vec<_> = fs_err::read_dir(folder.path().join("blobs/sha256"))
        .unwrap()
        .collect();
    assert!(files.is_empty(), "{files:?}");
}

#[test]
fn a_damaged_blob_is_noticed_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let blob = Descriptor::of("x", b"right");
    let path = folder.path().join("blobs/sha256").join(blob.digest.hex());
    for damage in [&b"wrong"[..], b"longer than it"] {
        fs_err::write(&path, damage).unwrap();
        let error = repository
            .blob_bytes(&blob, "payload-size", 100)
            .unwrap_err();
        assert_eq!(
            error.class(),
            toolkit_oci::ErrorClass::Mismatch,
            "{error:?}"
        );
        repository.put_blob(&blob, b"right").unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), b"right");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_layout_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(&folder.path().join("layout"));
    let outside = folder.path().join("secret");
    fs_err::write(&outside, "right").unwrap();
    let blob = Descriptor::of("x", b"right");
    std::os::unix::fs::symlink(
        &outside,
        folder
            .path()
            .join("layout/blobs/sha256")
            .join(blob.digest.hex()),
    )
    .unwrap();
    let error = repository
        .blob_bytes(&blob, "payload-size", 100)
        .unwrap_err();
    assert!(
        matches!(error.reason(), Error::NotFound { .. }),
        "{error:?}"
    );
}

#[test]
fn an_image_travels_from_layout_to_registry_and_back() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let registry = FaultRegistry::working();
    let places = [
        create(first.path()),
        remote(&registry),
        create(second.path()),
    ];
    let layer: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 253) as u8).collect();
    let image = put_image(&places[0], &layer, Some("v1"));
    for pair in places.windows(2) {
        let [from, to] = pair else { unreachable!() };
        let source = from.manifest_by_tag("v1").unwrap().unwrap();
        let Manifest::Image(parsed) = &source.manifest else {
            panic!("an image")
        };
        for blob in parsed.layers.iter().chain([&parsed.config]) {
            to.copy_blob(from, blob).unwrap();
        }
        to.put_manifest(&source.bytes, &source.descriptor.media_type)
            .unwrap();
        assert!(
            to.manifest_by_tag("v1").unwrap().is_none(),
            "the tag comes last"
        );
        to.publish(&source, Some("v1")).unwrap();
    }
    let arrived = places[2].manifest_by_tag("v1").unwrap().unwrap();
    assert_eq!(
        (arrived.descriptor, arrived.bytes),
        (image.descriptor, image.bytes)
    );
    assert_eq!(
        places[2]
            .blob_bytes(&Descriptor::of("x", &layer), "payload-size", 10 << 20)
            .unwrap(),
        layer
    );
}

#[test]
fn a_target_names_what_is_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let repository = create(folder.path());
    let first = put_image(&repository, b"1", Some("v1"));
    repository
        .attach(
            &first.descriptor,
            &referrer(&first.descriptor.digest, "a/b", "n"),
        )
        .unwrap();
    // The one image: evidence does not count.
    assert_eq!(
        repository.resolve(None).unwrap().unwrap().descriptor,
        first.descriptor
    );
    let second = put_image(&repository, b"2", Some("v2"));
    let error = repository.resolve(None).unwrap_err();
    assert!(matches!(error, Error::Ambiguous { .. }), "{error:?}");
    let tag = |tag: &str| Selector::Tag(tag.to_owned());
    assert_eq!(
        repository
            .resolve(Some(&tag("v2")))
            .unwrap()
            .unwrap()
            .descriptor,
        second.descriptor
    );
    assert!(repository.resolve(Some(&tag("v3"))).unwrap().is_none());
    let named =
        with_access(|access| Repository::open(&layout(folder.path(), Some(tag("v1"))), access))
            .unwrap();
    assert_eq!(
        named.resolve(None).unwrap().unwrap().descriptor,
        first.descriptor
    );

    let registry = FaultRegistry::working();
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("latest"), MANIFEST, &first.bytes);
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("v2"), MANIFEST, &second.bytes);
    let resolve = |suffix: &str| {
        let target = Target::parse(&format!("registry:{}/r{suffix}", registry.host)).unwrap();
        with_access(|access| Repository::open(&target, access)?.resolve(None))
            .unwrap()
            .map(|found| found.descriptor)
    };
    assert_eq!(resolve(""), Some(first.descriptor.clone()));
    assert_eq!(resolve(":v2"), Some(second.descriptor.clone()));
    assert_eq!(
        resolve(&format!(":v2@{}", first.descriptor.digest)),
        Some(first.descriptor.clone())
    );
    assert_eq!(resolve(":v3"), None);

    for text in [
        "dir:/",
        "file:/x",
        "oci-archive:x.tar",
        "docker-archive:x.tar",
    ] {
        let error = with_access(|access| Repository::open(&Target::parse(text).unwrap(), access))
            .unwrap_err();
        assert!(
            matches!(error, Error::NotWritable { .. }),
            "{text}: {error:?}"
        );
    }
}
