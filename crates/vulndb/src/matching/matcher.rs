//! The run over an inventory: ask, judge, join, rate.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use toolkit_sbom::{Inventory, Package};

use crate::advisory::{Class, Feed};
use crate::affected::{Channel, FixState};
use crate::db::signals::Signals;
use crate::db::vex::Statements;
use crate::db::{Details, Head, Index, Listed, Malformed};
use crate::ecosystem::Family;
use crate::severity::Severity;

use super::cluster::{Cluster, Hit, cves, identities, is_advisory, join};
use super::coverage::Counter;
use super::finding::{AsOf, Finding, Matches, RecordRef, Subject, Suppression, Undetermined};
use super::fix::Fix;
use super::judge::{Found, Judged, Outcome};
use super::ownership;
use super::query::{Query, Spaces, Uncovered};
use super::range::{Installed, Ranges};
use super::rating::{Opinion, Rating, choose};
use super::sources::{Options, Sources, day_number};

/// Finds what is known of the packages of an inventory.
///
/// # Errors
///
/// [`Malformed`] where a segment is broken; nothing is then known.
pub fn matches(
    sources: &Sources<'_>,
    inventory: &Inventory,
    options: &Options,
) -> Result<Matches, Malformed> {
    let mut run = Run::new(sources, options, inventory)?;
    let mut found = Matches::default();
    let mut counter = Counter::default();
    for package in &inventory.packages {
        match run.query(package, inventory)? {
            Ok(query) => {
                counter.asked(&query);
                run.package(package, &query, &mut found)?;
            }
            Err(reason) => {
                found.uncovered.push((package.id(), reason.clone()));
                counter.gap(reason);
            }
        }
    }
    found.uncovered.sort();
    ownership::apply(&mut run, inventory, &mut found.findings)?;
    found.findings.sort_by(|left, right| {
        (&left.subject.package, &left.id).cmp(&(&right.subject.package, &right.id))
    });
    found.undetermined.sort_by(|left, right| {
        (&left.subject.package, &left.id).cmp(&(&right.subject.package, &right.id))
    });
    found.coverage = counter.finish(run.listed, options.day());
    if let Some(signals) = sources.signals {
        let last_day = run.last_day;
        found
            .findings
            .iter_mut()
            .try_for_each(|finding| signalled(signals, finding, last_day))?;
    }
    if let Some(details) = sources.details {
        digests(details, &mut found.findings)?;
    }
    found.as_of = options.as_of.map(|date| AsOf {
        date,
        later: run.later.len(),
        undated: run.undated.len(),
    });
    Ok(found)
}

/// Adds what the signals say of a finding's CVEs: the highest score, the first entry of the catalogue. Of an earlier day no score is known.
fn signalled(
    signals: &Signals,
    finding: &mut Finding,
    last_day: Option<u32>,
) -> Result<(), Malformed> {
    for id in &finding.ids {
        let Some(signal) = signals.get(id)? else {
            continue;
        };
        finding.epss = finding
            .epss
            .into_iter()
            .chain(signal.epss.filter(|_| last_day.is_none()))
            .max_by_key(|epss| epss.probability);
        finding.exploited = finding
            .exploited
            .into_iter()
            .chain(
                signal
                    .exploited
                    .filter(|known| last_day.is_none_or(|day| known.added <= day)),
            )
            .min_by_key(|exploited| exploited.added);
    }
    Ok(())
}

/// Adds the digests of the records.
fn digests(details: &Details, findings: &mut [Finding]) -> Result<(), Malformed> {
    for record in findings.iter_mut().flat_map(|finding| &mut finding.records) {
        record.digest = Some(details.digest(record.number)?);
    }
    Ok(())
}

/// Is a record whose range ends before the installed version.
struct Outside {
    /// Its place among the rows of the package.
    place: usize,
    id: String,
    subscribed: bool,
    is_advisory: bool,
}

