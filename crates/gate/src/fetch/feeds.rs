//! The publishers: which feeds there are, where their files are, where they go in the folder, and how much is taken of each.

use toolkit_vulndb::feed::{Format, epss, kev, listing, secdb, updateinfo};

use super::error::FetchError;

/// Bytes of an export of OSV.dev that are taken: the largest, npm's, had 222 MB in September 2026.
const EXPORT: u64 = 4 << 30;

/// Names a feed and where its publisher has it.
#[derive(Debug)]
pub struct Feed {
    /// Its name, and that of its folder.
    pub name: &'static str,
    pub(super) places: Places,
}

/// Where the files of a feed are.
#[derive(Debug)]
pub(super) enum Places {
    /// One file.
    One(Place),
    /// What Alpine's listing links to: a document for each repository of a branch.
    Alpine {
        /// The listing.
        index: &'static str,
        /// The repositories of a branch.
        repositories: &'static [&'static str],
    },
    /// The repositories of Amazon Linux, each found through its mirror list.
    Amazon {
        /// Every mirror list with the folder of its repository.
        lists: &'static [(&'static str, &'static str)],
        /// The catalogue of extras.
        extras: &'static str,
        /// The mirror list of an extra, its name for `{}`.
        extra: &'static str,
        /// Where the folder of extras is.
        folder: &'static str,
    },
}

/// One file of a publisher.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its address.
    pub(super) url: &'static str,
    /// Its name in the folder of the feed.
    pub(super) name: &'static str,
    /// What it must be.
    pub(super) format: Format,
    /// Bytes that are taken.
    pub(super) limit: u64,
}

/// Returns the number of bytes that a reader takes; where it is packed, its packed form is no larger.
pub(super) const fn bytes(limit: usize) -> u64 {
    #[expect(
        clippy::as_conversions,
        reason = "no target has addresses of more than 64 bits, and `From` is not const"
    )]
    let bytes = limit as u64;
    bytes
}

/// Bytes of a list of files.
pub(super) const LIST: u64 = bytes(listing::MAX_LIST);
/// Bytes of a secdb document.
pub(super) const SECDB: u64 = bytes(secdb::MAX_DOCUMENT);
/// Bytes of an `updateinfo.xml`.
pub(super) const UPDATEINFO: u64 = bytes(updateinfo::MAX_DOCUMENT);

/// Ecosystems of OSV.dev, whose exports are at `<ecosystem>/all.zip` (google.github.io/osv.dev/data).
macro_rules! osv {
    ($name:literal, $ecosystem:literal) => {
        Feed {
            name: $name,
            places: Places::One(Place {
                url: concat!(
                    "https://osv-vulnerabilities.storage.googleapis.com/",
                    $ecosystem,
                    "/all.zip"
                ),
                name: "all.zip",
                format: Format::Osv,
                limit: EXPORT,
            }),
        }
    };
}

const fn one(
    name: &'static str,
    url: &'static str,
    file: &'static str,
    format: Format,
    limit: u64,
) -> Feed {
    Feed {
        name,
        places: Places::One(Place {
            url,
            name: file,
            format,
            limit,
        }),
    }
}

