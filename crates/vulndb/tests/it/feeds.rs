//! Every record of the feeds that are not OSV.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, Write};

use toolkit_vulndb::advisory::{Advisory, Feed};
use toolkit_vulndb::affected::{Channel, Claim, End, FixState};
use toolkit_vulndb::feed::{csaf, epss, kev, openvex, secdb, ubuntu, updateinfo, wolfi};
use toolkit_vulndb::severity::Severity;

use toolkit_vulndb::db::signals::{Signals, SignalsBuilder};
use toolkit_vulndb::db::{Builder, Index};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::feed::osv;
use toolkit_vulndb::vex::{Document, Status};

use crate::packs::{data, members};

/// Counts what `key` tells apart.
fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

#[test]
fn alpine_says_what_its_secdb_says() {
    let (mut files, mut packages, mut fixes, mut never) = (0, 0, 0, 0);
    let mut collector = secdb::Collector::default();
    let read = members("alpine-secdb", |name, bytes| {
        let document = secdb::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let branch = name
            .split('/')
            .next()
            .expect("a branch")
            .trim_start_matches('v');
        assert_eq!(
            (document.feed, document.ecosystem.release.as_str()),
            (Feed::Alpine, branch)
        );
        files += 1;
        packages += document.packages.len();
        for (version, entries) in document.packages.iter().flat_map(|package| &package.fixes) {
            fixes += entries.len();
            never += if version == "0" { entries.len() } else { 0 };
        }
        collector.add(document);
    });
    if !read {
        return;
    }
    assert_eq!((files, packages, fixes, never), (41, 8_000, 85_277, 553));
    assert_eq!(collector.unnamed(), [""; 0]);
    let records: Vec<Advisory> = collector.finish().collect();
    let ids: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "one record of each id");
    // `0.8.21.r2`, `4.10-1-r1` and seven more are no versions.
    let rows = records.iter().flat_map(|record| &record.affected);
    assert_eq!(rows.filter(|row| !row.unordered.is_empty()).count(), 44);
    let xsa = records
        .iter()
        .find(|record| record.id == "CVE-2019-18424")
        .expect("a record");
    assert_eq!(xsa.related, ["XSA-302"]);
    let claims = tally(
        records
            .iter()
            .flat_map(|record| &record.affected)
            .map(|row| row.claim),
    );
    assert_eq!(claims[&Claim::NotAffected], 553);
}

#[test]
fn ubuntu_statuses_are_read_to_the_last() {
    let mut counts: BTreeMap<(Channel, Claim, FixState), usize> = BTreeMap::new();
    let (mut records, mut unordered, mut labels, mut rows) = (0, 0, 0, 0);
    let read = members("ubuntu-sample", |name, bytes| {
        let advisory = ubuntu::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(name.ends_with(&format!("{}.json", advisory.id)), "{name}");
        assert!(advisory.published.is_some(), "{name}");
        records += 1;
        for row in &advisory.affected {
            *counts.entry((row.channel, row.claim, row.fix)).or_default() += 1;
            unordered += usize::from(!row.unordered.is_empty());
            labels += usize::from(row.label.is_some());
            rows += 1;
        }
    });
    if !read {
        return;
    }
    assert_eq!(records, 5_148);
    assert_eq!((rows, labels, unordered), (390_450, 1_139, 10));
    use Claim::{Affected as Yes, NotAffected as No};
    assert_eq!(
        counts.into_iter().collect::<Vec<_>>(),
        [
            ((Channel::Base, Yes, FixState::Fixed), 19_397),
            ((Channel::Base, Yes, FixState::NotFixed), 7_462),
            ((Channel::Base, Yes, FixState::WontFix), 50_081),
            ((Channel::Base, No, FixState::Unknown), 281_328),
            ((Channel::EsmInfra, Yes, FixState::Fixed), 9_892),
            ((Channel::EsmInfra, Yes, FixState::NotFixed), 1_666),
            ((Channel::EsmInfra, Yes, FixState::WontFix), 9_969),
            ((Channel::EsmInfra, No, FixState::Unknown), 1_843),
            ((Channel::EsmApps, Yes, FixState::Fixed), 2_204),
            ((Channel::EsmApps, Yes, FixState::NotFixed), 3_907),
            ((Channel::EsmApps, Yes, FixState::WontFix), 1_412),
            ((Channel::EsmApps, No, FixState::Unknown), 1_289),
        ]
    );
}

