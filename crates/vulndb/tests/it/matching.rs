//! Matching on small databases of records in the feeds' own form.

mod answers;
mod days;
mod silence;

use std::io::{Seek, Write};

use jiff::civil::{Date, date};
use sha2::Digest as _;
use toolkit_sbom::{Distro, Ecosystem, Inventory, Package, PackageId, Purl, SourcePackage};
use toolkit_vulndb::advisory::{Advisory, Class};
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::db::signals::Signals;
use toolkit_vulndb::db::vex::Statements;
use toolkit_vulndb::db::{Builder, Details, Index};
use toolkit_vulndb::feed::{epss, kev, openvex, osv};
use toolkit_vulndb::matching::{
    AsOf, Basis, Finding, Level, Matches, Options, RatingSource, Sources, Suppression, Uncovered,
    matches,
};
use toolkit_vulndb::severity::{CvssVersion, Severity};

const TODAY: Date = date(2025, 3, 1);

pub(crate) fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

pub(crate) fn run(records: &[&str], inventory: &Inventory) -> Matches {
    let read =
        |record: &&str| osv::parse(record.as_bytes()).unwrap_or_else(|e| panic!("{record}: {e}"));
    run_with(records.iter().map(read), inventory)
}

/// With records of any feed.
pub(crate) fn run_with(
    advisories: impl IntoIterator<Item = Advisory>,
    inventory: &Inventory,
) -> Matches {
    let mut builder = Builder::default();
    for advisory in advisories {
        builder.add(advisory);
    }
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let details = Details::open(file(&built.details)).expect("details");
    let sources = Sources {
        details: Some(&details),
        ..Sources::of(&index)
    };
    matches(&sources, inventory, &Options::on(TODAY)).expect("a sound database")
}

pub(crate) fn package(purl: &str, version: &str) -> Package {
    let purl = Purl::parse(purl).unwrap_or_else(|e| panic!("{purl}: {e}"));
    let name = purl.name().to_owned();
    Package::new(Ecosystem::Deb, &name, Some(version), purl)
}

pub(crate) fn with_source(mut package: Package, name: &str) -> Package {
    package.source = Some(SourcePackage {
        name: name.to_owned(),
        version: None,
    });
    package
}

pub(crate) fn image(id: &str, version: &str, packages: Vec<Package>) -> Inventory {
    let mut inventory = Inventory {
        packages,
        distro: Some(Distro {
            id: id.to_owned(),
            version_id: Some(version.to_owned()),
            ..Distro::default()
        }),
        ..Inventory::default()
    };
    inventory.normalize();
    inventory
}

pub(crate) fn languages(packages: Vec<Package>) -> Inventory {
    let mut inventory = Inventory {
        packages,
        ..Inventory::default()
    };
    inventory.normalize();
    inventory
}

