//! apk's `installed`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::apk::installed;

fuzz_target!(|bytes: &[u8]| {
    let _ = installed::parse(bytes);
});
