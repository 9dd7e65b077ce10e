//! How much of an inventory was asked about: silence about the rest is no all-clear.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use crate::advisory::Feed;
use crate::db::Listed;
use crate::ecosystem::{Ecosystem, Family};
use crate::eol::{EndOfLife, end_of_life};

use super::query::{Query, Uncovered};

/// Tells what the silence of a feed means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The feed lists what is known, fixed or not.
    Full,
    /// The feed lists only what is fixed: a flaw without a fix is not in it.
    FixedOnly,
    /// Nothing was asked.
    None,
}

impl Level {
    /// Returns the level of a family's feeds (the contract, "Coverage").
    #[must_use]
    pub fn of(family: Family) -> Self {
        match family {
            Family::RedHat
            | Family::AlmaLinux
            | Family::Rocky
            | Family::Suse
            | Family::OpenSuse
            | Family::Amazon
            | Family::Alpine
            | Family::Wolfi
            | Family::Chainguard => Self::FixedOnly,
            _ => Self::Full,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::FixedOnly => "fixed-only",
            Self::None => "none",
        })
    }
}

/// Tells about the packages of one name space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The name space, or why there is none.
    pub name: String,
    /// What its feeds' silence means.
    pub level: Level,
    /// Its feeds.
    pub feeds: Vec<Feed>,
    /// Day of the newest change in them, since 1970.
    pub newest: Option<u32>,
    /// Packages.
    pub packages: usize,
    /// The end of the release's support, where it has passed: then the silence of the feeds says nothing.
    pub end_of_life: Option<EndOfLife>,
    /// Why nothing was asked, where nothing was.
    pub reason: Option<Uncovered>,
}

/// Tells about all packages of an inventory, by name space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The name spaces, in order of name.
    pub parts: Vec<Covered>,
}

impl Coverage {
    /// Returns how many packages nothing was asked about.
    #[must_use]
    pub fn uncovered(&self) -> usize {
        let gaps = self.parts.iter().filter(|part| part.level == Level::None);
        gaps.map(|part| part.packages).sum()
    }

    /// Returns how many packages were asked about.
    #[must_use]
    pub fn covered(&self) -> usize {
        let asked = self.parts.iter().filter(|part| part.level != Level::None);
        asked.map(|part| part.packages).sum()
    }
}

/// Counts packages while they are asked about.
#[derive(Default)]
pub(super) struct Counter {
    asked: BTreeMap<Ecosystem, (usize, Arc<[Ecosystem]>)>,
    gaps: BTreeMap<Uncovered, usize>,
}

impl Counter {
    pub(super) fn asked(&mut self, query: &Query) {
        let entry = self
            .asked
            .entry(query.label.clone())
            .or_insert_with(|| (0, Arc::clone(&query.ecosystems)));
        entry.0 += 1;
    }

    pub(super) fn gap(&mut self, reason: Uncovered) {
        *self.gaps.entry(reason).or_default() += 1;
    }

    pub(super) fn finish(self, listed: &[Listed], today: Date) -> Coverage {
        let asked = self
            .asked
            .into_iter()
            .map(|(label, (packages, ecosystems))| {
                let found = || {
                    listed
                        .iter()
                        .filter(|one| ecosystems.contains(&one.ecosystem))
                };
                let mut feeds: Vec<Feed> =
                    found().flat_map(|one| one.feeds.iter().copied()).collect();
                feeds.sort_unstable();
                feeds.dedup();
                Covered {
                    name: label.to_string(),
                    level: Level::of(label.family),
                    feeds,
                    newest: found().filter_map(|one| one.newest).max(),
                    packages,
                    end_of_life: end_of_life(&label).filter(|end| end.is_past(today)),
                    reason: None,
                }
            });
        let gaps = self.gaps.into_iter().map(|(reason, packages)| Covered {
            name: reason.to_string(),
            level: Level::None,
            feeds: Vec::new(),
            newest: None,
            packages,
            end_of_life: None,
            reason: Some(reason),
        });
        Coverage {
            parts: asked.chain(gaps).collect(),
        }
    }
}
