//! Version order of every ecosystem, as byte keys that compare as the versions do.
//!
//! One engine: each scheme turns a version into a [`Key`] once, and every later question (range, sort, database search) is a
//! comparison of bytes. Schemes live in one file each and follow the ecosystem's own specification or tool, named there. What a scheme cannot
//! order is an error, never a guess: the caller reports it as undetermined. Ranges are not interpreted here.

mod apk;
mod composer;
mod debian;
mod golang;
mod key;
mod maven;
mod nuget;
mod pep440;
mod rpm;
mod rubygems;
mod semver;

use std::cmp::Ordering;
use std::fmt;

pub use key::Key;

/// The longest version that is looked at, in bytes. The longest in the advisory feeds of 2025 has 129; the limit keeps a hostile one cheap.
pub const MAX_LENGTH: usize = 512;

/// Names a version order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0 with the tolerance of npm and Cargo: a leading `v`, missing parts, numbers of any size.
    SemVer,
    /// Semantic Versioning as Dart's pub orders it: build metadata counts.
    Pub,
    /// Semantic Versioning as Elixir's Hex demands it: three parts, no leading `v`.
    Hex,
    /// Go modules, pseudo-versions and toolchain versions (`go1.21rc2`).
    Go,
    /// Python's PEP 440, with setuptools' order for what came before it.
    Pep440,
    /// Maven's `ComparableVersion`.
    Maven,
    /// RubyGems' `Gem::Version`.
    RubyGems,
    /// NuGet: four numeric parts and a case-insensitive prerelease.
    NuGet,
    /// Composer, on PHP's `version_compare`.
    Composer,
    /// Debian policy §5.6.12, as dpkg compares.
    Debian,
    /// RPM's epoch, version and release, with `~` and `^`.
    Rpm,
    /// Alpine's apk-tools.
    Apk,
}

/// Tells why a version has no place in its scheme's order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unordered {
    /// The version is empty.
    #[error("the version is empty")]
    Empty,
    /// The version is longer than [`MAX_LENGTH`].
    #[error("the version has {found} bytes, at most {limit} are read")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The version does not follow the scheme's grammar.
    #[error("`{version}` is no {scheme} version: {expected}")]
    Malformed {
        /// The scheme asked.
        scheme: Scheme,
        /// The version as given.
        version: String,
        /// What the grammar wants.
        expected: &'static str,
    },
}

impl Scheme {
    /// Every scheme, in declaration order.
    pub const ALL: [Self; 12] = [
        Self::SemVer,
        Self::Pub,
        Self::Hex,
        Self::Go,
        Self::Pep440,
        Self::Maven,
        Self::RubyGems,
        Self::NuGet,
        Self::Composer,
        Self::Debian,
        Self::Rpm,
        Self::Apk,
    ];

    /// Returns the key of `version`: keys of one scheme compare, as bytes, as its versions do.
    ///
    /// # Errors
    ///
    /// [`Unordered`] where the scheme has no place for it.
    pub fn key(self, version: &str) -> Result<Key, Unordered> {
        let version = version.trim();
        if version.is_empty() {
            return Err(Unordered::Empty);
        }
        if version.len() > MAX_LENGTH {
            return Err(Unordered::TooLong {
                found: version.len(),
                limit: MAX_LENGTH,
            });
        }
        let key = match self {
            Self::SemVer => semver::key(version, semver::Flavour::Tolerant),
            Self::Pub => semver::key(version, semver::Flavour::BuildOrdered),
            Self::Hex => semver::key(version, semver::Flavour::Strict),
            Self::Go => golang::key(version),
            Self::Pep440 => Ok(pep440::key(version)),
            Self::Maven => Ok(maven::key(version)),
            Self::RubyGems => rubygems::key(version),
            Self::NuGet => nuget::key(version),
            Self::Composer => Ok(composer::key(version)),
            Self::Debian => debian::key(version),
            Self::Rpm => Ok(rpm::key(version)),
            Self::Apk => Ok(apk::key(version)),
        };
        key.map_err(|expected| Unordered::Malformed {
            scheme: self,
            version: version.to_owned(),
            expected,
        })
    }

    /// Compares two versions.
    ///
    /// # Errors
    ///
    /// [`Unordered`] for the first of the two that the scheme has no place for.
    pub fn compare(self, left: &str, right: &str) -> Result<Ordering, Unordered> {
        Ok(self.key(left)?.cmp(&self.key(right)?))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SemVer => "semver",
            Self::Pub => "pub",
            Self::Hex => "hex",
            Self::Go => "go",
            Self::Pep440 => "pep440",
            Self::Maven => "maven",
            Self::RubyGems => "rubygems",
            Self::NuGet => "nuget",
            Self::Composer => "composer",
            Self::Debian => "debian",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
        })
    }
}

/// Tells whether apk's grammar has a text, for which its order has a place in any case.
#[must_use]
pub(crate) fn is_apk_version(text: &str) -> bool {
    apk::is_version(text)
}

/// Holds a version of one scheme with its key; ordered by the key.
///
/// Two versions that the ecosystem holds equal (`1.0` and `1.0.0` in Maven) are equal here, whatever their text. Compare only within one
/// scheme.
#[derive(Clone, Debug)]
pub struct Version {
    text: Box<str>,
    key: Key,
}

impl Version {
    /// Reads a version of `scheme`.
    ///
    /// # Errors
    ///
    /// [`Unordered`] where the scheme has no place for it.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, Unordered> {
        Ok(Self {
            text: text.trim().into(),
            key: scheme.key(text)?,
        })
    }

    /// Returns the key that orders it.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
