//! References, targets and platforms: what is parsed reads the same when it is written out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_oci::{Platform, Reference, Target};

fuzz_target!(|text: &str| {
    if let Ok(reference) = Reference::parse(text) {
        assert_eq!(Reference::parse(&reference.to_string()).unwrap(), reference);
    }
    if let Ok(platform) = Platform::parse(text) {
        assert!(Platform::parse(&platform.to_string()).is_ok());
    }
    let _ = Target::parse(text);
});
