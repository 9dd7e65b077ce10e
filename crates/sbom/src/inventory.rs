//! All packages of an image, and what could not be read.
//!
//! An inventory is never silently smaller: a file that a cataloger asked for and could not use is in `unreadable`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use crate::distro::Distro;
use crate::package::{Location, Package, PackageId, Scope};

/// Is the content of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The packages in the order of their package URLs, each URL once.
    pub packages: Vec<Package>,
    /// The distribution that `os-release` names.
    pub distro: Option<Distro>,
    /// What was asked for and could not be read, in the order of layers and paths.
    pub unreadable: Vec<Unreadable>,
}

impl Inventory {
    /// Returns the package with this key.
    #[must_use]
    pub fn get(&self, id: &PackageId) -> Option<&Package> {
        let at = self
            .packages
            .binary_search_by(|p| p.purl.as_str().cmp(id.as_str()))
            .ok()?;
        self.packages.get(at)
    }

    /// Sorts, and joins packages with the same URL into one with all their files and edges; drops edges to packages that
    /// are not listed. Lookups by key need this.
    pub fn normalize(&mut self) {
        let mut merged: BTreeMap<PackageId, Package> = BTreeMap::new();
        for package in std::mem::take(&mut self.packages) {
            match merged.entry(package.id()) {
                Entry::Vacant(place) => {
                    place.insert(package);
                }
                Entry::Occupied(mut place) => join(place.get_mut(), package),
            }
        }
        let known: Vec<PackageId> = merged.keys().cloned().collect();
        for (id, package) in &mut merged {
            package
                .depends_on
                .retain(|to| to != id && known.binary_search(to).is_ok());
            package.licenses.sort();
            package.licenses.dedup();
            for list in [&mut package.files, &mut package.owned_files] {
                list.sort();
                list.dedup();
            }
            package.checksums.sort();
            package.checksums.dedup();
        }
        self.packages = merged.into_values().collect();
        self.unreadable.sort();
        self.unreadable.dedup();
    }
}

/// Is a file that was asked for and could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The layer and path of the file.
    pub location: Location,
    /// Why it could not be used.
    pub fault: Fault,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { path, layer } = &self.location;
        // A path is foreign and may hold control characters.
        f.write_str("`")?;
        for c in path.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        write!(f, "` in layer {layer}: {}", self.fault)
    }
}

/// Says why a file could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Larger than the reader accepts.
    #[error("{what} is larger than {limit} bytes: {found}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit in bytes.
        limit: u64,
        /// The size in bytes.
        found: u64,
    },
    /// More items than the reader accepts.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The bytes end inside of a structure.
    #[error("{what} at byte {offset} is cut off")]
    Truncated {
        /// The structure.
        what: &'static str,
        /// Where it starts.
        offset: u64,
    },
    /// A structure breaks a rule of its format.
    #[error("{what} at byte {offset} is malformed")]
    Malformed {
        /// The structure.
        what: &'static str,
        /// Where it starts.
        offset: u64,
    },
    /// A field that a package needs is missing.
    #[error("no `{field}` in the entry at line {line}")]
    MissingField {
        /// The field.
        field: &'static str,
        /// The first line of the entry, from 1.
        line: u64,
    },
    /// The text is not JSON of the expected shape.
    #[error("not the expected JSON: {detail}")]
    Json {
        /// What the JSON reader says.
        detail: String,
    },
    /// A lock file breaks a rule of its format.
    #[error("not the expected lock file at line {line}: {detail}")]
    Lockfile {
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        detail: String,
    },
    /// A format that this reader does not know.
    #[error("{format} is not supported")]
    Unsupported {
        /// The name of the format.
        format: &'static str,
    },
    /// No valid package URL can be made of the name.
    #[error("the name `{name}` makes no package URL")]
    Name {
        /// The name.
        name: String,
    },
    /// The layer's walker could not hand the file over.
    #[error(transparent)]
    Layer(#[from] toolkit_oci::layer::UnreadableReason),
}

/// Adds what `other` knows to `into`: both have the same package URL.
fn join(into: &mut Package, other: Package) {
    into.kind = into.kind.min(other.kind);
    into.scope = if into.scope == Scope::Runtime {
        Scope::Runtime
    } else {
        other.scope
    };
    into.licenses.extend(other.licenses);
    into.supplier = into.supplier.take().or(other.supplier);
    into.summary = into.summary.take().or(other.summary);
    into.homepage = into.homepage.take().or(other.homepage);
    into.source = into.source.take().or(other.source);
    into.modularity_label = into.modularity_label.take().or(other.modularity_label);
    into.checksums.extend(other.checksums);
    into.files.extend(other.files);
    into.owned_files.extend(other.owned_files);
    // Owned only where each of its copies is.
    if into.owner != other.owner {
        into.owner = None;
    }
    into.introduced_in = match (into.introduced_in, other.introduced_in) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    into.depends_on.extend(other.depends_on);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Ecosystem;
    use crate::purl::Purl;

    fn package(purl: &str, path: &[u8], layer: usize) -> Package {
        let purl = Purl::parse(purl).unwrap_or_else(|e| panic!("{e}"));
        let name = purl.name().to_owned();
        let mut package = Package::new(Ecosystem::Cargo, &name, None, purl);
        package.files.push(Location::new(path, layer));
        package.introduced_in = Some(layer);
        package
    }

    #[test]
    fn normalize_joins_equal_urls_and_drops_dangling_edges() {
        let mut first = package("pkg:cargo/b@1", b"bin/two", 2);
        first.scope = Scope::Build;
        let mut second = package("pkg:cargo/b@1", b"bin/one", 1);
        second.depends_on.insert(PackageId::of(
            &Purl::parse("pkg:cargo/a@1").unwrap_or_else(|e| panic!("{e}")),
        ));
        second.depends_on.insert(PackageId::of(
            &Purl::parse("pkg:cargo/gone@1").unwrap_or_else(|e| panic!("{e}")),
        ));
        let mut inventory = Inventory {
            packages: vec![first, second, package("pkg:cargo/a@1", b"bin/one", 1)],
            ..Inventory::default()
        };
        inventory.normalize();
        let names: Vec<_> = inventory.packages.iter().map(|p| p.purl.as_str()).collect();
        assert_eq!(names, ["pkg:cargo/a@1", "pkg:cargo/b@1"]);
        let id = PackageId::of(&Purl::parse("pkg:cargo/b@1").unwrap_or_else(|e| panic!("{e}")));
        let b = inventory.get(&id).unwrap_or_else(|| panic!("b is listed"));
        assert_eq!(b.scope, Scope::Runtime);
        assert_eq!(b.introduced_in, Some(1));
        assert_eq!(
            b.files,
            [Location::new(b"bin/one", 1), Location::new(b"bin/two", 2)]
        );
        let edges: Vec<_> = b.depends_on.iter().map(PackageId::as_str).collect();
        assert_eq!(edges, ["pkg:cargo/a@1"]);
    }
}
