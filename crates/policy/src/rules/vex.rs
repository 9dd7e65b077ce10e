//! `vulnerabilities.vex`: statements that a vulnerability does not concern this image, attested for its digest by whom the rule names.
//!
//! OpenVEX as a predicate. Statements of anybody else are nothing; of those who are named the newest counts, and one that contradicts another of the
//! same moment takes nothing away (`toolkit_vulndb::vex`).

use std::collections::BTreeSet;

use toolkit_attest::Verified;
use toolkit_oci::Digest;
use toolkit_sbom::Purl;
use toolkit_vulndb::vex::{Document, Product, Statement, Verdict, decide};

use super::who::{Wanted, candidates, is_by, is_satisfied};
use crate::evaluate::Context;
use crate::evidence::PlatformEvidence;
use crate::model::Who;

/// The statements that count for one platform.
pub(super) struct Statements<'a> {
    context: &'a Context<'a>,
    who: Option<&'a Who>,
    documents: Vec<(&'a Verified, Document)>,
    /// Attestations of those who are named that could not be read.
    pub(super) unreadable: Vec<String>,
}

impl<'a> Statements<'a> {
    /// Reads what those who are named attested for the platform or for the image as a whole.
    pub(super) fn read(
        context: &'a Context<'a>,
        who: Option<&'a Who>,
        platform: &PlatformEvidence,
    ) -> Self {
        let mut statements = Self {
            context,
            who,
            documents: Vec::new(),
            unreadable: Vec::new(),
        };
        let Some(who) = who else {
            return statements;
        };
        let subjects = BTreeSet::from([&platform.digest, &context.evidence.digest]);
        let attestations = subjects
            .into_iter()
            .flat_map(|subject| candidates(context, subject, Wanted::Vex));
        for attestation in attestations.filter(|one| is_by(context, who, one)) {
            let read = attestation
                .statement()
                .ok_or_else(|| "no statement".to_owned())
                .and_then(|statement| {
                    let bytes = serde_json::to_vec(statement.predicate())
                        .map_err(|error| error.to_string())?;
                    toolkit_vulndb::feed::openvex::parse(&bytes).map_err(|error| error.to_string())
                });
            match read {
                Ok(document) => statements.documents.push((attestation, document)),
                Err(reason) => statements
                    .unreadable
                    .push(format!("VEX {}: {reason}", attestation.bundle())),
            }
        }
        statements
    }

    /// Lists the bundles whose statements were looked at.
    pub(super) fn bundles(&self) -> Vec<Digest> {
        let documents = self.documents.iter();
        documents
            .map(|(attestation, _)| attestation.bundle().clone())
            .collect()
    }

    /// Says why a vulnerability does not concern a package; `None` where nobody who counts says so.
    pub(super) fn suppress(&self, ids: &BTreeSet<String>, purl: &Purl) -> Option<String> {
        let concerning: Vec<(&Verified, &Statement)> = self
            .documents
            .iter()
            .flat_map(|(attestation, document)| {
                let statements = document.statements.iter();
                statements.map(|statement| (*attestation, statement))
            })
            .filter(|(_, statement)| {
                statement.is_about(ids.iter().map(String::as_str))
                    && statement
                        .products
                        .iter()
                        .any(|product| concerns(product, purl))
            })
            .collect();
        let all = concerning.iter().map(|(_, statement)| *statement);
        let Verdict::Suppressed(statement) = decide(all) else {
            return None;
        };
        // Whoever must agree must each say it.
        let saying: Vec<&Verified> = concerning
            .iter()
            .filter(|(_, statement)| statement.suppresses())
            .map(|(attestation, _)| *attestation)
            .collect();
        let who = self.who?;
        if !is_satisfied(self.context, who, &saying) {
            return None;
        }
        let why = [&statement.justification, &statement.impact]
            .into_iter()
            .flatten()
            .next();
        Some(match why {
            Some(why) => format!("{} by VEX of {who}: {why}", statement.status),
            None => format!("{} by VEX of {who}", statement.status),
        })
    }
}

/// Tells whether a product of a statement is the package, or the image as a whole.
fn concerns(product: &Product, package: &Purl) -> bool {
    product
        .purls()
        .filter_map(|text| Purl::parse(text).ok())
        .any(|named| is_image(&named) || is_package(&named, package))
}

/// The attestation is for this image's digest, so an image that it names is this one.
fn is_image(named: &Purl) -> bool {
    matches!(named.ty(), "oci" | "docker")
}

/// A package URL without a version is every version; qualifiers that it has must hold.
fn is_package(named: &Purl, package: &Purl) -> bool {
    let same = named.ty() == package.ty()
        && named.namespace() == package.namespace()
        && named.name() == package.name();
    let version = named
        .version()
        .is_none_or(|version| package.version() == Some(version));
    let qualifiers = named
        .qualifiers()
        .all(|(key, value)| package.qualifier(key) == Some(value));
    same && version && qualifiers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_a_package_or_this_image() {
        let package = Purl::parse("pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12")
            .expect("a package URL");
        for (ids, parts, expected) in [
            (&["pkg:deb/debian/bash@5.2-1"][..], &[][..], true),
            (&["pkg:deb/debian/bash"], &[], true),
            (&["pkg:deb/debian/bash@5.2-2"], &[], false),
            (&["pkg:deb/ubuntu/bash"], &[], false),
            (&["pkg:deb/debian/bash?arch=amd64"], &[], true),
            (&["pkg:deb/debian/bash?arch=arm64"], &[], false),
            (&["pkg:oci/app@sha256%3Aab"], &[], true),
            (&["pkg:oci/app"], &["pkg:deb/debian/bash"], true),
            (&["pkg:oci/app"], &["pkg:deb/debian/dash"], false),
            (&["app"], &[], false),
        ] {
            let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let product = Product {
                ids: owned(ids),
                subcomponents: owned(parts),
            };
            assert_eq!(concerns(&product, &package), expected, "{ids:?} {parts:?}");
        }
    }
}
