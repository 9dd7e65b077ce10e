//! The configuration of an image (image-spec `config.md`), as far as it is used.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::json::{Strictness, parse_json};
use super::null_is_default;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::platform::Platform;

/// Holds what is used of an image's configuration (image-spec `config.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageConfig {
    /// Processor.
    pub architecture: String,
    /// Operating system.
    pub os: String,
    /// Processor variant.
    pub variant: Option<String>,
    /// Operating system version.
    pub os_version: Option<String>,
    /// When the image was made, RFC 3339, as written.
    pub created: Option<String>,
    /// User the image's process runs as (`config.User`), as written.
    pub user: Option<String>,
    /// Digests of the decompressed layers, lowest first.
    pub diff_ids: Vec<Digest>,
    /// Build steps, oldest first.
    pub history: Vec<History>,
    /// Labels (`config.Labels`).
    pub labels: BTreeMap<String, String>,
}

/// Holds one build step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct History {
    /// Command that made the layer.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Whether the step made no layer.
    #[serde(default, deserialize_with = "null_is_default")]
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Parses a configuration.
    ///
    /// # Errors
    /// [`Error::Json`]; [`Error::InvalidDocument`] when it has no `rootfs`.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let document: ConfigDocument = parse_json("image configuration", bytes, Strictness::Other)?;
        let rootfs = document.rootfs.ok_or_else(|| Error::InvalidDocument {
            what: "image configuration".to_owned(),
            reason: "it has no `rootfs`".to_owned(),
        })?;
        let run = document.config.unwrap_or_default();
        Ok(Self {
            architecture: document.architecture,
            os: document.os,
            variant: document.variant,
            os_version: document.os_version,
            created: document.created,
            user: run.user,
            diff_ids: rootfs.diff_ids,
            history: document.history,
            labels: run.labels,
        })
    }

    /// Returns the configuration of something that has none, such as a directory.
    pub(crate) fn empty() -> Self {
        Self {
            architecture: String::new(),
            os: String::new(),
            variant: None,
            os_version: None,
            created: None,
            user: None,
            diff_ids: Vec::new(),
            history: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    /// Returns the platform that the configuration states.
    pub fn platform(&self) -> Platform {
        Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone(),
            os_version: self.os_version.clone(),
            os_features: None,
        }
    }
}

#[derive(Deserialize)]
struct ConfigDocument {
    #[serde(default, deserialize_with = "null_is_default")]
    architecture: String,
    #[serde(default, deserialize_with = "null_is_default")]
    os: String,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    created: Option<String>,
    config: Option<RunDocument>,
    rootfs: Option<RootfsDocument>,
    #[serde(default, deserialize_with = "null_is_default")]
    history: Vec<History>,
}

#[derive(Default, Deserialize)]
struct RunDocument {
    #[serde(rename = "User")]
    user: Option<String>,
    #[serde(rename = "Labels", default, deserialize_with = "null_is_default")]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RootfsDocument {
    #[serde(default, deserialize_with = "null_is_default")]
    diff_ids: Vec<Digest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_parse_with_nulls() {
        let text = r#"{"architecture":"arm64","os":"linux","variant":"v8","config":{"User":"65532","Labels":null},
            "rootfs":{"type":"layers","diff_ids":null},"history":[{"created_by":"x"},{"empty_layer":true}]}"#;
        let config = ImageConfig::parse(text.as_bytes()).unwrap();
        assert_eq!(config.user.as_deref(), Some("65532"));
        assert_eq!(config.platform().to_string(), "linux/arm64/v8");
        assert!(config.history[1].empty_layer);
        let error = ImageConfig::parse(b"{}").unwrap_err();
        assert!(matches!(error, Error::InvalidDocument { .. }), "{error:?}");
    }
}
