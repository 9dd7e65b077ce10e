//! Statements, Sigstore bundles, signing and verification.
//!
//! [`verify()`] turns an untrusted [`Bundle`] into a [`Verified`] or a [`Refusal`]; `sign` makes bundles and verifies
//! them before it gives them out. The crate reads no file, environment or clock and prints nothing: times, tokens and
//! trust material are handed down.
//!
//! The `sigstore-*` crates are seen only in here: `sigstore_verify` in `verify/engine.rs`, the clients in `sign/`.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]
#![cfg_attr(
    test,
    allow(clippy::indexing_slicing, reason = "a failing test may panic")
)]

mod attach;
mod bundle;
mod certificate;
mod error;
mod identity;
mod json;
mod key;
mod limits;
pub mod predicate;
mod refusal;
mod sign;
mod signer;
mod signing_config;
mod statement;
mod trust;
mod verify;

pub use attach::{Collected, Found, Unread, UnreadReason, attach, collect};
pub use bundle::{Bundle, Content, MEDIA_TYPE_V0_3, MEDIA_TYPES};
pub use certificate::{CertificateFacts, SanKind};
pub use error::{Error, Result, Retries};
pub use identity::{Field, GITHUB_ISSUER, Identity, IdentityMismatch, Pattern};
pub use key::PublicKey;
pub use limits::Limits;
pub use refusal::{ReasonCode, Refusal, Step};
pub use sign::{AUDIENCE, Clock, IdentityToken, Options, Session, Signed, SigningKey};
pub use signer::Signer;
pub use signing_config::SigningConfig;
pub use statement::{PAYLOAD_TYPE, STATEMENT_V0_1, STATEMENT_V1, Statement, Subject};
pub use trust::{EMBEDDED_ON, Origin, TrustRoot};
pub use verify::{Artifact, LogEntry, TimeSource, Verified, VerifiedTime, verify};
