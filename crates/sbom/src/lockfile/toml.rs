//! TOML of the lock files that are written in it.

use serde::de::DeserializeOwned;

use super::text;
use crate::inventory::Fault;

/// Reads a document; nesting is bounded by the parser.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let text = text(bytes)?;
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| 1 + before.matches('\n').count());
        Fault::Lockfile {
            line: u64::try_from(line).unwrap_or(u64::MAX),
            // The parser repeats foreign text of any length.
            detail: error.message().chars().take(200).collect(),
        }
    })
}
