//! Listed versions against ranges, record by record: the two ways in which OSV says what is affected must tell the same.
//!
//! Every version that a record lists for a package is inside its ranges. Every version that *another* record of the pack lists for the package, and this one
//! does not, is outside. What breaks one of the two falls under a cause, found from the record by a predicate.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use toolkit_vulndb::affected::{End, Event, Interval, intervals};
use toolkit_vulndb::ecosystem::{Ecosystem, Family};
use toolkit_vulndb::version::Key;

use crate::packs::{OSV, members};

#[derive(Deserialize)]
struct Record {
    modified: Option<String>,
    #[serde(default)]
    affected: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    package: Option<Name>,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Name {
    ecosystem: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<BTreeMap<String, String>>,
}

/// One entry of a record about one package.
#[derive(Default)]
struct Entry {
    intervals: Vec<Interval>,
    has_range: bool,
    unordered: bool,
    /// Numbers into the versions of the package.
    listed: BTreeSet<usize>,
}

/// What one record says of one package.
struct Word {
    modified: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Default)]
struct Versions {
    numbers: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Versions {
    fn number(&mut self, version: String) -> usize {
        let next = self.texts.len();
        *self.numbers.entry(version).or_insert_with_key(|version| {
            self.texts.push(version.clone());
            next
        })
    }
}

type Packages = BTreeMap<(Ecosystem, String), (Versions, Vec<Word>)>;

fn take(record: Record, packages: &mut Packages) {
    let mut own: BTreeMap<(Ecosystem, String), Vec<Package>> = BTreeMap::new();
    for entry in record.affected {
        let Some(Name {
            ecosystem: Some(ecosystem),
            name: Some(name),
        }) = &entry.package
        else {
            continue;
        };
        if let Some(ecosystem) = Ecosystem::parse(ecosystem) {
            let name = ecosystem.family.normalise(name).into_owned();
            own.entry((ecosystem, name)).or_default().push(entry);
        }
    }
    for (key, entries) in own {
        let family = key.0.family;
        let (known, words) = packages.entry(key).or_default();
        let entries = entries
            .into_iter()
            .map(|raw| {
                let mut entry = Entry::default();
                for range in raw.ranges.iter().filter(|range| range.kind != "GIT") {
                    entry.has_range = true;
                    match intervals(family.scheme(), &events(range)) {
                        Ok(found) => entry.intervals.extend(found),
                        Err(_) => entry.unordered = true,
                    }
                }
                let listed = raw.versions.into_iter();
                entry.listed = listed.map(|version| known.number(version)).collect();
                entry
            })
            .collect();
        words.push(Word {
            modified: record.modified.clone(),
            entries,
        });
    }
}

fn events(range: &Range) -> Vec<Event> {
    let made = range.events.iter().flatten();
    made.filter_map(|(kind, version)| match kind.as_str() {
        "introduced" => Some(Event::Introduced(version.clone())),
        "fixed" => Some(Event::Fixed(version.clone())),
        "last_affected" => Some(Event::LastAffected(version.clone())),
        "limit" if version != "*" => Some(Event::Limit(version.clone())),
        _ => None,
    })
    .collect()
}

fn key(family: Family, version: &str) -> Option<Key> {
    family.scheme().key(version).ok()
}

/// An interval by keys: from, before, up to.
struct Bounds(Option<Key>, Option<Key>, Option<Key>);

impl Bounds {
    fn of(family: Family, interval: &Interval) -> Self {
        let of = |version: &String| key(family, version);
        let (before, last) = match &interval.end {
            End::Open => (None, None),
            End::Fixed(version) | End::Limit(version) => (of(version), None),
            End::LastAffected(version) => (None, of(version)),
        };
        Self(interval.start.as_ref().and_then(of), before, last)
    }

