//! Feeds are fetched, and a database is built of them.

use super::feeds::{ALPINE, Answer, EPSS, KEV, Mirror, amazon, epss, kev, osv, record, zip};
use super::place::{Place, digest, read_json};
use super::publisher::Publisher;
use crate::binary::{Run, finish, repository};
use crate::stage::{SIGNER, expect};

/// Fetches into `fetched`.
fn fetch(place: &Place, mirror: &Mirror, more: &[&str]) -> Run {
    let url = mirror.url();
    let mut arguments = vec!["db", "fetch", "fetched", "--mirror", &url];
    arguments.extend(more);
    place.run(&arguments)
}

fn three() -> Mirror {
    let mirror = Mirror::new();
    mirror.file(&osv("npm"), &zip([("GHSA-1.json", &record("GHSA-1")[..])]));
    mirror.file(KEV, &kev());
    mirror.file(EPSS, &epss());
    mirror
}

/// The text without its line breaks and frame.
fn flat(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace("│ ", "")
}

#[test]
fn every_file_is_told_and_the_second_time_nothing_changed() {
    let (place, mirror) = (Place::new(), three());
    let names = ["--feed", "npm", "--feed", "kev", "--feed", "epss"];
    let run = fetch(&place, &mirror, &names);
    expect(&run, 0);
    let sizes = [
        epss().len(),
        kev().len(),
        zip([("GHSA-1.json", &record("GHSA-1")[..])]).len(),
    ];
    let table = |state: &str| {
        format!(
            "{state} epss/epss_scores-current.csv.gz {}\n{state} kev/known_exploited_vulnerabilities.json {}\n{state} npm/all.zip {}\n",
            sizes[0], sizes[1], sizes[2]
        )
    };
    assert_eq!(run.stdout, table("fetched  "));
    assert_eq!(run.stderr, "");
    let run = fetch(&place, &mirror, &names);
    expect(&run, 0);
    assert_eq!(run.stdout, table("unchanged"));
    // By variables, and the folder is one that `db build` reads.
    let run = finish(
        place
            .command(&["db", "fetch", "fetched"])
            .env("TOOLKIT_MIRROR", mirror.url())
            .env("TOOLKIT_FEED", "npm\nkev\nepss"),
    );
    assert_eq!(run.stdout, table("unchanged"));
    let run = place.run(&["db", "build", "fetched", "-o", "db"]);
    expect(&run, 0);
    assert!(!run.stderr.contains("not read"), "{}", run.stderr);
    assert!(run.stderr.contains("1 records"), "{}", run.stderr);
}

