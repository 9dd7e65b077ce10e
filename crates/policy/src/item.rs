//! One thing that a check of contents speaks of: a finding, a package, a licence, a release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use toolkit_sbom::Purl;

use crate::model::Exception;

/// Items that a text shows; all of them are in the result.
const SHOWN: usize = 3;

/// Is one thing that counts against the contents of an image, or is told beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The package URL; none where the whole release of a distribution is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The vulnerability, by the id that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vulnerability: Option<String>,
    /// All of its ids.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ids: BTreeSet<String>,
    /// What is to be said of it.
    pub detail: String,
    /// Where it was seen: the SBOMs by the digests of their bundles, the layers.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub seen_in: BTreeSet<String>,
    /// The packages that an exception must name to cover it.
    #[serde(skip)]
    pub(crate) packages: Vec<Purl>,
}

impl Item {
    /// Makes an item about one package.
    pub(crate) fn package(purl: &Purl, detail: impl Into<String>) -> Self {
        Self {
            package: Some(purl.to_string()),
            vulnerability: None,
            ids: BTreeSet::new(),
            detail: detail.into(),
            seen_in: BTreeSet::new(),
            packages: vec![purl.clone()],
        }
    }

    /// Makes an item about a package that no package URL names: no exception by packages covers it.
    pub(crate) fn unknown(name: &str, detail: String) -> Self {
        Self {
            package: Some(name.to_owned()),
            ..Self::note(detail, Vec::new())
        }
    }

    /// Makes an item about what is no package of its own; `packages` are those that it speaks of.
    pub(crate) fn note(detail: String, packages: Vec<Purl>) -> Self {
        Self {
            package: None,
            vulnerability: None,
            ids: BTreeSet::new(),
            detail,
            seen_in: BTreeSet::new(),
            packages,
        }
    }

    /// Makes it an item about a vulnerability of the package.
    pub(crate) fn of(mut self, vulnerability: &str, ids: &BTreeSet<String>) -> Self {
        self.vulnerability = Some(vulnerability.to_owned());
        self.ids.clone_from(ids);
        self
    }

    /// Tells whether an exception speaks of it: of one of its ids where it names vulnerabilities, and of all of its packages where it names
    /// packages.
    pub(crate) fn is_covered(&self, exception: &Exception) -> bool {
        let vulnerability = exception.vulnerabilities.as_ref().is_none_or(|wanted| {
            wanted
                .iter()
                .any(|wanted| self.ids.iter().any(|id| id.eq_ignore_ascii_case(wanted)))
        });
        let package = exception.packages.as_ref().is_none_or(|globs| {
            !self.packages.is_empty()
                && self
                    .packages
                    .iter()
                    .all(|purl| globs.iter().any(|glob| glob.matches(purl)))
        });
        let says = exception.vulnerabilities.is_some() || exception.packages.is_some();
        says && vulnerability && package
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.vulnerability.as_deref(), self.package.as_deref()];
        let subject: Vec<&str> = parts.into_iter().flatten().collect();
        match (subject.is_empty(), self.detail.is_empty()) {
            (true, _) => f.write_str(&self.detail),
            (false, true) => f.write_str(&subject.join(" in ")),
            (false, false) => write!(f, "{}: {}", subject.join(" in "), self.detail),
        }
    }
}

/// Collects items, each package and vulnerability once, with all the places that they were seen in.
#[derive(Debug, Default)]
pub(crate) struct Items(BTreeMap<(String, String), Item>);

impl Items {
    /// Adds an item that was seen in a place; `key` is what makes two items of one package one.
    pub(crate) fn add(&mut self, package: String, key: &str, place: &str, item: Item) {
        let known = self.0.entry((package, key.to_owned())).or_insert(item);
        known.seen_in.insert(place.to_owned());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Item> {
        self.0.into_values().collect()
    }
}

/// Words the first items, and counts the rest.
pub(crate) fn described(items: &[Item]) -> String {
    let mut words: Vec<String> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    if items.len() > SHOWN {
        words.push(format!("and {} more", items.len() - SHOWN));
    }
    words.join("; ")
}
