//! Facts that no standard has a field for, as names and values; both standards carry them, each in its own place.
//!
//! With them and the package URL a later scan of the document knows what a scan of the image knows: distribution, source
//! package, module stream, layer, owner. Names are under `toolkit:`.

use std::borrow::Cow;

use crate::{
    Distro, Document, Location, Package,
    document::{Layer, Subject},
};

/// Is a name without its prefix, and a value.
pub(super) type Fact<'a> = (Cow<'static, str>, Cow<'a, str>);

/// The prefix of every name.
pub(super) const PREFIX: &str = "toolkit:";

/// Names how many of the lowest layers are the base's.
pub(super) const BASE_LAYERS: &str = "image:base:layers";

/// Begins a line that says where a package was found, in formats that have no field for it.
pub(super) const FOUND: &str = "found: ";

/// Lists what is known of the subject and its layers.
pub(super) fn subject(subject: &Subject) -> Vec<Fact<'_>> {
    let mut facts = Facts::default();
    facts.add("image:manifestDigest", shown(&subject.manifest));
    facts.add("image:indexDigest", shown(&subject.index));
    facts.add("image:platform", borrowed(&subject.platform));
    facts.add("image:tag", borrowed(&subject.tag));
    facts.add(BASE_LAYERS, shown(&subject.base_layers));
    for (index, layer) in subject.layers.iter().enumerate() {
        facts.add(format!("image:layer:{index}:digest"), shown(&layer.digest));
        facts.add(format!("image:layer:{index}:diffId"), shown(&layer.diff_id));
        facts.add(
            format!("image:layer:{index}:createdBy"),
            borrowed(&layer.created_by),
        );
    }
    facts.0
}

/// Lists the fields of `os-release`.
pub(super) fn distro(distro: &Distro) -> Vec<Fact<'_>> {
    let mut facts = Facts::default();
    facts.add("distro:id", Some(Cow::Borrowed(distro.id.as_str())));
    for like in &distro.id_like {
        facts.add("distro:idLike", Some(Cow::Borrowed(like.as_str())));
    }
    facts.add("distro:name", borrowed(&distro.name));
    facts.add("distro:prettyName", borrowed(&distro.pretty_name));
    facts.add("distro:version", borrowed(&distro.version));
    facts.add("distro:versionId", borrowed(&distro.version_id));
    facts.add("distro:versionCodename", borrowed(&distro.version_codename));
    facts.add("distro:variantId", borrowed(&distro.variant_id));
    facts.add("distro:buildId", borrowed(&distro.build_id));
    facts.add("distro:cpeName", borrowed(&distro.cpe_name));
    facts.0
}

/// Lists what is known of a package beyond the standards' fields.
pub(super) fn package<'a>(document: &'a Document, package: &'a Package) -> Vec<Fact<'a>> {
    let mut facts = Facts::default();
    if let Some((index, layer)) = document.layer_of(package) {
        facts.add("layer:index", Some(Cow::Owned(index.to_string())));
        facts.add("layer:digest", shown(&layer.digest));
        facts.add("layer:diffId", shown(&layer.diff_id));
    }
    facts.add("package:architecture", borrowed(&package.architecture));
    if let Some(source) = &package.source {
        facts.add("source:name", Some(Cow::Borrowed(source.name.as_str())));
        facts.add("source:version", borrowed(&source.version));
    }
    facts.add("rpm:modularityLabel", borrowed(&package.modularity_label));
    facts.add(
        "package:owner",
        package
            .owner
            .as_ref()
            .map(|owner| Cow::Borrowed(owner.as_str())),
    );
    facts.0
}

/// Reads the words of [`layer_of`]; a document of others has none, and its layers are not told apart.
pub(super) fn layer_index(words: Option<&str>) -> usize {
    words
        .and_then(|text| text.strip_prefix("layer "))
        .and_then(|text| text.split(' ').next())
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// Words the layer of a file: its index, and the digest of the blob or else of the content.
pub(super) fn layer_of(subject: &Subject, file: &Location) -> Option<String> {
    let Layer {
        digest, diff_id, ..
    } = subject.layers.get(file.layer)?;
    let digest = digest.as_ref().or(diff_id.as_ref())?;
    Some(format!("layer {} ({digest})", file.layer))
}

#[derive(Default)]
struct Facts<'a>(Vec<Fact<'a>>);

impl<'a> Facts<'a> {
    fn add(&mut self, name: impl Into<Cow<'static, str>>, value: Option<Cow<'a, str>>) {
        self.0.extend(value.map(|value| (name.into(), value)));
    }
}

fn shown<'a>(value: &Option<impl ToString>) -> Option<Cow<'a, str>> {
    value.as_ref().map(|value| Cow::Owned(value.to_string()))
}

fn borrowed(value: &Option<String>) -> Option<Cow<'_, str>> {
    value.as_deref().map(Cow::Borrowed)
}
