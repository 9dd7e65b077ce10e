//! Chooses what `toolkit hook` does.

use crate::args::{HookAction, HookArgs, HookName};
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal::Terminal;

use super::{install, pre_push};

/// Installs, takes away or runs a hook.
///
/// # Errors
/// What stopped it.
pub(in crate::commands) fn run(args: &HookArgs, terminal: &Terminal) -> Result<Exit> {
    match &args.action {
        HookAction::Install(_) => install::install(terminal),
        HookAction::Uninstall(_) => install::uninstall(terminal),
        HookAction::Run(args) => match args.hook {
            HookName::PrePush => pre_push::run(args, terminal),
        },
    }
}
