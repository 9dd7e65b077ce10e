//! What a run is asked with: the segments of a database, and the day.

use jiff::civil::Date;

use crate::db::signals::Signals;
use crate::db::vex::Statements;
use crate::db::{Details, Index};

/// Holds the segments of one database that a run may ask. What is not at hand makes answers poorer, never cleaner.
#[derive(Clone, Copy)]
pub struct Sources<'d> {
    /// Which advisories speak of a package.
    pub index: &'d Index,
    /// Titles of advisories about module streams, without which such packages are undetermined, and the digests of records.
    pub details: Option<&'d Details>,
    /// EPSS and KEV.
    pub signals: Option<&'d Signals>,
    /// VEX statements: a distribution's word on the owner of a language package.
    pub statements: Option<&'d Statements>,
}

impl<'d> Sources<'d> {
    /// Asks the index alone.
    #[must_use]
    pub fn of(index: &'d Index) -> Self {
        Self {
            index,
            details: None,
            signals: None,
            statements: None,
        }
    }
}

/// Says of which day a run speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Today, for the end of releases.
    pub today: Date,
    /// An earlier day to speak of instead, which is an approximation: records published after it are left out, but those before it are as they are
    /// known today.
    pub as_of: Option<Date>,
}

impl Options {
    /// Speaks of today.
    #[must_use]
    pub fn on(today: Date) -> Self {
        Self { today, as_of: None }
    }

    /// Returns the day that is spoken of.
    #[must_use]
    pub fn day(&self) -> Date {
        self.as_of.unwrap_or(self.today)
    }
}

/// Returns the number of a day since 1970; 0 for one before.
pub(super) fn day_number(day: Date) -> u32 {
    let since = day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    u32::try_from(since).unwrap_or(0)
}
