//! `toolkit db build`: a database from downloaded feeds.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use toolkit_vulndb::db::{self, Builder, Manifest};
use toolkit_vulndb::feed::fetched::{self, Fetched};
use toolkit_vulndb::feed::folder::{self, Record};

use crate::args::{DbBuildArgs, TrustArgs};
use crate::dirs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;
use crate::settings::{DEMO, Database, DatabaseError, read_file, source_date_epoch, updater};
use crate::terminal::Terminal;

/// Faults that are named one by one.
const NAMED: usize = 5;
/// Records that GitHub took back without a date are kept apart by some copies of its database.
const WITHDRAWN: [&str; 1] = ["withdrawn-undated"];

/// Builds, writes or installs, and prints the digest of the database.
///
/// # Errors
/// What kept the feeds from being read or the database from being written.
pub(super) fn run(args: &DbBuildArgs, terminal: &Terminal) -> Result<Exit> {
    if args.demo && args.output.is_none() {
        return Err(Error::Flags {
            expected: "`--output` with `--demo`: a database for trials is never installed",
            found: "`--demo` alone",
        });
    }
    let now = Timestamp::now();
    let mut builder = Builder::default();
    let mut records = 0_usize;
    let mut take = |_: &str, record: Record| match record {
        Record::Advisory(advisory) => {
            records += 1;
            builder.add(*advisory);
        }
        Record::Scores(table) => builder.add_scores(table),
        Record::Exploited(catalogue) => builder.add_exploited(catalogue),
        Record::Vex(document) => builder.add_statements(document),
    };
    let report =
        folder::read(&args.folder, &WITHDRAWN, &mut take).map_err(|source| Error::Read {
            path: args.folder.clone(),
            source,
        })?;
    for fault in report.faults.iter().take(NAMED) {
        terminal.warn(&format!("not read: `{}`: {}", fault.path, fault.reason));
    }
    for (count, what) in [
        (report.faults.len().saturating_sub(NAMED), "more documents"),
        (report.unrecognised.len(), "files that no reader is for"),
    ] {
        if count > 0 {
            terminal.warn(&format!("not read: {count} {what}"));
        }
    }
    if records == 0 {
        return Err(DatabaseError::NoRecords {
            path: args.folder.clone(),
        }
        .into());
    }
    let (newest, later) = builder.newest(now);
    if later > 0 {
        terminal.warn(&format!(
            "{later} records are dated after today; their dates are left out"
        ));
    }
    let created = source_date_epoch()?
        .or_else(|| fetched(&args.folder, now, terminal))
        .or(newest)
        .ok_or(DatabaseError::NoTime)?;
    builder.set_created(created);
    let built = builder
        .finish(b"{}")
        .map_err(|source| db::Error::Malformed(source.into()))
        .map_err(DatabaseError::from)?;
    let built = match &args.base {
        None => built,
        Some(base) => {
            let base = Database::compared(base, &[], &TrustArgs::default(), now)?;
            built.onto(&base.opened).map_err(DatabaseError::from)?
        }
    };
    if let Some((index, details)) = &built.delta {
        terminal.note(&format!(
            "{} bytes of changes on a base of {}",
            index.len() + details.len(),
            built.index.len() + built.details.len()
        ));
    }
    let mut manifest = Manifest::of(&built, created);
    manifest.demo = args.demo;
    let updating = |data: &Path| updater(data, terminal);
    let digest = match (&args.output, dirs::databases()) {
        (Some(folder), data) => {
            let digest = db::write(folder, &manifest, &built).map_err(DatabaseError::from)?;
            match data {
                Some(data) => updating(&data)?
                    .record(&digest, db::Record::built(&manifest), false)
                    .map_err(DatabaseError::from)?,
                None => terminal.warn("there is no data directory to record the database as trusted: name it with its digest"),
            }
            digest
        }
        (None, Some(data)) => {
            db::install(&updating(&data)?, &manifest, &built).map_err(DatabaseError::from)?
        }
        (None, None) => return Err(DatabaseError::NoDirectory.into()),
    };
    let summary = &built.summary;
    terminal.note(&format!(
        "{} records ({} withdrawn, {} repeated), {} packages, {} rows, of {created}",
        summary.records, summary.withdrawn, summary.repeated, summary.packages, summary.rows
    ));
    if manifest.demo {
        terminal.warn(DEMO);
    }
    Stdout::print(&format!("{digest}\n"))?;
    Ok(Exit::Yes)
}

/// Returns the newest time at which a feed of the folder was fetched. A record that cannot be read is told and says nothing.
fn fetched(folder: &Path, now: Timestamp, terminal: &Terminal) -> Option<Timestamp> {
    let path = folder.join(fetched::NAME);
    let not_read = |reason: &dyn std::fmt::Display| {
        terminal.warn(&format!("not read: `{}`: {reason}", fetched::NAME));
    };
    let bytes = match fs_err::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        _ => match read_file(
            &path,
            u64::try_from(fetched::MAX_RECORD).unwrap_or(u64::MAX),
        ) {
            Ok(bytes) => bytes,
            Err(error) => {
                not_read(&error);
                return None;
            }
        },
    };
    match Fetched::parse(&bytes) {
        Ok(record) => {
            let (newest, later) = record.newest(now);
            if later > 0 {
                terminal.warn(&format!(
                    "{later} files of `{}` are dated after now; their dates are left out",
                    fetched::NAME
                ));
            }
            // The database is as old as the newest of them, so the gap is told.
            if let (Some(newest), Some(oldest)) = (newest, record.oldest()) {
                let days = newest.duration_since(oldest).as_hours() / 24;
                if days > 0 {
                    terminal.warn(&format!(
                        "by `{}` the oldest file is {days} days older than the newest, which dates the database",
                        fetched::NAME
                    ));
                }
            }
            newest
        }
        Err(error) => {
            not_read(&error);
            None
        }
    }
}
