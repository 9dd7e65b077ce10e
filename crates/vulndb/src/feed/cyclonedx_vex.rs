//! VEX within CycloneDX JSON, 1.4 to 1.7: `vulnerabilities` that have an `analysis` (CycloneDX JSON reference, "vulnerabilities", "analysis").
//!
//! What is affected is named by the `bom-ref` of a component of the same document, by a BOM-Link whose fragment is a package URL, or by a package URL
//! as reference. A vulnerability without an analysis states nothing.

use std::collections::HashMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::vex::{Document, Format, Product, Statement, Status};

use super::error::{Error, json, start, within};
use super::text::moment;

/// A document of this size is read, as a bill of materials.
pub const MAX_DOCUMENT: usize = 128 << 20;
/// Components within components.
const MAX_DEPTH: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    bom_format: String,
    serial_number: Option<String>,
    metadata: Option<Metadata>,
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    component: Option<Component>,
    supplier: Option<Named>,
    manufacture: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    purl: Option<String>,
    #[serde(default)]
    components: Vec<Self>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    #[serde(default)]
    references: Vec<Reference>,
    updated: Option<String>,
    analysis: Option<Analysis>,
    #[serde(default)]
    affects: Vec<Affects>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    response: Vec<String>,
    first_issued: Option<String>,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
}

/// Reads one document.
///
/// # Errors
///
/// [`Error`] where it is too large or no CycloneDX, its components are nested too deeply, a state is unknown or a vulnerability with an analysis has no id.
pub fn parse(bytes: &[u8]) -> Result<Document, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let raw: Raw = json(bytes, "CycloneDX")?;
    if raw.bom_format != "CycloneDX" {
        return Err(Error::Value {
            what: "bomFormat",
            found: start(&raw.bom_format),
            expected: "CycloneDX",
        });
    }
    let metadata = raw.metadata.unwrap_or_default();
    let time = metadata.timestamp.as_deref().and_then(moment);
    let issuer = [metadata.supplier, metadata.manufacture];
    let issuer = issuer
        .into_iter()
        .flatten()
        .find_map(|one| one.name)
        .unwrap_or_default();
    let mut purls = HashMap::new();
    collect(metadata.component.as_slice(), &mut purls, 0)?;
    collect(&raw.components, &mut purls, 0)?;
    let id = raw.serial_number.unwrap_or_default();
    let mut statements = Vec::new();
    for vulnerability in raw.vulnerabilities {
        statements.extend(vulnerability.read(&id, &issuer, time, &purls)?);
    }
    Ok(Document {
        format: Format::CycloneDx,
        id,
        issuer,
        digest: Sha256::digest(bytes).into(),
        statements,
    })
}

fn collect(
    components: &[Component],
    purls: &mut HashMap<String, String>,
    depth: usize,
) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error::TooMany {
            what: "levels of components",
            limit: MAX_DEPTH,
        });
    }
    for component in components {
        if let (Some(reference), Some(purl)) = (&component.reference, &component.purl) {
            purls.insert(reference.clone(), purl.clone());
        }
        collect(&component.components, purls, depth + 1)?;
    }
    Ok(())
}

impl Vulnerability {
    fn read(
        self,
        document: &str,
        issuer: &str,
        time: Option<Timestamp>,
        purls: &HashMap<String, String>,
    ) -> Result<Option<Statement>, Error> {
        let Some(analysis) = self.analysis else {
            return Ok(None);
        };
        let Some(state) = analysis.state else {
            return Ok(None);
        };
        let status = match state.as_str() {
            "not_affected" | "false_positive" => Status::NotAffected,
            "resolved" | "resolved_with_pedigree" => Status::Fixed,
            "exploitable" => Status::Affected,
            "in_triage" => Status::UnderInvestigation,
            other => {
                return Err(Error::Value {
                    what: "analysis.state",
                    found: start(other),
                    expected: "one of CycloneDX 1.4 to 1.7",
                });
            }
        };
        let others = self.references.into_iter().filter_map(|one| one.id);
        let vulnerabilities: Vec<String> = self.id.into_iter().chain(others).collect();
        if vulnerabilities.is_empty() {
            return Err(Error::Missing {
                what: "the id of a vulnerability",
                place: start(document),
            });
        }
        let products = self.affects.iter().map(|affected| Product {
            ids: vec![named(&affected.reference, purls)],
            subcomponents: Vec::new(),
        });
        let own = [analysis.last_updated, analysis.first_issued, self.updated];
        let own = own.into_iter().flatten().next();
        Ok(Some(Statement {
            vulnerabilities,
            products: products.collect(),
            status,
            justification: analysis.justification,
            impact: analysis.detail,
            action: (!analysis.response.is_empty()).then(|| analysis.response.join(", ")),
            issuer: issuer.to_owned(),
            // A time that is none does not make the statement as new as its document.
            time: own.map_or(time, |own| moment(&own)),
        }))
    }
}

