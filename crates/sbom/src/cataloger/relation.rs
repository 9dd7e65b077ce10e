//! Which installed packages satisfy a named need.
//!
//! Package databases name what a package needs (`libc6`, `so:libz.so.1`, `/bin/sh`) and what each provides. Versions are not
//! compared: the package manager did so when it installed them.

use std::collections::{BTreeMap, BTreeSet};

use crate::package::PackageId;

/// Maps names to the packages that provide them.
#[derive(Debug, Default)]
pub(crate) struct Providers<'a> {
    names: BTreeMap<&'a str, BTreeSet<PackageId>>,
}

impl<'a> Providers<'a> {
    /// Adds one name that a package provides.
    pub(crate) fn add(&mut self, name: &'a str, package: &PackageId) {
        self.names.entry(name).or_default().insert(package.clone());
    }

    /// Returns everything that provides a name.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &PackageId> {
        self.names.get(name).into_iter().flatten()
    }
}
