//! `toolkit promote`: verify, then move an image with all of its evidence, its tag last.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::Serialize;
use toolkit_gate::{
    Criteria, Destination, Event, Existing, PinnedImage, Promoted, Promotion, TagChange, promote,
};

use crate::args::{PromoteArgs, VerdictFormat};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::{Judgement, Paint, Schema, Stdout, json, text};
use crate::progress::Progress;
use crate::settings::{Access, PolicyDatabase, policy, policy_trust_root};
use crate::terminal::Terminal;

/// Promotes and prints the verdict and what was done.
///
/// # Errors
/// What kept it from a verdict, or the promotion from its end; with `-o json` that is told on stdout too.
pub(crate) fn run(args: &PromoteArgs, terminal: &Terminal) -> Result<Exit> {
    let done = match done(args, terminal) {
        Ok(done) => done,
        Err(error) => {
            if args.output == VerdictFormat::Json {
                json::print_failure(Schema::Promote, &args.source, &error)?;
            }
            return Err(error);
        }
    };
    match args.output {
        VerdictFormat::Json => json::print(Schema::Promote, &done)?,
        VerdictFormat::Text => {
            let mut text = text::verdict(&done.judgement, Paint::new(terminal.stdout_color));
            if let Some(promoted) = &done.promoted {
                text.push_str(&promoted.line());
            }
            Stdout::print(&text)?;
        }
    }
    let line = done.promoted.as_ref().map(Moved::line).unwrap_or_default();
    super::verify::tell_ci(&done.judgement, line.trim_end())?;
    Ok(done.judgement.exit_code)
}

#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    judgement: Judgement,
    promoted: Option<Moved>,
}

/// Tells what a promotion did.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    destination: String,
    tag: &'static str,
    moved_from: Option<String>,
    manifests: usize,
    blobs: usize,
    written: usize,
}

impl Moved {
    fn line(&self) -> String {
        let from = self
            .moved_from
            .as_ref()
            .map(|digest| format!(" from {digest}"))
            .unwrap_or_default();
        format!(
            "promoted to {}: tag {}{from}; {} manifest{} and {} blob{} are there, {} of them new\n",
            self.destination,
            self.tag,
            self.manifests,
            plural(self.manifests),
            self.blobs,
            plural(self.blobs),
            self.written
        )
    }
}

fn plural(number: usize) -> &'static str {
    if number == 1 { "" } else { "s" }
}

fn done(args: &PromoteArgs, terminal: &Terminal) -> Result<Done> {
    let now = Timestamp::now();
    let policy = policy(&args.policy, now)?;
    let root = policy_trust_root(&args.policy, &policy, args.trust.trusted_root.as_deref())?;
    let database = PolicyDatabase::open(&policy, &args.database, &args.trust, now)?;
    let access = Access::new(&args.access, terminal)?;
    let source = access.target(&args.source)?;
    let target = access.target(&args.destination)?;
    let progress = Progress::new(terminal);
    let judged = AtomicBool::new(false);
    let events = |event| progress.event(event);
    let journey = |event| {
        if matches!(event, Event::Judged { .. }) {
            judged.store(true, Ordering::Relaxed);
        }
        progress.journey(event);
    };
    let reach = access.reach(&events);
    // Nobody is asked before both names fit.
    let destination = Destination::new(&target, &reach)?;
    let image = PinnedImage::resolve(&source, &reach)?;
    let existing = if args.force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    let criteria = Criteria {
        policy: &policy,
        root: &root,
        database: database.at_hand(),
        now,
    };
    let promotion = Promotion {
        image: &image,
        destination: &destination,
        criteria: &criteria,
        existing,
    };
    let result = promote(&promotion, &reach, &journey);
    progress.finish();
    let result = result.map_err(Error::from).map_err(|error| {
        if judged.load(Ordering::Relaxed) {
            Error::NotPromoted {
                source: Box::new(error),
            }
        } else {
            error
        }
    })?;
    let judgement = |verdict| {
        Judgement::of_policy(
            &args.source,
            &args.policy,
            super::verify::described(&root, now),
            verdict,
        )
    };
    Ok(match result {
        Promoted::Refused(verdict) => Done {
            judgement: judgement(&verdict),
            promoted: None,
        },
        Promoted::Done {
            verdict,
            digest,
            tag,
            manifests,
            blobs,
            written,
        } => {
            let (tag, moved_from) = match tag {
                TagChange::Untagged => ("none", None),
                TagChange::Unchanged => ("unchanged", None),
                TagChange::Created => ("created", None),
                TagChange::Moved { from } => ("moved", Some(from.to_string())),
            };
            let destination = super::sign::pinned(&target, &digest.to_string());
            Done {
                judgement: judgement(&verdict),
                promoted: Some(Moved {
                    destination,
                    tag,
                    moved_from,
                    manifests,
                    blobs,
                    written,
                }),
            }
        }
    })
}
