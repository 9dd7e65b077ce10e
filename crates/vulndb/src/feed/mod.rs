//! The formats in which advisories, signals and VEX are published, one file each. Each reader turns bytes into values and does nothing else: no files,
//! no network, no merging. Only [`folder`] and [`probe()`] open files: the one finds what a directory of downloaded feeds holds and hands every document to
//! its reader, the other looks whether a file is what it should be. [`listing`] reads where publishers have their files, [`fetched`] where those of a
//! directory came from.

pub mod csaf;
pub mod cyclonedx_vex;
pub mod epss;
mod error;
pub mod fetched;
pub mod folder;
mod format;
pub mod kev;
pub mod listing;
pub mod openvex;
pub mod osv;
mod probe;
pub mod secdb;
pub(crate) mod text;
pub mod ubuntu;
pub mod updateinfo;
pub mod wolfi;
mod yaml;

pub use error::Error;
pub use format::Format;
pub use probe::probe;
