//! Evidence beside an image: what each answer of a registry means, and that nothing written is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use toolkit_oci::referrers::{LegacyKind, SourceState, Via, fallback_tag};
use toolkit_oci::registry::{Error as RegistryError, TargetFault};
use toolkit_oci::repository::Artifact;
use toolkit_oci::{Descriptor, Digest, Error, ErrorClass, Reference, Repository};

use crate::fault_registry::{
    FaultRegistry, INDEX, MANIFEST, Reply, Store, client, index, remote, sha256,
};

/// A manifest of an artifact that refers to `subject`.
pub(crate) fn referrer(subject: &Digest, artifact_type: &str, note: &str) -> Vec<u8> {
    let empty = sha256(b"{}");
    serde_json::to_vec(&json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2},
        "layers": [{"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2}],
        "subject": {"mediaType": MANIFEST, "digest": subject.to_string(), "size": 7},
        "annotations": {"note": note},
    }))
    .unwrap()
}

fn entry(manifest: &[u8]) -> serde_json::Value {
    json!({"mediaType": MANIFEST, "digest": sha256(manifest), "size": manifest.len(), "artifactType": "a/b"})
}

fn subject() -> Descriptor {
    Descriptor::of(MANIFEST, b"subject")
}

fn repository(registry: &FaultRegistry) -> Repository {
    remote(registry)
}

fn artifact(text: &str) -> Artifact {
    Artifact {
        artifact_type: "application/x".to_owned(),
        annotations: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        payload: text.as_bytes().to_vec(),
    }
}

fn name(state: &SourceState) -> &'static str {
    match state {
        SourceState::Answered => "answered",
        SourceState::Unsupported => "unsupported",
        SourceState::Unreachable(_) => "unreachable",
        SourceState::NotApplicable => "not applicable",
    }
}

/// Lists with `reply` as the answer of the API, and says what became of API and fallback.
fn with_api(
    reply: Reply,
    prepare: impl Fn(&mut Store),
) -> (&'static str, &'static str, usize, bool) {
    let registry = FaultRegistry::start(move |seen, _| {
        seen.path.contains("/referrers/").then(|| reply.clone())
    });
    prepare(&mut registry.store.lock().unwrap());
    let found = repository(&registry).referrers(&subject().digest).unwrap();
    (
        name(&found.api),
        name(&found.fallback),
        found.entries.len(),
        found.complete(),
    )
}

#[test]
fn each_answer_of_the_api_means_one_thing() {
    let good = index(&[entry(b"one")]);
    let table = [
        (Reply::new(200).body(INDEX, &good), "answered", 1),
        (
            Reply::new(200).body(&format!("{INDEX}; charset=utf-8"), &good),
            "answered",
            1,
        ),
        (Reply::new(200).body(INDEX, &index(&[])), "answered", 0),
        (
            Reply::new(200).body("application/json", &good),
            "unsupported",
            0,
        ),
        (
            Reply::new(200).body("text/html", b"<html>"),
            "unsupported",
            0,
        ),
        (Reply::new(200).body(INDEX, b"<html>"), "unsupported", 0),
        (Reply::new(200).body(INDEX, b""), "unsupported", 0),
        (
            Reply::new(200).body(INDEX, &referrer(&subject().digest, "a/b", "")),
            "unsupported",
            0,
        ),
        (
            Reply::new(303).header("location", "http://127.0.0.1:1/login"),
            "unsupported",
            0,
        ),
        (Reply::error(404, "NAME_UNKNOWN"), "unsupported", 0),
        (
            Reply::new(404).body("text/plain", b"404 page not found"),
            "unsupported",
            0,
        ),
        (Reply::new(400), "unsupported", 0),
        (Reply::new(405), "unsupported", 0),
        (Reply::new(406), "unsupported", 0),
        (Reply::new(501), "unsupported", 0),
        (Reply::new(401), "unreachable", 0),
        (Reply::new(403), "unreachable", 0),
        (Reply::new(429), "unreachable", 0),
        (Reply::new(500), "unreachable", 0),
        (
            Reply::new(502).body("text/html", b"<html>"),
            "unreachable",
            0,
        ),
        (Reply::new(503), "unreachable", 0),
        (Reply::new(418), "unreachable", 0),
        (Reply::new(200).body(INDEX, &good).cut(20), "unreachable", 0),
    ];
    for (reply, state, entries) in table {
        let expected = (state, "answered", entries, state != "unreachable");
        assert_eq!(with_api(reply.clone(), |_| {}), expected, "{reply:?}");
    }
}

