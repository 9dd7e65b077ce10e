//! OCI layouts written by hand, right ones and ones that are wrong in one respect (OCI image-spec v1.1, `image-layout.md`).

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use toolkit_oci::Digest;

/// The media types that the layouts use.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const TAR_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// A layout in a temporary directory.
pub(crate) struct Layout {
    directory: tempfile::TempDir,
}

impl Layout {
    /// Begins a layout without an entry.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let layout = Self { directory };
        fs_err::create_dir_all(layout.path().join("blobs/sha256")).expect("the blobs' directory");
        fs_err::write(
            layout.path().join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .expect("the marker");
        layout
    }

    /// Writes a layout with one image of these layers, each as tar and media type, and returns it with the image's descriptor.
    pub(crate) fn of(layers: &[(&[u8], &str)], diff_ids: &[String]) -> (Self, Value) {
        let layout = Self::new();
        let image = layout.image(layers, diff_ids);
        layout.list(std::slice::from_ref(&image));
        (layout, image)
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Names the layout as a user does.
    pub(crate) fn target(&self) -> String {
        format!("oci-dir:{}", self.path().display())
    }

    /// Returns the file of a blob.
    pub(crate) fn file(&self, descriptor: &Value) -> PathBuf {
        let digest = descriptor["digest"].as_str().expect("a digest");
        self.path().join("blobs").join(digest.replacen(':', "/", 1))
    }

    /// Stores a blob and describes it.
    pub(crate) fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let descriptor =
            json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()});
        fs_err::write(self.file(&descriptor), bytes).expect("the blob");
        descriptor
    }

    /// Stores an image for linux/amd64 with a user and describes it.
    pub(crate) fn image(&self, layers: &[(&[u8], &str)], diff_ids: &[String]) -> Value {
        let config = json!({"os": "linux", "architecture": "amd64", "config": {"User": "1000"}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        let layers: Vec<Value> = layers
            .iter()
            .map(|(bytes, media_type)| self.blob(media_type, bytes))
            .collect();
        self.document(
            MANIFEST,
            &json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}),
        )
    }

    /// Stores an index and describes it.
    pub(crate) fn index(&self, entries: &[Value]) -> Value {
        self.document(
            INDEX,
            &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}),
        )
    }

    /// Stores a manifest of any kind and describes it.
    pub(crate) fn document(&self, media_type: &str, document: &Value) -> Value {
        self.blob(media_type, document.to_string().as_bytes())
    }

    /// Reads a stored document.
    pub(crate) fn read(&self, descriptor: &Value) -> Value {
        serde_json::from_slice(&fs_err::read(self.file(descriptor)).expect("the blob"))
            .expect("JSON")
    }

    /// Lists the entries of the layout.
    pub(crate) fn list(&self, entries: &[Value]) {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        fs_err::write(self.path().join("index.json"), index.to_string()).expect("the index");
    }

    /// Reads the entries of the layout.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let index = fs_err::read(self.path().join("index.json")).expect("the index");
        let index: Value = serde_json::from_slice(&index).expect("JSON");
        index["manifests"].as_array().expect("a list").clone()
    }
}

/// Returns `sha256:…` of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Digest::sha256(bytes).to_string()
}
