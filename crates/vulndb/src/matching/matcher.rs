//! The run over an inventory: ask, judge, join, rate.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use toolkit_sbom::{Inventory, Package};

use crate::advisory::{Class, Feed};
use crate::affected::{Channel, Claim, FixState};
use crate::db::signals::Signals;
use crate::db::{Details, Head, Index, Listed, Malformed, Qualifier, Row};
use crate::ecosystem::{Ecosystem, Family};
use crate::severity::Severity;

use super::cluster::{Cluster, Hit, cves, identities, is_advisory, join};
use super::coverage::Counter;
use super::finding::{Finding, Matches, RecordRef, Subject, Suppression, Undetermined};
use super::fix::Fix;
use super::module::{Stream, stream};
use super::ownership;
use super::query::Query;
use super::range::{Installed, Ranges, Verdict};
use super::rating::{Opinion, Rating, choose};
use super::sources::{Options, Sources};

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
    let mut run = Run::new(sources)?;
    let mut found = Matches::default();
    let mut counter = Counter::default();
    for package in &inventory.packages {
        match Query::of(package, inventory.distro.as_ref(), run.listed) {
            Ok(query) => {
                counter.asked(&query);
                run.package(package, &query, &mut found)?;
            }
            Err(reason) => counter.gap(reason),
        }
    }
    ownership::apply(&mut run, inventory, &mut found.findings)?;
    found.findings.sort_by(|left, right| {
        (&left.subject.package, &left.id).cmp(&(&right.subject.package, &right.id))
    });
    found.undetermined.sort_by(|left, right| {
        (&left.subject.package, &left.id).cmp(&(&right.subject.package, &right.id))
    });
    found.coverage = counter.finish(run.listed, options.day());
    if let Some(signals) = sources.signals {
        found
            .findings
            .iter_mut()
            .try_for_each(|finding| signalled(signals, finding))?;
    }
    if let Some(details) = sources.details {
        digests(details, &mut found.findings)?;
    }
    Ok(found)
}

/// Adds what the signals say of a finding's CVEs: the highest score, the first entry of the catalogue.
fn signalled(signals: &Signals, finding: &mut Finding) -> Result<(), Malformed> {
    for id in &finding.ids {
        let Some(signal) = signals.get(id)? else {
            continue;
        };
        finding.epss = finding
            .epss
            .into_iter()
            .chain(signal.epss)
            .max_by_key(|epss| epss.probability);
        finding.exploited = finding
            .exploited
            .into_iter()
            .chain(signal.exploited)
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

/// A row with the name space in which it was found.
#[derive(Clone, Copy)]
pub(super) struct Found<'q> {
    pub(super) row: Row,
    pub(super) ecosystem: &'q Ecosystem,
}

/// Holds what is kept between packages.
pub(super) struct Run<'i> {
    pub(super) index: &'i Index,
    details: Option<&'i Details>,
    pub(super) listed: &'i [Listed],
    pub(super) ranges: Ranges<'i>,
    heads: HashMap<u32, Rc<Head>>,
}

impl<'i> Run<'i> {
    fn new(sources: &Sources<'i>) -> Result<Self, Malformed> {
        let index = sources.index;
        Ok(Self {
            index,
            details: sources.details,
            listed: index.ecosystems()?,
            ranges: Ranges::new(index),
            heads: HashMap::new(),
        })
    }

    pub(super) fn head(&mut self, number: u32) -> Result<Rc<Head>, Malformed> {
        if let Some(head) = self.heads.get(&number) {
            return Ok(Rc::clone(head));
        }
        let head = Rc::new(self.index.head(number)?);
        self.heads.insert(number, Rc::clone(&head));
        Ok(head)
    }

    /// Says whether a record takes no part: taken back, or a copy of what the distribution itself publishes.
    pub(super) fn is_void(&self, head: &Head, ecosystem: &Ecosystem) -> bool {
        let copied = ecosystem.family == Family::Alpine
            && head.feed == Feed::Debian
            && self
                .listed
                .iter()
                .any(|one| one.ecosystem == *ecosystem && one.feeds.contains(&Feed::Alpine));
        head.withdrawn || copied
    }

