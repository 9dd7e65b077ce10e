//! rpm headers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::rpm::header;

fuzz_target!(|bytes: &[u8]| {
    let _ = header::parse(bytes);
});
