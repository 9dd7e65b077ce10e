//! Builds the segments from records, in any order, into the same bytes.
//!
//! Records are taken in one by one and kept as numbers into tables, so that memory follows the number of packages named, not the size of the feeds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::io;

use jiff::Timestamp;

use crate::advisory::{Advisory, Class, Feed};
use crate::affected::{Affected, Claim, End, FixState};
use crate::ecosystem::Family;
use crate::feed::{Format, epss, kev};
use crate::identity;
use crate::severity::{Cvss, CvssVersion, Severity};
use crate::vex::Document;

use super::manifest::Kind;
use super::schema::{self, Qualifier, name_key, put_score};
use super::varint::{put, put_bytes};
use super::{container, details, signals, strings, vex};

/// Numbers distinct values in the order in which they come.
pub(super) struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            values: Vec::new(),
        }
    }

    pub(super) fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

impl<T: Ord> Interner<T> {
    /// Returns the values in order and, for each former number, the place in that order.
    fn sorted(self) -> (Vec<T>, Vec<u32>) {
        drop(self.numbers);
        let mut pairs: Vec<(T, u32)> = self.values.into_iter().zip(0..).collect();
        pairs.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut places = vec![0; pairs.len()];
        for (place, (_, number)) in (0..).zip(&pairs) {
            if let Some(slot) = usize::try_from(*number)
                .ok()
                .and_then(|number| places.get_mut(number))
            {
                *slot = place;
            }
        }
        (pairs.into_iter().map(|(value, _)| value).collect(), places)
    }
}

fn place(places: &[u32], number: u32) -> u64 {
    usize::try_from(number)
        .ok()
        .and_then(|number| places.get(number))
        .copied()
        .map_or(0, u64::from)
}

/// Affected versions by the numbers of their texts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct RawProgram {
    pub(super) intervals: Vec<(Option<u32>, u8, u32)>,
    pub(super) listed: Vec<u32>,
}

pub(super) struct RawRow {
    pub(super) name: u32,
    pub(super) program: u32,
    pub(super) qualifier: u32,
}

pub(super) struct RawAdvisory {
    pub(super) feed: Feed,
    pub(super) id: String,
    pub(super) class: Class,
    pub(super) label: Option<Severity>,
    pub(super) score: Option<(CvssVersion, u8)>,
    pub(super) published: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) withdrawn: bool,
    pub(super) aliases: Vec<String>,
    pub(super) contains: Vec<String>,
    pub(super) detail: Vec<u8>,
    pub(super) digest: [u8; 32],
    pub(super) rows: Vec<RawRow>,
}

impl RawAdvisory {
    /// Returns the CVE that the record rates: the only one that it speaks of, where it is live and has a word or score for the whole record.
    fn rated(&self) -> Option<&str> {
        if self.withdrawn || (self.label.is_none() && self.score.is_none()) {
            return None;
        }
        let cves = identity::cves(&self.id, &self.aliases, &self.contains);
        let mut all = cves.into_iter();
        all.next().filter(|_| all.next().is_none())
    }
}

/// Counts what a build took in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records, each id once.
    pub records: usize,
    /// Records whose id came again.
    pub repeated: usize,
    /// Records that their feed took back; they are kept, to explain why nothing matches.
    pub withdrawn: usize,
    /// Packages named.
    pub packages: usize,
    /// Rows: a record for a package.
    pub rows: usize,
    /// Rows of Debian's export for Alpine branches whose own secdb was taken, which wins.
    pub superseded: usize,
    /// Records of each feed, and its newest change that is not after the database's time.
    pub feeds: BTreeMap<Feed, (u64, Option<Timestamp>)>,
    /// The same of what is no advisory: scores, exploited vulnerabilities, VEX statements.
    pub others: BTreeMap<Format, (u64, Option<Timestamp>)>,
}

/// The segments of a database, as bytes.
#[derive(Clone, Debug)]
pub struct Built {
    /// The index segment.
    pub index: Vec<u8>,
    /// The details segment.
    pub details: Vec<u8>,
    /// What changed in both since they were built, where they are an earlier database's: index and details.
    pub delta: Option<(Vec<u8>, Vec<u8>)>,
    /// The signals segment, where a feed gave signals.
    pub signals: Option<Vec<u8>>,
    /// The VEX segment, where a feed gave statements.
    pub vex: Option<Vec<u8>>,
    /// What went in.
    pub summary: Summary,
}

