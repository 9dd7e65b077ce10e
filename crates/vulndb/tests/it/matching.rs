//! Matching on small databases of records in the feeds' own form.

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
    AsOf, Basis, Finding, Level, Matches, Options, RatingSource, Sources, Suppression, matches,
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

#[test]
fn a_version_without_order_is_no_all_clear() {
    let bounded = record("GHSA-1", "", "npm", "x", &fixed("1.0.0"));
    let all = record("MAL-1", "", "npm", "x", r#"{"introduced":"0"}"#);
    let listed = r#"{"id":"GHSA-2","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"},"versions":["not a version"]}]}"#;
    let found = run(
        &[&bounded, &all, listed],
        &languages(vec![package("pkg:npm/x@1", "not a version")]),
    );
    assert_eq!(ids(&found), ["GHSA-2", "MAL-1"]);
    assert_eq!(found.findings[1].class, Class::Malicious);
    assert!(
        found.findings[1].reaches(Severity::Critical),
        "malicious at every threshold"
    );
    assert!(
        !found.findings[0].reaches(Severity::Negligible),
        "unknown at none"
    );
    let open: Vec<&str> = found
        .undetermined
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(open, ["GHSA-1"]);
}

#[test]
fn modules_compare_within_their_stream() {
    let advisory = record(
        "ALSA-1",
        r#""summary":"Important: nodejs:18 security update""#,
        "AlmaLinux:8",
        "nodejs",
        &fixed("1:18.20.2-1.module_el8.9.0+3"),
    );
    for (version, label, hit, open) in [
        (
            "1:18.1.0-1.module_el8.6.0+1",
            Some("nodejs:18:8060:1"),
            true,
            false,
        ),
        (
            "1:16.1.0-1.module_el8.6.0+1",
            Some("nodejs:16:8060:1"),
            false,
            false,
        ),
        ("1:16.1.0-1.module_el8.6.0+1", None, false, true),
        ("1:16.1.0-1.el8", None, false, false),
    ] {
        let mut installed = package("pkg:rpm/almalinux/nodejs@1", version);
        installed.modularity_label = label.map(str::to_owned);
        let found = run(&[&advisory], &image("almalinux", "8.9", vec![installed]));
        assert_eq!(
            (found.findings.len() == 1, found.undetermined.len() == 1),
            (hit, open),
            "{version} {label:?}"
        );
    }
}

#[test]
fn not_affected_silences_the_distribution_s_other_records() {
    let text = r#"{"id":"ALPINE-CVE-2024-1","upstream":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"Alpine:v3.20","name":"zlib"},
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}]}]}"#;
    let other = record(
        "X-1",
        r#""aliases":["CVE-2024-1"]"#,
        "Alpine:v3.20",
        "zlib",
        &fixed("9"),
    );
    let open = record(
        "X-2",
        r#""aliases":["CVE-2024-2"]"#,
        "Alpine:v3.20",
        "zlib",
        &fixed("9"),
    );
    let found = run(
        &[text, &other, &open],
        &image(
            "alpine",
            "3.20.3",
            vec![package("pkg:apk/alpine/zlib@1", "1.3.1-r0")],
        ),
    );
    assert_eq!(ids(&found), ["CVE-2024-2"]);
}

