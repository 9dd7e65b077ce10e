//! Rust crates in programs built with `cargo auditable`.
//!
//! Reads the `.dep-v0` section of ELF, PE and Mach-O files. Sources (`Cargo.lock`) are not what runs.

pub mod auditable;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::merged::{Found, Merged};
use super::{Candidate, Cataloger, Parsed, Reading, go};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Kind, Package, PackageId, Scope};
use crate::purl::Purl;
use auditable::{Crate, DependencyKind};

pub(crate) struct Cargo;

impl Cataloger for Cargo {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        go::is_program(file.head)
    }

    /// A program is searched in place; what is unpacked from it has a bound of its own.
    fn largest(&self) -> usize {
        usize::MAX
    }

    fn read(&self, _: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        Reading::from_result(auditable::parse(bytes).map(|crates| crates.map(Parsed::Cargo)))
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        for found in merged.visible() {
            let crates = crates(found);
            if crates.is_empty() {
                continue;
            }
            let history = merged.history(found, |f| {
                self::crates(f).iter().map(key).collect::<BTreeSet<_>>()
            });
            let purls: Vec<_> = crates.iter().map(purl).collect();
            for (item, purl) in crates.iter().zip(&purls) {
                let Some(purl) = purl else {
                    inventory.unreadable.push(Unreadable {
                        location: found.location(),
                        fault: Fault::Name {
                            name: item.name.clone(),
                        },
                    });
                    continue;
                };
                let mut package = Package::new(
                    Ecosystem::Cargo,
                    &item.name,
                    Some(&item.version),
                    purl.clone(),
                );
                if item.root {
                    package.kind = Kind::Application;
                }
                package.scope = match item.kind {
                    DependencyKind::Runtime => Scope::Runtime,
                    DependencyKind::Build => Scope::Build,
                };
                package.files.push(found.location());
                package.introduced_in = Some(history.introduced(&key(item)));
                package.depends_on = item
                    .dependencies
                    .iter()
                    .filter_map(|index| purls.get(*index)?.as_ref())
                    .map(PackageId::of)
                    .collect();
                inventory.packages.push(package);
            }
        }
    }
}

fn purl(item: &Crate) -> Option<Purl> {
    Purl::builder("cargo", &item.name)
        .version(Some(&item.version))
        .build()
        .ok()
}

fn key(item: &Crate) -> (String, String) {
    (item.name.clone(), item.version.clone())
}

fn crates<'a>(found: &Found<'a>) -> &'a [Crate] {
    found
        .parsed
        .iter()
        .find_map(|p| match p {
            Parsed::Cargo(crates) => Some(crates.as_slice()),
            _ => None,
        })
        .unwrap_or_default()
}
