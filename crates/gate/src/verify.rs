//! Collects the evidence about an image and judges it by a policy.

use jiff::Timestamp;
use toolkit_attest::TrustRoot;
use toolkit_oci::Access;
use toolkit_policy::{LoadedPolicy, Verdict, evaluate};

use crate::collect::{Collected, NamedBundle, Trust, collect};
use crate::contents::{self, DatabaseAtHand};
use crate::{Event, PinnedImage, Result};

/// By what an image is judged.
#[derive(Clone)]
pub struct Criteria<'a> {
    /// The policy.
    pub policy: &'a LoadedPolicy,
    /// The trust root.
    pub root: &'a TrustRoot,
    /// The database of vulnerabilities, for the rules that ask for one.
    pub database: DatabaseAtHand<'a>,
    /// The time of the judgement.
    pub now: Timestamp,
}

/// Judges an image by a policy, with the keys that the policy names.
///
/// # Errors
/// As [`collect()`], and where a rule asks for its packages, layers that are not what they promise; what merely cannot be seen makes the verdict
/// undecided.
pub fn verify(
    image: &PinnedImage,
    criteria: &Criteria<'_>,
    named: &[NamedBundle],
    access: &Access<'_>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<(Verdict, Collected)> {
    let Criteria {
        policy,
        root,
        database,
        now,
    } = criteria;
    let keys = policy.keys();
    let trust = Trust {
        root,
        keys: &keys,
        now: *now,
    };
    let mut collected = collect(image, named, &trust, access, events)?;
    let evidence = &mut collected.evidence;
    contents::add(evidence, image, policy, &trust, database, access)?;
    let verdict = evaluate(policy, &collected.evidence, *now);
    tracing::info!(
        policy = policy.policy().name(),
        verdict = verdict.as_str(),
        "judged"
    );
    events(Event::Judged {
        outcome: verdict.outcome(),
    });
    Ok((verdict, collected))
}
