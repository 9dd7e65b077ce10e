//! The readers of package databases, one for each ecosystem.
//!
//! Bytes stream by before anyone knows which files the merged image shows, so a cataloger works in two stages: `wants` and
//! `read` see one file of one layer, `join` sees the merged view and what was read from every layer. All of it is pure; the
//! layer walker opens files and enforces size limits.

pub mod apk;
pub mod cargo;
mod deb822;
pub mod dpkg;
pub mod go;
pub(crate) mod merged;
pub mod npm;
pub mod python;
mod relation;
pub mod rpm;
mod unread;

use std::sync::Arc;

use crate::distro::Distro;
use crate::inventory::{Fault, Inventory};

pub(crate) use merged::Merged;

/// Reads the packages of one ecosystem.
pub(crate) trait Cataloger: Sync {
    /// Says whether the content of a file is needed.
    fn wants(&self, file: &Candidate<'_>) -> bool;

    /// Says how many bytes of a file it reads. What is parsed takes many times its size, so text has a bound far below the layer walker's.
    fn largest(&self) -> usize {
        LARGEST_TEXT
    }

    /// Reads a file that it wanted.
    fn read(&self, file: &Candidate<'_>, bytes: &Arc<Vec<u8>>) -> Reading;

    /// Adds the packages that the merged image shows.
    fn join(&self, merged: &Merged<'_>, inventory: &mut Inventory);
}

/// Lists every cataloger, in the order in which they run.
pub(crate) static CATALOGERS: [&dyn Cataloger; 8] = [
    &dpkg::Dpkg,
    &apk::Apk,
    &rpm::Rpm,
    &python::Python,
    &npm::Npm,
    &go::Go,
    &cargo::Cargo,
    &unread::Unread,
];

/// Bytes of a text database, manifest or list that are parsed: ten times the dpkg status of a full desktop.
pub(crate) const LARGEST_TEXT: usize = 64 << 20;

/// Packages of one database that are kept: Debian as a whole has fewer.
pub(crate) const MOST_PACKAGES: usize = 100_000;

/// Refuses a file that is larger than its reader takes.
pub(crate) fn within(bytes: &[u8], largest: usize) -> Result<(), Fault> {
    let widen = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
    if bytes.len() <= largest {
        return Ok(());
    }
    Err(Fault::TooLarge {
        what: "a package database or manifest",
        limit: widen(largest),
        found: widen(bytes.len()),
    })
}

/// Says that a database has more packages than are kept.
pub(crate) fn too_many_packages() -> Fault {
    Fault::TooMany {
        what: "packages in one database",
        limit: u64::try_from(MOST_PACKAGES).unwrap_or(u64::MAX),
    }
}

/// Is a file as its header in the layer describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    /// The path in the layer, without leading slash.
    pub(crate) path: &'a [u8],
    /// The first bytes of the content.
    pub(crate) head: &'a [u8],
}

/// Is what one cataloger found in one file.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) parsed: Option<Parsed>,
    pub(crate) faults: Vec<Fault>,
}

impl Reading {
    pub(crate) fn of(parsed: Parsed) -> Self {
        Self {
            parsed: Some(parsed),
            faults: Vec::new(),
        }
    }

    pub(crate) fn with_faults(parsed: Parsed, faults: Vec<Fault>) -> Self {
        Self {
            parsed: Some(parsed),
            faults,
        }
    }

    /// Turns a parser's answer into a reading; `Ok(None)` is a file that has nothing for this cataloger.
    pub(crate) fn from_result(result: Result<Option<Parsed>, Fault>) -> Self {
        match result {
            Ok(parsed) => Self {
                parsed,
                faults: Vec::new(),
            },
            Err(fault) => Self {
                parsed: None,
                faults: vec![fault],
            },
        }
    }
}

/// Is the content of one file, by what the file is.
#[derive(Debug)]
pub(crate) enum Parsed {
    Apk(Vec<apk::installed::Stanza>),
    Cargo(Vec<cargo::auditable::Crate>),
    DpkgCopyright(Vec<String>),
    DpkgFiles(Vec<String>),
    DpkgStatus(Vec<dpkg::status::Stanza>),
    Go(go::buildinfo::BuildInfo),
    NpmLockfile(std::collections::BTreeMap<String, npm::lockfile::Locked>),
    NpmManifest(npm::manifest::Manifest),
    OsRelease(Distro),
    PythonMetadata(python::metadata::Metadata),
    PythonRecord(Vec<String>),
    RpmDatabase(Arc<Vec<u8>>),
    RpmLog(Arc<Vec<u8>>),
}
