//! `go.mod` (Go Modules Reference, "go.mod files").
//!
//! Lists what `require` names, indirect needs included, after `replace` and `exclude`. Since Go 1.17 that is everything a build takes; the
//! file of an older module names its direct needs, which is said. A replacement by a directory is part of the project. The Go version is a
//! demand on the tool chain and locks none.

use std::collections::{BTreeMap, BTreeSet};

use super::{List, Purpose, UnlistedReason, text};
use crate::inventory::Fault;

pub(super) fn read(bytes: &[u8], list: &mut List) -> Result<(), Fault> {
    let module = Module::parse(text(bytes)?)?;
    for (path, version) in &module.requires {
        if module.excludes.contains(&(path.clone(), version.clone())) {
            // The build takes the next higher version, which is not in this file.
            list.unlisted(path, UnlistedReason::NotPinned)?;
            continue;
        }
        // A replacement of one version wins over one of all (reference, "replace directive").
        let replaced = module
            .replaces
            .get(&(path.clone(), Some(version.clone())))
            .or_else(|| module.replaces.get(&(path.clone(), None)));
        match replaced {
            None => list.package(path, version, Purpose::Unknown)?,
            Some((_, None)) => {}
            Some((path, Some(version))) => list.package(path, version, Purpose::Unknown)?,
        }
    }
    if !module.requires.is_empty() && module.go.is_none_or(|go| go < PRUNED) {
        let name = module.path.as_deref().unwrap_or("go.mod");
        list.unlisted(name, UnlistedReason::Incomplete)?;
    }
    Ok(())
}

/// The first version whose `go.mod` files name indirect needs, too (Go 1.17 release notes, "Pruned module graphs").
const PRUNED: (u64, u64) = (1, 17);

#[derive(Debug, Default, PartialEq, Eq)]
struct Module {
    path: Option<String>,
    go: Option<(u64, u64)>,
    requires: BTreeSet<(String, String)>,
    excludes: BTreeSet<(String, String)>,
    /// Path and version, or every version, to path and version; a directory has no version.
    replaces: BTreeMap<(String, Option<String>), (String, Option<String>)>,
}

impl Module {
    fn parse(text: &str) -> Result<Self, Fault> {
        let mut module = Self::default();
        let mut block: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let number = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
            let fault = |detail: &str| Fault::Lockfile {
                line: number,
                detail: detail.to_owned(),
            };
            let words = words(line).ok_or_else(|| fault("a string does not end"))?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match (block.as_deref(), words.as_slice()) {
                (_, []) => {}
                (Some(_), [")"]) => block = None,
                (Some(verb), arguments) => module
                    .directive(verb, arguments)
                    .ok_or_else(|| fault("not a directive of go.mod"))?,
                (None, [verb, "("]) => block = Some((*verb).to_owned()),
                (None, [verb, arguments @ ..]) => module
                    .directive(verb, arguments)
                    .ok_or_else(|| fault("not a directive of go.mod"))?,
            }
        }
        match block {
            None => Ok(module),
            Some(_) => Err(Fault::Lockfile {
                line: u64::try_from(text.lines().count()).unwrap_or(u64::MAX),
                detail: "a block does not end".to_owned(),
            }),
        }
    }

    /// Takes one directive; `None` where its arguments are not of its form. Unknown ones are of later versions and are passed over.
    fn directive(&mut self, verb: &str, arguments: &[&str]) -> Option<()> {
        let own = |text: &&str| (*text).to_owned();
        match (verb, arguments) {
            ("module", [path]) => self.path = Some(own(path)),
            ("go", [version]) => self.go = language_version(version),
            ("require", [path, version]) => {
                self.requires.insert((own(path), own(version)));
            }
            ("exclude", [path, version]) => {
                self.excludes.insert((own(path), own(version)));
            }
            ("replace", [from, rest @ ..]) => {
                let (version, to) = match rest {
                    ["=>", to @ ..] => (None, to),
                    [version, "=>", to @ ..] => (Some(own(version)), to),
                    _ => return None,
                };
                let to = match to {
                    [path] => (own(path), None),
                    [path, version] => (own(path), Some(own(version))),
                    _ => return None,
                };
                self.replaces.insert((own(from), version), to);
            }
            ("module" | "go" | "require" | "exclude" | "replace", _) => return None,
            // A merge that was not finished.
            (verb, _) if verb.bytes().any(|byte| !byte.is_ascii_alphabetic()) => return None,
            _ => {}
        }
        Some(())
    }
}