/// Returns the package URL that a reference stands for, else the reference itself.
fn named(reference: &str, purls: &HashMap<String, String>) -> String {
    if let Some(purl) = purls.get(reference) {
        return purl.clone();
    }
    let fragment = reference
        .strip_prefix("urn:cdx:")
        .and_then(|link| link.split_once('#'))
        .map_or(reference, |(_, fragment)| fragment);
    percent_decode_str(fragment)
        .decode_utf8()
        .ok()
        .filter(|decoded| decoded.starts_with("pkg:") && !fragment.starts_with("pkg:"))
        .map_or_else(|| fragment.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:1","metadata":{"timestamp":"2024-01-01T00:00:00Z","supplier":{"name":"Us"}},
        "components":[{"bom-ref":"a","purl":"pkg:npm/x@1","components":[{"bom-ref":"b","purl":"pkg:npm/y@1"}]}],
        "vulnerabilities":[
          {"id":"GHSA-1","references":[{"id":"CVE-1"}],"affects":[{"ref":"a"},{"ref":"b"},{"ref":"pkg:npm/%40s/z@1"},{"ref":"urn:cdx:u/1#pkg%3Anpm%2Fw%401"}],
           "analysis":{"state":"not_affected","justification":"code_not_reachable","lastUpdated":"2024-02-01T00:00:00Z"}},
          {"id":"CVE-2","affects":[{"ref":"a"}],"analysis":{"state":"resolved"}},
          {"id":"CVE-3","affects":[{"ref":"a"}]},
          {"id":"CVE-4","affects":[{"ref":"a"}],"analysis":{"state":"false_positive","detail":"of another x"}},
          {"id":"CVE-5","affects":[],"analysis":{"state":"in_triage"}},
          {"id":"CVE-6","affects":[],"analysis":{"state":"exploitable","response":["update"]}}]}"#;

    #[test]
    fn analyses_become_statements() {
        let document = parse(WHOLE.as_bytes()).expect("a document");
        assert_eq!(
            (document.issuer.as_str(), document.id.as_str()),
            ("Us", "urn:uuid:1")
        );
        let found: Vec<(&str, Status, bool)> = document
            .statements
            .iter()
            .map(|one| {
                (
                    one.vulnerabilities[0].as_str(),
                    one.status,
                    one.suppresses(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("GHSA-1", Status::NotAffected, true),
                ("CVE-2", Status::Fixed, true),
                ("CVE-4", Status::NotAffected, true),
                ("CVE-5", Status::UnderInvestigation, false),
                ("CVE-6", Status::Affected, false),
            ]
        );
        let first = &document.statements[0];
        assert_eq!(first.vulnerabilities, ["GHSA-1", "CVE-1"]);
        let products: Vec<&str> = first.products.iter().flat_map(Product::purls).collect();
        assert_eq!(
            products,
            [
                "pkg:npm/x@1",
                "pkg:npm/y@1",
                "pkg:npm/%40s/z@1",
                "pkg:npm/w@1"
            ]
        );
        assert!(first.time > document.statements[1].time);
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        let with = |from: &str, to: &str| parse(WHOLE.replace(from, to).as_bytes());
        assert!(matches!(
            with("CycloneDX", "SPDX"),
            Err(Error::Value {
                what: "bomFormat",
                ..
            })
        ));
        assert!(matches!(
            with("in_triage", "guessed"),
            Err(Error::Value {
                what: "analysis.state",
                ..
            })
        ));
        assert!(matches!(
            with("\"id\":\"CVE-5\",", ""),
            Err(Error::Missing { .. })
        ));
        assert!(matches!(
            with("\"affects\"", "affects"),
            Err(Error::Json { .. })
        ));
    }
}
