//! A directory of feeds: every way to pack documents, and the whole of the real data.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use toolkit_vulndb::feed::folder::{self, Counts, Reason, Record, Report};
use toolkit_vulndb::feed::{Error, Format};

use crate::packs::data;

fn osv(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","affected":[{{"package":{{"ecosystem":"npm","name":"x"}},"versions":["1.0.0"]}}]}}"#
    )
}

const KEV: &str =
    r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2021-1","dateAdded":"2021-12-10"}]}"#;
const SECDB: &str = r#"{"urlprefix":"x","distroversion":"v3.20","packages":[{"pkg":{"name":"a","secfixes":{"1-r1":["CVE-2021-1"]}}}]}"#;

fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, content.as_bytes())
            .expect("a member");
    }
    builder.into_inner().expect("an archive")
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("a member");
        writer.write_all(content.as_bytes()).expect("content");
    }
    writer.finish().expect("a zip").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("packed")
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("packed")
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs_err::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs_err::write(path, bytes).expect("a file");
}

fn run(folder: &Path, without: &[&str]) -> (Vec<String>, Report) {
    let mut seen = Vec::new();
    let report = folder::read(folder, without, &mut |origin, record| {
        let what = match record {
            Record::Advisory(advisory) => advisory.id,
            Record::Scores(table) => format!("{} scores", table.scores.len()),
            Record::Exploited(catalogue) => format!("{} exploited", catalogue.entries.len()),
            Record::Vex(document) => format!("{} statements", document.statements.len()),
        };
        seen.push(format!("{origin} {what}"));
    })
    .expect("a folder");
    (seen, report)
}

#[test]
fn every_way_to_pack_documents_is_read_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = format!("{}/GHSA-5.json", "d".repeat(150));
    put(folder.path(), "osv/b.json", osv("GHSA-2").as_bytes());
    put(
        folder.path(),
        "osv/a/all.zip",
        &zipped(&[
            ("z.json", &osv("GHSA-9")),
            ("a.json", &osv("GHSA-1")),
            ("modified_id.csv", "x,y\n"),
        ]),
    );
    put(
        folder.path(),
        "osv/c.jsonl",
        format!("{}\n\n{}\n", osv("GHSA-3"), osv("GHSA-4")).as_bytes(),
    );
    put(
        folder.path(),
        "osv/d.tar.zst",
        &zstd_of(&tar(&[
            (&long, &osv("GHSA-5")),
            ("out/GHSA-6.json", &osv("GHSA-6")),
        ])),
    );
    put(
        folder.path(),
        "osv/e.tar.gz",
        &gzip(&tar(&[("GHSA-7.json.gz", "no gzip")])),
    );
    put(
        folder.path(),
        "epss/scores.csv.gz",
        &gzip(b"cve,epss,percentile\nCVE-2021-1,0.5,0.5\n"),
    );
    put(folder.path(), "kev/kev.json.zst", &zstd_of(KEV.as_bytes()));
    put(folder.path(), "alpine/v3.20/main.json", SECDB.as_bytes());
    put(folder.path(), "README.md", b"text");
    put(folder.path(), "fetch.json", b"{}");
    put(folder.path(), "osv/fetch.json", b"{}");
    put(folder.path(), "osv/.fetch-all.zip.part", b"PK");
    let (seen, report) = run(folder.path(), &["out"]);
    assert_eq!(
        seen,
        [
            "epss/scores.csv.gz 1 scores".to_owned(),
            "kev/kev.json.zst 1 exploited".to_owned(),
            "osv/a/all.zip/a.json GHSA-1".to_owned(),
            "osv/a/all.zip/z.json GHSA-9".to_owned(),
            "osv/b.json GHSA-2".to_owned(),
            "osv/c.jsonl:1 GHSA-3".to_owned(),
            "osv/c.jsonl:3 GHSA-4".to_owned(),
            format!("osv/d.tar.zst/{long} GHSA-5"),
            "secdb CVE-2021-1".to_owned(),
        ]
    );
    assert_eq!(
        report.counts[&("osv".to_owned(), Format::Osv)],
        Counts {
            documents: 6,
            records: 6
        }
    );
    assert_eq!((report.left_out, report.merged), (1, 1));
    assert_eq!(
        report.unrecognised,
        [
            "README.md",
            "osv/a/all.zip/modified_id.csv",
            "osv/fetch.json"
        ]
    );
    let [fault] = &report.faults[..] else {
        panic!("{:?}", report.faults)
    };
    assert!(
        fault.path == "osv/e.tar.gz/GHSA-7.json.gz" && matches!(fault.reason, Reason::Io(_)),
        "{fault:?}"
    );
}

