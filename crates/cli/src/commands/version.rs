//! `toolkit version`: the version, as `--version` prints it.

use crate::error::Result;
use crate::exit::Exit;
use crate::output::Stdout;

/// Prints the version.
///
/// # Errors
/// [`crate::error::Error::Stdout`].
pub(crate) fn run() -> Result<Exit> {
    Stdout::print(concat!("toolkit ", env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Exit::Yes)
}
