//! Language packages that an operating system's package installed: there the distribution's word on its own source package decides.
//!
//! A distribution fixes without changing the language's version number, so the language's advisories alone would be wrong. Where the distribution
//! says nothing, they stand.

use std::collections::{BTreeMap, HashMap};

use toolkit_sbom::{Inventory, Package, PackageId};

use crate::advisory::Class;
use crate::db::Malformed;

use super::cluster::cves;
use super::finding::{Finding, Suppression};
use super::judge::{Found, Judged, Outcome};
use super::matcher::Run;
use super::query::Query;
use super::range::Installed;
use super::statement::denial;

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
        // A distribution's word on a flaw is none on malice.
        if finding.class == Class::Malicious {
            continue;
        }
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
        let mut answers: Vec<Word> = Vec::with_capacity(asked.len());
        for cve in &asked {
            let word = match said.get(*cve) {
                Some(word) => Some(word.clone()),
                // Its advisories are silent; its VEX may speak.
                None => match inventory.get(&owner) {
                    Some(package) => denial(run, inventory, package, cve)?.map(Word::NotAffected),
                    None => None,
                },
            };
            answers.extend(word);
        }
        // Every CVE needs an answer: of one the distribution is silent about, the language's finding is all there is.
        if asked.is_empty() || answers.len() < asked.len() {
            continue;
        }
        finding.suppressed = answers.into_iter().max().map(|word| match word {
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
    for ecosystem in query.ecosystems.iter() {
        for row in run.index.rows(ecosystem, &query.name)? {
            let at = Found { row, ecosystem };
            let word: fn(String) -> Word = match run.judge(at, package, &query, &installed, None)? {
                Judged::Hit(_) => Word::Affected,
                Judged::Not(Outcome::NotAffected) => Word::NotAffected,
                Judged::Not(Outcome::Outside)
                    if run.ranges.is_fixed(scheme, &installed, row.program)? =>
                {
                    Word::Fixed
                }
                // Out of range without a fix at or below the version is no statement about a fix.
                Judged::Not(_) => continue,
            };
            let head = run.head(row.advisory)?;
            if run.void(&head, ecosystem).is_some() {
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
