//! Versions: a version is equal to itself in every scheme that takes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cmp::Ordering::Equal;
use toolkit_vulndb::version::Scheme;

fuzz_target!(|text: &str| {
    for scheme in Scheme::ALL {
        if let Ok(key) = scheme.key(text) {
            assert_eq!(key.cmp(&scheme.key(text).unwrap()), Equal);
        }
    }
});
