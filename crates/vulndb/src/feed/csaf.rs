//! CSAF 2.0 documents (OASIS Standard, November 2022): advisories and VEX with a product tree.
//!
//! Every product of a `product_status` list becomes a product of a statement: named by the purl or CPE of its branch, or, where a relationship made
//! it, as the platform with the component as subcomponent. Flags and impact threats of a product are the reasons of `known_not_affected`; `recommended`
//! says nothing of a status and is left out.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::severity::Severity;
use crate::vex::{Document, Format, Product, Statement, Status};

use super::error::{Error, json, start, within};
use super::text::moment;

/// A document of this size is read; Red Hat's largest have some 60 MB.
pub const MAX_DOCUMENT: usize = 256 << 20;
/// Branches within branches; published trees have four.
const MAX_DEPTH: usize = 30;

#[derive(Deserialize)]
struct Raw {
    document: RawDocument,
    #[serde(default)]
    product_tree: Tree,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct RawDocument {
    csaf_version: String,
    publisher: Publisher,
    tracking: Tracking,
}

#[derive(Deserialize)]
struct Publisher {
    name: String,
}

#[derive(Deserialize)]
struct Tracking {
    id: String,
    current_release_date: String,
}

#[derive(Default, Deserialize)]
struct Tree {
    #[serde(default)]
    branches: Vec<Branch>,
    #[serde(default)]
    full_product_names: Vec<FullName>,
    #[serde(default)]
    product_groups: Vec<Group>,
    #[serde(default)]
    relationships: Vec<Relationship>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    branches: Vec<Self>,
    product: Option<FullName>,
}

#[derive(Deserialize)]
struct FullName {
    product_id: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Deserialize)]
struct Helper {
    purl: Option<String>,
    cpe: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    group_id: String,
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Relationship {
    full_product_name: FullName,
    product_reference: String,
    relates_to_product_reference: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default)]
    ids: Vec<Id>,
    #[serde(default)]
    product_status: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    flags: Vec<Flag>,
    #[serde(default)]
    threats: Vec<Remark>,
    #[serde(default)]
    remediations: Vec<Remark>,
}

#[derive(Deserialize)]
struct Id {
    text: String,
}

#[derive(Deserialize)]
struct Flag {
    label: String,
    #[serde(default)]
    product_ids: Vec<String>,
    #[serde(default)]
    group_ids: Vec<String>,
}

/// A threat or a remediation.
#[derive(Deserialize)]
struct Remark {
    category: String,
    details: String,
    #[serde(default)]
    product_ids: Vec<String>,
    #[serde(default)]
    group_ids: Vec<String>,
}

/// Returns the status that a list of `product_status` stands for (CSAF 2.0 §3.2.3.9).
fn status(list: &str) -> Result<Option<Status>, Error> {
    Ok(Some(match list {
        "known_not_affected" => Status::NotAffected,
        "known_affected" | "first_affected" | "last_affected" => Status::Affected,
        "fixed" | "first_fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        "recommended" => return Ok(None),
        other => {
            return Err(Error::Value {
                what: "a list of product_status",
                found: start(other),
                expected: "one of CSAF 2.0",
            });
        }
    }))
}

/// Reads one document.
///
/// # Errors
///
/// [`Error`] where it is too large, no CSAF 2.0, its branches are nested too deeply, or a status names a product that the tree does not have.
pub fn parse(bytes: &[u8]) -> Result<Document, Error> {
    within(bytes, MAX_DOCUMENT)?;
    let raw: Raw = json(bytes, "CSAF")?;
    if raw.document.csaf_version != "2.0" {
        return Err(Error::Value {
            what: "csaf_version",
            found: start(&raw.document.csaf_version),
            expected: "2.0",
        });
    }
    let (issuer, tracking) = (raw.document.publisher.name, raw.document.tracking);
    let time = moment(&tracking.current_release_date);
    let products = Products::of(raw.product_tree)?;
    let mut statements = Vec::new();
    for vulnerability in raw.vulnerabilities {
        let mut ids: Vec<String> = vulnerability.cve.clone().into_iter().collect();
        if ids.is_empty() {
            ids.extend(vulnerability.ids.iter().map(|id| id.text.clone()));
        }
        if ids.is_empty() {
            return Err(Error::Missing {
                what: "the id of a vulnerability",
                place: start(&tracking.id),
            });
        }
        let reasons = Reasons::of(&vulnerability, &products);
        for (list, members) in &vulnerability.product_status {
            let Some(status) = status(list)? else {
                continue;
            };
            // One statement for the products of a list that have the same reasons.
            let mut alike: BTreeMap<Reason, Vec<Product>> = BTreeMap::new();
            for id in members {
                let reason = reasons.of_product(id, status);
                alike.entry(reason).or_default().push(products.get(id)?);
            }
            for (reason, products) in alike {
                statements.push(Statement {
                    vulnerabilities: ids.clone(),
                    products,
                    status,
                    justification: reason.justification,
                    impact: reason.impact,
                    action: reason.action,
                    issuer: issuer.clone(),
                    time,
                });
            }
        }
    }
    Ok(Document {
        format: Format::Csaf,
        id: tracking.id,
        issuer,
        digest: Sha256::digest(bytes).into(),
        statements,
    })
}

