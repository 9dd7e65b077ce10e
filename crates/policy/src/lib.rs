//! The policy file, and the verdict it gives on evidence.
//!
//! The way through: [`check()`] turns the text of a policy file into a [`Policy`] or all of its faults ·
//! [`Policy::load_keys`] takes the key files it names · [`Needs::of`] tells what of an image's contents its rules ask for · [`evaluate()`]
//! judges [`Evidence`] and gives a [`Verdict`].
//!
//! Everything here is a function of its arguments: no file, network, clock, environment or thread. Evidence is
//! collected and verified elsewhere; an attestation enters only as [`toolkit_attest::Verified`].

#![deny(clippy::indexing_slicing, clippy::as_conversions)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "tests may stop at a wrong index")
)]

mod check;
mod error;
mod evaluate;
mod evidence;
mod exception;
mod item;
mod model;
mod rules;
mod verdict;

pub use check::{IdentityLine, check};
pub use error::{Diagnostic, Fault};
pub use evaluate::{Needs, evaluate};
pub use evidence::{
    Bill, ConfigEvidence, Contents, DatabaseEvidence, DatabaseFacts, DigestTyped, Evidence, Gap,
    GapKind, Layers, Listing, PlatformEvidence, ReferenceFacts, Refused,
};
pub use item::Item;
pub use model::{ImagePattern, KeyFile, LoadedPolicy, Policy, Trust, Who};
pub use toolkit_vulndb::config::{Position, Span};
pub use verdict::{
    CheckId, CheckResult, Code, ExceptionReport, ExceptionState, Outcome, PlatformName,
    PolicyPlace, Report, Standing, UnusedEvidence, Verdict,
};
