//! The subset of CycloneDX 1.7 that is written, in the schema's names and in a fixed order of fields.
//!
//! Own structures: the crates for CycloneDX end at 1.5 and 1.6, and declared beside concluded licences are lawful only
//! since 1.7.

use std::borrow::Cow;

use serde::Serialize;

/// Is a whole document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bom<'a, T> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) bom_format: &'static str,
    pub(super) spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    pub(super) version: u32,
    pub(super) metadata: Metadata<'a>,
    pub(super) components: Vec<Component<'a>>,
    pub(super) dependencies: Vec<Dependency<'a>>,
    pub(super) compositions: Vec<Composition<'a>>,
    /// What the caller adds, its fields by their names in the schema.
    #[serde(flatten)]
    pub(super) more: Option<&'a T>,
}

/// Says when, by what and about what.
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<String>,
    pub(super) lifecycles: [Lifecycle; 1],
    pub(super) tools: Tools<'a>,
    pub(super) component: Component<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
pub(super) struct Lifecycle {
    pub(super) phase: &'static str,
}

#[derive(Serialize)]
pub(super) struct Tools<'a> {
    pub(super) components: [Component<'a>; 1],
}

/// Is the subject, the operating system, a package or a tool.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub(super) bom_ref: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplier: Option<Supplier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<&'a str>,
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<LicenseChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pedigree: Option<Pedigree<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
pub(super) struct Supplier<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) url: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) contact: Vec<Contact<'a>>,
}

#[derive(Serialize)]
pub(super) struct Contact<'a> {
    pub(super) email: &'a str,
}

#[derive(Serialize)]
pub(super) struct Hash<'a> {
    pub(super) alg: &'static str,
    pub(super) content: &'a str,
}

/// Is one entry of a list of licences: an identifier, a name, or an expression.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum LicenseChoice<'a> {
    License {
        license: License<'a>,
    },
    Expression {
        expression: Cow<'a, str>,
        acknowledgement: Acknowledgement,
    },
}

#[derive(Serialize)]
pub(super) struct License<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    pub(super) acknowledgement: Acknowledgement,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Acknowledgement {
    Declared,
    Concluded,
}

#[derive(Serialize)]
pub(super) struct Pedigree<'a> {
    pub(super) ancestors: Vec<Component<'a>>,
}

#[derive(Serialize)]
pub(super) struct ExternalReference<'a> {
    pub(super) url: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Evidence<'a> {
    pub(super) occurrences: Vec<Occurrence<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Occurrence<'a> {
    pub(super) location: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) additional_context: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Property<'a> {
    pub(super) name: String,
    pub(super) value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency<'a> {
    #[serde(rename = "ref")]
    pub(super) reference: &'a str,
    pub(super) depends_on: Vec<&'a str>,
}

/// Says how complete the parts or the dependencies of components are.
#[derive(Serialize)]
pub(super) struct Composition<'a> {
    pub(super) aggregate: Aggregate,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) assemblies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dependencies: Vec<&'a str>,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Aggregate {
    Complete,
    Incomplete,
    Unknown,
}
