//! SARIF, which code scanning of forges and many dashboards read.

mod model;
mod notice;
mod write;

pub(super) use write::sarif;
