//! Signing configurations.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_attest::SigningConfig;

fuzz_target!(|bytes: &[u8]| {
    let _ = SigningConfig::from_json(bytes, "fuzz");
});