#[test]
fn too_many_requests_counts_as_unsupported_only_with_a_list_under_the_tag() {
    let tag = fallback_tag(&subject().digest);
    let listed = with_api(Reply::new(429), |store| {
        store.add_manifest(Some(&tag), INDEX, &index(&[entry(b"one")]));
    });
    assert_eq!(listed, ("unsupported", "answered", 1, true));
    let forbidden = with_api(Reply::new(403), |store| {
        store.add_manifest(Some(&tag), INDEX, &index(&[entry(b"one")]));
    });
    assert_eq!(forbidden, ("unreachable", "answered", 1, false));
}

#[test]
fn no_place_hides_another() {
    let tag = fallback_tag(&subject().digest);
    let both = with_api(
        Reply::new(200).body(INDEX, &index(&[entry(b"one"), entry(b"two")])),
        |store| {
            store.add_manifest(Some(&tag), INDEX, &index(&[entry(b"two"), entry(b"three")]));
        },
    );
    assert_eq!(both, ("answered", "answered", 3, true));
}

#[test]
fn each_answer_of_the_tag_means_one_thing() {
    let tag = fallback_tag(&subject().digest);
    let list = |reply: Reply| {
        let tag = tag.clone();
        let registry = FaultRegistry::start(move |seen, _| {
            seen.path
                .ends_with(&format!("manifests/{tag}"))
                .then(|| reply.clone())
        });
        repository(&registry).referrers(&subject().digest)
    };
    let table = [
        (
            Reply::new(200).body(INDEX, &index(&[entry(b"one")])),
            "answered",
            1,
        ),
        (Reply::new(404), "answered", 0),
        // GitLab takes the tag for the digest.
        (Reply::new(200).body(MANIFEST, b"subject"), "unsupported", 0),
        (Reply::new(401), "unreachable", 0),
        (Reply::new(429), "unreachable", 0),
        (Reply::new(500), "unreachable", 0),
        (
            Reply::new(200).body("text/html", b"<html>"),
            "unreachable",
            0,
        ),
        (Reply::new(200).body(INDEX, b"{}"), "unreachable", 0),
        (
            Reply::new(200).body(MANIFEST, &referrer(&subject().digest, "a/b", "")),
            "unreachable",
            0,
        ),
    ];
    for (reply, state, entries) in table {
        let found = list(reply.clone()).unwrap();
        assert_eq!(
            (name(&found.fallback), found.entries.len()),
            (state, entries),
            "{reply:?}"
        );
        assert_eq!(found.complete(), state != "unreachable", "{reply:?}");
    }
    let error = list(Reply::new(200).body(INDEX, &vec![b' '; 9 << 20])).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Hostile, "{error:?}");
}

