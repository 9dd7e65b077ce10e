//! Writes built images as an OCI image layout (OCI image-spec v1.1, `image-layout.md`).

use std::path::Path;

use fs_err as fs;
use serde_json::{Value, json};

use super::build::Built;
use crate::error::{Error, Result};

impl Built {
    /// Writes the image into a layout directory, which is made where it is missing; `tag` names it in `index.json`.
    ///
    /// An image that is there already stays; one of the same tag loses it.
    ///
    /// # Errors
    /// [`Error::Image`] where a file cannot be written or `index.json` is not what it should be.
    pub fn write_layout(&self, directory: &Path, tag: Option<&str>) -> Result<()> {
        fs::create_dir_all(directory.join("blobs/sha256")).map_err(Error::Image)?;
        self.write_blobs(directory)?;
        fs::write(
            directory.join("oci-layout"),
            "{\"imageLayoutVersion\":\"1.0.0\"}",
        )
        .map_err(Error::Image)?;
        let path = directory.join("index.json");
        let mut entries = match fs::read(&path) {
            Ok(bytes) => {
                let index: Value =
                    serde_json::from_slice(&bytes).map_err(|error| Error::Image(error.into()))?;
                index
                    .get("manifests")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default()
            }
            Err(_) => Vec::new(),
        };
        const NAME: &str = "org.opencontainers.image.ref.name";
        entries.retain(|entry| {
            tag.is_none()
                || entry
                    .pointer("/annotations")
                    .and_then(|all| all.get(NAME))
                    .and_then(Value::as_str)
                    != tag
        });
        let mut entry = json!({"mediaType": self.media_type(), "digest": self.digest(), "size": self.bytes().len()});
        if let Some(tag) = tag {
            entry["annotations"] = json!({ NAME: tag });
        }
        entries.push(entry);
        let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries});
        fs::write(path, index.to_string()).map_err(Error::Image)
    }

    fn write_blobs(&self, directory: &Path) -> Result<()> {
        let own = std::iter::once((self.digest(), self.bytes()));
        for (digest, bytes) in own.chain(
            self.blobs()
                .iter()
                .map(|(digest, bytes)| (digest.as_str(), bytes.as_slice())),
        ) {
            fs::write(
                directory.join("blobs").join(digest.replacen(':', "/", 1)),
                bytes,
            )
            .map_err(Error::Image)?;
        }
        self.children()
            .iter()
            .try_for_each(|child| child.write_blobs(directory))
    }
}
