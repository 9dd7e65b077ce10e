//! The `package.json` of an installed Node package.
//!
//! Implements the npm CLI's documentation of `package.json` for `name`, `version`, `license` in its present and its two older
//! forms, `author`, `homepage` and the dependency maps. Scripts and entry points are nothing to an inventory.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::inventory::Fault;
use crate::package::Party;

/// Is what a package says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// `name`, with the scope.
    pub name: String,
    /// `version`.
    pub version: String,
    /// `license`, else `licenses`, as declared.
    pub licenses: Vec<String>,
    /// `author`.
    pub supplier: Option<Party>,
    /// `description`.
    pub summary: Option<String>,
    /// `homepage`.
    pub homepage: Option<String>,
    /// The keys of `dependencies`, `optionalDependencies` and `peerDependencies`.
    pub requires: BTreeSet<String>,
}

/// Reads a `package.json`.
///
/// # Errors
/// [`Fault::Json`] where it is no JSON object, [`Fault::MissingField`] without name or version.
pub fn parse(bytes: &[u8]) -> Result<Manifest, Fault> {
    let value = json(bytes)?;
    let object = value.as_object().ok_or_else(|| Fault::Json {
        detail: "not an object".to_owned(),
    })?;
    let text = |field: &str| {
        object
            .get(field)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|s| !s.is_empty())
    };
    let required = |field: &'static str| {
        text(field)
            .map(str::to_owned)
            .ok_or(Fault::MissingField { field, line: 1 })
    };
    Ok(Manifest {
        name: required("name")?,
        version: required("version")?,
        licenses: licenses(object),
        supplier: object.get("author").and_then(author),
        summary: text("description").map(str::to_owned),
        homepage: text("homepage").map(str::to_owned),
        requires: requires(object),
    })
}

/// Reads a JSON value; a byte order mark is skipped, as Node does.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| Fault::Json {
        detail: error.to_string(),
    })
}

pub(super) fn requires(object: &Map<String, Value>) -> BTreeSet<String> {
    ["dependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .filter_map(|field| object.get(*field)?.as_object())
        .flat_map(|map| map.keys().cloned())
        .collect()
}

pub(super) fn licenses(object: &Map<String, Value>) -> Vec<String> {
    let mut out = Vec::new();
    for field in ["license", "licenses"] {
        match object.get(field) {
            Some(Value::Array(list)) => out.extend(list.iter().filter_map(license)),
            Some(value) => out.extend(license(value)),
            None => {}
        }
        if !out.is_empty() {
            break;
        }
    }
    out
}

/// Reads one licence: a string, or the older `{ "type": …, "url": … }`.
fn license(value: &Value) -> Option<String> {
    let text =
        match value {
            Value::String(text) => Some(text),
            Value::Object(object) => ["type", "name", "url"].iter().find_map(|field| match object
                .get(*field)
            {
                Some(Value::String(text)) => Some(text),
                _ => None,
            }),
            _ => None,
        };
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// Reads a person: `Name <email> (url)` or an object of those.
fn author(value: &Value) -> Option<Party> {
    match value {
        Value::String(text) => {
            let (text, url) = match text.split_once('(') {
                Some((text, url)) => (text, url.split(')').next()),
                None => (text.as_str(), None),
            };
            let mut party = Party::parse(text)?;
            party.url = url.map(|u| u.trim().to_owned()).filter(|u| !u.is_empty());
            Some(party)
        }
        Value::Object(object) => {
            let text = |field: &str| {
                object
                    .get(field)
                    .and_then(Value::as_str)
                    .filter(|s| !s.is_empty())
            };
            Some(Party {
                name: text("name").or_else(|| text("email"))?.to_owned(),
                email: text("email").map(str::to_owned),
                url: text("url").map(str::to_owned),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_forms() {
        let table: [(&str, &[&str]); 7] = [
            (r#""license":"MIT""#, &["MIT"]),
            (r#""license":{"type":"BSD","url":"u"}"#, &["BSD"]),
            (r#""license":["A","B"]"#, &["A", "B"]),
            (r#""licenses":[{"type":"MIT"},"X",7]"#, &["MIT", "X"]),
            (r#""licenses":"GPL""#, &["GPL"]),
            (r#""license":{"url":"https://l"}"#, &["https://l"]),
            (r#""license":null"#, &[]),
        ];
        for (field, expected) in table {
            let text = format!("\u{feff}{{\"name\":\"a\",\"version\":\"1\",{field}}}");
            assert_eq!(
                parse(text.as_bytes()).map(|m| m.licenses),
                Ok(expected.iter().map(ToString::to_string).collect()),
                "{field}"
            );
        }
    }

    #[test]
    fn parse_reads_fields_and_refuses_the_rest() {
        let text = r#"{"name":"@s/a","version":"1.0.0","author":"N <e@x.y> (https://u)","homepage":"",
                       "dependencies":{"b":"1"},"peerDependencies":{"c":"*"},"devDependencies":{"d":"1"}}"#;
        let manifest = parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((manifest.name.as_str(), manifest.homepage), ("@s/a", None));
        assert_eq!(
            manifest.requires.into_iter().collect::<Vec<_>>(),
            ["b", "c"]
        );
        let author = Party {
            name: "N".to_owned(),
            email: Some("e@x.y".to_owned()),
            url: Some("https://u".to_owned()),
        };
        assert_eq!(manifest.supplier, Some(author));
        assert_eq!(
            parse(br#"{"name":"a"}"#),
            Err(Fault::MissingField {
                field: "version",
                line: 1
            })
        );
        assert!(matches!(parse(b"[]"), Err(Fault::Json { .. })));
        assert!(matches!(parse(b"{"), Err(Fault::Json { .. })));
        let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
        assert!(matches!(parse(&deep), Err(Fault::Json { .. })));
    }
}
