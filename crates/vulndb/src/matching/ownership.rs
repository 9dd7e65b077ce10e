//! Language packages that an operating system's package installed: there the distribution's word on its own source package decides.
//!
//! A distribution fixes without changing the language's version number, so the language's advisories alone would be wrong. Where the distribution
//! says nothing, they stand.

use std::collections::{BTreeMap, HashMap};

use toolkit_sbom::{Inventory, Package, PackageId};

use crate::affected::Claim;
use crate::db::Malformed;

use super::cluster::cves;
use super::finding::{Finding, Suppression};
use super::matcher::Run;
use super::query::Query;
use super::range::{Installed, Verdict};

/// Is what a distribution says of its package and a CVE; the greater weighs more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    NotAffected(String),
    Fixed(String),
    Affected(String),
}

/// Suppresses the findings that the owner's distribution answers.
pub(super) fn apply(
    run: &mut Run<'_>,
    inventory: &Inventory,
    findings: &mut [Finding],
) -> Result<(), Malformed> {
    let mut words: HashMap<PackageId, BTreeMap<String, Word>> = HashMap::new();
    for finding in findings {
        let Some(owner) = finding.subject.owner.clone() else {
            continue;
        };
        if !words.contains_key(&owner) {
            let said = match inventory.get(&owner) {
                Some(package) => said(run, inventory, package)?,
                None => BTreeMap::new(),
            };
            words.insert(owner.clone(), said);
        }
        let Some(said) = words.get(&owner) else {
            continue;
        };
        let asked: Vec<&String> = finding
            .ids
            .iter()
            .filter(|id| id.starts_with("CVE-"))
            .collect();
        let answers: Vec<&Word> = asked.iter().filter_map(|cve| said.get(*cve)).collect();
        // Every CVE needs an answer: of one the distribution is silent about, the language's finding is all there is.
        if asked.is_empty() || answers.len() < asked.len() {
            continue;
        }
        finding.suppressed = answers.into_iter().max().map(|word| match word.clone() {
            Word::Affected(by) => Suppression::ReportedByDistro { by },
            Word::Fixed(by) => Suppression::FixedByDistro { by },
            Word::NotAffected(by) => Suppression::NotAffectedByDistro { by },
        });
    }
    Ok(())
}

/// Collects what the distribution says of a package, by CVE.
fn said(
    run: &mut Run<'_>,
    inventory: &Inventory,
    package: &Package,
) -> Result<BTreeMap<String, Word>, Malformed> {
    let mut words = BTreeMap::new();
    let Ok(query) = Query::of(package, inventory.distro.as_ref(), run.listed) else {
        return Ok(words);
    };
    let scheme = query.scheme();
    let installed = Installed::new(scheme, query.version.as_deref());
    for ecosystem in &query.ecosystems {
        for row in run.index.rows(ecosystem, &query.name)? {
            let qualifier = run.index.qualifier(row.qualifier)?;
            let verdict = run
                .ranges
                .judge(scheme, &installed, row.program, qualifier.unordered)?;
            let fixed = || -> Option<fn(String) -> Word> {
                match (qualifier.claim, &verdict) {
                    (Claim::NotAffected, _) => Some(Word::NotAffected),
                    (Claim::Affected, Verdict::Affected { .. }) => Some(Word::Affected),
                    _ => None,
                }
            };
            let word = match fixed() {
                Some(word) => word,
                None if verdict == Verdict::Outside
                    && run.ranges.is_fixed(scheme, &installed, row.program)? =>
                {
                    Word::Fixed
                }
                // Out of range without a fix at or below the version is no statement about a fix.
                None => continue,
            };
            let head = run.head(row.advisory)?;
            if run.is_void(&head, ecosystem) {
                continue;
            }
            for cve in cves(&head) {
                let said = word(head.id.clone());
                words
                    .entry(cve.to_owned())
                    .and_modify(|known: &mut Word| {
                        if said > *known {
                            known.clone_from(&said);
                        }
                    })
                    .or_insert(said);
            }
        }
    }
    Ok(words)
}
