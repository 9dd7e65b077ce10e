//! `package-lock.json`, versions 1 to 3 (npm CLI documentation, "package-lock.json").
//!
//! Versions 2 and 3 have `packages`, a map from the place in the tree; version 1 has nested `dependencies`, which version 2 repeats for old
//! clients and which are then left alone. Links, the project and its workspaces (places outside of `node_modules`) are left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{List, Purpose, UnlistedReason, text};
use crate::inventory::Fault;

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "lockfileVersion")]
    version: Option<u64>,
    packages: Option<BTreeMap<String, Entry>>,
    dependencies: Option<BTreeMap<String, Dependency>>,
}

/// Is an entry of `packages`.
#[derive(Deserialize)]
struct Entry {
    /// Where the place differs from it: an alias.
    name: Option<String>,
    version: Option<String>,
    resolved: Option<Resolved>,
    #[serde(default)]
    link: bool,
    #[serde(default)]
    dev: bool,
}

/// Is `resolved`: a URL, or `true` and the like in entries that npm 7 wrote for bundled packages.
#[derive(Deserialize)]
#[serde(from = "serde_json::Value")]
struct Resolved(Option<String>);

impl From<serde_json::Value> for Resolved {
    fn from(value: serde_json::Value) -> Self {
        Self(value.as_str().map(str::to_owned))
    }
}

/// Is an entry of `dependencies`.
#[derive(Deserialize)]
struct Dependency {
    /// A version, or where it is from: `file:…`, `git+ssh://…`, a URL, `npm:NAME@VERSION` of an alias.
    version: Option<String>,
    #[serde(default)]
    dev: bool,
    dependencies: Option<BTreeMap<String, Self>>,
}

pub(super) fn read(bytes: &[u8], list: &mut List) -> Result<(), Fault> {
    let document: Document = serde_json::from_str(text(bytes)?).map_err(|error| Fault::Json {
        detail: error.to_string(),
    })?;
    if let Some(version) = document
        .version
        .filter(|version| !(1..=3).contains(version))
    {
        return Err(Fault::Json {
            detail: format!("`lockfileVersion` is {version}, known are 1 to 3"),
        });
    }
    match (&document.packages, &document.dependencies) {
        (Some(packages), _) => {
            for (place, entry) in packages {
                self::entry(place, entry, list)?;
            }
        }
        (None, Some(dependencies)) => nested(dependencies, list)?,
        (None, None) => {}
    }
    Ok(())
}

fn entry(place: &str, entry: &Entry, list: &mut List) -> Result<(), Fault> {
    let installed = match place.rsplit_once("node_modules/") {
        Some((before, installed)) if before.is_empty() || before.ends_with('/') => installed,
        _ => return Ok(()),
    };
    if entry.link {
        return Ok(());
    }
    let name = entry.name.as_deref().unwrap_or(installed);
    let resolved = entry.resolved.as_ref().and_then(|one| one.0.as_deref());
    match resolved.map_or(Origin::Registry, Origin::of) {
        Origin::Project => Ok(()),
        Origin::Elsewhere => list.unlisted(name, UnlistedReason::Source),
        Origin::Registry => match entry.version.as_deref() {
            Some(version) => list.package(name, version, purpose(entry.dev)),
            None => list.unlisted(name, UnlistedReason::NotPinned),
        },
    }
}

/// Walks `dependencies`; the JSON reader has bounded how deep they nest.
fn nested(dependencies: &BTreeMap<String, Dependency>, list: &mut List) -> Result<(), Fault> {
    for (installed, dependency) in dependencies {
        let written = dependency.version.as_deref();
        let (name, version) = match written.and_then(|text| text.strip_prefix("npm:")) {
            Some(alias) => match alias.rsplit_once('@') {
                Some((name, version)) if !name.is_empty() => (name, Some(version)),
                _ => (alias, None),
            },
            None => (installed.as_str(), written),
        };
        match (version.map_or(Origin::Registry, Origin::of), version) {
            (Origin::Project, _) => {}
            (Origin::Elsewhere, _) => list.unlisted(name, UnlistedReason::Source)?,
            (Origin::Registry, Some(version)) => {
                list.package(name, version, purpose(dependency.dev))?;
            }
            (Origin::Registry, None) => list.unlisted(name, UnlistedReason::NotPinned)?,
        }
        if let Some(inner) = &dependency.dependencies {
            nested(inner, list)?;
        }
    }
    Ok(())
}

fn purpose(dev: bool) -> Purpose {
    if dev {
        Purpose::Development
    } else {
        Purpose::Runtime
    }
}

/// Says where a package is from.
enum Origin {
    /// A registry or a mirror of one: `resolved` names the one that was asked at the time.
    Registry,
    /// A folder or an archive of the project's.
    Project,
    /// A repository or an archive of somebody's.
    Elsewhere,
}

