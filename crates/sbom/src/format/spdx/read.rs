//! From SPDX 2.2 and 2.3 JSON to an inventory: packages and the operating system among them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Result;
use crate::format::read::{Stated, own};
use crate::format::{facts, subject};
use crate::{Distro, Inventory, Kind, Location};

/// Reads a document that says it is SPDX 2.
pub(in crate::format) fn read(bytes: &[u8]) -> Result<Inventory> {
    let document: Document = subject::read(bytes)?;
    let described = document.described();
    let words = document.words();
    let mut inventory = Inventory::default();
    for package in document.packages.iter().flatten() {
        let is_subject = package
            .id
            .as_ref()
            .is_some_and(|id| described.contains(id.as_str()));
        package.read(is_subject, &words, &mut inventory);
    }
    Ok(inventory)
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "documentDescribes")]
    describes: Option<Vec<String>>,
    packages: Option<Vec<Package>>,
    relationships: Option<Vec<Relationship>>,
    #[serde(rename = "hasExtractedLicensingInfos")]
    licenses: Option<Vec<ExtractedLicense>>,
}

/// SPDX 2.3 clause 10: what a `LicenseRef-` of the document stands for.
#[derive(Deserialize)]
struct ExtractedLicense {
    #[serde(rename = "licenseId")]
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "extractedText")]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(rename = "spdxElementId")]
    from: Option<String>,
    #[serde(rename = "relatedSpdxElement")]
    to: Option<String>,
    #[serde(rename = "relationshipType")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Package {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "versionInfo")]
    version: Option<String>,
    #[serde(rename = "externalRefs")]
    references: Option<Vec<Reference>>,
    #[serde(rename = "sourceInfo")]
    source: Option<String>,
    #[serde(rename = "licenseDeclared")]
    declared: Option<String>,
    comment: Option<String>,
    #[serde(rename = "primaryPackagePurpose")]
    purpose: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "referenceType")]
    kind: Option<String>,
    #[serde(rename = "referenceLocator")]
    locator: Option<String>,
}

impl Document {
    fn described(&self) -> BTreeSet<&str> {
        let short = self.describes.iter().flatten().map(String::as_str);
        let long = self.relationships.iter().flatten().filter_map(|one| {
            let is_root = one.from.as_deref() == Some("SPDXRef-DOCUMENT");
            (is_root && one.kind.as_deref() == Some("DESCRIBES")).then_some(one.to.as_deref()?)
        });
        short.chain(long).collect()
    }
}

impl Document {
    /// Lists the references that only stand for words of a package that are no expression: name and text are those words.
    fn words(&self) -> BTreeMap<&str, &str> {
        let all = self.licenses.iter().flatten();
        let words = all.filter_map(|one| {
            let (id, name, text) = (
                one.id.as_deref()?,
                one.name.as_deref()?,
                one.text.as_deref()?,
            );
            (name == text && name != "NOASSERTION").then_some((id, name))
        });
        words.collect()
    }
}

/// Splits an expression at the `AND`s that hold all of it together; one with an `OR` outside of parentheses is one term.
fn terms(expression: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut terms = vec![Vec::new()];
    for word in expression.split_whitespace() {
        match word {
            "OR" if depth == 0 => return vec![expression.to_owned()],
            "AND" if depth == 0 => terms.push(Vec::new()),
            _ => {
                depth = depth
                    .saturating_add(word.matches('(').count())
                    .saturating_sub(word.matches(')').count());
                if let Some(term) = terms.last_mut() {
                    term.push(word);
                }
            }
        }
    }
    terms.into_iter().map(|term| term.join(" ")).collect()
}

impl Package {
    fn licenses(&self, words: &BTreeMap<&str, &str>) -> Vec<String> {
        let declared = self.declared.as_deref().map(terms).unwrap_or_default();
        let terms = declared.into_iter();
        terms
            .map(|term| match words.get(term.as_str()) {
                Some(words) => (*words).to_owned(),
                None => term,
            })
            .collect()
    }

    fn read(&self, is_subject: bool, words: &BTreeMap<&str, &str>, inventory: &mut Inventory) {
        let references = self.references.iter().flatten();
        let purl = references
            .filter(|one| one.kind.as_deref() == Some("purl"))
            .find_map(|one| one.locator.clone());
        let purpose = self
            .purpose
            .as_deref()
            .unwrap_or_default()
            .replace('_', "-");
        let mut stated = Stated {
            name: self.name.clone().unwrap_or_default(),
            version: self
                .version
                .clone()
                .filter(|version| version != "NOASSERTION" && version != "NONE"),
            purl,
            licenses: self.licenses(words),
            facts: self.facts(),
        };
        // trivy's and our words: `built package from: NAME VERSION`.
        if stated.fact(&[&own("source:name")]).is_none()
            && let Some(built) = self.source.as_deref()
            && let Some((name, version)) = built
                .strip_prefix("built package from: ")
                .and_then(|rest| rest.split_once(' '))
        {
            let facts = [("source:name", name), ("source:version", version)];
            let facts = facts.map(|(name, value)| (own(name), value.to_owned()));
            stated.facts.extend(facts);
        }
        let of_image = stated
            .purl
            .as_deref()
            .is_some_and(|purl| purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/"));
        match purpose.as_str() {
            "OPERATING-SYSTEM" => {
                inventory.distro.get_or_insert_with(|| distro(&stated));
            }
            "CONTAINER" => {}
            _ if of_image => {}
            _ if stated.purl.is_some() => {
                inventory
                    .packages
                    .extend(stated.package().map(|package| crate::Package {
                        kind: match purpose.as_str() {
                            "APPLICATION" => Kind::Application,
                            _ => Kind::Library,
                        },
                        files: self.found(),
                        ..package
                    }));
            }
            // What the document is about, a lock file's name, a file.
            "FILE" | "APPLICATION" | "SOURCE" => {}
            _ if is_subject => {}
            _ => inventory.packages.extend(stated.package()),
        }
    }

    /// Where it was found are lines `found: PATH in layer N (DIGEST)` of the comment, the layer only where there are some.
    fn found(&self) -> Vec<Location> {
        let lines = self.comment.as_deref().unwrap_or_default().lines();
        lines
            .filter_map(|line| line.strip_prefix(facts::FOUND))
            .map(|place| {
                let (path, layer) = match place.rsplit_once(" in layer ") {
                    Some((path, _)) => (path, place.get(path.len() + " in ".len()..)),
                    None => (place, None),
                };
                Location {
                    path: path.to_owned(),
                    layer: facts::layer_index(layer),
                }
            })
            .collect()
    }

    /// Our facts are lines `toolkit:NAME: VALUE` of the comment.
    fn facts(&self) -> Vec<(String, String)> {
        let lines = self.comment.as_deref().unwrap_or_default().lines();
        lines
            .filter(|line| line.starts_with(facts::PREFIX))
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

fn distro(stated: &Stated) -> Distro {
    let text = |name: &str| stated.fact(&[&own(name)]).map(str::to_owned);
    Distro {
        id: text("distro:id").unwrap_or_else(|| stated.name.to_lowercase()),
        id_like: Vec::new(),
        name: text("distro:name"),
        pretty_name: text("distro:prettyName"),
        version: text("distro:version"),
        version_id: text("distro:versionId").or_else(|| stated.version.clone()),
        version_codename: text("distro:versionCodename"),
        variant_id: text("distro:variantId"),
        build_id: text("distro:buildId"),
        cpe_name: text("distro:cpeName"),
        home_url: None,
    }
}
