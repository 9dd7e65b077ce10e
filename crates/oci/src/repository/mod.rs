//! One view over the two places that can hold images with evidence: a registry's repository and an OCI layout.
//!
//! Everything that signing, verifying and promoting read or write goes through [`Repository`]. What evidence means is
//! not known here.

mod artifact;
mod file;
mod layout;
mod locate;
mod view;

pub use artifact::Artifact;
pub use file::{pack, unpack};
pub use view::Repository;
