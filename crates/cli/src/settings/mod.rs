//! What the arguments mean: values that the libraries take, made from flags, environment and files.
//!
//! clap says what was typed; here it is read, joined with the environment, and refused where it makes no sense.

mod access;
mod baseline;
mod database;
mod filters;
mod input;
mod outputs;
mod policy;
mod predicates;
mod project;
mod signing;
mod trust;
mod wanted;

pub(crate) use access::Access;
pub(crate) use baseline::BaselineFile;
pub(crate) use database::{
    DEMO, Database, DatabaseError, MaxAge, PolicyDatabase, Purpose, Signers, updater,
};
pub(crate) use filters::{Applied, Filters};
pub(crate) use input::{digest_of_file, read_file};
pub(crate) use outputs::{NamedFormat, Output, source_date_epoch};
pub(crate) use policy::{policy, policy_trust_root};
pub(crate) use predicates::{Predicate, predicates};
pub(crate) use project::{Project, ProjectFault};
pub(crate) use signing::{USER_AGENT, session};
pub(crate) use trust::{public_key, signing_config, trust_root};
pub(crate) use wanted::{given, wanted};
