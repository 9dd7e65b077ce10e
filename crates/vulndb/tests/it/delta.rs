//! Changes since a base: asked together they answer as a full build does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toolkit_vulndb::advisory::Advisory;
use toolkit_vulndb::affected::End;
use toolkit_vulndb::db::{self, Bound, Builder, Built, Details, Index, Kind, Manifest, Opened};
use toolkit_vulndb::feed::folder::{self, Record};
use toolkit_vulndb::feed::osv;

use crate::packs::data;

/// Writes a database to a folder and opens it again.
fn opened(folder: &std::path::Path, built: &Built) -> Opened {
    let manifest = Manifest::of(built, Timestamp::UNIX_EPOCH);
    db::write(folder, &manifest, built).expect("written");
    db::open(folder).expect("a database")
}

/// Says everything that an index and its details say of a package, by texts.
fn of_package(
    index: &Index,
    details: &Details,
    ecosystem: &toolkit_vulndb::ecosystem::Ecosystem,
    name: &str,
) -> Vec<String> {
    let rows = index.rows(ecosystem, name).expect("rows");
    let text = |number: u32| index.version(number).expect("a version");
    let mut said: Vec<String> = rows
        .iter()
        .map(|row| {
            let program = index.program(row.program).expect("ranges");
            let intervals: Vec<String> = program
                .intervals
                .iter()
                .map(|(start, bound)| {
                    let end = match bound {
                        Bound::Open => String::new(),
                        Bound::Fixed(number) => format!("fixed {}", text(*number)),
                        Bound::Limit(number) => format!("limit {}", text(*number)),
                        Bound::LastAffected(number) => format!("last {}", text(*number)),
                    };
                    format!("{:?} {end}", start.map(text))
                })
                .collect();
            let listed: BTreeSet<String> =
                program.listed.iter().map(|number| text(*number)).collect();
            format!(
                "{:?} {intervals:?} {listed:?} {:?} {:?}",
                index.head(row.advisory).expect("a head"),
                index.qualifier(row.qualifier).expect("a qualifier"),
                details.digest(row.advisory).expect("a digest"),
            )
        })
        .collect();
    // Several rows of one record lie in the order of numbers, which differ.
    said.sort();
    said
}

/// Returns the ids of records in the order in which an index gives them.
fn ids(index: &Index, numbers: &[u32]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| index.head(*number).expect("a head").id)
        .collect()
}

/// Asks both about every package and every id; returns how many packages were asked about.
fn compare(full: &Opened, other: &Opened) -> usize {
    let (full_details, details) = (
        full.details().expect("details"),
        other.details().expect("details"),
    );
    let all =
        |opened: &Opened| -> BTreeSet<u32> { opened.index.numbers().expect("numbers").collect() };
    let packages = full.index.named_by(&all(full)).expect("names");
    assert_eq!(packages, other.index.named_by(&all(other)).expect("names"));
    for (ecosystem, name) in &packages {
        assert_eq!(
            of_package(&full.index, &full_details, ecosystem, name),
            of_package(&other.index, &details, ecosystem, name),
            "{ecosystem} {name}"
        );
        assert!(other.index.has(ecosystem, name).expect("an answer"));
    }
    let mut named = BTreeSet::new();
    for number in full.index.numbers().expect("numbers") {
        let head = full.index.head(number).expect("a head");
        named.extend([head.id]);
        named.extend(head.aliases);
        named.extend(head.contains);
    }
    for id in &named {
        let (expected, found) = (
            full.index.records(id).expect("records"),
            other.index.records(id).expect("records"),
        );
        assert_eq!(
            ids(&full.index, &expected),
            ids(&other.index, &found),
            "{id}"
        );
        for (left, right) in expected.iter().zip(&found) {
            assert_eq!(
                full_details.digest(*left).expect("a digest"),
                details.digest(*right).expect("a digest")
            );
        }
    }
    assert_eq!(
        full.index.ecosystems().expect("a list"),
        other.index.ecosystems().expect("a list")
    );
    assert_eq!(
        full.index.advisories().expect("a count"),
        other.index.advisories().expect("a count")
    );
    assert_eq!(
        full.index.packages().expect("a count"),
        other.index.packages().expect("a count")
    );
    assert!(db::diff(full, other).expect("a comparison").is_empty());
    packages.len()
}

