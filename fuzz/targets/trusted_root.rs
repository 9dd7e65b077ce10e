//! Trust roots.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_attest::TrustRoot;

fuzz_target!(|bytes: &[u8]| {
    let _ = TrustRoot::from_json(bytes, "fuzz");
});