impl Origin {
    /// Tells it from `resolved`, or from `version` of version 1.
    fn of(written: &str) -> Self {
        let Some((scheme, rest)) = written.split_once(':') else {
            // `github:`-less shorthand `OWNER/NAME` of version 1; versions hold no slash.
            return if written.contains('/') {
                Self::Elsewhere
            } else {
                Self::Registry
            };
        };
        match scheme {
            "file" => Self::Project,
            // The archives of registries: `…/NAME/-/NAME-VERSION.tgz`.
            "http" | "https" if rest.contains("/-/") || is_registry_archive(rest) => Self::Registry,
            _ => Self::Elsewhere,
        }
    }
}

/// GitHub's registry has archives of another form: `npm.pkg.github.com/download/@SCOPE/NAME/VERSION/HASH`.
fn is_registry_archive(rest: &str) -> bool {
    rest.starts_with("//npm.pkg.github.com/download/")
}

#[cfg(test)]
mod tests {
    use super::super::{Contents, Lockfile};
    use super::*;

    fn read(text: &str) -> Contents {
        Lockfile::Npm
            .read(text.as_bytes())
            .unwrap_or_else(|e| panic!("{e}"))
    }

    fn listed(contents: &Contents) -> Vec<(&str, Purpose)> {
        contents
            .packages
            .iter()
            .map(|one| (one.package.purl.as_str(), one.purpose))
            .collect()
    }

    fn unlisted(contents: &Contents) -> Vec<(&str, UnlistedReason)> {
        contents
            .unlisted
            .iter()
            .map(|one| (one.name.as_str(), one.reason))
            .collect()
    }

    #[test]
    fn places_make_packages() {
        let contents = read(
            r#"{"name": "app", "lockfileVersion": 3, "packages": {
            "": {"name": "app", "version": "1.0.0"},
            "packages/member": {"version": "1.0.0"},
            "node_modules/member": {"resolved": "packages/member", "link": true},
            "node_modules/a": {"version": "1.0.0", "resolved": "https://registry.example/a/-/a-1.0.0.tgz"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": true},
            "packages/member/node_modules/a": {"version": "3.0.0", "devOptional": true},
            "node_modules/alias": {"name": "real", "version": "4.0.0"},
            "node_modules/g": {"version": "1.0.0", "resolved": "git+ssh://git@github.com/o/g.git#0"},
            "node_modules/t": {"version": "1.0.0", "resolved": "https://example.com/t.tgz"},
            "node_modules/f": {"version": "1.0.0", "resolved": "file:vendor/f.tgz"},
            "node_modules/p": {"version": "1.0.0", "resolved": "https://npm.pkg.github.com/download/@o/p/1.0.0/0"},
            "node_modules/bundled": {"version": "1.0.0", "resolved": true},
            "node_modules/none": {},
            "my_node_modules/x": {"version": "1.0.0"}},
            "dependencies": {"ignored": {"version": "9.0.0"}}}"#,
        );
        let run = Purpose::Runtime;
        assert_eq!(
            listed(&contents),
            [
                ("pkg:npm/%40s/b@2.0.0", Purpose::Development),
                ("pkg:npm/a@1.0.0", run),
                ("pkg:npm/a@3.0.0", run),
                ("pkg:npm/bundled@1.0.0", run),
                ("pkg:npm/p@1.0.0", run),
                ("pkg:npm/real@4.0.0", run),
            ]
        );
        assert_eq!(
            unlisted(&contents),
            [
                ("g", UnlistedReason::Source),
                ("none", UnlistedReason::NotPinned),
                ("t", UnlistedReason::Source),
            ]
        );
    }

    #[test]
    fn version_1_nests() {
        let contents = read(
            r#"{"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"@s/b": {"version": "2.0.0", "dev": true}}},
            "alias": {"version": "npm:@s/real@3.0.0"},
            "g": {"version": "github:o/g#0"}, "h": {"version": "o/h#0"}, "t": {"version": "https://example.com/t.tgz"},
            "f": {"version": "file:../f"}}}"#,
        );
        assert_eq!(
            listed(&contents),
            [
                ("pkg:npm/%40s/b@2.0.0", Purpose::Development),
                ("pkg:npm/%40s/real@3.0.0", Purpose::Runtime),
                ("pkg:npm/a@1.0.0", Purpose::Runtime),
            ]
        );
        let names: Vec<_> = unlisted(&contents).iter().map(|one| one.0).collect();
        assert_eq!(names, ["g", "h", "t"]);
    }

    #[test]
    fn other_documents_are_refused() {
        let deep = format!(
            r#"{{"lockfileVersion":1,"dependencies":{}"#,
            r#"{"a":{"version":"1","dependencies":"#.repeat(1000)
        );
        for text in [
            "[]",
            "7",
            "",
            r#"{"lockfileVersion": 4}"#,
            "{\"packages\": []}",
            &deep,
        ] {
            assert!(
                matches!(Lockfile::Npm.read(text.as_bytes()), Err(Fault::Json { .. })),
                "{}",
                text.get(..20).unwrap_or(text)
            );
        }
        assert_eq!(read("{}"), Contents::default());
    }
}
