//! Collects the evidence about an image and judges it by a policy.

use jiff::Timestamp;
use toolkit_attest::TrustRoot;
use toolkit_oci::Access;
use toolkit_policy::{LoadedPolicy, Verdict, evaluate};

use crate::collect::{Collected, NamedBundle, Trust, collect};
use crate::{Event, PinnedImage, Result};

/// Judges an image by a policy, with the keys that the policy names.
///
/// # Errors
/// As [`collect()`]; what merely cannot be seen makes the verdict undecided.
pub fn verify(
    image: &PinnedImage,
    policy: &LoadedPolicy,
    root: &TrustRoot,
    named: &[NamedBundle],
    now: Timestamp,
    access: &Access<'_>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<(Verdict, Collected)> {
    let keys = policy.keys();
    let trust = Trust {
        root,
        keys: &keys,
        now,
    };
    let collected = collect(image, named, &trust, access, events)?;
    let verdict = evaluate(policy, &collected.evidence, now);
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
