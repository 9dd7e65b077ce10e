//! Describes what was read: makes a subject from a target and the image that it led to.

use jiff::Timestamp;
use toolkit_oci::{Digest, History, Image, ImageIndex, Manifest, RawManifest, Target};

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
        subject.base_layers = base_layers(&image.config().history, subject.layers.len());
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

/// Counts the layers below the last `CMD` that comes before the image's own steps: an image that others are built on ends with one, and the image's own
/// comes after its last layer. Nothing where the history has not one step a layer, or no such `CMD`.
fn base_layers(history: &[History], layers: usize) -> Option<usize> {
    if history.iter().filter(|step| !step.empty_layer).count() != layers {
        return None;
    }
    let own = history.iter().rposition(|step| !step.empty_layer)?;
    let end = history
        .get(..own)?
        .iter()
        .rposition(|step| step.empty_layer && is_command(step.created_by.as_deref()))?;
    let below = history.get(..end)?.iter();
    let count = below.filter(|step| !step.empty_layer).count();
    (count > 0).then_some(count)
}

/// Tells whether a step sets the command: as BuildKit writes it, or as the builder before it did.
fn is_command(created_by: Option<&str>) -> bool {
    created_by.is_some_and(|text| {
        let text = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text);
        text.trim_start().starts_with("CMD ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_ends_with_its_command() {
        for (steps, layers, expected) in [
            (&["L", "CMD [\"sh\"]", "L", "CMD [\"app\"]"][..], 2, Some(1)),
            (
                &["L", "/bin/sh -c #(nop)  CMD [\"sh\"]", "ENV a=b", "L", "L"],
                3,
                Some(1),
            ),
            (&["L", "CMD a", "L", "CMD b", "L", "CMD c"], 3, Some(2)),
            (&["L", "CMD [\"sh\"]"], 1, None),
            (&["L", "ENV a=b", "L"], 2, None),
            (&["CMD a", "L"], 1, None),
            (&["L", "CMD a", "L"], 3, None),
            (&["L", "RUN echo CMD a", "L"], 2, None),
            (&[], 0, None),
        ] {
            let history: Vec<History> = steps
                .iter()
                .map(|step| History {
                    created_by: Some((*step).to_owned()),
                    empty_layer: *step != "L",
                })
                .collect();
            assert_eq!(base_layers(&history, layers), expected, "{steps:?}");
        }
    }
}
