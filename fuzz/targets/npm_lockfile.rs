//! npm's lockfile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::npm::lockfile;

fuzz_target!(|bytes: &[u8]| {
    let _ = lockfile::parse(bytes);
});
