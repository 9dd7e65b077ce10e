//! A slow matcher written apart from the fast one, by the evaluation algorithm of the OSV schema on the records' own JSON, and a comparison of both on a
//! sample of real records. It knows no interval, no key, no cluster; it shares only the comparison of two versions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};

use jiff::civil::date;
use serde_json::Value;
use toolkit_sbom::{Ecosystem, Inventory, Package, Purl};
use toolkit_vulndb::db::{Builder, Details, Index};
use toolkit_vulndb::feed::osv;
use toolkit_vulndb::matching::{Options, Sources, matches};
use toolkit_vulndb::version::Scheme;

use crate::packs::members;

/// The packs, of which every n-th record gives versions to ask about.
const PACKS: [(&str, usize); 6] = [
    ("ghsa", 61),
    ("pypa", 17),
    ("go", 7),
    ("rustsec", 3),
    ("almalinux-osv", 101),
    ("debian-osv", 601),
];

/// Ecosystem of the records, type of package URL, scheme, and the distribution's id.
const KINDS: [(&str, &str, Scheme, Option<&str>); 13] = [
    ("npm", "npm", Scheme::SemVer, None),
    ("PyPI", "pypi", Scheme::Pep440, None),
    ("crates.io", "cargo", Scheme::SemVer, None),
    ("Go", "golang", Scheme::Go, None),
    ("Maven", "maven", Scheme::Maven, None),
    ("NuGet", "nuget", Scheme::NuGet, None),
    ("RubyGems", "gem", Scheme::RubyGems, None),
    ("Packagist", "composer", Scheme::Composer, None),
    ("Hex", "hex", Scheme::Hex, None),
    ("Debian:11", "deb", Scheme::Debian, Some("debian-11")),
    ("Debian:12", "deb", Scheme::Debian, Some("debian-12")),
    ("AlmaLinux:8", "rpm", Scheme::Rpm, Some("almalinux-8.9")),
    ("AlmaLinux:9", "rpm", Scheme::Rpm, Some("almalinux-9.3")),
];

struct Entry {
    id: String,
    affected: Value,
}

/// By ecosystem and name in lower case with one kind of separator: looser than any registry, the exact name is compared after.
type Entries = BTreeMap<(String, String), Vec<Entry>>;

