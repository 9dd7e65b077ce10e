//! A database of all OSV records of the test data.

use std::io::{Seek, Write};
use std::path::Path;

use toolkit_vulndb::db::{Builder, Built, Index};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::feed::folder::{self, Record};
use toolkit_vulndb::feed::osv;

use crate::packs::{OSV, data, members};

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
    // Forty-three stand in two packs or, of AlmaLinux, in the folders of two releases.
    assert_eq!(
        (built.summary.records, built.summary.repeated),
        (112_297, 43)
    );
    let index = Index::open(file(&built.index)).expect("an index");
    let rows = index
        .rows(&Ecosystem::of(Family::PyPi), "Django")
        .expect("rows");
    assert!(rows.len() > 100, "{}", rows.len());
    let head = index.head(rows[0].advisory).expect("a head");
    assert!(!head.id.is_empty());
}

/// Builds from the whole folder, read once for each share: of `shares`, first the records of one, then of the next.
fn whole(folder: &Path, shares: &[usize]) -> Built {
    let mut builder = Builder::default();
    for share in shares {
        let mut position = 0;
        folder::read(folder, &["withdrawn-undated"], &mut |_, record| {
            position += 1;
            if position % shares.len() != *share {
                return;
            }
            match record {
                Record::Advisory(advisory) => builder.add(*advisory),
                Record::Scores(table) => builder.add_scores(table),
                Record::Exploited(catalogue) => builder.add_exploited(catalogue),
                Record::Vex(_) => {}
            }
        })
        .expect("a folder");
    }
    builder.finish(b"{}").expect("a database")
}

#[test]
fn the_bytes_follow_from_the_records_and_not_from_their_order() {
    let Some(folder) = data("advisories") else {
        return;
    };
    let first = whole(&folder, &[0]);
    let second = whole(&folder, &[1, 0]);
    assert_eq!(first.summary, second.summary);
    assert_eq!(first.segments().count(), 3);
    for ((kind, one), (_, other)) in first.segments().zip(second.segments()) {
        assert!(one == other, "{kind:?} differs");
    }
}
