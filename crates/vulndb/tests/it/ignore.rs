//! Ignore files of every format: what each hides, and every fault of a bad one as a person sees it.

use jiff::civil::Date;
use miette::{GraphicalReportHandler, GraphicalTheme};
use toolkit_vulndb::ignore::{Dialect, IgnoreFile, read};

/// The day of the tests: entries may last until 2027-11-24.
fn today() -> Date {
    "2026-11-24".parse().expect("a date")
}

fn good(name: &str, text: &str) -> IgnoreFile {
    let read = read(name, text, Dialect::of_name(name), today());
    read.unwrap_or_else(|faults| panic!("{name}: {faults:?}"))
}

/// Compares the faults of every file below `tests/ignore` with the text beside it, and writes that where `UPDATE_SNAPSHOTS` is set.
#[test]
fn a_bad_file_shows_all_its_faults() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ignore");
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut seen = 0;
    for case in fs_err::read_dir(&root).expect("the cases") {
        let case = case.expect("a case").path();
        let snapshot = case.join("faults.txt");
        let file = fs_err::read_dir(&case)
            .expect("the case")
            .map(|file| file.expect("a file").path())
            .find(|file| *file != snapshot)
            .unwrap_or_else(|| panic!("{}: no file", case.display()));
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let text = fs_err::read_to_string(&file).expect("the file");
        let faults = read(name, &text, Dialect::of_name(name), today())
            .err()
            .unwrap_or_else(|| panic!("accepted: {}", case.display()));
        let mut rendered = String::new();
        for fault in &faults {
            handler
                .render_report(&mut rendered, fault)
                .expect("a report renders");
        }
        // Ends of lines are padded by the renderer.
        let rendered: String = rendered
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs_err::write(&snapshot, &rendered).expect("the snapshot");
        }
        let expected = fs_err::read_to_string(&snapshot).unwrap_or_default();
        assert_eq!(rendered, expected, "{}:\n{rendered}", case.display());
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn every_format_says_the_same_in_its_words() {
    let own = "ignore:\n- id: CVE-1\n  purl: pkg:npm/x\n  versions: \"=1.0.0\"\n  paths: [/app/**]\n  reason: r\n  expires: 2027-01-31\n";
    let trivy = "vulnerabilities:\n- id: CVE-1\n  purls: [\"pkg:npm/x@1.0.0\"]\n  paths: [app/**]\n  statement: r\n  expired_at: 2027-02-01\nsecrets: []\n";
    let grype = "fail-on-severity: high\nignore:\n- vulnerability: CVE-1\n  include-aliases: true\n  reason: r\n  fix-state: fixed\n  namespace: \"\"\n  package: {name: x.*, version: 1.0.0, type: npm, location: /app/**}\n";
    let osv = "[[IgnoredVulns]]\nid = \"CVE-1\"\nignoreUntil = 2027-02-01T00:00:00Z\nreason = \"r\"\n[[PackageOverrides]]\nname = \"x\"\nversion = \"1.0.0\"\necosystem = \"npm\"\nvulnerability.ignore = true\n[[PackageOverrides]]\nname = \"y\"\nignore = false\n";
    let list = "\n# head\nCVE-1 exp:2027-02-01 # r\nCVE-2\n";
    for (name, text, entries, unread) in [
        (
            "i.yaml",
            own,
            &["2: CVE-1, versions =1.0.0, pkg:npm/x, paths app/** (r) to 2027-01-31"][..],
            &[][..],
        ),
        (
            ".trivyignore.yaml",
            trivy,
            &["2: CVE-1, paths app/**, pkg:npm/x@1.0.0 (r) to 2027-01-31"],
            &["secrets"],
        ),
        (
            ".grype.yaml",
            grype,
            &["3: CVE-1, fix fixed, name x.*, version 1.0.0, type npm, paths app/** (r)"],
            &["fail-on-severity"],
        ),
        (
            "osv-scanner.toml",
            osv,
            &[
                "1: CVE-1 (r) to 2027-01-31",
                "5: name x, version 1.0.0, ecosystem npm",
            ],
            &[],
        ),
        (
            ".trivyignore",
            list,
            &["3: CVE-1 (r) to 2027-01-31", "4: CVE-2"],
            &[],
        ),
    ] {
        let file = good(name, text);
        let found: Vec<String> = file
            .entries
            .iter()
            .map(|entry| {
                let mut text = format!("{}: {entry}", entry.position.line);
                if let Some(reason) = &entry.reason {
                    text.push_str(&format!(" ({reason})"));
                }
                if let Some(last) = entry.last_day {
                    text.push_str(&format!(" to {last}"));
                }
                text
            })
            .collect();
        assert_eq!(found, entries, "{name}");
        assert_eq!(file.unread, unread, "{name}");
    }
}

#[test]
fn formats_are_told_by_name() {
    for (name, expected) in [
        (".trivyignore", Dialect::TrivyList),
        (".trivyignore.yaml", Dialect::TrivyYaml),
        (".trivyignore.yml", Dialect::TrivyYaml),
        (".grype.yaml", Dialect::Grype),
        ("grype.yml", Dialect::Grype),
        ("osv-scanner.toml", Dialect::OsvScanner),
        ("my.trivyignore", Dialect::Own),
        ("ignore.yaml", Dialect::Own),
    ] {
        assert_eq!(Dialect::of_name(name), expected, "{name}");
    }
}

#[test]
fn no_text_makes_a_reader_panic() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ignore");
    for case in fs_err::read_dir(&root).expect("the cases") {
        for file in fs_err::read_dir(case.expect("a case").path()).expect("the case") {
            let text = fs_err::read_to_string(file.expect("a file").path()).expect("the file");
            for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                for dialect in [
                    Dialect::Own,
                    Dialect::TrivyList,
                    Dialect::TrivyYaml,
                    Dialect::Grype,
                    Dialect::OsvScanner,
                ] {
                    let _ = read("x", &text[..end], dialect, today());
                }
            }
        }
    }
}
