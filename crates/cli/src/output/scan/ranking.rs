//! In which order findings are to be looked at, and why: the ranks of all that are shown.

use serde::Serialize;
use toolkit_vulndb::matching::{Finding, Origin, Priority};

use super::scanned::Scanned;

/// Is a finding with its place among all.
pub(super) struct Ranked<'a> {
    /// From 1, the most urgent.
    pub(super) rank: usize,
    /// Its place among all findings of the run.
    pub(super) at: usize,
    /// The finding.
    pub(super) finding: &'a Finding,
    /// Its band and its reasons.
    pub(super) priority: Priority,
}

/// Says how urgent a finding is, as documents write it.
#[derive(Serialize)]
pub(super) struct PriorityOf {
    rank: usize,
    band: &'static str,
    reasons: Vec<String>,
}

impl From<&Ranked<'_>> for PriorityOf {
    fn from(ranked: &Ranked<'_>) -> Self {
        let reasons = ranked.priority.reasons.iter();
        Self {
            rank: ranked.rank,
            band: ranked.priority.band.name(),
            reasons: reasons.map(ToString::to_string).collect(),
        }
    }
}

impl Scanned<'_> {
    /// Says whose layer a finding's package is in, as far as the image's history tells.
    pub(super) fn origin(&self, finding: &Finding) -> Origin {
        match (self.subject.base_layers, finding.subject.layer) {
            (Some(base), Some(layer)) if layer < base => Origin::Base,
            (Some(_), Some(_)) => Origin::Application,
            _ => Origin::Unknown,
        }
    }

    /// Ranks the findings that are shown, the most urgent first; of equal ones the one that comes first in documents.
    pub(super) fn ranked(&self) -> Vec<Ranked<'_>> {
        let findings = self.found.findings.iter().enumerate();
        let mut all: Vec<Ranked<'_>> = findings
            .filter(|(_, finding)| finding.suppressed.is_none())
            .map(|(at, finding)| Ranked {
                rank: 0,
                at,
                finding,
                priority: Priority::of(finding, self.origin(finding)),
            })
            .collect();
        all.sort_by_key(|one| one.priority.key());
        for (rank, one) in (1..).zip(&mut all) {
            one.rank = rank;
        }
        all
    }
}

/// Names an origin; nothing where it is not known.
pub(super) fn origin_name(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Base => Some("base"),
        Origin::Application => Some("application"),
        Origin::Unknown => None,
    }
}
