//! An image moves with all its evidence, or its tag does not move at all.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use toolkit_attest::Statement;
use toolkit_gate::{Destination, Error, Event, Existing, Promoted, TagChange};
use toolkit_lab::image::{Compression, Image, Layer};
use toolkit_lab::{BlobFault, GithubClaims, RegistryFault, RegistryKind, Service};
use toolkit_oci::{Digest, Repository, Selector, Target};
use toolkit_policy::Verdict;

use crate::world::{REPOSITORY, Signed, TAG, World, summary};

const FROM: RegistryKind = RegistryKind::WithReferrers;
const TO: RegistryKind = RegistryKind::WithoutReferrers;

fn source(world: &World) -> Target {
    source_in(world, FROM)
}

fn source_in(world: &World, kind: RegistryKind) -> Target {
    world.target(kind, &format!("{REPOSITORY}:{TAG}"))
}

fn layout(path: &std::path::Path, suffix: &str) -> Target {
    Target::parse(&format!("oci-dir:{}{suffix}", path.display())).expect("a target")
}

/// Asserts that the image is there with everything that was attached to it: the policy allows it there as well.
#[track_caller]
fn assert_whole(world: &World, target: &Target, image: &Signed) {
    let found = world.image(target);
    assert_eq!(found.digest(), &image.index);
    let counts: Vec<usize> = [&image.index, &image.platforms[0], &image.platforms[1]]
        .map(|digest| {
            found
                .repository()
                .referrers(digest)
                .expect("a list")
                .entries
                .len()
        })
        .to_vec();
    assert_eq!(
        counts,
        [2, 2, 2],
        "signature and provenance of the index, SBOM and provenance of each platform"
    );
}

#[track_caller]
fn done(promoted: Promoted) -> (TagChange, usize) {
    let Promoted::Done {
        tag,
        written,
        verdict,
        manifests,
        blobs,
        ..
    } = promoted
    else {
        panic!("{promoted:?}")
    };
    assert!(matches!(verdict, Verdict::Allow(_)));
    // Index, two images, six pieces of evidence; two layers, two configurations, six bundles (one provenance), one `{}`.
    assert_eq!(manifests, 9);
    assert_eq!(
        blobs, 9,
        "two layers, two configurations, signature, two SBOMs, provenance, the empty one"
    );
    (tag, written)
}

#[test]
fn between_registries_and_layouts() {
    let world = World::new();
    let image = world.publish(FROM);
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    let (tagged, read) = (layout(&out, ":stable"), layout(&out, ":stable"));
    let steps = [
        (source(&world), world.target(TO, "acme/promoted:stable")),
        (world.target(TO, "acme/promoted:stable"), tagged),
        (read, world.target(FROM, "acme/back:stable")),
        // Within one registry blobs are mounted, and within one repository nothing travels.
        (
            world.target(FROM, "acme/back:stable"),
            world.target(FROM, "acme/beside:stable"),
        ),
    ];
    for (from, to) in &steps {
        let (tag, written) = done(
            world
                .promote(from, to, Existing::Refuse)
                .unwrap_or_else(|error| panic!("{from} to {to}: {error}")),
        );
        assert_eq!(tag, TagChange::Created, "{from} to {to}");
        assert_eq!(written, 18, "{from} to {to}");
        assert_whole(&world, to, &image);
        // A second time nothing is written.
        world.lab.clear_requests();
        let (tag, written) = done(
            world
                .promote(from, to, Existing::Refuse)
                .expect("it is there"),
        );
        assert_eq!((tag, written), (TagChange::Unchanged, 0), "{from} to {to}");
        let writes: Vec<String> = world
            .lab
            .requests()
            .into_iter()
            .filter(|request| matches!(request.method.as_str(), "PUT" | "POST" | "PATCH"))
            .map(|request| request.path)
            .collect();
        assert_eq!(writes, Vec::<String>::new(), "{from} to {to}");
    }
    let retagged = world.target(FROM, &format!("{REPOSITORY}:stable"));
    let (tag, written) = done(
        world
            .promote(&source(&world), &retagged, Existing::Refuse)
            .expect("it is retagged"),
    );
    assert_eq!((tag, written), (TagChange::Created, 0));
}

