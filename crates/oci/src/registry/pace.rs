//! Gives up a transfer that only seems to go on.
//!
//! The client's time-out begins anew with every byte, so that a registry that sends one byte a minute would hold a job for ever. Only time spent
//! waiting for the registry counts: a reader that is busy with what it has is no fault of the registry's.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use crate::limits::Limits;

/// The registry sent too little for too long.
#[derive(Debug, thiserror::Error)]
#[error("{received} bytes in {} s of waiting", window.as_secs())]
pub(super) struct TooSlow {
    /// Bytes that came in the window.
    pub(super) received: u64,
    /// The window.
    pub(super) window: Duration,
}

/// Measures one transfer, in windows as long as the limit `transfer-window`.
#[derive(Debug)]
pub(super) struct Pace {
    window: Duration,
    least: u64,
    waited: Duration,
    received: u64,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            window: Duration::from_secs(limits.transfer_window),
            least: limits.transfer_speed.saturating_mul(limits.transfer_window),
            waited: Duration::ZERO,
            received: 0,
        }
    }

    /// Reads, and fails with [`TooSlow`] inside the error where the window that ends with this read brought too little.
    pub(super) fn read(&mut self, reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        let began = Instant::now();
        let count = reader.read(buffer)?;
        // The end of a transfer is no slowness.
        if count > 0 {
            self.count(began.elapsed(), u64::try_from(count).unwrap_or(u64::MAX))
                .map_err(|slow| io::Error::new(io::ErrorKind::TimedOut, slow))?;
        }
        Ok(count)
    }

    fn count(&mut self, waited: Duration, received: u64) -> Result<(), TooSlow> {
        self.waited = self.waited.saturating_add(waited);
        self.received = self.received.saturating_add(received);
        if self.waited < self.window {
            return Ok(());
        }
        let received = std::mem::take(&mut self.received);
        self.waited = Duration::ZERO;
        if received < self.least {
            return Err(TooSlow {
                received,
                window: self.window,
            });
        }
        Ok(())
    }
}

/// Finds the reason inside an error of [`Pace::read`].
pub(super) fn too_slow(error: &io::Error) -> Option<&TooSlow> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slow_window_ends_a_transfer() {
        let limits = Limits::default();
        assert_eq!((limits.transfer_speed, limits.transfer_window), (1024, 60));
        let second = Duration::from_secs(1);
        // 59 s bring nothing to speak of; what comes in the last second decides.
        for (last, slow) in [(60 * 1024 - 59, false), (60 * 1024 - 60, true)] {
            let mut pace = Pace::new(&limits);
            for _ in 0..59 {
                pace.count(second, 1).unwrap();
            }
            assert_eq!(pace.count(second, last).is_err(), slow, "{last}");
        }
        // A good window does not pay for the next one.
        let mut pace = Pace::new(&limits);
        pace.count(second * 60, u64::MAX).unwrap();
        let slow = pace.count(second * 60, 1).unwrap_err();
        assert_eq!(slow.to_string(), "1 bytes in 60 s of waiting");
        // Time that the registry is not waited for does not count.
        let mut pace = Pace::new(&limits);
        for _ in 0..100_000 {
            pace.count(Duration::ZERO, 1).unwrap();
        }
    }
}
