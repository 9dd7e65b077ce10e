//! Promotion that ends at any of its steps: the destination's tag is as it was until the whole closure was read back, and a second run
//! completes what the first one began.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use toolkit_lab::{RecordedRequest, RegistryFault, RegistryKind};

use super::{closure, host, policy, promote, released};
use crate::stage::{SIGNER, Stage, expect, image};

/// Is a released image and a place whose tag names another one.
struct Trial {
    stage: Stage,
    kind: RegistryKind,
    source: String,
    old: String,
    new: String,
    closure: BTreeSet<String>,
    /// Requests of a promotion that nothing interrupts, to the destination.
    requests: Vec<RecordedRequest>,
}

impl Trial {
    fn new(kind: RegistryKind) -> Self {
        let stage = Stage::new();
        policy(&stage);
        let from_kind = match kind {
            RegistryKind::WithReferrers => RegistryKind::WithoutReferrers,
            RegistryKind::WithoutReferrers => RegistryKind::WithReferrers,
        };
        let (old, new) = (image("arm64"), image("amd64"));
        let name = released(&stage, from_kind, "acme/staging", &new);
        let mut trial = Self {
            kind,
            source: format!("{name}:1"),
            old: old.digest().to_owned(),
            new: new.digest().to_owned(),
            closure: closure(&stage.lab, from_kind, "acme/staging"),
            requests: Vec::new(),
            stage,
        };
        assert_eq!(trial.closure.len(), 3 + 2 + 2 + 1, "{:?}", trial.closure);
        let to = trial.destination("acme/complete");
        trial.stage.lab.clear_requests();
        expect(&trial.promote(&to), 0);
        trial.requests = trial.requests_of("acme/complete");
        trial.the_tag_came_last("acme/complete");
        trial
    }

    /// Prepares a repository whose tag names the old image.
    fn destination(&self, repository: &str) -> String {
        format!(
            "{}:1",
            self.stage.push(self.kind, repository, &image("arm64"))
        )
    }

    fn promote(&self, to: &str) -> crate::binary::Run {
        promote(&self.stage, &self.source, to, &["--force"])
    }

    fn tag(&self, repository: &str) -> Option<String> {
        self.stage.lab.tag(self.kind, repository, "1")
    }

    fn requests_of(&self, repository: &str) -> Vec<RecordedRequest> {
        let prefix = format!("/v2/{repository}/");
        self.stage
            .lab
            .requests()
            .into_iter()
            .filter(|request| request.path.starts_with(&prefix))
            .collect()
    }

    /// Lists what of the closure was not read from the destination since the last write of anything but the tag.
    fn unread(&self, requests: &[RecordedRequest]) -> BTreeSet<String> {
        let is_write = |request: &&RecordedRequest| {
            !matches!(request.method.as_str(), "GET" | "HEAD")
                && !request.path.ends_with("/manifests/1")
        };
        let last = requests
            .iter()
            .rposition(|request| is_write(&request))
            .map_or(0, |last| last + 1);
        let read: BTreeSet<&str> = requests[last..]
            .iter()
            .take_while(|request| {
                !(request.method == "PUT" && request.path.ends_with("/manifests/1"))
            })
            .filter(|request| request.method == "GET" && request.status == Some(200))
            .filter_map(|request| request.path.rsplit('/').next())
            .collect();
        self.closure
            .iter()
            .filter(|digest| !read.contains(digest.as_str()))
            .cloned()
            .collect()
    }

    /// Checks by the requests that the tag was written once, and only after everything was read back.
    #[track_caller]
    fn the_tag_came_last(&self, repository: &str) {
        let requests = self.requests_of(repository);
        let tagged: Vec<usize> = requests
            .iter()
            .enumerate()
            .filter(|(_, request)| {
                request.method == "PUT" && request.path.ends_with("/manifests/1")
            })
            .map(|(index, _)| index)
            .collect();
        let [tagged] = tagged[..] else {
            panic!("the tag was written {} times", tagged.len())
        };
        assert_eq!(
            self.unread(&requests),
            BTreeSet::new(),
            "not read back before the tag"
        );
        assert!(
            requests[tagged + 1..]
                .iter()
                .all(|request| request.method == "GET"),
            "something was written after the tag"
        );
    }

    /// Checks that a second run completes what is there.
    #[track_caller]
    fn completes(&self, repository: &str, to: &str) {
        expect(&self.promote(to), 0);
        assert_eq!(self.tag(repository), Some(self.new.clone()));
        let mut there = closure(&self.stage.lab, self.kind, repository);
        for digest in &self.closure {
            assert!(there.remove(digest), "{digest} is not there");
        }
        let old = image("arm64");
        for digest in old.blobs().keys().map(String::as_str).chain([old.digest()]) {
            there.remove(digest);
        }
        assert_eq!(there, BTreeSet::new(), "more than the closure is there");
    }
}

