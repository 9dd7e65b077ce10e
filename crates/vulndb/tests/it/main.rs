//! Tests of the crate on real data.

mod versions;
