//! References read the same when they are written out; targets; a platform fits itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_oci::{Platform, Reference, Target};

fuzz_target!(|text: &str| {
    if let Ok(reference) = Reference::parse(text) {
        assert_eq!(Reference::parse(&reference.to_string()).unwrap(), reference);
    }
    if let Ok(platform) = Platform::parse(text) {
        assert!(platform.matches(&platform));
    }
    let _ = Target::parse(text);
});
