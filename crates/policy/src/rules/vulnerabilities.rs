//! `vulnerabilities`: what is known against the packages of every platform, in the SBOMs that are judged and in the layers.
//!
//! Matching is done elsewhere; here its findings are compared with the entries of `deny`. Malicious packages fail whatever the entries say. What
//! Debian holds unimportant is negligible (`toolkit_vulndb::matching::Suppression`); what else matching suppresses does not count.

mod holds;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toolkit_sbom::{Inventory, PackageId, Purl};
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::config::Span;
use toolkit_vulndb::ecosystem::Ecosystem;
use toolkit_vulndb::eol::end_of_life;
use toolkit_vulndb::matching::{Finding, Matches, Suppression, System};
use toolkit_vulndb::select::scheme;

use self::holds::{Holds, described, holds};
use super::contents::{Check, Place, Scene, key, places};
use super::database;
use super::vex::Statements;
use crate::evaluate::Context;
use crate::item::{Item, Items};
use crate::model::{Act, Rule, VulnerabilityRule};
use crate::verdict::{CheckId, CheckResult, Code};

/// Updates that the next step names.
const UPDATES: usize = 3;

pub(crate) fn judge(context: &Context<'_>, rule: &Rule, results: &mut Vec<CheckResult>) {
    let Some(demand) = &rule.require.vulnerabilities else {
        return;
    };
    if !database::judge(context, rule, &demand.value, results) {
        return;
    }
    for platform in &context.evidence.platforms {
        let scene = Scene {
            context,
            rule,
            platform,
        };
        let vex = Statements::read(context, demand.value.vex.as_ref(), platform);
        let places = places(scene);
        let mut seen = Seen::default();
        for place in &places {
            match &place.listing.known {
                Some(known) => seen.place(context.now, &demand.value, &vex, place, known),
                None => results.push(database::not_asked(
                    context,
                    rule,
                    &demand.value,
                    &place.name,
                )),
            }
        }
        let checks = seen.checks(&demand.value, demand.span, &vex);
        for (check, items, noted) in checks {
            let mut result = check.judged(scene, &places, items, noted);
            if result.check == CheckId::VulnerabilitiesDenied {
                result.evidence = vex.bundles();
            }
            results.push(result);
        }
    }
}

/// What was seen in all places of one platform.
#[derive(Default)]
struct Seen {
    /// Each finding and each package once, wherever they were seen.
    findings: BTreeSet<(String, String)>,
    packages: BTreeSet<String>,
    malicious: Items,
    denied: Items,
    severity_unknown: Items,
    /// What would be denied, and what might, if VEX that was not seen says nothing of it.
    denied_unseen: Items,
    unknown_unseen: Items,
    undetermined: Items,
    uncovered: Items,
    ended: Items,
    noted: Vec<Item>,
    /// The versions to update to, by type, namespace and name of the package; with its name for people.
    updates: BTreeMap<(String, String, String), (String, String)>,
}

impl Seen {
    fn place(
        &mut self,
        now: Timestamp,
        demand: &VulnerabilityRule,
        vex: &Statements<'_>,
        place: &Place<'_>,
        known: &Matches,
    ) {
        let inventory = &place.listing.inventory;
        self.packages.extend(inventory.packages.iter().map(key));
        for finding in known.findings.iter().filter(|finding| counts(finding)) {
            self.finding(now, demand, vex, place, finding);
        }
        for one in &known.undetermined {
            let subject = Named::of(inventory, &one.subject.package);
            let item = subject.item(one.reason.clone()).of(&one.id, &one.ids);
            self.undetermined
                .add(subject.key, &one.id, &place.name, item);
        }
        for (package, reason) in &known.uncovered {
            let subject = Named::of(inventory, package);
            let item = subject.item(format!("no feed for it: {reason}"));
            self.uncovered.add(subject.key, "", &place.name, item);
        }
        self.end_of_life(now, place, inventory);
    }

