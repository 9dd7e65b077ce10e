//! `sbom.matchesImage`: every package of the image is in the SBOM that is judged. It has no key: it runs beside every rule about contents.
//!
//! Compared are type, namespace, name and version, as [`toolkit_sbom::Identity`] spells them alike for different tools. What the SBOM lists and the
//! image does not hold is told and does not count.

use toolkit_sbom::{Inventory, Package, Scope, unlisted};

use super::contents::{Words, bill, judged, key};
use super::{attestations, who};
use crate::evaluate::Context;
use crate::evidence::{Contents, Layers, Listing, PlatformEvidence};
use crate::item::{Item, Items};
use crate::model::{Act, Rule};
use crate::verdict::{CheckId, CheckResult, Code, Outcome};

/// Files that could not be read and are named.
const NAMED: usize = 3;

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(span) = rule.require.contents() else {
        return;
    };
    let result = || {
        context.result(
            rule,
            CheckId::SbomMatchesImage,
            span,
            "every package of the image in the SBOM".to_owned(),
        )
    };
    if context.evidence.platforms.is_empty() {
        results.push(result().ended(
            Outcome::Fail,
            Code::NoPlatform,
            "no platform",
            Some("an SBOM describes a platform, and the image has none"),
        ));
    }
    for platform in &context.evidence.platforms {
        let result = || result().for_platform(context, platform);
        let contents = context.contents(&platform.digest);
        let listing = match contents.map(|contents| &contents.layers) {
            Some(Layers::Read(listing)) => listing.as_ref(),
            other => {
                results.push(unavailable(result(), other));
                continue;
            }
        };
        let bundles = judged(context, rule, &platform.digest);
        if bundles.is_empty() {
            results.extend(absent(context, rule, platform, result()));
        }
        for attestation in bundles {
            let listed = contents.and_then(|contents: &Contents| bill(contents, attestation));
            let compared = match listed.map(|bill| bill.listing()) {
                Some(Ok(listed)) => compared(&result, listing, &listed.inventory),
                Some(Err(reason)) => vec![unreadable(result(), reason)],
                None => vec![unreadable(result(), "it was not read")],
            };
            results.extend(compared.into_iter().map(|compared| CheckResult {
                evidence: vec![attestation.bundle().clone()],
                ..compared
            }));
        }
    }
}

fn unavailable(result: CheckResult, layers: Option<&Layers>) -> CheckResult {
    let reason = match layers {
        Some(Layers::Unavailable { reason }) => reason.as_str(),
        _ => "they were not read",
    };
    result.ended(
        Outcome::Undecided,
        Code::LayersUnavailable,
        &format!("the layers could not be read: {reason}"),
        Some("try again when they can be read; nothing was proved"),
    )
}

fn unreadable(result: CheckResult, reason: &str) -> CheckResult {
    result.ended(
        Outcome::Undecided,
        Code::SbomUnreadable,
        &format!("an SBOM that cannot be read: {reason}"),
        Some("attest the SBOM anew, as CycloneDX or SPDX in JSON"),
    )
}

/// Without an SBOM there is nothing to compare with, for the reason that the demand for it gives.
fn absent(
    context: &Context<'_>,
    rule: &Rule,
    platform: &PlatformEvidence,
    result: CheckResult,
) -> Option<CheckResult> {
    let demand = rule.require.bills().into_iter().next()?;
    let answer = attestations::one(context, &demand.value, &platform.digest);
    // Somebody who is not named is as good as nobody.
    let answer = who::Answer {
        used: Vec::new(),
        ..answer
    };
    Some(result.answered(answer))
}

/// Compares the image with its SBOM. Files that could not be read are a result of their own: an exception for a package says nothing of them.
fn compared(
    result: &dyn Fn() -> CheckResult,
    image: &Listing,
    listed: &Inventory,
) -> Vec<CheckResult> {
    let installed = Inventory {
        packages: runs(&image.inventory),
        ..Inventory::default()
    };
    let mut missing = Items::default();
    for package in unlisted(&installed, listed) {
        missing.add(
            key(package),
            "",
            "layers",
            Item::package(&package.purl, place(package)),
        );
    }
    let noted: Vec<Item> = unlisted(listed, &image.inventory)
        .into_iter()
        .map(|package| Item::package(&package.purl, "listed, not found in the image"))
        .collect();
    let unread = &image.inventory.unreadable;
    let mut results = Vec::new();
    if !missing.is_empty() || unread.is_empty() {
        let clean = match noted.len() {
            0 => format!("all {} packages of the image", installed.packages.len()),
            extra => format!(
                "all {} packages of the image; {extra} listed ones were not found in it",
                installed.packages.len()
            ),
        };
        let words = Words {
            code: Code::SbomMatchesImage,
            clean,
            next: "make the SBOM of the image that is judged, and attest that".to_owned(),
        };
        results.push(result().by_items(missing, noted.clone(), Act::Deny, words));
    }
    if !unread.is_empty() {
        let mut names: Vec<String> = unread.iter().take(NAMED).map(ToString::to_string).collect();
        if unread.len() > NAMED {
            names.push(format!("and {} more", unread.len() - NAMED));
        }
        let found = format!(
            "files of the image that could not be read: {}",
            names.join("; ")
        );
        let result = result().ended(
            Outcome::Undecided,
            Code::LayersUnavailable,
            &found,
            Some("make them readable, or leave them out of the image: what they hold is not known"),
        );
        let noted = if results.is_empty() {
            noted
        } else {
            Vec::new()
        };
        results.push(CheckResult { noted, ..result });
    }
    results
}

/// Leaves out what only ran while a program was built and is not in it.
fn runs(inventory: &Inventory) -> Vec<Package> {
    let packages = inventory.packages.iter();
    packages
        .filter(|package| package.scope == Scope::Runtime)
        .cloned()
        .collect()
}

/// Says where in the image a package is.
fn place(package: &Package) -> String {
    let file = package
        .files
        .first()
        .map(|file| format!("not in the SBOM; in `{}`, layer {}", file.path, file.layer));
    let told = file.unwrap_or_else(|| "not in the SBOM".to_owned());
    match &package.owner {
        Some(owner) => format!("{told}, owned by {owner}"),
        None => told,
    }
}
