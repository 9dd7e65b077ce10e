//! Every case of the public version tables, for each scheme of ours.

use std::cmp::Ordering;
use std::path::PathBuf;

use toolkit_vulndb::version::Scheme;

/// The tables, and the scheme that each is about.
const TABLES: [(&str, Scheme); 16] = [
    ("alpine-versions-generated.txt", Scheme::Apk),
    ("alpine-versions.txt", Scheme::Apk),
    ("debian-versions-generated.txt", Scheme::Debian),
    ("debian-versions.txt", Scheme::Debian),
    ("maven-versions-generated.txt", Scheme::Maven),
    ("maven-versions.txt", Scheme::Maven),
    ("nuget-versions.txt", Scheme::NuGet),
    ("packagist-versions-generated.txt", Scheme::Composer),
    ("packagist-versions.txt", Scheme::Composer),
    ("pub-versions.txt", Scheme::Pub),
    ("pypi-versions-generated.txt", Scheme::Pep440),
    ("pypi-versions.txt", Scheme::Pep440),
    ("redhat-versions.txt", Scheme::Rpm),
    ("rubygems-versions-generated.txt", Scheme::RubyGems),
    ("rubygems-versions.txt", Scheme::RubyGems),
    ("semver-versions.txt", Scheme::SemVer),
];

/// Cases that no total order can hold, or that contradict the ecosystem's own tool, each with its reason. At most ten in all.
const INTRANSITIVE: &str = "not transitive: 2.9 < 2.9-1 < 2.9.0.RC1 < 2.9.0 = 2.9";
const EXCEPTIONS: [(&str, &str, &str); 4] = [
    (
        "maven-versions-generated.txt",
        "1.0.0-gradle-rework-beta3 < 1.0.0.RC7-3",
        INTRANSITIVE,
    ),
    (
        "maven-versions-generated.txt",
        "2.9.0-1 < 2.9.0.RC1",
        INTRANSITIVE,
    ),
    (
        "maven-versions-generated.txt",
        "1.1.0-01-glassfish < 1.1.0.Beta1",
        INTRANSITIVE,
    ),
    (
        "packagist-versions.txt",
        "1.2.3.# = 1.2.3.1",
        "`#` equals both 1.2.3 and 1.2.3.1, which differ",
    ),
];

fn data() -> Option<PathBuf> {
    crate::packs::data("versions")
}

fn excepted(file: &str, case: &str) -> bool {
    EXCEPTIONS
        .iter()
        .any(|(name, text, _)| *name == file && *text == case)
}

#[test]
fn every_case_of_the_tables_holds() {
    let Some(data) = data() else { return };
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (file, scheme) in TABLES {
        let text = fs_err::read_to_string(data.join("scalibr").join(file)).expect("a table");
        for line in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//"))
        {
            let [left, operator, right] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{file}: {line}")
            };
            let expected = match operator {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                ">" => Ordering::Greater,
                other => panic!("{file}: {other}"),
            };
            tried += 1;
            let found = scheme.compare(left, right);
            if (found == Ok(expected)) == excepted(file, line) {
                wrong.push(format!("{file}: {line}: {found:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(150)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(tried > 35_000, "{tried}");
}

#[test]
fn every_case_of_the_vers_tables_holds() {
    let Some(data) = data() else { return };
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (file, scheme) in [
        ("alpine_version_cmp_test.json", Scheme::Apk),
        ("maven_version_cmp_test.json", Scheme::Maven),
    ] {
        let text = fs_err::read_to_string(data.join("vers-spec").join(file)).expect("a table");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for case in document["tests"].as_array().expect("tests") {
            let versions: Vec<&str> = case["input"]["versions"]
                .as_array()
                .expect("versions")
                .iter()
                .map(|v| v.as_str().expect("text"))
                .collect();
            tried += 1;
            let holds = match case["test_type"].as_str() {
                Some("equality") => {
                    (scheme.compare(versions[0], versions[1]) == Ok(Ordering::Equal))
                        == case["expected_output"].as_bool().expect("a verdict")
                }
                Some("comparison") => {
                    let sorted: Vec<&str> = case["expected_output"]
                        .as_array()
                        .expect("versions")
                        .iter()
                        .map(|v| v.as_str().expect("text"))
                        .collect();
                    sorted.windows(2).all(|pair| {
                        scheme
                            .compare(pair[0], pair[1])
                            .is_ok_and(|order| order != Ordering::Greater)
                    })
                }
                other => panic!("{file}: {other:?}"),
            };
            let shown = format!("{versions:?}");
            if holds == excepted(file, &shown) {
                wrong.push(format!(
                    "{file}: {shown} expected {}",
                    case["expected_output"]
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(100)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(tried > 1_600, "{tried}");
}
