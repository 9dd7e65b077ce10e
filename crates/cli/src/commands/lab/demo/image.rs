//! The image that is carried through the chain: the small one inside the program, or one that the user names.

use std::path::Path;

use toolkit_gate::platforms;
use toolkit_oci::{Digest, Platform, RawManifest, Repository, Target};

use super::super::folder::Folder;
use crate::args::AccessArgs;
use crate::error::{Error, Result};
use crate::settings::Access;
use crate::terminal::Terminal;

/// An image, resolved once.
#[derive(Debug)]
pub(super) struct DemoImage {
    /// How it is named as the source of a promotion.
    pub(super) source: String,
    /// The registry that it comes from; `None` for a layout.
    pub(super) registry: Option<String>,
    /// Its digest.
    pub(super) digest: Digest,
    /// The platforms below it, each with how it is asked for; a single image has one.
    pub(super) platforms: Vec<Option<Platform>>,
    /// Manifests that provenance is attached to: its own, and each platform's.
    pub(super) manifests: usize,
    /// Whether it is the one inside the program, which is known not to run as root.
    pub(super) own: bool,
}

impl DemoImage {
    /// Looks up an image that the user named.
    ///
    /// # Errors
    /// What the target's place says.
    pub(super) fn given(text: &str, terminal: &Terminal) -> Result<Self> {
        let target = match Access::new(&AccessArgs::default(), terminal)?.target(text)? {
            // The commands run in a folder of their own.
            Target::Layout { path, selector } => Target::Layout {
                path: std::path::absolute(&path).map_err(|source| Error::Read { path, source })?,
                selector,
            },
            other => other,
        };
        Self::look_up(&target, terminal, false)
    }

    /// Unpacks the image inside the program into the folder.
    ///
    /// # Errors
    /// [`Error::Write`], or what reading it back says.
    pub(super) fn own(folder: &Folder, terminal: &Terminal) -> Result<Self> {
        for (name, bytes) in FILES {
            folder.write(&format!("{LAYOUT}/{name}"), bytes)?;
        }
        let target = Target::parse(&format!("oci-dir:{}:{TAG}", folder.file(LAYOUT).display()))?;
        Ok(Self {
            source: format!("oci-dir:{LAYOUT}:{TAG}"),
            ..Self::look_up(&target, terminal, true)?
        })
    }

    fn look_up(target: &Target, terminal: &Terminal, own: bool) -> Result<Self> {
        let access = Access::new(&AccessArgs::default(), terminal)?;
        let ignored = |_| {};
        let reach = access.reach(&ignored);
        let (repository, manifest) = Repository::locate(target, &reach)?;
        let below = platforms(&repository, &manifest, &access.limits)?;
        let digest = &manifest.descriptor.digest;
        let others = below
            .iter()
            .filter(|one| one.descriptor.digest != *digest)
            .count();
        Ok(Self {
            source: pinned(target, &manifest),
            registry: match target {
                Target::Registry(reference) => Some(reference.registry().to_owned()),
                _ => None,
            },
            platforms: below.iter().map(|one| one.platform.clone()).collect(),
            manifests: 1 + others,
            digest: digest.clone(),
            own,
        })
    }
}

fn pinned(target: &Target, manifest: &RawManifest) -> String {
    let digest = &manifest.descriptor.digest;
    match target {
        Target::Registry(reference) => format!("{}@{digest}", reference.name()),
        Target::Layout { path, .. } => format!("oci-dir:{}@{digest}", Path::display(path)),
        other => other.to_string(),
    }
}

const LAYOUT: &str = "image";
const TAG: &str = "demo";

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_bytes!(concat!("../../../../../../testdata/images/demo/", $name)).as_slice())),+]
    };
}

/// The files of `testdata/images/demo`, so that the demonstration needs no checkout; a new image has new names, and this list stops compiling.
const FILES: [(&str, &[u8]); 6] = files![
    "oci-layout",
    "index.json",
    "blobs/sha256/13a6a9b59102ec3cd8fcffee5b412b45b65f11b24c1771c4e9e3deb8d6834e6a",
    "blobs/sha256/a1d44c5be2397d9eed860ca78a47b1835ce8490df08dc005ee25cdaccb73edd5",
    "blobs/sha256/e57671fa5fa91c8a78681b5088b858b131e852dfa378232ce6c55cde20ea4fb9",
    "blobs/sha256/effe5aeaad948d5dbfb8e5ae7ae6554b832620da25a386c55e8f8e005fad8302",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn files(directory: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs_err::read_dir(directory).expect("a directory") {
            let entry = entry.expect("an entry");
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                files(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name, fs_err::read(entry.path()).expect("a file"));
            }
        }
    }

    #[test]
    fn the_image_inside_is_the_one_in_the_repository() {
        let mut found = BTreeMap::new();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/images/demo");
        files(&directory, "", &mut found);
        let inside: BTreeMap<String, Vec<u8>> = FILES
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
            .collect();
        assert_eq!(
            inside.keys().collect::<Vec<_>>(),
            found.keys().collect::<Vec<_>>()
        );
        assert!(inside == found, "the bytes differ");
    }
}
