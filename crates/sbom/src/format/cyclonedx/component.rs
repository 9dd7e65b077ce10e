//! Components of a CycloneDX document: subject, operating system, packages.
//!
//! What the standard has no field for stands in properties under `toolkit:`; all of it that a later scan needs is here:
//! distribution, source package, module stream, layer, owner.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use toolkit_oci::Algorithm;

use super::model::{
    Acknowledgement, Component, Contact, Evidence, ExternalReference, Hash,
    License as LicenseField, LicenseChoice, Occurrence, Pedigree, Property, Supplier,
};
use crate::{
    ChecksumAlgorithm, Distro, Document, Ecosystem, Kind, Location, Package, Party,
    document::{Entry, Subject, SubjectKind},
    format::facts::{self, Fact},
    format::text::{email_address, web_address},
    license::License,
};

/// Makes the component that the document is about.
pub(super) fn subject<'a>(subject: &'a Subject, reference: &'a str) -> Component<'a> {
    let purl = subject
        .purl()
        .map(|purl| Cow::Owned(purl.as_str().to_owned()));
    Component {
        kind: match subject.kind {
            SubjectKind::Image => "container",
            SubjectKind::Directory => "application",
            SubjectKind::File => "file",
        },
        bom_ref: Some(Cow::Borrowed(reference)),
        name: Cow::Borrowed(&subject.name),
        version: subject.manifest.as_ref().map(shown),
        hashes: subject
            .manifest
            .iter()
            .map(|digest| Hash {
                alg: algorithm(digest.algorithm()),
                content: digest.hex(),
            })
            .collect(),
        purl,
        pedigree: subject.base.as_ref().map(|base| {
            let digest = base.digest.as_ref().map(shown);
            let name = base
                .name
                .as_deref()
                .map(Cow::Borrowed)
                .or_else(|| digest.clone());
            let ancestor = Component {
                kind: "container",
                name: name.unwrap_or_default(),
                version: digest,
                ..Component::default()
            };
            Pedigree {
                ancestors: vec![ancestor],
            }
        }),
        properties: properties(facts::subject(subject)),
        ..Component::default()
    }
}

/// Makes the component of the distribution.
pub(super) fn operating_system<'a>(distro: &'a Distro, reference: &'a str) -> Component<'a> {
    Component {
        kind: "operating-system",
        bom_ref: Some(Cow::Borrowed(reference)),
        name: Cow::Borrowed(&distro.id),
        version: distro.version_id.as_deref().map(Cow::Borrowed),
        description: distro.pretty_name.as_deref(),
        external_references: website(distro.home_url.as_deref()),
        properties: properties(facts::distro(distro)),
        ..Component::default()
    }
}

/// Makes the component of one package.
pub(super) fn package<'a>(document: &'a Document, entry: Entry<'a>) -> Component<'a> {
    let package = entry.package;
    let scope_name = package
        .name
        .split_once('/')
        .filter(|_| package.ecosystem == Ecosystem::Npm);
    let (group, name) = match scope_name {
        Some((group, name)) => (Some(group), name),
        None => (None, package.name.as_str()),
    };
    let occurrences: Vec<Occurrence<'a>> = package
        .files
        .iter()
        .map(|file| occurrence(document.subject(), file))
        .collect();
    Component {
        kind: match package.kind {
            Kind::Application => "application",
            Kind::Library => "library",
        },
        bom_ref: Some(Cow::Borrowed(package.purl.as_str())),
        supplier: package.supplier.as_ref().map(supplier),
        group,
        name: Cow::Borrowed(name),
        version: package.version.as_deref().map(Cow::Borrowed),
        description: package.summary.as_deref(),
        scope: entry.is_build_only().then_some("excluded"),
        hashes: hashes(package),
        licenses: licenses(entry),
        purl: Some(Cow::Borrowed(package.purl.as_str())),
        external_references: website(package.homepage.as_deref()),
        evidence: (!occurrences.is_empty()).then_some(Evidence { occurrences }),
        properties: properties(facts::package(document, package)),
        ..Component::default()
    }
}

fn licenses<'a>(entry: Entry<'a>) -> Vec<LicenseChoice<'a>> {
    let declared = entry.licenses.iter().map(|license| {
        if license.is_exact() {
            expression(Cow::Borrowed(license.declared()), Acknowledgement::Declared)
        } else {
            named(license)
        }
    });
    let concluded = entry
        .concluded()
        .map(|text| expression(Cow::Owned(text), Acknowledgement::Concluded));
    declared.chain(concluded).collect()
}

