//! Whether an entry of `deny` holds for a finding.

use jiff::{SignedDuration, Timestamp};
use toolkit_sbom::Purl;
use toolkit_vulndb::affected::FixState;
use toolkit_vulndb::matching::{Finding, Suppression};
use toolkit_vulndb::severity::Severity;

use crate::model::{DenyEntry, FixRule};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

fn severity(finding: &Finding) -> Severity {
    match finding.suppressed {
        Some(Suppression::Unimportant) => Severity::Negligible,
        _ => finding.severity(),
    }
}

/// Whether an entry of `deny` holds.
pub(super) enum Holds<'a> {
    Yes(&'a DenyEntry),
    No,
    /// It would if nobody's severity were a severity.
    IfSevere,
    /// It will, from then on: the fix is too new.
    Later(Timestamp),
}

/// Judges a finding by an entry. Packages that an entry is about are known by their URL; one without any may be meant.
pub(super) fn holds<'a>(
    entry: &'a DenyEntry,
    finding: &Finding,
    purl: Option<&Purl>,
    now: Timestamp,
) -> Holds<'a> {
    let meant = entry.packages.is_empty()
        || purl.is_none_or(|purl| entry.packages.iter().any(|glob| glob.matches(purl)));
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

/// Words how bad a finding is and whether it is fixed.
pub(super) fn described(finding: &Finding) -> String {
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
