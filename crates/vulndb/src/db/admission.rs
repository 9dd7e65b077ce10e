//! Whether a database may be used, by what it says of itself: its times, its sequence, whether it is for trials.
//!
//! Who vouches for it is decided elsewhere; the clock is an argument.

use jiff::{SignedDuration, Timestamp};

use super::manifest::Manifest;
use super::state::Trust;

/// How far `created` may be ahead of this machine's clock: clocks differ, a day is more than they may (the contract, §1).
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// The greatest age of a database that came from elsewhere, where none is asked for (the contract, §1).
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Tells why a database may not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A newer one of the same signer and reference was seen.
    #[error(
        "the database was rolled back: its sequence is {found}, one with {highest} was seen before"
    )]
    RolledBack {
        /// Its sequence.
        found: i64,
        /// The highest that was seen.
        highest: i64,
    },
    /// It says that it is not to be used any more: whoever serves it keeps newer ones back.
    #[error("the database expired at {expires}, it is {now}")]
    Frozen {
        /// Its end.
        expires: Timestamp,
        /// This machine's time.
        now: Timestamp,
    },
    /// It is of the future.
    #[error("the database is of {created}, more than a day after {now}")]
    Future {
        /// The time that it is of.
        created: Timestamp,
        /// This machine's time.
        now: Timestamp,
    },
    /// It is older than was allowed.
    #[error("the database is of {created}: {} old, allowed are {}", age(*found), age(*allowed))]
    Stale {
        /// The time that it is of.
        created: Timestamp,
        /// Its age.
        found: SignedDuration,
        /// The greatest age that is allowed.
        allowed: SignedDuration,
    },
    /// It is for trials, and nobody named it.
    #[error("the database is one for trials, which is used only where it is named")]
    Demo,
}

/// Holds what a database is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How it came to be trusted; `None` for one whose digest was typed.
    pub trust: Option<Trust>,
    /// The greatest age that was asked for; without it [`MAX_AGE`] where it came from elsewhere, and none where it was built here.
    pub max_age: Option<SignedDuration>,
    /// The highest sequence seen of its signer and reference.
    pub highest: Option<i64>,
    /// This machine's time.
    pub now: Timestamp,
}

impl Manifest {
    /// Judges the database and returns its age, which is negative for one of the future.
    ///
    /// # Errors
    ///
    /// [`Refusal`], the first that applies in the order of its variants. Whether one for trials was named is not known here.
    pub fn admit(&self, rules: &Rules) -> Result<SignedDuration, Refusal> {
        let (created, now) = (self.created, rules.now);
        let elsewhere = match rules.trust {
            Some(trust) => trust.is_from_elsewhere(),
            None => false,
        };
        if let Some(highest) = rules.highest
            && self.sequence < highest
        {
            return Err(Refusal::RolledBack {
                found: self.sequence,
                highest,
            });
        }
        if elsewhere && now > self.expires {
            let expires = self.expires;
            return Err(Refusal::Frozen { expires, now });
        }
        let found = now.duration_since(created);
        if found < -AHEAD {
            return Err(Refusal::Future { created, now });
        }
        match rules.max_age.or(elsewhere.then_some(MAX_AGE)) {
            Some(allowed) if found > allowed => Err(Refusal::Stale {
                created,
                found,
                allowed,
            }),
            _ => Ok(found),
        }
    }
}

/// Words an age in days, below two days in hours.
#[must_use]
pub fn age(duration: SignedDuration) -> String {
    let hours = duration.as_hours();
    match hours {
        ..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: super::super::FORMAT,
            created: "2026-03-01T00:00:00Z".parse().expect("a time"),
            sequence: 100,
            expires: "2026-03-15T00:00:00Z".parse().expect("a time"),
            demo: false,
            feeds: Vec::new(),
            segments: Vec::new(),
        }
    }

    #[test]
    fn each_rule_refuses_and_each_border_passes() {
        let judge = |trust, max_age: Option<i64>, highest, now: &str| {
            let rules = Rules {
                trust,
                max_age: max_age.map(SignedDuration::from_hours),
                highest,
                now: now.parse().expect("a time"),
            };
            match manifest().admit(&rules) {
                Ok(_) => "",
                Err(Refusal::RolledBack { .. }) => "rolled back",
                Err(Refusal::Frozen { .. }) => "frozen",
                Err(Refusal::Future { .. }) => "future",
                Err(Refusal::Stale { .. }) => "stale",
                Err(Refusal::Demo) => "demo",
            }
        };
        let all = [
            None,
            Some(Trust::Built),
            Some(Trust::Pulled),
            Some(Trust::Imported),
            Some(Trust::Beside),
        ];
        for trust in all {
            let other = |word| {
                if trust.is_some_and(Trust::is_from_elsewhere) {
                    word
                } else {
                    ""
                }
            };
            for (max_age, highest, now, expected) in [
                (None, None, "2026-03-01T00:00:00Z", ""),
                (None, None, "2026-02-28T00:00:00Z", ""),
                (None, None, "2026-02-27T23:59:59Z", "future"),
                (None, None, "2026-03-06T00:00:00Z", ""),
                (None, None, "2026-03-06T00:00:01Z", other("stale")),
                (Some(24 * 30), None, "2026-03-15T00:00:00Z", ""),
                (Some(24 * 30), None, "2026-03-15T00:00:01Z", other("frozen")),
                (Some(1), None, "2026-03-01T01:00:00Z", ""),
                (Some(1), None, "2026-03-01T01:00:01Z", "stale"),
                (None, Some(100), "2026-03-01T00:00:00Z", ""),
                (None, Some(101), "2026-03-01T00:00:00Z", "rolled back"),
            ] {
                assert_eq!(
                    judge(trust, max_age, highest, now),
                    expected,
                    "{trust:?} {max_age:?} {highest:?} {now}"
                );
            }
        }
        assert_eq!(MAX_AGE.as_hours(), 120);
    }

    #[test]
    fn ages_are_worded_in_hours_and_days() {
        assert_eq!(age(SignedDuration::from_hours(47)), "47 hours");
        assert_eq!(age(SignedDuration::from_hours(49)), "2 days");
    }
}