    fn package(
        &mut self,
        package: &Package,
        query: &Query,
        found: &mut Matches,
    ) -> Result<(), Malformed> {
        let scheme = query.scheme();
        let installed = Installed::new(scheme, query.version.as_deref());
        let (mut hits, mut open) = (Vec::new(), Vec::new());
        let (mut outside, mut denied) = (Vec::new(), Vec::new());
        for ecosystem in &query.ecosystems {
            for row in self.index.rows(ecosystem, &query.name)? {
                let qualifier = self.index.qualifier(row.qualifier)?;
                if !fits(&qualifier.architectures, package.architecture.as_deref()) {
                    continue;
                }
                let at = Found { row, ecosystem };
                if qualifier.claim == Claim::NotAffected {
                    denied.push(at);
                    continue;
                }
                match self
                    .ranges
                    .judge(scheme, &installed, row.program, qualifier.unordered)?
                {
                    Verdict::Outside => outside.push(at),
                    Verdict::Undetermined(reason) => open.push((at, reason)),
                    Verdict::Affected {
                        fix,
                        listed,
                        epoch_assumed,
                    } => {
                        let fix = match fix {
                            Some(number) => Some(self.ranges.text(scheme, number)?),
                            None => None,
                        };
                        match self.hit(at, qualifier, package, query, fix)? {
                            None => {}
                            Some(Err(reason)) => open.push((at, reason)),
                            Some(Ok(hit)) => hits.push(Hit {
                                listed,
                                epoch_assumed,
                                ..hit
                            }),
                        }
                    }
                }
            }
        }
        if hits.is_empty() && open.is_empty() {
            return Ok(());
        }
        let denied = self.denied(&denied)?;
        let subject = subject(package, query);
        let mut known: BTreeSet<String> = denied.clone();
        for cluster in join(query.family(), &hits) {
            known.extend(cluster.ids.iter().cloned());
            if cluster.ids.iter().any(|id| denied.contains(id)) {
                continue;
            }
            let mut finding = self.finding(&subject, query, &hits, &cluster)?;
            finding.suppressed = self.answered(query, &hits, &cluster, &outside)?;
            found.findings.push(finding);
        }
        for (at, reason) in open {
            let head = self.head(at.row.advisory)?;
            let ids: BTreeSet<String> = identities(&head).into_iter().flatten().collect();
            if self.is_void(&head, at.ecosystem) || ids.iter().any(|id| known.contains(id)) {
                continue;
            }
            let repeated = found
                .undetermined
                .iter()
                .any(|one| one.id == head.id && one.subject.package == subject.package);
            if !repeated {
                found.undetermined.push(Undetermined {
                    subject: subject.clone(),
                    feed: head.feed,
                    id: head.id.clone(),
                    ids,
                    reason,
                });
            }
        }
        Ok(())
    }

    /// Makes a hit of an affected row: none where the record takes no part, a reason where the module's stream is not known.
    fn hit(
        &mut self,
        at: Found<'_>,
        qualifier: &Qualifier,
        package: &Package,
        query: &Query,
        fix: Option<String>,
    ) -> Result<Option<Result<Hit, String>>, Malformed> {
        let head = self.head(at.row.advisory)?;
        if self.is_void(&head, at.ecosystem) {
            return Ok(None);
        }
        if let (Some(fix), Some(version)) = (&fix, &query.version) {
            // Titles are read only where a module is met.
            let title = match (self.details, fix.contains("module")) {
                (Some(details), true) => Some(details.get(at.row.advisory)?.summary),
                _ => None,
            };
            match stream(
                version,
                fix,
                package.modularity_label.as_deref(),
                title.as_deref(),
            ) {
                Stream::Same => {}
                Stream::Different => return Ok(None),
                Stream::Unknown => {
                    return Ok(Some(Err("the module stream is not named".to_owned())));
                }
            }
        }
        Ok(Some(Ok(Hit {
            advisory: at.row.advisory,
            ecosystem: at.ecosystem.clone(),
            label: qualifier.label,
            score: qualifier.score,
            channel: qualifier.channel,
            fix_state: match (qualifier.fix, &fix) {
                (FixState::Fixed, None) if at.ecosystem.family.is_distribution() => {
                    FixState::NotFixed
                }
                (FixState::Fixed, None) => FixState::Unknown,
                (state, _) => state,
            },
            fix,
            listed: false,
            epoch_assumed: false,
            is_advisory: is_advisory(&head.id),
            several: cves(&head).len() > 1,
            head,
        })))
    }

