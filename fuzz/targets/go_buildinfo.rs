//! Build information in Go programs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::go::buildinfo;

fuzz_target!(|bytes: &[u8]| {
    let _ = buildinfo::parse(bytes);
});
