//! Every code that a report prints, explained: what it means, what usually causes it, what to do, and which exit code follows.
//!
//! The exit codes themselves are in [`crate::exit`]. A code of a library is one entry in the table of its kind here; a test takes the codes
//! from the libraries' enums and demands an entry for each. `docs/reason-codes.md` is these tables as a page.

mod checks;
mod faults;
mod page;
mod reasons;
mod results;

pub(crate) use page::{entry, guess, list, nearest, page};

/// Explains one code.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The code as reports print it.
    code: &'static str,
    /// What it says.
    meaning: &'static str,
    /// What usually causes it; empty where the meaning says it.
    causes: &'static str,
    /// What to do; empty where there is nothing to do.
    remedy: &'static str,
}

impl Entry {
    const fn new(
        code: &'static str,
        meaning: &'static str,
        causes: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self {
            code,
            meaning,
            causes,
            remedy,
        }
    }
}
