//! Installed Python distributions.
//!
//! Reads `METADATA` of `dist-info` directories and `PKG-INFO` of `egg-info`, with `RECORD` for the files that were installed.
//! Archives that are not installed (`*.whl`) and lists of wishes (`requirements.txt`) are not packages.

pub mod metadata;
pub mod requirement;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::merged::{Found, Merged, join_path, split};
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Location, Package, PackageId};
use crate::purl::Purl;
use metadata::{Metadata, normalized};
use requirement::Environment;

pub(crate) struct Python;

impl Cataloger for Python {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        role(file.path).is_some()
    }

    fn read(&self, file: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        match role(file.path) {
            Some(Role::Metadata { .. }) => Reading::from_result(
                metadata::parse(bytes).map(|m| Some(Parsed::PythonMetadata(m))),
            ),
            Some(Role::Record) => Reading::of(Parsed::PythonRecord(metadata::record(bytes))),
            None => Reading::default(),
        }
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        let mut installed = Vec::new();
        for found in merged.visible() {
            let (Some(Role::Metadata { site }), Some(metadata)) =
                (role(found.path), metadata(found))
            else {
                continue;
            };
            let Some(mut package) = package(metadata) else {
                inventory.unreadable.push(Unreadable {
                    location: found.location(),
                    fault: Fault::Name {
                        name: metadata.name.clone(),
                    },
                });
                continue;
            };
            let key = |m: &Metadata| (m.name.clone(), m.version.clone());
            let history =
                merged.history(found, |f| self::metadata(f).map(key).into_iter().collect());
            package.introduced_in = Some(history.introduced(&key(metadata)));
            package.files.push(found.location());
            package.owned_files = owned(merged, found, site);
            installed.push(Installed {
                site,
                environment: Environment {
                    python: python_version(site),
                },
                metadata,
                id: package.id(),
                package,
            });
        }
        let edges = edges(&installed);
        for (item, edges) in installed.into_iter().zip(edges) {
            let mut package = item.package;
            package.depends_on = edges;
            inventory.packages.push(package);
        }
    }
}

struct Installed<'a> {
    site: &'a [u8],
    environment: Environment,
    metadata: &'a Metadata,
    id: PackageId,
    package: Package,
}

/// Follows `Requires-Dist` to what is installed: in the same directory, else in any other that Python may search.
fn edges(installed: &[Installed<'_>]) -> Vec<BTreeSet<PackageId>> {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, item) in installed.iter().enumerate() {
        by_name
            .entry(normalized(&item.metadata.name))
            .or_default()
            .push(index);
    }
    let targets = |from: &Installed<'_>, name: &str| -> Vec<usize> {
        let all = by_name.get(&normalized(name)).cloned().unwrap_or_default();
        let near: Vec<usize> = all
            .iter()
            .copied()
            .filter(|to| installed.get(*to).is_some_and(|to| to.site == from.site))
            .collect();
        if near.is_empty() { all } else { near }
    };
    // An extra that is asked for brings requirements of its own, which may ask for extras again.
    let mut extras: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); installed.len()];
    let mut out: Vec<BTreeSet<PackageId>> = vec![BTreeSet::new(); installed.len()];
    let mut todo: Vec<usize> = (0..installed.len()).collect();
    while let Some(index) = todo.pop() {
        let Some(item) = installed.get(index) else {
            continue;
        };
        let asked = extras.get(index).cloned().unwrap_or_default();
        for requirement in &item.metadata.requires {
            if !requirement.applies(&item.environment, asked.iter().copied()) {
                continue;
            }
            for target in targets(item, &requirement.name) {
                if let (Some(edges), Some(to)) = (out.get_mut(index), installed.get(target)) {
                    edges.insert(to.id.clone());
                }
                if let Some(known) = extras.get_mut(target) {
                    let before = known.len();
                    known.extend(requirement.extras.iter().map(String::as_str));
                    if known.len() > before {
                        todo.push(target);
                    }
                }
            }
        }
    }
    out
}

