//! Chooses the action.

use crate::args::{DbAction, DbArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

use super::{build, search, status};

/// Runs the action.
///
/// # Errors
/// What stopped it before its answer.
pub(in crate::commands) fn run(args: &DbArgs, terminal: &Terminal) -> Result<Exit> {
    match &args.action {
        DbAction::Build(args) => build::run(args, terminal),
        DbAction::Status(args) => status::run(args),
        DbAction::Search(args) => search::run(args, terminal),
    }
}