    fn contain(&self, key: &Key) -> bool {
        self.0.as_ref().is_none_or(|from| key >= from)
            && self.1.as_ref().is_none_or(|before| key < before)
            && self.2.as_ref().is_none_or(|last| key <= last)
    }
}

/// What list and range say of one version, as told by predicates on the record and on the other records of the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Listed and inside, or neither.
    Agree,
    /// Listed by an entry that has no range: there is nothing to agree with.
    OnlyListed,
    /// The scheme has no place for the version or for one of the range.
    Unordered,
    /// Listed, though it is a fix of the range.
    ListedFix,
    /// Listed, and a prerelease of the version at which a range starts, which orders before it.
    ListedPrereleaseOfStart,
    /// Listed, and later than every end.
    ListedPastEnd,
    /// Listed, and outside in any other way.
    ListedElsewhere,
    /// Inside a range whose entry lists nothing at all.
    NoList,
    /// Not listed, but equal to a listed version that is spelt otherwise.
    OtherSpelling,
    /// Not listed, and a prerelease: PyPA's lists leave some out.
    Prerelease,
    /// Not listed, and every record that lists it was changed after this one: the version is younger than the list.
    Younger,
    /// Not listed, and later than everything listed: the list ends before the range does.
    ListEndsEarly,
    /// Not listed, and earlier than everything listed: the list begins after the range does.
    ListBeginsLate,
    /// Not listed, between listed versions.
    Gap,
}

/// Tells whether a Python version is a prerelease or development release (PEP 440).
fn is_prerelease(version: &str) -> bool {
    let rest = version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '!');
    let rest = rest
        .trim_start_matches(['-', '_', '.'])
        .to_ascii_lowercase();
    ["a", "b", "c", "rc", "dev", "pre"]
        .iter()
        .any(|start| rest.starts_with(start))
}

/// A package with the keys of its versions, and for each version the earliest change of a record that lists it.
struct Ground<'a> {
    family: Family,
    texts: &'a [String],
    keys: Vec<Option<Key>>,
    first_listed: Vec<Option<&'a str>>,
}

impl Ground<'_> {
    fn outcome(&self, word: &Word, bounds: &[Vec<Bounds>], version: usize) -> Outcome {
        let text = &self.texts[version];
        let mut listing = word
            .entries
            .iter()
            .filter(|entry| entry.listed.contains(&version))
            .peekable();
        let is_listed = listing.peek().is_some();
        if is_listed && listing.all(|entry| !entry.has_range) {
            return Outcome::OnlyListed;
        }
        let Some(key) = &self.keys[version] else {
            return Outcome::Unordered;
        };
        let around = bounds
            .iter()
            .position(|bounds| bounds.iter().any(|bounds| bounds.contain(key)));
        match around {
            _ if word.entries.iter().any(|entry| entry.unordered) => Outcome::Unordered,
            Some(_) if is_listed => Outcome::Agree,
            None if !is_listed => Outcome::Agree,
            None => self.listed_outside(word, bounds, text, key),
            Some(entry) => self.inside_unlisted(word, &word.entries[entry], version, key),
        }
    }

    fn listed_outside(
        &self,
        word: &Word,
        bounds: &[Vec<Bounds>],
        text: &str,
        key: &Key,
    ) -> Outcome {
        let intervals = || word.entries.iter().flat_map(|entry| &entry.intervals);
        if bounds
            .iter()
            .flatten()
            .any(|bounds| bounds.1.as_ref() == Some(key))
        {
            Outcome::ListedFix
        } else if intervals().any(|interval| {
            interval.start.as_ref().is_some_and(|start| {
                text != start
                    && text.starts_with(start.as_str())
                    && key < &crate::ranges::key(self.family, start).expect("a key")
            })
        }) {
            Outcome::ListedPrereleaseOfStart
        } else if bounds.iter().flatten().all(|bounds| {
            bounds
                .1
                .as_ref()
                .or(bounds.2.as_ref())
                .is_some_and(|end| key > end)
        }) {
            Outcome::ListedPastEnd
        } else {
            Outcome::ListedElsewhere
        }
    }

    fn inside_unlisted(&self, word: &Word, entry: &Entry, version: usize, key: &Key) -> Outcome {
        let all = word.entries.iter().flat_map(|entry| &entry.listed);
        let mut listed = all.filter_map(|number| self.keys[*number].as_ref());
        if entry.listed.is_empty() {
            Outcome::NoList
        } else if listed.clone().any(|other| other == key) {
            Outcome::OtherSpelling
        } else if self.family == Family::PyPi && is_prerelease(&self.texts[version]) {
            Outcome::Prerelease
        } else if self.first_listed[version] > word.modified.as_deref() {
            Outcome::Younger
        } else if listed.clone().all(|other| other < key) {
            Outcome::ListEndsEarly
        } else if listed.all(|other| other > key) {
            Outcome::ListBeginsLate
        } else {
            Outcome::Gap
        }
    }
}

