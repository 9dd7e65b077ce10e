//! Images: one platform's manifest, configuration and layers, whatever the source.
//!
//! Opening an image checks every document on the way to it. The layers' bytes are checked while
//! [`crate::layer::read_layers`] reads them.

use std::collections::BTreeSet;
use std::io::Read;

use crate::digest::{Digest, Verifying};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::limits::Limits;
use crate::manifest::{
    Descriptor, ImageConfig, ImageIndex, ImageManifest, Manifest, RawManifest, media_type,
};
use crate::platform::Platform;
use crate::reference::Reference;
use crate::registry::Client;
use crate::repository::Repository;
use crate::source::archive::Archive;
use crate::source::directory::Directory;
use crate::source::layout::{Layout, read_blob};
use crate::source::registry::RegistrySource;
use crate::source::{ImageSource, Selector, Target};

/// Holds what reading needs beside the target: limits, the registry client, and where events go.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// How much is read before it is refused.
    pub limits: &'a Limits,
    /// Client for registries; it connects only when asked.
    pub registry: &'a Client,
    /// Takes events, from any thread.
    pub events: &'a (dyn Fn(Event) + Sync),
}

impl<'a> Access<'a> {
    /// Puts the parts together.
    pub fn new(
        limits: &'a Limits,
        registry: &'a Client,
        events: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        Self {
            limits,
            registry,
            events,
        }
    }
}

/// Holds one image for one platform.
pub struct Image {
    name: Option<Reference>,
    tags: Vec<String>,
    index: Option<Descriptor>,
    manifest: Option<RawManifest>,
    config: ImageConfig,
    config_digest: Option<Digest>,
    layers: Vec<LayerInfo>,
    origin: Origin,
}

/// Says where the layers' bytes are.
enum Origin {
    Blobs(Box<dyn ImageSource>),
    /// Members of a docker archive, by layer.
    Members(Box<Archive>, Vec<String>),
    Directory(Directory),
}

/// Describes one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerInfo {
    /// Position from 0, the lowest.
    pub index: usize,
    /// Blob of the layer; `None` for docker archives, which do not say, and for directories.
    pub descriptor: Option<Descriptor>,
    /// Digest of the decompressed layer; `None` for directories.
    pub diff_id: Option<Digest>,
    /// Bytes as stored; 0 for directories.
    pub size: u64,
    /// Command that made the layer, where the history has as many layers as the image.
    pub created_by: Option<String>,
}

impl LayerInfo {
    /// Returns the blob's digest, else the `diff_id`, by which messages name the layer.
    pub fn digest(&self) -> Option<&Digest> {
        self.descriptor
            .as_ref()
            .map(|descriptor| &descriptor.digest)
            .or(self.diff_id.as_ref())
    }
}

impl Image {
    /// Opens the image that a target names.
    ///
    /// Of several platforms the given one is taken, else the host's. An image with one platform is taken as it is, unless
    /// another one was asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`], [`Error::NoSuchPlatform`], [`Error::NotAnImage`],
    /// [`Error::DiffIdCount`], whatever the documents on the way are refused for, or what the source says.
    pub fn open(target: &Target, platform: Option<&Platform>, access: &Access<'_>) -> Result<Self> {
        let _stage = tracing::info_span!("resolve", %target).entered();
        let image = Self::find(target, platform, access)?;
        tracing::info!(
            digest = image
                .manifest
                .as_ref()
                .map(|raw| tracing::field::display(&raw.descriptor.digest)),
            layers = image.layers.len(),
            "resolved"
        );
        Ok(image)
    }

    fn find(target: &Target, platform: Option<&Platform>, access: &Access<'_>) -> Result<Self> {
        let limits = access.limits;
        match target {
            Target::Registry(reference) => {
                let source = RegistrySource::new(access.registry, reference)?;
                let mut image = Self::from_source(Box::new(source), None, platform, access)?;
                image.name = Some(reference.clone());
                Ok(image)
            }
            Target::Layout { path, selector } => {
                let source = Layout::open(path, limits)?;
                Self::from_source(Box::new(source), selector.as_ref(), platform, access)
            }
            Target::OciArchive { path, selector } => {
                let source = Archive::open(path, limits)?;
                Self::from_source(Box::new(source), selector.as_ref(), platform, access)
            }
            Target::DockerArchive { path, selector } => {
                let archive = Archive::open(path, limits)?;
                if archive.is_layout() {
                    return Self::from_source(
                        Box::new(archive),
                        selector.as_ref(),
                        platform,
                        access,
                    );
                }
                Self::from_docker_archive(archive, selector.as_ref(), platform, limits)
            }
            Target::Directory(_) | Target::File(_) => Ok(Self {
                name: None,
                tags: Vec::new(),
                index: None,
                manifest: None,
                config: ImageConfig::empty(),
                config_digest: None,
                layers: vec![LayerInfo {
                    index: 0,
                    descriptor: None,
                    diff_id: None,
                    size: 0,
                    created_by: None,
                }],
                origin: Origin::Directory(Directory::open(target)?),
            }),
        }
    }

