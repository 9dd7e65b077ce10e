//! Identity tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_attest::IdentityToken;

fuzz_target!(|text: &str| {
    let _ = IdentityToken::parse(text);
});