fn language_version(text: &str) -> Option<(u64, u64)> {
    let (major, rest) = text.split_once('.')?;
    let minor = rest
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Splits a line into words: `//` begins a comment, `(` and `)` stand alone, strings are quoted by `"` or a backquote (reference, "Lexical
/// elements"). `None` where a string does not end.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            break;
        }
        let (word, after) = match first {
            '(' | ')' => rest.split_at_checked(1)?,
            '"' | '`' => {
                let inner = rest.get(1..)?;
                let end = inner.find(first)?;
                let (word, after) = inner.split_at_checked(end)?;
                (word, after.get(1..)?)
            }
            _ => {
                let end = rest
                    .find(|c: char| c.is_whitespace() || "()".contains(c))
                    .unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end)?;
                // A comment may follow without a space.
                let word = word.split("//").next().unwrap_or(word);
                (word, if word.len() < end { "" } else { after })
            }
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::super::{Contents, Lockfile};
    use super::*;

    fn read(text: &str) -> Contents {
        Lockfile::Go
            .read(text.as_bytes())
            .unwrap_or_else(|e| panic!("{e}"))
    }

    fn listed(contents: &Contents) -> Vec<&str> {
        contents
            .packages
            .iter()
            .map(|one| one.package.purl.as_str())
            .collect()
    }

    #[test]
    fn requirements_are_listed_after_their_replacements() {
        let contents = read(
            "// header\nmodule example.com/m // ours\n\ngo 1.21.0\ntoolchain go1.22.1\n\nrequire example.com/one v1.0.0\n\
             require (\n\texample.com/two/v2 v2.0.0 // indirect\n\t\"example.com/three\" v0.0.0-20200101000000-000000000000\n\
             \texample.com/four v1.0.0\n\texample.com/five v1.0.0+incompatible\n\texample.com/six v1.0.0//indirect\n)\n\
             replace example.com/one => ../one\nreplace (\n\texample.com/four v1.0.0 => example.com/fork v1.0.1\n\
             \texample.com/four => ../four\n\texample.com/five v9.9.9 => ../five\n)\n\
             exclude example.com/six v1.0.0\nretract [v1.0.0, v1.1.0]\ntool example.com/two/v2/cmd\ngodebug default=go1.21\n",
        );
        assert_eq!(
            listed(&contents),
            [
                "pkg:golang/example.com/five@v1.0.0%2Bincompatible",
                "pkg:golang/example.com/fork@v1.0.1",
                "pkg:golang/example.com/three@v0.0.0-20200101000000-000000000000",
                "pkg:golang/example.com/two/v2@v2.0.0",
            ]
        );
        let unlisted: Vec<_> = contents
            .unlisted
            .iter()
            .map(|one| (one.name.as_str(), one.reason))
            .collect();
        assert_eq!(unlisted, [("example.com/six", UnlistedReason::NotPinned)]);
    }

    #[test]
    fn old_files_are_said_to_be_incomplete() {
        for (go, expected) in [
            ("go 1.16\n", true),
            ("go 1.17\n", false),
            ("go 1.9\n", true),
            ("go 1.22rc1\n", false),
            ("go 2.0\n", false),
            ("", true),
        ] {
            let contents = read(&format!("module m\n{go}require example.com/a v1.0.0\n"));
            let found = contents
                .unlisted
                .iter()
                .any(|one| one.name == "m" && one.reason == UnlistedReason::Incomplete);
            assert_eq!(found, expected, "{go}");
        }
        assert!(read("module m\n").unlisted.is_empty(), "it needs nothing");
    }

    #[test]
    fn faults_name_their_line() {
        for (text, expected) in [
            ("module m\nrequire a\n", 2),
            ("module m\n\nrequire (\n", 3),
            ("replace a b\n", 1),
            ("replace a => b c d\n", 1),
            ("module \"m\n", 1),
            ("module m\n<<<<<<< HEAD\n", 2),
        ] {
            let fault = Lockfile::Go.read(text.as_bytes());
            assert!(
                matches!(fault, Err(Fault::Lockfile { line, .. }) if line == expected),
                "{text}: {fault:?}"
            );
        }
    }
}
