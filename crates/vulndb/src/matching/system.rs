//! Distributions: from `os-release` or a package URL's `distro` to the name spaces of its advisories.
//!
//! Derivatives that rebuild another's packages under its versions share its advisories (CentOS with Red Hat); all others are unknown here rather
//! than guessed.

use toolkit_sbom::{Distro, Package, Purl};

use crate::db::Listed;
use crate::ecosystem::{Ecosystem, Family};

/// Is one release of a distribution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct System {
    /// The distribution.
    pub family: Family,
    /// The release: `12`, `22.04`, `3.20`, `9`; empty for one without releases.
    pub release: String,
    /// The whole version where the release is only its beginning: `9.2` of Red Hat 9.
    pub full: String,
}

impl System {
    /// Reads the id and version of `os-release`, or their equals in documents of trivy and syft.
    #[must_use]
    pub fn of(id: &str, version: Option<&str>, codename: Option<&str>) -> Option<Self> {
        let version = version.unwrap_or_default().trim();
        let major = version.split('.').next().unwrap_or_default();
        let (family, release) = match id {
            "debian" => {
                let number = if version.is_empty() || !starts_with_digit(version) {
                    debian_number(codename.unwrap_or(version))?
                } else {
                    version
                };
                (Family::Debian, debian(number))
            }
            "ubuntu" => (Family::Ubuntu, two_parts(version)),
            "alpine" if version.contains("_alpha") || version == "edge" => {
                (Family::Alpine, "edge".to_owned())
            }
            "alpine" => (Family::Alpine, two_parts(version)),
            "wolfi" => (Family::Wolfi, String::new()),
            "chainguard" => (Family::Chainguard, String::new()),
            "rhel" | "redhat" | "centos" => (Family::RedHat, major.to_owned()),
            "almalinux" | "alma" => (Family::AlmaLinux, major.to_owned()),
            "rocky" => (Family::Rocky, major.to_owned()),
            "amzn" | "amazon" => (Family::Amazon, amazon(version, major)),
            "sles" | "sled" | "sle_hpc" | "sles_sap" => (Family::Suse, suse(version)),
            "opensuse-leap" | "opensuse.leap" => (Family::OpenSuse, format!("Leap {version}")),
            "opensuse-tumbleweed" | "opensuse.tumbleweed" => {
                (Family::OpenSuse, "Tumbleweed".to_owned())
            }
            _ => return None,
        };
        let rolling = matches!(family, Family::Wolfi | Family::Chainguard);
        (rolling || !release.trim().is_empty()).then(|| Self {
            family,
            release,
            full: version.to_owned(),
        })
    }

    /// Reads the distribution of an image.
    #[must_use]
    pub fn of_distro(distro: &Distro) -> Option<Self> {
        Self::of(
            &distro.id,
            distro.version_id.as_deref(),
            distro.version_codename.as_deref(),
        )
    }

    /// Reads the `distro` qualifier of a package: `debian-12`, `bookworm`, or, as trivy writes for Alpine, `3.20.3` alone.
    #[must_use]
    pub fn of_package(package: &Package) -> Option<Self> {
        Self::of_package_url(&package.purl)
    }

    /// Reads the distribution of a package, else of the whole image.
    #[must_use]
    pub fn of_inventory(package: &Package, distro: Option<&Distro>) -> Option<Self> {
        Self::of_package(package).or_else(|| distro.and_then(Self::of_distro))
    }

    /// Says whether a CPE names this release as a platform: `cpe:/o:redhat:enterprise_linux:9`, `cpe:/a:redhat:rhel_eus:9.2::baseos`.
    pub(super) fn is_platform(&self, cpe: &str) -> bool {
        if self.family != Family::RedHat {
            return false;
        }
        ["cpe:/o:redhat:", "cpe:/a:redhat:"]
            .iter()
            .filter_map(|prefix| cpe.strip_prefix(prefix))
            .any(|product| self.owns(product))
    }

    /// Reads what [`Self::of_package`] reads, of a package URL.
    #[must_use]
    pub fn of_package_url(purl: &Purl) -> Option<Self> {
        let namespace = purl.namespace();
        let Some(distro) = purl.qualifier("distro") else {
            // Rolling distributions have no release to name.
            return namespace
                .filter(|id| matches!(*id, "wolfi" | "chainguard"))
                .and_then(|id| Self::of(id, None, None));
        };
        if starts_with_digit(distro) {
            return Self::of(namespace?, Some(distro), None);
        }
        let split = distro
            .rmatch_indices('-')
            .find(|(at, _)| distro.get(at + 1..).is_some_and(starts_with_digit));
        match split {
            Some((at, _)) => Self::of(distro.get(..at)?, distro.get(at + 1..), None),
            None => match distro.split_once('-') {
                Some((id, codename)) if id == "debian" => Self::of(id, None, Some(codename)),
                _ => Self::of(distro, None, None)
                    .or_else(|| Self::of(namespace?, None, Some(distro))),
            },
        }
    }

