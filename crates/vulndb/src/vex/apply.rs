//! Which statements concern a package of a target, and what they take away.
//!
//! A statement concerns a package where a product is that package, where a product is the target and no subcomponent is named, or where a product is
//! the target and a subcomponent is that package. A product that is some other image says nothing here.

use std::collections::{BTreeSet, HashMap};

use toolkit_sbom::Purl;

use super::{Document, Product, Statement, Status, Verdict, decide};
use crate::advisory::Class;
use crate::matching::{Finding, Subject, Suppression};

/// Names what was scanned, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// `registry/repository`, where it is in a registry.
    pub name: Option<String>,
    /// Digests of its manifest and of the index that lists it, as `sha256:…`.
    pub digests: BTreeSet<String>,
}

/// Tells of statements about a finding that contradict each other; it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The finding's id.
    pub id: String,
    /// The package URL.
    pub package: String,
    /// What each of the newest statements says, as `STATUS (DOCUMENT)`.
    pub statements: Vec<String>,
}

/// Suppresses the findings that the newest statement about them takes away; documents are named as given beside them.
pub fn apply(
    documents: &[(String, Document)],
    target: &Target,
    findings: &mut [Finding],
) -> Vec<Conflict> {
    let mut by_id: HashMap<&str, Vec<(&str, &Statement)>> = HashMap::new();
    for (name, document) in documents {
        for statement in &document.statements {
            for id in &statement.vulnerabilities {
                by_id.entry(id).or_default().push((name, statement));
            }
        }
    }
    let mut conflicts = Vec::new();
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.suppressed.is_none())
    {
        let Ok(purl) = Purl::parse(finding.subject.package.as_str()) else {
            continue;
        };
        let mut concerned: Vec<(&str, &Statement)> = Vec::new();
        for id in finding.ids.iter().chain([&finding.id]) {
            for (name, statement) in by_id.get(id.as_str()).into_iter().flatten() {
                let known = concerned
                    .iter()
                    .any(|(_, other)| std::ptr::eq(*other, *statement));
                // Only what takes a malicious package away must name its version; what contradicts that counts as ever.
                let exact = finding.class == Class::Malicious && statement.suppresses();
                if !known && concerns(statement, &purl, &finding.subject, target, exact) {
                    concerned.push((name, statement));
                }
            }
        }
        let name_of = |statement: &Statement| {
            let found = concerned
                .iter()
                .find(|(_, other)| std::ptr::eq(*other, statement));
            found.map_or("", |(name, _)| *name)
        };
        match decide(concerned.iter().map(|(_, statement)| *statement)) {
            Verdict::Silent | Verdict::Stands(_) => {}
            Verdict::Suppressed(statement) => {
                finding.suppressed = Some(Suppression::Vex {
                    by: name_of(statement).to_owned(),
                    status: statement.status,
                    reason: reason(statement),
                });
            }
            Verdict::Conflict(statements) => conflicts.push(Conflict {
                id: finding.id.clone(),
                package: finding.subject.package.to_string(),
                statements: statements
                    .iter()
                    .map(|one| format!("{} ({})", one.status, name_of(one)))
                    .collect(),
            }),
        }
    }
    conflicts
}

fn reason(statement: &Statement) -> Option<String> {
    let texts = match statement.status {
        Status::NotAffected => [&statement.justification, &statement.impact],
        _ => [&statement.impact, &None],
    };
    texts
        .into_iter()
        .flatten()
        .find(|text| !text.trim().is_empty())
        .cloned()
}

/// Tells whether a statement concerns a package of the target; with `exact`, only where it names the version.
///
/// `purl` is the package URL of `subject`. What a target has no name or digest of, no product is taken for.
#[must_use]
pub fn concerns(
    statement: &Statement,
    purl: &Purl,
    subject: &Subject,
    target: &Target,
    exact: bool,
) -> bool {
    let is_package = |text: &str| {
        Purl::parse(text).is_ok_and(|stated| {
            (!exact || stated.version().is_some()) && is_same(&stated, purl, subject)
        })
    };
    statement.products.iter().any(|product| {
        if product.subcomponents.is_empty() {
            product.purls().any(is_package) || (!exact && is_target(product, target))
        } else {
            is_target(product, target) && product.purls().any(is_package)
        }
    })
}

/// Tells whether a stated package URL means an installed package: what it leaves out does not count. With the architecture `source` (Debian's and
/// Ubuntu's documents) it means the source package.
fn is_same(stated: &Purl, purl: &Purl, subject: &Subject) -> bool {
    let of_source = matches!(stated.qualifier("arch"), Some("source" | "src"));
    let source = subject.source.as_ref().filter(|_| of_source);
    let (name, version) = match source {
        Some((name, version)) => (name.as_str(), version.as_deref()),
        None => (purl.name(), purl.version()),
    };
    stated.ty() == purl.ty()
        && stated.namespace() == purl.namespace()
        && stated.name() == name
        && stated
            .version()
            .is_none_or(|stated| version == Some(stated))
        && stated
            .qualifiers()
            .filter(|(key, _)| !(of_source && *key == "arch"))
            .all(|(key, value)| purl.qualifier(key) == Some(value))
}

