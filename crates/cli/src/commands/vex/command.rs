//! Chooses the action.

use crate::args::{VexAction, VexArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

use super::{add, create};

/// Runs the action.
///
/// # Errors
/// What stopped it before its answer.
pub(in crate::commands) fn run(args: &VexArgs, terminal: &Terminal) -> Result<Exit> {
    match &args.action {
        VexAction::Create(args) => create::run(args, terminal),
        VexAction::Add(args) => add::run(args, terminal),
    }
}
