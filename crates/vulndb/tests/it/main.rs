//! Tests of the crate on real data.

mod database;
mod packs;
mod versions;
