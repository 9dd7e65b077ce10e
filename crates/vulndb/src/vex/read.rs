//! Reads a document of any of the formats, told apart by the keys that each requires.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Document;
use crate::feed::{Error, csaf, cyclonedx_vex, openvex};

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "bomFormat")]
    cyclonedx: Option<IgnoredAny>,
    #[serde(rename = "document")]
    csaf: Option<IgnoredAny>,
}

/// Reads an OpenVEX, CSAF or CycloneDX document.
///
/// # Errors
///
/// [`Error`] where it is none of these, too large, or breaks its format.
pub fn read(bytes: &[u8]) -> Result<Document, Error> {
    let head: Head = serde_json::from_slice(bytes).map_err(|source| Error::Json {
        format: "VEX",
        source,
    })?;
    if head.cyclonedx.is_some() {
        cyclonedx_vex::parse(bytes)
    } else if head.csaf.is_some() {
        csaf::parse(bytes)
    } else {
        openvex::parse(bytes)
    }
}
