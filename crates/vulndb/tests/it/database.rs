//! A database of all OSV records of the test data.

use std::io::{Seek, Write};

use toolkit_vulndb::db::{Builder, Built, Index};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::feed::osv;

use crate::packs::{OSV, members};

fn build() -> Option<Built> {
    let mut builder = Builder::default();
    let (mut all, mut without_affected) = (0, 0);
    for (pack, expected) in OSV {
        let mut found = 0;
        let read = members(pack, |name, bytes| {
            if !name.ends_with(".json") || name.starts_with("withdrawn-undated/") {
                return;
            }
            let advisory =
                osv::parse(bytes).unwrap_or_else(|error| panic!("{pack}/{name}: {error}"));
            found += 1;
            without_affected += usize::from(advisory.affected.is_empty());
            builder.add(advisory);
        });
        if !read {
            return None;
        }
        assert_eq!(found, expected, "{pack}");
        all += found;
    }
    assert_eq!(all, 112_340);
    assert!(without_affected >= 137, "{without_affected}");
    Some(builder.finish(b"{}").expect("a database"))
}

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

#[test]
#[expect(clippy::print_stderr, reason = "the sizes are worth seeing")]
fn all_records_make_one_database() {
    let Some(built) = build() else { return };
    let packed = zstd::bulk::compress(&built.index, 19).expect("packed");
    eprintln!(
        "{:?}, index {} bytes, packed {}, details {}",
        built.summary,
        built.index.len(),
        packed.len(),
        built.details.len()
    );
    assert_eq!(built.summary.records + built.summary.repeated, 112_340);
    let index = Index::open(file(&built.index)).expect("an index");
    let rows = index
        .rows(&Ecosystem::of(Family::PyPi), "Django")
        .expect("rows");
    assert!(rows.len() > 100, "{}", rows.len());
    let head = index.head(rows[0].advisory).expect("a head");
    assert!(!head.id.is_empty());
}
