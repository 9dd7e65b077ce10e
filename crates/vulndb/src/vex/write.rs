//! Writes OpenVEX 0.2.0 (`github.com/openvex/spec`, `OPENVEX-SPEC.md`).
//!
//! A document is a function of the draft: no clock is read, and its id is made of its content. The specification leaves no form for a document without
//! statements; one is written with an empty list, and whoever writes it says so.

use jiff::Timestamp;
use serde::Serialize;
use toolkit_oci::Digest;

use super::{Product, Statement, Status};

/// The namespace of the version that is written.
const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";

/// The labels of `justification` (OpenVEX 0.2.0, "Status Justifications"); other reasons are impact statements.
pub const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// Is a document before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The address below which the document's id stands; the digest of its content follows.
    pub namespace: String,
    /// Who states it.
    pub author: String,
    /// In which capacity, where that is said.
    pub role: Option<String>,
    /// When.
    pub time: Timestamp,
    /// By what it was made.
    pub tooling: Option<String>,
    /// The version of the document, from 1 up.
    pub version: u32,
    /// The statements, in the order in which they are written.
    pub statements: Vec<Drafted>,
}

/// Is a statement with remarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drafted {
    /// The statement; its issuer is the document's.
    pub statement: Statement,
    /// How the status came about (`status_notes`).
    pub notes: Option<String>,
}

#[derive(Serialize)]
struct Raw<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    timestamp: String,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tooling: Option<&'a str>,
    statements: Vec<RawStatement<'a>>,
}

#[derive(Serialize)]
struct RawStatement<'a> {
    vulnerability: Vulnerability<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    products: Vec<RawProduct<'a>>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<&'a str>,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [String],
}

#[derive(Serialize)]
struct RawProduct<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifiers: Option<Identifiers<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcomponents: Vec<Subcomponent<'a>>,
}

#[derive(Serialize)]
struct Subcomponent<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifiers: Option<Identifiers<'a>>,
}

#[derive(Serialize)]
struct Identifiers<'a> {
    purl: &'a str,
}

impl<'a> Identifiers<'a> {
    fn of(id: &'a str) -> Option<Self> {
        id.starts_with("pkg:").then_some(Self { purl: id })
    }
}

/// Writes a document, indented, with a line feed at its end.
///
/// # Errors
///
/// Only what the JSON writer refuses, which texts and numbers never are.
pub fn write(draft: &Draft) -> serde_json::Result<String> {
    let mut raw = Raw {
        context: CONTEXT,
        id: String::new(),
        author: &draft.author,
        role: draft.role.as_deref(),
        timestamp: draft.time.to_string(),
        version: draft.version,
        tooling: draft.tooling.as_deref(),
        statements: draft.statements.iter().map(statement).collect(),
    };
    let digest = Digest::sha256(&serde_json::to_vec(&raw)?);
    raw.id = format!("{}{}", draft.namespace, digest.hex());
    Ok(format!("{}\n", serde_json::to_string_pretty(&raw)?))
}

fn statement(drafted: &Drafted) -> RawStatement<'_> {
    let Drafted { statement, notes } = drafted;
    let (name, aliases) = match statement.vulnerabilities.split_first() {
        Some((name, aliases)) => (name.as_str(), aliases),
        None => ("", &[][..]),
    };
    let denied = statement.status == Status::NotAffected;
    RawStatement {
        vulnerability: Vulnerability { name, aliases },
        timestamp: statement.time.map(|time| time.to_string()),
        products: statement.products.iter().flat_map(product).collect(),
        status: statement.status.to_string(),
        status_notes: notes.as_deref(),
        justification: statement.justification.as_deref().filter(|_| denied),
        impact_statement: statement.impact.as_deref().filter(|_| denied),
        action_statement: statement.action.as_deref(),
    }
}

/// Names a product by its first name; of several names of one product the others say nothing more.
fn product(product: &Product) -> Option<RawProduct<'_>> {
    let id = product.ids.first()?;
    Some(RawProduct {
        id,
        identifiers: Identifiers::of(id),
        subcomponents: product
            .subcomponents
            .iter()
            .map(|id| Subcomponent {
                id,
                identifiers: Identifiers::of(id),
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::openvex;

    fn draft() -> Draft {
        let of = |status, justification: Option<&str>, action: Option<&str>| Statement {
            vulnerabilities: vec!["CVE-1".into(), "GHSA-1".into()],
            products: vec![Product {
                ids: vec!["pkg:oci/web@sha256:00".into()],
                subcomponents: vec!["pkg:npm/x@1".into()],
            }],
            status,
            justification: justification.map(Into::into),
            impact: None,
            action: action.map(Into::into),
            issuer: "us".into(),
            time: Some("2024-01-01T00:00:00Z".parse().expect("a time")),
        };
        let drafted = |statement| Drafted {
            statement,
            notes: Some("why".into()),
        };
        Draft {
            namespace: "https://example.com/vex/".into(),
            author: "us".into(),
            role: None,
            time: "2024-01-01T00:00:00Z".parse().expect("a time"),
            tooling: None,
            version: 1,
            statements: vec![
                drafted(of(Status::NotAffected, Some(JUSTIFICATIONS[0]), None)),
                drafted(of(Status::Affected, None, Some("update"))),
                drafted(of(Status::Fixed, None, None)),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let draft = draft();
        let read = openvex::parse(write(&draft).expect("text").as_bytes()).expect("a document");
        let expected: Vec<Statement> = draft
            .statements
            .into_iter()
            .map(|one| one.statement)
            .collect();
        assert_eq!(read.statements, expected);
        assert_eq!(read.issuer, "us");
    }

    #[test]
    fn the_id_is_made_of_the_content() {
        let id = |draft: &Draft| {
            let text = write(draft).expect("text");
            openvex::parse(text.as_bytes()).expect("a document").id
        };
        let mut other = draft();
        assert_eq!(id(&draft()), id(&other));
        other.statements[0].notes = None;
        assert_ne!(id(&draft()), id(&other));
        assert!(id(&other).starts_with("https://example.com/vex/"));
    }

    #[test]
    fn reasons_stand_only_where_nothing_is_affected() {
        let mut draft = draft();
        draft.statements[2].statement.justification = Some(JUSTIFICATIONS[1].into());
        let text = write(&draft).expect("text");
        assert_eq!(text.matches("\"justification\"").count(), 1, "{text}");
    }
}
