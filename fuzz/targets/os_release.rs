//! `os-release` files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::Distro;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(distro) = Distro::parse(bytes) {
        let _ = distro.purl_qualifier();
    }
});
