//! Lock files of projects: the packages that a build would take, without a build.
//!
//! Reads `Cargo.lock`, `package-lock.json`, `go.mod`, `requirements.txt`, `poetry.lock` and `uv.lock` from bytes. Packages of the project itself
//! (workspace members, paths) are left out; what a file names without saying which release of a public registry it is, is listed as
//! [`Unlisted`], never dropped. Nothing is resolved, and no other file is opened: what a `requirements.txt` includes is named, not followed.

mod cargo;
mod go;
mod npm;
mod poetry;
mod requirements;
mod toml;
mod uv;

use crate::inventory::Fault;
use crate::package::{Ecosystem, Package};
use crate::purl::Purl;

/// Names a kind of lock file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lockfile {
    /// `Cargo.lock`, versions 1 to 4.
    Cargo,
    /// `package-lock.json`, versions 1 to 3.
    Npm,
    /// `go.mod`.
    Go,
    /// `requirements.txt`, and `requirements-dev.txt` and the like.
    Requirements,
    /// `poetry.lock`.
    Poetry,
    /// `uv.lock`.
    Uv,
}

impl Lockfile {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Cargo,
        Self::Npm,
        Self::Go,
        Self::Requirements,
        Self::Poetry,
        Self::Uv,
    ];

    /// Tells the kind from the name of the file, without its directory.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"Cargo.lock" => Self::Cargo,
            b"package-lock.json" => Self::Npm,
            b"go.mod" => Self::Go,
            b"poetry.lock" => Self::Poetry,
            b"uv.lock" => Self::Uv,
            _ if name.starts_with(b"requirements") && name.ends_with(b".txt") => Self::Requirements,
            _ => return None,
        })
    }

    /// Returns the ecosystem of its packages.
    #[must_use]
    pub fn ecosystem(self) -> Ecosystem {
        match self {
            Self::Cargo => Ecosystem::Cargo,
            Self::Npm => Ecosystem::Npm,
            Self::Go => Ecosystem::Go,
            Self::Requirements | Self::Poetry | Self::Uv => Ecosystem::Python,
        }
    }

    /// Reads a file of this kind.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] above [`MAX_BYTES`], [`Fault::TooMany`] above [`MAX_PACKAGES`], [`Fault::Json`] or [`Fault::Lockfile`] where the text is
    /// not of the format.
    pub fn read(self, bytes: &[u8]) -> Result<Contents, Fault> {
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > MAX_BYTES {
            return Err(Fault::TooLarge {
                what: "the lock file",
                limit: MAX_BYTES,
                found,
            });
        }
        let mut list = List::new(self.ecosystem());
        match self {
            Self::Cargo => cargo::read(bytes, &mut list)?,
            Self::Npm => npm::read(bytes, &mut list)?,
            Self::Go => go::read(bytes, &mut list)?,
            Self::Requirements => requirements::read(bytes, &mut list)?,
            Self::Poetry => poetry::read(bytes, &mut list)?,
            Self::Uv => uv::read(bytes, &mut list)?,
        }
        Ok(list.finish())
    }
}

/// Holds what a lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The packages in the order of their package URLs, each URL once.
    pub packages: Vec<Locked>,
    /// What is named and is no known release of a public registry; sorted.
    pub unlisted: Vec<Unlisted>,
    /// Other files of the same kind that belong to this one, as written: `-r` of `requirements.txt`.
    pub includes: Vec<String>,
}

/// Is one package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The package.
    pub package: Package,
    /// What it is needed for.
    pub purpose: Purpose,
}

/// Says what a locked package is needed for, as far as its file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// The program that is made.
    Runtime,
    /// The file does not tell.
    Unknown,
    /// Development alone: tests, linters, build tools.
    Development,
}

/// Is something that a lock file names and that is not among its packages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    /// Its name as written.
    pub name: String,
    /// Why it is not listed.
    pub reason: UnlistedReason,
}

/// Says why something is not among the packages of its lock file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum UnlistedReason {
    /// No single version is named.
    #[error("not pinned to one version")]
    NotPinned,
    /// It is taken from a repository, an archive or a registry of its own: advisories are about the releases of the public one.
    #[error("not from the public registry")]
    Source,
    /// No valid package URL can be made of it.
    #[error("no valid name")]
    Name,
    /// The file lists direct needs only: `go.mod` of a module before Go 1.17.
    #[error("what it needs in turn is not in the file")]
    Incomplete,
}

/// Gathers the entries of one file.
struct List {
    ecosystem: Ecosystem,
    contents: Contents,
    count: usize,
}

impl List {
    fn new(ecosystem: Ecosystem) -> Self {
        Self {
            ecosystem,
            contents: Contents::default(),
            count: 0,
        }
    }

