//! The signals segment: EPSS and KEV of each CVE, apart from the index because they change daily.
//!
//! | section | holds |
//! |---|---|
//! | 32 meta | JSON: which scores and which catalogue |
//! | 33 table | varint count · varint blocks · per block { varint year, varint number, varint length } |
//! | 34 blocks | per CVE { varint year difference, varint number or difference, flags, EPSS twice varint, KEV two days } |
//!
//! Records are in the order of year and number, 64 to a block. Flags: 1 EPSS, 2 KEV, 4 due date, 8 ransomware. Within a block the number is
//! written as difference while the year stays, in full where the year changes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::feed::text::moment;
use crate::feed::{Format, epss, kev};

use super::container::{self, Malformed, Segment};
use super::varint::{Cursor, put};

const META: u32 = 32;
const TABLE: u32 = 33;
const BLOCKS: u32 = 34;
const BLOCK: usize = 64;
const WHAT: &str = "signals";

/// EPSS in hundred-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epss {
    /// The probability of exploitation in the next 30 days, 0 to 100,000.
    pub probability: u32,
    /// The share of vulnerabilities with this or a lower probability, 0 to 100,000.
    pub percentile: u32,
}

/// An entry of the catalogue of known exploited vulnerabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exploited {
    /// When it was added, in days since 1970.
    pub added: u32,
    /// Until when agencies must act, in days since 1970.
    pub due: Option<u32>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// What is known of a CVE besides its advisories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// Its EPSS score.
    pub epss: Option<Epss>,
    /// That it is exploited.
    pub exploited: Option<Exploited>,
}

/// Year and number of a CVE id.
fn cve(id: &str) -> Option<(u64, u64)> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a `u64` holds are no CVE (19 at most, CVE record format).
    (digits(year) && digits(number)).then_some(())?;
    Some((year.parse().ok()?, number.parse().ok()?))
}

fn days(date: Date) -> u32 {
    let since = date
        .duration_since(jiff::civil::date(1970, 1, 1))
        .as_hours()
        / 24;
    u32::try_from(since).unwrap_or(0)
}

/// Takes scores and the catalogue and makes the segment of them.
#[derive(Default)]
pub struct SignalsBuilder {
    signals: BTreeMap<(u64, u64), Signal>,
    refused: Vec<String>,
}

impl SignalsBuilder {
    /// Takes a score; of two for one CVE the later taken stays.
    pub fn score(&mut self, score: &epss::Score) {
        let epss = Epss {
            probability: score.probability,
            percentile: score.percentile,
        };
        if let Some(signal) = self.signal(&score.cve) {
            signal.epss = Some(epss);
        }
    }

    /// Takes an entry of the catalogue; of two for one CVE the later taken stays.
    pub fn exploited(&mut self, known: &kev::Known) {
        let exploited = Exploited {
            added: days(known.added),
            due: known.due.map(days),
            ransomware: known.ransomware,
        };
        if let Some(signal) = self.signal(&known.cve) {
            signal.exploited = Some(exploited);
        }
    }

    fn signal(&mut self, id: &str) -> Option<&mut Signal> {
        let Some(key) = cve(id) else {
            self.refused.push(id.chars().take(40).collect());
            return None;
        };
        Some(self.signals.entry(key).or_default())
    }

    /// Returns the ids that are none of a CVE and were not taken.
    #[must_use]
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Returns how many CVEs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Tells whether nothing was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// Writes the segment. `meta` is a JSON document that describes it; it is kept as it is.
    ///
    /// # Errors
    ///
    /// Only where a section outgrows the file form.
    pub fn finish(self, meta: &[u8]) -> io::Result<Vec<u8>> {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let (mut table, mut blocks) = (Vec::new(), Vec::new());
        put(&mut table, count(self.signals.len()));
        put(&mut table, count(self.signals.len().div_ceil(BLOCK)));
        let mut signals = self.signals.into_iter().peekable();
        while let Some(((mut year, mut number), _)) = signals.peek().copied() {
            put(&mut table, year);
            put(&mut table, number);
            let start = blocks.len();
            for (key, signal) in signals.by_ref().take(BLOCK) {
                put(&mut blocks, key.0 - year);
                // The map is in order, so within a year numbers rise.
                put(
                    &mut blocks,
                    if key.0 == year { key.1 - number } else { key.1 },
                );
                (year, number) = key;
                write(&mut blocks, &signal);
            }
            put(&mut table, count(blocks.len() - start));
        }
        let mut out = Vec::new();
        container::write(
            &mut out,
            &[(META, meta), (TABLE, &table), (BLOCKS, &blocks)],
        )?;
        Ok(out)
    }
}