#[test]
fn signals_and_the_date_of_the_fix_are_told() {
    let advisory = record(
        "ALSA-2024:1",
        r#""published":"2024-03-01T00:00:00Z","related":["CVE-2024-1","CVE-2024-2"]"#,
        "AlmaLinux:9",
        "bash",
        &fixed("5.1-9.el9"),
    );
    let flaw = record(
        "X-1",
        r#""published":"2024-01-01T00:00:00Z","aliases":["CVE-2024-1"]"#,
        "AlmaLinux:9",
        "bash",
        &fixed("5.1-9.el9"),
    );
    let mut builder = Builder::default();
    for record in [&advisory, &flaw] {
        builder.add(osv::parse(record.as_bytes()).expect("a record"));
    }
    let scores = |date: &str, probability: &str| {
        let text = format!(
            "#model_version:v1,score_date:{date}\ncve,epss,percentile\nCVE-2024-1,{probability},0.5\n"
        );
        epss::parse(text.as_bytes()).expect("scores")
    };
    // The newer table counts, whichever comes first.
    builder.add_scores(scores("2025-02-02", "0.25"));
    builder.add_scores(scores("2025-01-01", "0.75"));
    builder.add_exploited(
        kev::parse(br#"{"catalogVersion":"9","vulnerabilities":[{"cveID":"CVE-2024-2","dateAdded":"2024-04-01","knownRansomwareCampaignUse":"Known"}]}"#)
            .expect("a catalogue"),
    );
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let details = Details::open(file(&built.details)).expect("details");
    let signals = Signals::open(file(built.signals.as_ref().expect("signals"))).expect("a segment");
    let meta = signals.meta().expect("meta");
    assert_eq!(
        (meta.epss_date.as_deref(), meta.kev_version.as_deref()),
        (Some("2025-02-02"), Some("9"))
    );
    let inventory = image(
        "almalinux",
        "9.3",
        vec![package("pkg:rpm/almalinux/bash@5.1-1.el9", "5.1-1.el9")],
    );
    let sources = Sources {
        details: Some(&details),
        signals: Some(&signals),
        ..Sources::of(&index)
    };
    let found = matches(&sources, &inventory, &Options::on(TODAY)).expect("a sound database");
    let told: Vec<_> = found
        .findings
        .iter()
        .map(|one| {
            (
                one.id.as_str(),
                one.epss.map(|epss| epss.probability),
                one.exploited.map(|known| (known.added, known.ransomware)),
                one.fix.date,
            )
        })
        .collect();
    // 2024-03-01 is day 19,783: the advisory's, not the earlier one of the flaw's record.
    assert_eq!(
        told,
        [
            ("CVE-2024-1", Some(25_000), None, Some(19_783)),
            ("CVE-2024-2", None, Some((19_814, true)), Some(19_783)),
        ]
    );
    let digest: [u8; 32] = sha2::Sha256::digest(advisory.as_bytes()).into();
    assert_eq!(found.findings[1].records[0].digest, Some(digest));
    // Without the segments the finding is the same, and poorer.
    let poorer =
        matches(&Sources::of(&index), &inventory, &Options::on(TODAY)).expect("a sound database");
    assert_eq!(ids(&poorer), ids(&found));
    assert_eq!(
        (
            poorer.findings[0].epss,
            poorer.findings[0].records[0].digest
        ),
        (None, None)
    );
}

/// A record with one affected package and one range.
pub(crate) fn record(id: &str, more: &str, ecosystem: &str, name: &str, events: &str) -> String {
    let more = if more.is_empty() {
        String::new()
    } else {
        format!("{more},")
    };
    format!(
        r#"{{"id":"{id}","modified":"2024-05-01T00:00:00Z",{more}"affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{events}]}}]}}]}}"#
    )
}

pub(crate) fn fixed(version: &str) -> String {
    format!(r#"{{"introduced":"0"}},{{"fixed":"{version}"}}"#)
}

pub(crate) fn ids(found: &Matches) -> Vec<&str> {
    found.shown().map(|finding| finding.id.as_str()).collect()
}

pub(crate) fn only(found: &Matches) -> &Finding {
    match &found.findings[..] {
        [finding] => finding,
        other => panic!("{other:#?}"),
    }
}

#[test]
fn records_of_one_vulnerability_make_one_finding() {
    let ghsa = record(
        "GHSA-1",
        r#""aliases":["CVE-2024-1"],"database_specific":{"severity":"CRITICAL"}"#,
        "PyPI",
        "Django",
        &fixed("3.2.5"),
    );
    let pysec = record(
        "PYSEC-2024-1",
        r#""aliases":["CVE-2024-1","GHSA-1"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}]"#,
        "PyPI",
        "django",
        &fixed("3.2.4"),
    );
    let found = run(
        &[&ghsa, &pysec],
        &languages(vec![package("pkg:pypi/django@3.2", "3.2")]),
    );
    let finding = only(&found);
    assert_eq!(finding.id, "CVE-2024-1");
    let records: Vec<&str> = finding.records.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        records,
        ["PYSEC-2024-1", "GHSA-1"],
        "the ecosystem's own decides"
    );
    let rating = finding.rating.as_ref().expect("a rating");
    assert_eq!(
        (rating.severity, rating.source, rating.basis),
        (
            Severity::High,
            RatingSource::Deciding,
            Basis::Cvss {
                version: CvssVersion::V31,
                tenths: 75
            }
        )
    );
    assert_eq!(
        (
            finding.fix.state,
            finding.fix.version.as_deref(),
            finding.fix.conflict
        ),
        (FixState::Fixed, Some("3.2.4"), true)
    );
    assert!(finding.ids.contains("GHSA-1") && finding.ids.contains("PYSEC-2024-1"));
    // Both records end before this one.
    let later = run(
        &[&ghsa, &pysec],
        &languages(vec![package("pkg:pypi/django@3.2.5", "3.2.5")]),
    );
    assert_eq!(ids(&later), [""; 0]);
    // Only one holds here.
    let between = run(
        &[&ghsa, &pysec],
        &languages(vec![package("pkg:pypi/django@3.2.4", "3.2.4")]),
    );
    assert_eq!(only(&between).records.len(), 1);
}

#[test]
fn withdrawn_records_take_no_part() {
    let gone = record(
        "PYSEC-2024-1",
        r#""withdrawn":"2024-06-01T00:00:00Z""#,
        "PyPI",
        "x",
        &fixed("2"),
    );
    let found = run(&[&gone], &languages(vec![package("pkg:pypi/x@1", "1")]));
    assert_eq!(found.findings, []);
    assert_eq!(found.undetermined, []);
}

#[test]
fn an_advisory_of_a_distribution_is_one_finding_for_each_cve() {
    let alsa = record(
        "ALSA-2024:1",
        r#""summary":"Important: openssl security update","related":["CVE-2024-1","CVE-2024-2"]"#,
        "AlmaLinux:9",
        "openssl-libs",
        &fixed("1:3.0.7-25.el9"),
    );
    let other = record(
        "GHSA-9",
        r#""aliases":["CVE-2024-2"],"database_specific":{"severity":"LOW"}"#,
        "Go",
        "example.com/x",
        &fixed("1.0.0"),
    );
    let bug = record(
        "ALBA-2024:2",
        "",
        "AlmaLinux:9",
        "openssl-libs",
        &fixed("1:3.0.7-26.el9"),
    );
    let installed = package(
        "pkg:rpm/almalinux/openssl-libs@3.0.7-1.el9?epoch=1",
        "1:3.0.7-1.el9",
    );
    let found = run(
        &[&alsa, &other, &bug],
        &image("almalinux", "9.3", vec![installed]),
    );
    assert_eq!(ids(&found), ["ALBA-2024:2", "CVE-2024-1", "CVE-2024-2"]);
    let ratings: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            finding
                .rating
                .as_ref()
                .map(|one| (one.severity, one.source))
        })
        .collect();
    assert_eq!(
        ratings,
        [
            None,
            Some((Severity::High, RatingSource::Advisory)),
            Some((Severity::Low, RatingSource::Borrowed))
        ]
    );
    assert!(found.findings[1].advisories.contains("ALSA-2024:1"));
    assert!(!found.findings[1].ids.contains("ALSA-2024:1"));
    assert_eq!(found.coverage.parts[0].level, Level::FixedOnly);
}

