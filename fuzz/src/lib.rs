//! What a fuzz target needs beside the parser that it feeds.

use std::collections::BTreeSet;
use std::io::{Seek, Write};

use toolkit_oci::layer::tar::{Header, Parser, Sink};
use toolkit_oci::{Limits, Result};
use toolkit_sbom::Purl;
use toolkit_sbom::lockfile::Lockfile;
use toolkit_vulndb::db::{Details, Index};

/// Reads a lock file: every package has a version and a package URL that reads as itself, each once and in order.
pub fn locked(kind: Lockfile, bytes: &[u8]) {
    let Ok(contents) = kind.read(bytes) else {
        return;
    };
    for one in &contents.packages {
        let package = &one.package;
        assert!(package.version.as_ref().is_some_and(|version| !version.is_empty()));
        assert_eq!(Purl::parse(package.purl.as_str()).ok().as_ref(), Some(&package.purl));
    }
    let purls: Vec<&str> = contents.packages.iter().map(|one| one.package.purl.as_str()).collect();
    assert!(purls.is_sorted_by(|a, b| a < b), "{purls:?}");
}

/// Holds what a tar stream has: a line and the bytes of each entry, and how the stream ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entries {
    entries: Vec<(String, Vec<u8>)>,
    complete: usize,
    end: String,
}

impl Entries {
    /// Parses the pieces of a stream.
    pub fn of<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut found = Self::default();
        let mut parser = Parser::new(Limits::default().tar_record_size);
        let parsed = pieces.try_for_each(|piece| parser.push(piece, &mut found));
        found.end = format!("{:?}", parsed.and_then(|()| parser.finish()));
        found
    }
}

impl Sink for Entries {
    fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.entries.push((format!("{header:?}"), Vec::new()));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        let (_, content) = self.entries.last_mut().expect("content has a header");
        content.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.complete += 1;
        Ok(())
    }
}

/// Writes bytes to a file without a name.
pub fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    file
}

/// Asks an index, and details, about all that it names.
pub fn ask(index: &Index, details: Option<&Details>) {
    let numbers: BTreeSet<u32> = index.numbers().into_iter().flatten().take(64).collect();
    for number in numbers.iter().copied().chain([0, u32::MAX]) {
        let _ = (index.head(number), index.program(number), index.version(number));
        let _ = (index.qualifier(number).is_ok(), details.map(|details| details.get(number)));
    }
    for (ecosystem, name) in index.named_by(&numbers).into_iter().flatten().take(64) {
        let _ = (index.rows(&ecosystem, &name), index.has(&ecosystem, &name));
    }
    let _ = (index.records("CVE-2024-1"), index.ecosystems().is_ok());
}
