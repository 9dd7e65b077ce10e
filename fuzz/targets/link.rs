//! `Link` headers: a target is a part of the header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_oci::registry::link;

fuzz_target!(|header: &str| {
    if let Some(target) = link::next(header) {
        assert!(header.contains(target) && !target.contains('>'));
    }
});
