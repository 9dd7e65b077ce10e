//! Makes the changes from one database to another: a small index of the records that are new or other, and the list of those that do not hold.
//!
//! Records are compared by what the index says of them, by texts and not by numbers, and by the digest of the feed's record. Changes are always
//! made against the base's own two segments, never against changes: a client needs one base and one delta.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};

use jiff::Timestamp;
use toolkit_oci::Digest;

use crate::advisory::Feed;

use super::build::{Builder, Built, RawAdvisory, RawProgram, RawRow};
use super::container::{self, Malformed, Segment};
use super::details::{self, Detail, DetailLayer};
use super::manifest::Kind;
use super::open::{Bound, Layer, Program};
use super::schema;
use super::store::{Error, Opened};
use super::varint::put;

/// A record by feed and id, with its number and what the database says of it.
type Records = BTreeMap<(Feed, String), (u32, Digest)>;

impl Built {
    /// Expresses what was built as the segments of an earlier database and the changes since. Without any change there is no delta.
    ///
    /// # Errors
    ///
    /// [`Error`] where the base cannot be read.
    pub fn onto(mut self, base: &Opened) -> Result<Self, Error> {
        let read = |kind| {
            let named = base.manifest.segment(kind);
            base.segment_bytes(named.ok_or(Error::NoSegment { kind })?)
        };
        let (index, details) = (read(Kind::Index)?, read(Kind::Details)?);
        self.delta = changes(&Layers::of(&self.index, &self.details)?, &index, &details)?;
        (self.index, self.details) = (index, details);
        Ok(self)
    }
}

/// Both segments of a database.
struct Layers {
    index: Layer,
    details: DetailLayer,
}

impl Layers {
    fn of(index: &[u8], details: &[u8]) -> Result<Self, Error> {
        let file = |bytes: &[u8]| -> std::io::Result<std::fs::File> {
            let mut file = tempfile::tempfile()?;
            file.write_all(bytes)?;
            file.rewind()?;
            Ok(file)
        };
        Ok(Self {
            index: Layer::open(file(index).map_err(Malformed::Io)?)?,
            details: DetailLayer::open(file(details).map_err(Malformed::Io)?)?,
        })
    }

    /// Describes every record.
    fn records(&self) -> Result<Records, Malformed> {
        let mut rows: Vec<Vec<[u8; 32]>> =
            vec![Vec::new(); usize::try_from(self.index.advisories()?).unwrap_or(0)];
        let mut programs: BTreeMap<u32, String> = BTreeMap::new();
        self.index.names.each(|name, span| {
            for row in self.index.rows_in(span)? {
                let program = match programs.get(&row.program) {
                    Some(known) => known.clone(),
                    None => {
                        let text = self.spelled(&self.index.program(row.program)?)?;
                        programs.insert(row.program, text.clone());
                        text
                    }
                };
                let said = format!(
                    "{name:?} {program} {:?}",
                    self.index.qualifier(row.qualifier)?
                );
                if let Some(list) = usize::try_from(row.advisory)
                    .ok()
                    .and_then(|number| rows.get_mut(number))
                {
                    list.push(sha256(said.as_bytes()));
                }
            }
            Ok(())
        })?;
        let mut records = Records::new();
        for (number, mut said) in (0_u32..).zip(rows) {
            let head = self.index.head(number)?;
            said.sort_unstable();
            let mut bytes = format!("{head:?}").into_bytes();
            bytes.extend(self.details.digest(number)?);
            said.iter().for_each(|row| bytes.extend(row));
            records.insert((head.feed, head.id), (number, Digest::sha256(&bytes)));
        }
        Ok(records)
    }

    /// Spells affected versions out.
    fn spelled(&self, program: &Program) -> Result<String, Malformed> {
        let mut text = String::new();
        for (start, bound) in &program.intervals {
            let start = start.map(|number| self.index.version(number)).transpose()?;
            let (kind, end) = self.bound(*bound)?;
            text.push_str(&format!("{start:?} {kind} {end:?} "));
        }
        for number in &program.listed {
            text.push_str(&format!("{:?} ", self.index.version(*number)?));
        }
        Ok(text)
    }

    fn bound(&self, bound: Bound) -> Result<(u8, Option<String>), Malformed> {
        let version = |number| self.index.version(number).map(Some);
        Ok(match bound {
            Bound::Open => (0, None),
            Bound::Fixed(number) => (1, version(number)?),
            Bound::Limit(number) => (2, version(number)?),
            Bound::LastAffected(number) => (3, version(number)?),
        })
    }