    /// Returns the name spaces with advisories for this release, of those that a database holds.
    #[must_use]
    pub fn ecosystems(&self, listed: &[Listed]) -> Vec<Ecosystem> {
        listed
            .iter()
            .map(|one| &one.ecosystem)
            .filter(|ecosystem| ecosystem.family == self.family && self.owns(&ecosystem.release))
            .cloned()
            .collect()
    }

    fn owns(&self, release: &str) -> bool {
        match self.family {
            Family::RedHat => {
                let mut parts = release.split(':');
                match (parts.next(), parts.next()) {
                    // The product of the whole major release; streams of one minor are for those who pay for them.
                    (Some("enterprise_linux"), Some(version)) => version == self.release,
                    (Some(product), Some(version)) => {
                        product.starts_with("rhel_")
                            && ["eus", "e4s", "aus", "tus", "els"]
                                .iter()
                                .any(|kind| product.get(5..) == Some(kind))
                            && version == self.full
                    }
                    _ => false,
                }
            }
            Family::Suse => {
                let release = release.strip_suffix("-LTSS").unwrap_or(release);
                release.strip_suffix(&self.release).is_some_and(|product| {
                    [
                        "Linux Enterprise Server ",
                        "Linux Enterprise Server for SAP Applications ",
                        "Linux Enterprise High Performance Computing ",
                        "Linux Enterprise Desktop ",
                    ]
                    .contains(&product)
                        || product.starts_with("Linux Enterprise Module for ")
                })
            }
            _ => release == self.release,
        }
    }

    /// Tells whether advisories name binary packages; else they name sources.
    #[must_use]
    pub fn names_binaries(&self) -> bool {
        matches!(
            self.family,
            Family::RedHat
                | Family::AlmaLinux
                | Family::Rocky
                | Family::Suse
                | Family::OpenSuse
                | Family::Amazon
        )
    }

