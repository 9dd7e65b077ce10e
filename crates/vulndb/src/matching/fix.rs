//! Whether a finding has a fix, where, and for whom.

use std::collections::BTreeSet;

use crate::affected::{Channel, FixState};
use crate::version::Scheme;

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
        let order = |one: &FixedIn| scheme.key(&one.version).ok();
        let base = || all.iter().filter(|one| one.channel == Channel::Base);
        // The deciding record's own fix where it has one, else the smallest that another names.
        let deciding = hits.first().map(|hit| &hit.head.id);
        let own = base()
            .filter(|one| Some(&one.id) == deciding)
            .min_by_key(|one| order(one));
        let family_wide = hits
            .first()
            .is_some_and(|hit| hit.is_advisory)
            .then(|| base().min_by_key(|one| order(one)))
            .flatten();
        let chosen = family_wide
            .or(own)
            .or_else(|| base().min_by_key(|one| order(one)));
        let versions: BTreeSet<_> = base()
            .map(|one| {
                order(one).map_or_else(
                    || one.version.clone().into_bytes(),
                    |key| key.as_bytes().to_vec(),
                )
            })
            .collect();
        let version = chosen.map(|one| one.version.clone());
        // A record of the flaw is dated when it became known; an advisory when its packages came out.
        let date = chosen.and_then(|chosen| {
            let dates = |advisories: bool| {
                base()
                    .filter(|one| {
                        order(one) == order(chosen) && (!advisories || is_advisory(&one.id))
                    })
                    .filter_map(|one| one.date)
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
            conflict: versions.len() > 1,
            version,
            date,
            all: all.into_iter().collect(),
        }
    }
}
