//! Whether updates take away what they promise: the database is asked again, with the new versions in the place of the installed ones.
//!
//! A fix is the smallest version of the installed branch that a record names. The version that fixes another finding of the package may lie on another
//! branch, which has a later fix of its own, or none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toolkit_sbom::{Inventory, Package, PackageId};

use crate::affected::FixState;
use crate::db::Malformed;
use crate::select;
use crate::version::Key;

use super::finding::{Finding, Matches};
use super::matcher::matches;
use super::sources::{Options, Sources};
use super::upgrade::{Remedy, Upgrade, sort};

/// Updates are raised at most so often; each round asks about the packages of all of them.
const ROUNDS: usize = 4;

/// Raises updates to the version at which none of their findings holds, and gives what no version mends together with the rest a step of its own. What
/// holds at the very version that a record names as its fix is not fixed.
///
/// # Errors
///
/// [`Malformed`] where a segment is broken.
pub fn settle<'a>(
    sources: &Sources<'_>,
    inventory: &Inventory,
    options: &Options,
    mut steps: Vec<Upgrade<'a>>,
) -> Result<Vec<Upgrade<'a>>, Malformed> {
    let mut left: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); steps.len()];
    for round in 0..=ROUNDS {
        let trial = trial(inventory, &steps);
        if trial.packages.is_empty() {
            return Ok(steps);
        }
        let again = matches(sources, &trial, options)?;
        let again = Again::of(&again);
        let mut raised = false;
        for (step, left) in steps.iter_mut().zip(&mut left) {
            let remaining = remaining(step, &again);
            *left = remaining.keys().copied().collect();
            let higher = higher(step, remaining.into_values().flatten());
            if let Some(version) = higher.filter(|_| round < ROUNDS) {
                step.remedy = Remedy::Update(Cow::Owned(version));
                raised = true;
            }
        }
        if !raised {
            break;
        }
    }
    let mut apart = Vec::new();
    for (step, left) in steps.iter_mut().zip(&left) {
        split(step, left, &mut apart);
    }
    for mut step in apart {
        let again = matches(
            sources,
            &trial(inventory, std::slice::from_ref(&step)),
            options,
        )?;
        let left = remaining(&step, &Again::of(&again)).into_keys().collect();
        let mut unmended = Vec::new();
        split(&mut step, &left, &mut unmended);
        for one in &mut unmended {
            one.remedy = Remedy::Wait(FixState::NotFixed);
        }
        steps.push(step);
        steps.append(&mut unmended);
    }
    steps.retain(|step| !step.findings.is_empty());
    sort(&mut steps);
    Ok(steps)
}

/// Lists the packages of all updates at their new versions. Their package URLs stay, so that findings are of the same package.
fn trial(inventory: &Inventory, steps: &[Upgrade<'_>]) -> Inventory {
    let mut versions: BTreeMap<&PackageId, &str> = BTreeMap::new();
    for step in steps {
        if let Remedy::Update(version) = &step.remedy {
            let packages = step.findings.iter().map(|one| &one.subject.package);
            versions.extend(packages.map(|package| (package, &**version)));
        }
    }
    let packages = versions.into_iter().filter_map(|(id, version)| {
        let installed = inventory.get(id)?;
        let mut source = installed.source.clone();
        if let Some(source) = &mut source {
            source.version = Some(version.to_owned());
        }
        Some(Package {
            version: Some(version.to_owned()),
            source,
            ..installed.clone()
        })
    });
    Inventory {
        packages: packages.collect(),
        distro: inventory.distro.clone(),
        unreadable: Vec::new(),
    }
}

/// Is what a trial found, by package.
#[derive(Default)]
struct Again<'m> {
    findings: BTreeMap<&'m PackageId, Vec<&'m Finding>>,
    open: BTreeMap<&'m PackageId, Vec<&'m BTreeSet<String>>>,
}

impl<'m> Again<'m> {
    fn of(found: &'m Matches) -> Self {
        let mut again = Self::default();
        for one in found.shown() {
            let package = &one.subject.package;
            again.findings.entry(package).or_default().push(one);
        }
        for one in &found.undetermined {
            let package = &one.subject.package;
            again.open.entry(package).or_default().push(&one.ids);
        }
        again
    }
}

/// Returns which findings of an update hold at its version or may hold, each with what fixes it there.
fn remaining<'m>(step: &Upgrade<'_>, again: &Again<'m>) -> BTreeMap<usize, Option<&'m str>> {
    let mut found = BTreeMap::new();
    if !matches!(step.remedy, Remedy::Update(_)) {
        return found;
    }
    for (at, one) in step.findings.iter().enumerate() {
        let package = &one.subject.package;
        let same = |ids: &BTreeSet<String>| !one.ids.is_disjoint(ids);
        let mut known = again.findings.get(package).into_iter().flatten();
        let holds = known.find(|other| same(&other.ids));
        let open = || {
            let mut open = again.open.get(package).into_iter().flatten();
            open.any(|ids| same(ids))
        };
        match holds {
            Some(other) => {
                found.insert(at, other.fix.version.as_deref());
            }
            None if open() => {
                found.insert(at, None);
            }
            None => {}
        }
    }
    found
}

/// Returns the highest of these versions, where it is above the step's.
fn higher<'m>(step: &Upgrade<'_>, versions: impl Iterator<Item = &'m str>) -> Option<String> {
    let Remedy::Update(now) = &step.remedy else {
        return None;
    };
    let scheme = select::scheme(&step.ty)?;
    let now = scheme.key(now).ok()?;
    let keyed = versions.filter_map(|version| Some((scheme.key(version).ok()?, version)));
    let (key, version): (Key, &str) = keyed.max()?;
    (key > now).then(|| version.to_owned())
}

/// Gives findings that a step does not take away steps of their own, by the fix that each names.
fn split<'a>(step: &mut Upgrade<'a>, left: &BTreeSet<usize>, apart: &mut Vec<Upgrade<'a>>) {
    if left.is_empty() {
        return;
    }
    let all = std::mem::take(&mut step.findings);
    let mut others: BTreeMap<Remedy<'a>, Vec<&'a Finding>> = BTreeMap::new();
    for (at, finding) in all.into_iter().enumerate() {
        if left.contains(&at) {
            let own = Remedy::of(finding);
            others.entry(own).or_default().push(finding);
        } else {
            step.findings.push(finding);
        }
    }
    for (remedy, findings) in others {
        apart.push(Upgrade {
            packages: names(&findings),
            remedy,
            findings,
            ..step.clone()
        });
    }
    step.packages = names(&step.findings);
}

fn names<'a>(findings: &[&'a Finding]) -> BTreeSet<&'a str> {
    findings
        .iter()
        .map(|one| one.subject.name.as_str())
        .collect()
}
