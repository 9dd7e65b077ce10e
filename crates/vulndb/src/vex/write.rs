//! Writes OpenVEX 0.2.0 documents, and adds statements to existing ones (`github.com/openvex/spec`, `OPENVEX-SPEC.md`).
//!
//! The same content gives the same bytes: no clock is read, and a document without an id of its own is named by the digest of its content. What is added
//! to a document leaves every other byte of its members as it was, known or not.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use toolkit_oci::Digest;

use super::Statement;
use super::draft::{Error, Header, NewStatement};
use crate::feed::{self, openvex};

/// The context of documents of this version of the format.
const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";
/// The name space that the specification's tools use for documents whose author has none.
const NAMESPACE: &str = "https://openvex.dev/docs/public/vex-";

#[derive(serde::Serialize)]
struct RawDocument<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    author: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    timestamp: String,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tooling: Option<&'a str>,
    statements: Vec<RawStatement<'a>>,
}

#[derive(serde::Serialize)]
struct RawStatement<'a> {
    vulnerability: Vulnerability<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    products: Vec<Component<'a>>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<&'a str>,
}

#[derive(serde::Serialize)]
struct Vulnerability<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    aliases: &'a BTreeSet<String>,
}

/// A product, or a component of one, which has none itself.
#[derive(serde::Serialize)]
struct Component<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifiers: Option<Identifiers<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcomponents: Vec<Self>,
}

#[derive(serde::Serialize)]
struct Identifiers<'a> {
    purl: &'a str,
}

impl<'a> Component<'a> {
    fn of(id: &'a str, subcomponents: Vec<Self>) -> Self {
        Self {
            id,
            identifiers: id.starts_with("pkg:").then_some(Identifiers { purl: id }),
            subcomponents,
        }
    }
}

impl<'a> RawStatement<'a> {
    fn of(statement: &'a NewStatement, time: Option<Timestamp>) -> Self {
        let subcomponents = || {
            let ids = statement.subcomponents.iter();
            ids.map(|id| Component::of(id, Vec::new())).collect()
        };
        let products = statement.products.iter();
        let products = products.map(|id| Component::of(id, subcomponents()));
        Self {
            vulnerability: Vulnerability {
                name: &statement.vulnerability,
                aliases: &statement.aliases,
            },
            timestamp: time.map(|time| time.to_string()),
            products: products.collect(),
            status: statement.status.to_string(),
            status_notes: statement.notes.as_deref(),
            justification: statement.justification.map(|one| one.label()),
            impact_statement: statement.impact.as_deref(),
            action_statement: statement.action.as_deref(),
        }
    }
}

/// Makes a document of these statements, sorted, each once; indented, with a line feed at its end.
///
/// # Errors
///
/// [`Error`] where there is no statement, or one breaks a rule of the format.
pub fn create(header: &Header, statements: &[NewStatement]) -> Result<String, Error> {
    document(header, &checked(statements)?)
}

/// Makes a document that states nothing. The format has no form for it (its schema wants a statement), so it is for a program that has to write one and
/// says so.
///
/// # Errors
///
/// None for what a header can hold.
pub fn create_empty(header: &Header) -> Result<String, Error> {
    document(header, &BTreeSet::new())
}

fn document(header: &Header, statements: &BTreeSet<&NewStatement>) -> Result<String, Error> {
    let statements = statements.iter().map(|one| RawStatement::of(one, None));
    let mut raw = RawDocument {
        context: CONTEXT,
        id: None,
        author: &header.author,
        role: header.role.as_deref(),
        timestamp: header.time.to_string(),
        version: 1,
        tooling: header.tooling.as_deref(),
        statements: statements.collect(),
    };
    raw.id = Some(match &header.id {
        Some(id) => id.clone(),
        None => {
            let content = serde_json::to_vec(&raw).map_err(json)?;
            format!("{NAMESPACE}{}", Digest::sha256(&content).hex())
        }
    });
    pretty(&raw)
}

/// Is a document that was added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The document, indented as far as it is new, with a line feed at its end.
    pub text: String,
    /// The vulnerabilities of which a statement of another status, no older than the new one, stands there about one of its products: readers believe the
    /// newest, and none where two are as new.
    pub outweighed: Vec<String>,
}

