//! VEX in the database: where a distribution states of its own package, in this release, that a vulnerability does not affect it.
//!
//! Only the owner of a language package is asked about in this way. Who else states something, for their own images or products, says nothing of a
//! distribution's package.

use toolkit_sbom::{Inventory, Package, Purl};

use crate::db::Malformed;
use crate::db::vex::Stated;
use crate::ecosystem::Family;
use crate::feed::ubuntu;
use crate::vex::{Status, Verdict, decide};

use super::matcher::Run;
use super::query::Query;
use super::system::System;

/// Returns the document in which the package's distribution states that a vulnerability does not affect it; none where it is silent, says otherwise,
/// or contradicts itself.
pub(super) fn denial(
    run: &Run<'_>,
    inventory: &Inventory,
    package: &Package,
    cve: &str,
) -> Result<Option<String>, Malformed> {
    let Some(statements) = run.statements else {
        return Ok(None);
    };
    let distro = inventory.distro.as_ref();
    let (Some(system), Ok(query)) = (
        System::of_inventory(package, distro),
        Query::of(package, distro, run.listed),
    ) else {
        return Ok(None);
    };
    let mut found = statements.of(&package.purl, cve)?;
    if query.by_source
        && let Ok(source) = Purl::builder(package.purl.ty(), &query.name)
            .namespace(package.purl.namespace())
            .build()
    {
        found.extend(statements.of(&source, cve)?);
    }
    found.retain(|one| {
        is_of(system.family, &one.source.issuer) && concerns(one, &system, package, &query)
    });
    let statements = found.iter().map(|one| &one.statement);
    let Verdict::Suppressed(decisive) = decide(statements) else {
        return Ok(None);
    };
    let document = found.iter().find(|one| one.statement == *decisive);
    Ok(document
        .filter(|one| one.statement.status == Status::NotAffected)
        .map(|one| one.source.id.clone()))
}

/// Names the publishers as their documents do (`author` of OpenVEX, `publisher.name` of CSAF). That they are who they say is for whoever builds the
/// database to know.
fn is_of(family: Family, issuer: &str) -> bool {
    match family {
        Family::Ubuntu => issuer == "Canonical Ltd.",
        Family::RedHat => issuer == "Red Hat Product Security",
        Family::Suse | Family::OpenSuse => issuer == "SUSE Product Security Team",
        _ => false,
    }
}

/// Says whether a statement is about the package in this release: what it names of version and release must be the package's, and one of them it
/// must name.
fn concerns(one: &Stated, system: &System, package: &Package, query: &Query) -> bool {
    let Some(product) = one.statement.products.first() else {
        return false;
    };
    let Some(subject) = product
        .purls()
        .next()
        .and_then(|purl| Purl::parse(purl).ok())
    else {
        return false;
    };
    let version = subject.version().map(|version| {
        let versions = [package.version.as_ref(), query.version.as_ref()];
        versions.into_iter().flatten().any(|own| own == version)
    });
    let release = if product.subcomponents.is_empty() {
        subject.qualifier("distro").map(|distro| {
            let name = distro.rsplit('/').next().unwrap_or(distro);
            ubuntu::release(name) == Some(system.release.as_str())
                || System::of_package_url(&subject).as_ref() == Some(system)
        })
    } else {
        // A component is of the platform that it is part of.
        Some(product.ids.iter().any(|id| system.is_platform(id)))
    };
    match (version, release) {
        (Some(version), Some(release)) => version && release,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => false,
    }
}