/// The products of a tree by their id.
struct Products {
    names: BTreeMap<String, Vec<String>>,
    /// Component and platform of the products that relationships make.
    parts: BTreeMap<String, (String, String)>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Products {
    fn of(tree: Tree) -> Result<Self, Error> {
        let mut found = Self {
            names: BTreeMap::new(),
            parts: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        tree.full_product_names
            .into_iter()
            .for_each(|name| found.name(name));
        let mut level = tree.branches;
        // serde_json ends at a depth of 128, so that this ends too; the standard allows 30 levels of branches.
        for depth in 0.. {
            if level.is_empty() {
                break;
            }
            if depth == MAX_DEPTH {
                return Err(Error::TooMany {
                    what: "levels of branches",
                    limit: MAX_DEPTH,
                });
            }
            let mut below = Vec::new();
            for branch in level {
                branch.product.into_iter().for_each(|name| found.name(name));
                below.extend(branch.branches);
            }
            level = below;
        }
        for relationship in tree.relationships {
            let made = relationship.full_product_name.product_id.clone();
            found.name(relationship.full_product_name);
            found.parts.insert(
                made,
                (
                    relationship.product_reference,
                    relationship.relates_to_product_reference,
                ),
            );
        }
        found.groups = tree
            .product_groups
            .into_iter()
            .map(|group| (group.group_id, group.product_ids))
            .collect();
        Ok(found)
    }

    fn name(&mut self, name: FullName) {
        let helper = name.product_identification_helper;
        let mut ids: Vec<String> = helper
            .into_iter()
            .flat_map(|helper| [helper.purl, helper.cpe])
            .flatten()
            .collect();
        ids.push(name.product_id.clone());
        self.names.insert(name.product_id, ids);
    }

    fn ids(&self, id: &str) -> Result<&Vec<String>, Error> {
        self.names.get(id).ok_or_else(|| Error::Missing {
            what: "a product of a status",
            place: format!("the product tree: {}", start(id)),
        })
    }

    fn get(&self, id: &str) -> Result<Product, Error> {
        let own = self.ids(id)?;
        let Some((component, platform)) = self.parts.get(id) else {
            return Ok(Product {
                ids: own.clone(),
                subcomponents: Vec::new(),
            });
        };
        Ok(Product {
            ids: self.ids(platform)?.clone(),
            subcomponents: self.ids(component)?.iter().take(1).cloned().collect(),
        })
    }

    /// Returns every product that a remark names itself or by its groups.
    fn named<'a>(
        &'a self,
        products: &'a [String],
        groups: &'a [String],
    ) -> impl Iterator<Item = &'a str> {
        let grouped = groups.iter().filter_map(|group| self.groups.get(group));
        products.iter().chain(grouped.flatten()).map(String::as_str)
    }
}

/// Why, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    justification: Option<String>,
    impact: Option<String>,
    action: Option<String>,
}

/// The first text given to each product, and the one given to all.
#[derive(Default)]
struct Texts<'a> {
    of: BTreeMap<&'a str, &'a str>,
    all: Option<&'a str>,
}

impl<'a> Texts<'a> {
    fn add(
        &mut self,
        products: &'a Products,
        text: &'a str,
        ids: &'a [String],
        groups: &'a [String],
    ) {
        if ids.is_empty() && groups.is_empty() {
            self.all.get_or_insert(text);
        }
        for id in products.named(ids, groups) {
            self.of.entry(id).or_insert(text);
        }
    }

    fn get(&self, id: &str) -> Option<String> {
        let text = self.of.get(id).copied().or(self.all);
        text.map(str::to_owned)
    }
}

#[derive(Default)]
struct Reasons<'a> {
    justifications: Texts<'a>,
    impacts: Texts<'a>,
    actions: Texts<'a>,
    fixes: Texts<'a>,
}

