//! `poetry.lock`, lock versions 1.0 to 2.1 (poetry: `src/poetry/packages/locker.py`).
//!
//! Until 1.8 a package could say `category`, since 2.0 it says `groups`; between them nothing tells what is for development only.

use serde::Deserialize;

use super::{List, Purpose, UnlistedReason, toml};
use crate::cataloger::python::metadata::normalized;
use crate::inventory::Fault;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    category: Option<String>,
    groups: Option<Vec<String>>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type")]
    ty: Option<String>,
}

pub(super) fn read(bytes: &[u8], list: &mut List) -> Result<(), Fault> {
    let document: Document = toml::parse(bytes)?;
    for entry in &document.package {
        let name = normalized(&entry.name);
        let source = entry.source.as_ref().and_then(|one| one.ty.as_deref());
        match source {
            // `legacy` is an index by PEP 503, mostly a mirror.
            None | Some("legacy" | "pypi") => {
                list.package(&name, &entry.version, entry.purpose())?;
            }
            Some("directory" | "file") => {}
            Some(_) => list.unlisted(&name, UnlistedReason::Source)?,
        }
    }
    Ok(())
}

impl Entry {
    fn purpose(&self) -> Purpose {
        match (&self.groups, self.category.as_deref()) {
            (Some(groups), _) if groups.iter().any(|one| one == "main") => Purpose::Runtime,
            (Some(_), _) | (None, Some("dev")) => Purpose::Development,
            (None, Some("main")) => Purpose::Runtime,
            (None, _) => Purpose::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lockfile;
    use super::*;

    #[test]
    fn groups_and_sources_are_read() {
        let text = r#"
[[package]]
name = "A_b"
version = "1.0"
groups = ["dev", "main"]
files = []

[[package]]
name = "only-dev"
version = "2.0"
groups = ["dev"]

[[package]]
name = "old-dev"
version = "3.0"
category = "dev"

[[package]]
name = "old-main"
version = "3.0"
category = "main"

[[package]]
name = "between"
version = "4.0"
source = {type = "legacy", url = "https://example.com/simple", reference = "mirror"}

[[package]]
name = "forked"
version = "5.0"

[package.source]
type = "git"
url = "https://example.com/forked.git"

[[package]]
name = "member"
version = "0.1.0"

[package.source]
type = "directory"
url = "../member"

[metadata]
lock-version = "2.1"
"#;
        let contents = Lockfile::Poetry
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
                ("pkg:pypi/a-b@1.0", Purpose::Runtime),
                ("pkg:pypi/between@4.0", Purpose::Unknown),
                ("pkg:pypi/old-dev@3.0", Purpose::Development),
                ("pkg:pypi/old-main@3.0", Purpose::Runtime),
                ("pkg:pypi/only-dev@2.0", Purpose::Development),
            ]
        );
        let unlisted: Vec<_> = contents
            .unlisted
            .iter()
            .map(|one| (one.name.as_str(), one.reason))
            .collect();
        assert_eq!(unlisted, [("forked", UnlistedReason::Source)]);
    }
}
