//! JSON that every reader understands alike: no key twice, none that differs from a known one only in case.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::digest::excerpt;
use crate::error::{Error, Result};

/// Tells how far key spelling is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Also refuses keys that differ from a manifest's own only in case: Go's JSON reader takes them for the same, so
    /// others would see another document.
    Manifest,
    /// Refuses duplicate keys only.
    Other,
}

/// Parses JSON of which no object has a key twice: readers disagree on which one counts, so signer and runtime could
/// see different documents.
pub(crate) fn parse_json<'de, T: Deserialize<'de>>(
    what: &str,
    bytes: &'de [u8],
    strictness: Strictness,
) -> Result<T> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Error::InvalidDocument {
            what: what.to_owned(),
            reason: "it is not UTF-8".to_owned(),
        });
    }
    let fault = |error: &serde_json::Error| Error::json(what, bytes, error);
    let UniqueKeys(top) = serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
    if strictness == Strictness::Manifest
        && let Some(key) = top.iter().find(|key| {
            MANIFEST_KEYS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(key) && *known != key.as_str())
        })
    {
        return Err(Error::InvalidDocument {
            what: what.to_owned(),
            reason: format!(
                "key `{}` differs from a known one only in case",
                excerpt(key)
            ),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| fault(&error))
}

const MANIFEST_KEYS: [&str; 9] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "manifests",
    "subject",
    "annotations",
    "fsLayers",
];

/// Walks any JSON value, fails at the first repeated key, and keeps the keys of the outermost object.
struct UniqueKeys(Vec<String>);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Walk;

        impl<'de> Visitor<'de> for Walk {
            type Value = UniqueKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<UniqueKeys, A::Error> {
                let mut keys = std::collections::BTreeSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if keys.contains(&key) {
                        return Err(serde::de::Error::custom(format_args!(
                            "duplicate key `{}`",
                            excerpt(&key)
                        )));
                    }
                    keys.insert(key);
                    map.next_value::<UniqueKeys>()?;
                }
                Ok(UniqueKeys(keys.into_iter().collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> std::result::Result<UniqueKeys, A::Error> {
                while seq.next_element::<UniqueKeys>()?.is_some() {}
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_bool<E>(self, _: bool) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_i64<E>(self, _: i64) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_u64<E>(self, _: u64) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_f64<E>(self, _: f64) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_str<E>(self, _: &str) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }

            fn visit_unit<E>(self) -> std::result::Result<UniqueKeys, E> {
                Ok(UniqueKeys(Vec::new()))
            }
        }

        deserializer.deserialize_any(Walk)
    }
}
