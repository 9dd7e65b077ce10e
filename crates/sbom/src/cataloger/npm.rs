//! Installed Node packages.
//!
//! Reads `package.json` at the package roots of `node_modules` and npm's hidden lockfile. A `package.json` anywhere else is a
//! project, a fixture or a part of a package, never an installed package.

pub mod lockfile;
pub mod manifest;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::merged::{Found, Merged, join_path, split};
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Package};
use crate::purl::Purl;
use lockfile::Locked;
use manifest::Manifest;

pub(crate) struct Npm;

impl Cataloger for Npm {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        role(file.path).is_some()
    }

    fn read(&self, file: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        Reading::from_result(match role(file.path) {
            Some(Role::Manifest { .. }) => {
                manifest::parse(bytes).map(|m| Some(Parsed::NpmManifest(m)))
            }
            Some(Role::Lockfile { .. }) => {
                lockfile::parse(bytes).map(|l| Some(Parsed::NpmLockfile(l)))
            }
            None => Ok(None),
        })
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        let locked = locked(merged);
        let mut packages: BTreeMap<(usize, &[u8]), Package> = BTreeMap::new();
        let mut requires: BTreeMap<(usize, &[u8]), BTreeSet<&str>> = BTreeMap::new();
        for found in merged.visible() {
            let (Some(Role::Manifest { folder }), Some(manifest)) =
                (role(found.path), manifest(found))
            else {
                continue;
            };
            let entry = locked
                .get(folder)
                .filter(|l| l.version.as_ref().is_none_or(|v| *v == manifest.version));
            let Some(mut package) = package(manifest, entry.copied()) else {
                inventory.unreadable.push(Unreadable {
                    location: found.location(),
                    fault: Fault::Name {
                        name: manifest.name.clone(),
                    },
                });
                continue;
            };
            let key = |m: &Manifest| (m.name.clone(), m.version.clone());
            let history =
                merged.history(found, |f| self::manifest(f).map(key).into_iter().collect());
            package.introduced_in = Some(history.introduced(&key(manifest)));
            package.files.push(found.location());
            let place = (found.layer, found.path);
            // The lockfile states what was resolved; without it the package's own wishes are all there is.
            let names = entry.map_or(&manifest.requires, |e| &e.requires);
            requires.insert(place, names.iter().map(String::as_str).collect());
            packages.insert(place, package);
        }
        let ids: BTreeMap<_, _> = packages.iter().map(|(place, p)| (*place, p.id())).collect();
        for (place, mut package) in packages {
            let (folder, _) = split(place.1);
            for name in requires.get(&place).into_iter().flatten() {
                let target = resolve(merged, folder, name).map(|f| (f.layer, f.path));
                package
                    .depends_on
                    .extend(target.and_then(|t| ids.get(&t)).cloned());
            }
            inventory.packages.push(package);
        }
    }
}

/// Finds a package as Node does: in `node_modules` of the directory and of each directory above it.
fn resolve<'m, 'a>(merged: &'m Merged<'a>, folder: &[u8], name: &str) -> Option<&'m Found<'a>> {
    let rest = [b"node_modules/", name.as_bytes(), b"/package.json"].concat();
    let mut at = folder;
    loop {
        // Node does not look for node_modules/node_modules.
        if split(at).1 != b"node_modules"
            && let Some(found) = merged.resolve(&join_path(at, &rest))
        {
            return Some(found);
        }
        if at.is_empty() {
            return None;
        }
        at = split(at).0;
    }
}

/// Returns what the visible lockfiles say, by the directory of the package.
fn locked<'a>(merged: &Merged<'a>) -> BTreeMap<Vec<u8>, &'a Locked> {
    let mut out = BTreeMap::new();
    for found in merged.visible() {
        let Some(Role::Lockfile { project }) = role(found.path) else {
            continue;
        };
        for parsed in found.parsed {
            if let Parsed::NpmLockfile(packages) = parsed {
                out.extend(
                    packages
                        .iter()
                        .map(|(path, l)| (join_path(project, path.as_bytes()), l)),
                );
            }
        }
    }
    out
}

fn package(manifest: &Manifest, locked: Option<&Locked>) -> Option<Package> {
    let (namespace, name) = match manifest.name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, manifest.name.as_str()),
    };
    let purl = Purl::builder("npm", name)
        .namespace(namespace)
        .version(Some(&manifest.version))
        .build()
        .ok()?;
    let mut package = Package::new(
        Ecosystem::Npm,
        &manifest.name,
        Some(&manifest.version),
        purl,
    );
    package.licenses.clone_from(&manifest.licenses);
    package.supplier.clone_from(&manifest.supplier);
    package.summary.clone_from(&manifest.summary);
    package.homepage.clone_from(&manifest.homepage);
    if let Some(locked) = locked {
        package.checksums.clone_from(&locked.checksums);
        if package.licenses.is_empty() {
            package.licenses.clone_from(&locked.licenses);
        }
    }
    Some(package)
}

fn manifest<'a>(found: &Found<'a>) -> Option<&'a Manifest> {
    found.parsed.iter().find_map(|p| match p {
        Parsed::NpmManifest(manifest) => Some(manifest),
        _ => None,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Role<'a> {
    /// A package's manifest, with the directory of the package.
    Manifest { folder: &'a [u8] },
    /// A hidden lockfile, with the directory of the project.
    Lockfile { project: &'a [u8] },
}

fn role(path: &[u8]) -> Option<Role<'_>> {
    let (folder, name) = split(path);
    match name {
        b"package.json" if is_package_root(folder) => Some(Role::Manifest { folder }),
        b".package-lock.json" => {
            let (project, modules) = split(folder);
            (modules == b"node_modules").then_some(Role::Lockfile { project })
        }
        _ => None,
    }
}

/// Says whether a directory is `…/node_modules/NAME` or `…/node_modules/@SCOPE/NAME`.
fn is_package_root(folder: &[u8]) -> bool {
    let (parent, name) = split(folder);
    if name.is_empty() || name.starts_with(b".") || name.starts_with(b"@") {
        return false;
    }
    let (grandparent, scope) = split(parent);
    scope == b"node_modules" || (scope.starts_with(b"@") && split(grandparent).1 == b"node_modules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_takes_package_roots_only() {
        let manifest = |folder| Some(Role::Manifest { folder });
        let table: [(&[u8], Option<Role<'_>>); 9] = [
            (b"node_modules/a/package.json", manifest(b"node_modules/a")),
            (
                b"x/node_modules/@s/a/package.json",
                manifest(b"x/node_modules/@s/a"),
            ),
            (
                b"x/node_modules/.pnpm/a@1/node_modules/a/package.json",
                manifest(b"x/node_modules/.pnpm/a@1/node_modules/a"),
            ),
            (
                b"x/node_modules/.package-lock.json",
                Some(Role::Lockfile { project: b"x" }),
            ),
            (b"x/package.json", None),
            (b"x/node_modules/a/dist/package.json", None),
            (b"x/node_modules/@s/package.json", None),
            (b"x/node_modules/.cache/package.json", None),
            (b"x/my_node_modules/a/package.json", None),
        ];
        for (path, expected) in table {
            assert_eq!(role(path), expected, "{}", String::from_utf8_lossy(path));
        }
    }
}
