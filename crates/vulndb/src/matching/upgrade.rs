//! Which single steps take how many findings away: the findings of a package at a version, by what mends them.
//!
//! The step for a package is the highest of the versions that its findings are fixed in. Each is what records promise for the installed version: another
//! branch may have one of them still, which [`settle`](super::settle) finds out. What is new in that version only a scan of it tells.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use toolkit_sbom::Purl;

use crate::advisory::Class;
use crate::affected::FixState;
use crate::select;
use crate::severity::Severity;
use crate::version::Key;

use super::finding::Finding;
use super::priority::Origin;

/// Tells what there is to do about findings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy<'a> {
    /// Remove the package: it is malicious.
    Remove,
    /// Update to this version or a later one.
    Update(Cow<'a, str>),
    /// Subscribe to the channel that has the fix.
    Subscribe,
    /// Nothing yet, for this reason.
    Wait(FixState),
}

impl Remedy<'_> {
    /// Tells whether the user can do it now.
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        matches!(self, Self::Remove | Self::Update(_))
    }

    pub(super) fn of(finding: &Finding) -> Remedy<'_> {
        match (&finding.fix.version, finding.class) {
            (_, Class::Malicious) => Remedy::Remove,
            (Some(version), _) => Remedy::Update(Cow::Borrowed(version)),
            (None, _) if finding.fix.needs_subscription => Remedy::Subscribe,
            (None, _) => Remedy::Wait(finding.fix.state),
        }
    }
}

/// Is one step, and what it takes away.
#[derive(Clone, Debug)]
pub struct Upgrade<'a> {
    /// The type of the package's URL, by which versions order.
    pub(super) ty: String,
    /// The package as it is updated: the source package where that was looked up.
    pub name: &'a str,
    /// The installed version of that package.
    pub version: Option<&'a str>,
    /// The names of the installed packages that it is about.
    pub packages: BTreeSet<&'a str>,
    /// Whose layer they are in.
    pub origin: Origin,
    /// What to do.
    pub remedy: Remedy<'a>,
    /// The findings, the worst first, each vulnerability once for every package.
    pub findings: Vec<&'a Finding>,
}

impl Upgrade<'_> {
    /// Returns the worst severity among the findings.
    #[must_use]
    pub fn worst(&self) -> Severity {
        let all = self.findings.iter().map(|finding| finding.severity());
        all.max().unwrap_or(Severity::Unknown)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    ty: String,
    namespace: Option<String>,
    name: &'a str,
    version: Option<&'a str>,
    origin: Origin,
}

/// Groups findings by the step that takes them away: steps at hand first, those that remove malicious packages before all others, then the one that takes
/// the most away.
#[must_use]
pub fn upgrades<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    origin: impl Fn(&Finding) -> Origin,
) -> Vec<Upgrade<'a>> {
    let mut places: BTreeMap<Place<'a>, Vec<&'a Finding>> = BTreeMap::new();
    for finding in findings {
        let place = place(finding, origin(finding));
        places.entry(place).or_default().push(finding);
    }
    let mut all: Vec<Upgrade<'a>> = Vec::new();
    for (place, findings) in places {
        for (remedy, mut findings) in steps(&place.ty, findings) {
            findings.sort_by_key(|one| (Reverse(one.severity()), &one.id, &one.subject.package));
            all.push(Upgrade {
                ty: place.ty.clone(),
                name: place.name,
                version: place.version,
                packages: findings
                    .iter()
                    .map(|one| one.subject.name.as_str())
                    .collect(),
                origin: place.origin,
                remedy,
                findings,
            });
        }
    }
    sort(&mut all);
    all
}

/// Puts steps in their order.
pub(super) fn sort(steps: &mut [Upgrade<'_>]) {
    steps.sort_by_key(|one| {
        (
            !one.remedy.is_at_hand(),
            one.remedy != Remedy::Remove,
            Reverse(one.findings.len()),
            Reverse(one.worst()),
            one.name,
        )
    });
}

fn place(finding: &Finding, origin: Origin) -> Place<'_> {
    let subject = &finding.subject;
    let purl = Purl::parse(subject.package.as_str()).ok();
    let (name, version) = match &subject.source {
        Some((name, version)) => (name, version),
        None => (&subject.name, &subject.version),
    };
    Place {
        ty: purl
            .as_ref()
            .map_or_else(String::new, |purl| purl.ty().to_owned()),
        namespace: purl.and_then(|purl| purl.namespace().map(str::to_owned)),
        name,
        version: version.as_deref().or(subject.version.as_deref()),
        origin,
    }
}

