//! `toolkit db import`: a database that came on a disk.

use jiff::Timestamp;
use toolkit_oci::{Target, repository};
use toolkit_vulndb::db::{Rules, Trust};

use super::update::{data, described};
use crate::args::DbImportArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;
use crate::progress::Progress;
use crate::settings::{Access, DatabaseError, MaxAge, Signers, updater};
use crate::terminal::Terminal;

/// Verifies and installs it, and prints its digest.
///
/// # Errors
/// What keeps it from being read, and what refuses it.
pub(super) fn run(args: &DbImportArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let max_age = args.max_age.as_deref().map(MaxAge::parse).transpose()?;
    let access = Access::new(&args.access, terminal)?;
    let signers = Signers::load(&args.db_identity, &args.trust)?;
    let (target, _unpacked) = match Target::parse(&args.place)? {
        // A tar file is told by its bytes, and only a layout holds a database.
        Target::OciArchive { path, selector } | Target::DockerArchive { path, selector } => {
            let folder = tempfile::tempdir().map_err(|source| Error::Write {
                path: std::env::temp_dir(),
                source,
            })?;
            repository::unpack(&path, folder.path(), &access.limits)?;
            let layout = Target::Layout {
                path: folder.path().to_path_buf(),
                selector,
            };
            (layout, Some(folder))
        }
        target @ (Target::Layout { .. } | Target::Directory(_)) => (target, None),
        _ => {
            return Err(DatabaseError::Place {
                found: args.place.clone(),
                expected: "a folder, `oci-dir:PATH` or `oci-archive:FILE`; `db update` pulls from a registry",
            }
            .into());
        }
    };
    let lock = updater(&data()?, terminal)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let trust = signers.trust(now);
    let found = toolkit_gate::import(&target, &signers.identities, &trust, &reach)
        .map_err(DatabaseError::from)?;
    let state = lock.state().map_err(DatabaseError::from)?;
    let rules = Rules {
        trust: Some(Trust::Imported),
        max_age: max_age.map(MaxAge::duration),
        highest: state.highest(&found.signer, None),
        now,
    };
    found.admit(&rules).map_err(DatabaseError::from)?;
    let read = found
        .install(&lock, Trust::Imported, None)
        .map_err(DatabaseError::from)?;
    progress.finish();
    terminal.note(&described(&found, now, read));
    Stdout::print(&format!("{}\n", found.digest))?;
    Ok(Exit::Yes)
}
