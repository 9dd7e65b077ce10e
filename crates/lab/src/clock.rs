//! The lab's one clock: the system's, moved by an offset that a test chooses.
//!
//! Every time in a token, certificate, log entry or timestamp comes from here, so that a test can sign in the past or the future
//! without touching the machine's clock.

use std::{sync::Mutex, time::SystemTime};

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: Mutex<SignedDuration>,
}

impl Clock {
    /// Returns the present with the offset, in whole seconds (a fraction would be refused in a timestamp token).
    pub(crate) fn now(&self) -> Timestamp {
        let system = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        let moved = system.checked_add(*lock(&self.offset)).unwrap_or(system);
        Timestamp::from_second(moved.as_second()).unwrap_or(moved)
    }

    pub(crate) fn set_offset(&self, offset: SignedDuration) {
        *lock(&self.offset) = offset;
    }
}