#[test]
fn amazon_advisories_are_read_to_the_last() {
    let (mut files, mut by_repository) = (0, BTreeMap::new());
    let (mut packages, mut without_cve, mut ids, mut streams) = (0, 0, BTreeSet::new(), 0);
    let mut labels = BTreeMap::new();
    let read = members("amazon-sample", |name, bytes| {
        let found = updateinfo::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        files += 1;
        let repository = name.split('/').take(2).collect::<Vec<_>>().join("/");
        *by_repository.entry(repository).or_insert(0) += found.len();
        for advisory in found {
            assert_eq!(
                advisory.affected[0].ecosystem.release,
                name.split('/').next().expect("a release")
            );
            assert!(
                advisory.published.is_some() && advisory.modified.is_some(),
                "{}",
                advisory.id
            );
            without_cve += usize::from(advisory.related.is_empty());
            *labels.entry(advisory.label).or_insert(0) += 1;
            packages += advisory.affected.len();
            streams += advisory
                .affected
                .iter()
                .filter(|row| row.intervals[0].start.is_some())
                .count();
            assert!(ids.insert(advisory.id));
        }
    });
    if !read {
        return;
    }
    let repository = |name: &str| by_repository[name];
    assert_eq!(
        (
            repository("1/updates"),
            repository("2/core"),
            repository("2/extras"),
            repository("2022/core"),
            repository("2023/core"),
            repository("2023/kernel-livepatch")
        ),
        (1_811, 1_618, 833, 277, 816, 38)
    );
    assert_eq!((files, ids.len()), (46, 5_393));
    // Packages of one name, version and release count once, whatever the architecture.
    assert_eq!((without_cve, packages, streams), (53, 54_310, 5_477));
    assert_eq!(
        labels.into_iter().collect::<Vec<_>>(),
        [
            (Some(Severity::Low), 373),
            (Some(Severity::Medium), 2_508),
            (Some(Severity::High), 2_355),
            (Some(Severity::Critical), 157),
        ]
    );
}

#[test]
fn wolfi_events_give_the_secdb_that_is_published() {
    let (mut packages, mut records, mut published) = (0, Vec::new(), None);
    let read = members("wolfi-chainguard", |name, bytes| {
        if name.ends_with(".advisories.yaml") {
            packages += 1;
            records.extend(wolfi::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}")));
        } else if name.ends_with("security.json") {
            published = Some(secdb::parse(bytes).expect("a secdb"));
        }
    });
    if !read {
        return;
    }
    assert_eq!((packages, records.len()), (1_278, 20_770));
    let states = tally(
        records
            .iter()
            .map(|record| (record.affected[0].claim, record.affected[0].fix)),
    );
    let published = published.expect("a secdb");
    assert_eq!(
        (published.feed, published.packages.len()),
        (Feed::Wolfi, 1_228)
    );
    let listed: BTreeSet<(String, String, String)> = published
        .packages
        .iter()
        .flat_map(|package| package.fixes.iter().map(move |fix| (package, fix)))
        .flat_map(|(package, (version, ids))| {
            ids.iter()
                .map(move |id| (package.name.clone(), version.clone(), id.clone()))
        })
        .collect();
    assert_eq!(listed.len(), 31_931);
    assert_eq!(
        listed
            .iter()
            .filter(|(_, version, _)| version == "0")
            .count(),
        4_007
    );
    let mut derived = BTreeSet::new();
    for record in &records {
        let row = &record.affected[0];
        let version = match (
            row.claim,
            row.fix,
            row.intervals.first().map(|interval| &interval.end),
        ) {
            (Claim::NotAffected, ..) => "0",
            (_, FixState::Fixed, Some(End::Fixed(version))) => version,
            _ => continue,
        };
        for id in &record.aliases {
            derived.insert((row.name.clone(), version.to_owned(), id.clone()));
        }
    }
    // No apk version, so the record leaves open what it fixes.
    let ordered = listed
        .iter()
        .filter(|(_, version, _)| version != "1.1.0-r1-r0");
    assert!(derived.iter().eq(ordered), "{} derived", derived.len());
    assert_eq!(
        states.into_iter().collect::<Vec<_>>(),
        [
            ((Claim::Affected, FixState::Fixed), 14_607),
            ((Claim::Affected, FixState::NotFixed), 3_968),
            ((Claim::Affected, FixState::WontFix), 149),
            ((Claim::NotAffected, FixState::Unknown), 2_046),
        ]
    );
}

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

