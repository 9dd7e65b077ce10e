//! Predicate types and the predicates that this crate itself writes and reads.
//!
//! An SBOM is a predicate that this crate carries; of its inside it knows only by what a reader recognises it.

mod shape;
pub mod slsa;
mod types;

pub use shape::{ShapeFault, check_shape};
pub use types::{
    CYCLONEDX, IMAGE_SIGNATURE, IN_TOTO_LINK, OPENVEX, SLSA_PROVENANCE_V0_2, SLSA_PROVENANCE_V1,
    SPDX, VULN, is_cyclonedx, is_openvex, is_sbom, is_spdx, short_names, type_uri,
};
