//! The tar parser: the same bytes in other pieces are the same entries.
#![no_main]
use toolkit_fuzz::Entries;

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = Entries::of(bytes.chunks(bytes.len().max(1)));
    let pieces = Entries::of(bytes.chunks(usize::from(size) + 1));
    assert_eq!(whole, pieces);
});