fn count(packages: &Packages) -> BTreeMap<Outcome, usize> {
    let mut counts = BTreeMap::new();
    for ((ecosystem, _), (versions, words)) in packages {
        let family = ecosystem.family;
        let mut first_listed: Vec<Option<&str>> = vec![None; versions.texts.len()];
        for word in words {
            for number in word.entries.iter().flat_map(|entry| &entry.listed) {
                let slot = &mut first_listed[*number];
                if slot.is_none() || *slot > word.modified.as_deref() {
                    *slot = word.modified.as_deref();
                }
            }
        }
        let ground = Ground {
            family,
            texts: &versions.texts,
            keys: versions
                .texts
                .iter()
                .map(|text| key(family, text))
                .collect(),
            first_listed,
        };
        for word in words.iter().filter(|word| {
            word.entries
                .iter()
                .any(|entry| entry.has_range || !entry.listed.is_empty())
        }) {
            let bounds: Vec<Vec<Bounds>> = word
                .entries
                .iter()
                .map(|entry| {
                    entry
                        .intervals
                        .iter()
                        .map(|interval| Bounds::of(family, interval))
                        .collect()
                })
                .collect();
            for version in 0..versions.texts.len() {
                *counts
                    .entry(ground.outcome(word, &bounds, version))
                    .or_insert(0) += 1;
            }
        }
    }
    counts
}

/// The packs whose records list versions, and how often each outcome occurs: pairs of a record and a version of its package.
const EXPECTED: [(&str, &[(Outcome, usize)]); 4] = [
    (
        "ghsa",
        &[
            (Outcome::Agree, 17_033),
            (Outcome::OnlyListed, 400),
            (Outcome::NoList, 10_672),
            (Outcome::OtherSpelling, 2),
            (Outcome::Younger, 4),
        ],
    ),
    (
        "pypa",
        &[
            (Outcome::Agree, 1_030_295),
            (Outcome::OnlyListed, 90),
            (Outcome::ListedFix, 1),
            (Outcome::ListedPrereleaseOfStart, 6),
            (Outcome::NoList, 330),
            (Outcome::OtherSpelling, 47),
            (Outcome::Prerelease, 16_337),
            (Outcome::Younger, 8_505),
            (Outcome::ListEndsEarly, 116),
            (Outcome::ListBeginsLate, 3_282),
            (Outcome::Gap, 1_467),
        ],
    ),
    (
        "malicious-npm-sample",
        &[(Outcome::Agree, 529), (Outcome::OnlyListed, 746)],
    ),
    (
        "debian-osv",
        &[
            (Outcome::Agree, 9_785_550),
            (Outcome::ListedPastEnd, 17),
            (Outcome::Younger, 38_079),
            (Outcome::ListEndsEarly, 6),
            (Outcome::Gap, 7),
        ],
    ),
];

#[test]
fn lists_and_ranges_tell_the_same() {
    let mut found = Vec::new();
    for (pack, _) in OSV {
        let mut packages = Packages::new();
        let read = members(pack, |name, bytes| {
            if name.ends_with(".json") && !name.starts_with("withdrawn-undated/") {
                take(
                    serde_json::from_slice(bytes).expect("a record"),
                    &mut packages,
                );
            }
        });
        if !read {
            return;
        }
        let counts: Vec<(Outcome, usize)> = count(&packages).into_iter().collect();
        if !counts.is_empty() {
            found.push((pack, counts));
        }
    }
    let found: Vec<(&str, &[(Outcome, usize)])> = found
        .iter()
        .map(|(pack, counts)| (*pack, counts.as_slice()))
        .collect();
    assert_eq!(found, EXPECTED);
}
