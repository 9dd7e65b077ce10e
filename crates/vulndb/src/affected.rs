//! Which versions of which package an advisory is about.
//!
//! Ranges are kept as intervals, made from the events of the OSV schema ("Evaluation"): `introduced` opens, `fixed` and `limit` close before,
//! `last_affected` closes behind. What a range cannot order is kept as contradiction or listed version, never dropped.

use crate::ecosystem::Ecosystem;
use crate::severity::{Cvss, Severity};
use crate::version::{Key, Scheme, Unordered};

/// Closes an interval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// Nothing closes it: no fix is known.
    Open,
    /// Versions before this one are affected; it is the fix.
    Fixed(String),
    /// Versions before this one are affected; the record says nothing of it.
    Limit(String),
    /// Versions up to and with this one are affected.
    LastAffected(String),
}

/// Holds the versions from `start` to `end`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first affected version; `None` is the beginning of all.
    pub start: Option<String>,
    /// What closes it.
    pub end: End,
}

/// Opens or closes a range, as OSV's events do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// From this version on, `0` meaning from the beginning.
    Introduced(String),
    /// Not from this version on.
    Fixed(String),
    /// Not behind this version.
    LastAffected(String),
    /// Not from this version on, without being a fix.
    Limit(String),
}

impl Event {
    fn version(&self) -> &str {
        match self {
            Self::Introduced(version)
            | Self::Fixed(version)
            | Self::LastAffected(version)
            | Self::Limit(version) => version,
        }
    }

    /// At one version a closing event comes first, but for `last_affected`, which includes the version.
    fn rank(&self) -> u8 {
        match self {
            Self::Fixed(_) | Self::Limit(_) => 0,
            Self::Introduced(_) => 1,
            Self::LastAffected(_) => 2,
        }
    }
}

/// Turns the events of one range into its intervals, in version order.
///
/// # Errors
///
/// [`Unordered`] for the first version that the scheme has no place for; the range then decides nothing.
pub fn intervals(scheme: Scheme, events: &[Event]) -> Result<Vec<Interval>, Unordered> {
    let mut keyed: Vec<(Option<Key>, u8, &Event)> = Vec::with_capacity(events.len());
    for event in events {
        let key = match event {
            Event::Introduced(version) if version == "0" => None,
            other => Some(scheme.key(other.version())?),
        };
        // Opened and closed by the next event at one version: nothing is in it (RUSTSEC-2023-0039 and others write that).
        let is_empty = matches!(event, Event::Fixed(_) | Event::Limit(_))
            && keyed.last().is_some_and(|(opened, _, last)| {
                matches!(last, Event::Introduced(_)) && *opened == key
            });
        if is_empty {
            keyed.pop();
        } else {
            keyed.push((key, event.rank(), event));
        }
    }
    keyed.sort_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)));
    let mut out = Vec::new();
    let mut open: Option<Option<String>> = None;
    for (_, _, event) in keyed {
        let end = match event {
            Event::Introduced(version) => {
                open.get_or_insert_with(|| (version != "0").then(|| version.clone()));
                continue;
            }
            Event::Fixed(version) => End::Fixed(version.clone()),
            Event::Limit(version) => End::Limit(version.clone()),
            Event::LastAffected(version) => End::LastAffected(version.clone()),
        };
        if let Some(start) = open.take() {
            out.push(Interval { start, end });
        }
    }
    if let Some(start) = open {
        out.push(Interval {
            start,
            end: End::Open,
        });
    }
    Ok(out)
}

/// Tells whether a fix exists for the package, in the words of grype.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FixState {
    /// The feed says neither.
    #[default]
    Unknown = 0,
    /// A version fixes it.
    Fixed = 1,
    /// No version does yet.
    NotFixed = 2,
    /// None will: refused, deferred or ignored.
    WontFix = 3,
}

impl FixState {
    /// Returns its name, as grype writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Fixed => "fixed",
            Self::NotFixed => "not-fixed",
            Self::WontFix => "wont-fix",
        }
    }
}

/// Tells what a record says of a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Claim {
    /// The versions in the ranges are affected.
    #[default]
    Affected = 0,
    /// The package is not affected, whatever its version (secdb's version `0`, Ubuntu's `not-affected` and `DNE`).
    NotAffected = 1,
}