    fn finding(
        &mut self,
        now: Timestamp,
        demand: &VulnerabilityRule,
        vex: &Statements<'_>,
        place: &Place<'_>,
        finding: &Finding,
    ) {
        let subject = Named::of(&place.listing.inventory, &finding.subject.package);
        let item = |detail: String| subject.item(detail).of(&finding.id, &finding.ids);
        let key = subject.key.clone();
        self.findings.insert((key.clone(), finding.id.clone()));
        if finding.class == Class::Malicious {
            let item = item("a package made to do harm".to_owned());
            self.malicious.add(key, &finding.id, &place.name, item);
            return;
        }
        let purl = subject.purl.as_ref();
        let entries = demand.deny.value.iter();
        let held: Vec<Holds<'_>> = entries
            .map(|entry| holds(&entry.value, finding, purl, now))
            .collect();
        let denies = held.iter().find_map(|held| match held {
            Holds::Yes(entry) => Some(*entry),
            _ => None,
        });
        // A notice is no flaw that could be severe.
        let might = finding.class == Class::Vulnerability
            && held.iter().any(|held| matches!(held, Holds::IfSevere));
        if denies.is_none() && !might {
            let waits = held.iter().find_map(|held| match held {
                Holds::Later(until) => Some(*until),
                _ => None,
            });
            if let Some(until) = waits {
                let date = TimeZone::UTC.to_datetime(until).date();
                let item = item(format!("{}; denied from {date} on", described(finding)));
                self.noted.push(item);
            }
            return;
        }
        let detail = match denies {
            Some(entry) => format!("{}; denied: {entry}", described(finding)),
            None => described(finding),
        };
        if let Some(unseen) = vex.unseen() {
            let item = item(format!("{detail}; VEX not seen: {}", unseen.found));
            let items = match denies {
                Some(_) => &mut self.denied_unseen,
                None => &mut self.unknown_unseen,
            };
            items.add(key, &finding.id, &place.name, item);
            return;
        }
        let suppressed = purl.and_then(|purl| vex.suppress(&finding.ids, purl, &finding.subject));
        if let Some(why) = suppressed {
            self.noted.push(item(why));
            return;
        }
        let items = match denies {
            Some(_) => {
                if let (Some(purl), Some(version), FixState::Fixed) =
                    (purl, &finding.fix.version, finding.fix.state)
                {
                    self.update(purl, &finding.subject.name, version);
                }
                &mut self.denied
            }
            None => &mut self.severity_unknown,
        };
        items.add(key, &finding.id, &place.name, item(detail));
    }

    /// Keeps the version that fixes all findings of a package: the latest of those that fix one.
    fn update(&mut self, purl: &Purl, name: &str, version: &str) {
        let namespace = purl.namespace().unwrap_or_default();
        let package = [purl.ty(), namespace, purl.name()].map(str::to_owned);
        let (_, known) = self
            .updates
            .entry(package.into())
            .or_insert_with(|| (name.to_owned(), String::new()));
        let later = scheme(purl.ty()).is_some_and(|scheme| {
            let key = |text: &str| scheme.key(text).ok();
            key(version) > key(known)
        });
        if known.is_empty() || later {
            version.clone_into(known);
        }
    }

    /// Words what to update.
    fn updates(&self) -> String {
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in self.updates.values() {
            *shown.entry(name).or_default() += 1;
        }
        let words: Vec<String> = self
            .updates
            .iter()
            .take(UPDATES)
            .map(|((ty, namespace, _), (name, version))| {
                let is_ambiguous = shown.get(name.as_str()).is_some_and(|count| *count > 1);
                match (is_ambiguous, namespace.is_empty()) {
                    (false, _) => format!("{name} to {version}"),
                    (true, true) => format!("{name} ({ty}) to {version}"),
                    (true, false) => format!("{name} ({ty}/{namespace}) to {version}"),
                }
            })
            .collect();
        match (words.is_empty(), self.updates.len() > UPDATES) {
            (true, _) => "no fix is known: replace the package, or write an exception with a reason and an end".to_owned(),
            (false, false) => format!("update {}", words.join(", ")),
            (false, true) => format!("update {}, and others", words.join(", ")),
        }
    }

    /// The releases of the distributions in an inventory that get no fixes any more, each with its packages.
    fn end_of_life(&mut self, now: Timestamp, place: &Place<'_>, inventory: &Inventory) {
        let mut releases: BTreeMap<Ecosystem, Vec<Purl>> = BTreeMap::new();
        let of_image = inventory.distro.as_ref().and_then(System::of_distro);
        for package in &inventory.packages {
            if !package.ecosystem.is_operating_system() {
                continue;
            }
            // One of no known distribution is uncovered, and told there.
            if let Some(system) = System::of_package(package).or_else(|| of_image.clone()) {
                let packages = releases.entry(system.label()).or_default();
                packages.push(package.purl.clone());
            }
        }
        let today = TimeZone::UTC.to_datetime(now).date();
        for (release, packages) in releases {
            let Some(end) = end_of_life(&release).filter(|end| end.is_past(today)) else {
                continue;
            };
            let detail = format!(
                "{release} gets no fixes since {} ({}), {} packages of it",
                end.ends,
                end.source,
                packages.len()
            );
            let item = Item::note(detail, packages);
            self.ended.add(release.to_string(), "", &place.name, item);
        }
    }

