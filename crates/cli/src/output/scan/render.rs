//! A finished scan in any of its formats.

use jiff::Timestamp;
use serde::Serialize;

use super::cosign_vuln::cosign_vuln;
use super::cyclonedx::cyclonedx;
use super::document;
use super::format::Format;
use super::openvex::openvex;
use super::sarif::sarif;
use super::scanned::Scanned;
use super::table::table;
use crate::error::{Error, Result};
use crate::output::{Schema, json};

/// Tells of what time documents are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// `SOURCE_DATE_EPOCH`; it is then the time of everything.
    pub(crate) fixed: Option<Timestamp>,
    /// When the scan began.
    pub(crate) started: Timestamp,
}

impl Clock {
    /// Returns when the scan began and ended; it ends now.
    fn span(self) -> (Timestamp, Timestamp) {
        match self.fixed {
            Some(time) => (time, time),
            None => (self.started, Timestamp::now()),
        }
    }
}

/// Renders a scan.
///
/// # Errors
/// What keeps a part of the database from being read.
pub(crate) fn render(format: Format, scanned: &Scanned<'_>, clock: Clock) -> Result<String> {
    match format {
        Format::Table => table(scanned),
        Format::Json => json::text(Schema::Scan, &document::json(scanned)?),
        Format::Sarif => pretty(&sarif(scanned)?),
        Format::CycloneDxJson => cyclonedx(scanned, clock.fixed),
        Format::OpenVex => openvex(scanned, clock.fixed),
        Format::CosignVuln => {
            let (started, finished) = clock.span();
            pretty(&cosign_vuln(scanned, started, finished)?)
        }
    }
}

fn pretty<T: Serialize>(document: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(document).map_err(|error| Error::Stdout {
        source: error.into(),
    })?;
    Ok(format!("{text}\n"))
}
