//! How results leave the program: stdout as data, files, and text that is safe to show.

mod bundles;
mod file;
pub(crate) mod json;
pub(crate) mod markdown;
mod paint;
mod printable;
pub(crate) mod scan;
mod stdout;
pub(crate) mod text;
mod tree;
mod verdict;

pub(crate) use bundles::{store, write_bundle};
pub(crate) use file::{shared_place, write_file};
pub(crate) use json::Schema;
pub(crate) use paint::{Mood, Paint};
pub(crate) use printable::{active_character, printable};
pub(crate) use stdout::Stdout;
pub(crate) use tree::{is_incomplete, tree};
pub(crate) use verdict::{Judgement, verdict_name};
