//! `toolkit db fetch`: the feeds of advisories from their publishers, into the folder that a database is built of.

use jiff::Timestamp;
use toolkit_gate::{Failure, Fetch, FileState, feeds};

use crate::args::DbFetchArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::Stdout;
use crate::progress::Progress;
use crate::report;
use crate::settings::Access;
use crate::terminal::Terminal;

/// Fetches what changed and prints every file. A feed that fails does not lose the others, and is told.
///
/// # Errors
/// [`Error::Fetch`] for what keeps everything from being fetched, [`Error::NotFetched`] where some of it was not.
pub(super) fn run(args: &DbFetchArgs, terminal: &Terminal) -> Result<Exit> {
    let wanted = feeds(&args.feed)?;
    let access = Access::new(&args.access, terminal)?;
    if access.offline {
        return Err(Error::OfflineFetch);
    }
    let progress = Progress::new(terminal);
    let fetched = toolkit_gate::fetch(&Fetch {
        folder: &args.folder,
        feeds: &wanted,
        mirror: args.mirror.as_deref(),
        client: &access.client,
        now: Timestamp::now(),
        events: &|event| progress.journey(event),
    });
    progress.finish();
    let fetched = fetched?;
    let mut text = String::new();
    for (path, state, size) in &fetched.files {
        let state = match state {
            FileState::Fetched => "fetched  ",
            FileState::Unchanged => "unchanged",
        };
        text.push_str(&format!("{state} {path} {size}\n"));
    }
    Stdout::print(&text)?;
    not_fetched(fetched.failures, wanted.len(), terminal)
}

fn not_fetched(failures: Vec<Failure>, asked: usize, terminal: &Terminal) -> Result<Exit> {
    let mut names: Vec<_> = failures.iter().map(|failure| failure.feed).collect();
    names.dedup();
    let mut exits = Vec::new();
    for failure in failures {
        let error = Error::Fetch(failure.error);
        exits.push(Exit::of(&error));
        let (message, causes, hint) = report::parts(&error);
        let mut text = format!("not fetched: {}: {message}", failure.feed);
        for cause in causes.iter().chain(&hint) {
            text.push_str(": ");
            text.push_str(cause);
        }
        terminal.warn(&text);
    }
    match Exit::gravest(exits) {
        Exit::Yes => Ok(Exit::Yes),
        exit => Err(Error::NotFetched {
            failed: names.len(),
            asked,
            exit,
        }),
    }
}