    fn from_source(
        source: Box<dyn ImageSource>,
        selector: Option<&Selector>,
        platform: Option<&Platform>,
        access: &Access<'_>,
    ) -> Result<Self> {
        let limits = access.limits;
        let found = source.resolve(selector)?;
        let top = RawManifest::check(found.descriptor, found.bytes)?;
        let (index, raw) = match &top.manifest {
            Manifest::Image(_) => (None, top),
            Manifest::Index(entries) => {
                let raw = Picker::new(&*source, limits).pick(entries, platform)?;
                (Some(top.descriptor), raw)
            }
        };
        let image = Self::of_manifest(source, raw, limits)?;
        check_platform(&image.config, platform)?;
        Ok(Self { index, ..image })
    }

    /// Opens the image of a manifest that was read from a repository, whatever its platform.
    ///
    /// # Errors
    /// [`Error::NotAnImage`] for an index, and what [`Image::open`] says of configuration and layers.
    pub fn in_repository(
        repository: &Repository,
        manifest: RawManifest,
        limits: &Limits,
    ) -> Result<Self> {
        Self::of_manifest(Box::new(repository.clone()), manifest, limits)
    }

    fn of_manifest(
        source: Box<dyn ImageSource>,
        raw: RawManifest,
        limits: &Limits,
    ) -> Result<Self> {
        let Manifest::Image(manifest) = &raw.manifest else {
            return Err(Error::NotAnImage {
                reason: "an index was found where an image should be".to_owned(),
            });
        };
        let config = read_config(&*source, manifest, limits)?;
        check_layers(manifest, limits)?;
        check_count(manifest.layers.len(), config.diff_ids.len(), limits)?;
        let commands = commands(&config);
        let layers = manifest
            .layers
            .iter()
            .zip(&config.diff_ids)
            .zip(commands)
            .enumerate()
            .map(|(index, ((descriptor, diff_id), created_by))| LayerInfo {
                index,
                descriptor: Some(descriptor.clone()),
                diff_id: Some(diff_id.clone()),
                size: descriptor.size,
                created_by,
            })
            .collect();
        Ok(Self {
            name: None,
            tags: Vec::new(),
            index: None,
            config_digest: Some(manifest.config.digest.clone()),
            manifest: Some(raw),
            config,
            layers,
            origin: Origin::Blobs(source),
        })
    }

    fn from_docker_archive(
        archive: Archive,
        selector: Option<&Selector>,
        platform: Option<&Platform>,
        limits: &Limits,
    ) -> Result<Self> {
        let found = archive.docker_image(selector)?;
        let bytes = archive.read(
            found.config.as_bytes(),
            "manifest-size",
            limits.manifest_size,
        )?;
        let config = ImageConfig::parse(&bytes)?;
        check_platform(&config, platform)?;
        let members = found.layers.unwrap_or_default();
        check_count(members.len(), config.diff_ids.len(), limits)?;
        let mut layers = Vec::with_capacity(members.len());
        for ((index, (member, diff_id)), created_by) in members
            .iter()
            .zip(&config.diff_ids)
            .enumerate()
            .zip(commands(&config))
        {
            let size = archive.size(member.as_bytes())?;
            layers.push(LayerInfo {
                index,
                descriptor: None,
                diff_id: Some(diff_id.clone()),
                size,
                created_by,
            });
        }
        Ok(Self {
            name: None,
            tags: found.repo_tags.unwrap_or_default(),
            index: None,
            manifest: None,
            config,
            config_digest: Some(Digest::sha256(&bytes)),
            layers,
            origin: Origin::Members(Box::new(archive), members),
        })
    }

