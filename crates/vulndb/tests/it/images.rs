//! Real images against real records: findings that are known, and the same ones from our own documents.

use std::io::{Seek, Write};
use std::path::PathBuf;

use jiff::civil::date;
use toolkit_oci::registry::{Client, Options as ClientOptions};
use toolkit_oci::{Access, Image, Limits, Target};
use toolkit_sbom::document::Layer;
use toolkit_sbom::{Document, Format, Inventory, Subject, SubjectKind, catalog, read, write};
use toolkit_vulndb::db::{Builder, Details, Index};
use toolkit_vulndb::feed::osv;
use toolkit_vulndb::matching::{
    Answer, Level, Matches, Options, Outcome, Query, Reason, Selector, Sources, matches, why,
};
use toolkit_vulndb::severity::Severity;

use crate::packs::{data, members};

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

fn database(packs: &[&str]) -> Option<(Index, Details)> {
    let mut builder = Builder::default();
    for pack in packs {
        let read = members(pack, |name, bytes| {
            if name.ends_with(".json") && !name.starts_with("withdrawn-undated/") {
                builder.add(osv::parse(bytes).unwrap_or_else(|e| panic!("{pack}/{name}: {e}")));
            }
        });
        if !read {
            return None;
        }
    }
    let built = builder.finish(b"{}").expect("a database");
    Some((
        Index::open(file(&built.index)).expect("an index"),
        Details::open(file(&built.details)).expect("details"),
    ))
}

fn layout(name: &str) -> PathBuf {
    let data = data("advisories").expect("the test data");
    data.join("../../corpus/oci").join(name)
}

fn inventory(name: &str) -> Inventory {
    let limits = Limits::default();
    let client = Client::new(ClientOptions::default());
    let access = Access::new(&limits, &client, &|_| {});
    let target = Target::Layout {
        path: layout(name),
        selector: None,
    };
    let image = Image::open(&target, None, &access).expect("an image");
    catalog(&image, &access).expect("an inventory")
}

fn find(database: &(Index, Details), inventory: &Inventory) -> Matches {
    let sources = Sources {
        details: Some(&database.1),
        ..Sources::of(&database.0)
    };
    matches(&sources, inventory, &Options::on(date(2025, 3, 1))).expect("a sound database")
}

