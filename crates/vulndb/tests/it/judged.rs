//! Cases of our own, each judged by its ecosystem's own tool: the tables of `testdata/versions`.

use std::cmp::Ordering;
use std::path::Path;

use toolkit_vulndb::version::Scheme;

/// Every scheme that has a tool here. Dart's pub has none: its order is tried on the public tables alone.
const TABLES: [(&str, Scheme); 11] = [
    ("apk", Scheme::Apk),
    ("composer", Scheme::Composer),
    ("debian", Scheme::Debian),
    ("go", Scheme::Go),
    ("hex", Scheme::Hex),
    ("maven", Scheme::Maven),
    ("nuget", Scheme::NuGet),
    ("pep440", Scheme::Pep440),
    ("rpm", Scheme::Rpm),
    ("rubygems", Scheme::RubyGems),
    ("semver", Scheme::SemVer),
];

#[test]
fn every_case_that_a_tool_judged_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/versions");
    let mut wrong = Vec::new();
    for (name, scheme) in TABLES {
        let text = fs_err::read_to_string(folder.join(format!("{name}.tsv"))).expect("a table");
        let mut tried = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let (found, expected) = match columns[..] {
                [left, sign, right] => {
                    let expected = match sign {
                        "<" => Ordering::Less,
                        "=" => Ordering::Equal,
                        ">" => Ordering::Greater,
                        other => panic!("{name}: {other}"),
                    };
                    (scheme.compare(left, right).ok(), Some(expected))
                }
                [version, "!"] => (scheme.key(version).ok().map(|_| Ordering::Equal), None),
                _ => panic!("{name}: {line}"),
            };
            tried += 1;
            if found != expected {
                wrong.push(format!("{name}: {line}: {found:?}"));
            }
        }
        assert!(tried >= 200, "{name}: {tried}");
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
