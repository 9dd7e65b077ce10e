//! Sigstore bundles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_attest::{Bundle, Limits};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = Bundle::from_bytes(bytes.to_vec(), &Limits::default()) {
        assert_eq!(bundle.bytes(), bytes);
        let _ = bundle.unverified_key_hint();
    }
});
