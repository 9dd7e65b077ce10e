//! A base and the changes since, asked as one database.
//!
//! The changes are a complete small index of the records that are new or other, and the numbers of the base's records that do not hold any more.
//! Numbers of the changes have the highest bit set, so that every number says where it is from. Answers come in the order of a full build.

use std::collections::BTreeSet;
use std::fs::File;

use crate::advisory::Feed;
use crate::ecosystem::Ecosystem;

use super::container::Malformed;
use super::details::{Detail, DetailLayer};
use super::open::{Bound, Head, Layer, Listed, Program, Row};
use super::schema::{self, Qualifier};
use super::varint::Cursor;

/// Marks numbers of the changes.
const CHANGED: u32 = 1 << 31;

/// Answers which advisories speak of a package.
pub struct Index {
    base: Layer,
    changes: Option<Changed>,
}

struct Changed {
    layer: Layer,
    /// Numbers of the base's advisories that do not hold any more, ascending.
    hidden: Vec<u32>,
}

impl Changed {
    fn hides(&self, number: u32) -> bool {
        self.hidden.binary_search(&number).is_ok()
    }
}

/// Marks a number as one of the changes; one that is marked already is none of a segment.
fn mark(number: u32) -> Result<u32, Malformed> {
    match number & CHANGED {
        0 => Ok(number | CHANGED),
        _ => Err(Malformed::Section { section: "changes" }),
    }
}

impl Index {
    /// Opens an index segment.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn open(file: File) -> Result<Self, Malformed> {
        Ok(Self {
            base: Layer::open(file)?,
            changes: None,
        })
    }

    /// Opens the segment of changes since.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn with_delta(self, file: File) -> Result<Self, Malformed> {
        let layer = Layer::open(file)?;
        let bytes = layer.segment.section(schema::HIDDEN)?;
        let mut cursor = Cursor::new(&bytes, "changes");
        let (mut hidden, mut number) = (Vec::with_capacity(cursor.count()?), 0_u32);
        while cursor.remaining() > 0 {
            number = number
                .checked_add(cursor.small()?)
                .ok_or(Malformed::Section { section: "changes" })?;
            hidden.push(number);
        }
        Ok(Self {
            base: self.base,
            changes: Some(Changed { layer, hidden }),
        })
    }

    /// Returns the layer that a number is of, and the number there.
    fn layer(&self, number: u32) -> Result<(&Layer, u32), Malformed> {
        match (number & CHANGED, &self.changes) {
            (0, _) => Ok((&self.base, number)),
            (_, Some(changes)) => Ok((&changes.layer, number & !CHANGED)),
            (_, None) => Err(Malformed::Section { section: "changes" }),
        }
    }

    /// Sorts by feed and id, as a full build has them.
    fn ordered<T>(&self, items: Vec<T>, number: impl Fn(&T) -> u32) -> Result<Vec<T>, Malformed> {
        let mut keyed = items
            .into_iter()
            .map(|item| {
                let head = self.head(number(&item))?;
                Ok(((head.feed, head.id), item))
            })
            .collect::<Result<Vec<((Feed, String), T)>, Malformed>>()?;
        keyed.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }

    /// Returns the JSON document that describes the database.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it cannot be read.
    pub fn meta(&self) -> Result<Vec<u8>, Malformed> {
        match &self.changes {
            Some(changes) => changes.layer.meta(),
            None => self.base.meta(),
        }
    }

    /// Returns how many packages are named.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn packages(&self) -> Result<u64, Malformed> {
        Ok(self.ecosystems()?.iter().map(|one| one.packages).sum())
    }

    /// Returns the rows of a package, by advisory; none for a package that no record names.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn rows(&self, ecosystem: &Ecosystem, name: &str) -> Result<Vec<Row>, Malformed> {
        let mut rows = self.base.rows(ecosystem, name)?;
        let Some(changes) = &self.changes else {
            return Ok(rows);
        };
        rows.retain(|row| !changes.hides(row.advisory));
        let more = changes.layer.rows(ecosystem, name)?;
        if more.is_empty() {
            return Ok(rows);
        }
        for row in more {
            rows.push(Row {
                advisory: mark(row.advisory)?,
                program: mark(row.program)?,
                qualifier: mark(row.qualifier)?,
            });
        }
        self.ordered(rows, |row| row.advisory)
    }

    /// Tells whether any record names a package.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn has(&self, ecosystem: &Ecosystem, name: &str) -> Result<bool, Malformed> {
        let Some(changes) = &self.changes else {
            return self.base.has(ecosystem, name);
        };
        if changes.layer.has(ecosystem, name)? {
            return Ok(true);
        }
        let rows = self.base.rows(ecosystem, name)?;
        let named = rows.iter().any(|row| !changes.hides(row.advisory));
        Ok(named || (rows.is_empty() && self.base.has(ecosystem, name)?))
    }

    /// Returns the packages that one of these records names, in order; reads the rows of every package.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn named_by(
        &self,
        advisories: &BTreeSet<u32>,
    ) -> Result<Vec<(Ecosystem, String)>, Malformed> {
        let Some(changes) = &self.changes else {
            return self.base.named_by(advisories);
        };
        let base = advisories
            .iter()
            .filter(|number| **number & CHANGED == 0 && !changes.hides(**number));
        let changed = advisories.iter().filter(|number| **number & CHANGED != 0);
        let mut names = self.base.named_by(&base.copied().collect())?;
        let changed: BTreeSet<u32> = changed.map(|number| number & !CHANGED).collect();
        names.extend(changes.layer.named_by(&changed)?);
        names.sort_unstable_by(|left, right| {
            schema::name_key(&left.0, &left.1).cmp(&schema::name_key(&right.0, &right.1))
        });
        names.dedup();
        Ok(names)
    }

    /// Returns affected versions.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn program(&self, number: u32) -> Result<Program, Malformed> {
        let (layer, own) = self.layer(number)?;
        let mut program = layer.program(own)?;
        if number & CHANGED != 0 {
            for (start, bound) in &mut program.intervals {
                *start = start.map(mark).transpose()?;
                match bound {
                    Bound::Open => {}
                    Bound::Fixed(version)
                    | Bound::Limit(version)
                    | Bound::LastAffected(version) => *version = mark(*version)?,
                }
            }
            for version in &mut program.listed {
                *version = mark(*version)?;
            }
        }
        Ok(program)
    }

    /// Returns the text of a version.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn version(&self, number: u32) -> Result<String, Malformed> {
        let (layer, own) = self.layer(number)?;
        layer.version(own)
    }

    /// Returns what a row says besides the versions.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn qualifier(&self, number: u32) -> Result<&Qualifier, Malformed> {
        let (layer, own) = self.layer(number)?;
        layer.qualifier(own)
    }

    /// Returns what the index says of an advisory itself.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn head(&self, number: u32) -> Result<Head, Malformed> {
        let (layer, own) = self.layer(number)?;
        layer.head(own)
    }

    /// Returns the advisories that bear or name an id.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn records(&self, id: &str) -> Result<Vec<u32>, Malformed> {
        self.of_id(id, Layer::records)
    }

    /// Returns the live advisories that speak of this CVE and no other, and say how bad it is.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn raters(&self, cve: &str) -> Result<Vec<u32>, Malformed> {
        self.of_id(cve, Layer::raters)
    }

    fn of_id(
        &self,
        id: &str,
        find: impl Fn(&Layer, &str) -> Result<Vec<u32>, Malformed>,
    ) -> Result<Vec<u32>, Malformed> {
        let mut numbers = find(&self.base, id)?;
        let Some(changes) = &self.changes else {
            return Ok(numbers);
        };
        numbers.retain(|number| !changes.hides(*number));
        let more = find(&changes.layer, id)?;
        if more.is_empty() {
            return Ok(numbers);
        }
        for number in more {
            numbers.push(mark(number)?);
        }
        self.ordered(numbers, |number| *number)
    }

    /// Returns the name spaces that the database holds something of, in their order.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn ecosystems(&self) -> Result<&[Listed], Malformed> {
        match &self.changes {
            // Counted over the whole when the changes were made.
            Some(changes) => changes.layer.ecosystems(),
            None => self.base.ecosystems(),
        }
    }

    /// Returns the numbers of all advisories that hold.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn numbers(&self) -> Result<impl Iterator<Item = u32> + '_, Malformed> {
        let changes = self.changes.as_ref();
        let changed = changes.map_or(Ok(0), |changes| changes.layer.advisories())?;
        let base = (0..self.base.advisories()?)
            .filter(move |number| !changes.is_some_and(|changes| changes.hides(*number)));
        Ok(base.chain((0..changed).map(|number| number | CHANGED)))
    }

    /// Returns how many advisories there are.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn advisories(&self) -> Result<u32, Malformed> {
        u32::try_from(self.numbers()?.count()).map_err(|_| Malformed::Section {
            section: "advisories",
        })
    }
}

