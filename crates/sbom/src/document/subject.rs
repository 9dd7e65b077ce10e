//! What a bill of materials describes: an image with its layers, a directory, or a file.

use jiff::Timestamp;
use toolkit_oci::Digest;

use crate::purl::Purl;

/// Tells what kind of thing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// A container image.
    Image,
    /// A directory tree.
    Directory,
    /// One file.
    File,
}

/// Names the thing that a document describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Whether it is an image.
    pub kind: SubjectKind,
    /// What people call it: `registry/repository` of a reference, else the last part of the path.
    pub name: String,
    /// The tag under which it was named.
    pub tag: Option<String>,
    /// `registry/repository`, where the image came from a registry.
    pub repository: Option<String>,
    /// The digest of the platform's manifest; without one the document names no image.
    pub manifest: Option<Digest>,
    /// The digest of the index that lists the manifest.
    pub index: Option<Digest>,
    /// The platform, as `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// The layers from the lowest up.
    pub layers: Vec<Layer>,
    /// The image it was built on, as its annotations state.
    pub base: Option<Base>,
    /// How many of the lowest layers are the base's, as the image's history suggests; nothing proves it.
    pub base_layers: Option<usize>,
    /// The time in the image's configuration.
    pub created: Option<Timestamp>,
}

impl Subject {
    /// Makes a subject of which nothing but kind and name is known.
    #[must_use]
    pub fn new(kind: SubjectKind, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            tag: None,
            repository: None,
            manifest: None,
            index: None,
            platform: None,
            layers: Vec::new(),
            base: None,
            base_layers: None,
            created: None,
        }
    }

    /// Returns the package URL of an image: type `oci`, the manifest's digest as version, and the qualifiers `arch`,
    /// `repository_url` and `tag` (purl-spec, type definition `oci`).
    ///
    /// There is none without a digest: the type demands one.
    #[must_use]
    pub fn purl(&self) -> Option<Purl> {
        let digest = self.manifest.as_ref()?.to_string();
        let named = self.repository.as_ref().unwrap_or(&self.name);
        let name = named.rsplit('/').next()?.to_lowercase();
        let architecture = self.platform.as_ref().and_then(|p| p.split('/').nth(1));
        Purl::builder("oci", &name)
            .version(Some(&digest))
            .qualifier("arch", architecture)
            .qualifier("repository_url", self.repository.as_deref())
            .qualifier("tag", self.tag.as_deref())
            .build()
            .ok()
    }
}

/// Is one layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The digest of the blob, compressed as it is stored; absent where the source stores no blobs.
    pub digest: Option<Digest>,
    /// The digest of the uncompressed layer.
    pub diff_id: Option<Digest>,
    /// The build step that made it, from the image's history.
    pub created_by: Option<String>,
}

/// Is the image that another was built on (image-spec `annotations.md`, `org.opencontainers.image.base.*`).
///
/// It repeats what the annotations state; nothing checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// `org.opencontainers.image.base.name`.
    pub name: Option<String>,
    /// `org.opencontainers.image.base.digest`.
    pub digest: Option<Digest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purl_names_the_manifest() {
        let digest = Digest::sha256(b"manifest");
        let mut subject = Subject::new(SubjectKind::Image, "registry.example/acme/Widget");
        assert_eq!(subject.purl(), None);
        subject.manifest = Some(digest.clone());
        subject.repository = Some("registry.example/acme/widget".to_owned());
        subject.platform = Some("linux/arm64/v8".to_owned());
        subject.tag = Some("1.0".to_owned());
        let purl = subject.purl().expect("a purl");
        assert_eq!(
            (purl.ty(), purl.name(), purl.version()),
            ("oci", "widget", Some(digest.to_string().as_str()))
        );
        assert_eq!(
            purl.qualifier("repository_url"),
            Some("registry.example/acme/widget")
        );
        assert_eq!(
            (purl.qualifier("arch"), purl.qualifier("tag")),
            (Some("arm64"), Some("1.0"))
        );
    }
}