/// Holds what is kept between packages.
pub(super) struct Run<'i> {
    pub(super) index: &'i Index,
    pub(super) details: Option<&'i Details>,
    pub(super) statements: Option<&'i Statements>,
    pub(super) listed: &'i [Listed],
    pub(super) ranges: Ranges<'i>,
    /// Whether packages of the inventory name their sources.
    sources_named: bool,
    /// The day after which records are left out, since 1970.
    pub(super) last_day: Option<u32>,
    /// Records that would hold and were left out as later, and those that hold and have no date.
    pub(super) later: BTreeSet<u32>,
    pub(super) undated: BTreeSet<u32>,
    spaces: Spaces<'i>,
    heads: HashMap<u32, Rc<Head>>,
}

impl<'i> Run<'i> {
    pub(super) fn new(
        sources: &Sources<'i>,
        options: &Options,
        inventory: &Inventory,
    ) -> Result<Self, Malformed> {
        let index = sources.index;
        let listed = index.ecosystems()?;
        Ok(Self {
            index,
            details: sources.details,
            statements: sources.statements,
            sources_named: inventory
                .packages
                .iter()
                .any(|package| names_source_packages(package) && package.source.is_some()),
            last_day: options.as_of.map(day_number),
            later: BTreeSet::new(),
            undated: BTreeSet::new(),
            listed,
            spaces: Spaces::new(listed),
            ranges: Ranges::new(index),
            heads: HashMap::new(),
        })
    }

    /// Makes the question for a package.
    ///
    /// Where sources are looked up, a package without one is taken to be of the source of its own name, as dpkg's databases and the package URLs of syft
    /// leave it out in that case. An inventory in which no package names a source does not follow that: there a name that no advisory of the release has
    /// may be a binary's, and its package is not asked about.
    pub(super) fn query(
        &mut self,
        package: &Package,
        inventory: &Inventory,
    ) -> Result<Result<Query, Uncovered>, Malformed> {
        let query = match Query::with(package, inventory.distro.as_ref(), &mut self.spaces) {
            Ok(query) => query,
            Err(reason) => return Ok(Err(reason)),
        };
        let guessed =
            !self.sources_named && package.source.is_none() && names_source_packages(package);
        if guessed {
            let mut known = false;
            for ecosystem in query.ecosystems.iter() {
                known |= self.index.has(ecosystem, &query.name)?;
            }
            if !known {
                return Ok(Err(Uncovered::NoSource));
            }
        }
        Ok(Ok(query))
    }

    pub(super) fn head(&mut self, number: u32) -> Result<Rc<Head>, Malformed> {
        if let Some(head) = self.heads.get(&number) {
            return Ok(Rc::clone(head));
        }
        let head = Rc::new(self.index.head(number)?);
        self.heads.insert(number, Rc::clone(&head));
        Ok(head)
    }