    /// Returns the ids that a feed says the package is not affected by.
    fn denied(&mut self, rows: &[Found<'_>]) -> Result<BTreeSet<String>, Malformed> {
        let mut ids = BTreeSet::new();
        for at in rows {
            let head = self.head(at.row.advisory)?;
            if at.ecosystem.family.is_distribution() && !self.is_void(&head, at.ecosystem) {
                ids.extend(identities(&head).into_iter().flatten());
            }
        }
        Ok(ids)
    }

    /// Finds a record that answers a cluster otherwise: Debian's record of the CVE, whose range wins over its advisories', or a fix that is
    /// installed from a channel to subscribe to.
    fn answered(
        &mut self,
        query: &Query,
        hits: &[Hit],
        cluster: &Cluster,
        outside: &[Found<'_>],
    ) -> Result<Option<Suppression>, Malformed> {
        let of_cluster = || cluster.hits.iter().filter_map(|number| hits.get(*number));
        let unimportant = of_cluster().next().is_some_and(|hit| {
            hit.head.feed == Feed::Debian
                && query.family() == Family::Debian
                && hit.label == Some(Severity::Negligible)
        });
        if unimportant {
            return Ok(Some(Suppression::Unimportant));
        }
        let only_advisories = of_cluster().all(|hit| hit.is_advisory);
        let cves = cluster.cves();
        if !only_advisories || cves.is_empty() {
            return Ok(None);
        }
        for at in outside {
            let subscribed = self.index.qualifier(at.row.qualifier)?.channel != Channel::Base;
            if !subscribed && query.family() != Family::Debian {
                continue;
            }
            let head = self.head(at.row.advisory)?;
            let by = head.id.clone();
            if self.is_void(&head, at.ecosystem)
                || !super::cluster::cves(&head)
                    .iter()
                    .any(|cve| cves.contains(cve))
            {
                continue;
            }
            if subscribed {
                return Ok(Some(Suppression::FixedInChannel { by }));
            }
            if !is_advisory(&head.id) {
                return Ok(Some(Suppression::Contradicted { by }));
            }
        }
        Ok(None)
    }

    fn finding(
        &mut self,
        subject: &Subject,
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
            subject: subject.clone(),
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
            for number in self.index.records(cve)? {
                let head = self.head(number)?;
                let own = cves(&head);
                let of_cluster = hits.iter().any(|hit| hit.advisory == number);
                if of_cluster || head.withdrawn || own.len() != 1 || !own.contains(cve) {
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

fn subject(package: &Package, query: &Query) -> Subject {
    let own = query.by_source || query.version != package.version;
    Subject {
        package: package.id(),
        name: package.name.clone(),
        version: package.version.clone(),
        layer: package.introduced_in,
        source: own.then(|| (query.name.clone(), query.version.clone())),
        owner: package.owner.clone(),
        paths: package.files.iter().map(|file| file.path.clone()).collect(),
    }
}

/// Says whether a row is for the package's architecture. One without (`noarch`), or a document that names none, is for all.
fn fits(architectures: &[String], architecture: Option<&str>) -> bool {
    let Some(architecture) = architecture.map(common_name) else {
        return true;
    };
    let neutral = |name: &str| matches!(name, "noarch" | "all" | "any");
    architectures.is_empty()
        || neutral(architecture)
        || architectures
            .iter()
            .any(|one| neutral(one) || common_name(one) == architecture)
}

/// The distributions spell some architectures in their own way (`dpkg-architecture -L`, `rpm --showrc`).
fn common_name(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "i386" | "i486" | "i586" | "i686" | "386" | "x86" => "i386",
        "ppc64el" => "ppc64le",
        "armhf" | "armv7" | "armv7l" | "armv7hl" => "armhf",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_for_architectures() {
        let lists: [&[&str]; 4] = [&[], &["x86_64"], &["noarch"], &["aarch64", "i686"]];
        let [all, intel, none, two] =
            lists.map(|list| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        for (list, architecture, expected) in [
            (&all, Some("s390x"), true),
            (&intel, Some("amd64"), true),
            (&intel, Some("aarch64"), false),
            (&intel, Some("noarch"), true),
            (&intel, None, true),
            (&none, Some("s390x"), true),
            (&two, Some("arm64"), true),
            (&two, Some("i586"), true),
            (&two, Some("x86_64"), false),
        ] {
            assert_eq!(
                fits(list, architecture),
                expected,
                "{list:?} {architecture:?}"
            );
        }
    }
}
