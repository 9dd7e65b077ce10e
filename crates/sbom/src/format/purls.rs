//! One package URL a line, in their order, each once. Nothing else of the document is in it.

use std::io::Write;

use crate::{
    Document, Inventory,
    error::{Error, Result},
    purl::Purl,
};

use super::read::Stated;

/// Writes the package URLs of all packages, those of build time included.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> Result<()> {
    for entry in document.entries() {
        writeln!(out, "{}", entry.package.purl).map_err(|source| Error::Write { source })?;
    }
    Ok(())
}

/// Reads one package URL a line; empty lines and those that begin with `#` are passed over.
pub(super) fn read(text: &str) -> Result<Inventory> {
    let mut inventory = Inventory::default();
    let lines = text.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let purl = Purl::parse(line)?;
        let stated = Stated {
            name: written_name(line, &purl),
            purl: Some(line.to_owned()),
            ..Stated::default()
        };
        inventory.packages.extend(stated.package());
    }
    Ok(inventory)
}

/// A Go module's name in the letters that were written: the type definition lowers them, advisories do not.
fn written_name(line: &str, purl: &Purl) -> String {
    let written = line
        .strip_prefix("pkg:golang/")
        .and_then(|rest| rest.split(['@', '?', '#']).next())
        .filter(|path| !path.contains('%'));
    written.unwrap_or_else(|| purl.name()).to_owned()
}
