//! VEX documents of every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_vulndb::vex::read;

fuzz_target!(|bytes: &[u8]| {
    let _ = read(bytes);
});
