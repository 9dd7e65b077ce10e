//! Dependency lists in Rust programs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::cargo::auditable;

fuzz_target!(|bytes: &[u8]| {
    let _ = auditable::parse(bytes);
});
