//! Predicate types and the predicates that this crate itself writes and reads.
//!
//! An SBOM is a predicate that this crate carries without looking inside.

pub mod slsa;
mod types;

pub use types::{
    CYCLONEDX, IMAGE_SIGNATURE, SLSA_PROVENANCE_V0_2, SLSA_PROVENANCE_V1, SPDX, short_names,
    type_uri,
};
