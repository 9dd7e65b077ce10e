//! The formats in which advisories, signals and VEX are published, one file each. Each reader turns bytes into values and does nothing else: no files,
//! no network, no merging. Only [`folder`] opens files: it finds what a directory of downloaded feeds holds and hands every document to its reader.

pub mod csaf;
pub mod cyclonedx_vex;
pub mod epss;
mod error;
pub mod folder;
mod format;
pub mod kev;
pub mod openvex;
pub mod osv;
pub mod secdb;
pub(crate) mod text;
pub mod ubuntu;
pub mod updateinfo;
pub mod wolfi;
mod yaml;

pub use error::Error;
pub use format::Format;
