//! Manifests, indexes and configurations: typed, from raw bytes that are kept.
//!
//! Read strictly (image-spec `manifest.md`, `image-index.md`, `config.md`; Docker's v2 schema 2 forms are the same):
//! no duplicate keys, an image has no `manifests` and an index no `layers` or `config` (CVE-2021-41190), sizes are not
//! negative, digests are well-formed. What is signed or pushed are always the raw bytes, never these types again.
//! Digests of the bytes are not checked here.

mod config;
mod json;
pub mod media_type;

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::digest::{Digest, excerpt};
use crate::error::{Error, Result};
use crate::platform::Platform;

pub use config::{History, ImageConfig};
pub(crate) use json::{Strictness, parse_json};

/// Points at content: its type, digest and size (image-spec `descriptor.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the content is.
    pub media_type: String,
    /// Digest of the content.
    pub digest: Digest,
    /// Bytes of the content.
    pub size: u64,
    /// Platform, in the entries of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Kind of artifact, in the entries of a referrers list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Free annotations.
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub annotations: BTreeMap<String, String>,
    /// Other places of the content; never fetched here.
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub urls: Vec<String>,
    /// The content itself, base64; carried along, never read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl Descriptor {
    /// Describes bytes in memory, by sha256.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self::new(
            media_type,
            Digest::sha256(bytes),
            u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        )
    }

    /// Makes a descriptor of the three necessary parts.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest,
            size,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
            data: None,
        }
    }

    /// Checks bytes in memory against size and digest.
    ///
    /// # Errors
    /// [`Error::SizeMismatch`] or [`Error::DigestMismatch`].
    pub fn check(&self, bytes: &[u8]) -> Result<()> {
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found != self.size {
            return Err(Error::SizeMismatch {
                expected: self.size,
                found,
            });
        }
        self.digest.check(bytes)
    }
}

/// Holds a manifest with the raw bytes it was parsed from; the bytes were checked against the descriptor.
#[derive(Debug, Clone)]
pub struct RawManifest {
    /// Type, digest and size of the bytes.
    pub descriptor: Descriptor,
    /// The bytes as the source gave them.
    pub bytes: Vec<u8>,
    /// What they say.
    pub manifest: Manifest,
}

impl RawManifest {
    /// Checks bytes against a descriptor and parses them.
    ///
    /// # Errors
    /// Size or digest mismatch, or whatever [`Manifest::parse`] refuses, each wrapped with the digest.
    pub fn check(descriptor: Descriptor, bytes: Vec<u8>) -> Result<Self> {
        let checked = descriptor
            .check(&bytes)
            .and_then(|()| Manifest::parse(Some(&descriptor.media_type), &bytes));
        match checked {
            Ok(manifest) => Ok(Self {
                descriptor,
                bytes,
                manifest,
            }),
            Err(error) => Err(error.of_blob(&descriptor.digest)),
        }
    }
}

/// Tells an image from an index of images.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "few are alive at once, and boxing would show in every match"
)]
pub enum Manifest {
    /// One image, or one artifact in the form of an image.
    Image(ImageManifest),
    /// Several, usually one a platform.
    Index(ImageIndex),
}

