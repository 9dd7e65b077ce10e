//! One installed package and what its database states about it.
//!
//! A value of this module repeats what the files say; it concludes nothing. Licence expressions are normalised elsewhere.

use std::collections::BTreeSet;
use std::fmt;

use crate::purl::Purl;

/// Is one package of an image, listed once for each package URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where the package comes from.
    pub ecosystem: Ecosystem,
    /// The name as its ecosystem writes it, with the namespace (`@scope/name`, `github.com/a/b`).
    pub name: String,
    /// The version as its ecosystem writes it: `[epoch:]version-release` for deb and rpm.
    pub version: Option<String>,
    /// The identity of the package in an inventory.
    pub purl: Purl,
    /// Whether it is a program's main module or something that others use.
    pub kind: Kind,
    /// Whether it takes part when the image runs.
    pub scope: Scope,
    /// The architecture as its database writes it (`amd64`, `x86_64`, `all`, `noarch`).
    pub architecture: Option<String>,
    /// The licences as declared, each as found; sorted, without repetition.
    pub licenses: Vec<String>,
    /// Who maintains or distributes it.
    pub supplier: Option<Party>,
    /// One line that describes it.
    pub summary: Option<String>,
    /// Its web site.
    pub homepage: Option<String>,
    /// The source package it was built from, where the database names it.
    pub source: Option<SourcePackage>,
    /// The module stream of an rpm (`nodejs:18:8080020230315:63b34585`).
    pub modularity_label: Option<String>,
    /// Digests of the package as it was distributed, in the order of algorithms.
    pub checksums: Vec<Checksum>,
    /// The files in which the package was found: database, metadata file, binary; sorted.
    pub files: Vec<Location>,
    /// The visible files that its database says it installed; sorted.
    pub owned_files: Vec<Location>,
    /// The operating system package that owns all of `files`.
    pub owner: Option<PackageId>,
    /// The index of the first layer whose database had this package and has kept it since.
    pub introduced_in: Option<usize>,
    /// The installed packages that the databases say it needs.
    pub depends_on: BTreeSet<PackageId>,
}

impl Package {
    /// Makes a package of which nothing but its identity is known.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: &str, version: Option<&str>, purl: Purl) -> Self {
        Self {
            ecosystem,
            name: name.to_owned(),
            version: version.map(str::to_owned),
            purl,
            kind: Kind::Library,
            scope: Scope::Runtime,
            architecture: None,
            licenses: Vec::new(),
            supplier: None,
            summary: None,
            homepage: None,
            source: None,
            modularity_label: None,
            checksums: Vec::new(),
            files: Vec::new(),
            owned_files: Vec::new(),
            owner: None,
            introduced_in: None,
            depends_on: BTreeSet::new(),
        }
    }

    /// Returns the key under which others refer to this package.
    #[must_use]
    pub fn id(&self) -> PackageId {
        PackageId::of(&self.purl)
    }
}

/// Refers to a package of the same inventory by its canonical package URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(String);

impl PackageId {
    /// Returns the key of the package with this package URL.
    #[must_use]
    pub fn of(purl: &Purl) -> Self {
        Self(purl.as_str().to_owned())
    }

    /// Returns the canonical package URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the package manager or language a package belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Alpine packages, also of Wolfi and Chainguard.
    Apk,
    /// Bitnami's components; known from documents only.
    Bitnami,
    /// Rust crates.
    Cargo,
    /// PHP packages; known from documents only.
    Composer,
    /// Debian packages.
    Deb,
    /// Ruby gems; known from documents only.
    Gem,
    /// GitHub Actions; known from documents only.
    GitHubActions,
    /// Go modules.
    Go,
    /// Erlang and Elixir packages; known from documents only.
    Hex,
    /// Maven artifacts; known from documents only.
    Maven,
    /// Node packages.
    Npm,
    /// .NET packages; known from documents only.
    NuGet,
    /// Dart packages; known from documents only.
    Pub,
    /// Python distributions.
    Python,
    /// RPM packages.
    Rpm,
    /// Swift packages; known from documents only.
    Swift,
    /// Everything else that a document may name.
    Other,
}

impl Ecosystem {
    /// Every ecosystem, in the order of their names.
    pub const ALL: [Self; 17] = [
        Self::Apk,
        Self::Bitnami,
        Self::Cargo,
        Self::Composer,
        Self::Deb,
        Self::Gem,
        Self::GitHubActions,
        Self::Go,
        Self::Hex,
        Self::Maven,
        Self::Npm,
        Self::NuGet,
        Self::Pub,
        Self::Python,
        Self::Rpm,
        Self::Swift,
        Self::Other,
    ];