#[test]
fn without_a_tag_by_digest_only() {
    let world = World::new();
    let image = world.publish(FROM);
    let to = world.target(TO, "acme/untagged");
    let (tag, _) = done(
        world
            .promote(&source(&world), &to, Existing::Refuse)
            .expect("it is promoted"),
    );
    assert_eq!(tag, TagChange::Untagged);
    // The fallback tags name evidence, and nothing else is tagged.
    let tags = world.lab.tags(TO, "acme/untagged");
    assert!(
        tags.iter().all(|tag| tag.starts_with("sha256-")),
        "{tags:?}"
    );
    assert_whole(
        &world,
        &world.target(TO, &format!("acme/untagged@{}", image.index)),
        &image,
    );

    let directory = tempfile::tempdir().expect("a directory");
    let to = layout(&directory.path().join("out"), "");
    let (tag, _) = done(
        world
            .promote(&source(&world), &to, Existing::Refuse)
            .expect("it is promoted"),
    );
    assert_eq!(tag, TagChange::Untagged);
    assert_whole(&world, &to, &image);

    let other = Digest::sha256(b"other");
    let to = world.target(TO, &format!("acme/untagged@{other}"));
    let error = world
        .promote(&source(&world), &to, Existing::Refuse)
        .expect_err("another digest");
    assert!(
        matches!(error, Error::OtherDigest { ref expected, ref found } if *expected == image.index && *found == other),
        "{error}"
    );
}

#[test]
fn a_tag_of_another_image_is_kept() {
    let world = World::new();
    let image = world.publish(FROM);
    let layer = Layer::new(Compression::None).file("etc/other", b"other".as_slice());
    let other = Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image");
    let other = Digest::parse(&world.lab.push(TO, "acme/promoted", Some("stable"), &other))
        .expect("a digest");
    let to = world.target(TO, "acme/promoted:stable");
    world.lab.clear_requests();
    let error = world
        .promote(&source(&world), &to, Existing::Refuse)
        .expect_err("the tag is taken");
    let Error::TagTaken {
        tag,
        expected,
        found,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (tag.as_str(), expected, found),
        ("stable", &image.index, &other)
    );
    let text = error.to_string();
    assert!(
        text.contains(&image.index.to_string()) && text.contains(&other.to_string()),
        "{text}"
    );
    let writes = world.lab.requests().into_iter().filter(|request| {
        request.service == Service::RegistryWithoutReferrers
            && request.method != "GET"
            && request.method != "HEAD"
    });
    assert_eq!(writes.count(), 0);
    let (tag, _) = done(
        world
            .promote(&source(&world), &to, Existing::Replace)
            .expect("it is replaced"),
    );
    assert_eq!(tag, TagChange::Moved { from: other });
    assert_whole(&world, &to, &image);
}

#[test]
fn an_image_that_is_not_allowed_is_not_copied() {
    let world = World::new();
    world.publish_as(FROM, GithubClaims::new("mallory/widget"), "1000");
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    for to in [
        world.target(TO, "acme/promoted:stable"),
        layout(&out, ":stable"),
    ] {
        let promoted = world
            .promote(&source(&world), &to, Existing::Replace)
            .expect("a verdict");
        let Promoted::Refused(verdict) = promoted else {
            panic!("{promoted:?}")
        };
        assert_eq!(summary(&verdict).0, "deny");
    }
    assert_eq!(
        world.lab.manifests(TO, "acme/promoted"),
        Vec::<String>::new()
    );
    assert!(!out.exists());
}

#[test]
fn a_local_image_is_judged_under_the_name_of_its_destination() {
    let world = World::new();
    let image = world.publish(FROM);
    let directory = tempfile::tempdir().expect("a directory");
    let out = layout(&directory.path().join("out"), ":stable");
    done(
        world
            .promote(&source(&world), &out, Existing::Refuse)
            .expect("it is promoted"),
    );
    let to = world.target(TO, "acme/promoted:stable");
    done(
        world
            .promote(&out, &to, Existing::Refuse)
            .expect("it is promoted"),
    );
    assert_whole(&world, &to, &image);
    let promoted = world
        .promote(
            &out,
            &world.target(TO, "other/promoted:stable"),
            Existing::Refuse,
        )
        .expect("a verdict");
    let Promoted::Refused(verdict) = promoted else {
        panic!("{promoted:?}")
    };
    assert_eq!(
        summary(&verdict),
        ("deny", vec!["match match.none".to_owned()])
    );
}

