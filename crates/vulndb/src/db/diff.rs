//! What changed from one database to another, record by record.
//!
//! A record is the same where its feed's bytes are: the details keep their digest. What is made of them may differ between two releases of this
//! program; that is not looked at.

use std::collections::BTreeMap;

use crate::advisory::Feed;

use super::store::{Error, Opened};

/// Lists the changes of one feed, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedChanges {
    /// Records that only the second database has.
    pub added: Vec<String>,
    /// Records that only the first database has.
    pub removed: Vec<String>,
    /// Records that both have, with other bytes; withdrawn ones too.
    pub changed: Vec<String>,
}

/// Lists the changes by feed; a feed without any is left out.
pub type Changes = BTreeMap<Feed, FeedChanges>;

/// Compares two databases.
///
/// # Errors
///
/// [`Error`] where one of them cannot be read.
pub fn diff(first: &Opened, second: &Opened) -> Result<Changes, Error> {
    let mut before = records(first)?;
    let mut changes = Changes::new();
    for (key, digest) in records(second)? {
        let former = before.remove(&key);
        if former == Some(digest) {
            continue;
        }
        let of_feed = changes.entry(key.0).or_default();
        match former {
            Some(_) => of_feed.changed.push(key.1),
            None => of_feed.added.push(key.1),
        }
    }
    for (feed, id) in before.into_keys() {
        changes.entry(feed).or_default().removed.push(id);
    }
    Ok(changes)
}

/// Returns the digest of each record.
fn records(database: &Opened) -> Result<BTreeMap<(Feed, String), [u8; 32]>, Error> {
    let details = database.details()?;
    let index = &database.index;
    let mut records = BTreeMap::new();
    for number in index.numbers()? {
        let head = index.head(number)?;
        records.insert((head.feed, head.id), details.digest(number)?);
    }
    Ok(records)
}