    /// Makes a builder of these records alone.
    fn only(&self, numbers: &BTreeSet<u32>) -> Result<Builder, Malformed> {
        let mut builder = Builder::default();
        let mut rows: BTreeMap<u32, Vec<RawRow>> = BTreeMap::new();
        self.index.names.each(|name, span| {
            for row in self.index.rows_in(span)? {
                if numbers.contains(&row.advisory) {
                    let program = self.program(&mut builder, &self.index.program(row.program)?)?;
                    let qualifier = self.index.qualifier(row.qualifier)?.clone();
                    rows.entry(row.advisory).or_default().push(RawRow {
                        name: builder.names.number(name.to_vec()),
                        program: builder.programs.number(program),
                        qualifier: builder.qualifiers.number(qualifier),
                    });
                }
            }
            Ok(())
        })?;
        for number in numbers {
            let head = self.index.head(*number)?;
            let detail = self.details.get(*number)?;
            builder.advisories.push(RawAdvisory {
                feed: head.feed,
                id: head.id,
                class: head.class,
                label: head.label,
                score: head.score,
                published: time(head.published),
                modified: time(head.modified),
                withdrawn: head.withdrawn,
                aliases: head.aliases,
                contains: head.contains,
                digest: detail.digest,
                detail: again(&detail),
                rows: rows.remove(number).unwrap_or_default(),
            });
        }
        Ok(builder)
    }

    fn program(&self, builder: &mut Builder, program: &Program) -> Result<RawProgram, Malformed> {
        let mut intervals = Vec::with_capacity(program.intervals.len());
        for (start, bound) in &program.intervals {
            let start = match start {
                Some(number) => Some(builder.versions.number(self.index.version(*number)?)),
                None => None,
            };
            let (kind, end) = self.bound(*bound)?;
            let end = end.map_or(0, |version| builder.versions.number(version));
            intervals.push((start, kind, end));
        }
        let listed = program
            .listed
            .iter()
            .map(|number| Ok(builder.versions.number(self.index.version(*number)?)))
            .collect::<Result<_, Malformed>>()?;
        Ok(RawProgram { intervals, listed })
    }
}

/// Index and details of changes.
type Changes = (Vec<u8>, Vec<u8>);

/// Returns index and details of the changes from a base to `new`.
fn changes(new: &Layers, index: &[u8], details: &[u8]) -> Result<Option<Changes>, Error> {
    let mut before = Layers::of(index, details)?.records()?;
    let (mut changed, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    for (key, (number, said)) in new.records()? {
        match before.remove(&key) {
            Some((_, former)) if former == said => {}
            former => {
                changed.insert(number);
                hidden.extend(former.map(|(number, _)| number));
            }
        }
    }
    hidden.extend(before.into_values().map(|(number, _)| number));
    if changed.is_empty() && hidden.is_empty() {
        return Ok(None);
    }
    let meta = new.index.meta()?;
    let built = new
        .only(&changed)?
        .finish(&meta)
        .map_err(|error| Error::Malformed(error.into()))?;
    let small = Layers::of(&built.index, &built.details)?;
    let index = complete(&small.index.segment, &new.index.segment, &hidden)?;
    Ok(Some((index, built.details)))
}

/// Adds the hidden records, and puts the count of the whole in the place of that of the changes.
fn complete(
    small: &Segment,
    whole: &Segment,
    hidden: &BTreeSet<u32>,
) -> Result<Vec<u8>, Malformed> {
    let mut numbers = Vec::new();
    put(
        &mut numbers,
        u64::try_from(hidden.len()).unwrap_or(u64::MAX),
    );
    let mut former = 0;
    for number in hidden {
        put(&mut numbers, u64::from(number - former));
        former = *number;
    }
    let mut sections = Vec::new();
    for id in small.ids() {
        let from = match id {
            schema::ECOSYSTEMS => whole,
            _ => small,
        };
        sections.push((id, from.section(id)?));
    }
    sections.push((schema::HIDDEN, numbers));
    let borrowed: Vec<(u32, &[u8])> = sections
        .iter()
        .map(|(id, bytes)| (*id, bytes.as_slice()))
        .collect();
    let mut out = Vec::new();
    container::write(&mut out, &borrowed)?;
    Ok(out)
}

/// Encodes details again.
fn again(detail: &Detail) -> Vec<u8> {
    details::put_detail(
        &detail.summary,
        &detail.vectors.iter().collect::<Vec<_>>(),
        &detail.cwes,
        &detail.references,
    )
}

/// The index keeps days.
fn time(day: Option<u32>) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(day?) * 86_400).ok()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
