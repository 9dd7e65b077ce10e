//! Tests of the crate on real data.

mod contract;
mod database;
mod delta;
mod explain;
mod feeds;
mod folder;
mod hostile;
mod ignore;
mod images;
mod judged;
mod matching;
mod mutations;
mod orders;
mod packs;
mod plain;
mod ranges;
mod reference;
mod versions;
