//! Databases: every question to a segment of any kind ends with an answer or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_fuzz::{ask, file};
use toolkit_sbom::Purl;
use toolkit_vulndb::db::{Details, Index, Manifest, signals::Signals, vex::Statements};

fuzz_target!(|bytes: &[u8]| {
    let purl = Purl::parse("pkg:npm/x@1.0.0").expect("a package URL");
    let _ = Manifest::parse(bytes);
    let _ = Signals::open(file(bytes)).map(|signals| signals.get("CVE-2024-1").is_ok());
    let _ = Statements::open(file(bytes)).map(|statements| statements.of(&purl, "CVE-2024-1").is_ok());
    let details = Details::open(file(bytes)).ok();
    if let Ok(index) = Index::open(file(bytes)) {
        ask(&index, details.as_ref());
    } else if let Some((base, delta)) = bytes.split_at_checked(bytes.len() / 2)
        && let Ok(index) = Index::open(file(base)).and_then(|index| index.with_delta(file(delta)))
    {
        ask(&index, None);
    }
    let _ = details.map(|details| details.get(0).is_ok());
});
