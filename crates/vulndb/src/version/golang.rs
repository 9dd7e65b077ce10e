//! Go: module versions, pseudo-versions and toolchain versions.
//!
//! Modules follow Semantic Versioning with a leading `v` (Go modules reference, "Versions"); pseudo-versions order by it as they stand, since their
//! time stamp is the prerelease; `+incompatible` is build metadata. Toolchain versions (`go1.21rc2`, "Go toolchains", "Go versions") are read as the
//! semantic version that the Go vulnerability database uses for the standard library: `1.21.0-rc.2`. A development build has no place.

use super::key::{Key, is_number, split_while};
use super::semver;

/// Returns the key, or what the grammar wants.
pub(super) fn key(version: &str) -> Result<Key, &'static str> {
    let text = version.strip_prefix("go").unwrap_or(version);
    // `go1.22.1 X:boringcrypto` and `1.20.1-custom suffix` carry more behind a space.
    let text = text.split(' ').next().unwrap_or(text);
    let (core, rest) = semver::split_core(text);
    let (word, number) = split_while(rest, |byte| byte.is_ascii_lowercase());
    if matches!(word, "rc" | "beta" | "alpha")
        && is_number(number)
        && core.matches('.').count() == 1
    {
        return semver::key(
            &format!("{core}.0-{word}.{number}"),
            semver::Flavour::Tolerant,
        );
    }
    semver::key(text, semver::Flavour::Tolerant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_toolchains_order() {
        let rising = [
            "v0.0.0-20180917221912-90fa682c2a6e",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.1",
            "v1.2.3-0.20200101000000-abcdefabcdef",
            "v1.2.3",
            "v1.2.4-0.20200101000000-abcdefabcdef",
            "go1.21beta1",
            "go1.21rc2",
            "go1.21",
            "go1.21.1",
            "1.22.0-0",
            "go1.22rc1",
            "go1.22.0",
        ];
        for pair in rising.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(key("v2.0.0+incompatible"), key("2.0.0"));
        assert_eq!(key("go1.21.0 X:boringcrypto"), key("1.21.0"));
        assert!(key("(devel)").is_err() && key("devel go1.22-abc").is_err());
    }
}
