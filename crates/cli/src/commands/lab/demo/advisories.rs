//! The advisories that the demonstration builds its database of: `testdata/vulndb/records`, inside the program so that it needs no checkout.
//!
//! The database that is committed beside them is marked as one for trials, and the gate refuses it. Here a user builds one of downloaded
//! feeds, so the records are built without that mark: the machine that built a database trusts it.

use super::super::folder::Folder;
use crate::error::Result;

/// The folder with the records, one folder a feed.
pub(super) const ADVISORIES: &str = "advisories";
/// The database that is built of them.
pub(super) const DATABASE: &str = "db";
/// A finding in the image that the policy denies.
pub(super) const FINDING: &str = "CVE-2022-48174";
/// The package that it is in.
pub(super) const PACKAGE: &str = "busybox-static";

macro_rules! records {
    ($($feed:literal),+ $(,)?) => {
        [$((concat!($feed, "/records.jsonl"), include_bytes!(concat!("../../../../../../testdata/vulndb/records/", $feed, "/records.jsonl")).as_slice())),+]
    };
}

const RECORDS: [(&str, &[u8]); 5] = records!["debian", "ghsa", "go", "pypa", "rustsec"];

/// Writes the records into the lab's folder.
///
/// # Errors
/// [`crate::error::Error::Write`].
pub(super) fn write(folder: &Folder) -> Result<()> {
    RECORDS
        .iter()
        .try_for_each(|(name, bytes)| folder.write(&format!("{ADVISORIES}/{name}"), bytes))
}