#[test]
fn what_fails_is_told_and_loses_nothing() {
    let (place, mirror) = (Place::new(), three());
    let names = ["--feed", "npm", "--feed", "kev", "--feed", "epss"];
    expect(&fetch(&place, &mirror, &names), 0);
    for (answer, code, expected) in [
        (
            Answer::Status(404),
            3,
            "not fetched: kev: `http://127.0.0.1:",
        ),
        (
            Answer::File(b"<html>log in</html>".to_vec()),
            3,
            "gave something else than its feed: not a JSON document",
        ),
        (
            Answer::Moved("http://feeds.example/kev.json"),
            6,
            "sends to `http://feeds.example/kev.json`, which is not followed: it leads from TLS to plain HTTP",
        ),
    ] {
        mirror.put(KEV, answer);
        let run = fetch(&place, &mirror, &names);
        expect(&run, code);
        assert!(
            flat(&run.stderr).contains(expected),
            "{expected}: {}",
            run.stderr
        );
        assert!(
            flat(&run.stderr).contains("1 of 3 feeds was not fetched whole"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
        let kept = place.path("fetched/kev/known_exploited_vulnerabilities.json");
        assert!(fs_err::read(kept).expect("the former file") == kev());
    }
    // The gravest decides.
    mirror.put(EPSS, Answer::Status(404));
    let run = fetch(&place, &mirror, &names);
    expect(&run, 6);
    assert!(
        flat(&run.stderr).contains("2 of 3 feeds were not fetched whole"),
        "{}",
        run.stderr
    );
}

#[test]
fn nothing_is_asked_where_the_arguments_are_wrong() {
    let (place, mirror) = (Place::new(), Mirror::new());
    let run = fetch(&place, &mirror, &["--feed", "debain"]);
    expect(&run, 2);
    let text = flat(&run.stderr);
    assert!(
        text.contains("there is no feed `debain`: expected one of almalinux, alpine, amazon, bitnami, chainguard, crates.io, debian, epss,")
            && text.contains("did you mean `debian`?"),
        "{text}"
    );
    for (url, expected) in [
        (
            "http://mirror.example/",
            "it is plain HTTP to another machine",
        ),
        ("mirror.example", "it is no http or https address"),
        ("https://mirror.example/?a", "is no mirror"),
    ] {
        let run = place.run(&["db", "fetch", "fetched", "--mirror", url]);
        expect(&run, 2);
        assert!(
            flat(&run.stderr).contains(expected),
            "{url}: {}",
            run.stderr
        );
    }
    assert!(!place.path("fetched").exists());
    fs_err::write(place.path("fetched"), "no folder").expect("a file");
    expect(&fetch(&place, &mirror, &["--feed", "kev"]), 7);
}

/// Builds of a folder with this `fetch.json`; returns the time of the database and what was told.
fn built(place: &Place, fetched: &str, epoch: Option<&str>) -> (String, String) {
    fs_err::write(place.path("feeds/fetch.json"), fetched).expect("the record");
    let mut command = place.command(&["db", "build", "feeds", "-o", "db"]);
    if let Some(epoch) = epoch {
        command.env("SOURCE_DATE_EPOCH", epoch);
    }
    let run = finish(&mut command);
    expect(&run, 0);
    let manifest = read_json(&place.path("db/manifest.json"));
    let created = manifest["created"].as_str().expect("a time");
    (created.to_owned(), run.stderr)
}

fn fetched(times: &[&str]) -> String {
    let files: Vec<String> = times
        .iter()
        .enumerate()
        .map(|(number, time)| {
            format!(r#""npm/{number}.zip":{{"feed":"npm","url":"https://feeds.example/","time":"{time}","sha256":"00","size":1}}"#)
        })
        .collect();
    format!(r#"{{"files":{{{}}}}}"#, files.join(","))
}

#[test]
fn a_database_is_of_the_time_when_its_feeds_were_fetched() {
    let place = Place::new();
    // The only record changed on 2024-05-01.
    let (created, told) = built(
        &place,
        &fetched(&["2025-01-02T03:04:05Z", "2025-01-01T12:00:00Z"]),
        None,
    );
    assert_eq!(created, "2025-01-02T03:04:05Z");
    assert!(!told.contains("warning"), "{told}");
    // One feed that is fetched again does not silently vouch for the others.
    let (created, told) = built(
        &place,
        &fetched(&["2025-01-12T03:04:05Z", "2025-01-02T00:00:00Z"]),
        None,
    );
    assert_eq!(created, "2025-01-12T03:04:05Z");
    assert!(
        told.contains("the oldest file is 10 days older than the newest"),
        "{told}"
    );
    let (created, _) = built(
        &place,
        &fetched(&["2025-01-02T03:04:05Z"]),
        Some("1700000000"),
    );
    assert_eq!(created, "2023-11-14T22:13:20Z");
    let (created, told) = built(
        &place,
        &fetched(&["2025-01-02T03:04:05Z", "9000-01-01T00:00:00Z"]),
        None,
    );
    assert_eq!(created, "2025-01-02T03:04:05Z");
    assert!(
        told.contains("warning: 1 files of `fetch.json` are dated after now"),
        "{told}"
    );
    let (created, _) = built(&place, &fetched(&[]), None);
    assert_eq!(created, "2024-05-01T00:00:00Z");
    for broken in ["{", r#"{"id":"GHSA-2","modified":"2025-01-01T00:00:00Z"}"#] {
        let (created, told) = built(&place, broken, None);
        assert_eq!(created, "2024-05-01T00:00:00Z");
        assert!(
            told.contains("warning: not read: `fetch.json`: not a fetch.json document")
                && told.contains("1 records"),
            "{told}"
        );
    }
}

/// Returns the commands of the workflow that are `toolkit`'s, as a script.
fn workflow() -> String {
    let text = fs_err::read_to_string(repository("docs/database.yml")).expect("the workflow");
    let mut script = "set -eu\n".to_owned();
    for line in text.lines() {
        let line = line.trim().trim_start_matches("- run: ");
        if line.starts_with("toolkit ") || line.contains("$(toolkit ") {
            script.push_str(line);
            script.push('\n');
        }
    }
    script
}

#[cfg(unix)]
#[test]
fn the_workflow_publishes_what_it_fetched() {
    let publisher = Publisher::new();
    let mirror = three();
    for ecosystem in [
        "PyPI",
        "Maven",
        "Go",
        "Packagist",
        "NuGet",
        "RubyGems",
        "crates.io",
        "Hex",
        "Pub",
        "SwiftURL",
        "GitHub%20Actions",
        "Bitnami",
        "Debian",
        "Ubuntu",
        "Red%20Hat",
        "AlmaLinux",
        "Rocky%20Linux",
        "SUSE",
        "openSUSE",
    ] {
        mirror.file(
            &osv(ecosystem),
            &zip([("GHSA-2.json", &record("GHSA-2")[..])]),
        );
    }
    mirror.file(ALPINE, br#"<a href="v3.20/">v3.20/</a>"#);
    mirror.file(
        &format!("{ALPINE}v3.20/main.json"),
        br#"{"distroversion":"v3.20","reponame":"main","urlprefix":"x","packages":[]}"#,
    );
    amazon(&mirror, &[]);
    let text = fs_err::read_to_string(repository("docs/database.yml")).expect("the workflow");
    let (_, feeds) = text.split_once("TOOLKIT_FEED: |-\n").expect("the feeds");
    let (feeds, _) = feeds.split_once("    steps:").expect("the steps");
    let feeds: Vec<_> = feeds.split_whitespace().collect();
    assert_eq!(feeds.len(), 24, "all but two of the table");

    let bin = publisher.path("bin");
    fs_err::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_toolkit"), bin.join("toolkit")).expect("a link");
    let script = workflow();
    assert_eq!(script.lines().count(), 7, "{script}");
    let reference = publisher.reference();
    let mut command = std::process::Command::new("/bin/sh");
    command
        .env_clear()
        .current_dir(publisher.path(""))
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("TOOLKIT_DATA", publisher.path("publisher"))
        .env("TOOLKIT_TRUSTED_ROOT", "root.json")
        .env("TOOLKIT_SIGNING_CONFIG", "config-v1.json")
        .env("SIGSTORE_ID_TOKEN", publisher.stage.lab.email_token(SIGNER))
        .env("TOOLKIT_MIRROR", mirror.url())
        .env("TOOLKIT_FEED", feeds.join("\n"))
        .env("DB", reference.trim_end_matches(":latest"))
        .env("TOOLKIT_DB_IDENTITY", publisher.identity())
        .args([
            "-c",
            &script
                .replace("fetch feeds", "fetch fetched")
                .replace("build feeds", "build fetched"),
        ]);
    let run = finish(&mut command);
    expect(&run, 0);
    assert_eq!(
        run.stdout.matches("fetched   ").count(),
        26,
        "{}",
        run.stdout
    );
    // Another machine takes it.
    let update = publisher.update("client", &[]);
    expect(&update, 0);
    assert_eq!(Some(digest(&update).as_str()), run.stdout.lines().last());
    expect(&publisher.scan("client", &[]), 0);
}

#[test]
fn the_workflow_has_no_right_that_it_does_not_need() {
    let text = fs_err::read_to_string(repository("docs/database.yml")).expect("the workflow");
    assert!(text.contains("\npermissions: {}\n") && text.contains("\nconcurrency:\n"));
    let rights: Vec<_> = text
        .lines()
        .filter(|line| line.contains(": write"))
        .map(|line| line.trim().split(':').next().unwrap_or_default())
        .collect();
    assert_eq!(rights, ["id-token", "packages"]);
    let mut actions = 0;
    for line in text.lines().filter(|line| line.contains("uses: ")) {
        let (_, pin) = line.split_once('@').expect("a pinned action");
        let (commit, version) = pin.split_once(" # v").expect("the version behind it");
        assert!(
            commit.len() == 40
                && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !version.is_empty(),
            "{line}"
        );
        actions += 1;
    }
    assert_eq!(actions, 1);
    // What others may choose reaches the shell by variables only.
    for line in text.lines() {
        let is_command = line.trim_start().starts_with("- run:") || line.contains("toolkit db");
        assert!(!(is_command && line.contains("${{")), "{line}");
    }
}