/// Tells whether one of the product's names means the target: an `oci` package URL with its digest, or with its name and without a digest.
fn is_target(product: &Product, target: &Target) -> bool {
    product.ids.iter().any(|id| {
        let Ok(purl) = Purl::parse(id) else {
            return false;
        };
        let named = || {
            let name = target.name.as_deref()?;
            let last = name.rsplit('/').next().unwrap_or(name);
            let place = purl.qualifier("repository_url");
            Some(purl.name() == last.to_lowercase() && place.is_none_or(|place| place == name))
        };
        purl.ty() == "oci"
            && match purl.version() {
                Some(digest) => target.digests.contains(digest),
                None => named() == Some(true),
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::tests_support::finding;
    use crate::vex::Format;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn document(statements: Vec<Statement>) -> (String, Document) {
        let document = Document {
            format: Format::OpenVex,
            id: "https://example.com/vex".into(),
            issuer: "us".into(),
            digest: [0; 32],
            statements,
        };
        ("a.vex.json".to_owned(), document)
    }

    fn statement(ids: &[&str], subcomponents: &[&str], status: Status) -> Statement {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Statement {
            vulnerabilities: vec!["CVE-1".into()],
            products: vec![Product {
                ids: owned(ids),
                subcomponents: owned(subcomponents),
            }],
            status,
            justification: Some("component_not_present".into()),
            impact: None,
            action: None,
            issuer: "us".into(),
            time: None,
        }
    }

    fn target() -> Target {
        Target {
            name: Some("registry.example/acme/Web".into()),
            digests: [DIGEST.to_owned()].into(),
        }
    }

    #[test]
    fn statements_concern_packages_and_targets() {
        let with_digest = format!("pkg:oci/web@{}", DIGEST.replace(':', "%3A"));
        let other = format!("pkg:oci/web@sha256%3A{}", "b".repeat(64));
        let place = "pkg:oci/web?repository_url=registry.example/acme/Web";
        let elsewhere = "pkg:oci/web?repository_url=registry.example/other/web";
        let package = "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12";
        for (ids, subcomponents, expected) in [
            (&[package][..], &[][..], true),
            (&["pkg:deb/debian/libssl3"], &[], true),
            (&["pkg:deb/debian/libssl3@3.0.11-1"], &[], true),
            (&["pkg:deb/debian/libssl3?distro=debian-12"], &[], true),
            (&["pkg:deb/debian/openssl@3.0.11?arch=source"], &[], true),
            (&["pkg:deb/debian/openssl@3.0.11"], &[], false),
            (&["pkg:deb/debian/libssl3@3.0.12-1"], &[], false),
            (&["pkg:deb/debian/libssl3?distro=debian-11"], &[], false),
            (&["pkg:deb/ubuntu/libssl3"], &[], false),
            (&[&with_digest], &[], true),
            (&[place], &[], true),
            (&["pkg:oci/web"], &[], true),
            (&["pkg:oci/api"], &[], false),
            (&[elsewhere], &[], false),
            (&[&other], &[], false),
            (&[&with_digest], &["pkg:deb/debian/libssl3"], true),
            (&[&with_digest], &["pkg:deb/debian/bash"], false),
            (&[&other], &["pkg:deb/debian/libssl3"], false),
            (
                &["pkg:deb/debian/libssl3"],
                &["pkg:deb/debian/libssl3"],
                false,
            ),
            (&["cpe:/a:x:y"], &[], false),
            (&[], &[], false),
        ] {
            let mut one = finding("CVE-1", &[], package, &[]);
            std::sync::Arc::make_mut(&mut one.subject).source =
                Some(("openssl".into(), Some("3.0.11".into())));
            let documents = [document(vec![statement(
                ids,
                subcomponents,
                Status::NotAffected,
            )])];
            let mut findings = [one];
            assert_eq!(apply(&documents, &target(), &mut findings), []);
            assert_eq!(
                findings[0].suppressed.is_some(),
                expected,
                "{ids:?} {subcomponents:?}"
            );
        }
    }

    #[test]
    fn a_target_that_is_not_known_is_no_product() {
        let product = Product {
            ids: vec!["pkg:oci/web".into()],
            subcomponents: Vec::new(),
        };
        assert!(!is_target(&product, &Target::default()));
    }

    #[test]
    fn the_newest_wins_and_a_conflict_stays() {
        let of = |status, time: &str| Statement {
            time: Some(time.parse().expect("a time")),
            ..statement(&["pkg:npm/x"], &[], status)
        };
        const OLD: &str = "2024-01-01T00:00:00Z";
        const NEW: &str = "2024-02-01T00:00:00Z";
        for (statements, suppressed, conflicts) in [
            (vec![of(Status::Fixed, OLD)], true, 0),
            (
                vec![of(Status::Fixed, OLD), of(Status::Affected, NEW)],
                false,
                0,
            ),
            (
                vec![of(Status::Affected, OLD), of(Status::Fixed, NEW)],
                true,
                0,
            ),
            (
                vec![of(Status::Affected, NEW), of(Status::Fixed, NEW)],
                false,
                1,
            ),
            (vec![of(Status::UnderInvestigation, OLD)], false, 0),
        ] {
            let mut findings = [finding("CVE-1", &[], "pkg:npm/x@1", &[])];
            let found = apply(&[document(statements)], &target(), &mut findings);
            assert_eq!(
                (findings[0].suppressed.is_some(), found.len()),
                (suppressed, conflicts)
            );
        }
    }

    #[test]
    fn a_malicious_package_is_cleared_by_version_only() {
        for (id, expected) in [("pkg:npm/x@1", true), ("pkg:npm/x", false)] {
            let mut one = finding("CVE-1", &[], "pkg:npm/x@1", &[]);
            one.class = Class::Malicious;
            let mut findings = [one];
            apply(
                &[document(vec![statement(&[id], &[], Status::Fixed)])],
                &target(),
                &mut findings,
            );
            assert_eq!(findings[0].suppressed.is_some(), expected, "{id}");
        }
    }
}