impl Built {
    /// Returns the bytes of a segment.
    #[must_use]
    pub fn segment(&self, kind: Kind) -> Option<&[u8]> {
        match kind {
            Kind::Index => Some(&self.index),
            Kind::Details => Some(&self.details),
            Kind::Delta => self.delta.as_ref().map(|(index, _)| index.as_slice()),
            Kind::DeltaDetails => self.delta.as_ref().map(|(_, details)| details.as_slice()),
            Kind::Signals => self.signals.as_deref(),
            Kind::Vex => self.vex.as_deref(),
        }
    }

    /// Returns the segments that there are, in the order of a manifest.
    pub fn segments(&self) -> impl Iterator<Item = (Kind, &[u8])> {
        Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.segment(kind)?)))
    }
}

/// Takes records and makes segments of them.
pub struct Builder {
    pub(super) names: Interner<Vec<u8>>,
    pub(super) versions: Interner<String>,
    pub(super) programs: Interner<RawProgram>,
    pub(super) qualifiers: Interner<Qualifier>,
    pub(super) advisories: Vec<RawAdvisory>,
    by_id: HashMap<(Feed, String), usize>,
    repeated: usize,
    not_after: Option<Timestamp>,
    scores: Vec<epss::Table>,
    exploited: Vec<kev::Catalogue>,
    statements: Vec<Document>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            names: Interner::new(),
            versions: Interner::new(),
            programs: Interner::new(),
            qualifiers: Interner::new(),
            advisories: Vec::new(),
            by_id: HashMap::new(),
            repeated: 0,
            not_after: None,
            scores: Vec::new(),
            exploited: Vec::new(),
            statements: Vec::new(),
        }
    }
}

impl Builder {
    /// Takes a record. Of two with one id the later modified stays, of equals the one with the smaller digest, whichever came first.
    pub fn add(&mut self, advisory: Advisory) {
        let key = (advisory.feed, advisory.id.clone());
        let raw = self.raw(advisory);
        match self.by_id.get(&key).copied() {
            None => {
                self.by_id.insert(key, self.advisories.len());
                self.advisories.push(raw);
            }
            Some(position) => {
                self.repeated += 1;
                if let Some(former) = self.advisories.get_mut(position)
                    && (raw.modified, std::cmp::Reverse(raw.digest))
                        > (former.modified, std::cmp::Reverse(former.digest))
                {
                    *former = raw;
                }
            }
        }
    }

    /// Takes EPSS scores.
    pub fn add_scores(&mut self, table: epss::Table) {
        self.scores.push(table);
    }

    /// Takes a catalogue of known exploited vulnerabilities.
    pub fn add_exploited(&mut self, catalogue: kev::Catalogue) {
        self.exploited.push(catalogue);
    }

    /// Takes a document of VEX statements.
    pub fn add_statements(&mut self, document: Document) {
        self.statements.push(document);
    }

    /// Returns the newest change of a record that is not after `limit`, and how many records claim a later one.
    #[must_use]
    pub fn newest(&self, limit: Timestamp) -> (Option<Timestamp>, usize) {
        let times = || self.advisories.iter().filter_map(|record| record.modified);
        (
            times().filter(|time| *time <= limit).max(),
            times().filter(|time| *time > limit).count(),
        )
    }

    /// Leaves changes after `time` out of the newest change of an ecosystem: some records are dated in the future.
    pub fn set_created(&mut self, time: Timestamp) {
        self.not_after = Some(time);
    }

    fn raw(&mut self, advisory: Advisory) -> RawAdvisory {
        let detail = details::encode(&advisory);
        let rows = advisory
            .affected
            .iter()
            .map(|affected| self.row(affected))
            .collect();
        let score = best(&advisory.cvss);
        let mut aliases = advisory.aliases;
        aliases.sort_unstable();
        aliases.dedup();
        aliases.retain(|alias| *alias != advisory.id);
        // `upstream` of DEBIAN-CVE-… and `related` of RHSA-… name the vulnerabilities that the record contains.
        let contains: BTreeSet<String> = advisory
            .upstream
            .into_iter()
            .chain(advisory.related)
            .filter(|id| id.starts_with("CVE-"))
            .collect();
        RawAdvisory {
            feed: advisory.feed,
            id: advisory.id,
            class: advisory.class,
            label: advisory.label,
            score,
            published: advisory.published,
            modified: advisory.modified,
            withdrawn: advisory.withdrawn.is_some(),
            aliases,
            contains: contains.into_iter().collect(),
            detail,
            digest: advisory.digest,
            rows,
        }
    }

