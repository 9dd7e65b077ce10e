//! Ecosystems: the name spaces in which advisories name packages, with their version order and their name rules.
//!
//! Names are those of the OSV schema ("Defined ecosystems"): `npm`, `Debian:12`, `Red Hat:enterprise_linux:9::baseos`. Which ecosystem an installed
//! package belongs to is decided in `matching`, not here.

use std::borrow::Cow;
use std::fmt;

use crate::version::Scheme;

/// Names a family of package name spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Family {
    /// npm.
    Npm = 1,
    /// Python packages.
    PyPi = 2,
    /// Rust crates.
    Cargo = 3,
    /// Go modules; `stdlib` and `toolchain` are Go itself.
    Go = 4,
    /// Maven artifacts, named `group:artifact`.
    Maven = 5,
    /// NuGet packages.
    NuGet = 6,
    /// Ruby gems.
    RubyGems = 7,
    /// Composer packages.
    Packagist = 8,
    /// Erlang and Elixir packages.
    Hex = 9,
    /// Dart packages.
    Pub = 10,
    /// Swift packages, named by URL.
    Swift = 11,
    /// Bitnami's components.
    Bitnami = 12,
    /// GitHub Actions.
    GitHubActions = 13,
    /// Debian source packages, by major release.
    Debian = 32,
    /// Ubuntu source packages, by release.
    Ubuntu = 33,
    /// Alpine source packages, by branch.
    Alpine = 34,
    /// Wolfi packages.
    Wolfi = 35,
    /// Chainguard packages.
    Chainguard = 36,
    /// Red Hat binary packages, by the CPE of the product.
    RedHat = 37,
    /// AlmaLinux binary packages, by major release.
    AlmaLinux = 38,
    /// Rocky Linux binary packages, by major release.
    Rocky = 39,
    /// SUSE products.
    Suse = 40,
    /// openSUSE products.
    OpenSuse = 41,
    /// Amazon Linux binary packages, by release.
    Amazon = 42,
}

/// The families with the names that the OSV schema gives them.
const NAMES: [(&str, Family); 25] = [
    ("npm", Family::Npm),
    ("PyPI", Family::PyPi),
    ("crates.io", Family::Cargo),
    ("Go", Family::Go),
    ("Maven", Family::Maven),
    ("NuGet", Family::NuGet),
    ("RubyGems", Family::RubyGems),
    ("Packagist", Family::Packagist),
    ("Hex", Family::Hex),
    ("Pub", Family::Pub),
    ("SwiftURL", Family::Swift),
    ("Bitnami", Family::Bitnami),
    ("GitHub Actions", Family::GitHubActions),
    ("Debian", Family::Debian),
    ("Ubuntu", Family::Ubuntu),
    ("Alpine", Family::Alpine),
    ("Wolfi", Family::Wolfi),
    ("Chainguard", Family::Chainguard),
    ("Red Hat", Family::RedHat),
    ("AlmaLinux", Family::AlmaLinux),
    ("Rocky Linux", Family::Rocky),
    ("SUSE", Family::Suse),
    ("openSUSE", Family::OpenSuse),
    ("Amazon Linux", Family::Amazon),
    ("Amazon", Family::Amazon),
];

