//! `toolkit vex add`.

use toolkit_vulndb::feed::openvex::MAX_DOCUMENT;
use toolkit_vulndb::vex;

use super::statement;
use crate::args::VexAddArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::settings::read_file;
use crate::terminal::Terminal;

/// Adds the statements and replaces the document in one step.
///
/// # Errors
/// [`Error::VexWrite`] where a rule of the format is broken, and what reading or writing says.
pub(super) fn run(args: &VexAddArgs, terminal: &Terminal) -> Result<Exit> {
    let limit = u64::try_from(MAX_DOCUMENT).unwrap_or(u64::MAX);
    let bytes = read_file(&args.file, limit)?;
    let statements = statement::typed(&args.statement)?;
    let added =
        vex::add(&bytes, statement::time()?, &statements).map_err(|source| match source {
            vex::WriteError::Document(source) => Error::Vex {
                path: args.file.clone(),
                source,
            },
            source => Error::VexWrite { source },
        })?;
    for id in &added.outweighed {
        terminal.warn(&format!(
            "the document has another statement about `{id}` that is no older: readers will not believe the new one"
        ));
    }
    statement::write(
        &added.text,
        Some(args.output.as_ref().unwrap_or(&args.file)),
    )?;
    Ok(Exit::Yes)
}