    fn row(&mut self, affected: &Affected) -> RawRow {
        let name = self
            .names
            .number(name_key(&affected.ecosystem, &affected.name));
        let mut intervals: Vec<(Option<u32>, u8, u32)> =
            Vec::with_capacity(affected.intervals.len());
        for interval in &affected.intervals {
            let start = interval
                .start
                .clone()
                .map(|version| self.versions.number(version));
            let (kind, end) = match &interval.end {
                End::Open => (0, 0),
                End::Fixed(version) => (1, self.versions.number(version.clone())),
                End::Limit(version) => (2, self.versions.number(version.clone())),
                End::LastAffected(version) => (3, self.versions.number(version.clone())),
            };
            intervals.push((start, kind, end));
        }
        let listed = affected
            .versions
            .iter()
            .map(|version| self.versions.number(version.clone()))
            .collect();
        let program = self.programs.number(RawProgram { intervals, listed });
        let mut architectures = affected.architectures.clone();
        architectures.sort_unstable();
        let qualifier = self.qualifiers.number(Qualifier {
            claim: affected.claim,
            fix: if affected.claim == Claim::NotAffected {
                FixState::Unknown
            } else {
                affected.fix
            },
            channel: affected.channel,
            label: affected.label,
            score: best(&affected.cvss),
            architectures,
            unordered: !affected.unordered.is_empty(),
        });
        RawRow {
            name,
            program,
            qualifier,
        }
    }

    /// Drops what Debian's OSV export says of Alpine branches whose own secdb was taken: the export of early 2025 merges Alpine's rows, older and without
    /// the version `0`, into the records of the same CVE. Returns how many.
    fn drop_superseded(&mut self) -> usize {
        let names = &self.names.values;
        let branch = |row: &RawRow| {
            let name = usize::try_from(row.name)
                .ok()
                .and_then(|at| names.get(at))?;
            let ecosystem = ecosystem_of(name);
            (ecosystem.first() == Some(&Family::Alpine.number())).then_some(ecosystem)
        };
        let own: BTreeSet<&[u8]> = self
            .advisories
            .iter()
            .filter(|advisory| advisory.feed == Feed::Alpine)
            .flat_map(|advisory| advisory.rows.iter().filter_map(branch))
            .collect();
        let mut dropped = 0;
        for advisory in &mut self.advisories {
            if advisory.feed == Feed::Debian {
                let before = advisory.rows.len();
                advisory
                    .rows
                    .retain(|row| branch(row).is_none_or(|branch| !own.contains(branch)));
                dropped += before - advisory.rows.len();
            }
        }
        dropped
    }

