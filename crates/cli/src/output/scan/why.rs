//! Why a vulnerability is found or not, for people and for programs.

use std::fmt::Write;

use serde::Serialize;
use toolkit_vulndb::matching::{
    About, Answer, AsOf, Compared, Known, Outcome, Reason, Role, Step, Void, Why,
};

use super::document::{AsOfDay, hex};
use super::scanned::{channel, date};
use super::table::approximation;
use crate::output::printable;
use crate::settings::Database;

/// Names are listed up to this many.
const NAMED: usize = 10;

/// Words the explanation.
pub(crate) fn text(why: &Why, as_of: Option<&AsOf>) -> String {
    let mut out = String::new();
    if let Some(as_of) = as_of {
        out.push_str(&approximation(as_of));
    }
    let mut line = |text: String| {
        out.push_str(&printable(&text));
        out.push('\n');
    };
    let others: Vec<&str> = why
        .ids
        .iter()
        .filter(|id| **id != why.id)
        .map(String::as_str)
        .collect();
    match (why.records.len(), &others[..]) {
        (0, _) => line(format!("{}: the database has no record of it", why.id)),
        (count, []) => line(format!("{}: {count} records", why.id)),
        (count, others) => line(format!(
            "{}, also {}: {count} records",
            why.id,
            others.join(", ")
        )),
    }
    if why.packages.is_empty() && !why.records.is_empty() {
        line("  none of the packages is one that they name".to_owned());
        for (ecosystem, name) in why.names.iter().take(NAMED) {
            line(format!("    {ecosystem} {name}"));
        }
        if why.names.len() > NAMED {
            line(format!("    and {} more", why.names.len() - NAMED));
        }
    }
    for about in &why.packages {
        line(String::new());
        line(about.subject.package.to_string());
        line(format!("  {}", about.words()));
        if let Some(query) = &about.query {
            let of = if query.by_source {
                ", the source package"
            } else {
                ""
            };
            line(format!(
                "  looked up: {} {} in {}{of}",
                query.name,
                query.version.as_deref().unwrap_or("without a version"),
                query.label
            ));
        }
        for step in &about.steps {
            for text in of_step(step, about) {
                line(format!("  {text}"));
            }
        }
    }
    out
}

fn of_step(step: &Step, about: &About) -> Vec<String> {
    let installed = about
        .query
        .as_ref()
        .and_then(|query| query.version.as_deref());
    let record = &step.record;
    let mut head = format!("{} ({}) in {}", record.id, record.feed, step.ecosystem);
    if let Some(day) = record.published {
        let _ = write!(head, ", published {}", date(day));
    }
    if let Some(digest) = &record.digest {
        let _ = write!(head, ", sha256:{}", hex(digest));
    }
    let mut lines = vec![head];
    let ranges: Vec<String> = step.intervals.iter().map(range).collect();
    if !ranges.is_empty() {
        lines.push(format!("  affected: {}", ranges.join("; ")));
    }
    if step.listed > 0 {
        lines.push(format!(
            "  affected: {} versions by themselves",
            step.listed
        ));
    }
    for compared in &step.compared {
        lines.push(format!("  {} is {compared}", installed.unwrap_or("-")));
    }
    lines.push(format!("  {}", step.words(installed)));
    lines
}