    /// Lists the checks with what counts and what is told beside.
    fn checks(
        self,
        demand: &VulnerabilityRule,
        span: Span,
        vex: &Statements<'_>,
    ) -> Vec<(Check, Items, Vec<Item>)> {
        let (findings, packages) = (self.findings.len(), self.packages.len());
        let entries: Vec<String> = demand
            .deny
            .value
            .iter()
            .map(|entry| entry.value.to_string())
            .collect();
        let among = |text: &str| format!("{text} among {findings} findings in {packages} packages");
        let malicious = Check {
            span,
            id: CheckId::VulnerabilitiesMalicious,
            code: Code::VulnerabilitiesMalicious,
            act: Act::Deny,
            expected: "no package made to do harm".to_owned(),
            clean: format!("none among {packages} packages"),
            next: "do not run the image, and look where the package came from".to_owned(),
        };
        let denied = Check {
            span: demand.deny.span,
            id: CheckId::VulnerabilitiesDenied,
            code: Code::VulnerabilitiesDenied,
            act: Act::Deny,
            expected: format!("no finding that is: {}", entries.join("; or ")),
            clean: among("none"),
            next: self.updates(),
        };
        let severity_unknown = Check {
            span: demand.unknown_severity.span,
            id: CheckId::VulnerabilitiesSeverityUnknown,
            code: Code::VulnerabilitiesSeverityUnknown,
            act: demand.unknown_severity.value,
            expected: "a severity of every finding that might be denied".to_owned(),
            clean: among("none without one"),
            next: "find out how severe it is, and write an exception or update".to_owned(),
        };
        let undetermined = Check {
            span: demand.undetermined.span,
            id: CheckId::VulnerabilitiesUndetermined,
            code: Code::VulnerabilitiesUndetermined,
            act: demand.undetermined.value,
            expected: "versions that can be compared with the advisories".to_owned(),
            clean: format!("all of {packages} packages"),
            next: "find out whether the package is affected, and write an exception or replace it"
                .to_owned(),
        };
        let uncovered = Check {
            span: demand.uncovered.span,
            id: CheckId::VulnerabilitiesUncovered,
            code: Code::VulnerabilitiesUncovered,
            act: demand.uncovered.value,
            expected: "a feed of the database for every package".to_owned(),
            clean: format!("all of {packages} packages"),
            next: "use a database with the feed, or write an exception with a reason and an end"
                .to_owned(),
        };
        let ended = Check {
            span: demand.end_of_life.span,
            id: CheckId::VulnerabilitiesEndOfLife,
            code: Code::VulnerabilitiesEndOfLife,
            act: demand.end_of_life.value,
            expected: "a release that still gets fixes".to_owned(),
            clean: "no release that has ended".to_owned(),
            next: "build the image on a newer release".to_owned(),
        };
        let mut checks = vec![(malicious, self.malicious, Vec::new())];
        let pairs = [
            (denied, self.denied, self.noted, self.denied_unseen),
            (
                severity_unknown,
                self.severity_unknown,
                Vec::new(),
                self.unknown_unseen,
            ),
        ];
        for (check, items, noted, unsure) in pairs {
            let open = vex
                .unseen()
                .filter(|_| !unsure.is_empty())
                .map(|unseen| Check {
                    code: unseen.code,
                    act: match check.act {
                        Act::Ignore => Act::Ignore,
                        Act::Deny | Act::Undecided => Act::Undecided,
                    },
                    next: unseen.next.to_owned(),
                    ..check.clone()
                });
            if open.is_none() || !items.is_empty() {
                checks.push((check, items, noted.clone()));
            }
            checks.extend(open.map(|open| (open, unsure, noted)));
        }
        checks.extend([
            (undetermined, self.undetermined, Vec::new()),
            (uncovered, self.uncovered, Vec::new()),
            (ended, self.ended, Vec::new()),
        ]);
        // What is ignored is no check, unless there is something to tell.
        checks.retain(|(check, items, _)| check.act != Act::Ignore || !items.is_empty());
        for (check, ..) in &mut checks {
            if check.act == Act::Ignore {
                check.clean = "the policy ignores it".to_owned();
            }
        }
        checks
    }
}

/// Tells whether matching lets a finding count. A malicious package counts whatever was said of it.
fn counts(finding: &Finding) -> bool {
    finding.class == Class::Malicious
        || matches!(finding.suppressed, None | Some(Suppression::Unimportant))
}

/// What a result is about.
struct Named {
    /// The key of the result.
    id: String,
    /// None where the inventory does not list it and its key is no package URL: it counts, and nothing that names packages takes it away.
    purl: Option<Purl>,
    /// What makes it one with the same package elsewhere.
    key: String,
}

impl Named {
    fn of(inventory: &Inventory, id: &PackageId) -> Self {
        let (purl, key) = match inventory.get(id) {
            Some(package) => (Some(package.purl.clone()), key(package)),
            None => (Purl::parse(id.as_str()).ok(), id.as_str().to_owned()),
        };
        Self {
            id: id.as_str().to_owned(),
            purl,
            key,
        }
    }

    fn item(&self, detail: String) -> Item {
        match &self.purl {
            Some(purl) => Item::package(purl, detail),
            None => Item::unknown(&self.id, detail),
        }
    }
}
