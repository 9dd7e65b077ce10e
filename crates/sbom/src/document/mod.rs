//! The neutral bill of materials: what is described, what is in it, how it hangs together, and of what time it is.
//!
//! It knows no format; every format is written from it. It reads no clock: its time is handed down.

mod content;
mod origin;
mod subject;

pub use content::{Document, Entry};
pub use subject::{Base, Layer, Subject, SubjectKind};
