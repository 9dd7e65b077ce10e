//! rpm's SQLite database; the first two bytes say how much of the rest is its write-ahead log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::cataloger::rpm;

fuzz_target!(|bytes: &[u8]| {
    let Some((size, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let (log, database) = rest.split_at(rest.len().min(usize::from(u16::from_be_bytes(*size))));
    let _ = rpm::parse(database, (!log.is_empty()).then_some(log));
});
