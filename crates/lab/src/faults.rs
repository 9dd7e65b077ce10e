//! Switches that make a service misbehave, settable while it runs.
//!
//! A fault is a value of the service's enum; [`Switches`] says from which request on and how often it applies.

use std::{sync::Mutex, time::Duration};

use jiff::SignedDuration;

use crate::{http::Reply, sync::lock};

/// Names one of the lab's two registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryKind {
    /// The one with the referrers API.
    WithReferrers,
    /// The one that answers 404 to it.
    WithoutReferrers,
}

/// What a registry does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryFault {
    /// Something about the referrers API.
    Referrers(ReferrersFault),
    /// Something about the download of a blob (`GET` only).
    Blob(BlobFault),
    /// Serves other bytes than the manifest asked for, under the right `Docker-Content-Digest`.
    ManifestWrongBytes,
    /// Serves the right manifest under a `Docker-Content-Digest` that is not its own.
    ManifestWrongDigest,
    /// Leaves `Docker-Content-Digest` out of manifest answers.
    ManifestWithoutDigest,
    /// Answers any request with 429.
    RateLimited {
        /// The seconds that `Retry-After` names; without it the field is missing.
        retry_after: Option<u32>,
    },
    /// Answers any request with this status and an error body.
    Status(u16),
    /// Answers any request with 401 and a challenge that no credentials satisfy.
    Unauthorized,
    /// Waits before it answers any request.
    Stall(Duration),
    /// Closes the connection of any request without an answer and without any effect.
    HangUp,
    /// Carries out a request that writes (`POST`, `PATCH`, `PUT`, `DELETE`), then closes the connection without an answer.
    WriteThenHangUp,
    /// Answers this status to requests that write, reading goes on.
    WriteStatus(u16),
}

/// What the referrers API does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferrersFault {
    /// Answers with this status (400, 404, 405, 406, 501, 5xx …).
    Status(u16),
    /// Answers 200 with an HTML page.
    Html,
    /// Answers 429 with `Retry-After`.
    RateLimited,
    /// Ends the connection in the middle of the answer.
    Cut,
    /// Answers 404, though a push still says `OCI-Subject`.
    LyingSubject,
    /// Lists nothing, though there are referrers.
    Empty,
    /// Lists so many a page, with `Link` to the next.
    Pages(usize),
    /// Ignores `artifactType` and does not say that it filtered.
    NoFilter,
    /// Lists every entry with this `artifactType`.
    ArtifactType(String),
}

/// What the download of a blob does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobFault {
    /// Announces the whole length, sends half, ends the connection.
    Truncated,
    /// As `Truncated`, with a TCP reset.
    Reset,
    /// Sends as many bytes, the middle one changed.
    WrongBytes,
    /// Sends a byte less and announces that.
    TooShort,
    /// Sends a byte more and announces that.
    TooLong,
    /// Ignores `Range` and sends the whole with 200.
    RangeIgnored,
}

/// What the certificate authority does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FulcioFault {
    /// Answers 429.
    RateLimited {
        /// The seconds that `Retry-After` names.
        retry_after: Option<u32>,
    },
    /// Answers with this status.
    Status(u16),
    /// Certifies another key than the client's.
    WrongKey,
    /// Leaves out the embedded signed certificate timestamp.
    MissingSct,
    /// Embeds a signed certificate timestamp whose signature is over other bytes.
    WrongSct,
    /// Certifies this e-mail address instead of the token's.
    WrongIdentity(String),
    /// Waits before it answers.
    Stall(Duration),
}

/// What a transparency log does wrong; applies to both logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekorFault {
    /// Answers 429.
    RateLimited {
        /// The seconds that `Retry-After` names.
        retry_after: Option<u32>,
    },
    /// Answers with this status.
    Status(u16),
    /// Logs, proves and returns a body with another artifact hash than the client's.
    WrongBody,
    /// Signs the entry timestamp over another time (Rekor v1 only).
    WrongSet,
    /// Returns a proof with one hash changed, or one too many.
    WrongProof,
    /// Signs the checkpoint over another root.
    WrongCheckpoint,
    /// Waits before it answers.
    Stall(Duration),
}

/// What the timestamp authority does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TsaFault {
    /// Answers with this status.
    Status(u16),
    /// Answers another nonce than the request's.
    WrongNonce,
    /// Stamps another hash than the request's.
    WrongImprint,
    /// Stamps a time that is so far from the lab's clock.
    Offset(SignedDuration),
    /// Answers with status `rejection` and no token.
    Rejected,
    /// Waits before it answers.
    Stall(Duration),
}

