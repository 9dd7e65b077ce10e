//! The lab as its clients see it: over HTTP, judged by OpenSSL where that can judge.

mod client;
mod cosign;
mod faults;
mod image;
mod registry;
mod sigstore;
