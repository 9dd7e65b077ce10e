//! The result as JSON. It holds no time of its own: the same target and database give the same bytes.

use std::collections::BTreeMap;

use serde::Serialize;
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::db::Malformed;
use toolkit_vulndb::ignore::EntryState;
use toolkit_vulndb::matching::{AsOf, Basis, Finding, RatingSource, Subject};

use super::ranking::{PriorityOf, Ranked, origin_name};
use super::scanned::{Scanned, channel, date};
use super::signal::{EpssOf, ExploitedOf};
use crate::error::{Error, Result};
use crate::settings::{Applied, DatabaseError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    target: String,
    exit_code: u8,
    database: Source,
    #[serde(skip_serializing_if = "BaseOf::is_empty")]
    base: BaseOf,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOfDay>,
    findings: Vec<Item>,
    suppressed: Vec<Item>,
    undetermined: Vec<Open>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
    coverage: Vec<Part>,
    #[serde(skip_serializing_if = "Filtered::is_empty")]
    filters: Filtered,
}

/// What became of the files that the user named to suppress by.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Filtered {
    ignored: Vec<EntryOf>,
    conflicts: Vec<ConflictOf>,
    baseline: usize,
}

impl Filtered {
    fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.conflicts.is_empty() && self.baseline == 0
    }
}

#[derive(Serialize)]
struct EntryOf {
    at: String,
    entry: String,
    state: &'static str,
    findings: usize,
    endless: bool,
}

#[derive(Serialize)]
struct ConflictOf {
    id: String,
    purl: String,
    statements: Vec<String>,
}

#[derive(Serialize)]
struct Source {
    digest: String,
    created: String,
    sequence: i64,
    demo: bool,
}

/// What is known of the image that the target was built on: by its annotations, and by its history.
#[derive(Serialize)]
struct BaseOf {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<usize>,
}

impl BaseOf {
    fn of(subject: &toolkit_sbom::Subject) -> Self {
        let base = subject.base.as_ref();
        Self {
            name: base.and_then(|base| base.name.clone()),
            digest: base.and_then(|base| base.digest.as_ref().map(ToString::to_string)),
            layers: subject.base_layers,
        }
    }

    fn is_empty(&self) -> bool {
        self.name.is_none() && self.digest.is_none() && self.layers.is_none()
    }
}

#[derive(Serialize)]
struct Name {
    purl: String,
    name: String,
    version: Option<String>,
    layer: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<String>,
}

#[derive(Serialize)]
struct SourceName {
    name: String,
    version: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    class: &'static str,
    severity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity_source: Option<SeveritySource>,
    summary: String,
    package: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<PriorityOf>,
    fix: FixOf,
    aliases: Vec<String>,
    advisories: Vec<String>,
    records: Vec<RecordOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epss: Option<EpssOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exploited: Option<ExploitedOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Rule>,
}

#[derive(Serialize)]
struct SeveritySource {
    kind: &'static str,
    feed: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<CvssOf>,
}