#[test]
fn the_distribution_decides_about_language_packages_that_it_owns() {
    let ghsa = |number: u8| {
        record(
            &format!("GHSA-{number}"),
            &format!(r#""aliases":["CVE-2024-{number}"]"#),
            "PyPI",
            "jinja2",
            &fixed("99"),
        )
    };
    let debian = |number: u8, events: &str| {
        record(
            &format!("DEBIAN-CVE-2024-{number}"),
            &format!(r#""upstream":["CVE-2024-{number}"]"#),
            "Debian:12",
            "jinja2",
            events,
        )
    };
    let records = [
        ghsa(1),
        ghsa(2),
        ghsa(3),
        ghsa(4),
        debian(1, &fixed("3.1.2-1+deb12u1")),
        debian(2, &fixed("0")),
        debian(3, &fixed("3.1.2-9")),
    ];
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let system = with_source(
        package(
            "pkg:deb/debian/python3-jinja2@3.1.2-1%2Bdeb12u1?distro=debian-12",
            "3.1.2-1+deb12u1",
        ),
        "jinja2",
    );
    let mut owned = package("pkg:pypi/jinja2@3.1.2", "3.1.2");
    owned.owner = Some(PackageId::of(&system.purl));
    let found = run(
        &records,
        &image("debian", "12", vec![system.clone(), owned]),
    );
    let told: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            (
                finding.subject.name.as_str(),
                finding.id.as_str(),
                finding.suppressed.as_ref().map(Suppression::name),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("python3-jinja2", "CVE-2024-3", None),
            ("jinja2", "CVE-2024-1", Some("fixed-by-distro")),
            ("jinja2", "CVE-2024-2", Some("not-affected-by-distro")),
            ("jinja2", "CVE-2024-3", Some("reported-by-distro")),
            ("jinja2", "CVE-2024-4", None),
        ]
    );
    // The same version from pip is the user's own: nobody has patched it.
    let pip = package("pkg:pypi/jinja2@3.1.2", "3.1.2");
    let found = run(&records, &image("debian", "12", vec![system, pip]));
    assert_eq!(
        found
            .shown()
            .filter(|one| one.subject.name == "jinja2")
            .count(),
        4
    );
}

#[test]
fn a_distribution_s_vex_answers_for_its_own_package_in_this_release_alone() {
    let ghsa = |number: u8| {
        record(
            &format!("GHSA-{number}"),
            &format!(r#""aliases":["CVE-2024-{number}"]"#),
            "PyPI",
            "jinja2",
            &fixed("99"),
        )
    };
    let document = |author: &str, statements: &str| {
        let text = format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","@id":"vex-of-{author}","author":"{author}","timestamp":"2024-01-01T00:00:00Z","statements":[{statements}]}}"#
        );
        openvex::parse(text.as_bytes()).expect("a document")
    };
    let states = |cve: u8, product: &str, status: &str, time: &str| {
        format!(
            r#"{{"vulnerability":{{"name":"CVE-2024-{cve}"}},"timestamp":"{time}","products":[{product}],"status":"{status}","justification":"vulnerable_code_not_present"}}"#
        )
    };
    const OLD: &str = "2024-01-01T00:00:00Z";
    const NEW: &str = "2024-02-01T00:00:00Z";
    let own = r#""pkg:deb/ubuntu/jinja2@3.0.3-1?arch=source&distro=jammy""#;
    let statements = [
        // 1: of this version and release. 2: of another version. 3: of another release. 4: of somebody's image. 5: taken back later. 6: by release alone.
        states(1, own, "not_affected", OLD),
        states(
            2,
            r#""pkg:deb/ubuntu/jinja2@3.0.3-2?distro=jammy""#,
            "not_affected",
            OLD,
        ),
        states(
            3,
            r#""pkg:deb/ubuntu/jinja2@3.0.3-1?distro=focal""#,
            "not_affected",
            OLD,
        ),
        states(
            4,
            r#"{"@id":"pkg:oci/x","subcomponents":["pkg:deb/ubuntu/jinja2@3.0.3-1"]}"#,
            "not_affected",
            OLD,
        ),
        states(5, own, "not_affected", OLD),
        states(5, own, "affected", NEW),
        states(
            6,
            r#""pkg:deb/ubuntu/jinja2?distro=jammy""#,
            "not_affected",
            OLD,
        ),
        states(7, r#""pkg:deb/ubuntu/jinja2""#, "not_affected", OLD),
    ];
    let mut builder = Builder::default();
    for number in 1..=8 {
        builder.add(osv::parse(ghsa(number).as_bytes()).expect("a record"));
    }
    let of_release = record("USN-1", "", "Ubuntu:22.04", "other", &fixed("1"));
    builder.add(osv::parse(of_release.as_bytes()).expect("a record"));
    builder.add_statements(document("Canonical Ltd.", &statements.join(",")));
    // Somebody else speaks of the same package.
    builder.add_statements(document("Somebody", &states(8, own, "not_affected", OLD)));
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let stated = Statements::open(file(built.vex.as_ref().expect("VEX"))).expect("a segment");
    let system = with_source(
        package(
            "pkg:deb/ubuntu/python3-jinja2@3.0.3-1?distro=ubuntu-22.04",
            "3.0.3-1",
        ),
        "jinja2",
    );
    let mut owned = package("pkg:pypi/jinja2@3.0.3", "3.0.3");
    owned.owner = Some(PackageId::of(&system.purl));
    let inventory = image("ubuntu", "22.04", vec![system, owned]);
    let suppressed = |statements| {
        let sources = Sources {
            statements,
            ..Sources::of(&index)
        };
        let found = matches(&sources, &inventory, &Options::on(TODAY)).expect("a sound database");
        assert_eq!(found.findings.len(), 8);
        let all = found.findings.into_iter();
        all.filter_map(|one| Some((one.id, one.suppressed?)))
            .collect::<Vec<_>>()
    };
    let by = || Suppression::NotAffectedByDistro {
        by: "vex-of-Canonical Ltd.".to_owned(),
    };
    assert_eq!(
        suppressed(Some(&stated)),
        [
            ("CVE-2024-1".to_owned(), by()),
            ("CVE-2024-6".to_owned(), by())
        ]
    );
    assert_eq!(suppressed(None), []);
}

#[test]
fn a_source_that_nobody_names_is_not_guessed() {
    let one = record("CVE-2024-1", "", "Debian:12", "openssl", &fixed("3.0.12-1"));
    let openssl = || {
        package(
            "pkg:deb/debian/openssl@3.0.11-1?distro=debian-12",
            "3.0.11-1",
        )
    };
    let library = || {
        package(
            "pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12",
            "3.0.11-1",
        )
    };
    let found = run(&[&one], &languages(vec![openssl(), library()]));
    // The name is a source's: asked. The other may be a binary's: not known to be clean.
    assert_eq!(ids(&found), ["CVE-2024-1"]);
    let told = |found: &Matches| {
        let parts = found.coverage.parts.iter();
        parts
            .map(|part| (part.name.clone(), part.packages))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&found),
        [
            ("Debian:12".to_owned(), 1),
            ("source package not named".to_owned(), 1)
        ]
    );
    // Where sources are named, the absent one is the package's own name.
    let named = with_source(
        package("pkg:deb/debian/libc6@1?distro=debian-12", "1"),
        "glibc",
    );
    let found = run(&[&one], &languages(vec![openssl(), library(), named]));
    assert_eq!(told(&found), [("Debian:12".to_owned(), 3)]);
    assert_eq!(ids(&found), ["CVE-2024-1"]);
}

#[test]
fn of_an_earlier_day_later_records_are_left_out() {
    let dated = |number: u8, published: &str| {
        record(
            &format!("GHSA-{number}"),
            published,
            "npm",
            "x",
            &fixed("2.0.0"),
        )
    };
    let records = [
        dated(1, r#""published":"2024-03-01T10:00:00Z""#),
        dated(2, r#""published":"2024-03-02T00:00:00Z""#),
        dated(3, ""),
    ];
    let mut builder = Builder::default();
    for record in &records {
        builder.add(osv::parse(record.as_bytes()).expect("a record"));
    }
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let inventory = languages(vec![package("pkg:npm/x@1.0.0", "1.0.0")]);
    let at = |as_of| {
        let options = Options {
            today: TODAY,
            as_of,
        };
        matches(&Sources::of(&index), &inventory, &options).expect("a sound database")
    };
    assert_eq!(ids(&at(None)), ["GHSA-1", "GHSA-2", "GHSA-3"]);
    let day = date(2024, 3, 1);
    let found = at(Some(day));
    assert_eq!(ids(&found), ["GHSA-1", "GHSA-3"]);
    assert_eq!(
        found.as_of,
        Some(AsOf {
            date: day,
            later: 1,
            undated: 1
        })
    );
}

#[test]
fn the_end_of_a_release_is_told_by_the_day_that_is_spoken_of() {
    let one = record("CVE-2024-1", "", "Debian:10", "zlib", &fixed("2"));
    let mut builder = Builder::default();
    builder.add(osv::parse(one.as_bytes()).expect("a record"));
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let inventory = image("debian", "10", vec![package("pkg:deb/debian/zlib@1", "1")]);
    for (today, as_of, expected) in [
        (date(2024, 6, 30), None, None),
        (date(2024, 7, 1), None, Some(date(2024, 6, 30))),
        (TODAY, Some(date(2024, 1, 1)), None),
    ] {
        let found = matches(&Sources::of(&index), &inventory, &Options { today, as_of })
            .expect("a sound database");
        let end = found.coverage.parts[0].end_of_life;
        assert_eq!(end.map(|end| end.ends), expected, "{today} {as_of:?}");
        if let Some(end) = end {
            assert!(end.source.starts_with("https://") && end.checked > date(2026, 1, 1));
        }
    }
}

#[test]
fn coverage_tells_what_was_not_asked() {
    let one = record("GHSA-1", "", "npm", "x", &fixed("1.0.0"));
    let found = run(
        &[&one],
        &image(
            "arch",
            "1",
            vec![
                package("pkg:npm/x@2.0.0", "2.0.0"),
                package("pkg:pypi/y@1", "1"),
                package("pkg:deb/debian/z@1?distro=debian-12", "1"),
                package("pkg:rpm/fedora/z@1", "1"),
                package("pkg:generic/z@1", "1"),
            ],
        ),
    );
    let told: Vec<_> = found
        .coverage
        .parts
        .iter()
        .map(|part| (part.name.as_str(), part.level, part.packages))
        .collect();
    assert_eq!(
        told,
        [
            ("npm", Level::Full, 1),
            ("distribution arch 1", Level::None, 1),
            ("type generic", Level::None, 1),
            ("Debian:12", Level::None, 1),
            ("PyPI", Level::None, 1),
        ]
    );
    assert_eq!(
        (found.coverage.covered(), found.coverage.uncovered()),
        (1, 4)
    );
    // 2024-05-01 is day 19,844.
    assert_eq!(found.coverage.parts[0].newest, Some(19_844));
}

#[test]
fn fixes_to_subscribe_to_do_not_count() {
    let eus = record(
        "RHSA-2024:1",
        r#""related":["CVE-2024-1","CVE-2024-2"]"#,
        "Red Hat:rhel_eus:9.2::baseos",
        "bash",
        &fixed("5.1-7.el9_2"),
    );
    let base = record(
        "RHSA-2024:2",
        r#""related":["CVE-2024-1"]"#,
        "Red Hat:enterprise_linux:9::baseos",
        "bash",
        &fixed("5.1-9.el9_4"),
    );
    let other = record(
        "RHSA-2024:3",
        r#""related":["CVE-2024-3"]"#,
        "Red Hat:openshift:4.12::el9",
        "bash",
        &fixed("9"),
    );
    let all = [eus.as_str(), &base, &other];
    let found = run(
        &all,
        &image(
            "rhel",
            "9.2",
            vec![package("pkg:rpm/redhat/bash@5.1-6.el9", "5.1-6.el9")],
        ),
    );
    let told: Vec<_> = found
        .findings
        .iter()
        .map(|one| {
            (
                one.id.as_str(),
                one.fix.version.as_deref(),
                one.fix.state,
                one.fix.needs_subscription,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("CVE-2024-1", Some("5.1-9.el9_4"), FixState::Fixed, false),
            ("CVE-2024-2", None, FixState::NotFixed, true),
        ]
    );
    // With the subscription's fix installed the base's is not needed.
    let found = run(
        &all,
        &image(
            "rhel",
            "9.2",
            vec![package("pkg:rpm/redhat/bash@5.1-7.el9_2", "5.1-7.el9_2")],
        ),
    );
    assert_eq!(ids(&found), [""; 0]);
}
