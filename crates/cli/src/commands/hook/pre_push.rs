//! `toolkit hook run pre-push`: stops a push that adds known vulnerabilities, offline, and says nothing where it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toolkit_vulndb::matching::Options;
use toolkit_vulndb::severity::Severity;

use crate::args::HookRunArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::settings::{DEMO, Database, MaxAge, Project, Purpose};
use crate::terminal::Terminal;

use super::change::{Change, changes};
use super::error::HookError;
use super::git::{Git, Objects, Oid};
use super::known::{Judged, Lookup, New};
use super::report::{Blocked, blocked};
use super::side::{Comparison, compare};
use super::update::{self, PreCommit, Update};

/// Judges a push.
///
/// # Errors
/// What kept it from an answer; where the project does not demand one, what only the database or a file could not tell is a warning.
pub(super) fn run(args: &HookRunArgs, terminal: &Terminal) -> Result<Exit> {
    let max_age = args.max_age.as_deref().map(MaxAge::parse).transpose()?;
    let git = Git::find().map_err(Error::Hook)?;
    let project = match git.top().map_err(Error::Hook)? {
        Some(top) => Project::read(&top)?,
        None => Project::default(),
    };
    let threshold = project.threshold(args.fail_on.into());
    let mut objects = git.objects().map_err(Error::Hook)?;
    let (updates, remote) = updates(args, &git)?;
    let mut changed: Vec<(Comparison, Vec<Change>)> = Vec::new();
    for comparison in
        compare(&git, &mut objects, &updates, remote.as_deref()).map_err(Error::Hook)?
    {
        let changes = changes(&git, &mut objects, &comparison).map_err(Error::Hook)?;
        if !changes.is_empty() {
            changed.push((comparison, changes));
        }
    }
    if changed.is_empty() {
        return Ok(Exit::Yes);
    }
    let now = Timestamp::now();
    let database =
        match Database::open(&args.database, &args.trust, Purpose::Judge { max_age }, now) {
            Ok(database) => database,
            Err(error) if Exit::of(&error) == Exit::Database && !project.hook_required() => {
                let hint = crate::report::parts(&error).2;
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                terminal.warn(&format!(
                    "the push is not checked for known vulnerabilities: {error}{hint}"
                ));
                return Ok(Exit::Yes);
            }
            Err(error) => return Err(error),
        };
    if database.opened.manifest.demo {
        terminal.warn(DEMO);
    }
    let judging = Judging {
        database: &database,
        options: Options::on(TimeZone::UTC.to_datetime(now).date()),
        threshold,
        required: project.hook_required(),
        remote: remote.as_deref(),
    };
    judge(&judging, &mut objects, &changed, terminal)
}

/// Holds what all lock files of a push are judged by.
struct Judging<'a> {
    database: &'a Database,
    options: Options,
    threshold: Severity,
    required: bool,
    remote: Option<&'a str>,
}

fn judge(
    by: &Judging<'_>,
    objects: &mut Objects,
    changed: &[(Comparison, Vec<Change>)],
    terminal: &Terminal,
) -> Result<Exit> {
    let mut lookup = Lookup::new(objects, by.database, by.options);
    let mut undecided: BTreeSet<(String, bool)> = BTreeSet::new();
    let mut unlisted: BTreeSet<String> = BTreeSet::new();
    // The same finding may come with several refs.
    let mut new: BTreeMap<(String, String, String), New> = BTreeMap::new();
    let mut refs: BTreeSet<&str> = BTreeSet::new();
    let mut against: BTreeSet<&str> = BTreeSet::new();
    for (comparison, changes) in changed {
        for change in changes {
            let judged: Judged = lookup.judge(change, by.threshold)?;
            undecided.extend(judged.undecided);
            unlisted.extend(judged.unlisted);
            if !judged.new.is_empty() {
                refs.extend(comparison.refs.iter().map(String::as_str));
                against.insert(&comparison.against);
            }
            for one in judged.new {
                let key = (
                    one.path.clone(),
                    one.finding.subject.package.to_string(),
                    one.finding.id.clone(),
                );
                new.entry(key).or_insert(one);
            }
        }
    }
    if terminal.verbose > 0 {
        for one in &unlisted {
            terminal.note(&format!("not covered: {one}"));
        }
    }
    for (what, _) in &undecided {
        terminal.warn(&format!("not judged: {what}"));
    }
    if !new.is_empty() {
        let text = blocked(&Blocked {
            new: new.into_values().collect(),
            refs: refs.into_iter().collect(),
            against: against.into_iter().collect(),
            remote: by.remote,
            threshold: by.threshold,
            unlisted: unlisted.len(),
            database: by.database,
        });
        terminal.report(&text);
        return Ok(Exit::No);
    }
    match undecided.iter().next() {
        Some((what, _)) if by.required => Err(Error::Hook(HookError::Undecided {
            what: what.clone(),
            database: undecided.iter().all(|(_, database)| *database),
        })),
        _ => Ok(Exit::Yes),
    }
}

/// Reads what is pushed, and the name of the remote.
fn updates(args: &HookRunArgs, git: &Git) -> Result<(Vec<Update>, Option<String>)> {
    if let Some(found) = PreCommit::find() {
        let name = found.name.clone().or_else(|| args.remote.clone());
        return Ok((vec![of_pre_commit(git, &found).map_err(Error::Hook)?], name));
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::Hook(HookError::NoInput));
    }
    let updates = update::read(stdin.lock()).map_err(Error::Hook)?;
    Ok((updates, args.remote.clone()))
}

fn of_pre_commit(git: &Git, found: &PreCommit) -> Result<Update, HookError> {
    let resolve = |name: &str| -> Result<Oid, HookError> {
        let answer = git.answer(&["rev-parse", "--verify", "--end-of-options", name])?;
        let text = String::from_utf8_lossy(&answer);
        Oid::parse(text.trim_end()).ok_or_else(|| HookError::Answer {
            command: "rev-parse",
            found: super::git::excerpt(&answer),
        })
    };
    Ok(Update {
        local_ref: found.local.clone(),
        local: resolve(&found.local)?,
        remote_ref: found.remote_ref.clone(),
        remote: found.remote.as_deref().map(resolve).transpose()?,
    })
}