/// The registry refuses every request after the first so many, for every number until the promotion succeeds.
#[test]
fn stopped_after_every_request() {
    let trial = Trial::new(RegistryKind::WithReferrers);
    let faults = trial.stage.lab.faults().registry(trial.kind);
    let count = trial.requests.len();
    let mut failed = 0;
    for after in 0.. {
        assert!(
            after <= count + 8,
            "{count} requests are enough without a fault"
        );
        let repository = format!("acme/after-{after}");
        let to = trial.destination(&repository);
        trial.stage.lab.clear_requests();
        faults.add_after(after as u64, RegistryFault::Status(403));
        let run = trial.promote(&to);
        faults.clear();
        if run.code == 0 {
            trial.the_tag_came_last(&repository);
            assert_eq!(trial.tag(&repository), Some(trial.new.clone()));
            break;
        }
        failed += 1;
        assert_eq!(run.code, 3, "after {after}: {}{}", run.stdout, run.stderr);
        let requests = trial.requests_of(&repository);
        let tag = trial.tag(&repository);
        let tried = requests
            .iter()
            .any(|request| request.method == "PUT" && request.path.ends_with("/manifests/1"));
        if tag.as_ref() == Some(&trial.old) {
            assert_eq!(
                run.stderr.contains("names the image now is not known"),
                tried,
                "after {after}: {}",
                run.stderr
            );
        } else {
            // The tag was written, and then nothing could be read any more.
            assert_eq!(tag, Some(trial.new.clone()), "after {after}");
            assert_eq!(trial.unread(&requests), BTreeSet::new(), "after {after}");
            assert!(
                !run.stderr.contains("is as it was")
                    && run.stderr.contains("names the image now is not known"),
                "after {after}: {}",
                run.stderr
            );
        }
        trial.completes(&repository, &to);
    }
    assert!(
        failed >= count - 8,
        "{failed} of {count} steps were stopped"
    );
}

/// The registry closes every connection after the first so many requests; what is sent again stays unanswered too.
#[test]
fn cut_off_at_several_requests() {
    for kind in [RegistryKind::WithReferrers, RegistryKind::WithoutReferrers] {
        let trial = Trial::new(kind);
        let faults = trial.stage.lab.faults().registry(kind);
        let count = trial.requests.len();
        for after in [0, count / 3, 2 * count / 3] {
            let repository = format!("acme/cut-{after}");
            let to = trial.destination(&repository);
            faults.add_after(after as u64, RegistryFault::HangUp);
            let run = trial.promote(&to);
            faults.clear();
            assert_eq!(run.code, 3, "after {after}: {}{}", run.stdout, run.stderr);
            assert_eq!(
                trial.tag(&repository),
                Some(trial.old.clone()),
                "after {after}"
            );
            trial.completes(&repository, &to);
        }
    }
}

/// A write takes effect and its answer is lost: the next look decides, and nothing is claimed that is not known.
#[test]
fn answers_to_writes_that_are_lost() {
    let trial = Trial::new(RegistryKind::WithReferrers);
    let faults = trial.stage.lab.faults().registry(trial.kind);
    let writes = trial
        .requests
        .iter()
        .filter(|request| !matches!(request.method.as_str(), "GET" | "HEAD"))
        .count();
    // The last write is the tag's. It took effect, and reading goes on.
    let to = trial.destination("acme/lost-tag");
    faults.add_after(writes as u64 - 1, RegistryFault::WriteThenHangUp);
    let run = trial.promote(&to);
    faults.clear();
    expect(&run, 0);
    assert_eq!(trial.tag("acme/lost-tag"), Some(trial.new.clone()));
    trial.the_tag_was_read_back("acme/lost-tag");

    // One lost answer, anywhere.
    for write in 0..writes {
        let repository = format!("acme/lost-{write}");
        let to = trial.destination(&repository);
        faults.add_after(write as u64, RegistryFault::WriteThenHangUp);
        let started = Instant::now();
        let child = std::thread::scope(|scope| {
            let promotion = scope.spawn(|| trial.promote(&to));
            // Switched off once the first answer was lost.
            while !trial
                .requests_of(&repository)
                .iter()
                .any(|request| request.status.is_none())
                && started.elapsed() < Duration::from_secs(60)
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            faults.clear();
            promotion.join().expect("the promotion")
        });
        if child.code == 0 {
            assert_eq!(
                trial.tag(&repository),
                Some(trial.new.clone()),
                "write {write}"
            );
        } else {
            assert_eq!(child.code, 3, "write {write}: {}", child.stderr);
            assert_eq!(
                trial.tag(&repository),
                Some(trial.old.clone()),
                "write {write}"
            );
        }
        trial.completes(&repository, &to);
    }
}

impl Trial {
    /// Checks that the last answer about the tag came after it was written.
    #[track_caller]
    fn the_tag_was_read_back(&self, repository: &str) {
        let requests = self.requests_of(repository);
        let last = requests.last().expect("a request");
        assert_eq!(
            (last.method.as_str(), last.status),
            ("GET", Some(200)),
            "{last:?}"
        );
        assert!(last.path.ends_with("/manifests/1"), "{last:?}");
    }
}

