//! From a document to CycloneDX bytes: the graph, how complete it is, and the number of the document.

use std::{borrow::Cow, io::Write};

use serde::Serialize;
use uuid::Uuid;

use super::{
    component::{operating_system, package, property, subject},
    model::{Aggregate, Bom, Component, Composition, Dependency, Lifecycle, Metadata, Tools},
};
use crate::{
    Document, Ecosystem, PackageId,
    error::{Error, Result},
    format::identity,
};

/// Writes the document on one line. The serial number is a version 5 UUID of the document without it.
pub(in crate::format) fn write(document: &Document, out: &mut dyn Write) -> Result<()> {
    write_with(document, None::<&()>, out)
}

/// Writes the document with parts that others make; they count for the serial number.
pub(in crate::format) fn write_with<T: Serialize>(
    document: &Document,
    more: Option<&T>,
    out: &mut dyn Write,
) -> Result<()> {
    let purl = document.subject().purl();
    let root = purl.as_ref().map_or("subject", |purl| purl.as_str());
    let os = document
        .inventory()
        .distro
        .as_ref()
        .map(|distro| match &distro.version_id {
            Some(version) => format!("os:{}@{version}", distro.id),
            None => format!("os:{}", distro.id),
        });
    let mut bom = bom(document, root, os.as_deref(), more);
    let unnumbered = serde_json::to_vec(&bom).map_err(failed)?;
    bom.serial_number = Some(
        Uuid::new_v5(&identity::namespace(), &unnumbered)
            .urn()
            .to_string(),
    );
    serde_json::to_writer(&mut *out, &bom).map_err(failed)?;
    out.write_all(b"\n")
        .map_err(|source| Error::Write { source })
}

fn bom<'a, T>(
    document: &'a Document,
    root: &'a str,
    os: Option<&'a str>,
    more: Option<&'a T>,
) -> Bom<'a, T> {
    let inventory = document.inventory();
    let os_component = inventory
        .distro
        .as_ref()
        .zip(os)
        .map(|(distro, reference)| operating_system(distro, reference));
    let packages = document.entries().map(|entry| package(document, entry));
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.7.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.7",
        serial_number: None,
        version: 1,
        metadata: Metadata {
            timestamp: document.created().map(|time| time.to_string()),
            lifecycles: [Lifecycle {
                phase: "post-build",
            }],
            tools: Tools {
                components: [tool()],
            },
            component: subject(document.subject(), root),
            properties: inventory
                .unreadable
                .iter()
                .map(|missing| property("unreadable", Cow::Owned(identity::unreadable(missing))))
                .collect(),
        },
        components: os_component.into_iter().chain(packages).collect(),
        dependencies: dependencies(document, root, os),
        compositions: compositions(document, root, os),
        more,
    }
}

fn tool<'a>() -> Component<'a> {
    Component {
        kind: "application",
        name: Cow::Borrowed(identity::TOOL),
        version: Some(Cow::Borrowed(identity::VERSION)),
        ..Component::default()
    }
}

/// The subject holds the distribution and what nothing else leads to; the distribution holds the packages of its database.
fn dependencies<'a>(
    document: &'a Document,
    root: &'a str,
    os: Option<&'a str>,
) -> Vec<Dependency<'a>> {
    let packages = &document.inventory().packages;
    let mut held: Vec<&str> = os.into_iter().chain(document.top_level()).collect();
    held.sort_unstable();
    let mut all = vec![Dependency {
        reference: root,
        depends_on: held,
    }];
    all.extend(os.map(|reference| {
        Dependency {
            reference,
            depends_on: packages
                .iter()
                .filter(|p| p.ecosystem.is_operating_system())
                .map(|p| p.purl.as_str())
                .collect(),
        }
    }));
    all.extend(packages.iter().map(|package| Dependency {
        reference: package.purl.as_str(),
        depends_on: package.depends_on.iter().map(PackageId::as_str).collect(),
    }));
    all
}

/// Claims no more than the sources state: a package database lists all of its packages and their needs, and so does the
/// graph in an auditable binary; whether an image holds more than databases say, and whether a language's metadata names
/// every edge, is not known. Where a file could not be read nothing is complete.
fn compositions<'a>(
    document: &'a Document,
    root: &'a str,
    os: Option<&'a str>,
) -> Vec<Composition<'a>> {
    let inventory = document.inventory();
    let (stated, open) = match inventory.unreadable.is_empty() {
        true => (Aggregate::Complete, Aggregate::Unknown),
        false => (Aggregate::Incomplete, Aggregate::Incomplete),
    };
    let states_all =
        |ecosystem: Ecosystem| ecosystem.is_operating_system() || ecosystem == Ecosystem::Cargo;
    let (whole, partial): (Vec<_>, Vec<_>) = inventory
        .packages
        .iter()
        .partition(|package| states_all(package.ecosystem));
    let references = |packages: &[&'a crate::Package]| {
        packages.iter().map(|p| p.purl.as_str()).collect::<Vec<_>>()
    };
    // A distribution without packages is one whose database is of a kind that is not read.
    let listed = whole.iter().any(|p| p.ecosystem.is_operating_system());
    let (known_os, open_os) = if listed { (os, None) } else { (None, os) };
    let with = |first: Option<&'a str>, packages| {
        first
            .into_iter()
            .chain(references(packages))
            .collect::<Vec<_>>()
    };
    let mut all = vec![Composition {
        aggregate: open,
        assemblies: std::iter::once(root).chain(open_os).collect(),
        dependencies: std::iter::once(root)
            .chain(with(open_os, &partial))
            .collect(),
    }];
    let known = Composition {
        aggregate: stated,
        assemblies: known_os.into_iter().collect(),
        dependencies: with(known_os, &whole),
    };
    if !known.dependencies.is_empty() {
        all.push(known);
    }
    all
}

fn failed(error: serde_json::Error) -> Error {
    Error::Write {
        source: error.into(),
    }
}
