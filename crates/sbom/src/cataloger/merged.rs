//! What the catalogers read from every layer, beside the merged view.
//!
//! It answers the questions that joining asks: what is visible, what lies at a path, what an earlier layer had there.

use std::collections::{BTreeSet, HashMap};

use toolkit_oci::layer::{EntryKind, View};

use super::Parsed;
use crate::distro::Distro;
use crate::package::Location;

/// Is a file of one layer with what was read from it.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) layer: usize,
    pub(crate) path: &'a [u8],
    pub(crate) parsed: &'a [Parsed],
}

impl Found<'_> {
    pub(crate) fn location(&self) -> Location {
        Location::new(self.path, self.layer)
    }
}

/// Holds the readings of all layers.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    view: &'a View,
    distro: Option<Distro>,
    files: Vec<Found<'a>>,
    by_path: HashMap<&'a [u8], Vec<usize>>,
    visible: Vec<usize>,
}

impl<'a> Merged<'a> {
    /// Takes files in the order of their layers.
    pub(crate) fn new(view: &'a View, files: Vec<Found<'a>>) -> Self {
        let mut by_path: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (index, found) in files.iter().enumerate() {
            by_path.entry(found.path).or_default().push(index);
        }
        let visible = (0..files.len())
            .zip(&files)
            .filter(|(_, f)| view.visible(f.layer, f.path))
            .map(|(index, _)| index)
            .collect();
        let mut merged = Self {
            view,
            distro: None,
            files,
            by_path,
            visible,
        };
        // os-release(5): the file in /etc takes precedence.
        merged.distro = [&b"etc/os-release"[..], b"usr/lib/os-release"]
            .into_iter()
            .find_map(|path| {
                merged.resolve(path)?.parsed.iter().find_map(|p| match p {
                    Parsed::OsRelease(distro) => Some(distro.clone()),
                    _ => None,
                })
            });
        merged
    }

    /// Returns the distribution of the image.
    pub(crate) fn distro(&self) -> Option<&Distro> {
        self.distro.as_ref()
    }

    /// Returns the files that the merged image shows, in the order of layers.
    pub(crate) fn visible(&self) -> impl Iterator<Item = &Found<'a>> {
        self.visible
            .iter()
            .filter_map(|index| self.files.get(*index))
    }

    /// Returns what lies at a path of the merged image, links followed.
    pub(crate) fn resolve(&self, path: &[u8]) -> Option<&Found<'a>> {
        let node = self.view.lookup(path)?;
        self.at(node.layer, &node.path)
    }

    /// Returns what was read at a path in a layer.
    pub(crate) fn at(&self, layer: usize, path: &[u8]) -> Option<&Found<'a>> {
        self.versions(path).find(|f| f.layer == layer)
    }

    /// Returns what lower layers had at the path of a file, the nearest first.
    pub(crate) fn below(&self, found: &Found<'_>) -> impl Iterator<Item = &Found<'a>> {
        let layer = found.layer;
        self.versions(found.path)
            .rev()
            .filter(move |f| f.layer < layer)
    }

    /// Returns what the lower versions of a file had, to find the layer that introduced each.
    pub(crate) fn history<K: Ord>(
        &self,
        found: &Found<'_>,
        keys: impl Fn(&Found<'a>) -> BTreeSet<K>,
    ) -> History<K> {
        History {
            top: found.layer,
            lower: self.below(found).map(|f| (f.layer, keys(f))).collect(),
        }
    }

    /// Returns where the given paths lie in the merged image, directories and those that it does not show left out.
    pub(crate) fn owned<'p>(&self, paths: impl IntoIterator<Item = &'p [u8]>) -> Vec<Location> {
        let mut out: Vec<Location> = paths
            .into_iter()
            .filter_map(|path| self.view.entry(path))
            .filter(|node| node.kind != EntryKind::Directory)
            .map(|node| Location::new(&node.path, node.layer))
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// Returns what every layer had at a path, the lowest layer first.
    pub(crate) fn versions(&self, path: &[u8]) -> impl DoubleEndedIterator<Item = &Found<'a>> {
        self.by_path
            .get(path)
            .into_iter()
            .flatten()
            .filter_map(|index| self.files.get(*index))
    }
}

/// Is what each earlier version of a database had.
#[derive(Debug)]
pub(crate) struct History<K> {
    top: usize,
    lower: Vec<(usize, BTreeSet<K>)>,
}

impl<K: Ord> History<K> {
    /// Returns the lowest layer from which on every version of the database has the key.
    pub(crate) fn introduced(&self, key: &K) -> usize {
        self.lower
            .iter()
            .take_while(|(_, keys)| keys.contains(key))
            .last()
            .map_or(self.top, |(layer, _)| *layer)
    }
}

/// Splits a path into its directory (without slash) and its last component.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|b| *b == b'/') {
        Some(at) => (
            path.get(..at).unwrap_or_default(),
            path.get(at + 1..).unwrap_or_default(),
        ),
        None => (b"", path),
    }
}

/// Joins a directory and a relative path.
pub(crate) fn join_path(folder: &[u8], rest: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        rest.to_vec()
    } else {
        [folder, b"/", rest].concat()
    }
}
