//! The feeds of advisories, brought from their publishers into the folder that a database is built of.
//!
//! [`feeds`] has the publishers, one table · `address` says where a file is asked for · `discover` finds the files of publishers that keep lists of them ·
//! `file` brings one file: under conditions, resumed, bounded, checked, renamed into place · `record` keeps `fetch.json` · [`fetch()`] does all of it.
//!
//! HTTP is `toolkit-oci`'s, formats are `toolkit-vulndb`'s. What is fetched is not signed by anybody: whoever serves it decides what is known.

mod address;
mod discover;
mod error;
mod feeds;
mod file;
mod journey;
mod record;

pub use error::FetchError;
pub use feeds::{FEEDS, Feed, feeds};
pub use journey::{Failure, Fetch, Fetched, FileState, fetch};
