//! From CycloneDX JSON to an inventory: components, those inside of components, and the operating system.

use serde::Deserialize;

use crate::error::Result;
use crate::format::read::{Stated, own};
use crate::format::{facts, subject};
use crate::{Distro, Inventory, Kind, Location, Package, Scope};

/// Reads a document that says it is CycloneDX. Versions are not told apart: what is read has not changed from 1.4 to 1.7.
pub(in crate::format) fn read(bytes: &[u8]) -> Result<Inventory> {
    let bom: Bom = subject::read(bytes)?;
    let mut inventory = Inventory::default();
    let main = bom.metadata.and_then(|metadata| metadata.component);
    for component in main.into_iter().chain(bom.components.unwrap_or_default()) {
        component.read(&mut inventory);
    }
    Ok(inventory)
}

#[derive(Deserialize)]
struct Bom {
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "type")]
    kind: Option<String>,
    group: Option<String>,
    name: Option<String>,
    version: Option<String>,
    purl: Option<String>,
    scope: Option<String>,
    licenses: Option<Vec<LicenseChoice>>,
    properties: Option<Vec<Property>>,
    evidence: Option<Evidence>,
    components: Option<Vec<Self>>,
}

#[derive(Deserialize)]
struct LicenseChoice {
    license: Option<License>,
    expression: Option<String>,
    acknowledgement: Option<String>,
}

#[derive(Deserialize)]
struct License {
    id: Option<String>,
    name: Option<String>,
    acknowledgement: Option<String>,
}

#[derive(Deserialize)]
struct Property {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Evidence {
    occurrences: Option<Vec<Occurrence>>,
}

#[derive(Deserialize)]
struct Occurrence {
    location: Option<String>,
    #[serde(rename = "additionalContext")]
    context: Option<String>,
}

impl LicenseChoice {
    /// Returns what is declared; what somebody concluded is another thing.
    fn declared(self) -> Option<String> {
        let (text, acknowledgement) = match self.license {
            Some(license) => (license.id.or(license.name), license.acknowledgement),
            None => (self.expression, self.acknowledgement),
        };
        text.filter(|_| acknowledgement.as_deref() != Some("concluded"))
    }
}

impl Component {
    fn read(self, inventory: &mut Inventory) {
        let kind = self.kind.as_deref().unwrap_or_default();
        let facts = self.properties.into_iter().flatten();
        let stated = Stated {
            name: self.name.unwrap_or_default(),
            version: self.version,
            purl: self.purl,
            licenses: self
                .licenses
                .into_iter()
                .flatten()
                .filter_map(LicenseChoice::declared)
                .collect(),
            facts: facts
                .filter_map(|property| Some((property.name?, property.value?)))
                .collect(),
        };
        let of_image = stated
            .purl
            .as_deref()
            .is_some_and(|purl| purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/"));
        match kind {
            "operating-system" => {
                inventory.distro.get_or_insert_with(|| distro(&stated));
            }
            "container" => {}
            _ if of_image => {}
            // An application without a package URL is a lock file's or a program's name, its packages stand beside it.
            "library" | "framework" => push(&stated, &self.group, inventory),
            _ if stated.purl.is_some() => push(&stated, &self.group, inventory),
            _ => {}
        }
        if let Some(package) = inventory.packages.last_mut()
            && stated.purl.as_deref() == Some(package.purl.as_str())
        {
            if kind == "application" {
                package.kind = Kind::Application;
            }
            if self.scope.as_deref() == Some("excluded") {
                package.scope = Scope::Build;
            }
            let occurrences = self.evidence.and_then(|evidence| evidence.occurrences);
            package.files = occurrences
                .into_iter()
                .flatten()
                .filter_map(|occurrence| {
                    Some(Location {
                        path: occurrence.location?,
                        layer: facts::layer_index(occurrence.context.as_deref()),
                    })
                })
                .collect();
        }
        for inner in self.components.into_iter().flatten() {
            inner.read(inventory);
        }
    }
}

fn push(stated: &Stated, group: &Option<String>, inventory: &mut Inventory) {
    let Some(package) = stated.package() else {
        return;
    };
    let name = match group.as_deref() {
        Some(group) if !group.is_empty() && package.purl.ty() == "npm" => {
            format!("{group}/{}", stated.name)
        }
        _ => package.name.clone(),
    };
    inventory.packages.push(Package { name, ..package });
}

fn distro(stated: &Stated) -> Distro {
    let text = |names: &[&str]| stated.fact(names).map(str::to_owned);
    Distro {
        id: text(&[&own("distro:id"), "syft:distro:id"])
            .unwrap_or_else(|| stated.name.to_lowercase()),
        id_like: Vec::new(),
        name: text(&[&own("distro:name"), "syft:distro:name"]),
        pretty_name: text(&[&own("distro:prettyName"), "syft:distro:prettyName"]),
        version: text(&[&own("distro:version"), "syft:distro:version"]),
        version_id: text(&[&own("distro:versionId"), "syft:distro:versionID"])
            .or_else(|| stated.version.clone()),
        version_codename: text(&[
            &own("distro:versionCodename"),
            "syft:distro:versionCodename",
        ]),
        variant_id: text(&[&own("distro:variantId")]),
        build_id: text(&[&own("distro:buildId")]),
        cpe_name: text(&[&own("distro:cpeName")]),
        home_url: None,
    }
}