    fn package(
        &mut self,
        package: &Package,
        query: &Query,
        found: &mut Matches,
    ) -> Result<(), Malformed> {
        let installed = Installed::new(query.scheme(), query.version.as_deref());
        let (mut hits, mut open) = (Vec::new(), Vec::new());
        let (mut outside, mut denied) = (Vec::new(), Vec::new());
        // Records with a fix for every system of the release: a channel to subscribe to does not deny what they say.
        let mut released = BTreeSet::new();
        for ecosystem in query.ecosystems.iter() {
            for row in self.index.rows(ecosystem, &query.name)? {
                let at = Found { row, ecosystem };
                let qualifier = self.index.qualifier(row.qualifier)?;
                let base = qualifier.channel == Channel::Base;
                if base && qualifier.fix == FixState::Fixed {
                    released.insert(row.advisory);
                }
                match self.judge(at, package, query, &installed, None)? {
                    Judged::Hit(hit) => hits.push(*hit),
                    Judged::Not(Outcome::Undetermined(reason)) => open.push((at, reason)),
                    Judged::Not(Outcome::Outside) => outside.push(at),
                    Judged::Not(Outcome::NotAffected) => denied.push((at, base)),
                    Judged::Not(_) => {}
                }
            }
        }
        if hits.is_empty() && open.is_empty() {
            return Ok(());
        }
        let denied: Vec<Found<'_>> = denied
            .into_iter()
            .filter(|(at, base)| *base || !released.contains(&at.row.advisory))
            .map(|(at, _)| at)
            .collect();
        let denied = self.denied(&denied)?;
        let outside = match hits.is_empty() {
            true => HashMap::new(),
            false => self.outside(query, &outside)?,
        };
        let subject = Arc::new(subject(package, query));
        let mut known: BTreeSet<String> = BTreeSet::new();
        for cluster in join(query.family(), &hits) {
            if !open.is_empty() {
                known.extend(cluster.ids.iter().cloned());
            }
            if cluster.ids.iter().any(|id| denied.contains(id)) {
                continue;
            }
            let mut finding = self.finding(&subject, query, &hits, &cluster)?;
            finding.suppressed = answered(query, &hits, &cluster, &outside);
            found.findings.push(finding);
        }
        let first = found.undetermined.len();
        for (at, reason) in open {
            let head = self.head(at.row.advisory)?;
            // An advisory of several vulnerabilities stays open for those that nothing else answers.
            let unanswered = identities(&head)
                .into_iter()
                .filter(|ids| ids.is_disjoint(&known) && ids.is_disjoint(&denied));
            let ids: BTreeSet<String> = unanswered.flatten().collect();
            if self.void(&head, at.ecosystem).is_some() || ids.is_empty() {
                continue;
            }
            let of_package = found.undetermined.iter().skip(first);
            let repeated = of_package.into_iter().any(|one| one.id == head.id);
            if !repeated {
                found.undetermined.push(Undetermined {
                    subject: Arc::clone(&subject),
                    feed: head.feed,
                    id: head.id.clone(),
                    ids,
                    reason,
                });
            }
        }
        Ok(())
    }