    /// Returns the reference by which the image was asked of a registry.
    pub fn name(&self) -> Option<&Reference> {
        self.name.as_ref()
    }

    /// Returns the names that a docker archive gives the image (`RepoTags`).
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// Returns the index through which the image was found.
    pub fn index(&self) -> Option<&Descriptor> {
        self.index.as_ref()
    }

    /// Returns the manifest with its raw bytes; docker archives and directories have none.
    pub fn manifest(&self) -> Option<&RawManifest> {
        self.manifest.as_ref()
    }

    /// Returns the manifest's descriptor.
    pub fn descriptor(&self) -> Option<&Descriptor> {
        self.manifest.as_ref().map(|raw| &raw.descriptor)
    }

    /// Returns the manifest's digest.
    pub fn manifest_digest(&self) -> Option<&Digest> {
        self.descriptor().map(|descriptor| &descriptor.digest)
    }

    /// Returns the configuration; of directories an empty one.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// Returns the configuration's digest, which docker calls the image id.
    pub fn config_digest(&self) -> Option<&Digest> {
        self.config_digest.as_ref()
    }

    /// Returns the platform that the configuration states.
    pub fn platform(&self) -> Platform {
        self.config.platform()
    }

    /// Returns the layers, lowest first; a directory is one.
    pub fn layers(&self) -> &[LayerInfo] {
        &self.layers
    }

    pub(crate) fn is_windows(&self) -> bool {
        self.config.os == "windows"
    }

    pub(crate) fn directory(&self) -> Option<&Directory> {
        match &self.origin {
            Origin::Directory(directory) => Some(directory),
            Origin::Blobs(_) | Origin::Members(..) => None,
        }
    }

    /// Opens a layer's bytes as stored, checked by size and digest where the image states them.
    pub(crate) fn open_layer(&self, info: &LayerInfo) -> Result<Box<dyn Read + Send>> {
        match (&self.origin, &info.descriptor) {
            (Origin::Blobs(source), Some(descriptor)) => {
                let reader = source.open(descriptor)?;
                Ok(Box::new(Verifying::new(
                    reader,
                    descriptor.digest.clone(),
                    descriptor.size,
                )))
            }
            (Origin::Members(archive, members), _) => {
                archive.open_member(members.get(info.index).map_or(&[][..], String::as_bytes))
            }
            _ => Err(Error::NotAnImage {
                reason: "the target has no layers".to_owned(),
            }),
        }
    }
}

/// Picks the image of a platform out of an index and the indexes in it.
struct Picker<'a> {
    source: &'a dyn ImageSource,
    limits: &'a Limits,
    seen: BTreeSet<Digest>,
    visited: u64,
    candidates: Vec<Candidate>,
}

struct Candidate {
    descriptor: Descriptor,
    platform: Platform,
}

impl<'a> Picker<'a> {
    fn new(source: &'a dyn ImageSource, limits: &'a Limits) -> Self {
        Self {
            source,
            limits,
            seen: BTreeSet::new(),
            visited: 0,
            candidates: Vec::new(),
        }
    }