/// Holds an image manifest (image-spec `manifest.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageManifest {
    /// OCI's or Docker's manifest type.
    pub media_type: String,
    /// Kind of artifact, where this is no image.
    pub artifact_type: Option<String>,
    /// Configuration, or the empty descriptor.
    pub config: Descriptor,
    /// Layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// Manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Free annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Holds an image index (image-spec `image-index.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageIndex {
    /// OCI's index or Docker's list type.
    pub media_type: String,
    /// Kind of artifact, where this is no index of images.
    pub artifact_type: Option<String>,
    /// Entries.
    pub manifests: Vec<Descriptor>,
    /// Manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Free annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Parses a manifest or index; `media_type` is what the descriptor or `Content-Type` announced, if anything did.
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::InvalidDocument`], [`Error::MediaTypeMismatch`] or [`Error::Unsupported`].
    pub fn parse(media_type: Option<&str>, bytes: &[u8]) -> Result<Self> {
        let what = "manifest";
        let document: Document = parse_json(what, bytes, Strictness::Manifest)?;
        let invalid = |reason: &str| Error::InvalidDocument {
            what: what.to_owned(),
            reason: reason.to_owned(),
        };
        if document.schema_version == Some(1) {
            return Err(Error::Unsupported {
                what: "manifest schema version",
                found: "1".to_owned(),
                hint: ": push the image again with a current client",
            });
        }
        if document.schema_version != Some(2) {
            return Err(invalid("`schemaVersion` is not 2"));
        }
        let announced =
            media_type.map(|announced| announced.split(';').next().unwrap_or_default().trim());
        if let (Some(expected), Some(found)) = (announced, document.media_type.as_deref())
            && expected != found
        {
            return Err(Error::MediaTypeMismatch {
                expected: excerpt(expected),
                found: excerpt(found),
            });
        }
        let is_index = document.manifests.is_some();
        let fallback = if is_index {
            media_type::OCI_INDEX
        } else {
            media_type::OCI_MANIFEST
        };
        let media_type = document
            .media_type
            .as_deref()
            .or(announced)
            .unwrap_or(fallback)
            .to_owned();
        if !media_type::is_manifest(&media_type) {
            return Err(Error::Unsupported {
                what: "media type",
                found: excerpt(&media_type),
                hint: "",
            });
        }
        if document.fs_layers.is_some() {
            return Err(invalid("`fsLayers` belongs to schema version 1"));
        }
        if media_type::is_index(&media_type) {
            if document.layers.is_some() || document.config.is_some() {
                return Err(invalid("an index has `layers` or `config`"));
            }
            let manifests = document
                .manifests
                .ok_or_else(|| invalid("an index has no `manifests`"))?;
            return Ok(Self::Index(ImageIndex {
                media_type,
                artifact_type: document.artifact_type,
                manifests,
                subject: document.subject,
                annotations: document.annotations,
            }));
        }
        if is_index {
            return Err(invalid("an image manifest has `manifests`"));
        }
        Ok(Self::Image(ImageManifest {
            media_type,
            artifact_type: document.artifact_type,
            config: document
                .config
                .ok_or_else(|| invalid("an image manifest has no `config`"))?,
            layers: document
                .layers
                .ok_or_else(|| invalid("an image manifest has no `layers`"))?,
            subject: document.subject,
            annotations: document.annotations,
        }))
    }

    /// Returns the manifest's own media type.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Image(image) => &image.media_type,
            Self::Index(index) => &index.media_type,
        }
    }

    /// Returns the manifest that this one refers to.
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image(image) => image.subject.as_ref(),
            Self::Index(index) => index.subject.as_ref(),
        }
    }

    /// Returns the annotations.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Image(image) => &image.annotations,
            Self::Index(index) => &index.annotations,
        }
    }

    /// Returns the kind of artifact as referrers lists show it: `artifactType`, else the configuration's type
    /// (distribution-spec "Listing Referrers").
    pub fn artifact_type(&self) -> Option<&str> {
        match self {
            Self::Image(image) => Some(
                image
                    .artifact_type
                    .as_deref()
                    .unwrap_or(&image.config.media_type),
            ),
            Self::Index(index) => index.artifact_type.as_deref(),
        }
    }
}

impl ImageIndex {
    /// Parses the `index.json` of a layout, where `mediaType` may be missing.
    ///
    /// # Errors
    /// As [`Manifest::parse`]; an image manifest in its place is [`Error::InvalidDocument`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        match Manifest::parse(None, bytes)? {
            Manifest::Index(index) => Ok(index),
            Manifest::Image(_) => Err(Error::InvalidDocument {
                what: "index.json".to_owned(),
                reason: "it is an image manifest, not an index".to_owned(),
            }),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: Option<u64>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    #[serde(default, deserialize_with = "null_is_default")]
    annotations: BTreeMap<String, String>,
    fs_layers: Option<IgnoredAny>,
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: &str = r#"{"mediaType":"t","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}"#;

    fn image(rest: &str) -> String {
        format!(r#"{{"schemaVersion":2,"config":{D},"layers":[{D}]{rest}}}"#)
    }

    #[test]
    fn manifests_and_indexes_parse() {
        let Manifest::Image(parsed) = Manifest::parse(None, image("").as_bytes()).unwrap() else {
            panic!()
        };
        assert_eq!(
            (parsed.media_type.as_str(), parsed.layers.len()),
            (media_type::OCI_MANIFEST, 1)
        );
        let docker =
            Manifest::parse(Some(media_type::DOCKER_MANIFEST), image("").as_bytes()).unwrap();
        assert_eq!(docker.media_type(), media_type::DOCKER_MANIFEST);
        let with_charset = format!("{}; charset=utf-8", media_type::OCI_MANIFEST);
        assert!(Manifest::parse(Some(&with_charset), image("").as_bytes()).is_ok());
        let index =
            format!(r#"{{"schemaVersion":2,"manifests":[{D}],"annotations":null,"subject":{D}}}"#);
        let Manifest::Index(index) = Manifest::parse(None, index.as_bytes()).unwrap() else {
            panic!()
        };
        assert_eq!(index.manifests.len(), 1);
        assert!(index.subject.is_some());
    }

    #[test]
    fn ambiguous_and_faulty_documents_are_refused() {
        let negative = D.replace("\"size\":0", "\"size\":-5");
        let bad_digest = D.replace("sha256:e3", "sha256:zz");
        let both = format!(r#"{{"schemaVersion":2,"config":{D},"layers":[],"manifests":[]}}"#);
        type Case = (&'static str, String, fn(&Error) -> bool);
        let table: [Case; 15] = [
            ("both", both.clone(), |error| {
                matches!(error, Error::InvalidDocument { .. })
            }),
            (
                "duplicate",
                image(r#","layers":[]"#),
                |error| matches!(error, Error::Json { reason, .. } if reason.contains("duplicate key `layers`")),
            ),
            (
                "duplicate annotation",
                image(r#","annotations":{"a":"1","a":"2"}"#),
                |error| matches!(error, Error::Json { reason, .. } if reason.contains("duplicate key `a`")),
            ),
            (
                "escaped duplicate",
                image(r#","lay\u0065rs":[]"#),
                |error| matches!(error, Error::Json { reason, .. } if reason.contains("duplicate key `layers`")),
            ),
            ("case", image(r#","Layers":[]"#), |error| {
                matches!(error, Error::InvalidDocument { .. })
            }),
            (
                "unknown duplicate",
                image(r#","x":[{"y":1,"y":2}]"#),
                |error| matches!(error, Error::Json { .. }),
            ),
            (
                "schema 1",
                r#"{"schemaVersion":1,"fsLayers":[]}"#.to_owned(),
                |error| {
                    matches!(
                        error,
                        Error::Unsupported {
                            what: "manifest schema version",
                            ..
                        }
                    )
                },
            ),
            (
                "no schema",
                format!(r#"{{"config":{D},"layers":[]}}"#),
                |error| matches!(error, Error::InvalidDocument { .. }),
            ),
            ("negative size", image("").replace(D, &negative), |error| {
                matches!(error, Error::Json { .. })
            }),
            ("bad digest", image("").replace(D, &bad_digest), |error| {
                matches!(error, Error::Json { .. })
            }),
            (
                "no config",
                r#"{"schemaVersion":2,"layers":[]}"#.to_owned(),
                |error| matches!(error, Error::InvalidDocument { .. }),
            ),
            (
                "foreign type",
                image(r#","mediaType":"text/html""#),
                |error| {
                    matches!(
                        error,
                        Error::Unsupported {
                            what: "media type",
                            ..
                        }
                    )
                },
            ),
            ("trailing", image("") + "x", |error| {
                matches!(error, Error::Json { .. })
            }),
            ("array", "[]".to_owned(), |error| {
                matches!(error, Error::Json { .. })
            }),
            ("deep", "[".repeat(100_000), |error| {
                matches!(error, Error::Json { .. })
            }),
        ];
        for (name, text, expected) in table {
            let error = Manifest::parse(None, text.as_bytes()).unwrap_err();
            assert!(expected(&error), "{name}: {error:?}");
        }
        let error = Manifest::parse(Some(media_type::OCI_INDEX), image("").as_bytes()).unwrap_err();
        assert!(matches!(error, Error::InvalidDocument { .. }), "{error:?}");
        let typed = image(&format!(r#","mediaType":"{}""#, media_type::OCI_MANIFEST));
        let error =
            Manifest::parse(Some(media_type::DOCKER_MANIFEST), typed.as_bytes()).unwrap_err();
        assert!(
            matches!(error, Error::MediaTypeMismatch { .. }),
            "{error:?}"
        );
        let error = Manifest::parse(None, b"{\"a\":\"\xff\"}").unwrap_err();
        assert!(matches!(error, Error::InvalidDocument { .. }), "{error:?}");
    }

    #[test]
    fn raw_bytes_are_checked_first() {
        let bytes = image("").into_bytes();
        let good = Descriptor::of(media_type::OCI_MANIFEST, &bytes);
        assert_eq!(
            RawManifest::check(good.clone(), bytes.clone())
                .unwrap()
                .bytes,
            bytes
        );
        let short = Descriptor {
            size: good.size - 1,
            ..good.clone()
        };
        let error = RawManifest::check(short, bytes.clone()).unwrap_err();
        assert!(
            matches!(error.reason(), Error::SizeMismatch { .. }),
            "{error:?}"
        );
        let other = Descriptor {
            digest: Digest::sha256(b""),
            ..good
        };
        let error = RawManifest::check(other, bytes).unwrap_err();
        assert!(
            matches!(error.reason(), Error::DigestMismatch { .. }),
            "{error:?}"
        );
    }

    #[test]
    fn layer_types_are_known() {
        for yes in [
            "application/vnd.oci.image.layer.v1.tar",
            "application/vnd.oci.image.layer.v1.tar+zstd",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        ] {
            assert!(media_type::is_layer(yes), "{yes}");
        }
        for no in [
            "application/vnd.in-toto+json",
            "application/vnd.oci.image.layer.v1.tart",
            "",
        ] {
            assert!(!media_type::is_layer(no), "{no}");
        }
    }
}
