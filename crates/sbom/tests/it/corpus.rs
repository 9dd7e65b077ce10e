//! The corpus of real images against inventories made without any SBOM tool.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toolkit_oci::Target;
use toolkit_sbom::{Ecosystem, Inventory};

use crate::data;

/// A package as truth and inventory must agree on it: ecosystem, name, version without epoch.
type Key = (Ecosystem, String, String);

#[test]
fn complete_images_are_listed_exactly() {
    let Some(shared) = data::shared() else {
        return;
    };
    for (truth, packages) in [
        ("alpine-3.20.3-multiarch.linux-amd64", 14),
        ("alpine-3.20.3-multiarch.linux-arm64-v8", 14),
        ("alpine-3.20.3-zstd", 14),
        ("alpine-3.6.5", 13),
        ("debian-bookworm-dbonly", 91),
        ("debian-large-dbonly", 1_391),
        ("distroless-base-debian11-dbonly", 6),
        ("amazonlinux-2023-dbonly", 103),
        ("almalinux-9-micro-arm64-zstd", 23),
        ("wolfi-apko-ontop", 5),
        ("scratch-go", 7),
    ] {
        let (truth, inventory) = read(&shared, truth);
        assert_eq!(inventory.unreadable, [], "{}", truth["image"]);
        assert_eq!(inventory.packages.len(), packages, "{}", truth["image"]);
        assert_eq!(missing(&truth, &inventory), [""; 0], "{}", truth["image"]);
        assert_eq!(extra(&truth, &inventory), [""; 0], "{}", truth["image"]);
    }
}

#[test]
fn language_packages_are_listed_exactly() {
    let Some(shared) = data::shared() else {
        return;
    };
    let (truth, inventory) = read(&shared, "lang-mini");
    assert_eq!(missing(&truth, &inventory), [""; 0]);
    assert_eq!(extra(&truth, &inventory), [""; 0]);
    assert_eq!(inventory.unreadable, []);
}

#[test]
fn old_rpm_databases_are_said_to_be_unread() {
    let Some(shared) = data::shared() else {
        return;
    };
    for (truth, expected) in [
        (
            "ubi8-8.6-dbonly",
            "`/var/lib/rpm/Packages` in layer 0: an rpm database in Berkeley DB format is not supported",
        ),
        (
            "sle15-bci-dbonly",
            "`/usr/lib/sysimage/rpm/Packages.db` in layer 0: an rpm database in NDB format is not supported",
        ),
    ] {
        let (_, inventory) = read(&shared, truth);
        // The publishers of ubi8 emptied its Python metadata, which is reported as well.
        let found: Vec<_> = inventory
            .unreadable
            .iter()
            .map(ToString::to_string)
            .filter(|u| !u.contains("python"))
            .collect();
        assert_eq!(found, [expected], "{truth}");
        assert_eq!(data::listed(&inventory), [""; 0], "{truth}");
    }
}

fn read(shared: &std::path::Path, name: &str) -> (Value, Inventory) {
    let bytes = fs_err::read(shared.join(format!("corpus/truth/{name}.json"))).unwrap();
    let truth: Value = serde_json::from_slice(&bytes).unwrap();
    let path = shared
        .join("corpus/oci")
        .join(truth["image"].as_str().unwrap());
    let target = Target::Layout {
        path,
        selector: None,
    };
    let inventory = data::read(&target, truth["platform"].as_str());
    (truth, inventory)
}

fn missing(truth: &Value, inventory: &Inventory) -> Vec<String> {
    let mut have: BTreeMap<Key, BTreeSet<Option<&str>>> = BTreeMap::new();
    for package in &inventory.packages {
        let version = package.version.as_deref().unwrap_or_default();
        let key = key(package.ecosystem, &package.name, version);
        have.entry(key)
            .or_default()
            .insert(package.purl.qualifier("arch"));
    }
    let mut out = Vec::new();
    for (kind, entry) in entries(truth) {
        let Some((ecosystem, false)) = ecosystem(kind) else {
            continue;
        };
        let key = entry_key(ecosystem, entry);
        let arch = entry["arch"].as_str().filter(|a| *a != "(none)");
        match have.get(&key) {
            None => out.push(format!("{kind} {} {}", key.1, key.2)),
            Some(found)
                if ecosystem.is_operating_system() && arch.is_some() && !found.contains(&arch) =>
            {
                out.push(format!("{kind} {} for {arch:?}: {found:?}", key.1));
            }
            Some(_) => {}
        }
    }
    out
}

fn extra(truth: &Value, inventory: &Inventory) -> Vec<String> {
    let known: BTreeSet<Key> = entries(truth)
        .filter_map(|(kind, entry)| Some(entry_key(ecosystem(kind)?.0, entry)))
        .collect();
    let packages = inventory.packages.iter();
    packages
        .filter(|p| {
            !known.contains(&key(
                p.ecosystem,
                &p.name,
                p.version.as_deref().unwrap_or_default(),
            ))
        })
        .map(|p| p.purl.to_string())
        .collect()
}

fn entries(truth: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let packages = truth["packages"].as_array().unwrap();
    packages.iter().map(|p| (p["type"].as_str().unwrap(), p))
}

fn entry_key(ecosystem: Ecosystem, entry: &Value) -> Key {
    let text = |field: &str| entry[field].as_str().unwrap();
    key(ecosystem, text("name"), text("version"))
}

/// Returns the ecosystem of a type of the truth, and whether listing it is a choice.
fn ecosystem(kind: &str) -> Option<(Ecosystem, bool)> {
    Some(match kind {
        "apk" => (Ecosystem::Apk, false),
        "cargo" => (Ecosystem::Cargo, false),
        "cargo-build" => (Ecosystem::Cargo, true),
        "deb" => (Ecosystem::Deb, false),
        "go" | "go-main" | "go-stdlib" => (Ecosystem::Go, false),
        "npm" => (Ecosystem::Npm, false),
        "npm-nonroot" => (Ecosystem::Npm, true),
        "python" => (Ecosystem::Python, false),
        "rpm" => (Ecosystem::Rpm, false),
        "alpm" | "composer" | "gem" | "opkg" => return None,
        other => panic!("unknown type `{other}` in the truth"),
    })
}

fn key(ecosystem: Ecosystem, name: &str, version: &str) -> Key {
    let version = match (ecosystem, version.split_once(':')) {
        (Ecosystem::Rpm, Some((_, rest))) => rest,
        (Ecosystem::Go, _) => version.strip_prefix("go").unwrap_or(version),
        _ => version,
    };
    (ecosystem, name.to_owned(), version.to_owned())
}