/// The process is killed (SIGKILL) at several points, while every answer of the destination takes a moment.
#[cfg(unix)]
#[test]
fn killed_at_several_points() {
    use std::os::unix::process::ExitStatusExt;
    for kind in [RegistryKind::WithReferrers, RegistryKind::WithoutReferrers] {
        let trial = Trial::new(kind);
        let faults = trial.stage.lab.faults().registry(kind);
        let count = trial.requests.len();
        let points = 8;
        let mut killed = 0;
        for point in 0..=points {
            let repository = format!("acme/killed-{point}");
            let to = trial.destination(&repository);
            let wanted = (count * point / points).max(1);
            trial.stage.lab.clear_requests();
            faults.add(RegistryFault::Stall(Duration::from_millis(15)));
            let mut child = trial
                .stage
                .toolkit("v1")
                .args([
                    "promote",
                    &trial.source,
                    &to,
                    "--policy=policy.yaml",
                    "--force",
                ])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary starts");
            let status = loop {
                if let Some(status) = child.try_wait().expect("the process") {
                    break status;
                }
                if trial.requests_of(&repository).len() >= wanted {
                    child.kill().expect("a signal");
                    break child.wait().expect("the process");
                }
                std::thread::sleep(Duration::from_millis(1));
            };
            faults.clear();
            if status.signal() == Some(9) {
                killed += 1;
            } else {
                assert_eq!(status.code(), Some(0), "point {point}");
            }
            // A request that was under way may still take effect.
            std::thread::sleep(Duration::from_millis(50));
            let tag = trial.tag(&repository).expect("a tag");
            if tag != trial.old {
                assert_eq!(
                    tag,
                    trial.new,
                    "{}: point {point}",
                    host(&trial.stage, kind)
                );
                assert_eq!(
                    trial.unread(&trial.requests_of(&repository)),
                    BTreeSet::new(),
                    "{}: point {point}",
                    host(&trial.stage, kind)
                );
            }
            trial.completes(&repository, &to);
        }
        assert!(
            killed >= points - 1,
            "only {killed} of {points} were killed in time"
        );
    }
}

/// A layout at the destination: its tag, too, names the old image until the new one is whole.
#[cfg(unix)]
#[test]
fn killed_while_a_layout_is_written() {
    use std::os::unix::process::ExitStatusExt;
    let trial = Trial::new(RegistryKind::WithReferrers);
    // The source is the other registry.
    let source = trial
        .stage
        .lab
        .faults()
        .registry(RegistryKind::WithoutReferrers);
    let tag_of = |path: &std::path::Path| -> Option<String> {
        let index = fs_err::read(path.join("index.json")).expect("the index");
        let index: serde_json::Value = serde_json::from_slice(&index).expect("a whole index");
        let entries = index["manifests"].as_array().expect("a list");
        let tagged = entries
            .iter()
            .find(|entry| entry["annotations"]["org.opencontainers.image.ref.name"] == "1");
        Some(tagged?["digest"].as_str()?.to_owned())
    };
    let mut killed = 0;
    for point in 0..10_u64 {
        let path = trial.stage.path().join(format!("layout-{point}"));
        image("arm64")
            .write_layout(&path, Some("1"))
            .expect("a layout");
        let to = format!("oci-dir:{}:1", path.display());
        source.add(RegistryFault::Stall(Duration::from_millis(15)));
        let mut child = trial
            .stage
            .toolkit("v1")
            .args([
                "promote",
                &trial.source,
                &to,
                "--policy=policy.yaml",
                "--force",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        // By what is on disk: so many blobs beyond the old image's three.
        let status = loop {
            if let Some(status) = child.try_wait().expect("the process") {
                break status;
            }
            let blobs = fs_err::read_dir(path.join("blobs/sha256"))
                .expect("the blobs")
                .count() as u64;
            if blobs >= 3 + point {
                child.kill().expect("a signal");
                break child.wait().expect("the process");
            }
        };
        source.clear();
        killed += u32::from(status.signal() == Some(9));
        let tag = tag_of(&path).expect("a tag");
        if tag != trial.old {
            assert_eq!(tag, trial.new, "point {point}");
            expect(&trial.stage.verify(&to, SIGNER, &[]), 0);
        }
        expect(&promote(&trial.stage, &trial.source, &to, &["--force"]), 0);
        assert_eq!(tag_of(&path), Some(trial.new.clone()));
        expect(&trial.stage.verify(&to, SIGNER, &[]), 0);
        for digest in &trial.closure {
            let blob = fs_err::read(path.join("blobs").join(digest.replacen(':', "/", 1)))
                .expect("a blob of the closure");
            assert_eq!(crate::layout::digest(&blob), *digest);
        }
    }
    assert!(killed >= 5, "only {killed} were killed in time");
}