/// Every feed. The largest come first, so that they do not come last when several are fetched at once.
pub const FEEDS: &[Feed] = &[
    // GitHub's advisories and the malicious packages of OpenSSF are in the exports of their ecosystems.
    osv!("npm", "npm"),
    osv!("ubuntu", "Ubuntu"),
    osv!("debian", "Debian"),
    osv!("redhat", "Red%20Hat"),
    osv!("suse", "SUSE"),
    osv!("opensuse", "openSUSE"),
    osv!("pypi", "PyPI"),
    osv!("maven", "Maven"),
    osv!("go", "Go"),
    osv!("packagist", "Packagist"),
    osv!("nuget", "NuGet"),
    osv!("rubygems", "RubyGems"),
    osv!("crates.io", "crates.io"),
    osv!("hex", "Hex"),
    osv!("pub", "Pub"),
    osv!("swift", "SwiftURL"),
    osv!("github-actions", "GitHub%20Actions"),
    osv!("bitnami", "Bitnami"),
    osv!("almalinux", "AlmaLinux"),
    osv!("rocky", "Rocky%20Linux"),
    Feed {
        name: "amazon",
        // Amazon Linux 1 is served over plain HTTP only, 2022 was a preview.
        places: Places::Amazon {
            lists: &[
                (
                    "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
                    "2/core",
                ),
                (
                    "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list",
                    "2023/core",
                ),
                (
                    "https://cdn.amazonlinux.com/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list",
                    "2023/kernel-livepatch",
                ),
            ],
            extras: "https://cdn.amazonlinux.com/2/extras-catalog.json",
            extra: "https://cdn.amazonlinux.com/2/extras/{}/latest/x86_64/mirror.list",
            folder: "2/extras",
        },
    },
    Feed {
        name: "alpine",
        places: Places::Alpine {
            index: "https://secdb.alpinelinux.org/",
            repositories: &["main", "community"],
        },
    },
    one(
        "wolfi",
        "https://packages.wolfi.dev/os/security.json",
        "security.json",
        Format::Secdb,
        SECDB,
    ),
    one(
        "chainguard",
        "https://packages.cgr.dev/chainguard/security.json",
        "security.json",
        Format::Secdb,
        SECDB,
    ),
    one(
        "epss",
        "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        "epss_scores-current.csv.gz",
        Format::Epss,
        bytes(epss::MAX_TABLE),
    ),
    one(
        "kev",
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "known_exploited_vulnerabilities.json",
        Format::Kev,
        bytes(kev::MAX_CATALOGUE),
    ),
];

/// Finds feeds by their names, each once and in the order of the table; no names are all.
///
/// # Errors
/// [`FetchError::UnknownFeed`] for the first that there is none of.
pub fn feeds(names: &[String]) -> Result<Vec<&'static Feed>, FetchError> {
    let is_known = |name: &&String| FEEDS.iter().any(|feed| feed.name == name.as_str());
    if let Some(found) = names.iter().find(|name| !is_known(name)) {
        let mut known: Vec<_> = FEEDS.iter().map(|feed| feed.name).collect();
        known.sort_unstable();
        return Err(FetchError::UnknownFeed {
            found: found.clone(),
            known,
        });
    }
    let is_wanted =
        |feed: &&Feed| names.is_empty() || names.iter().any(|name| name.as_str() == feed.name);
    Ok(FEEDS.iter().filter(is_wanted).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_feed_has_a_name_and_addresses_of_its_own() {
        let names: BTreeSet<_> = FEEDS.iter().map(|feed| feed.name).collect();
        assert_eq!((names.len(), FEEDS.len()), (26, 26));
        let mut addresses = BTreeSet::new();
        for feed in FEEDS {
            let all: Vec<&str> = match &feed.places {
                Places::One(place) => {
                    assert!(
                        place.limit > 0 && !place.name.contains('/'),
                        "{}",
                        feed.name
                    );
                    vec![place.url]
                }
                Places::Alpine { index, .. } => vec![index],
                Places::Amazon {
                    lists,
                    extras,
                    extra,
                    ..
                } => {
                    let lists = lists.iter().map(|(url, _)| *url);
                    lists.chain([*extras, *extra]).collect()
                }
            };
            for url in all {
                assert!(
                    url.starts_with("https://") && addresses.insert(url),
                    "{url}"
                );
            }
        }
    }

    #[test]
    fn feeds_are_found_by_name() {
        let found = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            feeds(&names).map(|feeds| feeds.iter().map(|feed| feed.name).collect::<Vec<_>>())
        };
        assert_eq!(found(&[]).expect("all").len(), FEEDS.len());
        assert_eq!(found(&["kev", "npm", "kev"]).expect("two"), ["npm", "kev"]);
        let Err(FetchError::UnknownFeed { found, known }) = found(&["npm", "NPM"]) else {
            panic!("a name that is none");
        };
        assert_eq!(found, "NPM");
        assert_eq!(known.len(), FEEDS.len());
        assert!(known.is_sorted());
    }
}
