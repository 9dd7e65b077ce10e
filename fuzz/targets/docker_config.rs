//! Credential files of docker and podman.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use toolkit_oci::registry::CredentialFile;

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("config.json");
    if let Ok(file) = CredentialFile::parse(path, bytes) {
        let _ = file.stored(path, "docker.io", "library/alpine");
        let _ = file.stored(path, "registry.example", "a/b");
    }
});
