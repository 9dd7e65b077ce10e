//! Licenses in the words of each ecosystem.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::license::{Dialect, License};

fuzz_target!(|text: &str| {
    use Dialect::{Alpine, Cargo, Debian, Python, Rpm, Spdx};
    for dialect in [Spdx, Cargo, Debian, Rpm, Alpine, Python] {
        let _ = License::parse(text, dialect);
    }
});
