//! How results leave the program: stdout as data, files, and text that is safe to show.

mod bundles;
mod file;
mod printable;
mod stdout;

pub(crate) use bundles::{store, write_bundle};
pub(crate) use file::write_file;
pub(crate) use printable::{active_character, printable};
pub(crate) use stdout::Stdout;