/// A single identifier goes where every reader looks for it, if the schema's own list has it.
fn expression(text: Cow<'_, str>, acknowledgement: Acknowledgement) -> LicenseChoice<'_> {
    if !SCHEMA_IDS.contains(text.as_ref()) {
        return LicenseChoice::Expression {
            expression: text,
            acknowledgement,
        };
    }
    LicenseChoice::License {
        license: LicenseField {
            id: Some(text),
            name: None,
            acknowledgement,
        },
    }
}

fn named(license: &License) -> LicenseChoice<'_> {
    let license = LicenseField {
        id: None,
        name: Some(license.declared()),
        acknowledgement: Acknowledgement::Declared,
    };
    LicenseChoice::License { license }
}

fn occurrence<'a>(subject: &'a Subject, file: &'a Location) -> Occurrence<'a> {
    Occurrence {
        location: &file.path,
        additional_context: facts::layer_of(subject, file),
    }
}

fn supplier(party: &Party) -> Supplier<'_> {
    Supplier {
        name: &party.name,
        url: party
            .url
            .as_deref()
            .and_then(web_address)
            .into_iter()
            .collect(),
        contact: party
            .email
            .as_deref()
            .and_then(email_address)
            .map(|email| Contact { email })
            .into_iter()
            .collect(),
    }
}

fn website(url: Option<&str>) -> Vec<ExternalReference<'_>> {
    url.and_then(web_address)
        .map(|url| ExternalReference {
            url,
            kind: "website",
        })
        .into_iter()
        .collect()
}

fn hashes(package: &Package) -> Vec<Hash<'_>> {
    let known = package
        .checksums
        .iter()
        .filter(|checksum| checksum.hex.bytes().all(|b| b.is_ascii_hexdigit()));
    known
        .filter_map(|checksum| {
            let (alg, length) = match checksum.algorithm {
                ChecksumAlgorithm::Sha1 => ("SHA-1", 40),
                ChecksumAlgorithm::Sha256 => ("SHA-256", 64),
                ChecksumAlgorithm::Sha384 => ("SHA-384", 96),
                ChecksumAlgorithm::Sha512 => ("SHA-512", 128),
            };
            (checksum.hex.len() == length).then_some(Hash {
                alg,
                content: &checksum.hex,
            })
        })
        .collect()
}

fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha512 => "SHA-512",
    }
}

fn properties(facts: Vec<Fact<'_>>) -> Vec<Property<'_>> {
    facts
        .into_iter()
        .map(|(name, value)| property(&name, value))
        .collect()
}

pub(super) fn property<'a>(name: &str, value: Cow<'a, str>) -> Property<'a> {
    Property {
        name: format!("{}{name}", facts::PREFIX),
        value,
    }
}

fn shown<'a>(value: &impl ToString) -> Cow<'a, str> {
    Cow::Owned(value.to_string())
}

/// Identifiers that may stand in `license.id`: those of the licence list, without what is newer than the list that the
/// schema of 1.7 carries (`spdx.schema.json`) and without the list's own placeholder.
static SCHEMA_IDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let listed = spdx::identifiers::LICENSES
        .iter()
        .map(|license| license.name);
    listed
        .filter(|id| !NEWER_THAN_SCHEMA.contains(id))
        .collect()
});

const NEWER_THAN_SCHEMA: &[&str] = &[
    "BSD-2-Clause-pos-unchanged",
    "BSD-3-Clause-OpenWebUI",
    "BSD-Source-Code-no-disclaimer",
    "BSD-Source-alt-GPL",
    "BSD-ask-to-endorse",
    "Brian-Gladman-3-Clause-no-conversion",
    "Bugroff",
    "CC-BY-NC-3.0-IGO",
    "FDK-MPEG-H",
    "GFDL-1.1-invariants",
    "GFDL-1.1-no-invariants",
    "GFDL-1.2-invariants",
    "GFDL-1.2-no-invariants",
    "GFDL-1.3-invariants",
    "GFDL-1.3-no-invariants",
    "Google-Patent-WebM",
    "Hippocratic-3.0-core",
    "Informatica",
    "MVT-1.1",
    "NOASSERTION",
    "Spelling-Provider-LGPL-exception",
    "atc-game",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identifiers_of_the_schema_are_written_as_such() {
        for (text, id) in [
            ("MIT", true),
            ("GPL-2.0", true),
            ("Bugroff", false),
            ("MIT OR ISC", false),
            ("GPL-2.0+", true),
            ("Apache-2.0+", false),
            ("NOASSERTION", false),
        ] {
            let choice = expression(Cow::Borrowed(text), Acknowledgement::Declared);
            assert_eq!(
                matches!(choice, LicenseChoice::License { .. }),
                id,
                "{text}"
            );
        }
    }
}
