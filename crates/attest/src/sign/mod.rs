//! Signing: one key, and where it is ephemeral one certificate, for all signatures of a run.
//!
//! Every bundle is verified by [`verify`](crate::verify()) before it is given out. Nothing is stored or attached here.
//!
//! The clients are asynchronous; their runtime is a private field of [`Session`].
//!
//! Specification: Sigstore client specification, "Signing"; sigstore protobuf-specs `sigstore_bundle.proto` 0.3.

mod key;
mod rekor_v1;
mod services;
mod session;
mod token;

pub use key::SigningKey;
pub use session::{Clock, Options, Session, Signed};
pub use token::{AUDIENCE, IdentityToken};
