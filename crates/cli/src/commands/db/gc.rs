//! `toolkit db gc`: removes installed databases that are not used any more.

use toolkit_vulndb::db;

use super::update::data;
use crate::args::DbGcArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::output::{Stdout, printable};
use crate::settings::{DatabaseError, updater};
use crate::terminal::Terminal;

/// Removes them and prints each with the bytes that it freed.
///
/// # Errors
/// What keeps the data directory from being changed.
pub(super) fn run(args: &DbGcArgs, terminal: &Terminal) -> Result<Exit> {
    let lock = updater(&data()?, terminal)?;
    let removed = db::gc(&lock, args.keep).map_err(DatabaseError::from)?;
    for one in &removed {
        Stdout::print(&format!("{} {}\n", printable(&one.name), one.bytes))?;
    }
    let bytes: u64 = removed.iter().map(|one| one.bytes).sum();
    terminal.note(&format!(
        "removed {} databases, {bytes} bytes",
        removed.len()
    ));
    Ok(Exit::Yes)
}