    /// Writes the segments. `meta` is a JSON document that describes the database; it is kept as it is.
    ///
    /// # Errors
    ///
    /// Only where a section outgrows the file form.
    pub fn finish(mut self, meta: &[u8]) -> io::Result<Built> {
        self.advisories
            .sort_unstable_by(|left, right| (left.feed, &left.id).cmp(&(right.feed, &right.id)));
        let superseded = self.drop_superseded();
        drop(self.by_id);
        let signals = signals::assemble(
            std::mem::take(&mut self.scores),
            std::mem::take(&mut self.exploited),
        )?;
        let stated = vex::assemble(std::mem::take(&mut self.statements))?;
        let (versions, version_places) = self.versions.sorted();
        let encoded: Vec<Vec<u8>> = self
            .programs
            .values
            .iter()
            .map(|program| encode_program(program, &version_places))
            .collect();
        drop(self.programs);
        let mut programs = Interner::new();
        let program_numbers: Vec<u32> = encoded
            .into_iter()
            .map(|bytes| programs.number(bytes))
            .collect();
        let (programs, program_places) = programs.sorted();
        let (qualifiers, qualifier_places) = self.qualifiers.sorted();
        let (names, name_places) = self.names.sorted();

        let mut ids = Interner::new();
        for advisory in &self.advisories {
            ids.number(advisory.id.clone());
            advisory
                .aliases
                .iter()
                .chain(&advisory.contains)
                .for_each(|id| {
                    ids.number(id.clone());
                });
        }
        let mut id_numbers = HashMap::new();
        let (ids, id_places) = {
            id_numbers.extend(ids.numbers.iter().map(|(id, number)| (id.clone(), *number)));
            ids.sorted()
        };
        let id_place = |id: &String| {
            id_numbers
                .get(id)
                .map_or(0, |number| place(&id_places, *number))
        };

        let mut naming: Vec<Vec<(u64, bool)>> = vec![Vec::new(); ids.len()];
        let mut ecosystems: BTreeMap<&[u8], Census> = BTreeMap::new();
        for name in &names {
            ecosystems.entry(ecosystem_of(name)).or_default().packages += 1;
        }
        let latest = self.not_after.map_or(u64::MAX, |time| days(Some(time)));
        let mut by_name: Vec<Vec<(u64, u64, u64)>> = vec![Vec::new(); names.len()];
        let (mut heads, mut blocks) = (Vec::new(), details::Writer::default());
        put(&mut heads, count(self.advisories.len()));
        let mut summary = Summary {
            repeated: self.repeated,
            packages: names.len(),
            superseded,
            others: signals.counted.into_iter().chain(stated.counted).collect(),
            ..Summary::default()
        };
        for (ordinal, advisory) in (0_u64..).zip(&self.advisories) {
            summary.records += 1;
            summary.withdrawn += usize::from(advisory.withdrawn);
            let of_feed = summary.feeds.entry(advisory.feed).or_default();
            of_feed.0 += 1;
            let in_time = |time: &Timestamp| self.not_after.is_none_or(|limit| *time <= limit);
            of_feed.1 = of_feed.1.max(advisory.modified.filter(in_time));
            let mut head = Vec::new();
            put(&mut head, id_place(&advisory.id));
            head.extend([
                advisory.feed.number(),
                class_number(advisory.class),
                u8::from(advisory.withdrawn),
            ]);
            head.push(advisory.label.map_or(0, |label| label.number() + 1));
            put_score(&mut head, advisory.score);
            put(&mut head, days(advisory.published));
            put(&mut head, days(advisory.modified));
            for list in [&advisory.aliases, &advisory.contains] {
                put(&mut head, count(list.len()));
                list.iter().for_each(|id| put(&mut head, id_place(id)));
            }
            let rated = advisory.rated();
            let own = std::iter::once(&advisory.id);
            for id in own.chain(&advisory.aliases).chain(&advisory.contains) {
                let place = usize::try_from(id_place(id)).unwrap_or(usize::MAX);
                if let Some(list) = naming.get_mut(place)
                    && list.last().is_none_or(|(last, _)| *last != ordinal)
                {
                    let rates = rated.is_some_and(|rated| rated == id);
                    list.push((ordinal, rates));
                }
            }
            put_bytes(&mut heads, &head);
            blocks.add(&advisory.detail, &advisory.digest)?;
            for row in &advisory.rows {
                let program = program_numbers
                    .get(usize::try_from(row.program).unwrap_or(usize::MAX))
                    .copied()
                    .unwrap_or(0);
                let name = usize::try_from(place(&name_places, row.name)).unwrap_or(usize::MAX);
                if let Some(census) = names
                    .get(name)
                    .and_then(|name| ecosystems.get_mut(ecosystem_of(name)))
                {
                    let day = days(advisory.modified);
                    census.newest = census.newest.max(if day > latest { 0 } else { day });
                    census.feeds.insert(advisory.feed.number());
                    census.rows += 1;
                }
                if let Some(rows) = by_name.get_mut(name) {
                    rows.push((
                        ordinal,
                        place(&program_places, program),
                        place(&qualifier_places, row.qualifier),
                    ));
                }
            }
        }
        let (mut rows, mut spans) = (Vec::new(), Vec::with_capacity(names.len()));
        for list in &mut by_name {
            list.sort_unstable();
            list.dedup();
            summary.rows += list.len();
            let start = rows.len();
            put(&mut rows, count(list.len()));
            let mut before = 0;
            for (ordinal, program, qualifier) in &*list {
                put(&mut rows, ordinal - before);
                put(&mut rows, *program);
                put(&mut rows, *qualifier);
                before = *ordinal;
            }
            spans.push(count(rows.len() - start));
        }
        let mut program_section = Vec::new();
        put(&mut program_section, count(programs.len()));
        programs
            .iter()
            .for_each(|program| put_bytes(&mut program_section, program));
        let mut qualifier_section = Vec::new();
        put(&mut qualifier_section, count(qualifiers.len()));
        qualifiers
            .iter()
            .for_each(|qualifier| qualifier.write(&mut qualifier_section));
        let mut census = Vec::new();
        put(&mut census, count(ecosystems.len()));
        for (ecosystem, found) in &ecosystems {
            put_bytes(&mut census, ecosystem);
            put(&mut census, found.packages);
            put(&mut census, found.rows);
            put(&mut census, found.newest);
            put_bytes(
                &mut census,
                &found.feeds.iter().copied().collect::<Vec<u8>>(),
            );
        }
        drop(ecosystems);
        let (mut by_id, mut id_spans) = (Vec::new(), Vec::with_capacity(ids.len()));
        for list in &naming {
            let start = by_id.len();
            put(&mut by_id, count(list.len()));
            let mut before = 0;
            for (ordinal, rates) in list {
                put(&mut by_id, (ordinal - before) << 1 | u64::from(*rates));
                before = *ordinal;
            }
            id_spans.push(count(by_id.len() - start));
        }
        let names = strings::write(names.iter().map(Vec::as_slice).zip(spans));
        let versions = strings::write(versions.iter().map(|version| (version.as_bytes(), 0)));
        let ids = strings::write(ids.iter().map(String::as_bytes).zip(id_spans));

        let mut index = Vec::new();
        container::write(
            &mut index,
            &[
                (schema::META, meta),
                (schema::NAMES, &names),
                (schema::ROWS, &rows),
                (schema::PROGRAMS, &program_section),
                (schema::VERSIONS, &versions),
                (schema::QUALIFIERS, &qualifier_section),
                (schema::HEADS, &heads),
                (schema::IDS, &ids),
                (schema::ECOSYSTEMS, &census),
                (schema::BY_ID, &by_id),
            ],
        )?;
        let details = blocks.finish()?;
        let mut detail = Vec::new();
        container::write(
            &mut detail,
            &[
                (schema::DETAIL_TABLE, &details.table),
                (schema::DETAIL_BLOCKS, &details.blocks),
                (schema::DETAIL_DIGESTS, &details.digests),
            ],
        )?;
        Ok(Built {
            index,
            details: detail,
            delta: None,
            signals: signals.segment,
            vex: stated.segment,
            summary,
        })
    }
}

