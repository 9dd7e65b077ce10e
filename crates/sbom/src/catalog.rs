//! From the layers of an image to its inventory.
//!
//! Hands every file to the catalogers that want it while the layers stream by, then lets each cataloger join what was read
//! with the merged view, and finally joins the packages themselves. No format is known here but `os-release`.

use std::collections::BTreeMap;
use std::sync::Arc;

use toolkit_oci::layer::{ContentReader, Entry, EntryKind, Layers, read_layers};
use toolkit_oci::{Access, Image};

use crate::cataloger::merged::{Found, Merged, split};
use crate::cataloger::{CATALOGERS, Candidate, LARGEST_TEXT, Parsed, Reading, within};
use crate::distro::Distro;
use crate::error::Result;
use crate::inventory::{Fault, Inventory, Unreadable};
use crate::package::{Location, Package, PackageId};

/// Lists what is installed in an image.
///
/// # Errors
/// [`Error::Image`](crate::Error::Image) where a layer cannot be read or is not what its digests promise. Single files that
/// cannot be read are listed in [`Inventory::unreadable`].
pub fn catalog(image: &Image, access: &Access<'_>) -> Result<Inventory> {
    let _stage = tracing::info_span!("catalog").entered();
    let layers = read_layers(image, &Reader, access)?;
    let inventory = inventory(&layers);
    tracing::info!(
        layers = layers.layers.len(),
        packages = inventory.packages.len(),
        unreadable = inventory.unreadable.len(),
        "read"
    );
    Ok(inventory)
}

/// Is what all catalogers read from one file.
#[derive(Debug, Default)]
struct Content {
    parsed: Vec<Parsed>,
    faults: Vec<Fault>,
}

struct Reader;

impl ContentReader for Reader {
    type Output = Content;

    fn wants(&self, entry: &Entry<'_>, head: &[u8]) -> bool {
        let file = Candidate {
            path: entry.path,
            head,
        };
        matches!(entry.kind, EntryKind::File | EntryKind::Hardlink)
            && (is_os_release(entry.path) || CATALOGERS.iter().any(|c| c.wants(&file)))
    }

    fn read(&self, entry: &Entry<'_>, bytes: Vec<u8>) -> Content {
        let bytes = Arc::new(bytes);
        let file = Candidate {
            path: entry.path,
            head: &bytes,
        };
        let wanted = CATALOGERS.iter().filter(|c| c.wants(&file));
        let mut readings: Vec<Reading> = wanted
            .map(|c| match within(&bytes, c.largest()) {
                Ok(()) => c.read(&file, &bytes),
                Err(fault) => Reading::from_result(Err(fault)),
            })
            .collect();
        if is_os_release(entry.path) {
            let distro = within(&bytes, LARGEST_TEXT)
                .and_then(|()| Distro::parse(&bytes))
                .map(|d| Some(Parsed::OsRelease(d)));
            readings.push(Reading::from_result(distro));
        }
        let mut content = Content::default();
        for reading in readings {
            content.parsed.extend(reading.parsed);
            content.faults.extend(reading.faults);
        }
        content
    }
}

/// Joins what was read from all layers.
fn inventory(layers: &Layers<Content>) -> Inventory {
    let mut found = Vec::new();
    let mut inventory = Inventory::default();
    for (layer, files) in layers.layers.iter().enumerate() {
        for file in &files.files {
            let names = file.links.iter().chain([&file.path]);
            found.extend(names.map(|path| Found {
                layer,
                path,
                parsed: &file.content.parsed,
            }));
            // What is hidden is not part of the image, so it cannot be missing from its inventory.
            if layers.view.visible(layer, &file.path) {
                let faults = file.content.faults.iter().map(|fault| Unreadable {
                    location: Location::new(&file.path, layer),
                    fault: fault.clone(),
                });
                inventory.unreadable.extend(faults);
            }
        }
    }
    inventory
        .unreadable
        .extend(layers.unreadable.iter().map(|u| Unreadable {
            location: Location::new(&u.path, u.layer),
            fault: Fault::Layer(u.reason.clone()),
        }));
    let merged = Merged::new(&layers.view, found);
    inventory.distro = merged.distro().cloned();
    for cataloger in CATALOGERS {
        cataloger.join(&merged, &mut inventory);
    }
    set_owners(&mut inventory.packages);
    inventory.normalize();
    inventory
}

/// Marks language packages whose files an operating system package installed.
fn set_owners(packages: &mut [Package]) {
    let mut owners: BTreeMap<Location, PackageId> = BTreeMap::new();
    for package in packages
        .iter()
        .filter(|p| p.ecosystem.is_operating_system())
    {
        for location in &package.owned_files {
            owners.insert(location.clone(), package.id());
        }
    }
    for package in packages
        .iter_mut()
        .filter(|p| !p.ecosystem.is_operating_system())
    {
        let mut found = package.files.iter().map(|location| owners.get(location));
        let first = found.next().flatten();
        package.owner = first
            .filter(|first| found.all(|o| o == Some(*first)))
            .cloned();
    }
}

/// Says whether a file is what `etc/os-release` may lead to: os-release(5) names two places, Fedora links to a third.
fn is_os_release(path: &[u8]) -> bool {
    let (folder, name) = split(path);
    let folders: [&[u8]; 3] = [b"etc", b"usr/lib", b"usr/lib/os.release.d"];
    name.starts_with(b"os-release") && folders.contains(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is parsed takes up to fifty times its size: a layer of a few megabytes must not take all memory.
    #[test]
    fn text_over_its_bound_is_a_fault() {
        let entry = Entry {
            path: b"var/lib/dpkg/status",
            kind: EntryKind::File,
            mode: 0o644,
            size: 0,
            link: None,
            mtime: 0,
        };
        for (size, is_over) in [(LARGEST_TEXT, false), (LARGEST_TEXT + 1, true)] {
            let content = Reader.read(&entry, vec![b'#'; size]);
            let over = content
                .faults
                .iter()
                .any(|fault| matches!(fault, Fault::TooLarge { .. }));
            assert_eq!(
                (over, content.parsed.is_empty()),
                (is_over, is_over),
                "{size}"
            );
        }
    }

    #[test]
    fn os_release_has_its_places() {
        for path in [
            &b"etc/os-release"[..],
            b"usr/lib/os-release",
            b"usr/lib/os.release.d/os-release-container",
        ] {
            assert!(is_os_release(path));
        }
        for path in [
            &b"srv/etc/os-release"[..],
            b"etc/os-release.d/x",
            b"etc/initrd-release",
        ] {
            assert!(!is_os_release(path));
        }
    }
}