/// The segment of everything that a build took, and how much that was.
#[derive(Default)]
pub(super) struct Assembled {
    pub(super) segment: Option<Vec<u8>>,
    pub(super) counted: BTreeMap<Format, (u64, Option<Timestamp>)>,
}

/// Which scores and which catalogue a segment is of: the newest taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The model of the scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss_model: Option<String>,
    /// The day of the scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss_date: Option<String>,
    /// The version of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kev_version: Option<String>,
}

/// Makes the segment of tables and catalogues in any order: where two speak of one CVE, the one of the later date is taken.
pub(super) fn assemble(
    mut tables: Vec<epss::Table>,
    mut catalogues: Vec<kev::Catalogue>,
) -> io::Result<Assembled> {
    if tables.is_empty() && catalogues.is_empty() {
        return Ok(Assembled::default());
    }
    let date = |text: Option<&str>| text.and_then(moment);
    // Of one date, the content decides, so that the order of files does not.
    tables.sort_by(|left, right| {
        (date(left.date.as_deref()), &left.model, &left.scores).cmp(&(
            date(right.date.as_deref()),
            &right.model,
            &right.scores,
        ))
    });
    catalogues.sort_by(|left, right| {
        (date(Some(&left.released)), &left.version, &left.entries).cmp(&(
            date(Some(&right.released)),
            &right.version,
            &right.entries,
        ))
    });
    let mut meta = Meta::default();
    let mut counted = BTreeMap::new();
    let mut builder = SignalsBuilder::default();
    let mut count = |format, records: usize, newest| {
        let of: &mut (u64, Option<Timestamp>) = counted.entry(format).or_default();
        of.0 += u64::try_from(records).unwrap_or(u64::MAX);
        of.1 = of.1.max(newest);
    };
    for table in &tables {
        table.scores.iter().for_each(|score| builder.score(score));
        count(
            Format::Epss,
            table.scores.len(),
            date(table.date.as_deref()),
        );
        meta.epss_model.clone_from(&table.model);
        meta.epss_date.clone_from(&table.date);
    }
    for catalogue in &catalogues {
        let entries = &catalogue.entries;
        entries.iter().for_each(|known| builder.exploited(known));
        count(Format::Kev, entries.len(), date(Some(&catalogue.released)));
        meta.kev_version = Some(catalogue.version.clone());
    }
    let meta = serde_json::to_vec(&meta).map_err(io::Error::other)?;
    Ok(Assembled {
        segment: Some(builder.finish(&meta)?),
        counted,
    })
}

fn write(out: &mut Vec<u8>, signal: &Signal) {
    let exploited = signal.exploited.as_ref();
    out.push(
        u8::from(signal.epss.is_some())
            | u8::from(exploited.is_some()) << 1
            | u8::from(exploited.is_some_and(|exploited| exploited.due.is_some())) << 2
            | u8::from(exploited.is_some_and(|exploited| exploited.ransomware)) << 3,
    );
    if let Some(epss) = signal.epss {
        put(out, u64::from(epss.probability));
        put(out, u64::from(epss.percentile));
    }
    if let Some(exploited) = exploited {
        put(out, u64::from(exploited.added));
        if let Some(due) = exploited.due {
            put(out, u64::from(due));
        }
    }
}

