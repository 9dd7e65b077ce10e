//! One file for each family of rules; each turns a demand of the policy and the evidence into results.

pub(crate) mod attestations;
pub(crate) mod contents;
mod database;
pub(crate) mod image;
pub(crate) mod licences;
pub(crate) mod packages;
pub(crate) mod provenance;
pub(crate) mod reference;
pub(crate) mod sbom;
pub(crate) mod signatures;
mod vex;
pub(crate) mod vulnerabilities;
mod who;