#[test]
fn epochs_count_unless_the_record_writes_none() {
    let with = record("ALSA-1", "", "AlmaLinux:9", "bind", &fixed("32:9.11-3.el9"));
    let without = record("ALSA-2", "", "AlmaLinux:9", "perl", &fixed("5.32-9.el9"));
    for (name, version, expected, assumed) in [
        ("bind", "32:9.11-2.el9", true, false),
        ("bind", "32:9.11-3.el9", false, false),
        // An rpm without epoch has 0, which is before 32.
        ("bind", "9.99-1.el9", true, false),
        ("perl", "4:5.32-8.el9", true, true),
        ("perl", "4:5.32-9.el9", false, false),
        ("perl", "0:5.32-8.el9", true, false),
    ] {
        let purl = format!("pkg:rpm/almalinux/{name}@1");
        let found = run(
            &[&with, &without],
            &image("almalinux", "9.3", vec![package(&purl, version)]),
        );
        assert_eq!(
            found.findings.len(),
            usize::from(expected),
            "{name} {version}"
        );
        if expected {
            assert_eq!(
                only(&found).records[0].epoch_assumed,
                assumed,
                "{name} {version}"
            );
        }
    }
}

#[test]
fn debian_s_record_of_a_cve_wins_over_its_advisories() {
    let dsa = record(
        "DSA-1-1",
        r#""related":["CVE-2024-1","CVE-2024-2"]"#,
        "Debian:12",
        "openssl",
        &fixed("3.0.11-1~deb12u2"),
    );
    let first = record(
        "CVE-2024-1",
        "",
        "Debian:12",
        "openssl",
        &fixed("3.0.11-1~deb12u1"),
    );
    let installed = || {
        with_source(
            package(
                "pkg:deb/debian/libssl3@1?distro=debian-12",
                "3.0.11-1~deb12u1",
            ),
            "openssl",
        )
    };
    let found = run(&[&dsa, &first], &image("debian", "12", vec![installed()]));
    assert_eq!(ids(&found), ["CVE-2024-2"]);
    assert_eq!(
        found.findings[0].suppressed,
        Some(Suppression::Contradicted {
            by: "CVE-2024-1".to_owned()
        })
    );
    assert_eq!(
        found.findings[1].subject.source,
        Some(("openssl".to_owned(), Some("3.0.11-1~deb12u1".to_owned())))
    );
    // Both hold: one finding, with the CVE record's fix.
    let older = with_source(
        package("pkg:deb/debian/libssl3@1?distro=debian-12", "3.0.10-1"),
        "openssl",
    );
    let found = run(&[&dsa, &first], &image("debian", "12", vec![older]));
    assert_eq!(ids(&found), ["CVE-2024-1", "CVE-2024-2"]);
    assert_eq!(
        found.findings[0].fix.version.as_deref(),
        Some("3.0.11-1~deb12u1")
    );
    assert!(found.findings[0].advisories.contains("DSA-1-1"));
}

#[test]
fn unimportant_is_kept_and_not_shown() {
    let text = r#"{"id":"CVE-2024-1","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"zlib"},
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"ecosystem_specific":{"urgency":"unimportant"}}]}"#;
    let found = run(
        &[text],
        &image("debian", "12", vec![package("pkg:deb/debian/zlib@1", "1")]),
    );
    let finding = only(&found);
    assert_eq!(
        (
            finding.severity(),
            finding.suppressed.as_ref(),
            finding.fix.state
        ),
        (
            Severity::Negligible,
            Some(&Suppression::Unimportant),
            FixState::NotFixed
        )
    );
    assert_eq!(ids(&found), [""; 0]);
}