#[derive(Serialize)]
struct CvssOf {
    version: String,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixOf {
    state: &'static str,
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    needs_subscription: bool,
    conflict: bool,
    all: Vec<FixedInOf>,
}

#[derive(Serialize)]
struct FixedInOf {
    version: String,
    channel: &'static str,
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordOf {
    feed: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    ecosystem: String,
    listed: bool,
    epoch_assumed: bool,
}

#[derive(Serialize)]
struct Rule {
    rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

#[derive(Serialize)]
struct Open {
    id: String,
    feed: String,
    aliases: Vec<String>,
    package: Name,
    reason: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    name: String,
    coverage: String,
    feeds: Vec<String>,
    newest: Option<String>,
    packages: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_of_life: Option<EndOf>,
}

/// The end of a release's support, where it has passed.
#[derive(Serialize)]
struct EndOf {
    release: String,
    ended: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended: Option<String>,
    source: &'static str,
    checked: String,
}

/// The earlier day that the document speaks of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AsOfDay {
    date: String,
    approximate: bool,
    later: usize,
    undated: usize,
}

impl From<&AsOf> for AsOfDay {
    fn from(as_of: &AsOf) -> Self {
        Self {
            date: as_of.date.to_string(),
            approximate: true,
            later: as_of.later,
            undated: as_of.undated,
        }
    }
}

/// Makes the document.
///
/// # Errors
/// [`Error::Database`] where the details of a record cannot be read.
pub(crate) fn json(scanned: &Scanned<'_>) -> Result<Document> {
    let manifest = &scanned.database.opened.manifest;
    let ranked = scanned.ranked();
    let ranks: BTreeMap<usize, &Ranked<'_>> = ranked.iter().map(|one| (one.at, one)).collect();
    let items = |suppressed: bool| {
        let all = scanned.found.findings.iter().enumerate();
        all.filter(|(_, finding)| finding.suppressed.is_some() == suppressed)
            .map(|(at, finding)| item(scanned, finding, ranks.get(&at).copied()))
            .collect::<std::result::Result<Vec<_>, Malformed>>()
            .map_err(|error| Error::from(DatabaseError::Store(error.into())))
    };
    let open = scanned.found.undetermined.iter().map(|one| Open {
        id: one.id.clone(),
        feed: one.feed.to_string(),
        aliases: one.ids.iter().cloned().collect(),
        package: name(&one.subject),
        reason: one.reason.clone(),
    });
    let parts = scanned.found.coverage.parts.iter().map(|part| Part {
        name: part.name.clone(),
        coverage: part.level.to_string(),
        feeds: part.feeds.iter().map(ToString::to_string).collect(),
        newest: part.newest.map(date),
        packages: part.packages,
        end_of_life: part.end_of_life.map(|end| EndOf {
            release: end.release.to_owned(),
            ended: end.ends.to_string(),
            extended: end.extended.map(|day| day.to_string()),
            source: end.source,
            checked: end.checked.to_string(),
        }),
    });
    Ok(Document {
        target: scanned.target.to_owned(),
        exit_code: scanned.code,
        database: Source {
            digest: scanned.database.opened.digest.to_string(),
            created: manifest.created.to_string(),
            sequence: manifest.sequence,
            demo: manifest.demo,
        },
        base: BaseOf::of(scanned.subject),
        as_of: scanned.found.as_of.as_ref().map(AsOfDay::from),
        findings: items(false)?,
        suppressed: items(true)?,
        undetermined: open.collect(),
        unreadable: scanned.unreadable.iter().map(ToString::to_string).collect(),
        coverage: parts.collect(),
        filters: filters(scanned.applied),
    })
}

fn filters(applied: &Applied) -> Filtered {
    Filtered {
        ignored: applied
            .entries
            .iter()
            .map(|one| {
                let (state, findings) = match one.state {
                    EntryState::Applied { findings } => ("applied", findings),
                    EntryState::Unmatched => ("unmatched", 0),
                    EntryState::Expired { findings, .. } => ("expired", findings),
                };
                EntryOf {
                    at: one.at.clone(),
                    entry: one.entry.clone(),
                    state,
                    findings,
                    endless: one.endless,
                }
            })
            .collect(),
        conflicts: applied
            .conflicts
            .iter()
            .map(|one| ConflictOf {
                id: one.id.clone(),
                purl: one.package.clone(),
                statements: one.statements.clone(),
            })
            .collect(),
        baseline: applied.known,
    }
}

fn item(
    scanned: &Scanned<'_>,
    finding: &Finding,
    ranked: Option<&Ranked<'_>>,
) -> std::result::Result<Item, Malformed> {
    let mut summary = String::new();
    let (mut records, mut vectors) = (Vec::new(), Vec::new());
    for record in &finding.records {
        let detail = scanned.details.get(record.number)?;
        if summary.is_empty() {
            summary = detail.summary;
        }
        vectors.push((record.id.as_str(), detail.vectors));
        records.push(RecordOf {
            feed: record.feed.to_string(),
            id: record.id.clone(),
            digest: record
                .digest
                .map(|digest| format!("sha256:{}", hex(&digest))),
            ecosystem: record.ecosystem.clone(),
            listed: record.listed,
            epoch_assumed: record.epoch_assumed,
        });
    }
    Ok(Item {
        id: finding.id.clone(),
        class: match finding.class {
            Class::Vulnerability => "vulnerability",
            Class::Malicious => "malicious",
            Class::Informational => "informational",
        },
        severity: finding.severity().to_string(),
        severity_source: finding.rating.as_ref().map(|rating| SeveritySource {
            kind: match rating.source {
                RatingSource::Deciding => "deciding",
                RatingSource::Other => "other",
                RatingSource::Borrowed => "borrowed",
                RatingSource::Advisory => "advisory",
            },
            feed: rating.feed.to_string(),
            id: rating.id.clone(),
            cvss: match rating.basis {
                Basis::Word => None,
                Basis::Cvss { version, tenths } => Some(CvssOf {
                    version: version.to_string(),
                    score: f64::from(tenths) / 10.0,
                    vector: vectors
                        .iter()
                        .filter(|(id, _)| *id == rating.id)
                        .flat_map(|(_, vectors)| vectors)
                        .find(|vector| is_of(vector, &version.to_string()))
                        .cloned(),
                }),
            },
        }),
        summary,
        package: name(&finding.subject),
        origin: origin_name(scanned.origin(finding)),
        priority: ranked.map(PriorityOf::from),
        fix: FixOf {
            state: finding.fix.state.name(),
            version: finding.fix.version.clone(),
            date: finding.fix.date.map(date),
            needs_subscription: finding.fix.needs_subscription,
            conflict: finding.fix.conflict,
            all: finding
                .fix
                .all
                .iter()
                .map(|one| FixedInOf {
                    version: one.version.clone(),
                    channel: channel(one.channel),
                    id: one.id.clone(),
                })
                .collect(),
        },
        aliases: finding
            .ids
            .iter()
            .filter(|id| **id != finding.id)
            .cloned()
            .collect(),
        advisories: finding.advisories.iter().cloned().collect(),
        records,
        published: finding.published.map(date),
        epss: finding.epss.map(EpssOf::from),
        exploited: finding.exploited.map(ExploitedOf::from),
        suppressed: finding.suppressed.as_ref().map(|rule| Rule {
            rule: rule.name(),
            by: rule.by().map(str::to_owned),
            reason: rule.reason().map(str::to_owned),
            until: rule.until().map(|day| day.to_string()),
        }),
    })
}

/// CVSS 2 vectors have no prefix that names their version.
fn is_of(vector: &str, version: &str) -> bool {
    match vector.strip_prefix("CVSS:") {
        Some(rest) => rest.starts_with(version),
        None => version == "2.0",
    }
}

fn name(subject: &Subject) -> Name {
    Name {
        purl: subject.package.to_string(),
        name: subject.name.clone(),
        version: subject.version.clone(),
        layer: subject.layer,
        source: subject
            .source
            .clone()
            .map(|(name, version)| SourceName { name, version }),
        owner: subject.owner.as_ref().map(ToString::to_string),
        locations: subject.paths.to_vec(),
    }
}

/// Writes bytes as a digest is written.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
