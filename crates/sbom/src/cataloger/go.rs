//! Go modules in programs.
//!
//! Reads the build information of ELF, PE and Mach-O files. Sources (`go.mod`) are wishes, not what runs.

pub mod buildinfo;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::merged::{Found, Merged};
use super::{Candidate, Cataloger, Parsed, Reading};
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Ecosystem, Kind, Package};
use crate::purl::Purl;
use buildinfo::{BuildInfo, Module};

pub(crate) struct Go;

impl Cataloger for Go {
    fn wants(&self, file: &Candidate<'_>) -> bool {
        is_program(file.head)
    }

    /// A program is searched in place.
    fn largest(&self) -> usize {
        usize::MAX
    }

    fn read(&self, _: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading {
        Reading::from_result(buildinfo::parse(bytes).map(|info| info.map(Parsed::Go)))
    }

    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory) {
        for found in merged.visible() {
            let Some(info) = info(found) else {
                continue;
            };
            let history = merged.history(found, |f| self::info(f).map(modules).unwrap_or_default());
            let mut linked = Vec::new();
            for (path, version) in modules(info) {
                let Some(mut package) = package(&path, version.as_deref()) else {
                    inventory.unreadable.push(Unreadable {
                        location: found.location(),
                        fault: Fault::Name { name: path },
                    });
                    continue;
                };
                package.files.push(found.location());
                let is_main = info.main.as_ref().is_some_and(|m| m.path == path);
                package.introduced_in = Some(history.introduced(&(path, version)));
                linked.push((is_main, package));
            }
            // The linker states what is in the program, not which module asked for which.
            let all: BTreeSet<_> = linked
                .iter()
                .filter(|(main, _)| !main)
                .map(|(_, p)| p.id())
                .collect();
            for (is_main, mut package) in linked {
                if is_main {
                    package.kind = Kind::Application;
                    package.depends_on.clone_from(&all);
                }
                inventory.packages.push(package);
            }
        }
    }
}

/// Says whether a file starts as an ELF, PE or Mach-O file does.
pub(crate) fn is_program(head: &[u8]) -> bool {
    let fat = || {
        // Java classes share the magic of universal binaries; their version, at least 45, lies where the count is.
        let count = head
            .get(4..8)
            .and_then(|b| b.try_into().ok())
            .map(u32::from_be_bytes);
        head.starts_with(&[0xca, 0xfe, 0xba]) && count.is_some_and(|n| n < 45)
    };
    let magics: [&[u8]; 6] = [
        b"\x7fELF",
        b"MZ",
        &[0xfe, 0xed, 0xfa, 0xce],
        &[0xfe, 0xed, 0xfa, 0xcf],
        &[0xce, 0xfa, 0xed, 0xfe],
        &[0xcf, 0xfa, 0xed, 0xfe],
    ];
    magics.iter().any(|m| head.starts_with(m)) || fat()
}

/// Returns path and version of everything in the program, the standard library too.
fn modules(info: &BuildInfo) -> BTreeSet<(String, Option<String>)> {
    let pair = |m: &Module| (m.path.clone(), m.version.clone());
    let mut out: BTreeSet<_> = info
        .main
        .iter()
        .chain(&info.dependencies)
        .map(pair)
        .collect();
    let toolchain = info
        .go_version
        .strip_prefix("go")
        .unwrap_or(&info.go_version);
    // `1.22.1 X:boringcrypto` names experiments after the version; an unreleased toolchain is `devel …`.
    let version = match toolchain.split_once(' ') {
        Some((version, _)) if version != "devel" => version,
        _ => toolchain,
    };
    out.insert(("stdlib".to_owned(), Some(version.to_owned())));
    out
}

fn package(path: &str, version: Option<&str>) -> Option<Package> {
    let (namespace, name) = match path.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, path),
    };
    let purl = Purl::builder("golang", name)
        .namespace(namespace)
        .version(version)
        .build()
        .ok()?;
    Some(Package::new(Ecosystem::Go, path, version, purl))
}

fn info<'a>(found: &Found<'a>) -> Option<&'a BuildInfo> {
    found.parsed.iter().find_map(|p| match p {
        Parsed::Go(info) => Some(info),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_go_by_their_magic() {
        let table: [(&[u8], bool); 6] = [
            (b"\x7fELF\x02", true),
            (b"MZ\x90", true),
            (&[0xcf, 0xfa, 0xed, 0xfe, 7], true),
            (&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2], true),
            (&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61], false),
            (b"#!/bin/sh", false),
        ];
        for (head, expected) in table {
            assert_eq!(is_program(head), expected, "{head:?}");
        }
    }

    #[test]
    fn the_standard_library_has_the_toolchain_version() {
        for (toolchain, expected) in [
            ("go1.22.1", "1.22.1"),
            ("go1.22.1 X:boringcrypto", "1.22.1"),
            ("devel go1.23-abc Mon", "devel go1.23-abc Mon"),
        ] {
            let info = BuildInfo {
                go_version: toolchain.to_owned(),
                path: None,
                main: None,
                dependencies: Vec::new(),
            };
            let expected = BTreeSet::from([("stdlib".to_owned(), Some(expected.to_owned()))]);
            assert_eq!(modules(&info), expected);
        }
    }
}