/// Adds statements to an existing document, which keeps its id and everything that it says, and becomes its next version.
///
/// New statements carry their time: what stood there before keeps the document's (OpenVEX 0.2.0, "Inheritance Flow"), and `last_updated` tells of the
/// change ("Document Struct Fields").
///
/// # Errors
///
/// [`Error`] where the bytes are no OpenVEX document, a statement stands there already, or one breaks a rule of the format.
pub fn add(bytes: &[u8], time: Timestamp, statements: &[NewStatement]) -> Result<Added, Error> {
    let stated = openvex::parse(bytes)?.statements;
    let mut members: Members<'_> = serde_json::from_slice(bytes).map_err(json)?;
    let new = checked(statements)?;
    let version = members.get("version");
    let version = version.and_then(|text| text.parse::<u64>().ok()?.checked_add(1));
    let version = version.ok_or(Error::Field {
        field: "version",
        expected: "number of a version",
    })?;
    let list = members.get("statements");
    let list = list.and_then(|text| serde_json::from_str::<Vec<Box<RawValue>>>(text).ok());
    let list = list.ok_or(Error::Field {
        field: "statements",
        expected: "list",
    })?;
    let old: Vec<Value> = list
        .iter()
        .map(|raw| serde_json::from_str(raw.get()))
        .collect::<Result<_, _>>()
        .map_err(json)?;
    let mut list: Vec<Part<'_>> = list.into_iter().map(Part::Old).collect();
    let mut outweighed = Vec::new();
    for statement in new {
        let value = serde_json::to_value(RawStatement::of(statement, None)).map_err(json)?;
        if old.iter().any(|old| is_same(old, &value)) {
            return Err(Error::Repeated {
                vulnerability: statement.vulnerability.clone(),
            });
        }
        if stated.iter().any(|old| outweighs(old, statement, time)) {
            outweighed.push(statement.vulnerability.clone());
        }
        list.push(Part::New(RawStatement::of(statement, Some(time))));
    }
    members.put("version", Part::Version(version));
    members.put("last_updated", Part::Time(time.to_string()));
    members.put("statements", Part::List(list));
    Ok(Added {
        text: pretty(&members)?,
        outweighed,
    })
}

/// Tells whether an old statement keeps a new one from being believed.
fn outweighs(old: &Statement, new: &NewStatement, time: Timestamp) -> bool {
    let known = |id: &String| *id == new.vulnerability || new.aliases.contains(id);
    let meant = |product: &super::Product| product.ids.iter().any(|id| new.products.contains(id));
    old.status != new.status
        && old.time.is_some_and(|old| old >= time)
        && old.vulnerabilities.iter().any(known)
        && old.products.iter().any(meant)
}

/// Sorts statements, each once, and checks them.
fn checked(statements: &[NewStatement]) -> Result<BTreeSet<&NewStatement>, Error> {
    let statements: BTreeSet<&NewStatement> = statements.iter().collect();
    if statements.is_empty() {
        return Err(Error::NoStatement);
    }
    statements.iter().try_for_each(|one| one.check())?;
    Ok(statements)
}

/// Tells whether two statements differ in nothing but their time.
fn is_same(old: &Value, new: &Value) -> bool {
    let mut old = old.clone();
    if let Some(old) = old.as_object_mut() {
        old.remove("timestamp");
    }
    old == *new
}

/// Is an object whose members keep their order and their text.
struct Members<'a>(Vec<(String, Part<'a>)>);

/// Is a part of a document: as it was, or new.
enum Part<'a> {
    Old(Box<RawValue>),
    New(RawStatement<'a>),
    List(Vec<Self>),
    Version(u64),
    Time(String),
}

impl<'a> Members<'a> {
    /// Returns the text of a member that was there.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(known, part)| match part {
            Part::Old(raw) if known == name => Some(raw.get()),
            _ => None,
        })
    }

    /// Replaces a member; a new one comes before the statements, which are the longest.
    fn put(&mut self, name: &str, part: Part<'a>) {
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *old = part;
            return;
        }
        let before = self.0.iter().position(|(known, _)| known == "statements");
        let before = before.unwrap_or(self.0.len());
        self.0.insert(before, (name.to_owned(), part));
    }
}

impl<'de> Deserialize<'de> for Members<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Vec<(String, Box<RawValue>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        let members = deserializer.deserialize_map(Each)?.into_iter();
        Ok(Self(
            members.map(|(name, raw)| (name, Part::Old(raw))).collect(),
        ))
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, part)| (name, part)))
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Old(raw) => raw.serialize(serializer),
            Self::New(statement) => statement.serialize(serializer),
            Self::List(parts) => parts.serialize(serializer),
            Self::Version(version) => version.serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
        }
    }
}

fn pretty<T: Serialize>(document: &T) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(document).map_err(json)?;
    Ok(format!("{text}\n"))
}

