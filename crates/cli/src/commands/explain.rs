//! `toolkit explain`: more about an exit code, or the page of all of them.

use crate::args::ExplainArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;

/// Prints one entry or the page.
///
/// # Errors
/// [`Error::UnknownCode`], and [`Error::Stdout`].
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit> {
    let Some(code) = &args.code else {
        Stdout::print(&Exit::page())?;
        return Ok(Exit::Yes);
    };
    let exit = code
        .parse()
        .ok()
        .and_then(Exit::from_code)
        .ok_or_else(|| Error::UnknownCode { code: code.clone() })?;
    Stdout::print(&exit.entry())?;
    Ok(Exit::Yes)
}