#[test]
fn pages_are_followed_within_the_registry() {
    let paged = |pages: usize, next: Arc<dyn Fn(usize) -> String + Send + Sync>| {
        let registry = FaultRegistry::start(move |seen, _| {
            if !seen.path.contains("/referrers/") {
                return None;
            }
            let page: usize = seen.query("page").map_or(0, |page| page.parse().unwrap());
            let reply = Reply::new(200).body(INDEX, &index(&[entry(format!("{page}").as_bytes())]));
            Some(if page + 1 < pages {
                reply.header("link", &format!(r#"<{}>; rel="next""#, next(page + 1)))
            } else {
                reply
            })
        });
        repository(&registry).referrers(&subject().digest)
    };
    let relative: Arc<dyn Fn(usize) -> String + Send + Sync> =
        Arc::new(|page| format!("/v2/r/referrers/x?page={page}"));
    assert_eq!(paged(5, Arc::clone(&relative)).unwrap().entries.len(), 5);
    let error = paged(1000, relative).unwrap_err();
    assert!(
        matches!(&error, Error::Registry(error) if matches!(**error, RegistryError::TooMuch { limit: 100, unit: "pages", .. })),
        "{error:?}"
    );
    let error = paged(2, Arc::new(|_| "http://127.0.0.1:1/x".to_owned())).unwrap_err();
    assert!(
        matches!(&error, Error::Registry(error) if matches!(**error, RegistryError::Target { fault: TargetFault::Foreign, .. })),
        "{error:?}"
    );
}

#[test]
fn a_list_that_breaks_off_is_not_a_list() {
    let registry = FaultRegistry::start(|seen, _| {
        let first = seen.path.contains("/referrers/") && seen.query("page").is_none();
        if first {
            return Some(
                Reply::new(200)
                    .header("link", "</v2/r/referrers/x?page=1>; rel=next")
                    .body(INDEX, &index(&[entry(b"one")])),
            );
        }
        seen.query("page").map(|_| Reply::new(404))
    });
    let found = repository(&registry).referrers(&subject().digest).unwrap();
    assert_eq!(name(&found.api), "unreachable");
}

#[test]
fn older_cosign_tags_are_listed() {
    let registry = FaultRegistry::working();
    let digest = subject().digest;
    let manifest = referrer(&digest, "a/b", "sig");
    registry.store.lock().unwrap().add_manifest(
        Some(&LegacyKind::Signature.tag(&digest)),
        MANIFEST,
        &manifest,
    );
    registry.store.lock().unwrap().add_manifest(
        Some(&LegacyKind::Sbom.tag(&digest)),
        MANIFEST,
        &manifest,
    );
    let found = repository(&registry).referrers(&digest).unwrap();
    let kinds: Vec<LegacyKind> = found.legacy.iter().map(|legacy| legacy.kind).collect();
    assert_eq!(kinds, [LegacyKind::Signature, LegacyKind::Sbom]);
    assert_eq!(found.legacy[0].descriptor.digest, Digest::sha256(&manifest));

    let registry =
        FaultRegistry::start(|seen, _| seen.path.ends_with(".att").then(|| Reply::new(403)));
    let found = repository(&registry).referrers(&digest).unwrap();
    assert_eq!(
        (name(&found.legacy_state), found.complete()),
        ("unreachable", false)
    );
}

#[test]
fn an_entry_that_lies_about_its_subject_is_not_ours() {
    let registry = FaultRegistry::working();
    let other = referrer(&Digest::sha256(b"other"), "a/b", "");
    let ours = referrer(&subject().digest, "a/b", "");
    for manifest in [&other, &ours] {
        registry
            .store
            .lock()
            .unwrap()
            .add_manifest(None, MANIFEST, manifest);
    }
    let repository = repository(&registry);
    let open = |manifest: &[u8]| {
        repository
            .referrer(&subject().digest, &Descriptor::of(MANIFEST, manifest))
            .unwrap()
    };
    assert!(open(&other).is_none());
    assert_eq!(open(&ours).unwrap().bytes, ours);
}

#[test]
fn the_api_is_used_only_where_it_lists_what_was_pushed() {
    let registry = FaultRegistry::working();
    registry.store.lock().unwrap().referrers = true;
    let attached = repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!(attached.via, Via::ReferrersApi);
    assert_eq!(registry.store.lock().unwrap().tags.len(), 0);
    let found = repository(&registry).referrers(&subject().digest).unwrap();
    assert_eq!(found.entries[0].digest, attached.digest);

    // go-containerregistry's way: the list without the header.
    let registry = FaultRegistry::working();
    {
        let mut store = registry.store.lock().unwrap();
        (store.referrers, store.silent) = (true, true);
    }
    let attached = repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!(attached.via, Via::ReferrersApi);
    assert_eq!(registry.store.lock().unwrap().tags.len(), 0);

    // ECR's way: the header without the list; others': a list that stays empty; neither.
    for (header, answers) in [(true, true), (false, true), (false, false)] {
        let registry = FaultRegistry::start(move |seen, _| {
            if seen.path.contains("/referrers/") && answers {
                return Some(Reply::new(200).body(INDEX, &index(&[])));
            }
            None
        });
        registry.store.lock().unwrap().referrers = header;
        let attached = repository(&registry)
            .attach_artifact(&subject(), &artifact("one"))
            .unwrap();
        assert_eq!(attached.via, Via::FallbackTag, "{header} {answers}");
        let found = repository(&registry).referrers(&subject().digest).unwrap();
        assert_eq!(found.entries.len(), 1);
        assert_eq!(
            found.entries[0].artifact_type.as_deref(),
            Some("application/x")
        );
        assert_eq!(
            found.entries[0].annotations.get("k").map(String::as_str),
            Some("v")
        );
    }
}

#[test]
fn writing_again_changes_nothing() {
    let registry = FaultRegistry::working();
    let repository = repository(&registry);
    let first = repository
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    let puts = registry.count("PUT", &fallback_tag(&subject().digest));
    let second = repository
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!((first, puts), (second, 1));
    assert_eq!(registry.count("PUT", &fallback_tag(&subject().digest)), 1);
}

#[test]
fn entries_of_others_stay_as_they_are() {
    let registry = FaultRegistry::working();
    let other = referrer(&subject().digest, "a/b", "other");
    let tag = fallback_tag(&subject().digest);
    let raw = format!(
        r#"{{"x-unknown": [1, 2],"mediaType":"{MANIFEST}","digest":"{}","size":{}}}"#,
        sha256(&other),
        other.len()
    );
    {
        let mut store = registry.store.lock().unwrap();
        store.add_manifest(None, MANIFEST, &other);
        store.add_manifest(
            Some(&tag),
            INDEX,
            format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{raw}]}}"#)
                .as_bytes(),
        );
    }
    repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    let store = registry.store.lock().unwrap();
    let written = std::str::from_utf8(store.tagged(&tag).unwrap()).unwrap();
    assert!(written.contains(&raw), "{written}");
    let document: serde_json::Value = serde_json::from_str(written).unwrap();
    let digests: Vec<&str> = document["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["digest"].as_str().unwrap())
        .collect();
    assert_eq!(digests.len(), 2);
    assert!(digests.is_sorted(), "{digests:?}");
}

