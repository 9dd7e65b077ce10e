//! Explanations on small databases: each reason for which a vulnerability is not found, and that they agree with what is found.

use jiff::civil::date;
use toolkit_sbom::{Distro, Ecosystem, Inventory, Package, Purl};
use toolkit_vulndb::db::{Builder, Details, Index};
use toolkit_vulndb::feed::osv;
use toolkit_vulndb::matching::{
    Answer, Options, Outcome, Reason, Role, Selector, Sources, Void, Why, matches, why,
};

use crate::matching::file;

const RECORDS: [&str; 8] = [
    r#"{"id":"GHSA-1","aliases":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.2.0"},{"introduced":"2.0.0"},{"fixed":"2.1.0"}]}]}]}"#,
    r#"{"id":"GHSA-2","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"GHSA-3","published":"2024-06-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"GHSA-4","affected":[{"package":{"ecosystem":"npm","name":"x"},"versions":["0.9.0","0.8.0"]}]}"#,
    r#"{"id":"GHSA-5","affected":[{"package":{"ecosystem":"npm","name":"y"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    r#"{"id":"ALSA-1","summary":"Important: nodejs:18 security update","related":["CVE-2024-6"],"affected":[{"package":{"ecosystem":"AlmaLinux:8","name":"nodejs"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:18.20.2-1.module_el8.9.0+3"}]}]}]}"#,
    r#"{"id":"CVE-2024-7","affected":[{"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"ecosystem_specific":{"urgency":"unimportant"}}]}"#,
    r#"{"id":"DEBIAN-CVE-2024-8","upstream":["CVE-2024-8"],"affected":[{"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}]}]}"#,
];

fn package(purl: &str, version: &str) -> Package {
    let purl = Purl::parse(purl).expect("a package URL");
    let name = purl.name().to_owned();
    Package::new(
        Ecosystem::of_purl_type(purl.ty()),
        &name,
        Some(version),
        purl,
    )
}

fn ask(
    packages: Vec<Package>,
    as_of: Option<jiff::civil::Date>,
    id: &str,
    of: Option<&str>,
) -> Why {
    let mut builder = Builder::default();
    for record in RECORDS {
        builder.add(osv::parse(record.as_bytes()).expect("a record"));
    }
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let details = Details::open(file(&built.details)).expect("details");
    let sources = Sources {
        details: Some(&details),
        ..Sources::of(&index)
    };
    let inventory = Inventory {
        packages,
        distro: Some(Distro {
            id: "debian".to_owned(),
            version_id: Some("12".to_owned()),
            ..Distro::default()
        }),
        ..Inventory::default()
    };
    let options = Options {
        today: date(2025, 3, 1),
        as_of,
    };
    let found = matches(&sources, &inventory, &options).expect("a sound database");
    let selector = of.map(|text| Selector::parse(text).expect("a selector"));
    why(
        &sources,
        &inventory,
        &options,
        &found,
        id,
        selector.as_ref(),
    )
    .expect("a sound database")
}

fn x(version: &str) -> Vec<Package> {
    vec![package(&format!("pkg:npm/x@{version}"), version)]
}