#[test]
fn nothing_is_silently_smaller() {
    let folder = tempfile::tempdir().expect("a folder");
    let text: Vec<(String, String)> = (0..200)
        .map(|number| {
            (
                format!("{number}.json"),
                osv(&format!("GHSA-{number}-{}", number * 7919)),
            )
        })
        .collect();
    let members: Vec<(&str, &str)> = text
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_str()))
        .collect();
    let (packed, zip) = (zstd_of(&tar(&members)), zipped(&members));
    put(folder.path(), "cut.tar.zst", &packed[..packed.len() - 10]);
    put(folder.path(), "cut.tar.gz", &gzip(&tar(&members))[..900]);
    put(folder.path(), "cut.zip", &zip[..zip.len() - 100]);
    put(folder.path(), "cut.json", &osv("GHSA-1").as_bytes()[..30]);
    put(folder.path(), "list.json", b"[]");
    put(
        folder.path(),
        "lines.jsonl",
        format!("{}\nno\n{}\n", osv("A-1"), osv("A-2")).as_bytes(),
    );
    put(folder.path(), "odd.xml", b"<rss/>");
    put(
        folder.path(),
        "sec/x.json",
        SECDB.replace("CVE-2021-1", "none").as_bytes(),
    );
    let (seen, report) = run(folder.path(), &[]);
    assert_eq!(
        seen.iter().filter(|line| line.starts_with("lines")).count(),
        2
    );
    let faults: BTreeMap<&str, &Reason> = report
        .faults
        .iter()
        .map(|fault| (fault.path.as_str(), &fault.reason))
        .collect();
    assert!(matches!(faults["cut.tar.zst"], Reason::Io(_)), "{faults:?}");
    assert!(matches!(faults["cut.tar.gz"], Reason::Io(_)), "{faults:?}");
    assert!(matches!(faults["cut.zip"], Reason::Zip(_)), "{faults:?}");
    assert!(
        matches!(faults["cut.json"], Reason::Document(Error::Json { .. })),
        "{faults:?}"
    );
    assert!(
        matches!(faults["list.json"], Reason::Document(Error::Json { .. })),
        "{faults:?}"
    );
    assert!(
        matches!(
            faults["lines.jsonl:2"],
            Reason::Document(Error::Json { .. })
        ),
        "{faults:?}"
    );
    assert!(
        matches!(faults["odd.xml"], Reason::Document(Error::Value { .. })),
        "{faults:?}"
    );
    assert!(
        matches!(
            faults["secdb"],
            Reason::Document(Error::Missing { what: "an id", .. })
        ),
        "{faults:?}"
    );
    assert!(folder::read(&folder.path().join("none"), &[], &mut |_, _| {}).is_err());
}

#[test]
#[cfg(unix)]
fn links_are_named_and_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
    let (seen, report) = run(folder.path(), &[]);
    assert_eq!(
        (seen.len(), &report.unrecognised[..]),
        (0, &["loop".to_owned()][..])
    );
}

#[test]
fn the_whole_of_the_real_data_is_read() {
    let Some(folder) = data("advisories") else {
        return;
    };
    let mut records = 0;
    let report = folder::read(&folder, &["withdrawn-undated"], &mut |_, record| {
        records += usize::from(matches!(record, Record::Advisory(_)));
    })
    .expect("a folder");
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let documents = |source: &str, format| {
        report
            .counts
            .get(&(source.to_owned(), format))
            .copied()
            .unwrap_or_default()
    };
    for (pack, expected) in crate::packs::OSV {
        let found = documents(&format!("{pack}.tar.zst"), Format::Osv);
        assert_eq!(
            found,
            Counts {
                documents: expected,
                records: expected
            },
            "{pack}"
        );
    }
    for (source, format, expected) in [
        ("alpine-secdb.tar.zst", Format::Secdb, (41, 85_277)),
        ("amazon-sample.tar.zst", Format::Updateinfo, (46, 5_393)),
        ("epss.csv.zst", Format::Epss, (1, 360_142)),
        ("kev.json", Format::Kev, (1, 1_404)),
        ("ubuntu-sample.tar.zst", Format::Ubuntu, (5_148, 5_148)),
        ("vex", Format::Csaf, (18, 0)),
        ("vex", Format::OpenVex, (36, 603)),
        ("wolfi-chainguard.tar.zst", Format::Wolfi, (1_278, 20_770)),
        ("wolfi-chainguard.tar.zst", Format::Secdb, (1, 31_931)),
    ] {
        let found = documents(source, format);
        assert_eq!(
            (
                found.documents,
                if format == Format::Csaf {
                    0
                } else {
                    found.records
                }
            ),
            expected,
            "{source}"
        );
    }
    assert_eq!(report.left_out, 329);
    assert_eq!(records, 112_340 + 5_148 + 5_393 + 20_770 + report.merged);
    assert_eq!(
        report.unrecognised,
        [
            "README.md",
            "vex/openvex/hub-suse-observability/index.json",
            "vex/openvex/hub-suse-observability/vex-repository.json"
        ]
    );
}