fn read(cursor: &mut Cursor<'_>) -> Result<Signal, Malformed> {
    let flags = cursor.byte()?;
    if flags & 0xf0 != 0 || (flags & 2 == 0 && flags & 0x0c != 0) {
        return Err(Malformed::Section { section: WHAT });
    }
    let mut share = || match cursor.small()? {
        share if share <= 100_000 => Ok(share),
        _ => Err(Malformed::Section { section: WHAT }),
    };
    let epss = if flags & 1 != 0 {
        Some(Epss {
            probability: share()?,
            percentile: share()?,
        })
    } else {
        None
    };
    let exploited = if flags & 2 != 0 {
        Some(Exploited {
            added: cursor.small()?,
            due: if flags & 4 != 0 {
                Some(cursor.small()?)
            } else {
                None
            },
            ransomware: flags & 8 != 0,
        })
    } else {
        None
    };
    Ok(Signal { epss, exploited })
}

/// A block: the key of its first record, and where it lies.
struct Place {
    first: (u64, u64),
    from: usize,
    to: usize,
}

struct Loaded {
    places: Vec<Place>,
    blocks: Vec<u8>,
}

/// Answers what is known of a CVE. Opening reads the header; the records are read when the first is asked for.
pub struct Signals {
    segment: Segment,
    loaded: OnceLock<Loaded>,
}

