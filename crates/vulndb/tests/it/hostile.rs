//! Databases with a byte changed, and cut ones: every question ends with an answer or an error.

use std::io::{Seek, Write};

use toolkit_vulndb::db::{Builder, Built, Details, Index, Manifest, configuration};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::feed::osv;

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

fn built(records: &[(&str, &str)]) -> Built {
    let mut builder = Builder::default();
    for (id, name) in records {
        let text = format!(
            r#"{{"id":"{id}","modified":"2024-05-01T00:00:00Z","aliases":["CVE-2024-1"],"summary":"s","references":[{{"type":"WEB","url":"https://example.com"}}],
            "affected":[{{"package":{{"ecosystem":"npm","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.0.0"}}]}}],"versions":["0.9.0"]}}]}}"#
        );
        builder.add(osv::parse(text.as_bytes()).expect("a record"));
    }
    builder.finish(b"{}").expect("a database")
}

/// Asks everything that can be asked; tells whether all of it was answered.
fn ask(index: &Index, details: Option<&Details>) -> Option<()> {
    let npm = Ecosystem::of(Family::Npm);
    let mut numbers: Vec<u32> = index.records("CVE-2024-1").ok()?;
    numbers.extend(index.numbers().ok()?.take(100));
    for name in ["x", "y"] {
        index.has(&npm, name).ok()?;
        for row in index.rows(&npm, name).ok()? {
            numbers.push(row.advisory);
            index.qualifier(row.qualifier).ok()?;
            let program = index.program(row.program).ok()?;
            for number in program.listed {
                index.version(number).ok()?;
            }
        }
    }
    index.named_by(&numbers.iter().copied().collect()).ok()?;
    for number in numbers {
        index.head(number).ok()?;
        if let Some(details) = details {
            details.get(number).ok()?;
            details.digest(number).ok()?;
        }
    }
    index.ecosystems().ok()?;
    index.meta().ok()?;
    Some(())
}

#[test]
fn no_changed_byte_of_a_segment_makes_the_reader_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = built(&[("GHSA-1", "x"), ("GHSA-2", "y")]);
    let manifest = Manifest::of(&base, jiff::Timestamp::UNIX_EPOCH);
    toolkit_vulndb::db::write(folder.path(), &manifest, &base).expect("written");
    let opened = toolkit_vulndb::db::open(folder.path()).expect("a database");
    let changes = built(&[("GHSA-1", "x"), ("GHSA-3", "y")])
        .onto(&opened)
        .expect("changes");
    let (delta, delta_details) = changes.delta.expect("changes");
    let whole = |index: &[u8], details: &[u8], delta: &[u8], delta_details: &[u8]| {
        let index = Index::open(file(index))
            .ok()?
            .with_delta(file(delta))
            .ok()?;
        let details = Details::open(file(details))
            .ok()?
            .with_delta(file(delta_details))
            .ok()?;
        ask(&index, Some(&details))
    };
    let good = [&base.index, &base.details, &delta, &delta_details];
    assert!(whole(good[0], good[1], good[2], good[3]).is_some());
    let (mut answered, mut refused) = (0, 0);
    for segment in 0..4 {
        let try_one = |bytes: &[u8]| {
            let mut all = good.map(|bytes| bytes.as_slice());
            all[segment] = bytes;
            whole(all[0], all[1], all[2], all[3]).is_some()
        };
        for position in 0..good[segment].len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = good[segment].clone();
                broken[position] = value;
                if try_one(&broken) {
                    answered += 1;
                } else {
                    refused += 1;
                }
            }
            if position % 7 == 0 {
                assert!(
                    !try_one(&good[segment][..position]) || position > good[segment].len() / 2,
                    "segment {segment} cut at {position}"
                );
            }
        }
    }
    assert!(answered > 100 && refused > 100, "{answered} {refused}");
    // Random bytes behind a good beginning.
    fastrand::seed(7);
    for _ in 0..2_000 {
        let mut broken = base.index.clone();
        for _ in 0..fastrand::usize(1..20) {
            let position = fastrand::usize(12..broken.len());
            broken[position] = fastrand::u8(..);
        }
        if let Ok(index) = Index::open(file(&broken)) {
            let _ = ask(&index, None);
        }
    }
}

#[test]
fn no_changed_byte_of_a_manifest_makes_the_reader_panic() {
    let base = built(&[("GHSA-1", "x")]);
    let manifest = Manifest::of(&base, jiff::Timestamp::UNIX_EPOCH);
    let bytes = manifest.to_bytes().expect("a manifest");
    assert_eq!(Manifest::parse(&bytes).expect("a manifest"), manifest);
    let mut refused = 0;
    for position in 0..bytes.len() {
        for value in [0, b'"', b'{', b'9', b'-', 0xff] {
            let mut broken = bytes.clone();
            broken[position] = value;
            refused += usize::from(Manifest::parse(&broken).is_err());
        }
        assert!(Manifest::parse(&bytes[..position]).is_err() || position + 1 == bytes.len());
    }
    assert!(refused > 100, "{refused}");
    // What is no artifact of ours.
    let text = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
    let descriptor = toolkit_oci::Descriptor::of(
        "application/vnd.oci.image.manifest.v1+json",
        text.as_bytes(),
    );
    let raw =
        toolkit_oci::RawManifest::check(descriptor, text.as_bytes().to_vec()).expect("a manifest");
    assert!(configuration(&raw).is_err());
}
