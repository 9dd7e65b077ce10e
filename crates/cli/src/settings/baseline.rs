//! The earlier result of `--baseline`, where it is one of our JSON files.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toolkit_vulndb::baseline::Baseline;

use super::input::read_file;
use crate::error::{Error, Result};
use crate::output::Schema;

/// Bytes of an earlier result that are read: 100,000 findings have some 150 MB.
const RESULT_SIZE: u64 = 512 << 20;
/// Bytes at the start of a file in which our results name their schema.
const HEAD: u64 = 256;

/// Holds what an earlier scan found, and the name by which it was given.
pub(crate) struct BaselineFile {
    /// The name.
    pub(crate) name: String,
    /// What was found.
    pub(crate) known: Baseline,
}

#[derive(Deserialize)]
struct Earlier {
    findings: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    purl: String,
    version: Option<String>,
    #[serde(default)]
    locations: Vec<String>,
}

/// Reads an earlier result; nothing where the text names something else, which then is a target to scan.
///
/// # Errors
/// [`Error::Baseline`] for a result that breaks our format, [`Error::Read`] and [`Error::TooLong`].
pub(crate) fn earlier_result(text: &str) -> Result<Option<BaselineFile>> {
    let path = Path::new(text);
    if !path.is_file() || !is_result(path)? {
        return Ok(None);
    }
    let bytes = read_file(path, RESULT_SIZE)?;
    let earlier: Earlier = serde_json::from_slice(&bytes).map_err(|source| Error::Baseline {
        path: PathBuf::from(text),
        source,
    })?;
    let mut known = Baseline::default();
    for found in &earlier.findings {
        known.add(
            &found.package.purl,
            found.package.version.as_deref(),
            &found.package.locations,
            found.aliases.iter().chain([&found.id]).map(String::as_str),
        );
    }
    Ok(Some(BaselineFile {
        name: text.to_owned(),
        known,
    }))
}

/// Tells whether a file begins as a result of a scan, whatever its spaces.
fn is_result(path: &Path) -> Result<bool> {
    let failed = |source| Error::Read {
        path: path.to_path_buf(),
        source,
    };
    let mut head = Vec::new();
    fs_err::File::open(path)
        .map_err(failed)?
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(failed)?;
    head.retain(|byte| !byte.is_ascii_whitespace());
    let begin = format!("{{\"schema\":\"{}\"", Schema::Scan.name());
    Ok(head.starts_with(begin.as_bytes()))
}
