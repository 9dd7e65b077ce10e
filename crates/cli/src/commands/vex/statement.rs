//! What both actions share: statements as typed, the time, and the file.

use std::path::PathBuf;

use jiff::Timestamp;
use toolkit_sbom::Purl;
use toolkit_vulndb::vex::NewStatement;

use crate::args::StatementArgs;
use crate::error::{Error, Result};
use crate::output::{Stdout, write_file};
use crate::settings::source_date_epoch;

/// Bytes of a result of a scan that are read: 100,000 findings have some 150 MB.
pub(super) const RESULT_SIZE: u64 = 512 << 20;

/// Makes the statements that the flags name, one for each vulnerability.
///
/// # Errors
/// [`Error::VexFlags`] where one of the flags that a statement needs is missing, [`Error::Sbom`] for a package URL that is none.
pub(super) fn typed(args: &StatementArgs) -> Result<Vec<NewStatement>> {
    let mut missing = Vec::new();
    for (flag, absent) in [
        ("--product", args.product.is_empty()),
        ("--vuln", args.vuln.is_empty()),
        ("--status", args.status.is_none()),
    ] {
        if absent {
            missing.push(flag);
        }
    }
    let Some(status) = args.status.filter(|_| missing.is_empty()) else {
        return Err(Error::VexFlags { missing });
    };
    let purls = args.product.iter().chain(&args.subcomponent);
    for purl in purls.filter(|text| text.starts_with("pkg:")) {
        Purl::parse(purl)?;
    }
    let statement = |ids: &String| {
        let mut ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
        NewStatement {
            vulnerability: ids.next().unwrap_or_default().to_owned(),
            aliases: ids.map(str::to_owned).collect(),
            products: args.product.iter().cloned().collect(),
            subcomponents: args.subcomponent.iter().cloned().collect(),
            status: status.into(),
            notes: args.status_note.clone(),
            justification: args.justification.map(|one| one.0),
            impact: args.impact_statement.clone(),
            action: args.action_statement.clone(),
        }
    };
    Ok(args.vuln.iter().map(statement).collect())
}

/// Returns `SOURCE_DATE_EPOCH`, else now, in whole seconds.
///
/// # Errors
/// [`Error::SourceDate`].
pub(super) fn time() -> Result<Timestamp> {
    let now = || {
        let now = Timestamp::now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    };
    Ok(source_date_epoch()?.unwrap_or_else(now))
}

/// Writes a document to a file in one step, or to stdout.
///
/// # Errors
/// [`Error::Write`], [`Error::Stdout`].
pub(super) fn write(text: &str, file: Option<&PathBuf>) -> Result<()> {
    match file {
        None => Stdout::print(text),
        Some(path) => write_file(path, |writer| {
            writer
                .write_all(text.as_bytes())
                .map_err(|source| Error::Write {
                    path: path.clone(),
                    source,
                })
        }),
    }
}
