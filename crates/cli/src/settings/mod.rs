//! What the arguments mean: values that the libraries take, made from flags, environment and files.
//!
//! clap says what was typed; here it is read, joined with the environment, and refused where it makes no sense.

mod input;
mod trust;

pub(crate) use input::{digest_of_file, read_file, read_text};
pub(crate) use trust::{key_text, public_key, signing_config, trust_root};
