//! The content of a document and the shape of its graph.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::subject::{Layer, Subject};
use crate::{
    Inventory, Package, PackageId, Scope,
    license::{License, conclude, declared},
};

/// Is a bill of materials before it takes the form of a standard.
#[derive(Debug, Clone)]
pub struct Document {
    subject: Subject,
    inventory: Inventory,
    created: Option<Timestamp>,
    licenses: Vec<Vec<License>>,
}

impl Document {
    /// Joins what was read with what it was read from.
    ///
    /// The time of the document is `time` (`SOURCE_DATE_EPOCH`, handed down), else the one of the subject's configuration,
    /// else none. Fractions of a second are dropped: SPDX 2.3 clause 6.9 allows none.
    #[must_use]
    pub fn new(subject: Subject, mut inventory: Inventory, time: Option<Timestamp>) -> Self {
        inventory.normalize();
        let created = time.or(subject.created).and_then(whole_seconds);
        let licenses = inventory.packages.iter().map(declared).collect();
        Self {
            subject,
            inventory,
            created,
            licenses,
        }
    }

    /// Returns what is described.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the packages and what could not be read.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Returns the time of the document, in whole seconds.
    #[must_use]
    pub fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// Returns the packages with their licences, in the order of their package URLs.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let pairs = self.inventory.packages.iter().zip(&self.licenses);
        pairs.map(|(package, licenses)| Entry { package, licenses })
    }

    /// Returns the layer that introduced a package, with its index.
    #[must_use]
    pub fn layer_of(&self, package: &Package) -> Option<(usize, &Layer)> {
        let index = package.introduced_in?;
        Some((index, self.subject.layers.get(index)?))
    }

    /// Returns the packages that the subject itself holds, for a graph from which every package can be reached.
    ///
    /// Packages of the operating system hang below the distribution where there is one, those of build time below what
    /// they built. The rest is here unless another one here leads to it; of a circle, its first.
    #[must_use]
    pub fn top_level(&self) -> BTreeSet<&str> {
        let os_known = self.inventory.distro.is_some();
        let packages = self.inventory.packages.iter();
        let below: BTreeMap<&str, &Package> = packages
            .filter(|p| !(os_known && p.ecosystem.is_operating_system()))
            .map(|p| (p.purl.as_str(), p))
            .collect();
        let edges = |id: &str| {
            let edges = below.get(id).into_iter().flat_map(|p| &p.depends_on);
            edges.map(PackageId::as_str)
        };
        let needed: BTreeSet<&str> = below.keys().flat_map(|id| edges(id)).collect();
        let mut top = BTreeSet::new();
        let mut reached = BTreeSet::new();
        let free = below.keys().filter(|id| !needed.contains(**id));
        for id in free.chain(below.keys()) {
            if !reached.insert(*id) {
                continue;
            }
            top.insert(*id);
            let mut open = vec![*id];
            while let Some(next) = open.pop() {
                open.extend(edges(next).filter(|to| reached.insert(to)));
            }
        }
        top
    }
}

/// Is one package of a document, with its licences in the order of their text.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The package as its database states it.
    pub package: &'a Package,
    /// Its declared licences and their SPDX spelling.
    pub licenses: &'a [License],
}

impl Entry<'_> {
    /// Returns the one SPDX expression of all declared licences, where each has a spelling.
    #[must_use]
    pub fn concluded(&self) -> Option<String> {
        conclude(self.licenses)
    }

    /// Says whether the package was only needed to build.
    #[must_use]
    pub fn is_build_only(&self) -> bool {
        self.package.scope == Scope::Build
    }
}

/// Cuts fractions; a time outside of the years 1 to 9999 has no form in either standard and counts as absent.
fn whole_seconds(time: Timestamp) -> Option<Timestamp> {
    const YEAR_1: i64 = -62_135_596_800;
    let second = time.as_second();
    if second < YEAR_1 {
        None
    } else {
        Timestamp::from_second(second).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Distro, Ecosystem, Purl, SubjectKind};

    fn package(ecosystem: Ecosystem, purl: &str, needs: &[&str]) -> Package {
        let url = |text: &str| Purl::parse(text).unwrap_or_else(|e| panic!("{e}"));
        let purl = url(purl);
        let name = purl.name().to_owned();
        let mut package = Package::new(ecosystem, &name, None, purl);
        package.depends_on = needs.iter().map(|n| PackageId::of(&url(n))).collect();
        package
    }

    #[test]
    fn every_package_is_reached_from_the_top() {
        use Ecosystem::*;
        let packages = vec![
            package(Deb, "pkg:deb/debian/libc6@1", &[]),
            package(Npm, "pkg:npm/a@1", &["pkg:npm/b@1"]),
            package(Npm, "pkg:npm/b@1", &["pkg:npm/c@1"]),
            package(Npm, "pkg:npm/c@1", &["pkg:npm/b@1"]),
            package(Npm, "pkg:npm/x@1", &["pkg:npm/y@1"]),
            package(Npm, "pkg:npm/y@1", &["pkg:npm/x@1"]),
        ];
        let mut inventory = Inventory {
            packages,
            ..Inventory::default()
        };
        let subject = Subject::new(SubjectKind::Image, "x");
        let bare = Document::new(subject.clone(), inventory.clone(), None);
        let top: Vec<&str> = bare.top_level().into_iter().collect();
        assert_eq!(
            top,
            ["pkg:deb/debian/libc6@1", "pkg:npm/a@1", "pkg:npm/x@1"]
        );
        inventory.distro = Some(Distro::default());
        let top: Vec<String> = Document::new(subject, inventory, None)
            .top_level()
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(top, ["pkg:npm/a@1", "pkg:npm/x@1"]);
    }

    #[test]
    fn the_time_handed_down_wins_and_is_cut_to_seconds() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
        let table = [
            (None, None, None),
            (
                Some(at("2024-01-02T03:04:05Z")),
                Some(at("2020-01-01T00:00:00Z")),
                Some("2024-01-02T03:04:05Z"),
            ),
            (
                None,
                Some(at("2020-01-01T00:00:00.987Z")),
                Some("2020-01-01T00:00:00Z"),
            ),
            (
                None,
                Some(at("0001-01-01T00:00:00Z")),
                Some("0001-01-01T00:00:00Z"),
            ),
            (None, Some(at("-000001-01-01T00:00:00Z")), None),
        ];
        for (time, created, expected) in table {
            let subject = Subject {
                created,
                ..Subject::new(SubjectKind::Image, "x")
            };
            let document = Document::new(subject, Inventory::default(), time);
            assert_eq!(
                document.created().map(|t| t.to_string()).as_deref(),
                expected
            );
        }
    }
}
