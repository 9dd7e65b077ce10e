//! Patterns over package URLs and ranges of versions: a fault points into the text, a pattern without globs matches its own package.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_sbom::Purl;
use toolkit_vulndb::select::{PurlGlob, VersionRange};

fuzz_target!(|text: &str| {
    match PurlGlob::parse(text) {
        Ok(glob) if glob.is_exact() => {
            let rest = text.strip_prefix("pkg:").unwrap_or(text);
            assert!(Purl::parse(text).is_ok_and(|purl| glob.matches(&purl)) || rest.contains(['@', '%', ';', ':']));
        }
        Ok(_) => {}
        Err(error) => assert!(text.get(error.at).is_some()),
    }
    for ty in ["npm", "deb", "pypi", "maven"] {
        if let Err(error) = VersionRange::parse(text, ty) {
            assert!(text.get(error.at).is_some());
        }
    }
});
