//! `uv.lock`, version 1 (uv: `crates/uv-resolver/src/lock/mod.rs`).
//!
//! What members of the workspace need at run time, and what that needs, is `Runtime`; the rest is reached through `dev-dependencies` alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{List, Purpose, UnlistedReason, toml};
use crate::cataloger::python::metadata::normalized;
use crate::inventory::Fault;

#[derive(Deserialize)]
struct Document {
    version: Option<u64>,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    /// Absent where the project computes it.
    version: Option<String>,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default, rename = "optional-dependencies")]
    optional: BTreeMap<String, Vec<Dependency>>,
}

#[derive(Default, Deserialize)]
struct Source {
    registry: Option<String>,
    editable: Option<String>,
    r#virtual: Option<String>,
    directory: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Where several versions are locked.
    version: Option<String>,
}

pub(super) fn read(bytes: &[u8], list: &mut List) -> Result<(), Fault> {
    let document: Document = toml::parse(bytes)?;
    if let Some(version) = document.version.filter(|version| *version != 1) {
        return Err(Fault::Lockfile {
            line: 1,
            detail: format!("`version` is {version}, known is 1"),
        });
    }
    let runtime = runtime(&document.package);
    for (index, entry) in document.package.iter().enumerate() {
        let name = normalized(&entry.name);
        let purpose = if runtime.contains(&index) {
            Purpose::Runtime
        } else {
            Purpose::Development
        };
        if entry.source.is_project() || entry.source.path.is_some() {
            continue;
        }
        match (&entry.source.registry, entry.version.as_deref()) {
            (Some(_), Some(version)) => list.package(&name, version, purpose)?,
            (Some(_), None) => list.unlisted(&name, UnlistedReason::NotPinned)?,
            (None, _) => list.unlisted(&name, UnlistedReason::Source)?,
        }
    }
    Ok(())
}

impl Source {
    fn is_project(&self) -> bool {
        self.editable.is_some() || self.r#virtual.is_some() || self.directory.is_some()
    }
}

/// Returns the entries that a member of the workspace reaches without its development groups.
fn runtime(packages: &[Entry]) -> BTreeSet<usize> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, entry) in packages.iter().enumerate() {
        by_name.entry(&entry.name).or_default().push(index);
    }
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    let mut todo: Vec<usize> = packages
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.source.is_project())
        .map(|(index, _)| index)
        .collect();
    while let Some(index) = todo.pop() {
        let Some(entry) = packages.get(index).filter(|_| reached.insert(index)) else {
            continue;
        };
        for needed in entry
            .dependencies
            .iter()
            .chain(entry.optional.values().flatten())
        {
            for to in by_name.get(needed.name.as_str()).into_iter().flatten() {
                let version = packages.get(*to).and_then(|one| one.version.as_ref());
                if needed.version.is_none() || needed.version.as_ref() == version {
                    todo.push(*to);
                }
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::Lockfile;
    use super::*;

    #[test]
    fn purposes_follow_the_edges() {
        let text = r#"
version = 1
revision = 3
requires-python = ">=3.12"

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "a" }, { name = "two", version = "2.0" }]

[package.optional-dependencies]
extra = [{ name = "optional" }]

[package.dev-dependencies]
dev = [{ name = "linter" }, { name = "two", version = "1.0" }]

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "b", marker = "sys_platform == 'win32'" }]

[[package]]
name = "b"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "a" }]

[[package]]
name = "linter"
version = "1.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "optional"
version = "1.0"
source = { registry = "https://example.com/simple" }

[[package]]
name = "two"
version = "1.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "two"
version = "2.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "forked"
version = "1.0"
source = { git = "https://example.com/forked.git#0" }

[[package]]
name = "dynamic"
source = { virtual = "member" }

[[package]]
name = "wheel"
version = "1.0"
source = { path = "wheel.whl" }
"#;
        let contents = Lockfile::Uv
            .read(text.as_bytes())
            .unwrap_or_else(|e| panic!("{e}"));
        let found: Vec<_> = contents
            .packages
            .iter()
            .map(|one| (one.package.purl.as_str(), one.purpose))
            .collect();
        assert_eq!(
            found,
            [
                ("pkg:pypi/a@1.0", Purpose::Runtime),
                ("pkg:pypi/b@1.0", Purpose::Runtime),
                ("pkg:pypi/linter@1.0", Purpose::Development),
                ("pkg:pypi/optional@1.0", Purpose::Runtime),
                ("pkg:pypi/two@1.0", Purpose::Development),
                ("pkg:pypi/two@2.0", Purpose::Runtime),
            ]
        );
        assert_eq!(contents.unlisted.len(), 1, "{:?}", contents.unlisted);
        assert_eq!(contents.unlisted[0].name, "forked");
    }

    #[test]
    fn an_unknown_version_is_refused() {
        assert!(matches!(
            Lockfile::Uv.read(b"version = 2\n"),
            Err(Fault::Lockfile { line: 1, .. })
        ));
    }
}
