//! Files that people write for this program, or wrote for another: read into a tree of nodes with places, then walked by whoever knows the keys.
//!
//! Policies and ignore files share it, so that one run shows every fault of either with its place. It stands here because ignore files are read here and
//! `policy` may use this crate, not the other way round. Feeds have their own readers: they are no person's text, and their faults need no place.

mod diagnostic;
mod fault;
mod node;
pub mod toml;
mod walk;
pub mod yaml;

pub use diagnostic::Diagnostic;
pub use fault::{Explain, Fault, Faults, guessed, list};
pub use node::{At, Entry, Node, Position, Span, Value};
pub use walk::{Map, Walk, keys};