/// Counts what a name space holds.
#[derive(Default)]
struct Census {
    packages: u64,
    rows: u64,
    newest: u64,
    feeds: BTreeSet<u8>,
}

/// Returns the family and release that a name's key begins with.
fn ecosystem_of(key: &[u8]) -> &[u8] {
    key.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn class_number(class: Class) -> u8 {
    match class {
        Class::Vulnerability => 0,
        Class::Malicious => 1,
        Class::Informational => 2,
    }
}

/// Days since 1970, plus one; 0 is no date.
fn days(time: Option<Timestamp>) -> u64 {
    time.and_then(|time| u64::try_from(time.as_second().div_euclid(86_400)).ok())
        .map_or(0, |days| days + 1)
}

/// The score of the newest CVSS version, in tenths.
fn best(vectors: &[Cvss]) -> Option<(CvssVersion, u8)> {
    let best = vectors.iter().max_by(|left, right| {
        (left.version, left.score)
            .partial_cmp(&(right.version, right.score))
            .unwrap_or(std::cmp::Ordering::Equal)
    })?;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score lies between 0 and 10"
    )]
    let tenths = (best.score * 10.0).round().clamp(0.0, 100.0) as u8;
    Some((best.version, tenths))
}

fn encode_program(program: &RawProgram, places: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, count(program.intervals.len()));
    for (start, kind, end) in &program.intervals {
        put(&mut out, start.map_or(0, |start| place(places, start) + 1));
        out.push(*kind);
        if *kind != 0 {
            put(&mut out, place(places, *end));
        }
    }
    let mut listed: Vec<u64> = program
        .listed
        .iter()
        .map(|number| place(places, *number))
        .collect();
    listed.sort_unstable();
    listed.dedup();
    put(&mut out, count(listed.len()));
    let mut before = 0;
    for number in listed {
        put(&mut out, number - before);
        before = number;
    }
    out
}
