//! Databases: every question to a segment ends with an answer or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_fuzz::{ask, file};
use toolkit_vulndb::db::{Details, Index, Manifest};

fuzz_target!(|bytes: &[u8]| {
    let _ = Manifest::parse(bytes);
    if let Ok(index) = Index::open(file(bytes)) {
        ask(&index, Details::open(file(bytes)).ok().as_ref());
    } else if let Some((base, delta)) = bytes.split_at_checked(bytes.len() / 2)
        && let Ok(index) = Index::open(file(base)).and_then(|index| index.with_delta(file(delta)))
    {
        ask(&index, None);
    }
});
