//! `vulnerabilities`: what is known against the packages of every platform, in the SBOMs that are judged and in the layers.
//!
//! Matching is done elsewhere; here its findings are compared with the entries of `deny`. Malicious packages fail whatever the entries say. What
//! Debian holds unimportant is negligible (`toolkit_vulndb::matching::Suppression`); what else matching suppresses does not count.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use toolkit_sbom::{Inventory, Package, Purl};
use toolkit_vulndb::advisory::Class;
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::config::Span;
use toolkit_vulndb::ecosystem::Ecosystem;
use toolkit_vulndb::eol::end_of_life;
use toolkit_vulndb::matching::{Finding, Subject, Suppression, System};
use toolkit_vulndb::select::scheme;
use toolkit_vulndb::severity::Severity;

use super::contents::{Place, Words, key, places};
use super::database;
use super::vex::Statements;
use crate::evaluate::Context;
use crate::evidence::{Known, PlatformEvidence};
use crate::item::{Item, Items};
use crate::model::{Act, DenyEntry, FixRule, Rule, VulnerabilityRule};
use crate::verdict::{CheckId, CheckResult, Code};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
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
        let vex = Statements::read(context, demand.value.vex.as_ref(), platform);
        let mut seen = Seen::default();
        for place in places(context, rule, platform) {
            match &place.listing.known {
                Some(known) => seen.place(context.now, &demand.value, &vex, &place, known),
                None => results.push(database::not_asked(
                    context,
                    rule,
                    &demand.value,
                    &place.name,
                )),
            }
        }
        let unreadable = vex.unreadable.iter();
        seen.noted
            .extend(unreadable.map(|text| Item::note(text.clone(), Vec::new())));
        let first = results.len();
        seen.results(context, rule, platform, &demand.value, demand.span, results);
        let denied = results.iter_mut().skip(first);
        for result in denied.filter(|result| result.check == CheckId::VulnerabilitiesDenied) {
            result.evidence = vex.bundles();
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
    undetermined: Items,
    uncovered: Items,
    ended: Items,
    noted: Vec<Item>,
    /// The versions to update to, by package.
    updates: BTreeMap<String, String>,
}