    /// Returns the ecosystem whose package URLs are of this type.
    #[must_use]
    pub fn of_purl_type(ty: &str) -> Self {
        let known = Self::ALL.into_iter().find(|one| one.purl_type() == ty);
        known.unwrap_or(Self::Other)
    }

    /// Returns the type of its package URLs.
    #[must_use]
    pub fn purl_type(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Bitnami => "bitnami",
            Self::Cargo => "cargo",
            Self::Composer => "composer",
            Self::Deb => "deb",
            Self::Gem => "gem",
            Self::GitHubActions => "githubactions",
            Self::Go => "golang",
            Self::Hex => "hex",
            Self::Maven => "maven",
            Self::Npm => "npm",
            Self::NuGet => "nuget",
            Self::Pub => "pub",
            Self::Python => "pypi",
            Self::Rpm => "rpm",
            Self::Swift => "swift",
            Self::Other => "generic",
        }
    }

    /// Says whether its packages are the operating system's.
    #[must_use]
    pub fn is_operating_system(self) -> bool {
        matches!(self, Self::Apk | Self::Deb | Self::Rpm)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitHubActions => "github-actions",
            Self::Go => "go",
            Self::Python => "python",
            Self::Other => "other",
            same => same.purl_type(),
        })
    }
}

/// Tells a program's own module from what it is built of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The main module of a binary.
    Application,
    /// Everything else.
    Library,
}

/// Tells what runs from what only built it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Installed, or compiled into a binary.
    Runtime,
    /// Ran while a binary was built (build scripts, procedural macros) and is not in it.
    Build,
}

/// Is a person or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// The name without address.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The web address.
    pub url: Option<String>,
}

impl Party {
    /// Reads `Name <address>`; an address with `://` is a web address. Nothing but white space is nobody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, address) = match text.split_once('<') {
            Some((name, rest)) => (name.trim(), rest.split('>').next().map(str::trim)),
            None => (text, None),
        };
        let address = address.filter(|a| !a.is_empty());
        let (url, email) = match address {
            Some(address) if address.contains("://") => (Some(address), None),
            Some(address) if address.contains('@') => (None, Some(address)),
            _ => (None, None),
        };
        let name = name.trim_matches('"');
        let name = if name.is_empty() { address? } else { name };
        Some(Self {
            name: name.to_owned(),
            email: email.map(str::to_owned),
            url: url.map(str::to_owned),
        })
    }
}

/// Names the source package that a binary package was built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourcePackage {
    /// The name of the source package.
    pub name: String,
    /// Its version; for deb and rpm with the release.
    pub version: Option<String>,
}

/// Is a file in the layer that provides it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The absolute path; bytes that are not UTF-8 are replaced by U+FFFD.
    pub path: String,
    /// The index of the layer, 0 being the lowest.
    pub layer: usize,
}

impl Location {
    /// Makes a location from a layer's path, which has no leading slash.
    #[must_use]
    pub fn new(path: &[u8], layer: usize) -> Self {
        Self {
            path: format!("/{}", String::from_utf8_lossy(path)),
            layer,
        }
    }
}

/// Is a digest of the package as it was distributed, not of what lies in the image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checksum {
    /// The hash function.
    pub algorithm: ChecksumAlgorithm,
    /// The digest in lower-case hexadecimal.
    pub hex: String,
}

/// Names a hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChecksumAlgorithm {
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn party_tells_address_kinds_apart() {
        let party = |name: &str, email: Option<&str>, url: Option<&str>| {
            Some(Party {
                name: name.to_owned(),
                email: email.map(str::to_owned),
                url: url.map(str::to_owned),
            })
        };
        let table = [
            (
                "Debian <a@debian.org>",
                party("Debian", Some("a@debian.org"), None),
            ),
            (
                "SUSE LLC <https://www.suse.com/>",
                party("SUSE LLC", None, Some("https://www.suse.com/")),
            ),
            ("AlmaLinux", party("AlmaLinux", None, None)),
            ("<a@b.c>", party("a@b.c", Some("a@b.c"), None)),
            ("\"A, B\" <x@y.z", party("A, B", Some("x@y.z"), None)),
            ("  ", None),
            ("<>", None),
        ];
        for (text, expected) in table {
            assert_eq!(Party::parse(text), expected, "{text}");
        }
    }
}