/// Names a set of fixes that a system must subscribe to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Channel {
    /// What every system of the release gets.
    #[default]
    Base = 0,
    /// Ubuntu Pro, Expanded Security Maintenance, main.
    EsmInfra = 1,
    /// Ubuntu Pro, Expanded Security Maintenance, universe.
    EsmApps = 2,
    /// Red Hat Extended Update Support and its longer forms.
    Eus = 3,
    /// SUSE Long Term Service Pack Support.
    Ltss = 4,
}

/// Holds what a record says of one package in one ecosystem.
#[derive(Clone, Debug, PartialEq)]
pub struct Affected {
    /// Where the package lives.
    pub ecosystem: Ecosystem,
    /// Its name, in the form under which the family compares names.
    pub name: String,
    /// What is said.
    pub claim: Claim,
    /// The affected versions, by order.
    pub intervals: Vec<Interval>,
    /// Affected versions that no interval covers: listed where the record has no range, or beside one.
    pub versions: Vec<String>,
    /// Ranges whose versions the scheme cannot order: reported as undetermined, with the reason.
    pub unordered: Vec<String>,
    /// Whether a fix exists.
    pub fix: FixState,
    /// Who gets the fix.
    pub channel: Channel,
    /// The feed's word for this package, if it has one of its own.
    pub label: Option<Severity>,
    /// CVSS vectors for this package alone.
    pub cvss: Vec<Cvss>,
    /// Architectures it holds for; empty means all.
    pub architectures: Vec<String>,
}

impl Affected {
    /// Says that a package is affected, with nothing else known yet.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: &str) -> Self {
        let name = ecosystem.family.normalise(name).into_owned();
        Self {
            ecosystem,
            name,
            claim: Claim::Affected,
            intervals: Vec::new(),
            versions: Vec::new(),
            unordered: Vec::new(),
            fix: FixState::Unknown,
            channel: Channel::Base,
            label: None,
            cvss: Vec::new(),
            architectures: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn introduced(version: &str) -> Event {
        Event::Introduced(version.into())
    }

    fn fixed(version: &str) -> Event {
        Event::Fixed(version.into())
    }

    #[test]
    fn events_in_any_order_make_intervals() {
        let interval = |start: Option<&str>, end| Interval {
            start: start.map(Into::into),
            end,
        };
        for (events, expected) in [
            (vec![introduced("0")], vec![interval(None, End::Open)]),
            (
                vec![fixed("1.2"), introduced("0")],
                vec![interval(None, End::Fixed("1.2".into()))],
            ),
            (
                vec![
                    introduced("0"),
                    fixed("1.2"),
                    introduced("2.0"),
                    fixed("2.3"),
                ],
                vec![
                    interval(None, End::Fixed("1.2".into())),
                    interval(Some("2.0"), End::Fixed("2.3".into())),
                ],
            ),
            (
                vec![introduced("1.0"), Event::LastAffected("1.5".into())],
                vec![interval(Some("1.0"), End::LastAffected("1.5".into()))],
            ),
            (
                vec![introduced("0"), Event::Limit("3.0".into())],
                vec![interval(None, End::Limit("3.0".into()))],
            ),
            // A fix without an opening says nothing; two openings are one.
            (vec![fixed("1.0")], vec![]),
            (
                vec![introduced("1.0"), introduced("1.1"), fixed("1.2")],
                vec![interval(Some("1.0"), End::Fixed("1.2".into()))],
            ),
            // Opened and fixed at one version: nothing is in it.
            (
                vec![
                    introduced("0"),
                    fixed("1.0"),
                    introduced("1.2"),
                    fixed("1.2"),
                ],
                vec![interval(None, End::Fixed("1.0".into()))],
            ),
            // Two ranges that touch, the later one first.
            (
                vec![
                    introduced("2.0"),
                    fixed("3.0"),
                    introduced("0"),
                    fixed("2.0"),
                ],
                vec![
                    interval(None, End::Fixed("2.0".into())),
                    interval(Some("2.0"), End::Fixed("3.0".into())),
                ],
            ),
            // Fixed and opened again at one version: affected throughout, as two intervals.
            (
                vec![introduced("0"), fixed("1.0"), introduced("1.0")],
                vec![
                    interval(None, End::Fixed("1.0".into())),
                    interval(Some("1.0"), End::Open),
                ],
            ),
        ] {
            assert_eq!(
                intervals(Scheme::SemVer, &events).as_ref(),
                Ok(&expected),
                "{events:?}"
            );
        }
        assert!(intervals(Scheme::SemVer, &[introduced("x")]).is_err());
    }
}
