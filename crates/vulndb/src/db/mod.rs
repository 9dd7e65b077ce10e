//! The database: immutable segments, built once and read without a copy of the feeds.
//!
//! A segment is a file of named sections (see `container`). The index segment answers which advisories speak of a package; the details
//! segment says more about an advisory. Both are a function of the records that went in and nothing else: the same input gives the same bytes.
//! Every offset, length and number read is checked: a malicious database gives an error, never a panic or a large allocation.

mod build;
mod container;
mod details;
mod manifest;
mod open;
mod schema;
pub mod signals;
mod store;
mod strings;
mod varint;

pub use build::{Builder, Built, Summary};
pub use container::Malformed;
pub use details::{Detail, Details};
pub use manifest::{FORMAT, FeedCount, Kind, Manifest, SegmentRef};
pub use open::{Bound, Head, Index, Listed, Program, Row};
pub use schema::Qualifier;
pub use store::{
    Error, Opened, Record, State, Trust, install, open, open_current, state, trust, write,
};
