//! What a distribution says of the language packages that its own packages hold.

use super::*;

/// A language package that an operating system's package owns, with a flaw of the language's advisories.
fn owned(owner: Package, owned: &str, name: &str, version: &str) -> (Vec<Package>, Advisory) {
    let mut library = package(&format!("pkg:pypi/{owned}@1"), "1");
    library.owner = Some(PackageId::of(&owner.purl));
    let flaw = of_osv(&record(
        "GHSA-1",
        r#""aliases":["CVE-2024-1"]"#,
        "PyPI",
        name,
        &fixed(version),
    ));
    (vec![owner, library], flaw)
}

#[test]
fn every_way_to_say_not_affected_silences_the_owned_package() {
    let wolfi = |event: &str| {
        let text = format!(
            "schema-version: 2.0.2\npackage:\n  name: zlib\nadvisories:\n  - id: CGA-1\n    aliases:\n      - CVE-2024-1\n    events:\n      - timestamp: 2024-01-01T00:00:00Z\n        type: {event}\n"
        );
        wolfi::parse(text.as_bytes()).expect("a document")
    };
    let apk = "pkg:apk/alpine/zlib@1.3-r1";
    let deb = "pkg:deb/ubuntu/zlib@1.3-r1?distro=ubuntu-22.04";
    let osv_zero = of_osv(&record(
        "ALPINE-CVE-2024-1",
        r#""upstream":["CVE-2024-1"]"#,
        "Alpine:v3.20",
        "zlib",
        &fixed("0"),
    ));
    let jammy = |status, note| of_ubuntu("CVE-2024-1", "", &[("jammy", status, note)]);
    let alpine = ("alpine", "3.20.3");
    let wolfi_os = ("wolfi", "20230201");
    let ubuntu = ("ubuntu", "22.04");
    for (said, purl, distro, rule, on_owner) in [
        (
            of_secdb("v3.20", "zlib", r#""0":["CVE-2024-1"]"#),
            apk,
            alpine,
            Some("not-affected-by-distro"),
            0,
        ),
        (
            vec![osv_zero],
            apk,
            alpine,
            Some("not-affected-by-distro"),
            0,
        ),
        (
            wolfi("false-positive-determination"),
            "pkg:apk/wolfi/zlib@1.3-r1",
            wolfi_os,
            Some("not-affected-by-distro"),
            0,
        ),
        (
            vec![jammy("not-affected", "code not present")],
            deb,
            ubuntu,
            Some("not-affected-by-distro"),
            0,
        ),
        (
            vec![jammy("DNE", "")],
            deb,
            ubuntu,
            Some("not-affected-by-distro"),
            0,
        ),
        (
            of_secdb("v3.20", "zlib", r#""1.3-r1":["CVE-2024-1"]"#),
            apk,
            alpine,
            Some("fixed-by-distro"),
            0,
        ),
        (
            vec![jammy("released", "1.3-r1")],
            deb,
            ubuntu,
            Some("fixed-by-distro"),
            0,
        ),
        (
            of_secdb("v3.20", "zlib", r#""1.3-r2":["CVE-2024-1"]"#),
            apk,
            alpine,
            Some("reported-by-distro"),
            1,
        ),
        (
            vec![jammy("needed", "")],
            deb,
            ubuntu,
            Some("reported-by-distro"),
            1,
        ),
        // Nothing is said of this flaw: it stays.
        (
            of_secdb("v3.20", "zlib", r#""1.3-r1":["CVE-2023-9"]"#),
            apk,
            alpine,
            None,
            0,
        ),
    ] {
        let (packages, flaw) = owned(package(purl, "1.3-r1"), "lib", "lib", "2");
        let shown = format!("{said:?}");
        let mut all = said;
        all.push(flaw);
        let found = run_with(all, &image(distro.0, distro.1, packages));
        let library: Vec<_> = found
            .findings
            .iter()
            .filter(|one| one.subject.name == "lib")
            .collect();
        assert_eq!(library.len(), 1, "{shown}");
        assert!(library[0].subject.owner.is_some(), "{shown}");
        assert_eq!(
            library[0].suppressed.as_ref().map(Suppression::name),
            rule,
            "{shown}"
        );
        let of_owner = found
            .findings
            .iter()
            .filter(|one| one.subject.name == "zlib")
            .count();
        assert_eq!(of_owner, on_owner, "{shown}");
    }
}

#[test]
fn a_flaw_of_two_cves_needs_two_answers() {
    let both = of_osv(&record(
        "GHSA-1",
        r#""aliases":["CVE-2024-1","CVE-2024-2"]"#,
        "PyPI",
        "lib",
        &fixed("2"),
    ));
    for (fixes, rule) in [
        (r#""1.3-r1":["CVE-2024-1"]"#, None),
        (
            r#""1.3-r1":["CVE-2024-1"],"1.2-r0":["CVE-2024-2"]"#,
            Some("fixed-by-distro"),
        ),
        (
            r#""1.3-r1":["CVE-2024-1"],"0":["CVE-2024-2"]"#,
            Some("fixed-by-distro"),
        ),
        (
            r#""1.3-r1":["CVE-2024-1"],"1.3-r9":["CVE-2024-2"]"#,
            Some("reported-by-distro"),
        ),
    ] {
        let (packages, _) = owned(
            package("pkg:apk/alpine/zlib@1.3-r1", "1.3-r1"),
            "lib",
            "lib",
            "2",
        );
        let mut all = of_secdb("v3.20", "zlib", fixes);
        all.push(both.clone());
        let found = run_with(all, &image("alpine", "3.20.3", packages));
        let of_library: Vec<_> = suppressed(&found)
            .into_iter()
            .filter(|(id, _)| *id == "GHSA-1")
            .collect();
        assert_eq!(of_library, [("GHSA-1", rule)], "{fixes}");
    }
}
