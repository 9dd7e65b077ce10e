//! Records that were once passed over in silence.

use super::*;

#[test]
fn a_name_with_capitals_is_found_by_its_package_url() {
    let advisory = record("GHSA-1", "", "npm", "Haraka", &fixed("2.8.9"));
    let installed = package("pkg:npm/Haraka@2.8.0", "2.8.0");
    let found = run(&[&advisory], &languages(vec![installed]));
    assert_eq!(ids(&found), ["GHSA-1"]);
}

#[test]
fn to_be_past_the_fix_of_another_stream_fixes_nothing() {
    let of_16 = record(
        "ALSA-1",
        r#""summary":"Important: nodejs:16 security update","related":["CVE-2024-1"]"#,
        "AlmaLinux:8",
        "npm",
        &fixed("1:8.19.4-1.16.20.2.2.module_el8.8.0+1"),
    );
    let ghsa = record(
        "GHSA-1",
        r#""aliases":["CVE-2024-1"]"#,
        "npm",
        "ip",
        &fixed("2.0.1"),
    );
    for (label, rule) in [
        ("nodejs:18:8090:1", None),
        ("nodejs:16:8090:1", Some("fixed-by-distro")),
    ] {
        let mut owner = package(
            "pkg:rpm/almalinux/npm@1",
            "1:10.2.4-1.18.19.0.1.module_el8.9.0+1",
        );
        owner.modularity_label = Some(label.to_owned());
        let mut owned = package("pkg:npm/ip@2.0.0", "2.0.0");
        owned.owner = Some(owner.id());
        let found = run(
            &[&of_16, &ghsa],
            &image("almalinux", "8.9", vec![owner, owned]),
        );
        let rules: Vec<_> = found
            .findings
            .iter()
            .map(|one| one.suppressed.as_ref().map(Suppression::name))
            .collect();
        assert_eq!(rules, [rule], "{label}");
    }
}

#[test]
fn an_advisory_of_two_stays_open_for_the_one_that_nothing_answers() {
    let open = record(
        "ALSA-1",
        r#""summary":"Important: nodejs security update","related":["CVE-2024-1","CVE-2024-2"]"#,
        "AlmaLinux:8",
        "nodejs",
        &fixed("1:18.20.2-1.module_el8.9.0+3"),
    );
    let known = record(
        "X-1",
        r#""aliases":["CVE-2024-1"]"#,
        "AlmaLinux:8",
        "nodejs",
        r#"{"introduced":"0"}"#,
    );
    let mut installed = package("pkg:rpm/almalinux/nodejs@1", "1:18.1.0-1.module_el8.6.0+1");
    installed.modularity_label = Some("nodejs:18:8060:1".to_owned());
    let found = run(
        &[&open, &known],
        &image("almalinux", "8.9", vec![installed]),
    );
    assert_eq!(ids(&found), ["CVE-2024-1"]);
    let open: Vec<Vec<&str>> = found
        .undetermined
        .iter()
        .map(|one| one.ids.iter().map(String::as_str).collect())
        .collect();
    assert_eq!(open, [["CVE-2024-2"]]);
}

#[test]
fn no_word_of_the_distribution_clears_a_malicious_package() {
    let text = r#"{"id":"ALPINE-CVE-2024-1","upstream":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"Alpine:v3.20","name":"evil"},
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}]}]}"#;
    let malicious = record(
        "MAL-1",
        r#""aliases":["CVE-2024-1"]"#,
        "npm",
        "evil",
        r#"{"introduced":"0"}"#,
    );
    let owner = package("pkg:apk/alpine/evil@1", "1-r0");
    let mut owned = package("pkg:npm/evil@1.0.0", "1.0.0");
    owned.owner = Some(owner.id());
    let found = run(
        &[text, &malicious],
        &image("alpine", "3.20.3", vec![owner, owned]),
    );
    assert_eq!(ids(&found), ["CVE-2024-1"]);
    assert_eq!(found.findings[0].class, Class::Malicious);
    assert_eq!(found.findings[0].suppressed, None);
}