    /// Returns the ids that a feed says the package is not affected by.
    fn denied(&mut self, rows: &[Found<'_>]) -> Result<BTreeSet<String>, Malformed> {
        let mut ids = BTreeSet::new();
        for at in rows {
            let head = self.head(at.row.advisory)?;
            if at.ecosystem.family.is_distribution() && self.void(&head, at.ecosystem).is_none() {
                ids.extend(identities(&head).into_iter().flatten());
            }
        }
        Ok(ids)
    }

    /// Orders the records whose fix is installed by the CVEs that they speak of, where they may answer a finding.
    fn outside(
        &mut self,
        query: &Query,
        rows: &[Found<'_>],
    ) -> Result<HashMap<String, Vec<Outside>>, Malformed> {
        let mut by_cve: HashMap<String, Vec<Outside>> = HashMap::new();
        for (place, at) in rows.iter().enumerate() {
            let subscribed = self.index.qualifier(at.row.qualifier)?.channel != Channel::Base;
            if !subscribed && query.family() != Family::Debian {
                continue;
            }
            let head = self.head(at.row.advisory)?;
            if self.void(&head, at.ecosystem).is_some() {
                continue;
            }
            for cve in cves(&head) {
                by_cve.entry(cve.to_owned()).or_default().push(Outside {
                    place,
                    id: head.id.clone(),
                    subscribed,
                    is_advisory: is_advisory(&head.id),
                });
            }
        }
        Ok(by_cve)
    }

    fn finding(
        &mut self,
        subject: &Arc<Subject>,
        query: &Query,
        hits: &[Hit],
        cluster: &Cluster,
    ) -> Result<Finding, Malformed> {
        let hits: Vec<&Hit> = cluster
            .hits
            .iter()
            .filter_map(|number| hits.get(*number))
            .collect();
        let deciding = hits.first().map(|hit| hit.head.id.clone());
        let id = match cluster.cves()[..] {
            [cve] => cve.to_owned(),
            _ => deciding.unwrap_or_default(),
        };
        let classes = || hits.iter().map(|hit| hit.head.class);
        let class = if classes().any(|class| class == Class::Malicious) {
            Class::Malicious
        } else if classes().all(|class| class == Class::Informational) {
            Class::Informational
        } else {
            Class::Vulnerability
        };
        let mut records: Vec<RecordRef> = Vec::with_capacity(hits.len());
        for hit in &hits {
            let record = RecordRef {
                feed: hit.head.feed,
                id: hit.head.id.clone(),
                number: hit.advisory,
                digest: None,
                ecosystem: hit.ecosystem.to_string(),
                listed: hit.listed,
                epoch_assumed: hit.epoch_assumed,
            };
            if !records.contains(&record) {
                records.push(record);
            }
        }
        Ok(Finding {
            subject: Arc::clone(subject),
            id,
            ids: cluster.ids.clone(),
            advisories: hits
                .iter()
                .filter(|hit| hit.is_advisory)
                .map(|hit| hit.head.id.clone())
                .collect(),
            class,
            rating: self.rating(query.family(), &hits, cluster)?,
            fix: Fix::of(query.scheme(), &hits),
            records,
            published: hits.iter().filter_map(|hit| hit.head.published).min(),
            epss: None,
            exploited: None,
            suppressed: None,
        })
    }

    fn rating(
        &mut self,
        family: Family,
        hits: &[&Hit],
        cluster: &Cluster,
    ) -> Result<Option<Rating>, Malformed> {
        let opinions: Vec<Opinion> = hits.iter().map(|hit| Opinion::of(hit)).collect();
        let mut failed = None;
        let rating = choose(family, &opinions, || {
            self.borrowed(hits, cluster).unwrap_or_else(|error| {
                failed = Some(error);
                Vec::new()
            })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(rating),
        }
    }

    /// Collects what records of the same CVE say for other packages; those of several CVEs say nothing about one.
    fn borrowed(&mut self, hits: &[&Hit], cluster: &Cluster) -> Result<Vec<Opinion>, Malformed> {
        let mut opinions = Vec::new();
        for cve in cluster.cves() {
            for number in self.index.raters(cve)? {
                let head = self.head(number)?;
                let of_cluster = hits.iter().any(|hit| hit.advisory == number);
                if of_cluster || self.is_later(&head) {
                    continue;
                }
                opinions.push(Opinion {
                    feed: head.feed,
                    id: head.id.clone(),
                    word: head.label,
                    score: head.score,
                    joint_word: None,
                    joint_score: None,
                });
            }
        }
        Ok(opinions)
    }
}

/// Finds a record that answers a cluster otherwise: Debian's record of the CVE, whose range wins over its advisories', or a fix that is
/// installed from a channel to subscribe to.
fn answered(
    query: &Query,
    hits: &[Hit],
    cluster: &Cluster,
    outside: &HashMap<String, Vec<Outside>>,
) -> Option<Suppression> {
    let of_cluster = || cluster.hits.iter().filter_map(|number| hits.get(*number));
    let unimportant = of_cluster().next().is_some_and(|hit| {
        hit.head.feed == Feed::Debian
            && query.family() == Family::Debian
            && hit.label == Some(Severity::Negligible)
    });
    if unimportant {
        return Some(Suppression::Unimportant);
    }
    let only_advisories = of_cluster().all(|hit| hit.is_advisory);
    let contradicts = only_advisories && query.family() == Family::Debian;
    let said = cluster
        .cves()
        .into_iter()
        .filter_map(|cve| outside.get(cve));
    // The first row decides, whichever CVE it was found by.
    let first = said
        .flatten()
        .filter(|other| other.subscribed || (contradicts && !other.is_advisory))
        .min_by_key(|other| other.place);
    first.map(|other| {
        let by = other.id.clone();
        match other.subscribed {
            true => Suppression::FixedInChannel { by },
            false => Suppression::Contradicted { by },
        }
    })
}

/// Says whether the package is of a kind whose advisories name sources.
fn names_source_packages(package: &Package) -> bool {
    matches!(package.purl.ty(), "deb" | "apk")
}

pub(super) fn subject(package: &Package, query: &Query) -> Subject {
    let own = query.by_source || query.version != package.version;
    Subject {
        source: own.then(|| (query.name.clone(), query.version.clone())),
        ..Subject::of(package)
    }
}
