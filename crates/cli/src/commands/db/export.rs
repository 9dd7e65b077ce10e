//! `toolkit db export`: the database as a folder, as an OCI layout or archive, or in a registry.
//!
//! A folder is used as it is, by `--db`; everything else is one OCI artifact, packed, with the signatures that are over it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use toolkit_attest::Limits;
use toolkit_oci::{Repository, Selector, Target, repository};
use toolkit_vulndb::db;

use crate::args::DbExportArgs;
use crate::commands::sign::pinned;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Stdout, write_file};
use crate::progress::Progress;
use crate::settings::{Access, DEMO, Database, DatabaseError, Purpose};
use crate::terminal::Terminal;

/// Begins places that are no folder.
const SCHEMES: [&str; 3] = ["registry:", "oci-dir:", "oci-archive:"];

/// Writes it and prints where, by digest.
///
/// # Errors
/// What keeps the database from being used or the place from taking it.
pub(super) fn run(args: &DbExportArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let access = Access::new(&args.access, terminal)?;
    let database = Database::open(&args.database, &args.trust, Purpose::Show, now)?;
    if database.opened.manifest.demo {
        terminal.warn(DEMO);
    }
    if !SCHEMES.iter().any(|scheme| args.place.starts_with(scheme)) {
        let folder = args.place.strip_prefix("dir:").unwrap_or(&args.place);
        return to_folder(&database, Path::new(folder));
    }
    let target = access.target(&args.place)?;
    let progress = Progress::new(terminal);
    let events = |event| progress.event(event);
    let reach = access.reach(&events);
    let line = match &target {
        Target::Registry(reference) if reference.digest().is_none() => {
            let repository = Repository::open(&target, &reach)?;
            let tag = reference.tag().unwrap_or("latest");
            let artifact = export(&database, &repository, Some(tag), terminal)?;
            pinned(&target, &artifact)
        }
        Target::Layout { path, selector } => {
            let tag = tag(selector.as_ref(), &args.place)?;
            let repository = Repository::create_layout(path, &access.limits)?;
            let artifact = export(&database, &repository, tag, terminal)?;
            pinned(&target, &artifact)
        }
        Target::OciArchive { path, selector } => {
            let tag = tag(selector.as_ref(), &args.place)?;
            let artifact = to_archive(&database, path, tag, &access, terminal)?;
            format!("oci-archive:{}@{artifact}", path.display())
        }
        _ => return Err(no_place(&args.place)),
    };
    progress.finish();
    Stdout::print(&format!("{line}\n"))?;
    Ok(Exit::Yes)
}

fn to_folder(database: &Database, folder: &Path) -> Result<Exit> {
    let limits = Limits::default();
    let opened = &database.opened;
    let evidence = db::evidence(opened.folder(), limits.bundles, limits.bundle_bytes)
        .map_err(DatabaseError::from)?;
    opened
        .copy_to(folder, &evidence)
        .map_err(DatabaseError::from)?;
    Stdout::print(&format!("{}@{}\n", folder.display(), opened.digest))?;
    Ok(Exit::Yes)
}

fn to_archive(
    database: &Database,
    path: &Path,
    tag: Option<&str>,
    access: &Access,
    terminal: &Terminal,
) -> Result<String> {
    let beside = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let layout = tempfile::Builder::new()
        .prefix(".toolkit-")
        .tempdir_in(&beside)
        .map_err(|source| Error::Write {
            path: beside,
            source,
        })?;
    let repository = Repository::create_layout(layout.path(), &access.limits)?;
    let artifact = export(database, &repository, tag, terminal)?;
    write_file(path, |mut writer| {
        Ok(repository::pack(layout.path(), &mut writer)?)
    })?;
    Ok(artifact)
}

fn export(
    database: &Database,
    repository: &Repository,
    tag: Option<&str>,
    terminal: &Terminal,
) -> Result<String> {
    let exported =
        toolkit_gate::export(&database.opened, repository, tag).map_err(DatabaseError::from)?;
    for warning in repository.take_warnings() {
        terminal.warn(&warning);
    }
    if exported.repacked {
        terminal.warn(
            "its signatures are over another packing, by another release of this program, and were left out: sign it again, or export to a folder",
        );
    }
    terminal.note(&format!(
        "database {}: {} bytes, {} signatures",
        database.opened.digest, exported.bytes, exported.bundles
    ));
    Ok(exported.artifact.digest.to_string())
}

/// A layout is written to by tag.
fn tag<'a>(selector: Option<&'a Selector>, place: &str) -> Result<Option<&'a str>> {
    match selector {
        None => Ok(None),
        Some(Selector::Tag(tag)) => Ok(Some(tag)),
        Some(_) => Err(no_place(place)),
    }
}

fn no_place(place: &str) -> Error {
    DatabaseError::Place {
        found: place.to_owned(),
        expected: "a folder, `oci-dir:PATH[:TAG]`, `oci-archive:FILE[:TAG]` or `registry:NAME[:TAG]`",
    }
    .into()
}
