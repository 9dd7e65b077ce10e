//! What depends on the day, and what was not asked or is not to be had.

use super::*;

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
