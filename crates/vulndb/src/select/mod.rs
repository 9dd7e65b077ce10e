//! Selects packages as people write it down: a pattern over package URLs and a range of versions.
//!
//! Ignore files, policies and VEX commands share both grammars. Faults name their place in the text, so that whoever read it from a file can point there.

mod purl_glob;
mod version_range;

pub use purl_glob::{PurlGlob, PurlGlobError, PurlGlobFault};
pub use version_range::{RangeError, RangeFault, VersionRange};

use crate::ecosystem::Family;
use crate::version::Scheme;

/// Returns how versions of a type of package URLs order; none for types that nobody defines an order for.
#[must_use]
pub fn scheme(ty: &str) -> Option<Scheme> {
    match ty {
        "deb" => Some(Scheme::Debian),
        "apk" => Some(Scheme::Apk),
        "rpm" => Some(Scheme::Rpm),
        _ => Family::of_purl_type(ty).map(Family::scheme),
    }
}

/// Finds the candidate that was probably meant: the nearest by edit distance, if no more than a third of it differs.
#[must_use]
pub fn guess<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = found.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_only_what_is_near() {
        let keys = ["signatures", "attestations", "provenance", "image"];
        for (found, expected) in [
            ("signature", Some("signatures")),
            ("Signatures", Some("signatures")),
            ("atestations", Some("attestations")),
            ("provenence", Some("provenance")),
            ("imgae", Some("image")),
            ("vulnerabilities", None),
            ("x", None),
        ] {
            assert_eq!(guess(found, keys), expected, "{found}");
        }
    }
}
