//! Package URLs: what is parsed reads the same when it is written out.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::Purl;

fuzz_target!(|text: &str| {
    if let Ok(purl) = Purl::parse(text) {
        assert_eq!(Purl::parse(purl.as_str()).unwrap(), purl);
    }
});