fn record(id: &str, name: &str, fixed: &str, more: &str) -> Advisory {
    let text = format!(
        r#"{{"id":"{id}","modified":"2024-05-01T00:00:00Z","summary":"A flaw of {name}","aliases":["CVE-2024-{}"]{more},
        "affected":[{{"package":{{"ecosystem":"npm","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#,
        id.len() + name.len()
    );
    osv::parse(text.as_bytes()).expect("a record")
}

fn build(records: &[Advisory]) -> Built {
    let mut builder = Builder::default();
    records
        .iter()
        .cloned()
        .for_each(|record| builder.add(record));
    builder.finish(b"{}").expect("a database")
}

#[test]
fn changed_new_withdrawn_and_deleted_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let kept = record("GHSA-a", "kept", "1.0.0", "");
    let before = [
        kept.clone(),
        record("GHSA-b", "changed", "1.0.0", ""),
        record("GHSA-c", "withdrawn", "1.0.0", ""),
        record("GHSA-d", "deleted", "1.0.0", ""),
        record("GHSA-m", "several", "1.0.0", ""),
    ];
    let after = [
        kept,
        record("GHSA-b", "changed", "1.0.1", ""),
        record(
            "GHSA-c",
            "withdrawn",
            "1.0.0",
            r#","withdrawn":"2024-06-01T00:00:00Z""#,
        ),
        record("GHSA-e", "new", "1.0.0", ""),
        record("GHSA-f", "several", "2.0.0", ""),
        record("GHSA-m", "several", "1.0.0", ""),
        record("GHSA-z", "several", "3.0.0", ""),
    ];
    let base = opened(&place("base"), &build(&before));
    let full = opened(&place("full"), &build(&after));
    let delta = build(&after).onto(&base).expect("changes");
    assert!(delta.delta.is_some());
    let delta = opened(&place("delta"), &delta);
    for kind in [Kind::Index, Kind::Details] {
        assert_eq!(delta.manifest.segment(kind), base.manifest.segment(kind));
    }
    assert_eq!(compare(&full, &delta), 5);
    // Changes of changes are changes of the base.
    let again = opened(
        &place("again"),
        &build(&before).onto(&delta).expect("changes"),
    );
    assert!(
        again.manifest.segment(Kind::Delta).is_none(),
        "nothing changed"
    );
    compare(&base, &again);
    let more = [&after[..], &[record("GHSA-y", "newer", "1.0.0", "")]].concat();
    let newer = opened(
        &place("newer"),
        &build(&more).onto(&delta).expect("changes"),
    );
    assert_eq!(
        newer.manifest.segment(Kind::Index),
        base.manifest.segment(Kind::Index)
    );
    compare(&opened(&place("more"), &build(&more)), &newer);
    // The same changes give the same bytes.
    assert_eq!(
        build(&after).onto(&base).expect("changes").delta,
        build(&after).onto(&base).expect("changes").delta
    );
    // A database of nothing: everything is hidden.
    let none = opened(
        &place("none"),
        &build(&after[..1]).onto(&base).expect("changes"),
    );
    assert_eq!(none.index.advisories().expect("a count"), 1);
}

fn day(time: Option<Timestamp>) -> Option<Date> {
    Some(TimeZone::UTC.to_datetime(time?).date())
}

/// What the issue asks for: the last day of each pack is new, dates of the future left out, and 200 ranges changed, 20 records were withdrawn and
/// 5 deleted.
#[test]
#[expect(clippy::print_stderr, reason = "the sizes are worth seeing")]
fn a_day_of_all_feeds_is_small_and_answers_as_a_full_build() {
    let Some(feeds) = data("advisories") else {
        return;
    };
    let today = jiff::civil::date(2025, 12, 31);
    let pack = |origin: &str| {
        origin
            .split(['/', '.'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let read = |each: &mut dyn FnMut(String, Advisory)| {
        folder::read(
            &feeds,
            &["withdrawn-undated", "vex", "epss.csv.zst", "kev.json"],
            &mut |origin, record| {
                if let Record::Advisory(advisory) = record {
                    each(pack(origin), *advisory);
                }
            },
        )
        .expect("the feeds");
    };
    let mut last: BTreeMap<String, Date> = BTreeMap::new();
    read(&mut |pack, advisory| {
        if let Some(day) = day(advisory.modified).filter(|day| *day <= today) {
            let newest = last.entry(pack).or_insert(day);
            *newest = day.max(*newest);
        }
    });
    let (mut full, mut base) = (Builder::default(), Builder::default());
    let (mut new, mut ranges, mut withdrawn, mut deleted) = (0, 0, 0, 0);
    let mut count = 0_usize;
    read(&mut |pack, advisory| {
        count += 1;
        if day(advisory.modified) == last.get(&pack).copied() && advisory.modified.is_some() {
            new += 1;
            full.add(advisory);
            return;
        }
        let mut former = advisory.clone();
        let ends = former
            .affected
            .iter_mut()
            .flat_map(|one| &mut one.intervals);
        let fixed = ends
            .map(|interval| &mut interval.end)
            .find_map(|end| match end {
                End::Fixed(version) => Some(version),
                _ => None,
            });
        // Spread over the feeds.
        if count.is_multiple_of(499)
            && ranges < 200
            && let Some(version) = fixed
        {
            version.push_str(".1");
            ranges += 1;
            former.digest[0] ^= 1;
            full.add(advisory);
            base.add(former);
        } else if count % 4_999 == 1 && withdrawn < 20 && advisory.withdrawn.is_none() {
            withdrawn += 1;
            let mut taken_back = advisory;
            taken_back.withdrawn = taken_back.modified.or(Some(Timestamp::UNIX_EPOCH));
            full.add(taken_back);
            base.add(former);
        } else if count % 29_989 == 2 && deleted < 5 {
            deleted += 1;
            base.add(former);
        } else {
            full.add(advisory);
            base.add(former);
        }
    });
    assert_eq!((ranges, withdrawn, deleted), (200, 20, 5), "of {count}");
    assert!(new > 100, "{new}");
    let folder = tempfile::tempdir().expect("a folder");
    let base = base.finish(b"{}").expect("a database");
    let base = opened(&folder.path().join("base"), &base);
    let built = full.finish(b"{}").expect("a database");
    let full = opened(&folder.path().join("full"), &built);
    let started = std::time::Instant::now();
    let delta = built.onto(&base).expect("changes");
    let took = started.elapsed();
    let (index, details) = delta.delta.as_ref().expect("changes");
    let packed = |bytes: &[u8]| zstd::bulk::compress(bytes, 19).expect("packed").len();
    let sizes = (packed(index), packed(details));
    let other = opened(&folder.path().join("delta"), &delta);
    let packages = compare(&full, &other);
    eprintln!(
        "{new} new of {count} records, last days {last:?}; changes {} and {} bytes, packed {sizes:?}, made in {took:?}; {packages} packages compared",
        index.len(),
        details.len()
    );
    assert!(packages > 50_000, "{packages}");
    assert!(sizes.0 + sizes.1 <= 500_000, "{sizes:?}");
}