    fn pick(mut self, index: &ImageIndex, wanted: Option<&Platform>) -> Result<RawManifest> {
        self.collect(index, 1)?;
        let available = || {
            let mut names: Vec<String> = self
                .candidates
                .iter()
                .map(|found| found.platform.to_string())
                .collect();
            names.sort();
            names.dedup();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        let chosen = match (self.candidates.as_slice(), wanted) {
            ([only], None) => Some(only),
            (several, wanted) => {
                let host = Platform::host();
                let wanted = wanted.unwrap_or(&host);
                // The first of equals, as containerd and docker choose.
                let ranked = several
                    .iter()
                    .filter_map(|found| Some((found.platform.rank(wanted)?, found)));
                ranked
                    .rev()
                    .max_by_key(|(rank, _)| *rank)
                    .map(|(_, found)| found)
            }
        };
        match chosen {
            Some(found) => self.read(&found.descriptor),
            None => Err(Error::NoSuchPlatform {
                wanted: wanted.cloned().unwrap_or_else(Platform::host).to_string(),
                available: available(),
            }),
        }
    }

    fn collect(&mut self, index: &ImageIndex, depth: u64) -> Result<()> {
        if depth > self.limits.index_depth {
            return Err(Error::LimitExceeded {
                limit: "index-depth",
                max: self.limits.index_depth,
            });
        }
        for entry in &index.manifests {
            self.visited = self.visited.saturating_add(1);
            if self.visited > self.limits.index_manifests {
                return Err(Error::LimitExceeded {
                    limit: "index-manifests",
                    max: self.limits.index_manifests,
                });
            }
            let unknown = entry.platform.as_ref().is_some_and(Platform::is_unknown);
            if unknown
                || entry.annotations.contains_key(REFERENCE_TYPE)
                || !self.seen.insert(entry.digest.clone())
            {
                continue;
            }
            if media_type::is_index(&entry.media_type) {
                if let Manifest::Index(nested) = &self.read(entry)?.manifest {
                    self.collect(nested, depth.saturating_add(1))?;
                }
            } else if media_type::is_manifest(&entry.media_type)
                && let Some(platform) = self.platform(entry)?
            {
                self.candidates.push(Candidate {
                    descriptor: entry.clone(),
                    platform,
                });
            }
        }
        Ok(())
    }

    /// Returns an entry's platform: as the index states it, else from the configuration. `None` for what is no image.
    fn platform(&self, entry: &Descriptor) -> Result<Option<Platform>> {
        if let Some(platform) = &entry.platform {
            return Ok(Some(platform.clone()));
        }
        let raw = self.read(entry)?;
        match &raw.manifest {
            Manifest::Image(image)
                if image.subject.is_none() && media_type::is_config(&image.config.media_type) =>
            {
                Ok(Some(
                    read_config(self.source, image, self.limits)?.platform(),
                ))
            }
            _ => Ok(None),
        }
    }

    fn read(&self, entry: &Descriptor) -> Result<RawManifest> {
        let bytes = read_blob(
            self.source,
            entry,
            "manifest-size",
            self.limits.manifest_size,
        )?;
        RawManifest::check(entry.clone(), bytes)
    }
}

fn read_config(
    source: &dyn ImageSource,
    manifest: &ImageManifest,
    limits: &Limits,
) -> Result<ImageConfig> {
    let descriptor = &manifest.config;
    if !media_type::is_config(&descriptor.media_type) {
        let kind = manifest
            .artifact_type
            .as_deref()
            .unwrap_or(&descriptor.media_type);
        return Err(Error::NotAnImage {
            reason: format!("its configuration is `{}`", crate::digest::excerpt(kind)),
        });
    }
    let bytes = read_blob(source, descriptor, "manifest-size", limits.manifest_size)?;
    ImageConfig::parse(&bytes).map_err(|error| error.of_blob(&descriptor.digest))
}

fn check_platform(config: &ImageConfig, wanted: Option<&Platform>) -> Result<()> {
    match wanted {
        Some(wanted) if !config.os.is_empty() && !config.platform().matches(wanted) => {
            Err(Error::NoSuchPlatform {
                wanted: wanted.to_string(),
                available: config.platform().to_string(),
            })
        }
        _ => Ok(()),
    }
}

fn check_layers(manifest: &ImageManifest, limits: &Limits) -> Result<()> {
    for layer in &manifest.layers {
        if layer.size > limits.descriptor_size {
            return Err(Error::LimitExceeded {
                limit: "descriptor-size",
                max: limits.descriptor_size,
            });
        }
        if !media_type::is_layer(&layer.media_type) {
            return Err(Error::NotAnImage {
                reason: format!("a layer is `{}`", crate::digest::excerpt(&layer.media_type)),
            });
        }
    }
    Ok(())
}

fn check_count(layers: usize, diff_ids: usize, limits: &Limits) -> Result<()> {
    if u64::try_from(layers).unwrap_or(u64::MAX) > limits.layers {
        return Err(Error::LimitExceeded {
            limit: "layers",
            max: limits.layers,
        });
    }
    if layers != diff_ids {
        return Err(Error::DiffIdCount { layers, diff_ids });
    }
    Ok(())
}

/// Returns each layer's command; none at all where the history does not have one step a layer, since guessing would
/// name the wrong ones.
fn commands(config: &ImageConfig) -> Vec<Option<String>> {
    let steps: Vec<_> = config
        .history
        .iter()
        .filter(|step| !step.empty_layer)
        .collect();
    if steps.len() == config.diff_ids.len() {
        steps.iter().map(|step| step.created_by.clone()).collect()
    } else {
        vec![None; config.diff_ids.len()]
    }
}

/// Annotation of BuildKit's attestation manifests in an index.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
