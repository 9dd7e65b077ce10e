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
pub use subject::subject_digests;

use std::io::Write;

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
