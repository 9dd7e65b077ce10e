//! Exceptions: which results they cover, and what became of each.
//!
//! An exception covers a check that it names, of an image that it names, until the end of its last day (UTC). Of a check of
//! contents it covers the findings and packages that it names, and nothing else of the result. It never covers a result about trust: [`crate::verdict::Code`] says which can be covered.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::evidence::Evidence;
use crate::item::{Item, described};
use crate::model::{Exception, Policy};
use crate::verdict::{
    CheckId, CheckResult, Code, Exceptable, ExceptionReport, ExceptionState, Outcome,
};

/// Marks the results that an exception covers, and reports on every exception of the policy.
pub(crate) fn apply(
    policy: &Policy,
    evidence: &Evidence,
    now: Timestamp,
    results: &mut Vec<CheckResult>,
) -> Vec<ExceptionReport> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let reports = policy.exceptions.iter().map(|exception| {
        let state = state(exception, evidence, today, results);
        ExceptionReport {
            id: exception.id.clone(),
            state,
            owner: exception.owner.clone(),
            reason: exception.reason.clone(),
            expires: exception.expires,
            at: policy.place(exception.span),
        }
    });
    reports.collect()
}

fn state(
    exception: &Exception,
    evidence: &Evidence,
    today: Date,
    results: &mut Vec<CheckResult>,
) -> ExceptionState {
    let name = evidence
        .reference
        .name
        .as_ref()
        .map(toolkit_oci::Reference::name);
    let digests: Vec<_> = std::iter::once(&evidence.digest)
        .chain(evidence.platforms.iter().map(|platform| &platform.digest))
        .collect();
    let names_image = |digests: &[&toolkit_oci::Digest]| {
        name.as_ref().is_some_and(|name| {
            exception
                .images
                .iter()
                .any(|pattern| pattern.matches(name, digests))
        })
    };
    if !names_image(&digests) {
        return ExceptionState::OtherImage;
    }
    if is_over(exception.expires, today) {
        return ExceptionState::Expired;
    }
    let mut state = ExceptionState::Unused;
    let mut judged = Vec::with_capacity(results.len());
    for mut result in results.drain(..) {
        let check = result.check.to_string();
        let open = result.outcome != Outcome::Pass && is_exceptable(&result.check, result.code);
        let meant = open
            && exception.checks.contains(&check)
            && names_image(&[&evidence.digest, &result.subject]);
        if !meant {
            judged.push(result);
            continue;
        }
        match result.check.exceptable() {
            Exceptable::No => judged.push(result),
            Exceptable::Whole => {
                result
                    .excepted_by
                    .get_or_insert_with(|| exception.id.clone());
                state = ExceptionState::Applied;
                judged.push(result);
            }
            Exceptable::Findings | Exceptable::Packages => {
                let covers = result.items.iter().any(|item| item.is_covered(exception));
                if covers {
                    state = ExceptionState::Applied;
                }
                if covers && result.excepted_by.is_none() {
                    judged.extend(split(result, exception));
                } else {
                    judged.push(result);
                }
            }
        }
    }
    *results = judged;
    state
}

/// Divides a result into what the exception covers and the rest, which stands against the image as before.
fn split(mut result: CheckResult, exception: &Exception) -> Vec<CheckResult> {
    let items = std::mem::take(&mut result.items);
    let (covered, rest): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| item.is_covered(exception));
    let part = |items: Vec<Item>| CheckResult {
        found: described(&items),
        items,
        ..result.clone()
    };
    let excepted = CheckResult {
        excepted_by: Some(exception.id.clone()),
        ..part(covered)
    };
    if rest.is_empty() {
        return vec![excepted];
    }
    let excepted = CheckResult {
        noted: Vec::new(),
        ..excepted
    };
    vec![part(rest), excepted]
}

/// An attestation by somebody who is not named is as good as none: nothing in it is looked at. So it does not keep an
/// exception from the absent one from applying; else anybody could attach one to block the image. VEX that was not seen says at worst that a finding
/// counts, and that is what the exception is for.
fn is_exceptable(check: &CheckId, code: Code) -> bool {
    code.is_exceptable()
        || matches!(
            (check, code),
            (CheckId::Attestations(_), Code::IdentityMismatch)
                | (
                    CheckId::VulnerabilitiesDenied | CheckId::VulnerabilitiesSeverityUnknown,
                    Code::EvidenceUnreachable
                        | Code::EvidenceUnreadable(_)
                        | Code::EvidenceUnsupported
                )
        )
}

/// Tells whether the last day is over.
fn is_over(expires: Date, today: Date) -> bool {
    today > expires
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_to_its_end() {
        let expires: Date = "2027-01-31".parse().expect("a date");
        for (now, over) in [
            ("2026-06-01T00:00:00Z", false),
            ("2027-01-30T23:59:59Z", false),
            ("2027-01-31T00:00:00Z", false),
            ("2027-01-31T23:59:59.999Z", false),
            ("2027-02-01T00:00:00Z", true),
            ("2027-01-31T23:00:00-02:00", true),
            ("2027-02-01T00:30:00+01:00", false),
            ("2028-01-01T00:00:00Z", true),
        ] {
            let now: Timestamp = now.parse().expect("a time");
            assert_eq!(
                is_over(expires, TimeZone::UTC.to_datetime(now).date()),
                over,
                "{now}"
            );
        }
    }
}
