//! dpkg's `status`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::dpkg::status;

fuzz_target!(|bytes: &[u8]| {
    let _ = status::parse(bytes);
});