#[test]
fn an_entry_that_another_writer_overwrote_is_written_again() {
    let tag = fallback_tag(&subject().digest);
    let registry = FaultRegistry::start({
        let tag = tag.clone();
        // The read after the first write sees a list without us.
        move |seen, before| {
            (seen.is("GET", &format!("manifests/{tag}")) && before == 1)
                .then(|| Reply::new(200).body(INDEX, &index(&[])))
        }
    });
    repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!(
        registry.count("GET", &format!("manifests/{tag}")),
        6,
        "read, lost, read again, three that confirm"
    );
}

#[test]
fn an_entry_that_was_deleted_is_dropped() {
    let registry = FaultRegistry::working();
    let tag = fallback_tag(&subject().digest);
    let alive = referrer(&subject().digest, "a/b", "alive");
    {
        let mut store = registry.store.lock().unwrap();
        store.add_manifest(None, MANIFEST, &alive);
        store.add_manifest(
            Some(&tag),
            INDEX,
            &index(&[entry(b"deleted"), entry(&alive)]),
        );
    }
    let attached = repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    let found = repository(&registry).referrers(&subject().digest).unwrap();
    let mut expected = [Digest::sha256(&alive), attached.digest];
    expected.sort();
    assert_eq!(
        found
            .entries
            .iter()
            .map(|entry| entry.digest.clone())
            .collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn passing_faults_of_the_list_are_overcome_and_lasting_ones_reported() {
    let tag = fallback_tag(&subject().digest);
    let attach = |status: u16, times: usize| {
        let tag = tag.clone();
        let registry = FaultRegistry::start(move |seen, before| {
            (seen.is("PUT", &tag) && before < times).then(|| Reply::new(status))
        });
        repository(&registry).attach_artifact(&subject(), &artifact("one"))
    };
    for status in [412, 500, 429] {
        assert_eq!(attach(status, 2).unwrap().via, Via::FallbackTag, "{status}");
    }
    let error = attach(403, usize::MAX).unwrap_err();
    assert!(
        matches!(&error, Error::Registry(error) if matches!(**error, RegistryError::Forbidden { .. })),
        "{error:?}"
    );
}

#[test]
fn a_registry_without_any_place_says_so() {
    let tag = fallback_tag(&subject().digest);
    let registry = FaultRegistry::start(move |seen, _| {
        seen.is("GET", &tag)
            .then(|| Reply::new(200).body(MANIFEST, b"subject"))
    });
    let error = repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Registry(error) if matches!(**error, RegistryError::NoReferrers { .. })),
        "{error:?}"
    );
    assert_eq!(registry.count("PUT", "/manifests/sha256-"), 0);
}

#[test]
fn registries_that_refuse_artifact_types_get_older_forms() {
    for (refused, expected) in [
        (0, "application/x"),
        (1, "application/x"),
        (2, "application/vnd.oci.image.config.v1+json"),
    ] {
        let registry = FaultRegistry::start(move |seen, _| {
            if !seen.is("PUT", "/manifests/sha256:") {
                return None;
            }
            let document: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
            let config = document["config"]["mediaType"].as_str().unwrap();
            let rung = match (document["artifactType"].as_str(), config) {
                (Some(_), _) => 0,
                (None, "application/x") => 1,
                _ => 2,
            };
            (rung < refused).then(|| Reply::error(400, "MANIFEST_INVALID"))
        });
        let repository = repository(&registry);
        repository
            .attach_artifact(&subject(), &artifact("one"))
            .unwrap();
        let found = repository.referrers(&subject().digest).unwrap();
        assert_eq!(found.entries[0].artifact_type.as_deref(), Some(expected));
        assert_eq!(repository.take_warnings().len(), usize::from(refused > 0));
    }
    let registry = FaultRegistry::start(|seen, _| {
        seen.is("PUT", "/manifests/")
            .then(|| Reply::error(405, "UNSUPPORTED"))
    });
    let error = repository(&registry)
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Registry(error) if error.status() == Some(405)),
        "{error:?}"
    );
}

