//! OpenVEX 0.2.0 documents (`github.com/openvex/spec`, `OPENVEX-SPEC.md`).
//!
//! Two published deviations are read: the header fields under `metadata` (Canonical), and times without a zone, taken as UTC. Products and vulnerabilities
//! may be plain strings, as in version 0.0.x.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use sha2::{Digest as _, Sha256};

use crate::vex::{Document, Format, Product, Statement, Status};

use super::error::{Error, json, start, within};
use super::text::moment;

/// A document of this size is read; the largest published ones have some MB.
pub const MAX_DOCUMENT: usize = 128 << 20;

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "@context")]
    context: Option<String>,
    #[serde(rename = "@id")]
    id: Option<String>,
    author: Option<String>,
    timestamp: Option<String>,
    metadata: Option<Header>,
    statements: Option<Vec<RawStatement>>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "@context")]
    context: Option<String>,
    #[serde(rename = "@id")]
    id: Option<String>,
    author: Option<String>,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct RawStatement {
    vulnerability: Named,
    timestamp: Option<String>,
    last_updated: Option<String>,
    #[serde(default)]
    products: Vec<Named>,
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
}

/// A vulnerability, product or subcomponent: an object, or its name alone.
#[derive(Default)]
struct Named(Fields);

#[derive(Default, Deserialize)]
struct Fields {
    #[serde(rename = "@id")]
    id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    identifiers: Option<Identifiers>,
    #[serde(default)]
    subcomponents: Vec<Named>,
}