/// Divides the findings of a package by what mends them; updates are joined in the highest, as far as versions can be ordered.
fn steps<'a>(ty: &str, findings: Vec<&'a Finding>) -> BTreeMap<Remedy<'a>, Vec<&'a Finding>> {
    let key = |version: &str| select::scheme(ty).and_then(|scheme| scheme.key(version).ok());
    let highest: Option<(Key, Cow<'a, str>)> = findings
        .iter()
        .filter_map(|finding| match Remedy::of(finding) {
            Remedy::Update(version) => Some((key(&version)?, version)),
            _ => None,
        })
        .max();
    let mut steps: BTreeMap<Remedy<'a>, Vec<&'a Finding>> = BTreeMap::new();
    for finding in findings {
        let remedy = match (Remedy::of(finding), &highest) {
            (Remedy::Update(version), Some((_, highest))) if key(&version).is_some() => {
                Remedy::Update(highest.clone())
            }
            (remedy, _) => remedy,
        };
        steps.entry(remedy).or_default().push(finding);
    }
    steps
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::finding::tests_support::finding;
    use super::*;

    fn fixed(id: &str, purl: &str, version: Option<&str>) -> Finding {
        let mut one = finding(id, &[], purl, &[]);
        if let Some(version) = version {
            one.fix.state = FixState::Fixed;
            one.fix.version = Some(version.to_owned());
        }
        one
    }

    fn of_source(mut one: Finding, name: &str, version: &str) -> Finding {
        Arc::make_mut(&mut one.subject).source = Some((name.to_owned(), Some(version.to_owned())));
        one
    }

    fn rows<'a>(findings: &'a [Finding]) -> Vec<(&'a str, Remedy<'a>, Vec<&'a str>)> {
        upgrades(findings, |_| Origin::Unknown)
            .into_iter()
            .map(|one| {
                let ids = one.findings.iter().map(|found| found.id.as_str());
                (one.name, one.remedy, ids.collect())
            })
            .collect()
    }

    #[test]
    fn one_step_a_package_the_one_that_takes_most_away_first() {
        let findings = [
            fixed("CVE-1", "pkg:npm/a@1.0.0", Some("1.9.0")),
            fixed("CVE-2", "pkg:npm/b@1.0.0", Some("1.9.0")),
            fixed("CVE-3", "pkg:npm/b@1.0.0", Some("1.10.0")),
            fixed("CVE-4", "pkg:npm/b@1.0.0", None),
            fixed("CVE-5", "pkg:npm/b@1.0.1", Some("1.2.0")),
        ];
        assert_eq!(
            rows(&findings),
            [
                ("b", Remedy::Update("1.10.0".into()), vec!["CVE-2", "CVE-3"]),
                ("a", Remedy::Update("1.9.0".into()), vec!["CVE-1"]),
                ("b", Remedy::Update("1.2.0".into()), vec!["CVE-5"]),
                ("b", Remedy::Wait(FixState::Unknown), vec!["CVE-4"]),
            ]
        );
    }

    #[test]
    fn packages_of_one_source_are_one_step_and_those_of_another_namespace_are_not() {
        let deb = |id, name: &str| {
            let purl = format!("pkg:deb/debian/{name}@3.0-1?arch=amd64");
            of_source(fixed(id, &purl, Some("3.1-1")), "openssl", "3.0-1")
        };
        let ubuntu = of_source(
            fixed("CVE-1", "pkg:deb/ubuntu/openssl@3.0-1", Some("3.1-1")),
            "openssl",
            "3.0-1",
        );
        let findings = [
            deb("CVE-1", "libssl3"),
            deb("CVE-1", "openssl"),
            deb("CVE-2", "openssl"),
            ubuntu,
        ];
        let found = upgrades(&findings, |_| Origin::Unknown);
        let sizes: Vec<usize> = found.iter().map(|one| one.findings.len()).collect();
        assert_eq!(sizes, [3, 1]);
        assert_eq!(found[0].packages, ["libssl3", "openssl"].into());
        assert_eq!(
            (found[0].name, found[0].version),
            ("openssl", Some("3.0-1"))
        );
    }

    #[test]
    fn what_is_malicious_goes_first_and_what_cannot_be_mended_last() {
        let mut evil = fixed("MAL-1", "pkg:npm/evil@1.0.0", None);
        evil.class = Class::Malicious;
        let mut paid = fixed("CVE-9", "pkg:deb/ubuntu/z@1", None);
        paid.fix.needs_subscription = true;
        let mut wont = fixed("CVE-8", "pkg:npm/w@1.0.0", None);
        wont.fix.state = FixState::WontFix;
        let findings = [
            paid,
            wont,
            fixed("CVE-1", "pkg:npm/a@1.0.0", Some("2.0.0")),
            fixed("CVE-2", "pkg:npm/a@1.0.0", Some("2.0.0")),
            evil,
        ];
        let remedies: Vec<Remedy<'_>> = rows(&findings)
            .iter()
            .map(|(_, one, _)| one.clone())
            .collect();
        assert_eq!(
            remedies,
            [
                Remedy::Remove,
                Remedy::Update("2.0.0".into()),
                Remedy::Wait(FixState::WontFix),
                Remedy::Subscribe,
            ]
        );
    }

    #[test]
    fn fixes_that_cannot_be_ordered_and_other_origins_stand_alone() {
        let findings = [
            fixed("CVE-1", "pkg:npm/a@1.0.0", Some("2.0.0")),
            fixed("CVE-2", "pkg:npm/a@1.0.0", Some("the next")),
        ];
        assert_eq!(
            rows(&findings),
            [
                ("a", Remedy::Update("2.0.0".into()), vec!["CVE-1"]),
                ("a", Remedy::Update("the next".into()), vec!["CVE-2"]),
            ]
        );
        let mut upper = findings[0].clone();
        Arc::make_mut(&mut upper.subject).layer = Some(1);
        let both = [findings[0].clone(), upper];
        let apart = upgrades(&both, |one| match one.subject.layer {
            Some(_) => Origin::Application,
            None => Origin::Base,
        });
        assert_eq!(apart.len(), 2);
    }
}
