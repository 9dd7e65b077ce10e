//! `fetch.json`: what a folder of downloaded feeds says of where its files came from and when.
//!
//! Whoever downloads writes it, for the next download and for the time of a database that is built of the folder. It is no feed. Nothing is opened here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{Error, json, within};

/// Is its name, at the top of the folder.
pub const NAME: &str = "fetch.json";
/// Begins the names of what a download works with; nothing of it is a feed.
pub const UNFINISHED: &str = ".fetch-";
/// A record of this size is read: ten thousand files with some 400 bytes each.
pub const MAX_RECORD: usize = 4 << 20;

/// Says where the files of a folder came from, by their paths below it, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetched {
    /// The files.
    pub files: BTreeMap<String, File>,
}

/// Says where a file came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    /// The feed that it belongs to.
    pub feed: String,
    /// The address that was asked.
    pub url: String,
    /// When its publisher last said that this is the newest, in whole seconds.
    pub time: Timestamp,
    /// The entity tag of its state (RFC 9110 §8.8.3), where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The date of its last change (RFC 9110 §8.8.2), where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The SHA-256 of its bytes, as hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

impl Fetched {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`Error`] where it is too large or no record.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        within(bytes, MAX_RECORD)?;
        json(bytes, "fetch.json")
    }

    /// Writes the record, the same bytes for the same content.
    ///
    /// # Errors
    ///
    /// [`Error::Json`], which no content brings about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|source| Error::Json {
            format: "fetch.json",
            source,
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Returns the newest time that is not after `limit`, and how many files claim a later one.
    #[must_use]
    pub fn newest(&self, limit: Timestamp) -> (Option<Timestamp>, usize) {
        let times = || self.files.values().map(|file| file.time);
        (
            times().filter(|time| *time <= limit).max(),
            times().filter(|time| *time > limit).count(),
        )
    }

    /// Returns the oldest time.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.files.values().map(|file| file.time).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(time: &str) -> File {
        File {
            feed: "kev".to_owned(),
            url: "https://feeds.example/kev.json".to_owned(),
            time: time.parse().expect("a time"),
            etag: Some("\"a\"".to_owned()),
            last_modified: None,
            sha256: "00".to_owned(),
            size: 1,
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut fetched = Fetched::default();
        for (path, time) in [
            ("kev/a.json", "2026-01-02T03:04:05Z"),
            ("b/c.zip", "2026-01-03T00:00:00Z"),
        ] {
            fetched.files.insert(path.to_owned(), file(time));
        }
        let bytes = fetched.to_bytes().expect("a record");
        assert_eq!(Fetched::parse(&bytes).expect("a record"), fetched);
        let text = String::from_utf8(bytes).expect("text");
        assert!(
            text.starts_with("{\n  \"files\": {\n    \"b/c.zip\": {\n      \"feed\": \"kev\""),
            "{text}"
        );
        assert!(
            text.contains("\"time\": \"2026-01-02T03:04:05Z\"")
                && !text.contains("lastModified")
                && text.ends_with("}\n"),
            "{text}"
        );
    }

    #[test]
    fn the_newest_time_is_none_of_the_future() {
        let mut fetched = Fetched::default();
        assert_eq!(fetched.newest(Timestamp::MAX), (None, 0));
        for (path, time) in [
            ("a", "2026-01-01T00:00:00Z"),
            ("b", "2026-01-03T00:00:00Z"),
            ("c", "2027-01-01T00:00:00Z"),
        ] {
            fetched.files.insert(path.to_owned(), file(time));
        }
        let limit = "2026-06-01T00:00:00Z".parse().expect("a time");
        let newest = "2026-01-03T00:00:00Z".parse().expect("a time");
        assert_eq!(fetched.newest(limit), (Some(newest), 1));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for bytes in [
            &b"[]"[..],
            b"{}",
            br#"{"files":{"a":{}}}"#,
            br#"{"files":{},"x":1}"#,
            br#"{"id":"GHSA-1"}"#,
        ] {
            assert!(matches!(
                Fetched::parse(bytes),
                Err(Error::Json {
                    format: "fetch.json",
                    ..
                })
            ));
        }
        assert!(matches!(
            Fetched::parse(&vec![b' '; MAX_RECORD + 1]),
            Err(Error::TooLarge { .. })
        ));
    }
}
