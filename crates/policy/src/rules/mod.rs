//! One file for each family of rules; each turns a demand of the policy and the evidence into results.

pub(crate) mod attestations;
pub(crate) mod image;
pub(crate) mod provenance;
pub(crate) mod reference;
pub(crate) mod signatures;
mod who;
