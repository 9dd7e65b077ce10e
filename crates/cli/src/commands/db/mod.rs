//! `toolkit db`: building, showing and searching vulnerability databases.

mod build;
mod search;
mod status;

pub(super) use command::run;

mod command;
