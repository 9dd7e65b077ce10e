//! The client of the OCI distribution API: pull, push, referrers; and of plain files on the web, which need the same care.
//!
//! It speaks distribution-spec 1.1 (`/v2/…`), blocking, over two lazily built HTTP clients. It does not know what an image
//! means, reads no environment and prints nothing. Every byte of an image that it hands out was checked for size and digest.

mod attach;
mod auth;
mod body;
pub mod challenge;
mod client;
mod credentials;
mod error;
mod helper;
pub mod link;
mod options;
mod origin;
mod pace;
mod pull;
mod push;
mod referrers;
mod retry;
mod secret;
mod transport;
mod web;

pub use client::{Client, Opener, RemoteRepository};
pub use credentials::{Credential, CredentialFile};
pub use error::{Answer, CertificateFault, Error, HelperFault, Result, TargetFault, TokenFault};
pub use options::{Options, Proxy, Retries};
pub use secret::Secret;
pub use web::{Got, Part, Sink, Validators, Wanted, WebFile};
