//! `toolkit db`: fetching, building, pulling, showing and publishing vulnerability databases.

mod build;
mod check;
mod diff;
mod export;
mod fetch;
mod gc;
mod import;
mod search;
mod status;
mod update;

pub(super) use command::run;

mod command;
