//! Who may have signed: identities as a policy or a command line states them, and their comparison with a signer.
//!
//! An identity says nothing about whether a signature is good; it is compared with the [`Signer`](crate::Signer) of a
//! verified one.

mod check;
mod pattern;

pub use check::{Field, GITHUB_ISSUER, Identity, IdentityMismatch};
pub use pattern::Pattern;