/// Explains every finding of the images, and pairs of a package and an id that are no finding.
fn explained(database: &(Index, Details)) {
    let sources = Sources {
        details: Some(&database.1),
        ..Sources::of(&database.0)
    };
    let options = Options::on(date(2025, 3, 1));
    let (mut said, mut denied, mut reasons) = (0, 0, std::collections::BTreeMap::new());
    // Numerical Recipes' generator: the same pairs in every run.
    let mut seed = 4_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    for name in ["lang-mini", "debian-bookworm-dbonly", "scratch-go"] {
        let inventory = inventory(name);
        let found = find(database, &inventory);
        let ask = |id: &str, purl: &str| {
            let selector = Selector::parse(purl).expect("a selector");
            why(&sources, &inventory, &options, &found, id, Some(&selector))
                .expect("a sound database")
        };
        for finding in &found.findings {
            let why = ask(&finding.id, finding.subject.package.as_str());
            let [about] = &why.packages[..] else {
                panic!("{name} {}: {why:?}", finding.id)
            };
            let expected = match &finding.suppressed {
                None => Answer::Match {
                    id: finding.id.clone(),
                },
                Some(rule) => Answer::Suppressed {
                    id: finding.id.clone(),
                    rule: rule.clone(),
                },
            };
            assert_eq!(about.answer, expected, "{name} {}", finding.id);
            let holding: Vec<&str> = about
                .steps
                .iter()
                .filter(|step| matches!(step.outcome, Outcome::Affected { .. }))
                .map(|step| step.record.id.as_str())
                .collect();
            for record in &finding.records {
                assert!(holding.contains(&record.id.as_str()), "{name} {record:?}");
            }
            said += 1;
        }
        let advisories = usize::try_from(database.0.advisories().expect("a count")).expect("small");
        let mut tried = 0;
        while tried < 340 {
            let package = &inventory.packages[next(inventory.packages.len())];
            // Half of the records name the package, half are any.
            let rows = Query::of(
                package,
                inventory.distro.as_ref(),
                database.0.ecosystems().expect("a list"),
            )
            .map(|query| {
                let spaces = query.ecosystems.iter();
                spaces
                    .flat_map(|one| database.0.rows(one, &query.name).expect("rows"))
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default();
            let number = match rows.is_empty() || tried % 2 == 0 {
                true => u32::try_from(next(advisories)).expect("small"),
                false => rows[next(rows.len())].advisory,
            };
            let id = database.0.head(number).expect("a head").id;
            let purl = package.purl.as_str();
            let hit = found.findings.iter().any(|one| {
                one.subject.package.as_str() == purl
                    && (one.ids.contains(&id) || one.advisories.contains(&id))
            });
            if hit {
                continue;
            }
            tried += 1;
            let why = ask(&id, purl);
            let [about] = &why.packages[..] else {
                panic!("{name} {id}: {why:?}")
            };
            let Answer::No(reason) = &about.answer else {
                panic!("{name} {purl} {id}: {:?}", about.answer)
            };
            let kind = match reason {
                Reason::NotNamed => "not named",
                Reason::Uncovered(_) => "uncovered",
                Reason::Step(number) => match &about.steps[*number].outcome {
                    Outcome::Affected { .. } => panic!("{name} {purl} {id}: {about:#?}"),
                    Outcome::Outside => "outside",
                    Outcome::Void(_) => "void",
                    _ => "another",
                },
            };
            assert!(about.words().len() > 15, "{}", about.words());
            *reasons.entry(kind).or_insert(0) += 1;
            denied += 1;
        }
    }
    assert!(said > 150 && denied == 1_020, "{said} {denied}");
    assert!(
        reasons["outside"] > 100 && reasons["not named"] > 100,
        "{reasons:?}"
    );
}

#[test]
fn known_findings_of_real_images_are_found() {
    let Some(database) = database(&[
        "ghsa",
        "pypa",
        "go",
        "rustsec",
        "malicious-npm-sample",
        "debian-osv",
    ]) else {
        return;
    };
    let lang = inventory("lang-mini");
    let found = find(&database, &lang);
    for (name, id, severity, fix) in [
        (
            "Django",
            "CVE-2021-35042",
            Severity::Critical,
            Some("3.2.5"),
        ),
        (
            "Django",
            "CVE-2022-28346",
            Severity::Critical,
            Some("3.2.13"),
        ),
        ("lodash", "CVE-2020-8203", Severity::High, Some("4.17.19")),
        ("lodash", "CVE-2021-23337", Severity::High, Some("4.17.21")),
        (
            "minimist",
            "CVE-2021-44906",
            Severity::Critical,
            Some("1.2.6"),
        ),
        ("PyYAML", "CVE-2020-14343", Severity::Critical, Some("5.4")),
        ("axios", "CVE-2021-3749", Severity::High, Some("0.21.2")),
        ("zlib1g", "CVE-2023-45853", Severity::Critical, None),
    ] {
        let one = found
            .shown()
            .find(|one| one.subject.name == name && one.id == id)
            .unwrap_or_else(|| panic!("{name} {id} is not found"));
        assert_eq!(
            (one.severity(), one.fix.version.as_deref()),
            (severity, fix),
            "{name} {id}"
        );
    }
    // Not of this version: fixed in 1.2.2, 1.2.3 and 2.2.2.
    for (name, id) in [
        ("Jinja2", "CVE-2014-0012"),
        ("lodash", "CVE-2019-10744"),
        ("urllib3", "CVE-2016-9015"),
    ] {
        assert!(
            !found
                .findings
                .iter()
                .any(|one| one.subject.name == name && one.ids.contains(id)),
            "{name} {id}"
        );
    }
    // Deleted by a whiteout, so not there to be found.
    assert!(!found.findings.iter().any(|one| one.subject.name == "Flask"));
    let level = |name: &str| {
        let part = found.coverage.parts.iter().find(|part| part.name == name);
        part.map(|part| (part.level, part.packages))
    };
    assert_eq!(level("Debian:12"), Some((Level::Full, 8)));
    assert_eq!(level("PyPI"), Some((Level::Full, 12)));
    assert_eq!(found.coverage.uncovered(), 0, "{:?}", found.coverage);
    assert!(found.findings.len() > 80, "{}", found.findings.len());

    for name in [
        "lang-mini",
        "debian-bookworm-dbonly",
        "scratch-go",
        "alpine-3.20.3-zstd",
        "wolfi-apko-ontop",
    ] {
        let inventory = inventory(name);
        let direct = find(&database, &inventory);
        let mut subject = Subject::new(SubjectKind::Image, name);
        let layer = Layer {
            digest: None,
            diff_id: None,
            created_by: None,
        };
        subject.layers = vec![layer; 64];
        let document = Document::new(subject, inventory, None);
        for format in ["cyclonedx-json", "spdx-json"] {
            let mut bytes = Vec::new();
            write(
                Format::parse(format).expect("a format"),
                &document,
                &mut bytes,
            )
            .expect("written");
            let read = read(&bytes).expect("a document");
            let again = find(&database, &read);
            assert_eq!(again.findings, direct.findings, "{name} {format}");
            assert_eq!(again.undetermined, direct.undetermined, "{name} {format}");
            assert_eq!(again.coverage, direct.coverage, "{name} {format}");
        }
    }
    explained(&database);
    let debian = find(&database, &inventory("debian-bookworm-dbonly"));
    assert!(debian.shown().count() > 20, "{}", debian.shown().count());
    assert!(debian.shown().all(|one| one.id.starts_with("CVE-")));
    let hidden = debian
        .findings
        .iter()
        .filter(|one| one.suppressed.is_some())
        .count();
    assert!(hidden > 0, "nothing unimportant");
}
