//! What the sections of the index hold, and how rows, programs, qualifiers and heads are written.
//!
//! | section | holds |
//! |---|---|
//! | 1 meta | JSON: when, which feeds, how many |
//! | 2 names | strings `family byte, release, NUL, name`, span: the rows of that package |
//! | 3 rows | per package, per advisory: head number (difference), program, qualifier |
//! | 4 programs | affected versions: intervals and listed versions by version number |
//! | 5 versions | strings |
//! | 6 qualifiers | claim, fix state, channel, label, score, architectures |
//! | 7 heads | per advisory: id, feed, class, severity, dates, ids of the same and of contained vulnerabilities |
//! | 8 ids | strings: every id that a head names, span: the advisories that name it |
//! | 9 ecosystems | per name space: packages, rows, newest change, feeds |
//! | 10 by id | per id: the advisories that name it, as twice the difference, plus 1 for one that rates it alone |
//! | 11 hidden | only in a segment of changes: the advisories of the base that do not hold any more, by number (differences) |

use crate::affected::{Channel, Claim, FixState};
use crate::severity::{CvssVersion, Severity};

use super::container::Malformed;
use super::varint::{Cursor, put, put_bytes};

pub(super) const META: u32 = 1;
pub(super) const NAMES: u32 = 2;
pub(super) const ROWS: u32 = 3;
pub(super) const PROGRAMS: u32 = 4;
pub(super) const VERSIONS: u32 = 5;
pub(super) const QUALIFIERS: u32 = 6;
pub(super) const HEADS: u32 = 7;
pub(super) const IDS: u32 = 8;
pub(super) const ECOSYSTEMS: u32 = 9;
pub(super) const BY_ID: u32 = 10;
pub(super) const HIDDEN: u32 = 11;

/// The sections of the details segment: a table of blocks, the blocks, and 32 bytes of digest for each record.
pub(super) const DETAIL_TABLE: u32 = 16;
pub(super) const DETAIL_BLOCKS: u32 = 17;
pub(super) const DETAIL_DIGESTS: u32 = 18;

/// Holds what a record says of a package besides the versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qualifier {
    /// Affected, or not affected at all.
    pub claim: Claim,
    /// Whether a fix exists.
    pub fix: FixState,
    /// Who gets the fix.
    pub channel: Channel,
    /// The feed's word for this package.
    pub label: Option<Severity>,
    /// The CVSS score for this package alone: version and tenths.
    pub score: Option<(CvssVersion, u8)>,
    /// Architectures it holds for; empty means all.
    pub architectures: Vec<String>,
    /// Whether the record has ranges that its scheme cannot order.
    pub unordered: bool,
}

impl Qualifier {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(match self.claim {
            Claim::Affected => 0,
            Claim::NotAffected => 1,
        });
        out.push(match self.fix {
            FixState::Unknown => 0,
            FixState::Fixed => 1,
            FixState::NotFixed => 2,
            FixState::WontFix => 3,
        });
        out.push(match self.channel {
            Channel::Base => 0,
            Channel::EsmInfra => 1,
            Channel::EsmApps => 2,
            Channel::Eus => 3,
            Channel::Ltss => 4,
        });
        out.push(self.label.map_or(0, |label| label.number() + 1));
        put_score(out, self.score);
        out.push(u8::from(self.unordered));
        put(out, u64::try_from(self.architectures.len()).unwrap_or(0));
        self.architectures
            .iter()
            .for_each(|architecture| put_bytes(out, architecture.as_bytes()));
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let broken = || Malformed::Section {
            section: "qualifiers",
        };
        let claim = match cursor.byte()? {
            0 => Claim::Affected,
            1 => Claim::NotAffected,
            _ => return Err(broken()),
        };
        let fix = match cursor.byte()? {
            0 => FixState::Unknown,
            1 => FixState::Fixed,
            2 => FixState::NotFixed,
            3 => FixState::WontFix,
            _ => return Err(broken()),
        };
        let channel = match cursor.byte()? {
            0 => Channel::Base,
            1 => Channel::EsmInfra,
            2 => Channel::EsmApps,
            3 => Channel::Eus,
            4 => Channel::Ltss,
            _ => return Err(broken()),
        };
        let label = match cursor.byte()?.checked_sub(1) {
            None => None,
            Some(number) => Some(Severity::from_number(number).ok_or_else(broken)?),
        };
        let score = read_score(cursor)?;
        let unordered = cursor.byte()? != 0;
        let count = cursor.count()?;
        let architectures = (0..count)
            .map(|_| cursor.text().map(str::to_owned))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            claim,
            fix,
            channel,
            label,
            score,
            architectures,
            unordered,
        })
    }
}

/// Writes a CVSS version and the score in tenths, 0 for none.
pub(super) fn put_score(out: &mut Vec<u8>, score: Option<(CvssVersion, u8)>) {
    let Some((version, tenths)) = score else {
        return out.push(0);
    };
    out.push(match version {
        CvssVersion::V2 => 1,
        CvssVersion::V30 => 2,
        CvssVersion::V31 => 3,
        CvssVersion::V4 => 4,
    });
    out.push(tenths);
}

/// Reads what [`put_score`] wrote.
pub(super) fn read_score(cursor: &mut Cursor<'_>) -> Result<Option<(CvssVersion, u8)>, Malformed> {
    let version = match cursor.byte()? {
        0 => return Ok(None),
        1 => CvssVersion::V2,
        2 => CvssVersion::V30,
        3 => CvssVersion::V31,
        4 => CvssVersion::V4,
        _ => return Err(Malformed::Section { section: "scores" }),
    };
    Ok(Some((version, cursor.byte()?)))
}

/// Returns the key of a package name in the names section.
pub(super) fn name_key(ecosystem: &crate::ecosystem::Ecosystem, name: &str) -> Vec<u8> {
    let mut key = vec![ecosystem.family.number()];
    key.extend_from_slice(ecosystem.release.as_bytes());
    key.push(0);
    key.extend_from_slice(name.as_bytes());
    key
}
