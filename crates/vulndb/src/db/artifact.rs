//! A database as one OCI artifact: its manifest is the configuration, each segment a layer, packed.
//!
//! | part | media type |
//! |---|---|
//! | artifact type | `application/vnd.toolkit.vulndb.v1` |
//! | configuration | `application/vnd.toolkit.vulndb.manifest.v1+json`: the manifest, byte for byte |
//! | a layer | `application/vnd.toolkit.vulndb.KIND.v1+zstd`, in the order in which the manifest names the segments |
//!
//! The descriptor of a layer names the packed bytes, the manifest the unpacked ones; a signature over the artifact's manifest therefore covers
//! both. What is packed here depends on the release of zstd, what is unpacked does not.
//! Specification: image-spec `manifest.md`, "Guidelines for Artifact Usage".

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::Serialize;
use toolkit_oci::{Descriptor, Manifest as OciManifest, RawManifest, media_type};

use super::manifest::{Kind, Manifest, SegmentRef};
use super::store::{Error, Opened};

/// The kind of artifact.
pub const ARTIFACT_TYPE: &str = "application/vnd.toolkit.vulndb.v1";
/// The media type of the configuration.
pub const MANIFEST_TYPE: &str = "application/vnd.toolkit.vulndb.manifest.v1+json";
const CREATED: &str = "org.opencontainers.image.created";
/// A decoder is given no larger window: zstd's own default (`windowLogMax` 27).
const WINDOW_LOG: u32 = 27;

/// Is a database, packed for transport.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The bytes of the artifact's manifest.
    pub manifest: Vec<u8>,
    /// The blobs that it names: the configuration, then the layers.
    pub blobs: Vec<(Descriptor, Vec<u8>)>,
}

// Fields in the order of their names, so that the written keys are sorted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    annotations: BTreeMap<&'static str, String>,
    artifact_type: &'a str,
    config: &'a Descriptor,
    layers: Vec<&'a Descriptor>,
    media_type: &'a str,
    schema_version: u8,
}

/// Returns the media type of a layer.
fn layer_type(kind: Kind) -> String {
    format!("application/vnd.toolkit.vulndb.{kind}.v1+zstd")
}

/// What level pays off: the details are packed by the block already.
fn level(kind: Kind) -> i32 {
    match kind {
        Kind::Details | Kind::DeltaDetails => 3,
        _ => 19,
    }
}

impl Opened {
    /// Packs the database; every segment is hashed on the way.
    ///
    /// # Errors
    ///
    /// [`Error`] where a segment cannot be read or is another.
    pub fn pack(&self) -> Result<Packed, Error> {
        let manifest = self.manifest_bytes()?;
        let mut blobs = vec![(Descriptor::of(MANIFEST_TYPE, &manifest), manifest)];
        for segment in &self.manifest.segments {
            let bytes = self.segment_bytes(segment)?;
            let packed =
                zstd::bulk::compress(&bytes, level(segment.kind)).map_err(Error::Source)?;
            blobs.push((Descriptor::of(&layer_type(segment.kind), &packed), packed));
        }
        let mut descriptors = blobs.iter().map(|(descriptor, _)| descriptor);
        let Some(config) = descriptors.next() else {
            // The manifest was pushed first.
            return Err(Error::NotOurs);
        };
        let created = self.manifest.created.strftime("%Y-%m-%dT%H:%M:%SZ");
        let document = Document {
            annotations: BTreeMap::from([(CREATED, created.to_string())]),
            artifact_type: ARTIFACT_TYPE,
            config,
            layers: descriptors.collect(),
            media_type: media_type::OCI_MANIFEST,
            schema_version: 2,
        };
        let manifest = serde_json::to_vec(&document).map_err(Error::Manifest)?;
        Ok(Packed { manifest, blobs })
    }
}

/// Returns the descriptor of the database's manifest in an artifact.
///
/// # Errors
///
/// [`Error::NotOurs`] for anything else than a database.
pub fn configuration(artifact: &RawManifest) -> Result<&Descriptor, Error> {
    match &artifact.manifest {
        OciManifest::Image(image)
            if image.artifact_type.as_deref() == Some(ARTIFACT_TYPE)
                && image.config.media_type == MANIFEST_TYPE =>
        {
            Ok(&image.config)
        }
        _ => Err(Error::NotOurs),
    }
}

/// Returns the layer of each segment.
///
/// # Errors
///
/// [`Error::NotOurs`], and [`Error::Layers`] where layers and segments do not belong together.
pub fn layers(
    artifact: &RawManifest,
    manifest: &Manifest,
) -> Result<Vec<(SegmentRef, Descriptor)>, Error> {
    let OciManifest::Image(image) = &artifact.manifest else {
        return Err(Error::NotOurs);
    };
    let fits = image.layers.len() == manifest.segments.len()
        && manifest
            .segments
            .iter()
            .zip(&image.layers)
            .all(|(segment, layer)| layer.media_type == layer_type(segment.kind));
    if !fits {
        return Err(Error::Layers {
            segments: manifest.segments.len(),
            layers: image.layers.len(),
        });
    }
    Ok(manifest
        .segments
        .iter()
        .cloned()
        .zip(image.layers.iter().cloned())
        .collect())
}

/// Unpacks a layer while it is read.
///
/// # Errors
///
/// [`Error::Source`] where no decoder can be made.
pub fn unpack<'a>(packed: impl Read + 'a) -> Result<impl Read + 'a, Error> {
    let make = || -> io::Result<_> {
        let mut decoder = zstd::stream::read::Decoder::new(packed)?;
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(decoder)
    };
    make().map_err(Error::Source)
}
