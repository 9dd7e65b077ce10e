//! Images and indexes from layers (OCI image-spec v1.1, `config.md`, `manifest.md`, `image-index.md`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::layer::Layer;
use crate::{canonical, error::Result, keys::sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// An image of one platform.
#[derive(Clone, Debug)]
pub struct Image {
    os: String,
    architecture: String,
    variant: Option<String>,
    user: Option<String>,
    created: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    layers: Vec<Layer>,
    /// Steps without a layer, each with the number of layers below it.
    steps: Vec<(usize, String)>,
}

impl Image {
    /// Begins an image for a platform, such as `linux` and `amd64`.
    pub fn new(os: &str, architecture: &str) -> Self {
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
            user: None,
            created: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            layers: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Sets the platform's variant, such as `v8`.
    #[must_use]
    pub fn variant(mut self, variant: &str) -> Self {
        self.variant = Some(variant.to_owned());
        self
    }

    /// Sets the user that the image runs as.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Sets the time of creation, RFC 3339.
    #[must_use]
    pub fn created(mut self, time: &str) -> Self {
        self.created = Some(time.to_owned());
        self
    }

    /// Adds a label to the configuration.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds an annotation to the manifest.
    #[must_use]
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a layer on top.
    #[must_use]
    pub fn layer(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Says in the history that a command came here that made no layer, such as `CMD ["sh"]`.
    #[must_use]
    pub fn step(mut self, command: &str) -> Self {
        self.steps.push((self.layers.len(), command.to_owned()));
        self
    }

    /// Builds the image.
    ///
    /// # Errors
    /// [`crate::Error::Image`] where a layer cannot be built.
    pub fn build(&self) -> Result<Built> {
        let mut blobs = BTreeMap::new();
        let (mut layers, mut diff_ids, mut history) = (Vec::new(), Vec::new(), Vec::new());
        let steps = |below: usize| {
            let here = self.steps.iter().filter(move |(at, _)| *at == below);
            here.map(|(_, command)| json!({"created_by": command, "empty_layer": true}))
        };
        for (below, layer) in self.layers.iter().enumerate() {
            history.extend(steps(below));
            let tar = layer.tar()?;
            diff_ids.push(digest(&tar));
            let bytes = layer.compress(&tar)?;
            layers.push(json!({"mediaType": layer.compression().media_type(), "digest": digest(&bytes), "size": bytes.len()}));
            history.push(json!({"created_by": layer.command().unwrap_or("toolkit lab")}));
            blobs.insert(digest(&bytes), bytes);
        }
        history.extend(steps(self.layers.len()));
        let mut run = Map::new();
        if let Some(user) = &self.user {
            run.insert("User".to_owned(), user.as_str().into());
        }
        if !self.labels.is_empty() {
            run.insert("Labels".to_owned(), json!(self.labels));
        }
        let mut config = json!({
            "os": self.os, "architecture": self.architecture, "config": run,
            "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history,
        });
        for (name, value) in [("variant", &self.variant), ("created", &self.created)] {
            if let Some(value) = value {
                config[name] = value.as_str().into();
            }
        }
        let config = canonical::to_string(&config).into_bytes();
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest(&config), "size": config.len()}, "layers": layers,
        });
        if !self.annotations.is_empty() {
            manifest["annotations"] = json!(self.annotations);
        }
        blobs.insert(digest(&config), config);
        let mut platform = json!({"os": self.os, "architecture": self.architecture});
        if let Some(variant) = &self.variant {
            platform["variant"] = variant.as_str().into();
        }
        Ok(Built::new(
            MANIFEST,
            canonical::to_string(&manifest).into_bytes(),
            blobs,
            Vec::new(),
            Some(platform),
        ))
    }
}

/// An index of images, or of indexes.
#[derive(Clone, Debug, Default)]
pub struct Index {
    entries: Vec<(Value, Built)>,
    annotations: BTreeMap<String, String>,
}

impl Index {
    /// Begins an empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an image or index, with its platform if it has one.
    #[must_use]
    pub fn image(mut self, built: Built) -> Self {
        let mut descriptor = json!({"mediaType": built.media_type, "digest": built.digest, "size": built.bytes.len()});
        if let Some(platform) = &built.platform {
            descriptor["platform"] = platform.clone();
        }
        self.entries.push((descriptor, built));
        self
    }

    /// Adds an annotation to the index.
    #[must_use]
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Builds the index.
    pub fn build(&self) -> Built {
        let entries: Vec<&Value> = self
            .entries
            .iter()
            .map(|(descriptor, _)| descriptor)
            .collect();
        let mut index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        if !self.annotations.is_empty() {
            index["annotations"] = json!(self.annotations);
        }
        let children = self
            .entries
            .iter()
            .map(|(_, built)| built.clone())
            .collect();
        Built::new(
            INDEX,
            canonical::to_string(&index).into_bytes(),
            BTreeMap::new(),
            children,
            None,
        )
    }
}

/// A built image or index with everything below it.
#[derive(Clone, Debug)]
pub struct Built {
    media_type: String,
    digest: String,
    bytes: Vec<u8>,
    blobs: BTreeMap<String, Vec<u8>>,
    children: Vec<Self>,
    platform: Option<Value>,
}

impl Built {
    fn new(
        media_type: &str,
        bytes: Vec<u8>,
        blobs: BTreeMap<String, Vec<u8>>,
        children: Vec<Self>,
        platform: Option<Value>,
    ) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: digest(&bytes),
            bytes,
            blobs,
            children,
            platform,
        }
    }

    /// Returns the manifest's digest, `sha256:…`.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the manifest's media type.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Returns the manifest's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns its own blobs by digest: layers and configuration.
    pub fn blobs(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.blobs
    }

    /// Returns the images of an index.
    pub fn children(&self) -> &[Self] {
        &self.children
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha256(bytes)))
}
