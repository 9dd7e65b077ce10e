//! An OCI registry in memory: distribution-spec v1.1, with and without the referrers API, with faults on demand.

mod auth;
mod blobs;
mod faulty;
mod manifests;
mod referrers;
mod route;
mod server;
mod store;
mod uploads;

pub use auth::RegistryAuth;
pub(crate) use server::Registry;