impl Family {
    /// Returns the family that the OSV schema names so, without a release.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, family)| *family)
    }

    /// Returns the family with this number, as a database stores it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        NAMES
            .iter()
            .map(|(_, family)| *family)
            .find(|family| family.number() == number)
    }

    /// Returns the family of a package URL's type (types of the purl specification); none for operating systems' packages, whose type does not name
    /// the distribution, and for types without advisories.
    #[must_use]
    pub fn of_purl_type(ty: &str) -> Option<Self> {
        Some(match ty {
            "npm" => Self::Npm,
            "pypi" => Self::PyPi,
            "cargo" => Self::Cargo,
            "golang" => Self::Go,
            "maven" => Self::Maven,
            "nuget" => Self::NuGet,
            "gem" => Self::RubyGems,
            "composer" => Self::Packagist,
            "hex" => Self::Hex,
            "pub" => Self::Pub,
            "swift" => Self::Swift,
            "bitnami" => Self::Bitnami,
            "githubactions" => Self::GitHubActions,
            _ => return None,
        })
    }

    /// Returns the number that a database stores.
    #[must_use]
    pub fn number(self) -> u8 {
        #[expect(
            clippy::as_conversions,
            reason = "the discriminant of a `repr(u8)` enum"
        )]
        let number = self as u8;
        number
    }

    /// Returns its name in the OSV schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, family)| *family == self)
            .map_or("", |(name, _)| name)
    }

    /// Returns how its versions order.
    #[must_use]
    pub fn scheme(self) -> Scheme {
        match self {
            Self::Npm | Self::Cargo | Self::Swift | Self::Bitnami | Self::GitHubActions => {
                Scheme::SemVer
            }
            Self::PyPi => Scheme::Pep440,
            Self::Go => Scheme::Go,
            Self::Maven => Scheme::Maven,
            Self::NuGet => Scheme::NuGet,
            Self::RubyGems => Scheme::RubyGems,
            Self::Packagist => Scheme::Composer,
            Self::Hex => Scheme::Hex,
            Self::Pub => Scheme::Pub,
            Self::Debian | Self::Ubuntu => Scheme::Debian,
            Self::Alpine | Self::Wolfi | Self::Chainguard => Scheme::Apk,
            Self::RedHat
            | Self::AlmaLinux
            | Self::Rocky
            | Self::Suse
            | Self::OpenSuse
            | Self::Amazon => Scheme::Rpm,
        }
    }

    /// Tells whether it is a distribution's, so that a release belongs to the name.
    #[must_use]
    pub fn is_distribution(self) -> bool {
        self.number() >= Self::Debian.number()
    }

    /// Returns the form under which names of this family are compared.
    ///
    /// PEP 503 for PyPI; lower case where the registry or package URLs hold names equal without case (NuGet, Packagist, Hex, Pub, Go, npm); Swift URLs without scheme and
    /// `.git`; as it stands elsewhere.
    #[must_use]
    pub fn normalise<'a>(self, name: &'a str) -> Cow<'a, str> {
        match self {
            Self::PyPi => {
                let mut out = String::with_capacity(name.len());
                for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
                    if !out.is_empty() {
                        out.push('-');
                    }
                    out.push_str(&part.to_ascii_lowercase());
                }
                Cow::Owned(out)
            }
            // Package URLs lower the case of Go's and npm's names (purl specification, `golang`, `npm`), also of the few old npm ones with
            // capitals, so one that was read from a package URL has lost it.
            Self::NuGet
            | Self::Packagist
            | Self::Hex
            | Self::Pub
            | Self::GitHubActions
            | Self::Go
            | Self::Npm => Cow::Owned(name.to_ascii_lowercase()),
            Self::Swift => {
                let name = name
                    .strip_prefix("https://")
                    .or_else(|| name.strip_prefix("http://"))
                    .unwrap_or(name);
                Cow::Owned(
                    name.strip_suffix(".git")
                        .unwrap_or(name)
                        .to_ascii_lowercase(),
                )
            }
            _ => Cow::Borrowed(name),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one package name space: a family and, for distributions, the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecosystem {
    /// The family.
    pub family: Family,
    /// The release as the feed names it (`12`, `3.20`, `22.04`, a CPE part); empty where there is none.
    pub release: String,
}

impl Ecosystem {
    /// Names the name space of a family without releases.
    #[must_use]
    pub fn of(family: Family) -> Self {
        Self {
            family,
            release: String::new(),
        }
    }

    /// Names one release of a distribution.
    #[must_use]
    pub fn release(family: Family, release: &str) -> Self {
        Self {
            family,
            release: release.to_owned(),
        }
    }

    /// Reads an ecosystem as OSV records write it; `None` for one that is not known here.
    ///
    /// Alpine's `v3.20` becomes `3.20`; Ubuntu's `Pro:` and `:LTS` stand beside the release and are dropped, the channel is a qualifier of the row.
    /// Packagist may carry a repository URL behind a colon, which does not change the name space.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, release) = text.split_once(':').unwrap_or((text, ""));
        let family = Family::parse(name)?;
        let release = match family {
            Family::Alpine => release.strip_prefix('v').unwrap_or(release),
            Family::Ubuntu => release
                .strip_prefix("Pro:")
                .unwrap_or(release)
                .split(':')
                .next()
                .unwrap_or(""),
            _ if family.is_distribution() => release,
            _ => "",
        };
        Some(Self::release(family, release))
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.release.as_str() {
            "" => write!(f, "{}", self.family),
            release => write!(f, "{}:{release}", self.family),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_round_trip() {
        for (name, family) in NAMES {
            assert_eq!(Family::parse(name), Some(family));
            assert_eq!(Family::from_number(family.number()), Some(family));
        }
        assert_eq!(Family::Amazon.name(), "Amazon Linux");
    }

    #[test]
    fn releases_are_read() {
        for (text, family, release) in [
            ("npm", Family::Npm, ""),
            ("Debian:12", Family::Debian, "12"),
            ("Alpine:v3.20", Family::Alpine, "3.20"),
            ("Ubuntu:24.04:LTS", Family::Ubuntu, "24.04"),
            ("Ubuntu:Pro:16.04:LTS", Family::Ubuntu, "16.04"),
            (
                "Red Hat:enterprise_linux:9::baseos",
                Family::RedHat,
                "enterprise_linux:9::baseos",
            ),
            (
                "Packagist:https://packages.drupal.org/8",
                Family::Packagist,
                "",
            ),
        ] {
            assert_eq!(
                Ecosystem::parse(text),
                Some(Ecosystem::release(family, release)),
                "{text}"
            );
        }
        assert_eq!(Ecosystem::parse("Moon"), None);
    }

    #[test]
    fn names_are_compared_as_the_registries_do() {
        for (family, name, form) in [
            (Family::PyPi, "Foo__Bar.baz", "foo-bar-baz"),
            (Family::Packagist, "Symfony/HTTP", "symfony/http"),
            (
                Family::Swift,
                "https://github.com/Apple/swift-nio.git",
                "github.com/apple/swift-nio",
            ),
            (Family::Go, "github.com/Azure/x", "github.com/azure/x"),
            (Family::Npm, "@Scope/Name", "@scope/name"),
        ] {
            assert_eq!(family.normalise(name), form);
        }
    }
}
