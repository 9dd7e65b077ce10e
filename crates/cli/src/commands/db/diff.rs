//! `toolkit db diff`: which records changed from one database to another.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use toolkit_vulndb::db::{Changes, diff};

use crate::args::{DatabaseArgs, DbDiffArgs, TextOrJson};
use crate::error::Result;
use crate::exit::Exit;
use crate::output::{Schema, Stdout, json as document, printable};
use crate::settings::{DEMO, Database, DatabaseError, Purpose};
use crate::terminal::Terminal;

/// Compares and prints; that there are changes is no reason for another code.
///
/// # Errors
/// What keeps one of them from being used.
pub(super) fn run(args: &DbDiffArgs, terminal: &Terminal) -> Result<Exit> {
    let now = Timestamp::now();
    let open = |text: &str| Database::compared(text, &args.db_identity, &args.trust, now);
    let first = open(&args.first)?;
    let second = match &args.second {
        Some(text) => open(text)?,
        None => Database::open(&DatabaseArgs::default(), &args.trust, Purpose::Show, now)?,
    };
    if [&first, &second].iter().any(|one| one.opened.manifest.demo) {
        terminal.warn(DEMO);
    }
    let changes = diff(&first.opened, &second.opened).map_err(DatabaseError::from)?;
    match args.output {
        TextOrJson::Text => Stdout::print(&text(&changes))?,
        TextOrJson::Json => {
            let side = |one: &Database| {
                let manifest = &one.opened.manifest;
                json!({"digest": one.opened.digest, "created": manifest.created.to_string(), "sequence": manifest.sequence, "demo": manifest.demo})
            };
            let feeds: Map<String, Value> = changes
                .iter()
                .map(|(feed, of)| {
                    let lists =
                        json!({"added": of.added, "removed": of.removed, "changed": of.changed});
                    (feed.to_string(), lists)
                })
                .collect();
            let content = json!({"first": side(&first), "second": side(&second), "feeds": feeds});
            document::print(Schema::Diff, &content)?;
        }
    }
    Ok(Exit::Yes)
}

fn text(changes: &Changes) -> String {
    let mut out = String::from("FEED           ADDED  REMOVED  CHANGED\n");
    let mut sums = [0, 0, 0];
    for (feed, of) in changes {
        let counts = [of.added.len(), of.removed.len(), of.changed.len()];
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:<12} {:>7} {:>8} {:>8}",
            feed.to_string(),
            counts[0],
            counts[1],
            counts[2]
        );
        sums.iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    let _ = writeln!(
        out,
        "{:<12} {:>7} {:>8} {:>8}",
        "all", sums[0], sums[1], sums[2]
    );
    for (feed, of) in changes {
        for (mark, list) in [('+', &of.added), ('-', &of.removed), ('~', &of.changed)] {
            for id in list {
                let _ = writeln!(out, "{mark} {feed} {}", printable(id));
            }
        }
    }
    out
}
