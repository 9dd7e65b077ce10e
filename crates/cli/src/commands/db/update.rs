//! `toolkit db update`: a newer database that a wanted signer vouches for.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use toolkit_gate::Release;
use toolkit_oci::{Access as Reach, Target};
use toolkit_vulndb::db::{self, Rules, Subscription, Trust, age};

use crate::args::DbUpdateArgs;
use crate::dirs;
use crate::error::Result;
use crate::exit::Exit;
use crate::output::Stdout;
use crate::progress::Progress;
use crate::settings::{Access, DatabaseError, MaxAge, Signers, updater};
use crate::terminal::Terminal;

/// Finds, verifies and installs it, and prints its digest.
///
/// # Errors
/// What kept the place from answering, and what refuses the database.
pub(super) fn run(args: &DbUpdateArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let max_age = args.max_age.as_deref().map(MaxAge::parse).transpose()?;
    let access = Access::new(&args.access, terminal)?;
    let data = data()?;
    let subscription = subscription(&data, args.reference.as_deref(), &args.db_identity)?;
    let target = access.target(&subscription.reference)?;
    let name = name(&target);
    let signers = Signers::load(&subscription.identities, &args.trust)?;
    let lock = updater(&data, terminal)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let found = find(&target, &signers, now, &access.reach(&events))?;
    let state = lock.state().map_err(DatabaseError::from)?;
    let rules = Rules {
        trust: Some(Trust::Pulled),
        max_age: max_age.map(MaxAge::duration),
        highest: state.highest(&found.signer, Some(&name)),
        now,
    };
    found.admit(&rules).map_err(DatabaseError::from)?;
    let pulled = found
        .install(&lock, Trust::Pulled, Some(&name))
        .map_err(DatabaseError::from)?;
    let subscription = Subscription {
        reference: subscription.reference,
        identities: signers.texts.clone(),
    };
    lock.subscribe(subscription).map_err(DatabaseError::from)?;
    progress.finish();
    if state.current.as_ref() == Some(&found.digest) {
        terminal.note("the installed database is the newest");
    }
    terminal.note(&described(&found, now, pulled));
    Stdout::print(&format!("{}\n", found.digest))?;
    Ok(Exit::Yes)
}

/// Returns the directory of databases.
pub(super) fn data() -> Result<PathBuf> {
    Ok(dirs::databases().ok_or(DatabaseError::NoDirectory)?)
}

/// Tells where the database is and whose signature is wanted: as typed, else as for the last update.
///
/// # Errors
/// [`DatabaseError::NoReference`], [`DatabaseError::NoIdentity`].
pub(super) fn subscription(
    data: &std::path::Path,
    reference: Option<&str>,
    identities: &[String],
) -> Result<Subscription> {
    let last = db::state(data).map_err(DatabaseError::from)?.subscription;
    let reference = match (reference, &last) {
        (Some(typed), _) => typed.to_owned(),
        (None, Some(last)) => last.reference.clone(),
        (None, None) => return Err(DatabaseError::NoReference.into()),
    };
    let identities = match last {
        _ if !identities.is_empty() => identities.to_vec(),
        Some(last) if last.reference == reference => last.identities,
        _ => return Err(DatabaseError::NoIdentity { reference }.into()),
    };
    Ok(Subscription {
        reference,
        identities,
    })
}

/// Names the place by which sequences are remembered: without a digest, under which an older database would count as another place.
pub(super) fn name(target: &Target) -> String {
    match target {
        Target::Registry(reference) => match (reference.tag(), reference.digest()) {
            (None, Some(_)) => reference.name(),
            (tag, _) => format!("{}:{}", reference.name(), tag.unwrap_or("latest")),
        },
        other => other.to_string(),
    }
}

/// Finds the database and proves who signed it.
pub(super) fn find(
    target: &Target,
    signers: &Signers,
    now: Timestamp,
    reach: &Reach<'_>,
) -> Result<Release> {
    let found = toolkit_gate::release(target, &signers.identities, &signers.trust(now), reach);
    Ok(found.map_err(DatabaseError::from)?)
}

/// Describes what was found on one line.
pub(super) fn described(found: &Release, now: Timestamp, pulled: u64) -> String {
    let created = found.manifest.created;
    let old = now.duration_since(created).max(SignedDuration::ZERO);
    format!(
        "signed by {}, of {created} ({} old), {pulled} bytes pulled",
        found.signer,
        age(old)
    )
}
