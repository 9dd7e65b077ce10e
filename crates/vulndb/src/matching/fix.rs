//! Whether a finding has a fix, where, and for whom.

use std::collections::BTreeSet;

use crate::affected::{Channel, FixState};
use crate::version::{Key, Scheme};

use super::cluster::{Hit, is_advisory};

/// Is a version that fixes a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedIn {
    /// The version.
    pub version: String,
    /// Who gets it.
    pub channel: Channel,
    /// The record that says so.
    pub id: String,
    /// Day of that record's publication, since 1970.
    pub date: Option<u32>,
}

/// Tells how a finding is fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// Whether it is, in a channel that every system of the release has.
    pub state: FixState,
    /// The smallest version that fixes it in such a channel.
    pub version: Option<String>,
    /// Day since 1970 on which the record that brought this version was published: the first of the advisories that name it, else of the records.
    /// None where no record has a date (all of secdb).
    pub date: Option<u32>,
    /// Every fix that a record names, the chosen one included; those in channels to subscribe to do not count as a fix.
    pub all: Vec<FixedIn>,
    /// Whether the only fix needs a subscription.
    pub needs_subscription: bool,
    /// Whether records of one vulnerability name different fixes.
    pub conflict: bool,
}

impl Fix {
    /// Chooses among the hits of one finding, the deciding one first.
    pub(super) fn of(scheme: Scheme, hits: &[&Hit]) -> Self {
        let named = |hit: &&Hit| {
            hit.fix.as_ref().map(|version| FixedIn {
                version: version.clone(),
                channel: hit.channel,
                id: hit.head.id.clone(),
                date: hit.head.published,
            })
        };
        let all: BTreeSet<FixedIn> = hits.iter().filter_map(named).collect();
        // Keys are made once, and not where there is nothing to compare.
        let alone = all.len() == 1;
        let base: Vec<(Option<Key>, &FixedIn)> = all
            .iter()
            .filter(|one| one.channel == Channel::Base)
            .map(|one| {
                let key = (!alone).then(|| scheme.key(&one.version).ok()).flatten();
                (key, one)
            })
            .collect();
        let smallest = || base.iter().min_by_key(|(key, _)| key);
        let of_advisory = hits.first().is_some_and(|hit| hit.is_advisory);
        // The deciding record's own fix where it has one, else the smallest that another names; among advisories the smallest of all.
        let deciding = hits.first().map(|hit| &hit.head.id);
        let own = base
            .iter()
            .filter(|(_, one)| Some(&one.id) == deciding)
            .min_by_key(|(key, _)| key);
        let chosen = match own.filter(|_| !of_advisory) {
            Some(own) => Some(own),
            None => smallest(),
        };
        let same = |left: &(Option<Key>, &FixedIn), right: &(Option<Key>, &FixedIn)| match (
            &left.0, &right.0,
        ) {
            (Some(left), Some(right)) => left == right,
            _ => left.1.version == right.1.version,
        };
        let conflict = base
            .first()
            .is_some_and(|first| base.iter().any(|other| !same(first, other)));
        let version = chosen.map(|(_, one)| one.version.clone());
        // A record of the flaw is dated when it became known; an advisory when its packages came out.
        let date = chosen.and_then(|chosen| {
            let dates = |advisories: bool| {
                base.iter()
                    .filter(|other| same(chosen, other))
                    .filter(|(_, one)| !advisories || is_advisory(&one.id))
                    .filter_map(|(_, one)| one.date)
                    .min()
            };
            dates(true).or_else(|| dates(false))
        });
        let stated = |state| {
            hits.iter()
                .any(|hit| hit.channel == Channel::Base && hit.fix_state == state)
        };
        let state = match &version {
            Some(_) => FixState::Fixed,
            None if stated(FixState::WontFix) => FixState::WontFix,
            None if stated(FixState::NotFixed) || !all.is_empty() => FixState::NotFixed,
            None => FixState::Unknown,
        };
        Self {
            state,
            needs_subscription: version.is_none() && !all.is_empty(),
            conflict,
            version,
            date,
            all: all.into_iter().collect(),
        }
    }
}
