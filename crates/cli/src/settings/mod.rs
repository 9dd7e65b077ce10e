//! What the arguments mean: values that the libraries take, made from flags, environment and files.
//!
//! clap says what was typed; here it is read, joined with the environment, and refused where it makes no sense.

mod access;
mod outputs;

pub(crate) use access::Access;
pub(crate) use outputs::{Output, source_date_epoch};
