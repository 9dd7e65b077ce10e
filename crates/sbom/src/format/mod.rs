//! The forms in which a bill of materials is written, and what is read of foreign ones.
//!
//! Every form is a function of the [`Document`] alone: the same document gives the same bytes.

mod cyclonedx;
mod facts;
mod identity;
mod name;
mod purls;
mod read;
mod spdx;
mod subject;
mod table;
mod text;

pub use name::{CycloneDxVersion, Format, SpdxVersion};
pub use read::read;
pub use subject::{Described, described, subject_digests};

use std::io::Write;

use serde::Serialize;

use crate::{Document, error::Result};

/// Writes a document in a format.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write) where the writer refuses.
pub fn write(format: Format, document: &Document, out: &mut dyn Write) -> Result<()> {
    match format {
        Format::CycloneDxJson(CycloneDxVersion::V1_7) => cyclonedx::write(document, out),
        Format::SpdxJson(SpdxVersion::V2_3) => spdx::write(document, out),
        Format::Purls => purls::write(document, out),
        Format::Table => table::write(document, out),
    }
}

/// Writes a document as the newest CycloneDX with more parts of that schema, which this crate has no words for.
///
/// `more` is a struct whose fields stand at the top of the document, such as `vulnerabilities`; none may be written already. Packages are referred to by
/// their package URLs, which are their `bom-ref`.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write) where the writer refuses.
pub fn write_cyclonedx_with<T: Serialize>(
    document: &Document,
    more: &T,
    out: &mut dyn Write,
) -> Result<()> {
    cyclonedx::write_with(document, Some(more), out)
}
