//! OSV records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_vulndb::feed::osv;

fuzz_target!(|bytes: &[u8]| {
    let _ = osv::parse(bytes);
});
