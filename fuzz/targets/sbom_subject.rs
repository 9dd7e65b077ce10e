//! SBOMs of others: which manifests they speak of.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::subject_digests;

fuzz_target!(|bytes: &[u8]| {
    let _ = subject_digests(bytes);
});
