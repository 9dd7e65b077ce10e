//! What answers a record: order, module streams, the distribution's other words, its word on what it owns, its VEX.

use super::*;

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
    assert_eq!(
        found.uncovered,
        [(library().id(), Uncovered::NoSource)],
        "named, not only counted"
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
