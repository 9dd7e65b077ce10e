//! Chooses the action.

use crate::args::{DbAction, DbArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

use super::{build, check, diff, export, fetch, gc, import, search, status, update};

/// Runs the action.
///
/// # Errors
/// What stopped it before its answer.
pub(in crate::commands) fn run(args: &DbArgs, terminal: &Terminal) -> Result<Exit> {
    match &args.action {
        DbAction::Fetch(args) => fetch::run(args, terminal),
        DbAction::Build(args) => build::run(args, terminal),
        DbAction::Update(args) => update::run(args, terminal),
        DbAction::Check(args) => check::run(args, terminal),
        DbAction::Status(args) => status::run(args),
        DbAction::Search(args) => search::run(args, terminal),
        DbAction::Diff(args) => diff::run(args, terminal),
        DbAction::Import(args) => import::run(args, terminal),
        DbAction::Export(args) => export::run(args, terminal),
        DbAction::Gc(args) => gc::run(args, terminal),
    }
}