#[test]
fn evidence_of_evidence_and_older_tags_move_too() {
    let world = World::new();
    let image = world.publish(FROM);
    let repository = world.repository(FROM);
    let evidence = repository.referrers(&image.index).expect("a list").entries[0]
        .digest
        .clone();
    let mut session = world.person("alice@example.com");
    let second = world.attach(
        &repository,
        &evidence,
        &mut session,
        &Statement::image_signature(&evidence),
    );
    let third = world.attach(
        &repository,
        &second,
        &mut session,
        &Statement::image_signature(&second),
    );
    let old = Image::new("linux", "amd64")
        .label("old", "signature")
        .build()
        .expect("an image");
    let tag = format!("sha256-{}.att", image.platforms[0].hex());
    world.lab.push(FROM, REPOSITORY, Some(&tag), &old);
    let to = world.target(TO, "acme/promoted:stable");
    let Promoted::Done { manifests, .. } = world
        .promote(&source(&world), &to, Existing::Refuse)
        .expect("it is promoted")
    else {
        panic!("it is allowed")
    };
    assert_eq!(manifests, 9 + 2 + 1);
    let there = world.image(&to).repository().clone();
    for (subject, referrer) in [(&evidence, &second), (&second, &third)] {
        let listed: BTreeSet<Digest> = there
            .referrers(subject)
            .expect("a list")
            .entries
            .into_iter()
            .map(|entry| entry.digest)
            .collect();
        assert!(listed.contains(referrer), "{listed:?}");
    }
    assert_eq!(
        world.lab.tag(TO, "acme/promoted", &tag).as_deref(),
        Some(old.digest())
    );
    // Another piece of older evidence there is not overwritten silently.
    let newer = Image::new("linux", "amd64")
        .label("old", "other signature")
        .build()
        .expect("an image");
    world.lab.push(TO, "acme/taken", Some(&tag), &newer);
    let error = world
        .promote(
            &source(&world),
            &world.target(TO, "acme/taken:stable"),
            Existing::Refuse,
        )
        .expect_err("its tag is taken");
    assert!(matches!(error, Error::TagTaken { .. }), "{error}");
    assert_eq!(world.lab.manifests(TO, "acme/taken").len(), 1);
}

#[test]
fn what_cannot_be_listed_is_not_promoted() {
    let world = World::new();
    world.publish(FROM);
    let listed = AtomicUsize::new(0);
    // The lists are read for the verdict first; then they stop to answer.
    let events = |event: Event| {
        if matches!(event, Event::Judged { .. }) {
            listed.fetch_add(1, Ordering::Relaxed);
            world
                .lab
                .faults()
                .registry(FROM)
                .add(RegistryFault::Referrers(
                    toolkit_lab::ReferrersFault::Status(503),
                ));
        }
    };
    let to = world.target(TO, "acme/promoted:stable");
    let error = world
        .promote_with(&source(&world), &to, Existing::Refuse, &events)
        .expect_err("the list did not answer");
    assert!(matches!(error, Error::EvidenceUnknown { .. }), "{error}");
    assert_eq!(listed.into_inner(), 1);
    assert_eq!(
        world.lab.manifests(TO, "acme/promoted"),
        Vec::<String>::new()
    );
}

#[test]
fn a_destination_that_lies_gets_no_tag() {
    let world = World::new();
    world.publish(FROM);
    for (name, fault) in [
        ("blobs", RegistryFault::Blob(BlobFault::WrongBytes)),
        ("shorter-blobs", RegistryFault::Blob(BlobFault::TooShort)),
        ("manifests", RegistryFault::ManifestWrongBytes),
    ] {
        world.lab.faults().registry(TO).add(fault);
        let to = world.target(TO, &format!("acme/{name}:stable"));
        let error = world
            .promote(&source(&world), &to, Existing::Refuse)
            .expect_err("it is not what was written");
        let is_told = matches!(error, Error::NotReadBack { .. })
            || matches!(&error, Error::Oci(error) if error.class() == toolkit_oci::ErrorClass::Mismatch);
        assert!(is_told, "{name}: {error:?}");
        assert_eq!(
            world.lab.tag(TO, &format!("acme/{name}"), "stable"),
            None,
            "{name}"
        );
        world.lab.faults().clear();
        done(
            world
                .promote(&source(&world), &to, Existing::Refuse)
                .expect("a second run completes"),
        );
    }
}

// From here on images go the other way: listing evidence by the fallback tag takes a second a piece.