impl Seen {
    fn place(
        &mut self,
        now: Timestamp,
        demand: &VulnerabilityRule,
        vex: &Statements<'_>,
        place: &Place<'_>,
        known: &Known,
    ) {
        let inventory = &place.listing.inventory;
        self.packages.extend(inventory.packages.iter().map(key));
        for finding in known
            .matches
            .findings
            .iter()
            .filter(|finding| counts(finding))
        {
            self.finding(now, demand, vex, place, finding);
        }
        for one in &known.matches.undetermined {
            let Some((purl, identity)) = subject(inventory, &one.subject) else {
                continue;
            };
            let item = Item::package(&purl, one.reason.clone()).of(&one.id, &one.ids);
            self.undetermined.add(identity, &one.id, &place.name, item);
        }
        for one in &known.uncovered {
            let item = Item::package(&one.package, one.reason.clone());
            self.uncovered
                .add(one.package.to_string(), "", &place.name, item);
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
        let Some((purl, identity)) = subject(&place.listing.inventory, &finding.subject) else {
            return;
        };
        self.findings.insert((identity.clone(), finding.id.clone()));
        let item = |detail: String| Item::package(&purl, detail).of(&finding.id, &finding.ids);
        if finding.class == Class::Malicious {
            let item = item("a package made to do harm".to_owned());
            self.malicious.add(identity, &finding.id, &place.name, item);
            return;
        }
        let entries = demand.deny.value.iter();
        let held: Vec<Holds<'_>> = entries
            .map(|entry| holds(&entry.value, finding, &purl, now))
            .collect();
        let denies = held.iter().find(|held| matches!(held, Holds::Yes(_)));
        let might = held.iter().any(|held| matches!(held, Holds::IfSevere));
        let waits = held.iter().find_map(|held| match held {
            Holds::Later(until) => Some(*until),
            _ => None,
        });
        if denies.is_none() && !might {
            if let Some(until) = waits {
                let date = TimeZone::UTC.to_datetime(until).date();
                self.noted.push(item(format!(
                    "{}; denied from {date} on",
                    described(finding)
                )));
            }
            return;
        }
        if let Some(why) = vex.suppress(&finding.ids, &purl) {
            self.noted.push(item(why));
            return;
        }
        match denies {
            Some(Holds::Yes(entry)) => {
                if let Some(version) = &finding.fix.version
                    && finding.fix.state == FixState::Fixed
                {
                    self.update(&finding.subject.name, purl.ty(), version);
                }
                let item = item(format!("{}; denied: {entry}", described(finding)));
                self.denied.add(identity, &finding.id, &place.name, item);
            }
            // A notice is no flaw that could be severe.
            _ if finding.class == Class::Vulnerability => {
                let item = item(described(finding));
                self.severity_unknown
                    .add(identity, &finding.id, &place.name, item);
            }
            _ => {}
        }
    }

    /// Keeps the version that fixes all findings of a package: the latest of those that fix one.
    fn update(&mut self, name: &str, ty: &str, version: &str) {
        let known = self.updates.entry(name.to_owned()).or_default();
        let later = scheme(ty).is_some_and(|scheme| {
            let key = |text: &str| scheme.key(text).ok();
            key(version) > key(known)
        });
        if known.is_empty() || later {
            version.clone_into(known);
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

    fn results(
        self,
        context: &Context<'_>,
        rule: &Rule,
        platform: &PlatformEvidence,
        demand: &VulnerabilityRule,
        span: Span,
        results: &mut Vec<CheckResult>,
    ) {
        let (findings, packages) = (self.findings.len(), self.packages.len());
        let entries: Vec<String> = demand
            .deny
            .value
            .iter()
            .map(|entry| entry.value.to_string())
            .collect();
        let updates: Vec<String> = self
            .updates
            .iter()
            .take(UPDATES)
            .map(|(name, version)| format!("{name} to {version}"))
            .collect();
        let update = match (updates.is_empty(), self.updates.len() > UPDATES) {
            (true, _) => "no fix is known: replace the package, or write an exception with a reason and an end".to_owned(),
            (false, false) => format!("update {}", updates.join(", ")),
            (false, true) => format!("update {}, and others", updates.join(", ")),
        };
        let among = |text: &str| format!("{text} among {findings} findings in {packages} packages");
        let mut push = |items: Items, noted: Vec<Item>, check: Check| {
            // What is ignored is no check, unless there is something to tell.
            if check.act == Act::Ignore && items.is_empty() {
                return;
            }
            let result = context
                .result(rule, check.id, check.span, check.expected)
                .for_platform(context, platform);
            let clean = match check.act {
                Act::Ignore => "the policy ignores it".to_owned(),
                Act::Deny | Act::Undecided => check.clean,
            };
            let words = Words {
                code: check.code,
                clean,
                next: check.next,
            };
            results.push(result.by_items(items, noted, check.act, words));
        };
        push(
            self.malicious,
            Vec::new(),
            Check {
                span,
                id: CheckId::VulnerabilitiesMalicious,
                code: Code::VulnerabilitiesMalicious,
                act: Act::Deny,
                expected: "no package made to do harm".to_owned(),
                clean: format!("none among {packages} packages"),
                next: "do not run the image, and look where the package came from".to_owned(),
            },
        );
        push(
            self.denied,
            self.noted,
            Check {
                span: demand.deny.span,
                id: CheckId::VulnerabilitiesDenied,
                code: Code::VulnerabilitiesDenied,
                act: Act::Deny,
                expected: format!("no finding that is: {}", entries.join("; or ")),
                clean: among("none"),
                next: update,
            },
        );
        push(
            self.severity_unknown,
            Vec::new(),
            Check {
                span: demand.unknown_severity.span,
                id: CheckId::VulnerabilitiesSeverityUnknown,
                code: Code::VulnerabilitiesSeverityUnknown,
                act: demand.unknown_severity.value,
                expected: "a severity of every finding that might be denied".to_owned(),
                clean: among("none without one"),
                next: "find out how severe it is, and write an exception or update".to_owned(),
            },
        );
        push(
            self.undetermined,
            Vec::new(),
            Check {
                span: demand.undetermined.span,
                id: CheckId::VulnerabilitiesUndetermined,
                code: Code::VulnerabilitiesUndetermined,
                act: demand.undetermined.value,
                expected: "versions that can be compared with the advisories".to_owned(),
                clean: format!("all of {packages} packages"),
                next:
                    "find out whether the package is affected, and write an exception or replace it"
                        .to_owned(),
            },
        );
        push(
            self.uncovered,
            Vec::new(),
            Check {
                span: demand.uncovered.span,
                id: CheckId::VulnerabilitiesUncovered,
                code: Code::VulnerabilitiesUncovered,
                act: demand.uncovered.value,
                expected: "a feed of the database for every package".to_owned(),
                clean: format!("all of {packages} packages"),
                next:
                    "use a database with the feed, or write an exception with a reason and an end"
                        .to_owned(),
            },
        );
        push(
            self.ended,
            Vec::new(),
            Check {
                span: demand.end_of_life.span,
                id: CheckId::VulnerabilitiesEndOfLife,
                code: Code::VulnerabilitiesEndOfLife,
                act: demand.end_of_life.value,
                expected: "a release that still gets fixes".to_owned(),
                clean: "no release that has ended".to_owned(),
                next: "build the image on a newer release".to_owned(),
            },
        );
    }
}

struct Check {
    span: Span,
    id: CheckId,
    code: Code,
    act: Act,
    expected: String,
    clean: String,
    next: String,
}

/// Tells whether matching lets a finding count. A malicious package counts whatever was said of it.
fn counts(finding: &Finding) -> bool {
    finding.class == Class::Malicious
        || matches!(finding.suppressed, None | Some(Suppression::Unimportant))
}

/// Yields the package URL of what a result is about, and what makes it one with the same package elsewhere.
fn subject(inventory: &Inventory, subject: &Subject) -> Option<(Purl, String)> {
    let found: Option<&Package> = inventory.get(&subject.package);
    match found {
        Some(package) => Some((package.purl.clone(), key(package))),
        None => {
            let purl = Purl::parse(subject.package.as_str()).ok()?;
            let key = purl.to_string();
            Some((purl, key))
        }
    }
}

fn severity(finding: &Finding) -> Severity {
    match finding.suppressed {
        Some(Suppression::Unimportant) => Severity::Negligible,
        _ => finding.severity(),
    }
}

/// Whether an entry of `deny` holds.
enum Holds<'a> {
    Yes(&'a DenyEntry),
    No,
    /// It would if nobody's severity were a severity.
    IfSevere,
    /// It will, from then on: the fix is too new.
    Later(Timestamp),
}

fn holds<'a>(entry: &'a DenyEntry, finding: &Finding, purl: &Purl, now: Timestamp) -> Holds<'a> {
    let meant = entry.packages.is_empty() || entry.packages.iter().any(|glob| glob.matches(purl));
    let exploited = !entry.exploited || finding.exploited.is_some();
    let likely = entry.epss.as_ref().is_none_or(|least| {
        finding
            .epss
            .is_some_and(|epss| epss.probability >= least.value)
    });
    let is_fixed = finding.fix.state == FixState::Fixed;
    let fix = match entry.fix {
        None => true,
        Some(FixRule::Available) => is_fixed,
        Some(FixRule::None) => !is_fixed,
    };
    if !(meant && exploited && likely && fix) {
        return Holds::No;
    }
    let severity = severity(finding);
    let is_unknown = severity == Severity::Unknown && entry.severity.is_some();
    if !is_unknown && entry.severity.is_some_and(|least| severity < least) {
        return Holds::No;
    }
    if let Some(grace) = &entry.grace
        && let Some(until) = grace_end(finding.fix.date, grace.length, now)
    {
        return Holds::Later(until);
    }
    if is_unknown {
        Holds::IfSevere
    } else {
        Holds::Yes(entry)
    }
}

/// Yields the end of the grace of a fix of that day; none where it is over, where no record has a date, and where the date is yet to come.
fn grace_end(fixed: Option<u32>, grace: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    let since = Timestamp::from_second(i64::from(fixed?) * SECONDS_A_DAY).ok()?;
    let until = since.checked_add(grace).ok()?;
    (since <= now && now < until).then_some(until)
}

fn described(finding: &Finding) -> String {
    let mut parts = vec![severity(finding).to_string()];
    if finding.exploited.is_some() {
        parts.push("known to be exploited".to_owned());
    }
    if let Some(epss) = finding.epss {
        let percent = f64::from(epss.probability) / 1000.0;
        parts.push(format!("EPSS {percent}%"));
    }
    parts.push(match (&finding.fix.version, finding.fix.state) {
        (Some(version), FixState::Fixed) => format!("fixed in {version}"),
        _ if finding.fix.needs_subscription => "fixed for subscribers only".to_owned(),
        _ => "no fix".to_owned(),
    });
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_counts_from_the_day_of_the_fix() {
        let now: Timestamp = "2026-01-15T12:00:00Z".parse().expect("a time");
        let day = |text: &str| {
            let time: Timestamp = text.parse().expect("a time");
            u32::try_from(time.as_second() / SECONDS_A_DAY).expect("a day")
        };
        let two_weeks = SignedDuration::from_hours(14 * 24);
        for (fixed, expected) in [
            (None, None),
            (
                Some(day("2026-01-15T00:00:00Z")),
                Some("2026-01-29T00:00:00Z"),
            ),
            (
                Some(day("2026-01-02T00:00:00Z")),
                Some("2026-01-16T00:00:00Z"),
            ),
            (Some(day("2026-01-01T00:00:00Z")), None),
            (Some(day("2020-01-01T00:00:00Z")), None),
            (Some(day("2026-01-16T00:00:00Z")), None),
            (Some(u32::MAX), None),
        ] {
            let found = grace_end(fixed, two_weeks, now).map(|time| time.to_string());
            assert_eq!(found.as_deref(), expected, "{fixed:?}");
        }
    }
}
