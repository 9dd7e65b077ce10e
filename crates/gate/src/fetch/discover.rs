//! Finds the files of publishers that keep lists of them.

use toolkit_vulndb::feed::{self, Format, listing};

use super::address::Addresses;
use super::error::FetchError;
use super::feeds::{LIST, SECDB, UPDATEINFO};

/// Amazon's host: its lists may name no other.
const AMAZON: &str = "cdn.amazonlinux.com";

/// A file to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its publisher's address.
    pub(super) url: String,
    /// Its path in the folder, with `/`.
    pub(super) path: String,
    /// What it must be.
    pub(super) format: Format,
    /// Bytes that are taken.
    pub(super) limit: u64,
    /// The SHA-256 that its publisher's list names.
    pub(super) sha256: Option<String>,
}

/// Lists the documents of every branch that Alpine's listing links to.
pub(super) fn alpine(
    addresses: &Addresses<'_>,
    folder: &str,
    index: &str,
    repositories: &[&str],
) -> Result<Vec<Wanted>, FetchError> {
    let branches = list(addresses, index, listing::branches)?;
    let document = |branch: &String, repository: &&str| Wanted {
        url: format!("{index}{branch}/{repository}.json"),
        path: format!("{folder}/{branch}/{repository}.json"),
        format: Format::Secdb,
        limit: SECDB,
        sha256: None,
    };
    Ok(branches
        .iter()
        .flat_map(|branch| repositories.iter().map(move |name| document(branch, name)))
        .collect())
}

/// Lists the mirror lists of Amazon's extras, each with its folder.
pub(super) fn extras(
    addresses: &Addresses<'_>,
    catalogue: &str,
    extra: &str,
    folder: &str,
) -> Result<Vec<(String, String)>, FetchError> {
    let names = list(addresses, catalogue, listing::extras)?;
    let place = |name: &String| (extra.replace("{}", name), format!("{folder}/{name}"));
    Ok(names.iter().map(place).collect())
}

/// Finds the advisories of one of Amazon's repositories; none where it has none.
pub(super) fn repository(
    addresses: &Addresses<'_>,
    mirrors: &str,
    folder: &str,
) -> Result<Option<Wanted>, FetchError> {
    let mirror = list(addresses, mirrors, listing::mirror)?;
    let host = format!("https://{AMAZON}/");
    if !mirror.starts_with(&host) {
        return Err(FetchError::Elsewhere {
            list: addresses.of(mirrors),
            found: mirror,
            expected: AMAZON,
        });
    }
    let repomd = format!("{mirror}/repodata/repomd.xml");
    let Some(found) = list(addresses, &repomd, listing::updateinfo)? else {
        return Ok(None);
    };
    // The names of files carry digests in some repositories; here they stay the same, so that a newer one takes the place of the former.
    let packed = ["gz", "zst"]
        .into_iter()
        .find(|end| found.href.rsplit('.').next() == Some(*end));
    Ok(Some(Wanted {
        url: format!("{mirror}/{}", found.href),
        path: match packed {
            Some(end) => format!("{folder}/updateinfo.xml.{end}"),
            None => format!("{folder}/updateinfo.xml"),
        },
        format: Format::Updateinfo,
        limit: UPDATEINFO,
        sha256: found.sha256,
    }))
}

fn list<T>(
    addresses: &Addresses<'_>,
    url: &str,
    parse: impl Fn(&[u8]) -> Result<T, feed::Error>,
) -> Result<T, FetchError> {
    let bytes = addresses.file(url)?.read(LIST)?;
    parse(&bytes).map_err(|source| FetchError::NotTheList {
        url: addresses.of(url),
        source,
    })
}