fn json(source: serde_json::Error) -> Error {
    Error::Document(feed::Error::Json {
        format: "OpenVEX",
        source,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Status;
    use super::super::draft::tests::statement;
    use super::*;

    fn header() -> Header {
        Header {
            author: "us".into(),
            role: None,
            id: None,
            tooling: None,
            time: Timestamp::UNIX_EPOCH,
        }
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn a_document_reads_as_what_was_written_and_is_named_by_its_content() {
        let text = create(
            &header(),
            &[statement(Status::Fixed), statement(Status::Fixed)],
        )
        .expect("a document");
        let read = openvex::parse(text.as_bytes()).expect("reads");
        let [one] = &read.statements[..] else {
            panic!("{read:?}")
        };
        assert_eq!(one.vulnerabilities, ["CVE-2024-1", "GHSA-1"]);
        assert_eq!(one.products[0].ids[0], "pkg:oci/app@sha256%3Aab");
        assert_eq!(one.products[0].subcomponents, ["pkg:npm/x@1"]);
        assert_eq!(
            create(&header(), &[statement(Status::Fixed)]).expect("a document"),
            text
        );
        let other =
            create(&header(), &[statement(Status::UnderInvestigation)]).expect("a document");
        assert_ne!(value(&other)["@id"], value(&text)["@id"]);
        assert!(matches!(create(&header(), &[]), Err(Error::NoStatement)));
        let empty = value(&create_empty(&header()).expect("a document"));
        assert_eq!(empty["statements"], json!([]));
    }

    #[test]
    fn what_is_added_makes_the_next_version() {
        let first =
            create(&header(), &[statement(Status::UnderInvestigation)]).expect("a document");
        let later: Timestamp = "2024-02-01T00:00:00Z".parse().expect("a time");
        let added = add(first.as_bytes(), later, &[statement(Status::Fixed)]).expect("a document");
        assert!(added.outweighed.is_empty(), "{added:?}");
        let text = added.text;
        let (next, document) = (value(&text), value(&first));
        assert_eq!(
            (
                &next["@id"],
                &next["version"],
                &next["timestamp"],
                &next["last_updated"]
            ),
            (
                &document["@id"],
                &json!(2),
                &document["timestamp"],
                &json!("2024-02-01T00:00:00Z")
            )
        );
        let read = openvex::parse(text.as_bytes()).expect("reads");
        assert_eq!(read.statements.len(), 2);
        assert_eq!(read.statements[0].time, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(read.statements[1].time, Some(later));
        assert!(matches!(
            add(text.as_bytes(), later, &[statement(Status::Fixed)]),
            Err(Error::Repeated { .. })
        ));
        assert!(matches!(
            add(b"{}", later, &[statement(Status::Fixed)]),
            Err(Error::Document(_))
        ));
        let odd = first.replace("\"version\": 1", "\"version\": \"one\"");
        assert!(matches!(
            add(odd.as_bytes(), later, &[statement(Status::Fixed)]),
            Err(Error::Field {
                field: "version",
                ..
            })
        ));
        let text = add(
            text.as_bytes(),
            later,
            &[statement(Status::UnderInvestigation)],
        );
        assert!(matches!(text, Err(Error::Repeated { .. })), "{text:?}");
    }

    #[test]
    fn what_is_not_known_of_a_document_stays_byte_by_byte() {
        let old = r#"{
  "statements": [
    {"x-rank": 1.10, "vulnerability": {"name": "CVE-1", "x": [1,  2]}, "products": [{"@id": "pkg:npm/x"}], "status": "fixed"}
  ],
  "version": 7,
  "author": "us",
  "@id": "https://example.com/vex/1",
  "x-number": 123456789012345678901234567890,
  "@context": "https://openvex.dev/ns/v0.2.0",
  "timestamp": "2023-01-01T00:00:00Z"
}"#;
        let later: Timestamp = "2024-02-01T00:00:00Z".parse().expect("a time");
        let added = add(old.as_bytes(), later, &[statement(Status::Fixed)]).expect("a document");
        let text = added.text;
        let lost: Vec<&str> = old
            .lines()
            .filter(|line| !text.contains(line.trim_end_matches(',')))
            .collect();
        assert_eq!(lost, ["  \"version\": 7,"], "{text}");
        let order: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("  \"")?.split('"').next())
            .collect();
        assert_eq!(
            order,
            [
                "last_updated",
                "statements",
                "version",
                "author",
                "@id",
                "x-number",
                "@context",
                "timestamp"
            ]
        );
        assert!(
            text.contains("\n    {\n      \"vulnerability\": {"),
            "{text}"
        );
    }

    #[test]
    fn a_statement_that_nobody_will_believe_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let first = |status| {
            let header = Header {
                time: at("2024-02-01T00:00:00Z"),
                ..header()
            };
            create(&header, &[statement(status)]).expect("a document")
        };
        for (status, time, told) in [
            (Status::UnderInvestigation, "2024-02-01T00:00:01Z", false),
            (Status::UnderInvestigation, "2024-02-01T00:00:00Z", true),
            (Status::UnderInvestigation, "2024-01-01T00:00:00Z", true),
        ] {
            let added = add(
                first(status).as_bytes(),
                at(time),
                &[statement(Status::Fixed)],
            );
            let outweighed = added.expect("a document").outweighed;
            assert_eq!(!outweighed.is_empty(), told, "{time}");
        }
        let mut other = statement(Status::Fixed);
        other.products = ["pkg:oci/other".to_owned()].into();
        let early = at("2024-01-01T00:00:00Z");
        let added = add(
            first(Status::UnderInvestigation).as_bytes(),
            early,
            &[other],
        );
        assert!(added.expect("a document").outweighed.is_empty());
    }
}