#[derive(Deserialize)]
struct Identifiers {
    purl: Option<String>,
    cpe22: Option<String>,
    cpe23: Option<String>,
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or an object")
            }

            fn visit_str<E>(self, name: &str) -> Result<Named, E> {
                Ok(Named(Fields {
                    id: Some(name.to_owned()),
                    ..Fields::default()
                }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named, A::Error> {
                Fields::deserialize(MapAccessDeserializer::new(map)).map(Named)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl Named {
    /// Returns the names of a product, purls first.
    fn ids(&self) -> Vec<String> {
        let identifiers = self.0.identifiers.as_ref();
        let purl = identifiers.and_then(|identifiers| identifiers.purl.as_ref());
        let cpes = identifiers
            .into_iter()
            .flat_map(|identifiers| [&identifiers.cpe23, &identifiers.cpe22])
            .flatten();
        let mut ids: Vec<String> = Vec::new();
        for id in purl.into_iter().chain(&self.0.id).chain(cpes) {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids.sort_by_key(|id| !id.starts_with("pkg:"));
        ids
    }

    /// Returns the names of a subcomponent. Without one it is still a part: the statement is not about the whole product.
    fn part(&self) -> Vec<String> {
        let ids = self.ids();
        if ids.is_empty() {
            vec![String::new()]
        } else {
            ids
        }
    }

    /// Returns the ids of a vulnerability: its name, else its id, then the aliases.
    fn vulnerability(&self) -> Vec<String> {
        let name = self.0.name.as_ref().or(self.0.id.as_ref());
        let mut ids: Vec<String> = Vec::new();
        for id in name.into_iter().chain(&self.0.aliases) {
            if !id.is_empty() && !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids
    }
}

/// Reads one document.
///
/// # Errors
///
/// [`Error`] where it is too large, no OpenVEX, or a statement has no vulnerability or a status that the specification does not know.
pub fn parse(bytes: &[u8]) -> Result<Document, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let raw: Raw = json(bytes, "OpenVEX")?;
    let header = raw.metadata.as_ref();
    let of = |own: Option<String>, of: fn(&Header) -> &Option<String>| {
        own.or_else(|| header.and_then(|header| of(header).clone()))
    };
    let context = of(raw.context, |header| &header.context).unwrap_or_default();
    if !context.starts_with("https://openvex.dev/ns") {
        return Err(Error::Value {
            what: "@context",
            found: start(&context),
            expected: "one of https://openvex.dev/ns",
        });
    }
    let id = of(raw.id, |header| &header.id).unwrap_or_default();
    let issuer = of(raw.author, |header| &header.author).unwrap_or_default();
    let time = of(raw.timestamp, |header| &header.timestamp)
        .as_deref()
        .and_then(moment);
    let statements = raw.statements.ok_or_else(|| Error::Missing {
        what: "the list of statements",
        place: start(&id),
    })?;
    let statements = statements
        .into_iter()
        .map(|statement| statement.read(&id, &issuer, time))
        .collect::<Result<_, _>>()?;
    Ok(Document {
        format: Format::OpenVex,
        id,
        issuer,
        digest: Sha256::digest(bytes).into(),
        statements,
    })
}

impl RawStatement {
    fn read(
        self,
        document: &str,
        issuer: &str,
        time: Option<Timestamp>,
    ) -> Result<Statement, Error> {
        let vulnerabilities = self.vulnerability.vulnerability();
        if vulnerabilities.is_empty() {
            return Err(Error::Missing {
                what: "the vulnerability of a statement",
                place: start(document),
            });
        }
        let status = Status::parse(&self.status).ok_or_else(|| Error::Value {
            what: "status",
            found: start(&self.status),
            expected: "not_affected, affected, fixed or under_investigation",
        })?;
        // A time that is none does not make the statement as new as its document.
        let own = self.last_updated.as_deref().or(self.timestamp.as_deref());
        Ok(Statement {
            vulnerabilities,
            products: self
                .products
                .iter()
                .map(|product| Product {
                    ids: product.ids(),
                    subcomponents: product
                        .0
                        .subcomponents
                        .iter()
                        .flat_map(Named::part)
                        .collect(),
                })
                .collect(),
            status,
            justification: self.justification,
            impact: self.impact_statement,
            action: self.action_statement,
            issuer: issuer.to_owned(),
            time: own.map_or(time, moment),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex-1","author":"Us","timestamp":"2024-01-01T00:00:00Z","version":1,
        "statements":[{"vulnerability":{"@id":"https://example.com/v","name":"GO-2024-1","aliases":["CVE-2024-1"]},
            "products":[{"@id":"pkg:oci/app","identifiers":{"purl":"pkg:oci/app@1","cpe23":"cpe:2.3:a"},"subcomponents":[{"@id":"pkg:npm/x"},"pkg:npm/y"]}],
            "status":"not_affected","justification":"component_not_present","timestamp":"2024-02-01T00:00:00Z"},
          {"vulnerability":"CVE-2024-2","products":["pkg:npm/z"],"status":"fixed"}]}"#;

    #[test]
    fn a_document_is_read_whole() {
        let document = parse(WHOLE.as_bytes()).expect("a document");
        assert_eq!(
            (document.id.as_str(), document.issuer.as_str()),
            ("https://example.com/vex-1", "Us")
        );
        let [one, two] = &document.statements[..] else {
            panic!("{document:?}")
        };
        assert_eq!(one.vulnerabilities, ["GO-2024-1", "CVE-2024-1"]);
        assert_eq!(
            (
                one.products[0].ids.len(),
                &one.products[0].subcomponents[..]
            ),
            (3, &["pkg:npm/x".to_owned(), "pkg:npm/y".to_owned()][..])
        );
        assert_eq!(one.products[0].ids[0], "pkg:oci/app@1");
        assert!(one.time > two.time && two.time.is_some());
        assert_eq!(
            (
                two.vulnerabilities[0].as_str(),
                two.status,
                two.products[0].ids[0].as_str()
            ),
            ("CVE-2024-2", Status::Fixed, "pkg:npm/z")
        );
    }

    #[test]
    fn a_part_without_a_name_is_still_a_part() {
        for (part, names, purls) in [
            ("{}", &[""][..], &[][..]),
            (r#"{"name":"bash"}"#, &[""], &[]),
            (
                r#"{"@id":"urn:x","identifiers":{"purl":"pkg:npm/x"}}"#,
                &["pkg:npm/x", "urn:x"],
                &["pkg:npm/x"],
            ),
            (
                r#"{"@id":"pkg:npm/x@1","identifiers":{"purl":"pkg:npm/x"}}"#,
                &["pkg:npm/x", "pkg:npm/x@1"],
                &["pkg:npm/x", "pkg:npm/x@1"],
            ),
        ] {
            let text = WHOLE.replace(r#"{"@id":"pkg:npm/x"},"pkg:npm/y""#, part);
            let document = parse(text.as_bytes()).expect("a document");
            let product = &document.statements[0].products[0];
            assert_eq!(product.subcomponents, names, "{part}");
            assert_eq!(product.purls().collect::<Vec<_>>(), purls, "{part}");
        }
    }

    #[test]
    fn a_header_under_metadata_is_read() {
        let document = parse(br#"{"metadata":{"@context":"https://openvex.dev/ns/v0.2.0","author":"Them","timestamp":"2025-03-26T17:08:28.81"},"statements":
            [{"vulnerability":{"name":"CVE-1"},"status":"affected","timestamp":"2025-03-26 02:44:10.025070"}]}"#).expect("a document");
        assert_eq!(document.issuer, "Them");
        assert_eq!(
            document.statements[0]
                .time
                .map(|time| time.to_string())
                .as_deref(),
            Some("2025-03-26T02:44:10.02507Z")
        );
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        let with = |from: &str, to: &str| parse(WHOLE.replace(from, to).as_bytes());
        assert!(matches!(
            with("openvex.dev", "example.com"),
            Err(Error::Value {
                what: "@context",
                ..
            })
        ));
        assert!(matches!(
            with("\"fixed\"", "\"mended\""),
            Err(Error::Value { what: "status", .. })
        ));
        assert!(matches!(
            with("\"CVE-2024-2\"", "\"\""),
            Err(Error::Missing {
                what: "the vulnerability of a statement",
                ..
            })
        ));
        assert!(matches!(
            with("\"statements\"", "\"none\""),
            Err(Error::Missing {
                what: "the list of statements",
                ..
            })
        ));
        assert!(matches!(
            with("\"CVE-2024-2\"", "[]"),
            Err(Error::Json { .. })
        ));
        assert_eq!(
            with("2024-02-01T00:00:00Z", "soon")
                .expect("a document")
                .statements[0]
                .time,
            None,
            "not as new as the document"
        );
    }
}
