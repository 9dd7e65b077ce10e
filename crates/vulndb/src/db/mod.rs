//! The database: immutable segments, built once and read without a copy of the feeds.
//!
//! A segment is a file of named sections (see `container`). The index segment answers which advisories speak of a package; the details
//! segment says more about an advisory. Both are a function of the records that went in and nothing else: the same input gives the same bytes.
//! A database may also be an earlier one's two segments and the changes since (see `delta` and `layers`), so that a client pulls only those.
//! Every offset, length and number read is checked: a malicious database gives an error, never a panic or a large allocation.

mod admission;
mod artifact;
mod build;
mod container;
mod delta;
mod details;
mod diff;
mod install;
mod layers;
mod manifest;
mod open;
mod schema;
pub mod signals;
mod state;
mod store;
mod strings;
mod varint;
pub mod vex;

pub use admission::{MAX_AGE, Refusal, Rules, age};
pub use artifact::{ARTIFACT_TYPE, MANIFEST_TYPE, Packed, configuration, layers, unpack};
pub use build::{Builder, Built, Summary};
pub use container::Malformed;
pub use details::Detail;
pub use diff::{Changes, FeedChanges, diff};
pub use install::{Installed, Lock, Removed, Staged, gc, install, installed, lock};
pub use layers::{Details, Index};
pub use manifest::{FORMAT, FeedCount, Kind, Manifest, SegmentRef};
pub use open::{Bound, Head, Listed, Program, Row};
pub use schema::Qualifier;
pub use state::{Record, Seen, State, Subscription, Trust, state};
pub use store::{Error, Evidence, Opened, evidence, open, open_current, write};
