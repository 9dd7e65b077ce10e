//! Describes what was read: makes a subject from a target and the image that it led to.

use jiff::Timestamp;
use toolkit_oci::{Digest, Image, ImageIndex, Manifest, RawManifest, Target};

use super::subject::{Base, Layer, Subject, SubjectKind};

/// Annotation with the name of the base image (image-spec `annotations.md`).
const BASE_NAME: &str = "org.opencontainers.image.base.name";
/// Annotation with the digest of the base image (image-spec `annotations.md`).
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

impl Subject {
    /// Describes the image that was opened for a target.
    ///
    /// A reference gives name, repository and tag; a path gives its last part as name, so that the document does not say where on a
    /// disk it was made. Times, platform and layers are those of the image itself.
    #[must_use]
    pub fn of(target: &Target, image: &Image) -> Self {
        let kind = match target {
            Target::Directory(_) => SubjectKind::Directory,
            Target::File(_) => SubjectKind::File,
            _ => SubjectKind::Image,
        };
        let mut subject = match target {
            Target::Registry(reference) => Self {
                tag: reference.tag().map(str::to_owned),
                repository: Some(reference.name()),
                ..Self::new(kind, &reference.name())
            },
            other => Self::new(kind, &last_part(other)),
        };
        if kind != SubjectKind::Image {
            return subject;
        }
        subject.manifest = image.manifest_digest().cloned();
        subject.index = image.index().map(|descriptor| descriptor.digest.clone());
        subject.platform = Some(image.platform().to_string());
        subject.layers = image
            .layers()
            .iter()
            .map(|layer| Layer {
                digest: layer
                    .descriptor
                    .as_ref()
                    .map(|descriptor| descriptor.digest.clone()),
                diff_id: layer.diff_id.clone(),
                created_by: layer.created_by.clone(),
            })
            .collect();
        subject.base = image.manifest().and_then(base);
        subject.created = image
            .config()
            .created
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        subject
    }
}

/// Returns the last part of a local target's path; a path that ends in `..` or has no parts has none.
fn last_part(target: &Target) -> String {
    let name = target.path().and_then(|path| path.file_name());
    name.map_or_else(
        || ".".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn base(manifest: &RawManifest) -> Option<Base> {
    let annotations = match &manifest.manifest {
        Manifest::Image(image) => &image.annotations,
        Manifest::Index(ImageIndex { annotations, .. }) => annotations,
    };
    let name = annotations.get(BASE_NAME).cloned();
    let digest = annotations
        .get(BASE_DIGEST)
        .and_then(|text| Digest::parse(text).ok());
    (name.is_some() || digest.is_some()).then_some(Base { name, digest })
}
