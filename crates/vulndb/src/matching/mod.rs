//! From the packages of an image to the vulnerabilities that are known of them.
//!
//! A package becomes a query in the name space that its feed uses; the index answers with rows; a row whose versions hold the installed one
//! becomes part of a finding. What could not be decided is a result of its own, and so is how much of the inventory was asked about at all.

mod cluster;
mod coverage;
mod finding;
mod fix;
mod judge;
mod language;
mod matcher;
mod module;
mod ownership;
mod priority;
mod query;
mod range;
mod rating;
mod settle;
mod sources;
mod statement;
mod system;
mod upgrade;
mod why;

pub use coverage::{Coverage, Covered, Level};
#[cfg(test)]
pub(crate) use finding::tests_support;
pub use finding::{AsOf, Finding, Matches, RecordRef, Subject, Suppression, Undetermined};
pub use fix::{Fix, FixedIn};
pub use judge::{Outcome, Void};
pub use matcher::matches;
pub use priority::{Band, Origin, Priority, Reason as PriorityReason};
pub use query::{Query, Uncovered};
pub use range::{Compared, Installed, Ranges, Role, Verdict};
pub use rating::{Basis, Rating, RatingSource};
pub use settle::settle;
pub use sources::{Options, Sources};
pub use system::System;
pub use upgrade::{Remedy, Upgrade, upgrades};
pub use why::{About, Answer, Interval, Known, Reason, Selector, SelectorError, Step, Why, why};
