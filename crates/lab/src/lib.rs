//! A private Sigstore and registry on loopback for trials and tests, never for production.
//!
//! [`Lab::start`] runs an OIDC issuer, Fulcio with a certificate transparency log, Rekor v1 and v2, a timestamp authority and two OCI
//! registries in one process. All keys are made at the start and live in memory; the trusted root is used only where it is named.
//! Every service speaks its real protocol, checks what the real one checks, and can be made to fail ([`Faults`]).
//!
//! It depends on no crate of this project and on no Sigstore library: a mistake shared with the verifier would pass unseen.

mod canonical;
mod checkpoint;
mod clock;
mod ct;
mod der;
mod error;
mod faults;
mod fulcio;
mod http;
pub mod image;
mod keys;
mod lab;
mod log;
mod merkle;
mod oidc;
mod registry;
mod rekor_v1;
mod rekor_v2;
mod sync;
mod trust;
mod tsa;
mod x509;

pub use error::{Error, Result};
pub use faults::{
    BlobFault, Faults, FulcioFault, ReferrersFault, RegistryFault, RegistryKind, RekorFault,
    Switches, TsaFault,
};
pub use http::{RecordedRequest, Service};
pub use lab::{Lab, NOTICE, Options};
pub use oidc::GithubClaims;
pub use registry::RegistryAuth;
pub use trust::RekorVersion;
