//! Manifests, indexes and image configurations.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_oci::{ImageConfig, ImageIndex, Manifest};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::parse(None, bytes) {
        assert!(Manifest::parse(Some(manifest.media_type()), bytes).is_ok());
    }
    let _ = ImageIndex::parse(bytes);
    let _ = ImageConfig::parse(bytes);
});
