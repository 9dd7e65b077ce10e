//! The document that names a database: when it was built, of what, and its segments by digest.
//!
//! The digest of the manifest's bytes is the identity of the database: the same records and the same time give the same digest.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use toolkit_oci::Digest;

use super::build::Built;
use super::store::Error;

/// Changes when a reader of the former form would misread.
pub const FORMAT: u32 = 2;
/// Days after `created` at which a database that came from elsewhere is refused (the contract, §1).
const EXPIRES_DAYS: i64 = 14;
/// The manifest of the full feeds of 2025 has 3 kB.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// Names a kind of segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Which advisories speak of a package.
    Index,
    /// More about an advisory.
    Details,
    /// What changed in the index since the base.
    Delta,
    /// More about an advisory that changed since the base.
    #[serde(rename = "delta-details")]
    DeltaDetails,
    /// EPSS and KEV.
    Signals,
    /// Statements of VEX documents.
    Vex,
}

impl Kind {
    /// All kinds, in the order in which a manifest names them.
    pub const ALL: [Self; 6] = [
        Self::Index,
        Self::Details,
        Self::Delta,
        Self::DeltaDetails,
        Self::Signals,
        Self::Vex,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Index => "index",
            Self::Details => "details",
            Self::Delta => "delta",
            Self::DeltaDetails => "delta-details",
            Self::Signals => "signals",
            Self::Vex => "vex",
        })
    }
}

/// Names a segment by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRef {
    /// What it holds.
    pub kind: Kind,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Counts what a feed gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedCount {
    /// The feed.
    pub feed: String,
    /// Records, each id once.
    pub records: u64,
    /// Its newest change that is not after `created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
}

/// Describes a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this form.
    pub format: u32,
    /// The time that the records are of.
    pub created: Timestamp,
    /// Rises from one database of a publisher to the next; here the seconds of `created`.
    pub sequence: i64,
    /// When a database that came from elsewhere is refused.
    pub expires: Timestamp,
    /// Whether it is for trials only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// The feeds, by name; scores, exploited vulnerabilities and VEX by their format.
    pub feeds: Vec<FeedCount>,
    /// The segments.
    pub segments: Vec<SegmentRef>,
}

impl Manifest {
    /// Describes what was built.
    #[must_use]
    pub fn of(built: &Built, created: Timestamp) -> Self {
        let advisories = built.summary.feeds.iter();
        let feeds: BTreeMap<String, (u64, Option<Timestamp>)> = advisories
            .map(|(feed, counted)| (feed.to_string(), *counted))
            .chain(
                built
                    .summary
                    .others
                    .iter()
                    .map(|(format, counted)| (format.to_string(), *counted)),
            )
            .collect();
        let lifetime = SignedDuration::from_hours(24 * EXPIRES_DAYS);
        Self {
            format: FORMAT,
            created,
            sequence: created.as_second(),
            expires: created.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            demo: false,
            feeds: feeds
                .into_iter()
                .map(|(feed, (records, newest))| FeedCount {
                    feed,
                    records,
                    newest,
                })
                .collect(),
            segments: built
                .segments()
                .map(|(kind, bytes)| SegmentRef {
                    kind,
                    digest: Digest::sha256(bytes),
                    size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                })
                .collect(),
        }
    }

    /// Returns the bytes that are stored; the fields come in one order.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`] where they cannot be written, which does not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(Error::Manifest)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a manifest.
    ///
    /// # Errors
    ///
    /// [`Error::Manifest`] where it is none, [`Error::Format`] for one of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_slice(bytes).map_err(Error::Manifest)?;
        if version.format != FORMAT {
            return Err(Error::Format {
                found: version.format,
                expected: FORMAT,
            });
        }
        serde_json::from_slice(bytes).map_err(Error::Manifest)
    }

    /// Returns the segment of a kind.
    #[must_use]
    pub fn segment(&self, kind: Kind) -> Option<&SegmentRef> {
        self.segments.iter().find(|segment| segment.kind == kind)
    }
}
