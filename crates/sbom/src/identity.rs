//! What a package is, whatever tool wrote it down: to compare a bill of materials with what lies in an image.
//!
//! Type, namespace, name and version of its package URL, after what syft, trivy and this program spell differently is spelled alike. Qualifiers
//! (architecture, distribution, source) are no part of it.

use std::collections::BTreeSet;
use std::fmt;

use crate::distro::Distro;
use crate::inventory::Inventory;
use crate::package::{Ecosystem, Package};

/// Is type, namespace, name and version of a package, comparable across tools.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    ty: String,
    namespace: String,
    name: String,
    version: Option<String>,
}

impl Identity {
    /// Makes the identity of a package.
    #[must_use]
    pub fn of(package: &Package) -> Self {
        let purl = &package.purl;
        let namespace = purl.namespace().unwrap_or_default();
        let version = package.version.as_deref();
        let (namespace, name, version) = match package.ecosystem {
            Ecosystem::Go => {
                // syft puts what follows the third part of a module path behind `#`; the type's case rules differ by version of the rules.
                let path = [Some(namespace), Some(purl.name()), purl.subpath()];
                let parts = path.into_iter().flatten().filter(|part| !part.is_empty());
                let path = parts.collect::<Vec<_>>().join("/").to_lowercase();
                (String::new(), path, version.and_then(go_version))
            }
            ecosystem if ecosystem.is_operating_system() => (
                vendor(namespace),
                purl.name().to_owned(),
                // No epoch is epoch 0 (deb-version(7), rpm-version(7)).
                version.map(|version| version.strip_prefix("0:").unwrap_or(version)),
            ),
            _ => (namespace.to_owned(), purl.name().to_owned(), version),
        };
        Self {
            ty: purl.ty().to_owned(),
            namespace,
            name,
            version: version.map(str::to_owned),
        }
    }

    /// Returns it without its version.
    fn versionless(&self) -> Self {
        Self {
            version: None,
            ..self.clone()
        }
    }
}

/// Returns the packages of one inventory that another does not list.
///
/// One without a version, as a program's own module that was not built from a release, is listed by any of its name.
#[must_use]
pub fn unlisted<'a>(packages: &'a Inventory, listed: &Inventory) -> Vec<&'a Package> {
    let listed: BTreeSet<Identity> = listed.packages.iter().map(Identity::of).collect();
    let names: BTreeSet<Identity> = listed.iter().map(Identity::versionless).collect();
    let packages = packages.packages.iter();
    packages
        .filter(|package| {
            let identity = Identity::of(package);
            !listed.contains(&identity) && !names.contains(&identity)
        })
        .collect()
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.ty)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)?;
        match &self.version {
            Some(version) => write!(f, "@{version}"),
            None => Ok(()),
        }
    }
}

/// trivy writes the standard library with a `v`, others without; `(devel)` is what the linker writes where it knows no version.
fn go_version(version: &str) -> Option<&str> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.strip_prefix("go").unwrap_or(version);
    (version != "(devel)" && !version.is_empty()).then_some(version)
}

/// Namespaces of the distributions' packages: purl-spec names the vendor, `os-release` its product, and trivy has names of its own.
fn vendor(namespace: &str) -> String {
    let id = match namespace {
        "amazon" => "amzn",
        "alma" => "almalinux",
        "oracle" => "ol",
        "cbl-mariner" => "mariner",
        "suse linux enterprise server" => "sles",
        "opensuse.leap" => "opensuse-leap",
        "opensuse.tumbleweed" => "opensuse-tumbleweed",
        other => other,
    };
    let distro = Distro {
        id: id.to_owned(),
        ..Distro::default()
    };
    distro.purl_namespace().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purl::Purl;

    fn only(purl: &str, version: Option<&str>) -> Inventory {
        let purl = Purl::parse(purl).expect("a package URL");
        let version = version
            .map(str::to_owned)
            .or_else(|| purl.version().map(str::to_owned));
        let ecosystem = Ecosystem::of_purl_type(purl.ty());
        Inventory {
            packages: vec![Package::new(ecosystem, "x", version.as_deref(), purl)],
            ..Inventory::default()
        }
    }

    fn lists(theirs: &Inventory, ours: &Inventory) -> bool {
        unlisted(ours, theirs).is_empty()
    }

    #[test]
    fn tools_spell_one_package_differently() {
        for (ours, theirs, same) in [
            (
                "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12",
                "pkg:deb/debian/bash@5.2-1?distro=debian-12.5",
                true,
            ),
            (
                "pkg:deb/debian/bash@5.2-1",
                "pkg:deb/debian/bash@0:5.2-1",
                true,
            ),
            (
                "pkg:deb/debian/bash@5.2-1",
                "pkg:deb/debian/bash@1:5.2-1",
                false,
            ),
            (
                "pkg:deb/debian/bash@5.2-1",
                "pkg:deb/ubuntu/bash@5.2-1",
                false,
            ),
            ("pkg:rpm/redhat/bash@5.2-1", "pkg:rpm/rhel/bash@5.2-1", true),
            ("pkg:rpm/amzn/bash@5.2-1", "pkg:rpm/amazon/bash@5.2-1", true),
            ("pkg:rpm/suse/bash@5.2-1", "pkg:rpm/sles/bash@5.2-1", true),
            (
                "pkg:golang/github.com/a/b/v2@v2.0.1",
                "pkg:golang/github.com/A/b@2.0.1#v2",
                true,
            ),
            (
                "pkg:golang/stdlib@1.22.1",
                "pkg:golang/stdlib@v1.22.1",
                true,
            ),
            (
                "pkg:golang/stdlib@1.22.1",
                "pkg:golang/stdlib@v1.22.2",
                false,
            ),
            ("pkg:npm/%40a/b@1.0.0", "pkg:npm/%40a/b@1.0.0", true),
            ("pkg:npm/%40a/b@1.0.0", "pkg:npm/b@1.0.0", false),
            ("pkg:npm/b@1.0.0", "pkg:pypi/b@1.0.0", false),
            ("pkg:npm/b@v1.0.0", "pkg:npm/b@1.0.0", false),
            (
                "pkg:pypi/typing_extensions@4.1",
                "pkg:pypi/Typing-Extensions@4.1",
                true,
            ),
        ] {
            assert_eq!(
                lists(&only(theirs, None), &only(ours, None)),
                same,
                "{ours} {theirs}"
            );
        }
    }

    #[test]
    fn a_program_without_a_version_is_any_of_its_name() {
        let devel = only("pkg:golang/github.com/a/b", Some("(devel)"));
        let listed = only("pkg:golang/github.com/a/b@v1.2.3", None);
        assert!(lists(&listed, &devel));
        assert!(
            !lists(&devel, &listed),
            "a document that names no version lists none"
        );
        assert!(!lists(
            &only("pkg:golang/github.com/a/c@v1.2.3", None),
            &devel
        ));
    }
}
