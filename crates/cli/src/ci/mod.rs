//! What a CI system knows and takes: build facts, an identity token, a summary of the job, outputs of the step.
//!
//! One file per system. It reads the environment and files that the system names; it decides nothing about images.

mod facts;
mod git;
mod github;
mod gitlab;
mod local;
mod step;
mod token;

pub(crate) use facts::build_facts;
pub(crate) use github::{Outputs, Summary, markdown};
pub(crate) use step::Step;
pub(crate) use token::{TokenError, identity_token};
