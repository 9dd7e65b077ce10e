//! npm's `package.json`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::npm::manifest;

fuzz_target!(|bytes: &[u8]| {
    let _ = manifest::parse(bytes);
});
