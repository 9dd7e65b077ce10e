//! `toolkit db status`: which database is used, of what time and of which feeds.

use std::fmt::Write;

use jiff::Timestamp;
use toolkit_vulndb::matching::Level;

use crate::args::DbStatusArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Stdout, printable};
use crate::settings::{Database, DatabaseError, age};

/// Prints the database.
///
/// # Errors
/// What keeps it from being used, as for `scan`.
pub(super) fn run(args: &DbStatusArgs) -> Result<Exit> {
    let database = Database::open(args.db.as_deref(), None, Timestamp::now())?;
    let manifest = &database.opened.manifest;
    let mut text = String::new();
    let line = |text: &mut String, name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<10} {}", printable(value));
    };
    line(&mut text, "place", &database.place);
    line(&mut text, "digest", &database.opened.digest.to_string());
    line(&mut text, "trust", database.trust);
    line(
        &mut text,
        "created",
        &format!("{} ({} old)", manifest.created, age(database.age)),
    );
    line(&mut text, "sequence", &manifest.sequence.to_string());
    if manifest.demo {
        line(&mut text, "demo", "for trials only");
    }
    for segment in &manifest.segments {
        let name = segment.kind.to_string();
        line(&mut text, &name, &format!("{} bytes", segment.size));
    }
    let broken = |error| Error::from(DatabaseError::Store(error));
    if let Some(signals) = database.opened.signals().map_err(broken)? {
        let meta = signals.meta().map_err(|error| broken(error.into()))?;
        let unknown = || "unknown".to_owned();
        if meta.epss_date.is_some() || meta.epss_model.is_some() {
            let (date, model) = (meta.epss_date, meta.epss_model);
            line(
                &mut text,
                "epss",
                &format!(
                    "scores of {}, model {}",
                    date.unwrap_or_else(unknown),
                    model.unwrap_or_else(unknown)
                ),
            );
        }
        if let Some(version) = meta.kev_version {
            line(&mut text, "kev", &format!("catalogue {version}"));
        }
    }
    text.push_str("\nFEED        RECORDS  NEWEST\n");
    for feed in &manifest.feeds {
        let newest = feed.newest.map(|time| time.to_string());
        let _ = writeln!(
            text,
            "{:<10} {:>8}  {}",
            printable(&feed.feed),
            feed.records,
            newest.as_deref().unwrap_or("-")
        );
    }
    let listed = database
        .opened
        .index
        .ecosystems()
        .map_err(|error| DatabaseError::Store(error.into()))?;
    let _ = writeln!(
        text,
        "\n{:<52} {:>8} {:>9}  COVERAGE",
        "ECOSYSTEM", "PACKAGES", "ROWS"
    );
    for one in listed {
        let _ = writeln!(
            text,
            "{:<52} {:>8} {:>9}  {}",
            printable(&one.ecosystem.to_string()),
            one.packages,
            one.rows,
            Level::of(one.ecosystem.family)
        );
    }
    Stdout::print(&text)?;
    Ok(Exit::Yes)
}
