//! When a request is repeated, and how long to wait before it.
//!
//! Waits that a registry asked for are kept per host and shared by all threads. Times are monotonic; a `Retry-After`
//! date is compared with the answer's own `Date`, so the local clock is not read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::options::Retries;

/// Says whether an answer with this status may be better next time: 408, 429 and 5xx except 501.
pub(super) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429)
        || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
}

/// Reads `Retry-After`, seconds or date (RFC 9110 §10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask again after this time.
    Wait(Duration),
    /// Attempts or budget are used up, or the registry wants a longer wait than is obeyed.
    GiveUp,
}

/// Attempts and waiting time of one request.
#[derive(Debug)]
pub(super) struct Budget {
    retries: Retries,
    longest: Duration,
    attempt: u32,
    waited: Duration,
}

impl Budget {
    /// Starts counting; a registry that asks for more than `longest` is not waited for.
    pub(super) fn new(retries: Retries, longest: Duration) -> Self {
        Self {
            retries,
            longest,
            attempt: 1,
            waited: Duration::ZERO,
        }
    }

    /// Counts a failed attempt.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Next {
        if self.attempt >= self.retries.attempts {
            return Next::GiveUp;
        }
        let ceiling = self
            .retries
            .base
            .saturating_mul(1_u32.checked_shl(self.attempt - 1).unwrap_or(u32::MAX))
            .min(self.retries.cap);
        let jitter = ceiling.mul_f64(fastrand::f64());
        // The jitter on top keeps clients that were told the same second from coming back together.
        let wait = asked.map_or(jitter, |asked| {
            asked.saturating_add(jitter.min(Duration::from_secs(1)))
        });
        let total = self.waited.saturating_add(wait);
        if asked.is_some_and(|asked| asked > self.longest)
            || total > self.retries.budget.saturating_add(Duration::from_secs(1))
        {
            return Next::GiveUp;
        }
        self.attempt += 1;
        self.waited = total;
        Next::Wait(wait)
    }
}

/// Hosts that asked not to be disturbed, and until when.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<HashMap<String, Instant>>);

impl Pauses {
    /// Keeps every thread from `host` for `wait`.
    pub(super) fn pause(&self, host: &str, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else {
            return;
        };
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = pauses.entry(host.to_owned()).or_insert(until);
        *entry = (*entry).max(until);
    }

    /// Time that is left for `host`.
    pub(super) fn remaining(&self, host: &str) -> Duration {
        let pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.get(host).map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name: reqwest::header::HeaderName = name.parse().unwrap();
                (name, value.parse().unwrap())
            })
            .collect()
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        type Headers = &'static [(&'static str, &'static str)];
        let cases: &[(Headers, Option<u64>)] = &[
            (&[("retry-after", "7")], Some(7)),
            (&[("retry-after", " 0 ")], Some(0)),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT"), DATE],
                Some(20),
            ),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT"), DATE],
                Some(0),
            ),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ];
        for (pairs, expected) in cases {
            assert_eq!(
                retry_after(&headers(pairs)),
                expected.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn only_some_statuses_are_worth_a_second_try() {
        for (status, expected) in [
            (200, false),
            (400, false),
            (401, false),
            (404, false),
            (408, true),
            (429, true),
            (500, true),
            (501, false),
            (502, true),
            (503, true),
        ] {
            assert_eq!(
                is_transient(StatusCode::from_u16(status).unwrap()),
                expected,
                "{status}"
            );
        }
    }

    #[test]
    fn attempts_and_budget_end() {
        let retries = Retries {
            attempts: 3,
            base: Duration::from_millis(10),
            cap: Duration::from_millis(15),
            budget: Duration::from_secs(7),
        };
        let longest = Duration::from_secs(5);
        let mut budget = Budget::new(retries, longest);
        for ceiling in [10, 15] {
            match budget.next(None) {
                Next::Wait(wait) => assert!(wait <= Duration::from_millis(ceiling), "{wait:?}"),
                Next::GiveUp => panic!("gave up early"),
            }
        }
        assert_eq!(budget.next(None), Next::GiveUp);

        let mut budget = Budget::new(retries, longest);
        assert!(
            matches!(budget.next(Some(Duration::from_secs(4))), Next::Wait(wait) if wait >= Duration::from_secs(4))
        );
        assert_eq!(
            budget.next(Some(Duration::from_secs(4))),
            Next::GiveUp,
            "8 s of 7 s"
        );
        assert_eq!(
            Budget::new(retries, longest).next(Some(Duration::from_secs(6))),
            Next::GiveUp
        );
    }

    #[test]
    fn a_pause_is_never_shortened() {
        let pauses = Pauses::default();
        assert_eq!(pauses.remaining("a"), Duration::ZERO);
        pauses.pause("a", Duration::from_secs(100));
        pauses.pause("a", Duration::from_secs(1));
        assert!(pauses.remaining("a") > Duration::from_secs(90));
        assert_eq!(pauses.remaining("b"), Duration::ZERO);
    }
}