impl Signals {
    /// Opens a signals segment.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn open(file: File) -> Result<Self, Malformed> {
        Ok(Self {
            segment: Segment::open(file)?,
            loaded: OnceLock::new(),
        })
    }

    /// Returns which scores and which catalogue the segment is of.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it cannot be read.
    pub fn meta(&self) -> Result<Meta, Malformed> {
        serde_json::from_slice(&self.segment.section(META)?)
            .map_err(|_| Malformed::Section { section: WHAT })
    }

    /// Returns how many CVEs there are.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn count(&self) -> Result<usize, Malformed> {
        let table = self.segment.section(TABLE)?;
        // Records take three bytes or more, so the count is bounded by their section, not by the table.
        usize::try_from(Cursor::new(&table, WHAT).number()?)
            .map_err(|_| Malformed::Section { section: WHAT })
    }

    fn load(&self) -> Result<&Loaded, Malformed> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let broken = || Malformed::Section { section: WHAT };
        let table = self.segment.section(TABLE)?;
        let blocks = self.segment.section(BLOCKS)?;
        let mut cursor = Cursor::new(&table, WHAT);
        let records = usize::try_from(cursor.number()?).map_err(|_| broken())?;
        let count = cursor.count()?;
        if count != records.div_ceil(BLOCK) {
            return Err(broken());
        }
        let (mut places, mut from) = (Vec::with_capacity(count), 0_usize);
        for _ in 0..count {
            let first = (cursor.number()?, cursor.number()?);
            let length = usize::try_from(cursor.number()?).map_err(|_| broken())?;
            let to = from.checked_add(length).ok_or_else(broken)?;
            places.push(Place { first, from, to });
            from = to;
        }
        if from != blocks.len() {
            return Err(broken());
        }
        Ok(self.loaded.get_or_init(|| Loaded { places, blocks }))
    }

    /// Tells whether it holds a score of any CVE.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn has_scores(&self) -> Result<bool, Malformed> {
        let mut cursor = Cursor::new(&self.load()?.blocks, WHAT);
        while cursor.remaining() > 0 {
            let _key = (cursor.number()?, cursor.number()?);
            if read(&mut cursor)?.epss.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns what is known of a CVE; nothing for an id that is none of a CVE.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn get(&self, id: &str) -> Result<Option<Signal>, Malformed> {
        let Some(wanted) = cve(id) else {
            return Ok(None);
        };
        let broken = || Malformed::Section { section: WHAT };
        let loaded = self.load()?;
        let after = loaded.places.partition_point(|place| place.first <= wanted);
        let Some(place) = after.checked_sub(1).and_then(|at| loaded.places.get(at)) else {
            return Ok(None);
        };
        let block = loaded.blocks.get(place.from..place.to).ok_or_else(broken)?;
        let mut cursor = Cursor::new(block, WHAT);
        let (mut year, mut number) = place.first;
        while cursor.remaining() > 0 {
            let (step, rest) = (cursor.number()?, cursor.number()?);
            number = if step == 0 {
                number.checked_add(rest).ok_or_else(broken)?
            } else {
                rest
            };
            year = year.checked_add(step).ok_or_else(broken)?;
            let signal = read(&mut cursor)?;
            match (year, number).cmp(&wanted) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Ok(Some(signal)),
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    fn open(bytes: &[u8]) -> Result<Signals, Malformed> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        Signals::open(file)
    }

    fn built() -> Vec<u8> {
        let mut builder = SignalsBuilder::default();
        for number in (1..400_u32).rev() {
            let cve = format!("CVE-{}-{:04}", 1999 + number % 3, number * 7);
            builder.score(&epss::Score {
                cve,
                probability: number,
                percentile: 100_000 - number,
            });
        }
        let known = |cve: &str, due| kev::Known {
            cve: cve.into(),
            added: jiff::civil::date(2021, 12, 10),
            due,
            ransomware: due.is_none(),
        };
        builder.exploited(&known(
            "CVE-2000-0007",
            Some(jiff::civil::date(2021, 12, 24)),
        ));
        builder.exploited(&known("CVE-2021-44228", None));
        builder.exploited(&known("GHSA-1", None));
        assert_eq!(builder.refused(), ["GHSA-1"]);
        assert_eq!(builder.len(), 400);
        builder.finish(b"{}").expect("a segment")
    }

    #[test]
    fn every_signal_is_found_and_nothing_else() {
        let signals = open(&built()).expect("a segment");
        assert_eq!(
            (
                signals.meta().expect("meta"),
                signals.count().expect("a count")
            ),
            (Meta::default(), 400)
        );
        for number in 1..400 {
            let id = format!("CVE-{}-{:04}", 1999 + number % 3, number * 7);
            let found = signals
                .get(&id)
                .expect("a search")
                .unwrap_or_else(|| panic!("{id}"));
            assert_eq!(
                found.epss,
                Some(Epss {
                    probability: number,
                    percentile: 100_000 - number
                }),
                "{id}"
            );
            assert_eq!(found.exploited.is_some(), number == 1);
        }
        let one = signals
            .get("CVE-2000-7")
            .expect("a search")
            .expect("a signal")
            .exploited
            .expect("exploited");
        assert_eq!(
            (one.added, one.due, one.ransomware),
            (18_971, Some(18_985), false)
        );
        let log4j = signals
            .get("CVE-2021-44228")
            .expect("a search")
            .expect("a signal");
        assert_eq!(
            (
                log4j.epss,
                log4j
                    .exploited
                    .map(|exploited| (exploited.due, exploited.ransomware))
            ),
            (None, Some((None, true)))
        );
        for id in [
            "CVE-1998-1",
            "CVE-1999-0",
            "CVE-2000-0008",
            "CVE-2021-44229",
            "CVE-2099-1",
            "GHSA-1",
            "CVE-x-1",
            "CVE-99999999999999999999-1",
        ] {
            assert_eq!(signals.get(id).expect("a search"), None, "{id}");
        }
        let empty =
            open(&SignalsBuilder::default().finish(b"{}").expect("a segment")).expect("a segment");
        assert_eq!(empty.get("CVE-2021-1").expect("a search"), None);
    }

    #[test]
    fn no_byte_of_it_can_break_the_reader() {
        let bytes = built();
        let mut refused = 0;
        for position in 12..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[position] = value;
                let Ok(signals) = open(&broken) else {
                    refused += 1;
                    continue;
                };
                for id in ["CVE-1999-0021", "CVE-2000-0007", "CVE-2021-44228"] {
                    refused += usize::from(signals.get(id).is_err());
                }
            }
        }
        assert!(refused > 100, "{refused}");
    }
}
