//! `WWW-Authenticate` headers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_oci::registry::challenge;

fuzz_target!(|header: &str| {
    for challenge in challenge::parse(header) {
        assert!(!challenge.scheme.is_empty());
        let _ = challenge.parameter("realm");
    }
});
