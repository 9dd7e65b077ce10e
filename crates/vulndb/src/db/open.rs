//! Reads one index segment: which advisories speak of a package. `layers` joins a base and the changes since.
//!
//! Opening reads the header, the section table and the names; every other section is read when a question first needs it.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::sync::OnceLock;

use crate::advisory::{Class, Feed};
use crate::ecosystem::{Ecosystem, Family};
use crate::severity::{CvssVersion, Severity};

use super::container::{Items, Malformed, Segment, once};
use super::schema::{self, Qualifier, name_key, read_score};
use super::strings::Strings;
use super::varint::Cursor;

/// A record's word on one package, by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The advisory, for [`super::Index::head`].
    pub advisory: u32,
    /// The affected versions, for [`super::Index::program`].
    pub program: u32,
    /// The rest, for [`super::Index::qualifier`].
    pub qualifier: u32,
}

/// Closes an interval of a [`Program`], by version number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing closes it.
    Open,
    /// Before this version, which is the fix.
    Fixed(u32),
    /// Before this version.
    Limit(u32),
    /// Up to and with this version.
    LastAffected(u32),
}

/// Affected versions, by version number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Intervals: first affected version, or none for the beginning, and what closes it.
    pub intervals: Vec<(Option<u32>, Bound)>,
    /// Versions listed beside them.
    pub listed: Vec<u32>,
}

/// What the index says of an advisory itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: String,
    /// Its feed.
    pub feed: Feed,
    /// What it reports.
    pub class: Class,
    /// Whether the feed took it back.
    pub withdrawn: bool,
    /// The feed's word.
    pub label: Option<Severity>,
    /// CVSS version and score in tenths.
    pub score: Option<(CvssVersion, u8)>,
    /// Day of publication, since 1970.
    pub published: Option<u32>,
    /// Day of the last change, since 1970.
    pub modified: Option<u32>,
    /// Ids of the same vulnerability.
    pub aliases: Vec<String>,
    /// CVEs that it contains, for an advisory of a distribution.
    pub contains: Vec<String>,
}

/// Tells what the database holds of one name space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name space.
    pub ecosystem: Ecosystem,
    /// Packages named.
    pub packages: u64,
    /// Rows: a record for a package.
    pub rows: u64,
    /// Day of the newest change, since 1970.
    pub newest: Option<u32>,
    /// The feeds with records of it.
    pub feeds: Vec<Feed>,
}

/// Answers which advisories speak of a package, by one segment.
pub(super) struct Layer {
    pub(super) segment: Segment,
    pub(super) names: Strings,
    rows: OnceLock<Vec<u8>>,
    programs: OnceLock<Items>,
    versions: OnceLock<Strings>,
    qualifiers: OnceLock<Vec<Qualifier>>,
    heads: OnceLock<Items>,
    ids: OnceLock<Strings>,
    by_id: OnceLock<Vec<u8>>,
    ecosystems: OnceLock<Vec<Listed>>,
}