    /// Takes a release of the public registry.
    fn package(&mut self, name: &str, version: &str, purpose: Purpose) -> Result<(), Fault> {
        self.counted()?;
        let (namespace, short) = match self.ecosystem {
            Ecosystem::Npm | Ecosystem::Go => match name.rsplit_once('/') {
                Some((namespace, short)) => (Some(namespace), short),
                None => (None, name),
            },
            _ => (None, name),
        };
        let purl = Purl::builder(self.ecosystem.purl_type(), short)
            .namespace(namespace)
            .version(Some(version))
            .build();
        match purl {
            Ok(purl) if !version.is_empty() => self.contents.packages.push(Locked {
                package: Package::new(self.ecosystem, name, Some(version), purl),
                purpose,
            }),
            _ => self.unlisted_entry(name, UnlistedReason::Name),
        }
        Ok(())
    }

    /// Takes something that is no release of the public registry.
    fn unlisted(&mut self, name: &str, reason: UnlistedReason) -> Result<(), Fault> {
        self.counted()?;
        self.unlisted_entry(name, reason);
        Ok(())
    }

    fn unlisted_entry(&mut self, name: &str, reason: UnlistedReason) {
        self.contents.unlisted.push(Unlisted {
            name: name.to_owned(),
            reason,
        });
    }

    fn include(&mut self, path: &str) -> Result<(), Fault> {
        self.counted()?;
        self.contents.includes.push(path.to_owned());
        Ok(())
    }

    fn counted(&mut self) -> Result<(), Fault> {
        self.count += 1;
        if self.count > MAX_PACKAGES {
            return Err(Fault::TooMany {
                what: "entries in the lock file",
                limit: u64::try_from(MAX_PACKAGES).unwrap_or(u64::MAX),
            });
        }
        Ok(())
    }

    fn finish(self) -> Contents {
        let mut contents = self.contents;
        let packages = &mut contents.packages;
        // Needed at run time wins over needed to develop.
        packages.sort_by(|a, b| (&a.package.purl, a.purpose).cmp(&(&b.package.purl, b.purpose)));
        packages.dedup_by(|later, kept| later.package.purl == kept.package.purl);
        contents.unlisted.sort();
        contents.unlisted.dedup();
        contents
    }
}

/// Returns the text of a file, which all of these formats demand to be UTF-8; a byte order mark is not part of it.
fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| Fault::Malformed {
        what: "UTF-8 text",
        offset: u64::try_from(error.valid_up_to()).unwrap_or(u64::MAX),
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The longest file that is read. The largest lock files in public repositories are `package-lock.json` of some 10 MB.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most entries of a file; ten times what the largest known ones have (some 10,000).
pub const MAX_PACKAGES: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_whole_name() {
        for (name, expected) in [
            ("Cargo.lock", Some(Lockfile::Cargo)),
            ("package-lock.json", Some(Lockfile::Npm)),
            ("go.mod", Some(Lockfile::Go)),
            ("requirements.txt", Some(Lockfile::Requirements)),
            ("requirements-dev.txt", Some(Lockfile::Requirements)),
            ("poetry.lock", Some(Lockfile::Poetry)),
            ("uv.lock", Some(Lockfile::Uv)),
            ("cargo.lock", None),
            (".package-lock.json", None),
            ("requirements.in", None),
            ("dev-requirements.md", None),
            ("go.sum", None),
            ("", None),
        ] {
            assert_eq!(Lockfile::of_name(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn limits_come_before_the_reading() {
        let long = vec![b'\n'; usize::try_from(MAX_BYTES).unwrap_or(usize::MAX) + 1];
        for kind in Lockfile::ALL {
            assert!(
                matches!(kind.read(&long), Err(Fault::TooLarge { .. })),
                "{kind:?}"
            );
            assert!(
                matches!(
                    kind.read(b"\xff"),
                    Err(Fault::Malformed { .. } | Fault::Json { .. })
                ),
                "{kind:?}"
            );
        }
        let many = "a==1\n".repeat(MAX_PACKAGES + 1);
        assert!(matches!(
            Lockfile::Requirements.read(many.as_bytes()),
            Err(Fault::TooMany { limit: 100_000, .. })
        ));
    }

    #[test]
    fn an_entry_is_listed_once_with_its_strongest_purpose() {
        let mut list = List::new(Ecosystem::Npm);
        for purpose in [Purpose::Development, Purpose::Runtime, Purpose::Unknown] {
            assert_eq!(list.package("@a/b", "1.0.0", purpose), Ok(()));
        }
        assert_eq!(list.package("c", "", Purpose::Runtime), Ok(()));
        let contents = list.finish();
        let found: Vec<_> = contents
            .packages
            .iter()
            .map(|one| (one.package.purl.as_str(), one.purpose))
            .collect();
        assert_eq!(found, [("pkg:npm/%40a/b@1.0.0", Purpose::Runtime)]);
        assert_eq!(contents.unlisted.len(), 1);
    }
}
