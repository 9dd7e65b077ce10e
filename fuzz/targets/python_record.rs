//! Python `RECORD`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::python::metadata;

fuzz_target!(|bytes: &[u8]| {
    let _ = metadata::record(bytes);
});
