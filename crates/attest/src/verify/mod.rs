//! Verification of one bundle, in numbered steps. It asks no service and calls nothing that signs.
//!
//! 1. [`limits`]: counts and shape, beyond what parsing checked.
//! 2. [`filter`]: entries of logs that the root does not know are dropped and counted; none left is a refusal.
//! 3. [`engine`]: signature, certificate chain and SCT, log proofs and promises, timestamps, certificate valid at every
//!    verified time; then our own rule that no verified time lies after `now`.
//! 4. [`identity`]: who signed.
//! 5. [`statement`]: what was signed.
//!
//! [`verify`] runs 1 to 3 and reads the statement; 4 and 5 are methods of its proof, since which identity and type are
//! wanted is the caller's matter and one bundle may be asked for by several rules.
//!
//! Specification: Sigstore client specification, "Verification"; sigstore protobuf-specs `sigstore_bundle.proto`.

mod engine;
mod filter;
mod identity;
mod limits;
mod statement;
mod verified;

pub(crate) use engine::usable;
pub use engine::verify;
pub use verified::{Artifact, LogEntry, TimeSource, Verified, VerifiedTime};
