//! `toolkit explain`: more about an exit code or a code of a report, the list of all of them, one of the two pages, or the limits.

use toolkit_oci::Limits;

use crate::args::ExplainArgs;
use crate::codes;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;

/// Prints one entry, a page, or the list.
///
/// # Errors
/// [`Error::UnknownCode`], and [`Error::Stdout`].
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit> {
    let text = match args.code.as_deref() {
        None => format!(
            "{}{}\n`toolkit explain CODE` tells more; `exit-codes` and `reason-codes` print everything, `limits` the names for `--limit`.\n",
            Exit::list(),
            codes::list()
        ),
        Some("exit-codes") => Exit::page(),
        Some("reason-codes") => codes::page(),
        Some("limits") => limits(),
        Some(code) => codes::entry(code).ok_or_else(|| Error::UnknownCode {
            code: code.to_owned(),
        })?,
    };
    Stdout::print(&text)?;
    Ok(Exit::Yes)
}

/// Lists the limits on foreign input with their values.
fn limits() -> String {
    let mut text = String::from("Limits on foreign input; `--limit NAME=VALUE` changes one\n\n");
    for (name, value) in Limits::default().entries() {
        text.push_str(&format!("  {name:<24} {value}\n"));
    }
    text
}
