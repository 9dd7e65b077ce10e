//! `toolkit policy`: work on policy files.

use jiff::Timestamp;

use crate::args::{PolicyAction, PolicyArgs, PolicyCheckArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::settings::{policy, policy_trust_root};
use crate::terminal::Terminal;

/// Runs one action.
///
/// # Errors
/// What makes the policy unusable.
pub(crate) fn run(args: &PolicyArgs, terminal: &Terminal) -> Result<Exit> {
    match &args.action {
        PolicyAction::Check(args) => check(args, terminal),
    }
}

/// Checks the file, its keys and its trust root.
fn check(args: &PolicyCheckArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let loaded = policy(&args.file, now)?;
    let root = policy_trust_root(&args.file, &loaded, None)?;
    terminal.note(&format!(
        "`{}` is a valid policy, `{}`; trust root: {}",
        args.file.display(),
        loaded.policy().name(),
        root.describe(now)
    ));
    Ok(Exit::Yes)
}
