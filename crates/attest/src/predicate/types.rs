//! Predicate types by URI and by cosign's short names.
//!
//! Specification: cosign `attest --type`; in-toto attestation framework, predicates.

/// cosign's image signature (bundle form, cosign 3): the one predicate that signs an image and says nothing else.
pub const IMAGE_SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";
/// SLSA provenance 1.x.
pub const SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
/// SLSA provenance 0.2, read only.
pub const SLSA_PROVENANCE_V0_2: &str = "https://slsa.dev/provenance/v0.2";
/// A vulnerability scan as cosign has it.
pub const VULN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
/// An OpenVEX document.
pub const OPENVEX: &str = "https://openvex.dev/ns";
/// An in-toto link.
pub const IN_TOTO_LINK: &str = "https://in-toto.io/Link/v1";
/// A CycloneDX document.
pub const CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// An SPDX document.
pub const SPDX: &str = "https://spdx.dev/Document";

/// CycloneDX's type before 2022, which old tools still write.
const CYCLONEDX_OLD: &str = "https://cyclonedx.org/schema";

/// Says whether a predicate of this type is a CycloneDX document: [`CYCLONEDX`], with a version (`…/bom/v1.6`), or the old
/// `https://cyclonedx.org/schema`.
#[must_use]
pub fn is_cyclonedx(predicate_type: &str) -> bool {
    is_versioned(predicate_type, CYCLONEDX) || predicate_type == CYCLONEDX_OLD
}

/// Says whether a predicate of this type is an SPDX document: [`SPDX`], or with a version (`…/Document/v2.3`).
#[must_use]
pub fn is_spdx(predicate_type: &str) -> bool {
    is_versioned(predicate_type, SPDX)
}

/// Says whether a predicate of this type is an OpenVEX document: [`OPENVEX`], or with a version (`…/ns/v0.2.0`), as the format names its context.
#[must_use]
pub fn is_openvex(predicate_type: &str) -> bool {
    is_versioned(predicate_type, OPENVEX)
}

/// Says whether a predicate of this type is a bill of materials, which describes one platform of an image and no other.
#[must_use]
pub fn is_sbom(predicate_type: &str) -> bool {
    is_cyclonedx(predicate_type) || is_spdx(predicate_type)
}

fn is_versioned(predicate_type: &str, base: &str) -> bool {
    predicate_type
        .strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("/v"))
}

/// cosign's short names (`cosign attest --type`).
const SHORT_NAMES: [(&str, &str); 10] = [
    ("custom", "https://cosign.sigstore.dev/attestation/v1"),
    ("cyclonedx", CYCLONEDX),
    ("link", IN_TOTO_LINK),
    ("openvex", OPENVEX),
    ("slsaprovenance", SLSA_PROVENANCE_V0_2),
    ("slsaprovenance02", SLSA_PROVENANCE_V0_2),
    ("slsaprovenance1", SLSA_PROVENANCE_V1),
    ("spdx", SPDX),
    ("spdxjson", SPDX),
    ("vuln", VULN),
];

/// Returns the predicate type of a short name, or the text itself where it is a URI (has a scheme). `None` for anything else.
///
/// ```
/// use toolkit_attest::predicate;
/// assert_eq!(predicate::type_uri("cyclonedx"), Some("https://cyclonedx.org/bom"));
/// assert_eq!(predicate::type_uri("https://example.com/review/v1"), Some("https://example.com/review/v1"));
/// assert_eq!(predicate::type_uri("cyclondx"), None);
/// ```
#[must_use]
pub fn type_uri(name: &str) -> Option<&str> {
    if let Some((_, uri)) = SHORT_NAMES.iter().find(|(short, _)| *short == name) {
        return Some(uri);
    }
    let (scheme, rest) = name.split_once(':')?;
    let valid = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    (valid && !rest.is_empty()).then_some(name)
}

/// Lists the short names, sorted.
pub fn short_names() -> impl Iterator<Item = &'static str> {
    SHORT_NAMES.iter().map(|(short, _)| *short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_uris() {
        for (name, uri) in [
            ("spdxjson", Some(SPDX)),
            ("slsaprovenance1", Some(SLSA_PROVENANCE_V1)),
            ("urn:x", Some("urn:x")),
            ("", None),
            (":x", None),
            ("https:", None),
            ("1x:y", None),
        ] {
            assert_eq!(type_uri(name), uri, "{name}");
        }
        assert!(short_names().is_sorted());
    }

    #[test]
    fn bills_of_materials_with_and_without_version() {
        for (uri, cyclonedx, spdx) in [
            (CYCLONEDX, true, false),
            ("https://cyclonedx.org/bom/v1.6", true, false),
            ("https://cyclonedx.org/schema", true, false),
            (SPDX, false, true),
            ("https://spdx.dev/Document/v2.3", false, true),
            ("https://cyclonedx.org/bomb", false, false),
            ("https://cyclonedx.org/bom/x", false, false),
            ("https://spdx.dev/DocumentStore/v1", false, false),
            (SLSA_PROVENANCE_V1, false, false),
        ] {
            assert_eq!(
                (is_cyclonedx(uri), is_spdx(uri)),
                (cyclonedx, spdx),
                "{uri}"
            );
            assert_eq!(is_sbom(uri), cyclonedx || spdx, "{uri}");
        }
    }
}
