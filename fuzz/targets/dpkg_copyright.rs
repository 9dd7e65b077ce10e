//! Debian copyright files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::dpkg::copyright;

fuzz_target!(|bytes: &[u8]| {
    let _ = copyright::parse(bytes);
});