    /// Returns the type of package URLs of its packages.
    #[must_use]
    pub fn purl_type(&self) -> &'static str {
        match self.family {
            Family::Debian | Family::Ubuntu => "deb",
            Family::Alpine | Family::Wolfi | Family::Chainguard => "apk",
            _ => "rpm",
        }
    }

    /// Returns the name space under which coverage is told.
    #[must_use]
    pub fn label(&self) -> Ecosystem {
        Ecosystem::release(self.family, &self.release)
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn two_parts(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// Amazon Linux 1 calls itself by date (`2018.03`).
fn amazon(version: &str, major: &str) -> String {
    match major {
        "2" | "2022" | "2023" => major.to_owned(),
        _ if starts_with_digit(version) => "1".to_owned(),
        _ => String::new(),
    }
}

/// SUSE counts service packs: `15.5` is `15 SP5`.
fn suse(version: &str) -> String {
    match version.split_once('.') {
        Some((major, pack)) if pack != "0" => format!("{major} SP{pack}"),
        Some((major, _)) => major.to_owned(),
        None => version.to_owned(),
    }
}

/// Debian counts by major number since 7, by two parts before (`6.0`, `3.1`), and so do its records.
fn debian(version: &str) -> String {
    let parts = two_parts(version);
    let (major, minor) = parts.split_once('.').unwrap_or((&parts, "0"));
    match major {
        "1" | "2" | "3" | "4" | "5" | "6" => format!("{major}.{minor}"),
        _ => major.to_owned(),
    }
}

/// Debian's releases by name (<https://www.debian.org/releases/>).
fn debian_number(codename: &str) -> Option<&'static str> {
    Some(match codename {
        "woody" => "3.0",
        "sarge" => "3.1",
        "etch" => "4.0",
        "lenny" => "5.0",
        "squeeze" => "6.0",
        "wheezy" => "7",
        "jessie" => "8",
        "stretch" => "9",
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        "forky" => "14",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use toolkit_sbom::Ecosystem as Kind;

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

    #[test]
    fn releases_are_those_of_the_feeds() {
        for (id, version, expected) in [
            ("debian", "12", "Debian:12"),
            ("debian", "12.5", "Debian:12"),
            ("debian", "7.11", "Debian:7"),
            ("debian", "6.0.10", "Debian:6.0"),
            ("debian", "5", "Debian:5.0"),
            ("debian", "3.1", "Debian:3.1"),
            ("ubuntu", "22.04", "Ubuntu:22.04"),
            ("alpine", "3.20.3", "Alpine:3.20"),
            ("alpine", "3.21.0_alpha20240807", "Alpine:edge"),
            ("rhel", "9.4", "Red Hat:9"),
            ("centos", "7", "Red Hat:7"),
            ("almalinux", "9.3", "AlmaLinux:9"),
            ("rocky", "8.5", "Rocky Linux:8"),
            ("amzn", "2023", "Amazon Linux:2023"),
            ("amzn", "2018.03", "Amazon Linux:1"),
            ("sles", "15.5", "SUSE:15 SP5"),
            ("sles", "15", "SUSE:15"),
            ("opensuse-leap", "15.6", "openSUSE:Leap 15.6"),
            ("wolfi", "20230201", "Wolfi"),
        ] {
            let system = System::of(id, Some(version), None).expect("a system");
            assert_eq!(system.label().to_string(), expected);
        }
        for (id, version) in [
            ("arch", "1"),
            ("debian", ""),
            ("ubuntu", ""),
            ("fedora", "40"),
        ] {
            assert_eq!(System::of(id, Some(version), None), None, "{id} {version}");
        }
        let sid = System::of("debian", None, Some("trixie")).expect("a system");
        assert_eq!(sid.release, "13");
    }

    #[test]
    fn package_urls_name_their_distribution() {
        for (purl, expected) in [
            (
                "pkg:deb/debian/zlib1g@1?distro=debian-12",
                Some("Debian:12"),
            ),
            (
                "pkg:deb/debian/zlib1g@1?distro=debian-12.5",
                Some("Debian:12"),
            ),
            (
                "pkg:deb/debian/zlib1g@1?distro=debian-bookworm",
                Some("Debian:12"),
            ),
            ("pkg:deb/debian/zlib1g@1?distro=bookworm", Some("Debian:12")),
            ("pkg:deb/debian/zlib1g@1?distro=squeeze", Some("Debian:6.0")),
            ("pkg:apk/alpine/zlib@1?distro=3.20.3", Some("Alpine:3.20")),
            ("pkg:apk/wolfi/zlib@1", Some("Wolfi")),
            (
                "pkg:rpm/opensuse/zlib@1?distro=opensuse-leap-15.6",
                Some("openSUSE:Leap 15.6"),
            ),
            ("pkg:rpm/redhat/zlib@1?distro=redhat-9.2", Some("Red Hat:9")),
            ("pkg:deb/debian/zlib1g@1", None),
            ("pkg:deb/debian/zlib1g@1?distro=potato", None),
        ] {
            let purl = Purl::parse(purl).expect("a package URL");
            let package = Package::new(Kind::Deb, "zlib", None, purl.clone());
            let found = System::of_package(&package).map(|system| system.label().to_string());
            assert_eq!(found.as_deref(), expected, "{purl}");
        }
    }

    #[test]
    fn products_of_one_release_are_told_from_others() {
        let listed = listed(&[
            "Red Hat:enterprise_linux:9::baseos",
            "Red Hat:enterprise_linux:9::appstream",
            "Red Hat:enterprise_linux:8::baseos",
            "Red Hat:rhel_eus:9.2::baseos",
            "Red Hat:rhel_eus:9.0::baseos",
            "Red Hat:openshift:4.12::el9",
            "SUSE:Linux Enterprise Server 15 SP5",
            "SUSE:Linux Enterprise Server 15 SP5-LTSS",
            "SUSE:Linux Enterprise Module for Basesystem 15 SP5",
            "SUSE:Linux Enterprise Server 15 SP4",
            "SUSE:Manager Server 15 SP5",
        ]);
        let names = |id: &str, version: &str| {
            let system = System::of(id, Some(version), None).expect("a system");
            system
                .ecosystems(&listed)
                .iter()
                .map(|ecosystem| ecosystem.release.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names("rhel", "9.2"),
            [
                "enterprise_linux:9::baseos",
                "enterprise_linux:9::appstream",
                "rhel_eus:9.2::baseos"
            ]
        );
        assert_eq!(
            names("sles", "15.5"),
            [
                "Linux Enterprise Server 15 SP5",
                "Linux Enterprise Server 15 SP5-LTSS",
                "Linux Enterprise Module for Basesystem 15 SP5"
            ]
        );
    }
}
