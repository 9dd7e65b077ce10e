//! `toolkit db search`: the records of an id or of a package.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Value, json};
use toolkit_sbom::{Ecosystem, Package, Purl};
use toolkit_vulndb::db::signals::Signals;
use toolkit_vulndb::db::{Bound, Details, Index, Malformed, Row};
use toolkit_vulndb::ecosystem::Ecosystem as Space;
use toolkit_vulndb::matching::Query;

use crate::args::{DbSearchArgs, TextOrJson};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::scan::{EpssOf, ExploitedOf, hex};
use crate::output::{Schema, Stdout, json as document, printable};
use crate::settings::{DEMO, Database, DatabaseError, Purpose};
use crate::terminal::Terminal;

/// Prints what is known; nothing at all ends with 5.
///
/// # Errors
/// What keeps the database from being used.
pub(super) fn run(args: &DbSearchArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let database = Database::open(&args.database, &args.trust, Purpose::Show, now)?;
    if let Some(refusal) = &database.refused {
        terminal.warn(&refusal.to_string());
    }
    let index = &database.opened.index;
    let details = database.opened.details().map_err(DatabaseError::from)?;
    let signals = database.opened.signals().map_err(DatabaseError::from)?;
    let asked = Asked {
        index,
        details: &details,
        signals: signals.as_ref(),
    };
    let found = if args.query.starts_with("pkg:") {
        by_package(asked, &Purl::parse(&args.query)?)
    } else {
        by_id(asked, &args.query)
    };
    let found = found.map_err(|error| Error::from(DatabaseError::Store(error.into())))?;
    let exit = if found.is_empty() {
        Exit::Nothing
    } else {
        Exit::Yes
    };
    match args.output {
        TextOrJson::Json => document::print(
            Schema::Search,
            &json!({"query": args.query, "database": database.opened.digest, "demo": database.opened.manifest.demo, "records": found}),
        )?,
        TextOrJson::Text => Stdout::print(&text(&found))?,
    }
    if database.opened.manifest.demo {
        terminal.warn(DEMO);
    }
    Ok(exit)
}

/// The segments that are asked.
#[derive(Clone, Copy)]
struct Asked<'d> {
    index: &'d Index,
    details: &'d Details,
    signals: Option<&'d Signals>,
}

fn by_id(asked: Asked<'_>, id: &str) -> std::result::Result<Vec<Value>, Malformed> {
    let numbers = asked.index.records(id)?;
    numbers
        .into_iter()
        .map(|number| record(asked, number))
        .collect()
}

fn by_package(asked: Asked<'_>, purl: &Purl) -> std::result::Result<Vec<Value>, Malformed> {
    let index = asked.index;
    let package = Package::new(
        Ecosystem::of_purl_type(purl.ty()),
        purl.name(),
        purl.version(),
        purl.clone(),
    );
    let Ok(query) = Query::of(&package, None, index.ecosystems()?) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for ecosystem in query.ecosystems.iter() {
        for row in index.rows(ecosystem, &query.name)? {
            let mut record = record(asked, row.advisory)?;
            if let Some(object) = record.as_object_mut() {
                object.insert("affected".to_owned(), affected(index, ecosystem, row)?);
            }
            found.push(record);
        }
    }
    Ok(found)
}

fn record(asked: Asked<'_>, number: u32) -> std::result::Result<Value, Malformed> {
    let (head, detail) = (asked.index.head(number)?, asked.details.get(number)?);
    let ids = std::iter::once(&head.id)
        .chain(&head.aliases)
        .chain(&head.contains);
    let mut signals = serde_json::Map::new();
    for id in ids {
        let found = asked.signals.map(|signals| signals.get(id)).transpose()?;
        if let Some(signal) = found.flatten() {
            signals.insert(
                id.clone(),
                json!({
                    "epss": signal.epss.map(EpssOf::from),
                    "exploited": signal.exploited.map(ExploitedOf::from),
                }),
            );
        }
    }
    Ok(json!({
        "digest": format!("sha256:{}", hex(&detail.digest)),
        "signals": signals,
        "id": head.id,
        "feed": head.feed.to_string(),
        "withdrawn": head.withdrawn,
        "aliases": head.aliases,
        "contains": head.contains,
        "severity": head.label.map(|label| label.to_string()),
        "vectors": detail.vectors,
        "summary": detail.summary,
        "references": detail.references,
    }))
}

fn affected(index: &Index, ecosystem: &Space, row: Row) -> std::result::Result<Value, Malformed> {
    let program = index.program(row.program)?;
    let mut ranges = Vec::new();
    for (start, end) in &program.intervals {
        let start = match start {
            Some(number) => format!(">= {}", index.version(*number)?),
            None => String::new(),
        };
        let end = match end {
            Bound::Open => String::new(),
            Bound::Fixed(number) | Bound::Limit(number) => format!("< {}", index.version(*number)?),
            Bound::LastAffected(number) => format!("<= {}", index.version(*number)?),
        };
        let range = format!("{start} {end}");
        ranges.push(match range.trim() {
            "" => "all versions".to_owned(),
            some => some.to_owned(),
        });
    }
    let versions = program.listed.iter().map(|number| index.version(*number));
    Ok(json!({
        "ecosystem": ecosystem.to_string(),
        "ranges": ranges,
        "versions": versions.collect::<std::result::Result<Vec<_>, _>>()?,
    }))
}

fn text(found: &[Value]) -> String {
    let mut out = String::new();
    let list = |value: &Value| {
        let all = value.as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    for record in found {
        let word = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        let withdrawn = match record.get("withdrawn") {
            Some(Value::Bool(true)) => ", withdrawn",
            _ => "",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{} ({}{withdrawn})  {}",
            printable(word("id")),
            word("feed"),
            printable(word("summary"))
        );
        for key in ["aliases", "contains", "vectors"] {
            let values = record.get(key).map(&list).unwrap_or_default();
            if !values.is_empty() {
                let _ = writeln!(out, "  {key}: {}", printable(&values));
            }
        }
        if let Some(affected) = record.get("affected") {
            let space = affected.get("ecosystem").and_then(Value::as_str);
            let ranges = affected.get("ranges").map(&list).unwrap_or_default();
            let versions = affected.get("versions").map(&list).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {}: {}",
                printable(space.unwrap_or_default()),
                printable([ranges, versions].join(" ").trim())
            );
        }
    }
    out
}