impl Layer {
    /// Opens an index segment.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub(super) fn open(file: File) -> Result<Self, Malformed> {
        let segment = Segment::open(file)?;
        let names = Strings::open(segment.section(schema::NAMES)?, "names")?;
        Ok(Self {
            segment,
            names,
            rows: OnceLock::new(),
            programs: OnceLock::new(),
            versions: OnceLock::new(),
            qualifiers: OnceLock::new(),
            heads: OnceLock::new(),
            ids: OnceLock::new(),
            by_id: OnceLock::new(),
            ecosystems: OnceLock::new(),
        })
    }

    /// Returns the JSON document that describes the database.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it cannot be read.
    pub(super) fn meta(&self) -> Result<Vec<u8>, Malformed> {
        self.segment.section(schema::META)
    }

    /// Returns the rows of a package, by advisory; none for a package that no record names.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn rows(&self, ecosystem: &Ecosystem, name: &str) -> Result<Vec<Row>, Malformed> {
        let name = ecosystem.family.normalise(name);
        let Some((_, span)) = self.names.find(&name_key(ecosystem, &name))? else {
            return Ok(Vec::new());
        };
        self.rows_in(span)
    }

    pub(super) fn rows_in(&self, span: Range<u64>) -> Result<Vec<Row>, Malformed> {
        let broken = || Malformed::Section { section: "rows" };
        let rows = once(&self.rows, || self.segment.section(schema::ROWS))?;
        let (from, to) = (
            usize::try_from(span.start).map_err(|_| broken())?,
            usize::try_from(span.end).map_err(|_| broken())?,
        );
        let mut cursor = Cursor::new(rows.get(from..to).ok_or_else(broken)?, "rows");
        let count = cursor.count()?;
        let mut out = Vec::with_capacity(count);
        let mut advisory = 0_u32;
        for _ in 0..count {
            advisory = advisory.checked_add(cursor.small()?).ok_or_else(broken)?;
            out.push(Row {
                advisory,
                program: cursor.small()?,
                qualifier: cursor.small()?,
            });
        }
        Ok(out)
    }

    /// Tells whether any record names a package.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn has(&self, ecosystem: &Ecosystem, name: &str) -> Result<bool, Malformed> {
        let name = ecosystem.family.normalise(name);
        Ok(self.names.find(&name_key(ecosystem, &name))?.is_some())
    }

    /// Returns the packages that one of these records names, in order; reads the rows of every package.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn named_by(
        &self,
        advisories: &BTreeSet<u32>,
    ) -> Result<Vec<(Ecosystem, String)>, Malformed> {
        let broken = || Malformed::Section { section: "names" };
        let mut out = Vec::new();
        if advisories.is_empty() {
            return Ok(out);
        }
        self.names.each(|key, span| {
            let named = self.rows_in(span)?;
            if named.iter().any(|row| advisories.contains(&row.advisory)) {
                let (family, rest) = key.split_first().ok_or_else(broken)?;
                let text = std::str::from_utf8(rest).map_err(|_| broken())?;
                let (release, name) = text.split_once('\0').ok_or_else(broken)?;
                let family = Family::from_number(*family).ok_or_else(broken)?;
                out.push((Ecosystem::release(family, release), name.to_owned()));
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// Returns affected versions.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn program(&self, number: u32) -> Result<Program, Malformed> {
        let programs = once(&self.programs, || {
            Items::open(self.segment.section(schema::PROGRAMS)?, "ranges")
        })?;
        let mut cursor = programs.get(number)?;
        let broken = || Malformed::Section { section: "ranges" };
        let count = cursor.count()?;
        let mut program = Program {
            intervals: Vec::with_capacity(count),
            listed: Vec::new(),
        };
        for _ in 0..count {
            let start = cursor.small()?.checked_sub(1);
            let bound = match cursor.byte()? {
                0 => Bound::Open,
                1 => Bound::Fixed(cursor.small()?),
                2 => Bound::Limit(cursor.small()?),
                3 => Bound::LastAffected(cursor.small()?),
                _ => return Err(broken()),
            };
            program.intervals.push((start, bound));
        }
        let count = cursor.count()?;
        let mut number = 0_u32;
        for _ in 0..count {
            number = number.checked_add(cursor.small()?).ok_or_else(broken)?;
            program.listed.push(number);
        }
        Ok(program)
    }

    /// Returns the text of a version.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn version(&self, number: u32) -> Result<String, Malformed> {
        let versions = once(&self.versions, || {
            Strings::open(self.segment.section(schema::VERSIONS)?, "versions")
        })?;
        versions.text(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// Returns what a row says besides the versions.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn qualifier(&self, number: u32) -> Result<&Qualifier, Malformed> {
        let qualifiers = once(&self.qualifiers, || {
            let bytes = self.segment.section(schema::QUALIFIERS)?;
            let mut cursor = Cursor::new(&bytes, "qualifiers");
            let count = cursor.count()?;
            (0..count).map(|_| Qualifier::read(&mut cursor)).collect()
        })?;
        usize::try_from(number)
            .ok()
            .and_then(|number| qualifiers.get(number))
            .ok_or(Malformed::Section {
                section: "qualifiers",
            })
    }

    /// Returns what the index says of an advisory itself.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn head(&self, number: u32) -> Result<Head, Malformed> {
        let heads = once(&self.heads, || {
            Items::open(self.segment.section(schema::HEADS)?, "advisories")
        })?;
        let ids = once(&self.ids, || {
            Strings::open(self.segment.section(schema::IDS)?, "ids")
        })?;
        let mut cursor = heads.get(number)?;
        let broken = || Malformed::Section {
            section: "advisories",
        };
        let id = |cursor: &mut Cursor<'_>| {
            ids.text(usize::try_from(cursor.number()?).unwrap_or(usize::MAX))
        };
        let name = id(&mut cursor)?;
        let feed = Feed::from_number(cursor.byte()?).ok_or_else(broken)?;
        let class = match cursor.byte()? {
            0 => Class::Vulnerability,
            1 => Class::Malicious,
            2 => Class::Informational,
            _ => return Err(broken()),
        };
        let withdrawn = cursor.byte()? != 0;
        let label = match cursor.byte()?.checked_sub(1) {
            None => None,
            Some(number) => Some(Severity::from_number(number).ok_or_else(broken)?),
        };
        let score = read_score(&mut cursor)?;
        let (published, modified) = (
            cursor.small()?.checked_sub(1),
            cursor.small()?.checked_sub(1),
        );
        let mut list = || -> Result<Vec<String>, Malformed> {
            let count = cursor.count()?;
            (0..count).map(|_| id(&mut cursor)).collect()
        };
        let (aliases, contains) = (list()?, list()?);
        Ok(Head {
            id: name,
            feed,
            class,
            withdrawn,
            label,
            score,
            published,
            modified,
            aliases,
            contains,
        })
    }

    /// Returns the advisories that bear or name an id.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn records(&self, id: &str) -> Result<Vec<u32>, Malformed> {
        Ok(self
            .naming(id)?
            .into_iter()
            .map(|(number, _)| number)
            .collect())
    }

    /// Returns the live advisories that speak of this CVE and no other, and say how bad it is.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn raters(&self, cve: &str) -> Result<Vec<u32>, Malformed> {
        let naming = self.naming(cve)?.into_iter();
        Ok(naming
            .filter_map(|(number, rates)| rates.then_some(number))
            .collect())
    }

    fn naming(&self, id: &str) -> Result<Vec<(u32, bool)>, Malformed> {
        let ids = once(&self.ids, || {
            Strings::open(self.segment.section(schema::IDS)?, "ids")
        })?;
        let Some((_, span)) = ids.find(id.as_bytes())? else {
            return Ok(Vec::new());
        };
        let broken = || Malformed::Section { section: "ids" };
        let by_id = once(&self.by_id, || self.segment.section(schema::BY_ID))?;
        let (from, to) = (
            usize::try_from(span.start).map_err(|_| broken())?,
            usize::try_from(span.end).map_err(|_| broken())?,
        );
        let mut cursor = Cursor::new(by_id.get(from..to).ok_or_else(broken)?, "ids");
        let count = cursor.count()?;
        let (mut out, mut advisory) = (Vec::with_capacity(count), 0_u32);
        for _ in 0..count {
            let step = cursor.number()?;
            let number = u32::try_from(step >> 1).map_err(|_| broken())?;
            advisory = advisory.checked_add(number).ok_or_else(broken)?;
            out.push((advisory, step & 1 == 1));
        }
        Ok(out)
    }

    /// Returns the name spaces that the database holds something of, in their order.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn ecosystems(&self) -> Result<&[Listed], Malformed> {
        let listed = once(&self.ecosystems, || {
            let bytes = self.segment.section(schema::ECOSYSTEMS)?;
            let mut cursor = Cursor::new(&bytes, "ecosystems");
            let count = cursor.count()?;
            (0..count).map(|_| listed(&mut cursor)).collect()
        })?;
        Ok(listed)
    }

    /// Returns how many advisories there are.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub(super) fn advisories(&self) -> Result<u32, Malformed> {
        let heads = once(&self.heads, || {
            Items::open(self.segment.section(schema::HEADS)?, "advisories")
        })?;
        u32::try_from(heads.len()).map_err(|_| Malformed::Section {
            section: "advisories",
        })
    }
}

fn listed(cursor: &mut Cursor<'_>) -> Result<Listed, Malformed> {
    let broken = || Malformed::Section {
        section: "ecosystems",
    };
    let (family, release) = cursor.bytes()?.split_first().ok_or_else(broken)?;
    let family = Family::from_number(*family).ok_or_else(broken)?;
    let release = std::str::from_utf8(release).map_err(|_| broken())?;
    Ok(Listed {
        ecosystem: Ecosystem::release(family, release),
        packages: cursor.number()?,
        rows: cursor.number()?,
        newest: cursor.small()?.checked_sub(1),
        feeds: cursor
            .bytes()?
            .iter()
            .map(|number| Feed::from_number(*number).ok_or_else(broken))
            .collect::<Result<_, _>>()?,
    })
}
