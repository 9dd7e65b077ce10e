//! Python requirements with their markers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::python::requirement::Requirement;

fuzz_target!(|text: &str| {
    let _ = Requirement::parse(text);
});