/// The faults that are switched on in one service.
#[derive(Debug)]
pub struct Switches<F> {
    active: Mutex<Vec<Switch<F>>>,
}

#[derive(Debug)]
struct Switch<F> {
    fault: F,
    after: u64,
    times: Option<u64>,
}

impl<F> Default for Switches<F> {
    fn default() -> Self {
        Self {
            active: Mutex::default(),
        }
    }
}

impl<F: Clone> Switches<F> {
    /// Switches a fault on until [`Self::clear`].
    pub fn add(&self, fault: F) {
        self.push(fault, 0, None);
    }

    /// Switches a fault on for the next `times` requests that it concerns.
    pub fn add_times(&self, times: u64, fault: F) {
        self.push(fault, 0, Some(times));
    }

    /// Switches a fault on for every request that it concerns after the next `after` such requests.
    pub fn add_after(&self, after: u64, fault: F) {
        self.push(fault, after, None);
    }

    /// Switches all faults of the service off.
    pub fn clear(&self) {
        lock(&self.active).clear();
    }

    fn push(&self, fault: F, after: u64, times: Option<u64>) {
        lock(&self.active).push(Switch {
            fault,
            after,
            times,
        });
    }

    /// Returns the first fault that is due among those that `concerns` picks a value from; counts one request for each it looks at.
    pub(crate) fn due<T>(&self, concerns: impl Fn(&F) -> Option<T>) -> Option<T> {
        let mut active = lock(&self.active);
        for switch in active.iter_mut() {
            let Some(picked) = concerns(&switch.fault) else {
                continue;
            };
            if switch.after > 0 {
                switch.after -= 1;
                continue;
            }
            match &mut switch.times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            return Some(picked);
        }
        None
    }
}

impl<F> Switches<F> {
    /// Returns whether such a fault is on, without counting a request.
    pub(crate) fn is_on(&self, wanted: impl Fn(&F) -> bool) -> bool {
        lock(&self.active)
            .iter()
            .any(|switch| switch.after == 0 && switch.times != Some(0) && wanted(&switch.fault))
    }
}

impl<F: Clone + PartialEq> Switches<F> {
    /// Returns whether this very fault is due.
    pub(crate) fn is_due(&self, fault: &F) -> bool {
        self.due(|active| (active == fault).then_some(())).is_some()
    }
}

/// The fault switches of the whole lab.
#[derive(Debug, Default)]
pub struct Faults {
    with_referrers: Switches<RegistryFault>,
    without_referrers: Switches<RegistryFault>,
    fulcio: Switches<FulcioFault>,
    rekor: Switches<RekorFault>,
    tsa: Switches<TsaFault>,
}

impl Faults {
    /// Returns the switches of one registry.
    pub fn registry(&self, kind: RegistryKind) -> &Switches<RegistryFault> {
        match kind {
            RegistryKind::WithReferrers => &self.with_referrers,
            RegistryKind::WithoutReferrers => &self.without_referrers,
        }
    }

    /// Returns the switches of the certificate authority.
    pub fn fulcio(&self) -> &Switches<FulcioFault> {
        &self.fulcio
    }

    /// Returns the switches of both transparency logs.
    pub fn rekor(&self) -> &Switches<RekorFault> {
        &self.rekor
    }

    /// Returns the switches of the timestamp authority.
    pub fn tsa(&self) -> &Switches<TsaFault> {
        &self.tsa
    }

    /// Switches every fault of every service off.
    pub fn clear(&self) {
        self.with_referrers.clear();
        self.without_referrers.clear();
        self.fulcio.clear();
        self.rekor.clear();
        self.tsa.clear();
    }
}

/// Answers 429 as the services do.
pub(crate) fn rate_limited(reply: Reply, retry_after: Option<u32>) -> Reply {
    match retry_after {
        Some(seconds) => reply.with("Retry-After", seconds.to_string()),
        None => reply,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_counts_only_what_it_concerns() {
        let switches = Switches::default();
        switches.add_times(2, TsaFault::WrongNonce);
        switches.add_after(1, TsaFault::Rejected);
        let nonce: Vec<bool> = (0..4)
            .map(|_| switches.is_due(&TsaFault::WrongNonce))
            .collect();
        let rejected: Vec<bool> = (0..3)
            .map(|_| switches.is_due(&TsaFault::Rejected))
            .collect();
        assert_eq!(
            (nonce, rejected),
            (vec![true, true, false, false], vec![false, true, true])
        );
        switches.clear();
        assert!(!switches.is_due(&TsaFault::Rejected));
    }
}