#[test]
#[expect(clippy::print_stderr, reason = "the size is worth seeing")]
fn every_score_and_every_exploited_vulnerability_is_found_in_the_segment() {
    let Some(folder) = data("advisories") else {
        return;
    };
    let packed = fs_err::File::open(folder.join("epss.csv.zst")).expect("a table");
    let mut text = Vec::new();
    let mut decoder = zstd::stream::read::Decoder::new(packed).expect("zstd");
    decoder.window_log_max(27).expect("a window of 128 MiB");
    decoder.read_to_end(&mut text).expect("a table");
    let table = epss::parse(&text).expect("a table");
    assert_eq!((table.scores.len(), &table.model), (360_142, &None));
    let catalogue = kev::parse(&fs_err::read(folder.join("kev.json")).expect("a catalogue"))
        .expect("a catalogue");
    let ransomware = catalogue
        .entries
        .iter()
        .filter(|entry| entry.ransomware)
        .count();
    assert_eq!(
        (
            catalogue.entries.len(),
            ransomware,
            catalogue.version.as_str()
        ),
        (1_404, 293, "2025.08.25")
    );
    let build = |backwards: bool| {
        let mut builder = SignalsBuilder::default();
        catalogue
            .entries
            .iter()
            .for_each(|known| builder.exploited(known));
        if backwards {
            table
                .scores
                .iter()
                .rev()
                .for_each(|score| builder.score(score));
        } else {
            table.scores.iter().for_each(|score| builder.score(score));
        }
        assert_eq!(builder.refused(), [""; 0]);
        builder.finish(b"{}").expect("a segment")
    };
    let segment = build(false);
    assert_eq!(segment, build(true), "whatever the order");
    let packed = zstd::bulk::compress(&segment, 19).expect("packed");
    eprintln!("signals: {} bytes, packed {}", segment.len(), packed.len());
    let signals = Signals::open(file(&segment)).expect("a segment");
    for score in &table.scores {
        let found = signals
            .get(&score.cve)
            .expect("a search")
            .and_then(|signal| signal.epss)
            .unwrap_or_else(|| panic!("{}", score.cve));
        assert_eq!(
            (found.probability, found.percentile),
            (score.probability, score.percentile),
            "{}",
            score.cve
        );
    }
    for known in &catalogue.entries {
        let found = signals
            .get(&known.cve)
            .expect("a search")
            .and_then(|signal| signal.exploited)
            .unwrap_or_else(|| panic!("{}", known.cve));
        assert_eq!(
            (found.ransomware, found.due.is_some()),
            (known.ransomware, known.due.is_some()),
            "{}",
            known.cve
        );
    }
    assert_eq!(signals.get("CVE-1999-99999").expect("a search"), None);
}

fn documents(folder: &std::path::Path, each: &mut dyn FnMut(&std::path::Path, Vec<u8>)) {
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            documents(&path, each);
        } else {
            let bytes = fs_err::read(&path).expect("a document");
            each(&path, bytes);
        }
    }
}