/// Reads more about an advisory.
pub struct Details {
    base: DetailLayer,
    changes: Option<DetailLayer>,
}

impl Details {
    /// Opens a details segment; reads its table.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn open(file: File) -> Result<Self, Malformed> {
        Ok(Self {
            base: DetailLayer::open(file)?,
            changes: None,
        })
    }

    /// Opens the details of the changes since.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where it is none.
    pub fn with_delta(self, file: File) -> Result<Self, Malformed> {
        Ok(Self {
            base: self.base,
            changes: Some(DetailLayer::open(file)?),
        })
    }

    fn layer(&self, number: u32) -> Result<(&DetailLayer, u32), Malformed> {
        match (number & CHANGED, &self.changes) {
            (0, _) => Ok((&self.base, number)),
            (_, Some(changes)) => Ok((changes, number & !CHANGED)),
            (_, None) => Err(Malformed::Section { section: "details" }),
        }
    }

    /// Returns the details of the advisory with this number in the index.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment does not hold it.
    pub fn get(&self, number: u32) -> Result<Detail, Malformed> {
        let (layer, own) = self.layer(number)?;
        layer.get(own)
    }

    /// Returns the digest of the record with this number in the index. All digests are read with the first.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment does not hold it.
    pub fn digest(&self, number: u32) -> Result<[u8; 32], Malformed> {
        let (layer, own) = self.layer(number)?;
        layer.digest(own)
    }
}
