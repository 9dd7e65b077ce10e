//! From a document to SPDX bytes: the document's own fields and the relationships.

use std::io::Write;

use chrono::{DateTime, Utc};
use spdx_rs::models::{
    CreationInfo, DocumentCreationInformation, PackageInformation, Relationship, RelationshipType,
    SPDX,
};
use uuid::Uuid;

use super::{
    licenses::Licenses,
    package::{self, BASE, OPERATING_SYSTEM, SUBJECT},
};
use crate::{
    Document, Package, PackageId, Scope,
    error::{Error, Result},
    format::identity,
};

/// Writes the document on one line. Its namespace ends with a version 5 UUID of the document without it.
pub(in crate::format) fn write(document: &Document, out: &mut dyn Write) -> Result<()> {
    let mut spdx = spdx(document);
    let unnamed = serde_json::to_vec(&spdx).map_err(failed)?;
    let id = Uuid::new_v5(&identity::namespace(), &unnamed);
    spdx.document_creation_information.spdx_document_namespace =
        format!("{}/spdx/{id}", identity::REPOSITORY);
    serde_json::to_writer(&mut *out, &spdx).map_err(failed)?;
    out.write_all(b"\n")
        .map_err(|source| Error::Write { source })
}

fn spdx(document: &Document) -> SPDX {
    let mut licenses = Licenses::default();
    let mut packages: Vec<PackageInformation> = vec![package::subject(document.subject())];
    packages.extend(document.subject().base.as_ref().map(package::base));
    packages.extend(
        document
            .inventory()
            .distro
            .as_ref()
            .map(package::operating_system),
    );
    packages.extend(
        document
            .entries()
            .map(|entry| package::package(document, entry, licenses.of(entry))),
    );
    SPDX {
        document_creation_information: creation(document),
        package_information: packages,
        other_licensing_information_detected: licenses.into_referred(),
        file_information: Vec::new(),
        snippet_information: Vec::new(),
        relationships: relationships(document),
        annotations: Vec::new(),
        spdx_ref_counter: 0,
    }
}

/// Every field is given: the defaults of `spdx-rs` read the clock and invent creators.
fn creation(document: &Document) -> DocumentCreationInformation {
    // Clause 6.9 makes the time compulsory; without one it is the epoch, which is also `DateTime`'s default.
    let second = document.created().map_or(0, |time| time.as_second());
    let created = DateTime::<Utc>::from_timestamp(second, 0).unwrap_or_default();
    let unreadable = &document.inventory().unreadable;
    let lines: Vec<String> = unreadable
        .iter()
        .map(|missing| format!("unreadable: {}", identity::unreadable(missing)))
        .collect();
    DocumentCreationInformation {
        spdx_version: "SPDX-2.3".to_owned(),
        data_license: "CC0-1.0".to_owned(),
        spdx_identifier: DOCUMENT.to_owned(),
        document_name: document.subject().name.clone(),
        spdx_document_namespace: String::new(),
        external_document_references: Vec::new(),
        creation_info: CreationInfo {
            license_list_version: list_version(),
            creators: vec![format!("Tool: {}-{}", identity::TOOL, identity::VERSION)],
            created,
            creator_comment: None,
        },
        document_comment: (!lines.is_empty()).then(|| lines.join("\n")),
        document_describes: Vec::new(),
    }
}

/// Clause 6.7: major and minor number.
fn list_version() -> Option<String> {
    let mut parts = spdx::license_version().split('.');
    Some(format!("{}.{}", parts.next()?, parts.next()?))
}

fn relationships(document: &Document) -> Vec<Relationship> {
    let inventory = document.inventory();
    let relate =
        |from: &str, kind: RelationshipType, to: &str| Relationship::new(from, to, kind, None);
    let mut all = vec![relate(DOCUMENT, RelationshipType::Describes, SUBJECT)];
    if document.subject().base.is_some() {
        all.push(relate(SUBJECT, RelationshipType::DescendantOf, BASE));
    }
    let os = inventory.distro.is_some();
    if os {
        all.push(relate(
            SUBJECT,
            RelationshipType::Contains,
            OPERATING_SYSTEM,
        ));
    }
    let build_only = |id: &PackageId| inventory.get(id).is_some_and(|p| p.scope == Scope::Build);
    for package in &inventory.packages {
        let id = package::id(package.purl.as_str());
        if let Some(holder) = holder(package, os) {
            all.push(relate(&holder, RelationshipType::Contains, &id));
        }
        for needed in &package.depends_on {
            let other = package::id(needed.as_str());
            all.push(if build_only(needed) {
                relate(&other, RelationshipType::BuildDependencyOf, &id)
            } else {
                relate(&id, RelationshipType::DependsOn, &other)
            });
        }
        if package.scope == Scope::Build {
            all.push(relate(&id, RelationshipType::BuildDependencyOf, SUBJECT));
        }
    }
    all
}

/// Returns what contains a package: its owner, the distribution, or the subject; nothing contains what only built.
fn holder(package: &Package, os: bool) -> Option<String> {
    if package.scope == Scope::Build {
        return None;
    }
    Some(match &package.owner {
        Some(owner) => package::id(owner.as_str()),
        None if os && package.ecosystem.is_operating_system() => OPERATING_SYSTEM.to_owned(),
        None => SUBJECT.to_owned(),
    })
}

fn failed(error: serde_json::Error) -> Error {
    Error::Write {
        source: error.into(),
    }
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
