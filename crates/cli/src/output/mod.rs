//! How results leave the program: stdout as data, files, and text that is safe to show.

mod file;
mod printable;
mod stdout;

pub(crate) use file::write_file;
pub(crate) use printable::printable;
pub(crate) use stdout::Stdout;