/// Stops a promotion at an event, as a signal would; tells whether it was stopped.
fn is_stopped_at(world: &World, to: &Target, event: usize) -> bool {
    let seen = AtomicUsize::new(0);
    let stop = |_: Event| {
        if seen.fetch_add(1, Ordering::Relaxed) >= event {
            // Unwinds without the message of a failed test.
            resume_unwind(Box::new("stopped"));
        }
    };
    let run = catch_unwind(AssertUnwindSafe(|| {
        world.promote_with(&source_in(world, TO), to, Existing::Replace, &stop)
    }));
    if let Ok(promoted) = run {
        done(promoted.expect("it is promoted"));
        return false;
    }
    true
}

#[test]
fn stopped_at_any_step_the_tag_is_as_it_was() {
    /// Three lists and a verdict, a plan, every blob and manifest twice, six attachments, the end, the tag.
    const EVENTS: usize = 3 + 1 + 1 + 18 + 18 + 6 + 1 + 1;
    let world = World::new();
    let image = world.publish(TO);
    let layer = Layer::new(Compression::None).file("etc/other", b"other".as_slice());
    let other = Image::new("linux", "amd64")
        .layer(layer)
        .build()
        .expect("an image");
    let directory = tempfile::tempdir().expect("a directory");
    for event in 0..=EVENTS {
        let name = format!("acme/stopped-{event}");
        let before = world.lab.push(FROM, &name, Some("stable"), &other);
        let registry = world.target(FROM, &format!("{name}:stable"));
        let path = directory.path().join(event.to_string());
        let local = layout(&path, ":stable");
        // The last event says that the tag was moved.
        let moved = event >= EVENTS - 1;
        for to in [&registry, &local] {
            assert_eq!(
                is_stopped_at(&world, to, event),
                event < EVENTS,
                "{event} {to}"
            );
        }
        let expected = if moved {
            image.index.to_string()
        } else {
            before
        };
        assert_eq!(
            world.lab.tag(FROM, &name, "stable"),
            Some(expected),
            "{event}"
        );
        let tagged = Repository::layout(&path, &world.limits).is_ok_and(|there| {
            there
                .manifest_by_tag("stable")
                .expect("an answer")
                .is_some()
        });
        assert_eq!(tagged, moved, "{event}");
        for to in [&registry, &local] {
            let promoted = world
                .promote(&source_in(&world, TO), to, Existing::Replace)
                .unwrap_or_else(|error| panic!("{event} {to}: {error}"));
            done(promoted);
            assert_whole(&world, to, &image);
        }
    }
}

#[test]
fn cut_off_at_any_request_a_second_run_completes() {
    let world = World::new();
    let image = world.publish(TO);
    let mut failures = 0;
    for after in (0..).step_by(7) {
        let name = format!("acme/cut-{after}");
        let to = world.target(FROM, &format!("{name}:stable"));
        world
            .lab
            .faults()
            .registry(FROM)
            .add_after(after, RegistryFault::HangUp);
        let promoted = world.promote(&source_in(&world, TO), &to, Existing::Refuse);
        let tag = world.lab.tag(FROM, &name, "stable");
        world.lab.faults().clear();
        match promoted {
            Ok(promoted) => {
                done(promoted);
                break;
            }
            Err(error) => {
                failures += 1;
                assert!(
                    tag.is_none() || tag.as_deref() == Some(&image.index.to_string()),
                    "{after}: {error}"
                );
            }
        }
        done(
            world
                .promote(&source_in(&world, TO), &to, Existing::Refuse)
                .unwrap_or_else(|error| panic!("{after}: {error}")),
        );
        assert_whole(&world, &to, &image);
    }
    assert!(failures > 5, "{failures}");
}

#[test]
fn only_registries_and_layouts_are_destinations() {
    let world = World::new();
    for text in [
        "dir:/",
        "oci-archive:image.tar",
        "docker-archive:image.tar",
        "file:image",
    ] {
        let target = Target::parse(text).expect("a target");
        let error = Destination::new(&target, &world.access()).expect_err("no place for an image");
        assert!(
            matches!(error, Error::NoDestination { .. }),
            "{text}: {error}"
        );
    }
    let position = Target::Layout {
        path: "image".into(),
        selector: Some(Selector::Index(0)),
    };
    let error = Destination::new(&position, &world.access()).expect_err("a position is no name");
    assert!(matches!(error, Error::LayoutSelector { .. }), "{error}");
}
