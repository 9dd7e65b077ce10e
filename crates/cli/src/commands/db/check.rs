//! `toolkit db check`: whether there is a newer database than the installed one.

use jiff::{SignedDuration, Timestamp};
use toolkit_vulndb::db::{Rules, Trust, state};

use super::update::{data, find, name, subscription};
use crate::args::DbCheckArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::output::Stdout;
use crate::progress::Progress;
use crate::settings::{Access, DatabaseError, Signers};
use crate::terminal::Terminal;

/// Asks and compares; nothing is pulled but the manifests and signatures.
///
/// # Errors
/// As for `db update`.
pub(super) fn run(args: &DbCheckArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let access = Access::new(&args.access, terminal)?;
    let data = data()?;
    let subscription = subscription(&data, args.reference.as_deref(), &args.db_identity)?;
    let target = access.target(&subscription.reference)?;
    let signers = Signers::load(&subscription.identities, &args.trust)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let found = find(&target, &signers, now, &access.reach(&events))?;
    progress.finish();
    let state = state(&data).map_err(DatabaseError::from)?;
    let rules = Rules {
        trust: Some(Trust::Pulled),
        // An old one that is the newest is no news; `scan` refuses it.
        max_age: Some(SignedDuration::MAX),
        highest: state.highest(&found.signer, Some(&name(&target))),
        now,
    };
    found.admit(&rules).map_err(DatabaseError::from)?;
    let current = state.current.as_ref();
    let sequence = current
        .and_then(|digest| state.databases.get(digest))
        .map(|record| record.sequence);
    let newer = current != Some(&found.digest)
        && sequence.is_none_or(|sequence| found.manifest.sequence > sequence);
    let created = found.manifest.created;
    if newer {
        Stdout::print(&format!("newer: {} of {created}\n", found.digest))?;
        return Ok(Exit::NewerDatabase);
    }
    Stdout::print(&format!("none newer: {} of {created}\n", found.digest))?;
    Ok(Exit::Yes)
}
