//! What a registry keeps: repositories with their blobs, manifests, tags and open uploads.
//!
//! It checks digests, nothing else; the protocol is elsewhere.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha512};

use crate::keys::sha256;

/// A stored manifest with the media type that it was pushed under.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

impl Manifest {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Repository {
    pub(crate) blobs: BTreeMap<String, Bytes>,
    pub(crate) manifests: BTreeMap<String, Manifest>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) uploads: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// Returns the digest that a tag or digest stands for, if a manifest is there.
    pub(crate) fn resolve(&self, reference: &str) -> Option<String> {
        let digest = if reference.contains(':') {
            reference
        } else {
            self.tags.get(reference)?
        };
        self.manifests
            .contains_key(digest)
            .then(|| digest.to_owned())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) next_upload: u64,
}

impl Store {
    pub(crate) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
}

/// Returns whether bytes have a digest; `None` where the digest is none that the registry knows.
pub(crate) fn matches(digest: &str, bytes: &[u8]) -> Option<bool> {
    let (algorithm, encoded) = digest.split_once(':')?;
    let lower_hex = |length: usize| {
        encoded.len() == length
            && encoded
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match algorithm {
        "sha256" if lower_hex(64) => Some(hex::encode(sha256(bytes)) == encoded),
        "sha512" if lower_hex(128) => Some(hex::encode(Sha512::digest(bytes)) == encoded),
        _ => None,
    }
}

/// Returns the sha256 digest of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha256(bytes)))
}