impl<'a> Reasons<'a> {
    fn of(vulnerability: &'a Vulnerability, products: &'a Products) -> Self {
        let mut found = Self::default();
        for flag in &vulnerability.flags {
            found
                .justifications
                .add(products, &flag.label, &flag.product_ids, &flag.group_ids);
        }
        for threat in &vulnerability.threats {
            // Red Hat writes its severity as impact; a severity is no reason, nor is a threat to no product in particular.
            let named = !threat.product_ids.is_empty() || !threat.group_ids.is_empty();
            let reason =
                threat.category == "impact" && Severity::from_word(&threat.details).is_none();
            if named && reason {
                found.impacts.add(
                    products,
                    &threat.details,
                    &threat.product_ids,
                    &threat.group_ids,
                );
            }
        }
        for remedy in &vulnerability.remediations {
            let add = |texts: &mut Texts<'a>| {
                texts.add(
                    products,
                    &remedy.details,
                    &remedy.product_ids,
                    &remedy.group_ids,
                );
            };
            add(&mut found.actions);
            if remedy.category == "vendor_fix" {
                add(&mut found.fixes);
            }
        }
        found
    }

    fn of_product(&self, id: &str, status: Status) -> Reason {
        match status {
            Status::NotAffected => Reason {
                justification: self.justifications.get(id),
                impact: self.impacts.get(id),
                action: None,
            },
            Status::Affected => Reason {
                action: self.actions.get(id),
                ..Reason::default()
            },
            Status::Fixed => Reason {
                action: self.fixes.get(id),
                ..Reason::default()
            },
            Status::UnderInvestigation => Reason::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(vulnerability: &str) -> String {
        format!(
            r#"{{"document":{{"category":"csaf_vex","csaf_version":"2.0","publisher":{{"name":"Us"}},"tracking":{{"id":"X-1","current_release_date":"2024-01-01T00:00:00Z"}}}},
            "product_tree":{{"branches":[{{"category":"vendor","branches":[
                {{"category":"product_name","product":{{"name":"os","product_id":"os","product_identification_helper":{{"cpe":"cpe:/o:us:os:9"}}}}}},
                {{"category":"product_version","product":{{"name":"zlib","product_id":"zlib","product_identification_helper":{{"purl":"pkg:rpm/us/zlib@1"}}}}}}]}}],
                "full_product_names":[{{"name":"lone","product_id":"lone"}}],
                "product_groups":[{{"group_id":"g","product_ids":["os:zlib"]}}],
                "relationships":[{{"category":"default_component_of","full_product_name":{{"name":"both","product_id":"os:zlib"}},"product_reference":"zlib","relates_to_product_reference":"os"}}]}},
            "vulnerabilities":[{vulnerability}]}}"#
        )
    }

    fn statements(vulnerability: &str) -> Vec<Statement> {
        parse(document(vulnerability).as_bytes())
            .expect("a document")
            .statements
    }

    #[test]
    fn a_relationship_is_a_component_of_a_platform() {
        let found = statements(
            r#"{"cve":"CVE-2024-1","product_status":{"known_not_affected":["os:zlib"],"fixed":["lone","zlib"],"recommended":["os"]},
                "flags":[{"label":"vulnerable_code_not_present","group_ids":["g"]}],"remediations":[{"category":"vendor_fix","details":"update","product_ids":["zlib"]}]}"#,
        );
        let [lone, fixed, not] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (lone.status, lone.products[0].ids.as_slice(), &lone.action),
            (Status::Fixed, &["lone".to_owned()][..], &None)
        );
        assert_eq!(
            (fixed.products[0].ids[0].as_str(), fixed.action.as_deref()),
            ("pkg:rpm/us/zlib@1", Some("update"))
        );
        assert_eq!(
            (
                not.status,
                not.products[0].ids[0].as_str(),
                not.products[0].subcomponents.as_slice()
            ),
            (
                Status::NotAffected,
                "cpe:/o:us:os:9",
                &["pkg:rpm/us/zlib@1".to_owned()][..]
            )
        );
        assert!(not.suppresses() && not.issuer == "Us" && not.time.is_some());
    }

    #[test]
    fn a_severity_is_no_reason() {
        let with = |threat: &str| {
            statements(&format!(r#"{{"cve":"CVE-2024-1","product_status":{{"known_not_affected":["lone"]}},"threats":[{threat}]}}"#))[0].suppresses()
        };
        assert!(!with(
            r#"{"category":"impact","details":"Moderate","product_ids":["lone"]}"#
        ));
        assert!(!with(r#"{"category":"impact","details":"It is bad"}"#));
        assert!(!with(
            r#"{"category":"impact","details":"Not built","product_ids":["os"]}"#
        ));
        assert!(with(
            r#"{"category":"impact","details":"Not built","product_ids":["lone"]}"#
        ));
    }

    #[test]
    fn what_is_no_csaf_is_refused() {
        let read = |text: &str| parse(text.as_bytes());
        assert!(matches!(
            read(&document(
                r#"{"cve":"CVE-1","product_status":{"fixed":["nobody"]}}"#
            )),
            Err(Error::Missing {
                what: "a product of a status",
                ..
            })
        ));
        assert!(matches!(
            read(&document(
                r#"{"cve":"CVE-1","product_status":{"mended":[]}}"#
            )),
            Err(Error::Value {
                what: "a list of product_status",
                ..
            })
        ));
        assert!(matches!(
            read(&document(r#"{"product_status":{}}"#)),
            Err(Error::Missing {
                what: "the id of a vulnerability",
                ..
            })
        ));
        assert!(matches!(
            read(&document("").replace("\"2.0\"", "\"3.0\"")),
            Err(Error::Value {
                what: "csaf_version",
                ..
            })
        ));
        assert!(matches!(read("{}"), Err(Error::Json { .. })));
        let deep = format!("{}{}", r#"{"branches":["#.repeat(40), "]}".repeat(40));
        let text = document("").replacen(r#""branches":["#, &format!(r#""branches":[{deep},"#), 1);
        assert!(matches!(
            read(&text),
            Err(Error::TooMany {
                what: "levels of branches",
                ..
            })
        ));
    }
}
