//! Tests of the crate on real data.

mod database;
mod feeds;
mod folder;
mod matching;
mod mutations;
mod packs;
mod versions;