fn name_of(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "PyPI" => {
            let mut out = name.to_lowercase().replace(['_', '.'], "-");
            while out.contains("--") {
                out = out.replace("--", "-");
            }
            out.trim_matches('-').to_owned()
        }
        "NuGet" | "Packagist" | "Hex" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// OSV schema, "Evaluation": versions listed, or inside of a range after all of its events in order. `None` where a version does not order.
fn is_affected(scheme: Scheme, affected: &Value, version: &str) -> Option<bool> {
    let same = |other: &str| match scheme.compare(version, other) {
        Ok(order) => order == Ordering::Equal,
        Err(_) => version == other,
    };
    let listed = affected["versions"].as_array().into_iter().flatten();
    if listed.filter_map(Value::as_str).any(same) {
        return Some(true);
    }
    let mut open = false;
    for range in affected["ranges"].as_array().into_iter().flatten() {
        if range["type"] == "GIT" {
            continue;
        }
        match in_range(scheme, range["events"].as_array()?, version) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(false) }
}

fn in_range(scheme: Scheme, events: &[Value], version: &str) -> Option<bool> {
    let mut steps: Vec<(&str, &str)> = Vec::new();
    for event in events {
        for kind in ["introduced", "fixed", "last_affected", "limit"] {
            if let Some(version) = event[kind].as_str() {
                steps.push((kind, version));
            }
        }
    }
    let before = |left: &str, right: &str| -> Option<Ordering> {
        match (left, right) {
            ("0", "0") => Some(Ordering::Equal),
            ("0", _) => Some(Ordering::Less),
            (_, "0") => Some(Ordering::Greater),
            _ => scheme.compare(left, right).ok(),
        }
    };
    // Insertion sort: a comparison may fail, which no sort of the library may.
    let mut sorted: Vec<(&str, &str)> = Vec::new();
    for step in steps {
        let mut at = sorted.len();
        while at > 0 && before(step.1, sorted[at - 1].1)? == Ordering::Less {
            at -= 1;
        }
        sorted.insert(at, step);
    }
    let mut inside = false;
    for (kind, bound) in sorted {
        let order = before(bound, version)?;
        match kind {
            "introduced" if order != Ordering::Greater => inside = true,
            "fixed" | "limit" if order != Ordering::Greater => inside = false,
            "last_affected" if order == Ordering::Less => inside = false,
            _ => {}
        }
    }
    Some(inside)
}

/// Epochs are their own rule, tested apart.
fn without_epoch(version: &str) -> bool {
    !version.contains(':') || version.starts_with("0:")
}

fn package(ty: &str, name: &str, version: &str, distro: Option<&str>) -> Option<Package> {
    let (namespace, last) = match (ty, name.rsplit_once(if ty == "maven" { ':' } else { '/' })) {
        (_, Some((namespace, last))) => (Some(namespace), last),
        (_, None) => (None, name),
    };
    let purl = Purl::builder(ty, last)
        .namespace(namespace)
        .version(Some(version))
        .qualifier("distro", distro)
        .build()
        .ok()?;
    Some(Package::new(
        Ecosystem::of_purl_type(ty),
        name,
        Some(version),
        purl,
    ))
}

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

#[test]
fn both_matchers_agree() {
    let mut builder = Builder::default();
    let mut entries = Entries::new();
    let mut asked: Vec<(usize, String, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (pack, every) in PACKS {
        let mut count = 0;
        let read = members(pack, |name, bytes| {
            if !name.ends_with(".json") || name.starts_with("withdrawn-undated/") {
                return;
            }
            count += 1;
            builder.add(osv::parse(bytes).expect("a record"));
            let record: Value = serde_json::from_slice(bytes).expect("JSON");
            let id = record["id"].as_str().expect("an id").to_owned();
            if !seen.insert(id.clone()) || !record["withdrawn"].is_null() {
                return;
            }
            for affected in record["affected"].as_array().into_iter().flatten() {
                let ecosystem = affected["package"]["ecosystem"]
                    .as_str()
                    .unwrap_or_default();
                let Some(kind) = KINDS.iter().position(|kind| kind.0 == ecosystem) else {
                    continue;
                };
                let name = affected["package"]["name"].as_str().unwrap_or_default();
                let key = (ecosystem.to_owned(), name_of(ecosystem, name));
                if count % every == 0 {
                    for version in versions(affected) {
                        asked.push((kind, key.1.clone(), version));
                    }
                }
                entries.entry(key).or_default().push(Entry {
                    id: id.clone(),
                    affected: affected.clone(),
                });
            }
        });
        if !read {
            return;
        }
    }
    asked.sort();
    asked.dedup();
    let built = builder.finish(b"{}").expect("a database");
    let index = Index::open(file(&built.index)).expect("an index");
    let details = Details::open(file(&built.details)).expect("details");
    let sources = Sources {
        details: Some(&details),
        ..Sources::of(&index)
    };

    let (mut wrong, mut tried, mut affected) = (Vec::new(), 0, 0);
    for (kind, name, version) in &asked {
        let (ecosystem, ty, scheme, distro) = KINDS[*kind];
        let Some(package) = package(ty, name, version, distro) else {
            continue;
        };
        let inventory = Inventory {
            packages: vec![package],
            ..Inventory::default()
        };
        let found = matches(&sources, &inventory, &Options::on(date(2025, 3, 1)))
            .expect("a sound database");
        let fast: BTreeSet<String> = found
            .findings
            .iter()
            .flat_map(|one| one.records.iter().map(|record| record.id.clone()))
            .collect();
        let open: BTreeSet<&String> = found.undetermined.iter().map(|one| &one.id).collect();
        for entry in &entries[&(ecosystem.to_owned(), name.clone())] {
            // Advisories of Debian give way to its records of CVEs, modules to streams.
            if entry.id.starts_with("DSA-")
                || entry.id.starts_with("DLA-")
                || entry.id.starts_with("DTSA-")
            {
                continue;
            }
            let text = entry.affected.to_string();
            if scheme == Scheme::Rpm && (text.contains("module") || version.contains("module")) {
                continue;
            }
            let several = entries[&(ecosystem.to_owned(), name.clone())]
                .iter()
                .filter(|other| other.id == entry.id);
            let slow: Vec<Option<bool>> = several
                .map(|other| is_affected(scheme, &other.affected, version))
                .collect();
            tried += 1;
            let expected = if slow.contains(&Some(true)) {
                Some(true)
            } else if slow.contains(&None) {
                None
            } else {
                Some(false)
            };
            affected += usize::from(expected == Some(true));
            let agrees = match expected {
                Some(expected) => fast.contains(&entry.id) == expected,
                // Open, unless another record of the cluster decides.
                None => open.contains(&entry.id) || !fast.is_empty(),
            };
            if !agrees {
                wrong.push(format!(
                    "{ecosystem} {name} {version}: {} slow {expected:?} fast {}",
                    entry.id,
                    fast.contains(&entry.id)
                ));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(60)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(tried > 50_000 && affected > 5_000, "{tried} {affected}");
}

/// The bounds of a record and some of its listed versions.
fn versions(affected: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    for range in affected["ranges"].as_array().into_iter().flatten() {
        if range["type"] == "GIT" {
            continue;
        }
        for event in range["events"].as_array().into_iter().flatten() {
            for kind in ["introduced", "fixed", "last_affected", "limit"] {
                found.extend(
                    event[kind]
                        .as_str()
                        .filter(|text| *text != "0")
                        .map(str::to_owned),
                );
            }
        }
    }
    let listed: Vec<&str> = affected["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    found.extend(
        listed
            .iter()
            .step_by(1 + listed.len() / 5)
            .map(|text| (*text).to_owned()),
    );
    found
        .into_iter()
        .filter(|version| without_epoch(version))
        .collect()
}
