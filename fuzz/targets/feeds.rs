//! Every feed beside OSV: secdb, Ubuntu's tracker, updateinfo, Wolfi, EPSS, KEV, OpenVEX, CSAF, CycloneDX VEX.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_vulndb::feed::{csaf, cyclonedx_vex, epss, kev, openvex, secdb, ubuntu, updateinfo, wolfi};

fuzz_target!(|bytes: &[u8]| {
    let _ = (secdb::parse(bytes), ubuntu::parse(bytes), updateinfo::parse(bytes));
    let _ = (wolfi::parse(bytes), epss::parse(bytes), kev::parse(bytes));
    let _ = (openvex::parse(bytes), csaf::parse(bytes), cyclonedx_vex::parse(bytes));
});
