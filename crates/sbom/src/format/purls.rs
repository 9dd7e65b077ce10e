//! One package URL a line, in their order, each once. Nothing else of the document is in it.

use std::io::Write;

use crate::{
    Document,
    error::{Error, Result},
};

/// Writes the package URLs of all packages, those of build time included.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> Result<()> {
    for entry in document.entries() {
        writeln!(out, "{}", entry.package.purl).map_err(|source| Error::Write { source })?;
    }
    Ok(())
}