#[test]
fn every_reason_is_worded() {
    let node = || {
        let mut node = package(
            "pkg:rpm/almalinux/nodejs@16?distro=almalinux-8.9",
            "1:16.1-1.el8",
        );
        node.architecture = Some("x86_64".to_owned());
        vec![node]
    };
    let zlib = || vec![package("pkg:deb/debian/zlib@1?distro=debian-12", "1.2-1")];
    let day = Some(date(2024, 5, 1));
    for (name, packages, as_of, id, of, words) in [
        (
            "a match by an alias",
            x("1.1.0"),
            None,
            "CVE-2024-1",
            None,
            "found as CVE-2024-1",
        ),
        (
            "fixed",
            x("1.2.0"),
            None,
            "CVE-2024-1",
            None,
            "not found: GHSA-1: not in range: fixed in 1.2.0, installed 1.2.0",
        ),
        (
            "fixed in the later range",
            x("3.0.0"),
            None,
            "GHSA-1",
            None,
            "not found: GHSA-1: not in range: fixed in 2.1.0, installed 3.0.0",
        ),
        (
            "not yet affected",
            x("0.1.0"),
            None,
            "GHSA-1",
            None,
            "not found: GHSA-1: not in range: 0.1.0 is before 2.0.0, the first affected version",
        ),
        ("no order", x("what"), None, "GHSA-1", None, "not decided: "),
        (
            "withdrawn",
            x("1.1.0"),
            None,
            "GHSA-2",
            None,
            "not found: GHSA-2: its feed took it back",
        ),
        (
            "later than asked",
            x("1.1.0"),
            day,
            "GHSA-3",
            None,
            "not found: GHSA-3: it was published after the day that is asked about",
        ),
        (
            "not listed",
            x("1.1.0"),
            None,
            "GHSA-4",
            None,
            "not found: GHSA-4: 1.1.0 is none of its listed versions",
        ),
        (
            "another package",
            x("1.1.0"),
            None,
            "GHSA-5",
            Some("pkg:npm/x"),
            "not found: no record of it names this package",
        ),
        (
            "a module",
            node(),
            None,
            "CVE-2024-6",
            None,
            "not found: ALSA-1: it is about another module stream, or only one of the two is of a module",
        ),
        (
            "unimportant",
            zlib(),
            None,
            "CVE-2024-7",
            None,
            "found as CVE-2024-7, and suppressed: unimportant",
        ),
        (
            "denied",
            zlib(),
            None,
            "CVE-2024-8",
            None,
            "not found: DEBIAN-CVE-2024-8: it says that the package is not affected",
        ),
        (
            "not asked",
            vec![package("pkg:generic/x@1", "1")],
            None,
            "GHSA-1",
            Some("pkg:generic/x"),
            "not asked about, which is no all-clear: type generic",
        ),
    ] {
        let why = ask(packages, as_of, id, of);
        let [about] = &why.packages[..] else {
            panic!("{name}: {why:#?}")
        };
        assert!(
            about.words().starts_with(words),
            "{name}: {} instead of {words}",
            about.words()
        );
        assert_eq!(why.is_match(), words.starts_with("found"), "{name}");
    }
}

#[test]
fn the_steps_show_record_range_and_comparisons() {
    let why = ask(x("1.1.0"), None, "CVE-2024-1", None);
    assert_eq!(
        why.ids.iter().map(String::as_str).collect::<Vec<_>>(),
        ["CVE-2024-1", "GHSA-1"]
    );
    let about = &why.packages[0];
    assert_eq!(
        about.answer,
        Answer::Match {
            id: "CVE-2024-1".to_owned()
        }
    );
    let [step] = &about.steps[..] else {
        panic!("{about:#?}")
    };
    let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(RECORDS[0].as_bytes()).into();
    assert_eq!(
        (step.record.id.as_str(), step.record.digest),
        ("GHSA-1", Some(digest))
    );
    assert_eq!(
        step.intervals,
        [
            (
                Some("1.0.0".to_owned()),
                Some((Role::Fixed, "1.2.0".to_owned()))
            ),
            (
                Some("2.0.0".to_owned()),
                Some((Role::Fixed, "2.1.0".to_owned()))
            ),
        ]
    );
    let compared: Vec<String> = step.compared.iter().map(ToString::to_string).collect();
    assert_eq!(
        compared,
        [
            "after 1.0.0, the first affected version",
            "before 1.2.0, the first fixed version"
        ]
    );
    assert_eq!(
        step.words(Some("1.1.0")),
        "it holds: fixed in 1.2.0, installed 1.1.0"
    );
    // A withdrawn record beside it is a step of its own when it is asked about.
    let gone = ask(x("1.1.0"), None, "GHSA-2", None);
    assert_eq!(
        gone.packages[0].steps[0].outcome,
        Outcome::Void(Void::Withdrawn)
    );
    assert_eq!(gone.packages[0].answer, Answer::No(Reason::Step(0)));
}

#[test]
fn what_is_not_there_is_said() {
    let unknown = ask(x("1.1.0"), None, "CVE-1999-1", None);
    assert!(unknown.records.is_empty() && unknown.packages.is_empty());
    let elsewhere = ask(x("1.1.0"), None, "GHSA-5", None);
    assert!(elsewhere.packages.is_empty() && elsewhere.records.len() == 1);
    let names: Vec<String> = elsewhere
        .names
        .iter()
        .map(|(ecosystem, name)| format!("{ecosystem} {name}"))
        .collect();
    assert_eq!(names, ["npm y"]);
    let not_installed = ask(x("1.1.0"), None, "GHSA-1", Some("pkg:npm/z"));
    assert!(not_installed.packages.is_empty());
}
