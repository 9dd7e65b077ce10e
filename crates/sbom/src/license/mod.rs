//! Licences: from the words of a package to SPDX.
//!
//! What a package says about its licence is kept letter by letter; beside it stands an SPDX expression where the words
//! have exactly one meaning. Nothing is guessed (`BSD`, `GPL`, `Artistic License` name several licences) and no licence
//! text is read: this is the spelling of a declaration, not an analysis of the files.
//!
//! Specifications: SPDX 2.3 annex D (expressions), the SPDX licence list of the `spdx` crate, DEP-5 (Debian
//! `debian/copyright` 1.0, "License specification").

mod declared;
mod expression;
mod names;

pub use declared::{Dialect, License, conclude, declared};
