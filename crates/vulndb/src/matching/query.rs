//! What is asked of the index for one package: name spaces, name, version.
//!
//! Debian, Ubuntu, Alpine, Wolfi and Chainguard name source packages, the rpm distributions binary ones; languages name what is installed.

use std::fmt;

use toolkit_sbom::{Distro, Package};

use crate::db::Listed;
use crate::ecosystem::{Ecosystem, Family};
use crate::version::Scheme;

use super::language;
use super::system::System;

/// Is a question to the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The name spaces to look in; several for Red Hat and SUSE, which have one for each product.
    pub ecosystems: Vec<Ecosystem>,
    /// The name space under which coverage is told.
    pub label: Ecosystem,
    /// The name there.
    pub name: String,
    /// The version to compare; that of the source where the name is.
    pub version: Option<String>,
    /// Whether the name is the source's and differs from the package's own.
    pub by_source: bool,
}

/// Says why a package cannot be asked about: it is not known to be clean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uncovered {
    /// An operating system's package, of which nothing says what distribution it is of.
    NoDistribution,
    /// A package of a distribution whose advisories name sources, of which nothing says what source it was built from.
    NoSource,
    /// A distribution or release without advisories here.
    Distribution {
        /// What was found, as `id version`.
        found: String,
    },
    /// A type of package URL that no feed is about.
    Type {
        /// The type.
        found: String,
    },
    /// The database holds nothing for this name space.
    NotInDatabase {
        /// The name space.
        ecosystem: String,
    },
}

impl fmt::Display for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDistribution => f.write_str("distribution not named"),
            Self::NoSource => f.write_str("source package not named"),
            Self::Distribution { found } => write!(f, "distribution {found}"),
            Self::Type { found } => write!(f, "type {found}"),
            Self::NotInDatabase { ecosystem } => f.write_str(ecosystem),
        }
    }
}

impl Query {
    /// Makes the question for a package.
    ///
    /// # Errors
    ///
    /// [`Uncovered`] where none can be asked.
    pub fn of(
        package: &Package,
        distro: Option<&Distro>,
        listed: &[Listed],
    ) -> Result<Self, Uncovered> {
        let ty = package.purl.ty();
        if !matches!(ty, "deb" | "apk" | "rpm") {
            let family = Family::of_purl_type(ty).ok_or_else(|| Uncovered::Type {
                found: ty.to_owned(),
            })?;
            let ecosystem = Ecosystem::of(family);
            if !listed.iter().any(|one| one.ecosystem == ecosystem) {
                return Err(Uncovered::NotInDatabase {
                    ecosystem: ecosystem.to_string(),
                });
            }
            return Ok(Self {
                ecosystems: vec![ecosystem.clone()],
                label: ecosystem,
                name: language::name(family, package),
                version: package.version.clone(),
                by_source: false,
            });
        }
        let system =
            System::of_inventory(package, distro).ok_or_else(|| unknown(package, distro))?;
        if system.purl_type() != ty {
            return Err(Uncovered::Distribution {
                found: format!("{} with {ty} packages", system.label()),
            });
        }
        let ecosystems = system.ecosystems(listed);
        if ecosystems.is_empty() {
            return Err(Uncovered::NotInDatabase {
                ecosystem: system.label().to_string(),
            });
        }
        let own = package.purl.name();
        let source = (!system.names_binaries())
            .then_some(package.source.as_ref())
            .flatten();
        let name = source.map_or(own, |source| &source.name);
        let version = source
            .and_then(|source| source.version.as_ref())
            .or(package.version.as_ref());
        Ok(Self {
            ecosystems,
            label: system.label(),
            by_source: name != own,
            name: name.to_owned(),
            version: version.cloned(),
        })
    }

    /// Returns the family that all of its name spaces belong to.
    #[must_use]
    pub fn family(&self) -> Family {
        self.label.family
    }

    /// Returns how its versions order.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.family().scheme()
    }
}

fn unknown(package: &Package, distro: Option<&Distro>) -> Uncovered {
    let named = package.purl.qualifier("distro").map(str::to_owned);
    let of_image = distro.map(|distro| {
        let version = distro.version_id.as_deref().unwrap_or_default();
        format!("{} {version}", distro.id).trim_end().to_owned()
    });
    match named.or(of_image) {
        Some(found) => Uncovered::Distribution { found },
        None => Uncovered::NoDistribution,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toolkit_sbom::{Ecosystem as Kind, Purl, SourcePackage};

    fn listed(names: &[&str]) -> Vec<Listed> {
        names
            .iter()
            .map(|name| Listed {
                ecosystem: Ecosystem::parse(name).expect("an ecosystem"),
                packages: 1,
                rows: 1,
                newest: None,
                feeds: Vec::new(),
            })
            .collect()
    }

    fn package(purl: &str, version: &str, source: Option<(&str, Option<&str>)>) -> Package {
        let purl = Purl::parse(purl).expect("a package URL");
        let mut package = Package::new(Kind::Deb, "x", Some(version), purl);
        package.source = source.map(|(name, version)| SourcePackage {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        });
        package
    }

    #[test]
    fn sources_are_asked_about_where_advisories_name_them() {
        let listed = listed(&["Debian:12", "AlmaLinux:9", "Alpine:v3.20", "PyPI"]);
        for (purl, version, source, name, asked, by_source) in [
            (
                "pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12",
                "3.0.11-1",
                Some(("openssl", Some("3.0.11"))),
                "openssl",
                "3.0.11",
                true,
            ),
            (
                "pkg:deb/debian/bash@5.2-1?distro=debian-12",
                "5.2-1",
                Some(("bash", None)),
                "bash",
                "5.2-1",
                false,
            ),
            (
                "pkg:apk/alpine/libcrypto3@3.3.0-r0?distro=alpine-3.20.1",
                "3.3.0-r0",
                Some(("openssl", None)),
                "openssl",
                "3.3.0-r0",
                true,
            ),
            (
                "pkg:rpm/almalinux/openssl-libs@3.0.7-1.el9?distro=almalinux-9.3",
                "1:3.0.7-1.el9",
                Some(("openssl", Some("3.0.7-1.el9"))),
                "openssl-libs",
                "1:3.0.7-1.el9",
                false,
            ),
            ("pkg:pypi/django@3.2", "3.2", None, "django", "3.2", false),
        ] {
            let query = Query::of(&package(purl, version, source), None, &listed)
                .unwrap_or_else(|reason| panic!("{purl}: {reason}"));
            assert_eq!(
                (
                    query.name.as_str(),
                    query.version.as_deref(),
                    query.by_source
                ),
                (name, Some(asked), by_source)
            );
        }
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        let listed = listed(&["Debian:12"]);
        let distro = Distro {
            id: "arch".to_owned(),
            ..Distro::default()
        };
        for (purl, distro, expected) in [
            ("pkg:deb/debian/bash@5", None, "distribution not named"),
            ("pkg:deb/debian/bash@5?distro=debian-11", None, "Debian:11"),
            ("pkg:deb/debian/bash@5", Some(&distro), "distribution arch"),
            (
                "pkg:rpm/fedora/bash@5?distro=fedora-40",
                None,
                "distribution fedora-40",
            ),
            ("pkg:generic/x@1", None, "type generic"),
            ("pkg:npm/x@1", None, "npm"),
            (
                "pkg:rpm/x/bash@5?distro=debian-12",
                None,
                "distribution Debian:12 with rpm packages",
            ),
        ] {
            let reason =
                Query::of(&package(purl, "5", None), distro, &listed).expect_err("no question");
            assert_eq!(reason.to_string(), expected);
        }
    }
}