#[test]
fn every_vex_statement_is_read() {
    let Some(folder) = data("advisories") else {
        return;
    };
    let (mut open, mut csaf_documents, mut hub) = (Vec::new(), Vec::new(), 0);
    documents(&folder.join("vex"), &mut |path, bytes| {
        if path.components().any(|part| part.as_os_str() == "csaf") {
            let document: Document =
                csaf::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            csaf_documents.push(document);
        } else if path.ends_with("index.json") || path.ends_with("vex-repository.json") {
            hub += 1;
            assert!(openvex::parse(&bytes).is_err(), "{}", path.display());
        } else {
            open.push(
                openvex::parse(&bytes)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            );
        }
    });
    assert_eq!((open.len() + csaf_documents.len(), hub), (54, 2));
    let statements = || open.iter().flat_map(|document| &document.statements);
    assert_eq!(
        tally(statements().map(|statement| statement.status))
            .into_iter()
            .collect::<Vec<_>>(),
        [
            (Status::NotAffected, 599),
            (Status::Affected, 1),
            (Status::Fixed, 3)
        ]
    );
    assert_eq!(
        tally(open.iter().map(|document| document.issuer.as_str()))["Rancher Security team"],
        24
    );
    assert!(
        statements().all(|statement| statement.time.is_some() && !statement.products.is_empty())
    );
    assert_eq!(
        statements()
            .map(|statement| statement.products.len())
            .sum::<usize>(),
        1_421
    );
    assert_eq!(
        statements()
            .flat_map(|statement| &statement.products)
            .map(|product| product.subcomponents.len())
            .sum::<usize>(),
        806
    );
    // Every not_affected gives its reason, every fixed counts.
    assert_eq!(
        statements()
            .filter(|statement| statement.suppresses())
            .count(),
        602
    );

    let mut products = BTreeMap::new();
    for statement in csaf_documents
        .iter()
        .flat_map(|document| &document.statements)
    {
        *products.entry(statement.status).or_insert(0) += statement.products.len();
        assert!(statement.vulnerabilities[0].starts_with("CVE-") && statement.time.is_some());
        assert_eq!(statement.suppresses(), statement.status != Status::Affected);
    }
    assert_eq!(
        products.into_iter().collect::<Vec<_>>(),
        [
            (Status::NotAffected, 277),
            (Status::Affected, 122),
            (Status::Fixed, 161)
        ]
    );
    let components = csaf_documents
        .iter()
        .flat_map(|document| &document.statements)
        .flat_map(|statement| &statement.products);
    assert_eq!(
        components
            .filter(|product| product.subcomponents.len() == 1)
            .count(),
        540
    );
}

#[test]
fn the_secdb_of_a_branch_wins_over_debians_export() {
    let record = r#"{"id":"CVE-2023-45853","affected":[
        {"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},
        {"package":{"ecosystem":"Alpine:v3.20","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9-r0"}]}]},
        {"package":{"ecosystem":"Alpine:v3.18","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9-r0"}]}]}]}"#;
    let secdb = r#"{"urlprefix":"x","distroversion":"v3.20","packages":[{"pkg":{"name":"zlib","secfixes":{"0":["CVE-2023-45853"]}}}]}"#;
    let mut collector = secdb::Collector::default();
    collector.add(secdb::parse(secdb.as_bytes()).expect("a document"));
    let own: Vec<Advisory> = collector.finish().collect();
    let export = osv::parse(record.as_bytes()).expect("a record");
    for secdb_first in [true, false] {
        let mut builder = Builder::default();
        if secdb_first {
            own.iter()
                .cloned()
                .for_each(|advisory| builder.add(advisory));
        }
        builder.add(export.clone());
        if !secdb_first {
            own.iter()
                .cloned()
                .for_each(|advisory| builder.add(advisory));
        }
        let built = builder.finish(b"{}").expect("a database");
        assert_eq!(built.summary.superseded, 1);
        let index = Index::open(file(&built.index)).expect("an index");
        let feeds = |family, release| -> Vec<(Feed, Claim)> {
            let rows = index
                .rows(&Ecosystem::release(family, release), "zlib")
                .expect("rows");
            rows.iter()
                .map(|row| {
                    (
                        index.head(row.advisory).expect("a head").feed,
                        index.qualifier(row.qualifier).expect("a qualifier").claim,
                    )
                })
                .collect()
        };
        assert_eq!(
            feeds(Family::Alpine, "3.20"),
            [(Feed::Alpine, Claim::NotAffected)]
        );
        assert_eq!(
            feeds(Family::Alpine, "3.18"),
            [(Feed::Debian, Claim::Affected)]
        );
        assert_eq!(
            feeds(Family::Debian, "12"),
            [(Feed::Debian, Claim::Affected)]
        );
    }
}
