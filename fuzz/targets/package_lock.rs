//! `package-lock.json`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::lockfile::Lockfile;

fuzz_target!(|bytes: &[u8]| {
    toolkit_fuzz::locked(Lockfile::Npm, bytes);
});
