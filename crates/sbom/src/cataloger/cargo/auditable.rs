//! The crates that `cargo auditable` writes into a program.
//!
//! Finding the section and inflating it within limits is the `auditable-info` crate's; the JSON is read here, as the schema of
//! the cargo-auditable repository describes it, so that one odd entry does not lose the others.

use serde::Deserialize;

use crate::inventory::Fault;

/// Is one crate of the program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Crate {
    /// The name in `Cargo.toml`.
    pub name: String,
    /// The version.
    pub version: String,
    /// Where it came from: `crates.io`, `git`, `local`, `registry` or something newer.
    #[serde(default)]
    pub source: String,
    /// Whether it is in the program or only ran in its build.
    #[serde(default)]
    pub kind: DependencyKind,
    /// What it depends on, as positions in the list.
    #[serde(default)]
    pub dependencies: Vec<usize>,
    /// Whether it is the program's own crate.
    #[serde(default)]
    pub root: bool,
}

/// Tells what runs from what only built it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum DependencyKind {
    /// In the program.
    #[default]
    #[serde(rename = "runtime")]
    Runtime,
    /// A build script, procedural macro, or what those need.
    #[serde(rename = "build")]
    Build,
}

#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

/// Reads the crates of a program; `None` where it has no such section.
///
/// # Errors
/// [`Fault`] where the section is larger than 8 MiB inflated, damaged, or no JSON of the schema.
pub fn parse(bytes: &[u8]) -> Result<Option<Vec<Crate>>, Fault> {
    use auditable_info::Error;
    let json = match auditable_info::json_from_slice(bytes, MAX_JSON) {
        Ok(json) => json,
        // Every other program ends here.
        Err(Error::NoAuditData) => return Ok(None),
        Err(Error::OutputLimitExceeded) => {
            return Err(Fault::TooMany {
                what: "bytes of crate list in a program",
                limit: 8 << 20,
            });
        }
        // No program, or one whose sections cannot be found: a loss only where the section's name is there.
        Err(Error::BinaryParsing(_)) => {
            return match bytes.windows(SECTION.len()).position(|w| w == SECTION) {
                Some(at) => Err(Fault::Malformed {
                    what: "program with a crate list",
                    offset: u64::try_from(at).unwrap_or(u64::MAX),
                }),
                None => Ok(None),
            };
        }
        Err(error) => {
            return Err(Fault::Json {
                detail: error.to_string(),
            });
        }
    };
    match serde_json::from_str::<List>(&json) {
        Ok(list) => Ok(Some(list.packages)),
        Err(error) => Err(Fault::Json {
            detail: error.to_string(),
        }),
    }
}

/// The default of `auditable-info`.
const MAX_JSON: usize = 8 << 20;

const SECTION: &[u8] = b".dep-v0\0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_tells_no_list_from_a_lost_one() {
        assert_eq!(parse(b"#!/bin/sh"), Ok(None));
        let broken = b"\x7fELF\x02\x01\x01\0 .dep-v0\0";
        assert_eq!(
            parse(broken),
            Err(Fault::Malformed {
                what: "program with a crate list",
                offset: 9
            })
        );
    }

    #[test]
    fn list_takes_unknown_sources_and_fields() {
        let json = r#"{"packages":[{"name":"a","version":"1.0.0","source":"moon","root":true,"dependencies":[1],"x":1},
                       {"name":"b","version":"2.0.0","source":"crates.io","kind":"build"}],"format":9}"#;
        let list = serde_json::from_str::<List>(json)
            .map(|l| l.packages)
            .unwrap_or_default();
        let kinds: Vec<_> = list
            .iter()
            .map(|c| (c.name.as_str(), c.kind, c.root))
            .collect();
        assert_eq!(
            kinds,
            [
                ("a", DependencyKind::Runtime, true),
                ("b", DependencyKind::Build, false)
            ]
        );
    }
}
