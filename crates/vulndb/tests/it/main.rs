//! Tests of the crate on real data.

mod database;
mod explain;
mod feeds;
mod folder;
mod ignore;
mod images;
mod judged;
mod matching;
mod mutations;
mod packs;
mod ranges;
mod reference;
mod versions;
