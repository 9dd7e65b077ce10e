//! Which manifests a foreign bill of materials says it describes. Nothing else of it is read, and nothing is checked:
//! whoever attaches the document compares the answer with the image.
//!
//! Tolerant of what syft and trivy write (unknown fields, nulls), bounded in length, and strict about repeated keys: a
//! document that two readers understand differently must not be signed.

use std::collections::BTreeSet;

use serde::{Deserialize, de::IgnoredAny};
use toolkit_oci::Digest;

use crate::{
    error::{Error, Result},
    format::facts,
    purl::Purl,
};

/// Is what a document says of its subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// The manifest digests that it names, sorted, each once.
    pub digests: Vec<Digest>,
    /// How many of the lowest layers are the base's, where one of ours says so.
    pub base_layers: Option<usize>,
}

/// Returns the manifest digests of [`described`].
///
/// # Errors
/// As there.
pub fn subject_digests(bytes: &[u8]) -> Result<Vec<Digest>> {
    Ok(described(bytes)?.digests)
}

/// Returns the manifest digests that a CycloneDX or SPDX 2 JSON document names as its subject, and what ours says of its layers.
///
/// CycloneDX: `metadata.component`, there the version of its `purl`, its SHA-256 and SHA-512 `hashes`, and its `version`.
/// SPDX: the packages that the document describes, there checksums, package URLs and `versionInfo`. An empty answer means
/// that the document names none.
///
/// # Errors
/// [`Error::DocumentTooLarge`], [`Error::Document`] where it is no such JSON, [`Error::NoBillOfMaterials`] where it is JSON
/// of another kind.
pub fn described(bytes: &[u8]) -> Result<Described> {
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if found > MAX_BYTES {
        return Err(Error::DocumentTooLarge {
            limit: MAX_BYTES,
            found,
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let kind: Kind = read(bytes)?;
    let (mut digests, mut base_layers) = (BTreeSet::new(), None);
    if kind.bom_format.as_deref() == Some("CycloneDX") {
        let bom: Bom = read(bytes)?;
        let component = bom.metadata.and_then(|metadata| metadata.component);
        for component in component.iter() {
            cyclonedx(component, &mut digests);
            base_layers = component.fact(facts::BASE_LAYERS);
        }
    } else if kind
        .spdx_version
        .is_some_and(|version| version.starts_with("SPDX-2."))
    {
        let document: Spdx = read(bytes)?;
        let described = document.described();
        for package in document.packages.iter().flatten() {
            if package
                .id
                .as_deref()
                .is_some_and(|id| described.contains(id))
            {
                spdx(package, &mut digests);
                base_layers = base_layers.or_else(|| package.fact(facts::BASE_LAYERS));
            }
        }
    } else {
        return Err(Error::NoBillOfMaterials);
    }
    Ok(Described {
        digests: digests.into_iter().collect(),
        base_layers: base_layers.and_then(|text| text.parse().ok()),
    })
}

pub(super) fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|source| Error::Document {
        line: source.line(),
        column: source.column(),
        source,
    })
}

fn cyclonedx(component: &Component, digests: &mut BTreeSet<Digest>) {
    digests.extend(component.purl.as_deref().and_then(of_purl));
    digests.extend(component.version.as_deref().and_then(of_text));
    for hash in component.hashes.iter().flatten() {
        digests.extend(of_hash(hash.alg.as_deref(), hash.content.as_deref()));
    }
}

fn spdx(package: &SpdxPackage, digests: &mut BTreeSet<Digest>) {
    digests.extend(package.version.as_deref().and_then(of_text));
    for checksum in package.checksums.iter().flatten() {
        digests.extend(of_hash(
            checksum.algorithm.as_deref(),
            checksum.value.as_deref(),
        ));
    }
    for reference in package.references.iter().flatten() {
        if reference.kind.as_deref() == Some("purl") {
            digests.extend(reference.locator.as_deref().and_then(of_purl));
        }
    }
}

fn of_purl(text: &str) -> Option<Digest> {
    Purl::parse(text).ok()?.version().and_then(of_text)
}

fn of_text(text: &str) -> Option<Digest> {
    Digest::parse(text).ok()
}

fn of_hash(algorithm: Option<&str>, hex: Option<&str>) -> Option<Digest> {
    let algorithm = match algorithm? {
        "SHA-256" | "SHA256" => "sha256",
        "SHA-512" | "SHA512" => "sha512",
        _ => return None,
    };
    of_text(&format!("{algorithm}:{}", hex?.to_ascii_lowercase()))
}

impl Component {
    fn fact(&self, name: &str) -> Option<String> {
        let mut all = self.properties.iter().flatten();
        let found = all.find(|one| {
            let stated = one
                .name
                .as_deref()
                .and_then(|n| n.strip_prefix(facts::PREFIX));
            stated == Some(name)
        });
        found?.value.clone()
    }
}

impl SpdxPackage {
    fn fact(&self, name: &str) -> Option<String> {
        let mut lines = self.comment.as_deref()?.lines();
        lines.find_map(|line| {
            let rest = line.strip_prefix(facts::PREFIX)?.strip_prefix(name)?;
            rest.strip_prefix(": ").map(str::to_owned)
        })
    }
}

impl Spdx {
    /// SPDX 2.3 clause 11.1: `DESCRIBES` and its reverse; `documentDescribes` is the JSON schema's short form.
    fn described(&self) -> BTreeSet<&str> {
        let mut ids: BTreeSet<&str> = self
            .describes
            .iter()
            .flatten()
            .map(String::as_str)
            .collect();
        for relationship in self.relationships.iter().flatten() {
            let (from, to) = (relationship.from.as_deref(), relationship.to.as_deref());
            match relationship.kind.as_deref() {
                Some("DESCRIBES") if from == Some(DOCUMENT) => ids.extend(to),
                Some("DESCRIBED_BY") if to == Some(DOCUMENT) => ids.extend(from),
                _ => {}
            }
        }
        ids
    }
}

/// What tells the two standards apart.
#[derive(Deserialize)]
pub(super) struct Kind {
    #[serde(rename = "bomFormat")]
    pub(super) bom_format: Option<String>,
    #[serde(rename = "spdxVersion")]
    pub(super) spdx_version: Option<String>,
}

#[derive(Deserialize)]
struct Bom {
    metadata: Option<Metadata>,
    // Named so that a repeated key is refused.
    #[expect(dead_code, reason = "only its being there once matters")]
    components: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    version: Option<String>,
    purl: Option<String>,
    hashes: Option<Vec<Hash>>,
    properties: Option<Vec<Property>>,
}

#[derive(Deserialize)]
struct Property {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Hash {
    alg: Option<String>,
    content: Option<String>,
}

#[derive(Deserialize)]
struct Spdx {
    #[serde(rename = "documentDescribes")]
    describes: Option<Vec<String>>,
    packages: Option<Vec<SpdxPackage>>,
    relationships: Option<Vec<Relationship>>,
}

#[derive(Deserialize)]
struct SpdxPackage {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    #[serde(rename = "versionInfo")]
    version: Option<String>,
    checksums: Option<Vec<Checksum>>,
    #[serde(rename = "externalRefs")]
    references: Option<Vec<Reference>>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct Checksum {
    algorithm: Option<String>,
    #[serde(rename = "checksumValue")]
    value: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "referenceType")]
    kind: Option<String>,
    #[serde(rename = "referenceLocator")]
    locator: Option<String>,
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(rename = "spdxElementId")]
    from: Option<String>,
    #[serde(rename = "relatedSpdxElement")]
    to: Option<String>,
    #[serde(rename = "relationshipType")]
    kind: Option<String>,
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// Longest document that is read: 70 000 packages at the 1.9 kB that one takes in our CycloneDX.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_place_of_a_digest_is_read() {
        let own = format!("sha256:{HEX}");
        let component = |inner: &str| {
            format!(
                r#"{{"bomFormat":"CycloneDX","metadata":{{"component":{{{inner}}}}},"components":null,"x":1}}"#
            )
        };
        let package = |inner: &str, relation: &str| {
            format!(
                r#"{{"spdxVersion":"SPDX-2.3","packages":[{{"SPDXID":"SPDXRef-a",{inner}}},{{"SPDXID":"SPDXRef-b","versionInfo":"sha256:{}"}}],{relation}}}"#,
                "0".repeat(64)
            )
        };
        let describes = r#""relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-a","relationshipType":"DESCRIBES"}]"#;
        for (text, found) in [
            (
                component(&format!(r#""purl":"pkg:oci/x@sha256%3A{HEX}?arch=amd64""#)),
                true,
            ),
            (
                component(&format!(r#""purl":"pkg:oci/x@sha256:{HEX}""#)),
                true,
            ),
            (
                component(&format!(r#""version":"sha256:{HEX}","hashes":null"#)),
                true,
            ),
            (
                component(&format!(
                    r#""hashes":[{{"alg":"MD5","content":"00"}},{{"alg":"SHA-256","content":"{}"}}]"#,
                    HEX.to_uppercase()
                )),
                true,
            ),
            (component(r#""version":"3.20","purl":"not a purl""#), false),
            (component(&format!(r#""name":"sha256:{HEX}""#)), false),
            (r#"{"bomFormat":"CycloneDX"}"#.to_owned(), false),
            (
                format!(
                    "\u{feff}{}",
                    component(&format!(r#""version":"sha256:{HEX}""#))
                ),
                true,
            ),
            (
                package(&format!(r#""versionInfo":"sha256:{HEX}""#), describes),
                true,
            ),
            (
                package(
                    &format!(r#""checksums":[{{"algorithm":"SHA256","checksumValue":"{HEX}"}}]"#),
                    r#""documentDescribes":["SPDXRef-a"]"#,
                ),
                true,
            ),
            (
                package(
                    &format!(
                        r#""externalRefs":[{{"referenceType":"purl","referenceLocator":"pkg:oci/x@sha256%3A{HEX}"}}]"#
                    ),
                    r#""relationships":[{"spdxElementId":"SPDXRef-a","relatedSpdxElement":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBED_BY"}]"#,
                ),
                true,
            ),
            (
                package(
                    &format!(r#""versionInfo":"sha256:{HEX}""#),
                    r#""relationships":null"#,
                ),
                false,
            ),
        ] {
            let expected: Vec<String> = found.then(|| own.clone()).into_iter().collect();
            let digests =
                subject_digests(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(
                digests.iter().map(ToString::to_string).collect::<Vec<_>>(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn two_names_are_two_answers() {
        let zero = "0".repeat(64);
        let text = format!(
            r#"{{"bomFormat":"CycloneDX","metadata":{{"component":{{"version":"sha256:{HEX}","purl":"pkg:oci/x@sha256:{zero}"}}}}}}"#
        );
        let digests = subject_digests(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            digests.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [format!("sha256:{zero}"), format!("sha256:{HEX}")]
        );
    }

    #[test]
    fn other_bytes_are_refused_with_their_reason() {
        for text in [
            "{}",
            r#"{"spdxVersion":"SPDX-3.0"}"#,
            r#"{"@context":"x"}"#,
            r#"{"bomFormat":"cyclonedx"}"#,
        ] {
            assert!(
                matches!(
                    subject_digests(text.as_bytes()),
                    Err(Error::NoBillOfMaterials)
                ),
                "{text}"
            );
        }
        let repeated = r#"{"bomFormat":"CycloneDX","metadata":{},"metadata":{"component":{}}}"#;
        let nested = "[".repeat(100_000);
        for text in ["", "[]", "{", "\"\u{0}", repeated, &nested] {
            assert!(
                matches!(
                    subject_digests(text.as_bytes()),
                    Err(Error::Document { .. })
                ),
                "{text:.40}"
            );
        }
        let limit = usize::try_from(MAX_BYTES).expect("fits");
        let large = vec![0_u8; limit + 1];
        assert!(
            matches!(subject_digests(&large), Err(Error::DocumentTooLarge { limit: MAX_BYTES, found }) if found == MAX_BYTES + 1)
        );
    }
}
