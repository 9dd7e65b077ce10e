//! Which records speak of one vulnerability of one package.
//!
//! Records join by shared ids (`aliases`), per package: across packages one record may name several of another feed. A distribution's advisory
//! is no alias of the CVEs that it fixes: it takes part once for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::affected::{Channel, FixState};
use crate::db::Head;
use crate::ecosystem::{Ecosystem, Family};
pub(super) use crate::identity::is_advisory;
use crate::identity::{self, is_same};
use crate::severity::{CvssVersion, Severity};

use super::rating::nearness;

/// Is a record that holds for the installed version.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) advisory: u32,
    pub(super) head: Rc<Head>,
    pub(super) ecosystem: Ecosystem,
    pub(super) label: Option<Severity>,
    pub(super) score: Option<(CvssVersion, u8)>,
    pub(super) channel: Channel,
    pub(super) fix_state: FixState,
    pub(super) fix: Option<String>,
    pub(super) listed: bool,
    pub(super) epoch_assumed: bool,
    /// Whether the record is a distribution's advisory.
    pub(super) is_advisory: bool,
    /// Whether the record speaks of several CVEs.
    pub(super) several: bool,
}

/// Returns the CVEs that a record speaks of.
pub(super) fn cves(head: &Head) -> Vec<&str> {
    identity::cves(&head.id, &head.aliases, &head.contains)
}

/// Returns the ids under which a record takes part: one set for each vulnerability in it.
pub(super) fn identities(head: &Head) -> Vec<BTreeSet<String>> {
    if is_advisory(&head.id) {
        let cves = cves(head);
        if !cves.is_empty() {
            return cves
                .into_iter()
                .map(|cve| BTreeSet::from([cve.to_owned()]))
                .collect();
        }
        return vec![BTreeSet::from([head.id.clone()])];
    }
    let joined = head
        .contains
        .iter()
        .filter(|id| is_same(&head.id, &head.contains, id));
    vec![
        std::iter::once(&head.id)
            .chain(&head.aliases)
            .chain(joined)
            .cloned()
            .collect(),
    ]
}

/// Is one vulnerability of one package.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// Every id of it.
    pub(super) ids: BTreeSet<String>,
    /// The hits, the deciding one first.
    pub(super) hits: Vec<usize>,
}

impl Cluster {
    /// Returns the CVEs among its ids.
    pub(super) fn cves(&self) -> Vec<&str> {
        self.ids
            .iter()
            .map(String::as_str)
            .filter(|id| id.starts_with("CVE-"))
            .collect()
    }
}

/// Joins the hits of one package.
pub(super) fn join(family: Family, hits: &[Hit]) -> Vec<Cluster> {
    let mut clusters: Vec<Option<Cluster>> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for (number, hit) in hits.iter().enumerate() {
        for ids in identities(&hit.head) {
            let mut met: Vec<usize> = ids.iter().filter_map(|id| by_id.get(id).copied()).collect();
            met.sort_unstable();
            met.dedup();
            let mut joined = Cluster {
                ids,
                hits: vec![number],
            };
            for place in met {
                if let Some(other) = clusters.get_mut(place).and_then(Option::take) {
                    joined.ids.extend(other.ids);
                    joined.hits.extend(other.hits);
                }
            }
            for id in &joined.ids {
                by_id.insert(id.clone(), clusters.len());
            }
            clusters.push(Some(joined));
        }
    }
    let mut clusters: Vec<Cluster> = clusters.into_iter().flatten().collect();
    for cluster in &mut clusters {
        let rank = |number: &usize| {
            hits.get(*number).map(|hit| {
                (
                    nearness(family, hit.head.feed),
                    hit.is_advisory,
                    hit.channel,
                    hit.head.id.as_str(),
                    *number,
                )
            })
        };
        cluster
            .hits
            .sort_unstable_by(|left, right| rank(left).cmp(&rank(right)));
        cluster.hits.dedup();
    }
    clusters.sort_by(|left, right| left.ids.cmp(&right.ids));
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::{Class, Feed};

    fn hit(id: &str, aliases: &[&str], contains: &[&str]) -> Hit {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let head = Head {
            id: id.to_owned(),
            feed: Feed::of_id(id),
            class: Class::Vulnerability,
            withdrawn: false,
            label: None,
            score: None,
            published: None,
            modified: None,
            aliases: texts(aliases),
            contains: texts(contains),
        };
        Hit {
            advisory: 0,
            is_advisory: is_advisory(id),
            several: cves(&head).len() > 1,
            head: Rc::new(head),
            ecosystem: Ecosystem::of(Family::PyPi),
            label: None,
            score: None,
            channel: Channel::Base,
            fix_state: FixState::Unknown,
            fix: None,
            listed: false,
            epoch_assumed: false,
        }
    }

    fn joined(hits: &[Hit]) -> Vec<(Vec<&str>, Vec<&str>)> {
        let clusters: Vec<Cluster> = join(Family::PyPi, hits);
        clusters
            .iter()
            .map(|cluster| {
                (
                    cluster
                        .ids
                        .iter()
                        .map(|id| {
                            hits.iter()
                                .flat_map(|hit| {
                                    std::iter::once(&hit.head.id)
                                        .chain(&hit.head.aliases)
                                        .chain(&hit.head.contains)
                                })
                                .find(|known| *known == id)
                                .expect("a known id")
                                .as_str()
                        })
                        .collect(),
                    cluster
                        .hits
                        .iter()
                        .map(|number| hits[*number].head.id.as_str())
                        .collect(),
                )
            })
            .collect()
    }

    #[test]
    fn aliases_join_across_a_later_record() {
        // The peers' fault: pairwise joining that is not transitive.
        let hits = [
            hit("GHSA-1", &["CVE-1"], &[]),
            hit("OSV-2", &["X-2"], &[]),
            hit("PYSEC-1", &["CVE-1", "X-2"], &["CVE-9"]),
        ];
        assert_eq!(
            joined(&hits),
            [(
                vec!["CVE-1", "GHSA-1", "OSV-2", "PYSEC-1", "X-2"],
                vec!["PYSEC-1", "GHSA-1", "OSV-2"]
            )]
        );
    }

    #[test]
    fn an_advisory_takes_part_once_for_each_cve() {
        let hits = [
            hit("DSA-1", &[], &["CVE-1", "CVE-2"]),
            hit("CVE-1", &["GHSA-1"], &[]),
            hit("ALSA-1", &[], &[]),
        ];
        assert_eq!(
            joined(&hits),
            [
                (vec!["ALSA-1"], vec!["ALSA-1"]),
                (vec!["CVE-1", "GHSA-1"], vec!["CVE-1", "DSA-1"]),
                (vec!["CVE-2"], vec!["DSA-1"]),
            ]
        );
    }

    #[test]
    fn today_s_ids_of_distributions_are_the_cve_s() {
        let hits = [
            hit("DEBIAN-CVE-2024-1", &[], &["CVE-2024-1"]),
            hit("GHSA-1", &[], &["CVE-2024-2"]),
            hit("CGA-1", &[], &["CVE-2024-3"]),
        ];
        let ids: Vec<Vec<&str>> = joined(&hits).into_iter().map(|(ids, _)| ids).collect();
        assert_eq!(
            ids,
            [
                vec!["CGA-1", "CVE-2024-3"],
                vec!["CVE-2024-1", "DEBIAN-CVE-2024-1"],
                vec!["GHSA-1"]
            ]
        );
    }
}
