//! The hidden lockfile that npm 7 and later writes beside what it installs.
//!
//! Implements the `packages` map of lockfile version 2 and 3 (npm CLI documentation, "package-lock.json"; hidden lockfiles are
//! `node_modules/.package-lock.json`). It adds to what `package.json` files say; a package that is not there is not listed.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::manifest;
use crate::inventory::Fault;
use crate::package::{Checksum, ChecksumAlgorithm};

/// Is what the lockfile says about one installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// `version`.
    pub version: Option<String>,
    /// `license`, as declared.
    pub licenses: Vec<String>,
    /// `integrity`: digests of the package's archive.
    pub checksums: Vec<Checksum>,
    /// The names that it needs.
    pub requires: BTreeSet<String>,
}

/// Reads a lockfile: path from the project's directory (`node_modules/a`) to entry. Links to directories are left out.
///
/// # Errors
/// [`Fault::Json`] where it is no JSON object.
pub fn parse(bytes: &[u8]) -> Result<BTreeMap<String, Locked>, Fault> {
    let value = manifest::json(bytes)?;
    let object = value.as_object().ok_or_else(|| Fault::Json {
        detail: "not an object".to_owned(),
    })?;
    let mut out = BTreeMap::new();
    for (path, entry) in object
        .get("packages")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let Some(entry) = entry.as_object() else {
            continue;
        };
        if entry.get("link").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let text = |field: &str| entry.get(field).and_then(Value::as_str);
        let locked = Locked {
            version: text("version").map(str::to_owned),
            licenses: manifest::licenses(entry),
            checksums: text("integrity").map(integrity).unwrap_or_default(),
            requires: manifest::requires(entry),
        };
        out.insert(path.clone(), locked);
    }
    Ok(out)
}

/// Reads a Subresource Integrity value: `sha512-BASE64`, several separated by spaces, options after `?`.
fn integrity(value: &str) -> Vec<Checksum> {
    value
        .split_whitespace()
        .filter_map(|item| {
            let (algorithm, rest) = item.split_once('-')?;
            let bytes = STANDARD.decode(rest.split('?').next()?).ok()?;
            let (algorithm, size) = match algorithm {
                "sha1" => (ChecksumAlgorithm::Sha1, 20),
                "sha256" => (ChecksumAlgorithm::Sha256, 32),
                "sha384" => (ChecksumAlgorithm::Sha384, 48),
                "sha512" => (ChecksumAlgorithm::Sha512, 64),
                _ => return None,
            };
            (bytes.len() == size).then(|| Checksum {
                algorithm,
                hex: hex::encode(bytes),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_entries() {
        let text = r#"{"lockfileVersion":3,"packages":{
            "node_modules/a":{"version":"1.0.0","license":"MIT","integrity":"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= md5-x sha512-short",
                              "dependencies":{"b":"^1"},"optionalDependencies":{"c":"1"}},
            "node_modules/l":{"resolved":"x","link":true},"node_modules/n":7}}"#;
        let locked = parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(locked.keys().collect::<Vec<_>>(), ["node_modules/a"]);
        let a = &locked["node_modules/a"];
        assert_eq!(a.version.as_deref(), Some("1.0.0"));
        assert_eq!(a.licenses, ["MIT"]);
        assert_eq!(a.requires.iter().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(
            a.checksums,
            [Checksum {
                algorithm: ChecksumAlgorithm::Sha1,
                hex: "0".repeat(40)
            }]
        );
        assert!(matches!(parse(b"7"), Err(Fault::Json { .. })));
        assert_eq!(parse(b"{}"), Ok(BTreeMap::new()));
    }
}