fn range((start, end): &(Option<String>, Option<(Role, String)>)) -> String {
    let start = match start {
        Some(version) => format!("from {version}"),
        None => "from the beginning".to_owned(),
    };
    match end {
        None => format!("{start}, no end"),
        Some((Role::LastAffected, version)) => format!("{start} up to and with {version}"),
        Some((Role::Fixed, version)) => format!("{start} to before {version}, the fix"),
        Some((_, version)) => format!("{start} to before {version}"),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    target: String,
    database: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOfDay>,
    id: String,
    ids: Vec<String>,
    r#match: bool,
    records: Vec<RecordOf>,
    names: Vec<Named>,
    packages: Vec<Package>,
}

#[derive(Serialize)]
struct RecordOf {
    feed: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    withdrawn: bool,
}

#[derive(Serialize)]
struct Named {
    ecosystem: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    purl: String,
    answer: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_up: Option<LookedUp>,
    steps: Vec<StepOf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LookedUp {
    ecosystem: String,
    name: String,
    version: Option<String>,
    by_source: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepOf {
    record: RecordOf,
    ecosystem: String,
    ranges: Vec<RangeOf>,
    listed: usize,
    channel: &'static str,
    architectures: Vec<String>,
    compared: Vec<ComparedOf>,
    outcome: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct RangeOf {
    introduced: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComparedOf {
    with: &'static str,
    version: String,
    installed_is: &'static str,
    epoch_assumed: bool,
}

/// Makes the document.
pub(crate) fn json(target: &str, database: &Database, why: &Why, as_of: Option<&AsOf>) -> Document {
    Document {
        target: target.to_owned(),
        database: database.opened.digest.to_string(),
        as_of: as_of.map(AsOfDay::from),
        id: why.id.clone(),
        ids: why.ids.iter().cloned().collect(),
        r#match: why.is_match(),
        records: why.records.iter().map(record).collect(),
        names: why
            .names
            .iter()
            .map(|(ecosystem, name)| Named {
                ecosystem: ecosystem.to_string(),
                name: name.clone(),
            })
            .collect(),
        packages: why.packages.iter().map(package).collect(),
    }
}

fn record(known: &Known) -> RecordOf {
    RecordOf {
        feed: known.feed.to_string(),
        id: known.id.clone(),
        digest: known
            .digest
            .map(|digest| format!("sha256:{}", hex(&digest))),
        published: known.published.map(date),
        withdrawn: known.withdrawn,
    }
}

fn package(about: &About) -> Package {
    let rule = match &about.answer {
        Answer::Suppressed { rule, .. } => Some(rule),
        _ => None,
    };
    let query = about.query.as_ref();
    Package {
        purl: about.subject.package.to_string(),
        answer: match &about.answer {
            Answer::Match { .. } => "match",
            Answer::Suppressed { .. } => "suppressed",
            Answer::Undetermined { .. } => "undetermined",
            Answer::No(Reason::Uncovered(_)) => "uncovered",
            Answer::No(_) => "no-match",
        },
        reason: about.words(),
        rule: rule.map(|rule| rule.name()),
        by: rule.and_then(|rule| rule.by()).map(str::to_owned),
        owner: about.subject.owner.as_ref().map(ToString::to_string),
        looked_up: query.map(|query| LookedUp {
            ecosystem: query.label.to_string(),
            name: query.name.clone(),
            version: query.version.clone(),
            by_source: query.by_source,
        }),
        steps: about
            .steps
            .iter()
            .map(|step| StepOf {
                record: record(&step.record),
                ecosystem: step.ecosystem.to_string(),
                ranges: step
                    .intervals
                    .iter()
                    .map(|(start, end)| RangeOf {
                        introduced: start.clone(),
                        end: end.as_ref().map(|(role, _)| role_name(*role)),
                        version: end.as_ref().map(|(_, version)| version.clone()),
                    })
                    .collect(),
                listed: step.listed,
                channel: channel(step.channel),
                architectures: step.architectures.clone(),
                compared: step.compared.iter().map(compared).collect(),
                outcome: outcome(&step.outcome),
                reason: step.words(query.and_then(|query| query.version.as_deref())),
            })
            .collect(),
    }
}

fn compared(one: &Compared) -> ComparedOf {
    ComparedOf {
        with: role_name(one.with),
        version: one.version.clone(),
        installed_is: match one.order {
            Some(std::cmp::Ordering::Less) => "before",
            Some(std::cmp::Ordering::Equal) => "equal",
            Some(std::cmp::Ordering::Greater) => "after",
            None => "unordered",
        },
        epoch_assumed: one.epoch_assumed,
    }
}

/// Names a role as the events of the OSV schema are named.
fn role_name(role: Role) -> &'static str {
    match role {
        Role::Introduced => "introduced",
        Role::Fixed => "fixed",
        Role::Limit => "limit",
        Role::LastAffected => "last_affected",
        Role::Listed => "listed",
    }
}

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Affected { .. } => "affected",
        Outcome::Outside => "outside",
        Outcome::NotAffected => "not-affected",
        Outcome::OtherArchitecture => "other-architecture",
        Outcome::OtherModule => "other-module",
        Outcome::Void(Void::Withdrawn) => "withdrawn",
        Outcome::Void(Void::Copied) => "copied",
        Outcome::Void(Void::Later) => "later",
        Outcome::Undetermined(_) => "undetermined",
    }
}
