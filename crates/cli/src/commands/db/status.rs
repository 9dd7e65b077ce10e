//! `toolkit db status`: which database is used, of what time and of which feeds.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Value, json};
use toolkit_vulndb::db::{self, Installed, Trust, age};
use toolkit_vulndb::matching::Level;

use crate::args::{DbStatusArgs, TextOrJson};
use crate::dirs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Schema, Stdout, json as document, printable};
use crate::settings::{DEMO, Database, DatabaseError, Purpose};

/// Prints the database; one that `scan` would refuse for its age is shown and ends with 4.
///
/// # Errors
/// What keeps it from being used at all, as for `scan`.
pub(super) fn run(args: &DbStatusArgs) -> Result<Exit> {
    let now = Timestamp::now();
    let database = Database::open(&args.database, &args.trust, Purpose::Show, now)?;
    let installed = match dirs::databases() {
        Some(data) => db::installed(&data).map_err(DatabaseError::from)?,
        None => Vec::new(),
    };
    match args.output {
        TextOrJson::Text => Stdout::print(&text(&database, &installed, now)?)?,
        TextOrJson::Json => document::print(Schema::Status, &json(&database, &installed)?)?,
    }
    Ok(match database.refused {
        Some(_) => Exit::Database,
        None => Exit::Yes,
    })
}

fn json(database: &Database, installed: &[Installed]) -> Result<Value> {
    let manifest = &database.opened.manifest;
    let broken = |error| Error::from(DatabaseError::Store(error));
    let listed = database.opened.index.ecosystems();
    let ecosystems: Vec<Value> = listed
        .map_err(|error| broken(error.into()))?
        .iter()
        .map(|one| {
            json!({"name": one.ecosystem.to_string(), "packages": one.packages, "rows": one.rows,
                "coverage": Level::of(one.ecosystem.family).to_string()})
        })
        .collect();
    let installed: Vec<Value> = installed
        .iter()
        .map(|one| {
            json!({"digest": one.digest, "current": one.current, "created": one.record.created.to_string(), "sequence": one.record.sequence,
                "trust": one.record.trust.to_string(), "usable": one.opened.is_ok()})
        })
        .collect();
    Ok(json!({
        "place": database.place,
        "digest": database.opened.digest,
        "trust": database.trust.map(|trust| trust.to_string()),
        "signer": database.signer,
        "reference": database.reference,
        "created": manifest.created.to_string(),
        "expires": manifest.expires.to_string(),
        "sequence": manifest.sequence,
        "demo": manifest.demo,
        "refused": database.refused.as_ref().map(ToString::to_string),
        "segments": manifest.segments,
        "feeds": manifest.feeds,
        "ecosystems": ecosystems,
        "installed": installed,
    }))
}

fn text(database: &Database, installed: &[Installed], now: Timestamp) -> Result<String> {
    let manifest = &database.opened.manifest;
    let mut text = String::new();
    let line = |text: &mut String, name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<10} {}", printable(value));
    };
    line(&mut text, "place", &database.place);
    line(&mut text, "digest", &database.opened.digest.to_string());
    line(&mut text, "trust", &database.vouched());
    line(
        &mut text,
        "created",
        &format!("{} ({} old)", manifest.created, age(database.age)),
    );
    let expires = match database.trust.is_some_and(Trust::is_from_elsewhere) {
        _ if now <= manifest.expires => "",
        true => " (past)",
        false => " (past; this one was not pulled or imported, so that does not count)",
    };
    line(
        &mut text,
        "expires",
        &format!("{}{expires}", manifest.expires),
    );
    line(&mut text, "sequence", &manifest.sequence.to_string());
    if let Some(refusal) = &database.refused {
        line(&mut text, "refused", &refusal.to_string());
    }
    if manifest.demo {
        line(&mut text, "demo", DEMO);
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
    if !installed.is_empty() {
        text.push_str("\nINSTALLED\n");
    }
    for one in installed {
        let _ = writeln!(
            text,
            "{} {}  {}  {}{}",
            if one.current { '*' } else { ' ' },
            one.digest,
            one.record.created,
            one.record.trust,
            if one.opened.is_ok() { "" } else { ", broken" }
        );
    }
    Ok(text)
}