fn package(metadata: &Metadata) -> Option<Package> {
    let purl = Purl::builder("pypi", &metadata.name)
        .version(Some(&metadata.version))
        .build()
        .ok()?;
    let mut package = Package::new(
        Ecosystem::Python,
        &metadata.name,
        Some(&metadata.version),
        purl,
    );
    package.licenses.clone_from(&metadata.licenses);
    package.supplier.clone_from(&metadata.supplier);
    package.summary.clone_from(&metadata.summary);
    package.homepage.clone_from(&metadata.homepage);
    Some(package)
}

/// Returns the files of `RECORD` that the image shows; its paths are relative to the directory of the distribution.
fn owned(merged: &Merged<'_>, found: &Found<'_>, site: &[u8]) -> Vec<Location> {
    let (folder, _) = split(found.path);
    let record = merged.resolve(&join_path(folder, b"RECORD"));
    let paths = record.and_then(|f| {
        f.parsed.iter().find_map(|p| match p {
            Parsed::PythonRecord(paths) => Some(paths),
            _ => None,
        })
    });
    let paths: Vec<Vec<u8>> = paths
        .into_iter()
        .flatten()
        .filter_map(|path| absolute(site, path.as_bytes()))
        .collect();
    merged.owned(paths.iter().map(Vec::as_slice))
}

/// Joins a path of `RECORD` with its directory; `None` where it climbs above the root.
fn absolute(site: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = Vec::new();
    if !path.starts_with(b"/") {
        parts.extend(site.split(|b| *b == b'/').filter(|p| !p.is_empty()));
    }
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// Reads the version from a directory such as `usr/lib/python3.11/site-packages`.
fn python_version(site: &[u8]) -> Option<(u64, u64)> {
    site.split(|b| *b == b'/').rev().find_map(|part| {
        let part = std::str::from_utf8(part).ok()?.to_ascii_lowercase();
        let (major, minor) = part.strip_prefix("python")?.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}

fn metadata<'a>(found: &Found<'a>) -> Option<&'a Metadata> {
    found.parsed.iter().find_map(|p| match p {
        Parsed::PythonMetadata(metadata) => Some(metadata),
        _ => None,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Role<'a> {
    /// A distribution's metadata, with the directory in which it is installed.
    Metadata {
        site: &'a [u8],
    },
    Record,
}

fn role(path: &[u8]) -> Option<Role<'_>> {
    let (folder, name) = split(path);
    if name.ends_with(b".egg-info") {
        return Some(Role::Metadata { site: folder });
    }
    let (site, info) = split(folder);
    match name {
        b"METADATA" if info.ends_with(b".dist-info") => Some(Role::Metadata { site }),
        b"PKG-INFO" if info.ends_with(b".egg-info") => Some(Role::Metadata { site }),
        b"RECORD" if info.ends_with(b".dist-info") => Some(Role::Record),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_goes_by_name() {
        let table: [(&[u8], Option<Role<'_>>); 6] = [
            (
                b"s/Foo-1.dist-info/METADATA",
                Some(Role::Metadata { site: b"s" }),
            ),
            (
                b"s/Foo-1.egg-info/PKG-INFO",
                Some(Role::Metadata { site: b"s" }),
            ),
            (b"s/Foo-1.egg-info", Some(Role::Metadata { site: b"s" })),
            (b"s/Foo-1.dist-info/RECORD", Some(Role::Record)),
            (b"s/Foo/METADATA", None),
            (b"METADATA", None),
        ];
        for (path, expected) in table {
            assert_eq!(role(path), expected, "{}", String::from_utf8_lossy(path));
        }
    }

    #[test]
    fn record_paths_become_absolute() {
        let site = b"usr/lib/python3.11/site-packages";
        assert_eq!(
            absolute(site, b"a/./b.py").as_deref(),
            Some(&b"usr/lib/python3.11/site-packages/a/b.py"[..])
        );
        assert_eq!(
            absolute(site, b"../../../bin/x").as_deref(),
            Some(&b"usr/bin/x"[..])
        );
        assert_eq!(absolute(b"a", b"../../x"), None);
        assert_eq!(absolute(site, b"/etc/x").as_deref(), Some(&b"etc/x"[..]));
        assert_eq!(python_version(site), Some((3, 11)));
        assert_eq!(python_version(b"opt/app"), None);
    }
}
