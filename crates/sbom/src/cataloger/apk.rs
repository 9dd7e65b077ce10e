//! Alpine packages, also those of Wolfi and Chainguard.
//!
//! Reads `lib/apk/db/installed` and `usr/lib/apk/db/installed`. Repositories and the world file are not looked at.

pub mod installed;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::merged::{Found, Merged};
use super::relation::Providers;
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Package, Party, SourcePackage};
use crate::purl::Purl;
use installed::Stanza;

pub(crate) struct Apk;

impl Cataloger for Apk {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        root(file.path).is_some()
    }

    fn read(&self, _: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        let (stanzas, faults) = installed::parse(bytes);
        Reading::with_faults(Parsed::Apk(stanzas), faults)
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        for found in merged.visible() {
            if let Some(root) = root(found.path) {
                join_database(merged, found, root, inventory);
            }
        }
    }
}

fn join_database(merged: &Merged<'_>, found: &Found<'_>, root: &[u8], inventory: &mut Inventory) {
    let history = merged.history(found, |f| {
        stanzas(f).iter().map(key).collect::<BTreeSet<_>>()
    });
    let mut packages = Vec::new();
    for stanza in stanzas(found) {
        let Some(mut package) = package(merged, stanza) else {
            inventory.unreadable.push(Unreadable {
                location: found.location(),
                fault: Fault::Name {
                    name: stanza.name.clone(),
                },
            });
            continue;
        };
        let paths: Vec<_> = stanza
            .files
            .iter()
            .map(|f| [root, f.as_bytes()].concat())
            .collect();
        package.owned_files = merged.owned(paths.iter().map(Vec::as_slice));
        package.files.push(found.location());
        package.introduced_in = Some(history.introduced(&key(stanza)));
        packages.push((stanza, package));
    }
    let mut providers = Providers::default();
    let paths: Vec<Vec<String>> = absolute_paths(&packages);
    for ((stanza, package), paths) in packages.iter().zip(&paths) {
        let id = package.id();
        providers.add(&stanza.name, &id);
        for name in stanza.provides.iter().chain(paths) {
            providers.add(name, &id);
        }
    }
    let edges: Vec<BTreeSet<_>> = packages
        .iter()
        .map(|(stanza, _)| {
            stanza
                .depends
                .iter()
                .flat_map(|d| providers.of(d))
                .cloned()
                .collect()
        })
        .collect();
    for ((_, mut package), edges) in packages.into_iter().zip(edges) {
        package.depends_on = edges;
        inventory.packages.push(package);
    }
}

/// Returns the absolute paths of the files, which a dependency on a path names.
fn absolute_paths(packages: &[(&Stanza, Package)]) -> Vec<Vec<String>> {
    packages
        .iter()
        .map(|(stanza, _)| stanza.files.iter().map(|f| format!("/{f}")).collect())
        .collect()
}

fn package(merged: &Merged<'_>, stanza: &Stanza) -> Option<Package> {
    let distro = merged.distro();
    let origin = stanza.origin.as_deref();
    let purl = Purl::builder("apk", &stanza.name)
        .namespace(Some(distro.map_or("alpine", |d| d.purl_namespace())))
        .version(Some(&stanza.version))
        .qualifier("arch", stanza.architecture.as_deref())
        .qualifier("distro", distro.map(|d| d.purl_qualifier()).as_deref())
        .qualifier("upstream", origin.filter(|o| *o != stanza.name))
        .build()
        .ok()?;
    let mut package = Package::new(Ecosystem::Apk, &stanza.name, Some(&stanza.version), purl);
    package.architecture.clone_from(&stanza.architecture);
    package.licenses.extend(stanza.license.clone());
    package.supplier = stanza.maintainer.as_deref().and_then(Party::parse);
    package.summary.clone_from(&stanza.summary);
    package.homepage.clone_from(&stanza.url);
    package.source = origin.map(|name| SourcePackage {
        name: name.to_owned(),
        version: Some(stanza.version.clone()),
    });
    Some(package)
}

fn stanzas<'a>(found: &Found<'a>) -> &'a [Stanza] {
    found
        .parsed
        .iter()
        .find_map(|p| match p {
            Parsed::Apk(stanzas) => Some(stanzas.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
}

fn key(stanza: &Stanza) -> (String, String, Option<String>) {
    (
        stanza.name.clone(),
        stanza.version.clone(),
        stanza.architecture.clone(),
    )
}

/// Returns the root directory (with its slash) of the system that a database belongs to.
fn root(path: &[u8]) -> Option<&[u8]> {
    let prefix = path.strip_suffix(b"lib/apk/db/installed")?;
    let prefix = prefix.strip_suffix(b"usr/").unwrap_or(prefix);
    (prefix.is_empty() || prefix.ends_with(b"/")).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_what_comes_before_the_database() {
        let table: [(&[u8], Option<&[u8]>); 5] = [
            (b"lib/apk/db/installed", Some(b"")),
            (b"usr/lib/apk/db/installed", Some(b"")),
            (b"srv/root/lib/apk/db/installed", Some(b"srv/root/")),
            (b"mylib/apk/db/installed", None),
            (b"lib/apk/db/installed.new", None),
        ];
        for (path, expected) in table {
            assert_eq!(root(path), expected, "{}", String::from_utf8_lossy(path));
        }
    }
}
