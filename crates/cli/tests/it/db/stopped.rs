//! An update that is killed or runs out of disk leaves a working database, and the next one finishes the work.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use toolkit_lab::{RegistryFault, RegistryKind};

use super::publisher::Publisher;
use crate::binary::finish;
use crate::stage::expect;

/// The digests of the databases that a machine may have: the one before and the one after.
fn current(publisher: &Publisher, machine: &str) -> String {
    let status = publisher.on(machine, &["db", "status", "-o", "json"]);
    expect(&status, 0);
    let found: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    for one in found["installed"].as_array().expect("a list") {
        assert_eq!(one["usable"], true, "{}", status.stdout);
    }
    expect(&publisher.scan(machine, &[]), 1);
    found["digest"].as_str().expect("a digest").to_owned()
}

/// Lists what an update wrote so far, by path and size.
fn written(publisher: &Publisher, machine: &str) -> BTreeSet<(String, u64)> {
    fn walk(folder: &std::path::Path, found: &mut BTreeSet<(String, u64)>) {
        let Ok(entries) = fs_err::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(data) if data.is_dir() => {
                    found.insert((entry.path().display().to_string(), 0));
                    walk(&entry.path(), found);
                }
                Ok(data) => {
                    found.insert((entry.path().display().to_string(), data.len()));
                }
                Err(_) => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&publisher.path(machine), &mut found);
    found
}

#[test]
fn killed_at_every_step() {
    let publisher = Publisher::new();
    let old = publisher.publish("old", 3);
    expect(&publisher.update("client", &[]), 0);
    // Enough for writes that take a moment.
    for number in 10..400 {
        publisher.record(&format!("GHSA-{number}"), &format!("package-{number}"));
    }
    let new = publisher.publish("new", 1);
    let faults = publisher
        .stage
        .lab
        .faults()
        .registry(RegistryKind::WithReferrers);
    let (mut killed, mut seen_old, mut seen_new) = (0, 0, 0);
    // By what the update asked for, by what lies on disk, and by time between the last answer and the end.
    for point in 0..60_u64 {
        let machine = format!("machine-{point}");
        copy(&publisher.path("client"), &publisher.path(&machine));
        let before = written(&publisher, &machine);
        publisher.stage.lab.clear_requests();
        if point < 15 {
            faults.add(RegistryFault::Stall(Duration::from_millis(10)));
        }
        let mut child = publisher
            .command(&machine, &["db", "update"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let status = loop {
            if let Some(status) = child.try_wait().expect("the process") {
                break status;
            }
            let due = match point {
                0..15 => publisher.stage.lab.requests().len() as u64 > point,
                15..45 => {
                    let changes = written(&publisher, &machine).difference(&before).count();
                    changes as u64 > (point - 15) / 3
                }
                _ => {
                    // The record is written last.
                    let changed = written(&publisher, &machine)
                        .difference(&before)
                        .any(|(path, _)| path.contains("bundles"));
                    if changed {
                        std::thread::sleep(Duration::from_micros(200 * (point - 45)));
                    }
                    changed
                }
            };
            if due {
                child.kill().expect("a signal");
                break child.wait().expect("the process");
            }
        };
        faults.clear();
        killed += u32::from(status.signal() == Some(9));
        let found = current(&publisher, &machine);
        assert!(found == old || found == new, "point {point}: {found}");
        if found == old {
            seen_old += 1;
        } else {
            seen_new += 1;
        }
        expect(&publisher.on(&machine, &["db", "update"]), 0);
        assert_eq!(current(&publisher, &machine), new, "point {point}");
        let left: Vec<_> = written(&publisher, &machine)
            .into_iter()
            .filter(|(path, _)| path.contains(".new-"))
            .collect();
        assert_eq!(left, [], "point {point}");
    }
    assert!(killed >= 30, "only {killed} of 60 were killed in time");
    assert!(seen_old > 0, "{seen_old} {seen_new}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs_err::create_dir_all(to).expect("a folder");
    for entry in fs_err::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let place = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs_err::copy(entry.path(), place).expect("a file");
        }
    }
}

/// A file may not grow beyond this: every write past it fails, as on a full disk.
#[test]
fn a_full_disk_keeps_the_old_database() {
    let publisher = Publisher::new();
    let old = publisher.publish("old", 3);
    expect(&publisher.update("client", &[]), 0);
    for number in 10..400 {
        publisher.record(&format!("GHSA-{number}"), &format!("package-{number}"));
    }
    let new = publisher.publish("new", 1);
    let sizes = written(&publisher, "publisher");
    assert!(!sizes.is_empty());
    for kilobytes in [0, 1, 2, 4, 8] {
        let mut limited = std::process::Command::new("bash");
        let binary = env!("CARGO_BIN_EXE_toolkit");
        // SIGXFSZ is ignored, so that the write itself fails.
        limited
            .env_clear()
            .current_dir(publisher.stage.path())
            .env("TOOLKIT_DATA", publisher.path("client"))
            .env("TOOLKIT_TRUSTED_ROOT", "root.json")
            .args([
                "-c",
                &format!("trap '' XFSZ; ulimit -f {kilobytes}; exec {binary} db update"),
            ]);
        let run = finish(&mut limited);
        assert_eq!(run.code, 7, "{kilobytes}: {}", run.stderr);
        assert_eq!(current(&publisher, "client"), old, "{kilobytes}");
    }
    expect(&publisher.on("client", &["db", "update"]), 0);
    assert_eq!(current(&publisher, "client"), new);
}

#[test]
fn updaters_wait_for_each_other_and_readers_for_none() {
    let publisher = Publisher::new();
    publisher.publish("old", 3);
    expect(&publisher.update("client", &[]), 0);
    let lock = fs_err::File::create(publisher.path("client/vulndb-v2/lock")).expect("the lock");
    lock.file().lock().expect("locked");
    expect(&publisher.scan("client", &[]), 1);
    expect(&publisher.on("client", &["db", "status"]), 0);
    expect(&publisher.on("client", &["db", "check"]), 0);
    let child = publisher
        .command("client", &["db", "update"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(Duration::from_millis(500));
    lock.file().unlock().expect("unlocked");
    let output = child.wait_with_output().expect("the process");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("waiting for another update"), "{said}");
}