#[test]
fn a_refused_form_is_not_sent_again() {
    let refusing = || {
        FaultRegistry::start(|seen, _| {
            let document: serde_json::Value = serde_json::from_slice(&seen.body).ok()?;
            (seen.method == "PUT" && document["artifactType"] == "application/x")
                .then(|| Reply::error(400, "MANIFEST_INVALID"))
        })
    };
    let registry = refusing();
    let client = client();
    // Each repository value is new, as in a run that attaches several times; the client is one.
    let open = |name: &str| {
        let reference = Reference::parse(&format!("{}/{name}", registry.host)).unwrap();
        Repository::remote(&client, &reference).unwrap()
    };
    let refused = || registry.count("PUT", "/manifests/sha256:");
    open("r")
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!(refused(), 2, "one form refused, one taken");
    open("r")
        .attach_artifact(&subject(), &artifact("two"))
        .unwrap();
    assert_eq!(refused(), 3, "the refused form again");
    let other_type = Artifact {
        artifact_type: "application/y".to_owned(),
        ..artifact("three")
    };
    open("r").attach_artifact(&subject(), &other_type).unwrap();
    assert_eq!(refused(), 4);
    let found = open("r").referrers(&subject().digest).unwrap();
    let mut types: Vec<_> = found
        .entries
        .iter()
        .filter_map(|entry| entry.artifact_type.as_deref())
        .collect();
    types.sort_unstable();
    assert_eq!(types, ["application/x", "application/x", "application/y"]);
    let kept = open("r").referrers(&subject().digest).unwrap().entries;
    for entry in kept {
        let stored = registry.store.lock().unwrap().manifests[&entry.digest.to_string()]
            .1
            .clone();
        let document: serde_json::Value = serde_json::from_slice(&stored).unwrap();
        let is_artifact = document["artifactType"].is_string();
        assert_eq!(
            is_artifact,
            entry.artifact_type.as_deref() == Some("application/y")
        );
    }
    // Another repository of the same registry may take what this one refuses.
    open("s")
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    assert_eq!(refused(), 6);
}

#[test]
fn entries_that_head_denies_but_get_has_are_kept() {
    // Writers race: the list that this one reads lacks an entry that was there a moment before.
    let registry = FaultRegistry::start(|seen, _| {
        seen.is("HEAD", "/manifests/sha256:")
            .then(|| Reply::new(404))
    });
    let repository = repository(&registry);
    repository
        .attach_artifact(&subject(), &artifact("one"))
        .unwrap();
    let tag = fallback_tag(&subject().digest);
    let before = registry.store.lock().unwrap().tags[&tag].clone();
    let lost = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lost);
    let other = FaultRegistry::start(move |seen, _| {
        if seen.is("HEAD", "/manifests/sha256:") {
            return Some(Reply::new(404));
        }
        // Two reads of the list show an empty one, as after a lost race.
        let is_list = seen.is(
            "GET",
            &format!("/manifests/{}", fallback_tag(&subject().digest)),
        );
        (is_list && (1..=2).contains(&counter.fetch_add(1, Ordering::SeqCst)))
            .then(|| Reply::new(200).body(INDEX, &index(&[])))
    });
    *other.store.lock().unwrap() = std::mem::take(&mut *registry.store.lock().unwrap());
    let repository = self::repository(&other);
    repository
        .attach_artifact(&subject(), &artifact("two"))
        .unwrap();
    assert!(lost.load(Ordering::SeqCst) > 1);
    assert_ne!(other.store.lock().unwrap().tags[&tag], before);
    let found = repository.referrers(&subject().digest).unwrap();
    assert_eq!(found.entries.len(), 2, "{:?}", found.entries);
    assert!(
        other.count("GET", "/manifests/sha256:") > 0,
        "GET was asked"
    );
}

#[test]
fn a_manifest_of_another_subject_is_not_attached() {
    let registry = FaultRegistry::working();
    let other = referrer(&Digest::sha256(b"other"), "a/b", "");
    let error = repository(&registry)
        .attach(&subject(), &other)
        .unwrap_err();
    assert!(
        matches!(&error, Error::DigestMismatch { expected, .. } if *expected == subject().digest),
        "{error:?}"
    );
    let error = repository(&registry)
        .attach(&subject(), &index(&[]))
        .unwrap_err();
    assert!(matches!(error, Error::InvalidDocument { .. }), "{error:?}");
    assert!(registry.log().is_empty());
}
