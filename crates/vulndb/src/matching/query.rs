//! What is asked of the index for one package: name spaces, name, version.
//!
//! Debian, Ubuntu, Alpine, Wolfi and Chainguard name source packages, the rpm distributions binary ones; languages name what is installed.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

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
    pub ecosystems: Arc<[Ecosystem]>,
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
        Self::with(package, distro, &mut Spaces::new(listed))
    }

    /// Makes the question with name spaces that were found before.
    pub(super) fn with(
        package: &Package,
        distro: Option<&Distro>,
        spaces: &mut Spaces<'_>,
    ) -> Result<Self, Uncovered> {
        let ty = package.purl.ty();
        if !matches!(ty, "deb" | "apk" | "rpm") {
            let family = Family::of_purl_type(ty).ok_or_else(|| Uncovered::Type {
                found: ty.to_owned(),
            })?;
            let ecosystems = spaces.of_language(family);
            if ecosystems.is_empty() {
                return Err(Uncovered::NotInDatabase {
                    ecosystem: family.to_string(),
                });
            }
            return Ok(Self {
                ecosystems,
                label: Ecosystem::of(family),
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
        let ecosystems = spaces.of_system(&system);
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
            .and_then(|source| source.version.as_deref())
            .or(package.version.as_deref());
        let (name, version) = match unsigned(system.family, name, version) {
            Some((name, version)) => (name, version),
            None => (name.to_owned(), version.map(str::to_owned)),
        };
        Ok(Self {
            ecosystems,
            label: system.label(),
            by_source: name != own,
            name,
            version,
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

/// Finds the name spaces of a release or language once for all packages of a run.
pub(super) struct Spaces<'i> {
    listed: &'i [Listed],
    systems: HashMap<System, Arc<[Ecosystem]>>,
    languages: HashMap<Family, Arc<[Ecosystem]>>,
}

impl<'i> Spaces<'i> {
    pub(super) fn new(listed: &'i [Listed]) -> Self {
        Self {
            listed,
            systems: HashMap::new(),
            languages: HashMap::new(),
        }
    }

    fn of_system(&mut self, system: &System) -> Arc<[Ecosystem]> {
        if let Some(found) = self.systems.get(system) {
            return Arc::clone(found);
        }
        let found: Arc<[Ecosystem]> = system.ecosystems(self.listed).into();
        self.systems.insert(system.clone(), Arc::clone(&found));
        found
    }

    fn of_language(&mut self, family: Family) -> Arc<[Ecosystem]> {
        let listed = self.listed;
        let found = self.languages.entry(family).or_insert_with(|| {
            let all = listed.iter().map(|one| &one.ecosystem);
            all.filter(|one| one.family == family).cloned().collect()
        });
        Arc::clone(found)
    }
}

/// Returns the source whose code a signed kernel is: advisories name that one alone.
///
/// Debian signs `linux` as `linux-signed-amd64` and writes its version `6.1.76-1` as `6.1.76+1` (package `linux-signed-amd64`, `debian/rules.gen`);
/// Ubuntu signs `linux-azure` as `linux-signed-azure` under one version.
fn unsigned(
    family: Family,
    source: &str,
    version: Option<&str>,
) -> Option<(String, Option<String>)> {
    let rest = source.strip_prefix("linux-signed")?;
    if !rest.is_empty() && !rest.starts_with('-') {
        return None;
    }
    match family {
        Family::Ubuntu => Some((format!("linux{rest}"), version.map(str::to_owned))),
        Family::Debian => {
            let written = version.map(|version| match version.contains('-') {
                true => version.to_owned(),
                false => version.replacen('+', "-", 1),
            });
            Some(("linux".to_owned(), written))
        }
        _ => None,
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
        let listed = listed(&[
            "Debian:12",
            "Ubuntu:22.04",
            "AlmaLinux:9",
            "Alpine:v3.20",
            "PyPI",
        ]);
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
            (
                "pkg:deb/debian/linux-image-6.1.0-18-amd64@6.1.76-1?distro=debian-12",
                "6.1.76-1",
                Some(("linux-signed-amd64", Some("6.1.76+1"))),
                "linux",
                "6.1.76-1",
                true,
            ),
            (
                "pkg:deb/ubuntu/linux-image-azure@5.15.0-1.2?distro=ubuntu-22.04",
                "5.15.0-1.2",
                Some(("linux-signed-azure", None)),
                "linux-azure",
                "5.15.0-1.2",
                true,
            ),
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
