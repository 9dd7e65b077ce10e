//! The rules of findings one by one, each on the smallest database that shows it: what an advisory stands for, which word counts, what silences what.

mod owned;

use toolkit_sbom::{Package, PackageId};
use toolkit_vulndb::advisory::Advisory;
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::ecosystem::Family;
use toolkit_vulndb::feed::{osv, secdb, ubuntu, updateinfo, wolfi};
use toolkit_vulndb::matching::{Basis, Level, Matches, RatingSource, Suppression};
use toolkit_vulndb::severity::{CvssVersion, Severity};

use crate::matching::{
    fixed, ids, image, languages, only, package, record, run, run_with, with_source,
};

fn of_osv(text: &str) -> Advisory {
    osv::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Ubuntu's word on `zlib`, by pocket.
fn of_ubuntu(id: &str, more: &str, pockets: &[(&str, &str, &str)]) -> Advisory {
    let packages: Vec<String> = pockets
        .iter()
        .map(|(pocket, status, note)| {
            format!(r#""{pocket}":{{"zlib":{{"status":"{status}","note":"{note}"}}}}"#)
        })
        .collect();
    let text = format!(
        r#"{{"candidate":"{id}"{more},"packages":{{{}}}}}"#,
        packages.join(",")
    );
    ubuntu::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn of_secdb(branch: &str, package: &str, fixes: &str) -> Vec<Advisory> {
    let text = format!(
        r#"{{"distroversion":"{branch}","reponame":"main","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","packages":[{{"pkg":{{"name":"{package}","secfixes":{{{fixes}}}}}}}]}}"#
    );
    let mut collector = secdb::Collector::default();
    collector.add(secdb::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")));
    collector.finish().collect()
}

fn on_jammy(version: &str) -> toolkit_sbom::Inventory {
    image(
        "ubuntu",
        "22.04",
        vec![package(
            "pkg:deb/ubuntu/zlib@1?distro=ubuntu-22.04",
            version,
        )],
    )
}

fn suppressed(found: &Matches) -> Vec<(&str, Option<&'static str>)> {
    let each = found.findings.iter();
    each.map(|one| {
        (
            one.id.as_str(),
            one.suppressed.as_ref().map(Suppression::name),
        )
    })
    .collect()
}

#[test]
fn advisories_of_every_distribution_stand_for_their_cves() {
    let amazon = br#"<updates><update type="security"><id>ALAS2-2024-1</id><title>t</title><severity>medium</severity>
        <references><reference id="CVE-2024-1" type="cve"/><reference id="CVE-2024-2" type="cve"/></references>
        <pkglist><collection short="amazon-linux-2"><package arch="x86_64" epoch="0" name="x" version="2" release="1.amzn2"/></collection></pkglist></update></updates>"#;
    let both = r#"["CVE-2024-1","CVE-2024-2"]"#;
    for (id, field, ecosystem, distro, purl, fix) in [
        (
            "RHSA-2024:1",
            "related",
            "Red Hat:enterprise_linux:9::baseos",
            ("rhel", "9.2"),
            "pkg:rpm/redhat/x@1",
            "2-1.el9",
        ),
        (
            "ALSA-2024:1",
            "related",
            "AlmaLinux:9",
            ("almalinux", "9.2"),
            "pkg:rpm/almalinux/x@1",
            "2-1.el9",
        ),
        (
            "RLSA-2024:1",
            "related",
            "Rocky Linux:9",
            ("rocky", "9.2"),
            "pkg:rpm/rocky/x@1",
            "2-1.el9",
        ),
        (
            "SUSE-SU-2024:1-1",
            "related",
            "SUSE:Linux Enterprise Server 15 SP5",
            ("sles", "15.5"),
            "pkg:rpm/suse/x@1",
            "2-1",
        ),
        (
            "openSUSE-SU-2024:1-1",
            "upstream",
            "openSUSE:Leap 15.6",
            ("opensuse-leap", "15.6"),
            "pkg:rpm/opensuse/x@1",
            "2-1",
        ),
        (
            "USN-1-1",
            "upstream",
            "Ubuntu:22.04:LTS",
            ("ubuntu", "22.04"),
            "pkg:deb/ubuntu/x@1",
            "2",
        ),
        (
            "DSA-1-1",
            "upstream",
            "Debian:12",
            ("debian", "12"),
            "pkg:deb/debian/x@1",
            "2",
        ),
        (
            "DLA-1-1",
            "aliases",
            "Debian:11",
            ("debian", "11"),
            "pkg:deb/debian/x@1",
            "2",
        ),
        (
            "ALAS2-2024-1",
            "",
            "",
            ("amzn", "2"),
            "pkg:rpm/amzn/x@1?arch=x86_64",
            "",
        ),
    ] {
        let advisories = if ecosystem.is_empty() {
            updateinfo::parse(amazon).expect("a document")
        } else {
            let more = format!(r#""{field}":{both}"#);
            vec![of_osv(&record(id, &more, ecosystem, "x", &fixed(fix)))]
        };
        let found = run_with(
            advisories,
            &image(distro.0, distro.1, vec![package(purl, "1-1")]),
        );
        assert_eq!(ids(&found), ["CVE-2024-1", "CVE-2024-2"], "{id}");
        for finding in &found.findings {
            assert!(finding.advisories.contains(id), "{id}: {finding:?}");
            assert!(!finding.ids.contains(id), "{id} is not the CVE");
        }
        // Without a CVE it stands for itself.
        if !ecosystem.is_empty() {
            let bare = of_osv(&record(id, "", ecosystem, "x", &fixed(fix)));
            let found = run_with(
                [bare],
                &image(distro.0, distro.1, vec![package(purl, "1-1")]),
            );
            assert_eq!(ids(&found), [id]);
        }
    }
}

#[test]
fn each_package_has_its_own_finding_and_its_own_cluster() {
    let shared = r#"{"id":"GHSA-1","aliases":["PYSEC-1","PYSEC-2"],"modified":"2024-05-01T00:00:00Z","affected":[
        {"package":{"ecosystem":"PyPI","name":"one"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},
        {"package":{"ecosystem":"PyPI","name":"two"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#;
    let one = record("PYSEC-1", "", "PyPI", "one", &fixed("2"));
    let two = record("PYSEC-2", "", "PyPI", "two", &fixed("2"));
    let found = run(
        &[shared, &one, &two],
        &languages(vec![
            package("pkg:pypi/one@1", "1"),
            package("pkg:pypi/two@1", "1"),
        ]),
    );
    let told: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            let records = finding.records.iter().map(|one| one.id.as_str());
            (finding.subject.name.as_str(), records.collect::<Vec<_>>())
        })
        .collect();
    // A record that names several of another feed joins, for a package, with the one about it.
    assert_eq!(
        told,
        [
            ("one", vec!["PYSEC-1", "GHSA-1"]),
            ("two", vec!["PYSEC-2", "GHSA-1"])
        ]
    );
    // Two binaries of one source are two packages.
    let debian = record("CVE-2024-1", "", "Debian:12", "openssl", &fixed("2"));
    let binary = |purl: &str| with_source(package(purl, "1"), "openssl");
    let found = run(
        &[&debian],
        &image(
            "debian",
            "12",
            vec![
                binary("pkg:deb/debian/libssl3@1"),
                binary("pkg:deb/debian/openssl@1"),
            ],
        ),
    );
    assert_eq!(ids(&found), ["CVE-2024-1", "CVE-2024-1"]);
    // `related` joins nothing.
    let near = record(
        "GHSA-2",
        r#""related":["PYSEC-1"]"#,
        "PyPI",
        "one",
        &fixed("2"),
    );
    let found = run(
        &[&near, &one],
        &languages(vec![package("pkg:pypi/one@1", "1")]),
    );
    assert_eq!(ids(&found), ["GHSA-2", "PYSEC-1"]);
}

#[test]
fn the_shown_id_is_the_cve_where_there_is_one() {
    for (aliases, shown) in [
        (r#"[]"#, "GHSA-1"),
        (r#"["CVE-2024-1"]"#, "CVE-2024-1"),
        (r#"["CVE-2024-1","CVE-2024-2"]"#, "GHSA-1"),
    ] {
        let one = record(
            "GHSA-1",
            &format!(r#""aliases":{aliases}"#),
            "npm",
            "x",
            &fixed("2.0.0"),
        );
        let found = run(
            &[&one],
            &languages(vec![package("pkg:npm/x@1.0.0", "1.0.0")]),
        );
        assert_eq!(only(&found).id, shown);
    }
}

#[test]
fn secdb_wins_over_the_alpine_rows_of_debian_s_export() {
    let export = of_osv(
        r#"{"id":"CVE-2024-1","modified":"2024-05-01T00:00:00Z","affected":[
        {"package":{"ecosystem":"Alpine:v3.19","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9-r0"}]}]},
        {"package":{"ecosystem":"Alpine:v3.20","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9-r0"}]}]},
        {"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#,
    );
    let on = |release: &str| {
        image(
            "alpine",
            release,
            vec![package("pkg:apk/alpine/zlib@1", "1.3-r1")],
        )
    };
    let own = of_secdb("v3.20", "zlib", r#""1.3-r1":["CVE-2024-1"]"#);
    let all = || [vec![export.clone()], own.clone()].concat();
    assert_eq!(
        ids(&run_with(all(), &on("3.20.3"))),
        [""; 0],
        "the fix is installed"
    );
    // Of a branch without secdb the export is all there is.
    assert_eq!(ids(&run_with(all(), &on("3.19.1"))), ["CVE-2024-1"]);
    assert_eq!(
        ids(&run_with([export.clone()], &on("3.20.3"))),
        ["CVE-2024-1"]
    );
}

#[test]
fn a_fix_that_is_no_version_leaves_the_question_open() {
    let on = |version: &str| {
        image(
            "alpine",
            "3.20.3",
            vec![package("pkg:apk/alpine/irssi@1", version)],
        )
    };
    let own = || of_secdb("v3.20", "irssi", r#""0.8.21.r2":["CVE-2017-10965"]"#);
    let found = run_with(own(), &on("0.8.21-r1"));
    assert_eq!(
        (found.findings.len(), found.undetermined[0].id.as_str()),
        (0, "CVE-2017-10965")
    );
}

#[test]
fn words_of_every_feed_count_before_scores() {
    const VECTOR: &str =
        r#""severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]"#;
    let npm = |word: &str| {
        of_osv(&record(
            "GHSA-1",
            &format!(r#"{VECTOR},"database_specific":{{"severity":"{word}"}}"#),
            "npm",
            "x",
            &fixed("2.0.0"),
        ))
    };
    let bitnami = |word: &str| {
        of_osv(&record(
            "BIT-x-2024-1",
            &format!(r#"{VECTOR},"database_specific":{{"severity":"{word}"}}"#),
            "Bitnami",
            "x",
            &fixed("2.0.0"),
        ))
    };
    let debian = |urgency: &str| {
        of_osv(&format!(
            r#"{{"id":"CVE-2024-1","modified":"2024-05-01T00:00:00Z",{VECTOR},"affected":[{{"package":{{"ecosystem":"Debian:12","name":"x"}},
            "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}}]}}],"ecosystem_specific":{{"urgency":"{urgency}"}}}}]}}"#
        ))
    };
    let amazon = |word: &str| {
        let text = format!(
            r#"<updates><update type="security"><id>ALAS2-2024-1</id><title>t</title><severity>{word}</severity>
            <references><reference id="CVE-2024-1" type="cve"/></references><pkglist><collection short="amazon-linux-2">
            <package arch="x86_64" epoch="0" name="x" version="2" release="1.amzn2"/></collection></pkglist></update></updates>"#
        );
        updateinfo::parse(text.as_bytes())
            .expect("a document")
            .remove(0)
    };
    let jammy = |word: &str| {
        of_ubuntu(
            "CVE-2024-1",
            &format!(r#","priority":"{word}""#),
            &[("jammy", "needed", "")],
        )
    };
    let in_npm = || languages(vec![package("pkg:npm/x@1.0.0", "1.0.0")]);
    let in_debian = || image("debian", "12", vec![package("pkg:deb/debian/x@1", "1")]);
    let in_amazon = || {
        image(
            "amzn",
            "2",
            vec![package("pkg:rpm/amzn/x@1-1?arch=x86_64", "1-1")],
        )
    };
    let in_bitnami = || languages(vec![package("pkg:bitnami/x@1.0.0", "1.0.0")]);
    for (advisory, inventory, severity) in [
        (npm("MODERATE"), in_npm(), Severity::Medium),
        (npm("LOW"), in_npm(), Severity::Low),
        (bitnami("High"), in_bitnami(), Severity::High),
        (debian("low"), in_debian(), Severity::Low),
        (debian("medium"), in_debian(), Severity::Medium),
        (debian("unimportant"), in_debian(), Severity::Negligible),
        (amazon("important"), in_amazon(), Severity::High),
        (amazon("medium"), in_amazon(), Severity::Medium),
        (jammy("negligible"), on_jammy("1"), Severity::Negligible),
        (jammy("high"), on_jammy("1"), Severity::High),
    ] {
        let shown = format!("{advisory:?}");
        let found = run_with([advisory], &inventory);
        let rating = only(&found).rating.as_ref().expect("a rating");
        assert_eq!(
            (rating.severity, rating.basis, rating.source),
            (severity, Basis::Word, RatingSource::Deciding),
            "{shown}"
        );
    }
    // No word: the score. `not yet assigned` is none.
    for advisory in [debian("not yet assigned"), debian("end-of-life")] {
        let found = run_with([advisory], &in_debian());
        let rating = only(&found).rating.as_ref().expect("a rating");
        assert_eq!(
            rating.basis,
            Basis::Cvss {
                version: CvssVersion::V31,
                tenths: 98
            }
        );
    }
}

#[test]
fn the_newest_version_of_cvss_counts() {
    let vectors = [
        ("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P", CvssVersion::V2, 75),
        (
            "CVSS_V3",
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
            CvssVersion::V30,
            53,
        ),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
            CvssVersion::V31,
            18,
        ),
        (
            "CVSS_V4",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            CvssVersion::V4,
            93,
        ),
    ];
    for count in 1..=vectors.len() {
        let listed: Vec<String> = vectors[..count]
            .iter()
            .map(|(kind, score, ..)| format!(r#"{{"type":"{kind}","score":"{score}"}}"#))
            .collect();
        let one = record(
            "GHSA-1",
            &format!(r#""severity":[{}]"#, listed.join(",")),
            "npm",
            "x",
            &fixed("2.0.0"),
        );
        let found = run(
            &[&one],
            &languages(vec![package("pkg:npm/x@1.0.0", "1.0.0")]),
        );
        let rating = only(&found).rating.as_ref().expect("a rating");
        let (_, _, version, tenths) = vectors[count - 1];
        assert_eq!(rating.basis, Basis::Cvss { version, tenths });
    }
    // Of several CVEs a score says nothing about one of them: it stands last, and says so.
    let several = record(
        "ALSA-2024:1",
        r#""related":["CVE-2024-1","CVE-2024-2"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]"#,
        "AlmaLinux:9",
        "x",
        &fixed("2"),
    );
    let found = run(
        &[&several],
        &image(
            "almalinux",
            "9.2",
            vec![package("pkg:rpm/almalinux/x@1", "1")],
        ),
    );
    for finding in &found.findings {
        let source = finding.rating.as_ref().map(|rating| rating.source);
        assert_eq!(source, Some(RatingSource::Advisory));
    }
}

#[test]
fn every_state_of_a_fix_is_told() {
    let events = |events: &str| record("GHSA-1", "", "npm", "x", events);
    for (text, state, version) in [
        (
            events(&fixed("2.0.0")),
            FixState::Fixed,
            Some("2.0.0".to_owned()),
        ),
        (events(r#"{"introduced":"0"}"#), FixState::Unknown, None),
        (
            events(r#"{"introduced":"0"},{"last_affected":"3.0.0"}"#),
            FixState::Unknown,
            None,
        ),
    ] {
        let found = run(
            &[&text],
            &languages(vec![package("pkg:npm/x@1.0.0", "1.0.0")]),
        );
        let fix = &only(&found).fix;
        assert_eq!((fix.state, fix.version.clone()), (state, version), "{text}");
    }
    for (status, note, state, version) in [
        ("released", "2", FixState::Fixed, Some("2")),
        ("needed", "", FixState::NotFixed, None),
        ("needs-triage", "", FixState::NotFixed, None),
        ("pending", "2", FixState::NotFixed, None),
        ("deferred", "", FixState::WontFix, None),
        (
            "ignored",
            "end of standard support",
            FixState::WontFix,
            None,
        ),
    ] {
        let one = of_ubuntu("CVE-2024-1", "", &[("jammy", status, note)]);
        let found = run_with([one], &on_jammy("1"));
        let fix = &only(&found).fix;
        assert_eq!(
            (fix.state, fix.version.as_deref(), fix.needs_subscription),
            (state, version, false),
            "{status}"
        );
    }
    for status in ["not-affected", "DNE"] {
        let one = of_ubuntu("CVE-2024-1", "", &[("jammy", status, "")]);
        assert_eq!(run_with([one], &on_jammy("1")).findings, []);
    }
}

#[test]
fn ubuntu_pro_s_pockets_speak_for_those_who_have_them() {
    use FixState::{Fixed, NotFixed, WontFix};
    const OPEN: &str = "end of standard support, was needed";
    let on = |version: &str| {
        image(
            "ubuntu",
            "18.04",
            vec![package(
                "pkg:deb/ubuntu/zlib@1?distro=ubuntu-18.04",
                version,
            )],
        )
    };
    let base = ("bionic", "released", "1.0-1ubuntu2");
    let ended = ("bionic", "ignored", OPEN);
    let esm = |status, note| ("esm-infra/bionic", status, note);
    for (pockets, version, expected) in [
        // The fix of the base release counts although the Pro pocket began behind it.
        (
            vec![base, esm("not-affected", "1.0-1ubuntu2")],
            "1.0-1ubuntu1",
            Some((Fixed, Some("1.0-1ubuntu2"), false, None)),
        ),
        (
            vec![base, esm("not-affected", "1.0-1ubuntu2")],
            "1.0-1ubuntu2",
            None,
        ),
        (
            vec![base, esm("not-affected", "3.x only")],
            "1.0-1ubuntu1",
            Some((Fixed, Some("1.0-1ubuntu2"), false, None)),
        ),
        // Support of the base release ended, the fix is to subscribe to.
        (
            vec![ended, esm("released", "1.0-1ubuntu3+esm1")],
            "1.0-1ubuntu3",
            Some((WontFix, None, true, None)),
        ),
        (
            vec![ended, esm("released", "1.0-1ubuntu3+esm1")],
            "1.0-1ubuntu3+esm1",
            Some((WontFix, None, false, Some("fixed-in-channel"))),
        ),
        // Whoever has the version to come has its fix.
        (
            vec![ended, esm("pending", "1.0-1ubuntu3+esm1")],
            "1.0-1ubuntu3+esm1",
            Some((WontFix, None, false, Some("fixed-in-channel"))),
        ),
        // Support ended, and who went on says that the code is not there.
        (
            vec![ended, esm("not-affected", "code not present")],
            "1.0-1ubuntu3",
            None,
        ),
        (
            vec![ended, esm("needed", "")],
            "1.0-1ubuntu3",
            Some((WontFix, None, false, None)),
        ),
        // Of two pockets of one channel the later decides: fixed before it began.
        (
            vec![esm("not-affected", "1.0-1ubuntu3+esm1"), ended],
            "1.0-1ubuntu3",
            Some((WontFix, None, true, None)),
        ),
        (
            vec![("bionic", "needed", "")],
            "1",
            Some((NotFixed, None, false, None)),
        ),
    ] {
        let found = run_with([of_ubuntu("CVE-2024-1", "", &pockets)], &on(version));
        let told: Vec<_> = found
            .findings
            .iter()
            .map(|one| {
                (
                    one.fix.state,
                    one.fix.version.as_deref(),
                    one.fix.needs_subscription,
                    one.suppressed.as_ref().map(Suppression::name),
                )
            })
            .collect();
        assert_eq!(
            told,
            expected.into_iter().collect::<Vec<_>>(),
            "{pockets:?} {version}"
        );
    }
}

#[test]
fn module_builds_and_others_do_not_compare() {
    let module = "1:18.20.2-1.module+el8.9.0+3+a";
    let plain = "1:18.20.2-1.el8";
    let titled = r#""summary":"Important: nodejs:18 security update""#;
    let untitled = r#""summary":"Important: nodejs security update""#;
    for (fix, title, installed, label, findings, open) in [
        (plain, titled, "1:18.1.0-1.el8", None, 1, 0),
        (
            plain,
            titled,
            "1:18.1.0-1.module+el8.6.0+1+b",
            Some("nodejs:18:1:2"),
            0,
            0,
        ),
        (module, titled, "1:18.1.0-1.el8", None, 0, 0),
        (
            module,
            titled,
            "1:18.1.0-1.module+el8.6.0+1+b",
            Some("nodejs:18:1:2"),
            1,
            0,
        ),
        (
            module,
            titled,
            "1:16.1.0-1.module+el8.6.0+1+b",
            Some("nodejs:16:1:2"),
            0,
            0,
        ),
        (
            module,
            untitled,
            "1:18.1.0-1.module+el8.6.0+1+b",
            Some("nodejs:18:1:2"),
            0,
            1,
        ),
        (module, titled, "1:18.1.0-1.module+el8.6.0+1+b", None, 0, 1),
    ] {
        for (id, ecosystem, distro) in [
            ("RLSA-2024:1", "Rocky Linux:8", "rocky"),
            (
                "RHSA-2024:1",
                "Red Hat:enterprise_linux:8::appstream",
                "rhel",
            ),
        ] {
            let one = record(id, title, ecosystem, "nodejs", &fixed(fix));
            let mut nodejs = package("pkg:rpm/x/nodejs@1", installed);
            nodejs.modularity_label = label.map(str::to_owned);
            let found = run(&[&one], &image(distro, "8.9", vec![nodejs]));
            assert_eq!(
                (found.findings.len(), found.undetermined.len()),
                (findings, open),
                "{id} {fix} {installed} {label:?}"
            );
        }
    }
}

#[test]
fn silence_means_what_the_feed_says_it_means() {
    for family in [
        Family::RedHat,
        Family::AlmaLinux,
        Family::Rocky,
        Family::Suse,
        Family::OpenSuse,
        Family::Amazon,
        Family::Alpine,
        Family::Wolfi,
        Family::Chainguard,
    ] {
        assert_eq!(Level::of(family), Level::FixedOnly, "{family:?}");
    }
    for family in [
        Family::Debian,
        Family::Ubuntu,
        Family::Npm,
        Family::PyPi,
        Family::Go,
        Family::Cargo,
        Family::Maven,
    ] {
        assert_eq!(Level::of(family), Level::Full, "{family:?}");
    }
    let words: Vec<String> = [Level::Full, Level::FixedOnly, Level::None]
        .iter()
        .map(Level::to_string)
        .collect();
    assert_eq!(words, ["full", "fixed-only", "none"]);
}
