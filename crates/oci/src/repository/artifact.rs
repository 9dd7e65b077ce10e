//! Manifests that carry evidence: one payload, an empty configuration, a subject.
//!
//! Specification: image-spec `manifest.md` "Guidelines for Artifact Usage"; the same form as cosign's `BUNDLE_SPEC.md`.
//! Bytes are stable: the same input gives the same digest, so writing twice writes once.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::{Descriptor, media_type};

/// Content of the empty descriptor.
const EMPTY: &[u8] = b"{}";

/// One piece of evidence to store beside a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Kind of artifact, which is also the payload's media type.
    pub artifact_type: String,
    /// Annotations of the manifest; lists of referrers repeat them.
    pub annotations: BTreeMap<String, String>,
    /// The evidence itself.
    pub payload: Vec<u8>,
}

/// Forms of the manifest, from the specification's to the one that every registry takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rung {
    ArtifactType,
    ConfigType,
    ImageConfig,
}

impl Rung {
    pub(super) const ALL: [Self; 3] = [Self::ArtifactType, Self::ConfigType, Self::ImageConfig];

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::ArtifactType => "an artifact",
            Self::ConfigType => "an image with the artifact's type in its configuration",
            Self::ImageConfig => "an image with an empty configuration",
        }
    }
}

// Fields in the order of their names, so that the written keys are sorted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'a str>,
    config: Pointer<'a>,
    layers: [Pointer<'a>; 1],
    media_type: &'a str,
    schema_version: u8,
    subject: Pointer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pointer<'a> {
    digest: &'a Digest,
    media_type: &'a str,
    size: u64,
}

impl<'a> Pointer<'a> {
    fn new(descriptor: &'a Descriptor) -> Self {
        Self {
            digest: &descriptor.digest,
            media_type: &descriptor.media_type,
            size: descriptor.size,
        }
    }
}

impl Artifact {
    /// The two blobs that the manifest names.
    pub(super) fn blobs(&self) -> [(Descriptor, &[u8]); 2] {
        [
            (
                Descriptor::of(&self.artifact_type, &self.payload),
                &self.payload,
            ),
            (Descriptor::of(media_type::EMPTY, EMPTY), EMPTY),
        ]
    }

    pub(super) fn manifest(&self, subject: &Descriptor, rung: Rung) -> Result<Vec<u8>> {
        let config_type = match rung {
            Rung::ArtifactType => media_type::EMPTY,
            Rung::ConfigType => &self.artifact_type,
            Rung::ImageConfig => media_type::OCI_CONFIG,
        };
        let config = Descriptor::of(config_type, EMPTY);
        let layer = Descriptor::of(&self.artifact_type, &self.payload);
        let document = Document {
            annotations: &self.annotations,
            artifact_type: (rung == Rung::ArtifactType).then_some(self.artifact_type.as_str()),
            config: Pointer::new(&config),
            layers: [Pointer::new(&layer)],
            media_type: media_type::OCI_MANIFEST,
            schema_version: 2,
            subject: Pointer::new(subject),
        };
        serde_json::to_vec(&document).map_err(|error| Error::InvalidDocument {
            what: "manifest".to_owned(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn artifact() -> Artifact {
        Artifact {
            artifact_type: "application/x".to_owned(),
            annotations: BTreeMap::from([
                ("b".to_owned(), "2".to_owned()),
                ("a".to_owned(), "1".to_owned()),
            ]),
            payload: b"payload".to_vec(),
        }
    }

    #[test]
    fn the_manifest_is_the_specified_one() {
        let subject = Descriptor::of(media_type::OCI_INDEX, b"subject");
        let text =
            String::from_utf8(artifact().manifest(&subject, Rung::ArtifactType).unwrap()).unwrap();
        let expected = format!(
            concat!(
                r#"{{"annotations":{{"a":"1","b":"2"}},"artifactType":"application/x","#,
                r#""config":{{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","mediaType":"application/vnd.oci.empty.v1+json","size":2}},"#,
                r#""layers":[{{"digest":"{}","mediaType":"application/x","size":7}}],"#,
                r#""mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2,"#,
                r#""subject":{{"digest":"{}","mediaType":"application/vnd.oci.image.index.v1+json","size":7}}}}"#
            ),
            Digest::sha256(b"payload"),
            subject.digest
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn every_form_says_what_it_is() {
        let subject = Descriptor::of(media_type::OCI_MANIFEST, b"subject");
        for (rung, expected) in [
            (Rung::ArtifactType, "application/x"),
            (Rung::ConfigType, "application/x"),
            (Rung::ImageConfig, media_type::OCI_CONFIG),
        ] {
            let bytes = artifact().manifest(&subject, rung).unwrap();
            let manifest = Manifest::parse(None, &bytes).unwrap();
            assert_eq!(manifest.artifact_type(), Some(expected));
            assert_eq!(manifest.subject().unwrap().digest, subject.digest);
        }
    }
}
