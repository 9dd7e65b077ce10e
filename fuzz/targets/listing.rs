//! Lists that publishers of feeds keep of their files, and the record of what was fetched.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_vulndb::feed::{fetched::Fetched, listing};

fuzz_target!(|bytes: &[u8]| {
    let names = [listing::branches(bytes), listing::extras(bytes)];
    assert!(names.iter().flatten().flatten().all(|name| !name.contains('/') && !name.starts_with('.')));
    let place = listing::updateinfo(bytes).ok().flatten();
    assert!(place.is_none_or(|place| !place.href.split('/').any(|part| part.is_empty() || part.starts_with('.'))));
    let _ = (listing::mirror(bytes), Fetched::parse(bytes));
});
