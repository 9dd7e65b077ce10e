//! Merges the layers of an image into the tree that a runtime shows.
//!
//! Overlay semantics, by path: what a layer names replaces what lower layers had there, a directory over a directory
//! changes only its attributes, a path implies its directories, whiteouts and opaque markers take away what lower
//! layers brought (image-spec `layer.md`, "Changeset over a filesystem" and "Whiteouts"; Linux `overlayfs.rst`).
//! Symbolic links are followed only in look-ups, clamped at the root.

use std::collections::BTreeMap;

use super::entries::{Contents, PENDING, walk};
use super::entry::{EntryKind, FileId, Unreadable, UnreadableReason, escape};
use super::second::{Link, Wanted};
use super::tree::{Attributes, NO_CONTENT, NodeId, NodeKind, ROOT, Tree, index};
use crate::error::Result;

/// Shows one file, directory or link of a [`View`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// Path without leading slash, with no symbolic link in it but possibly the last component; empty for the root.
    pub path: Vec<u8>,
    /// What it is; a hard link to a file is a file.
    pub kind: EntryKind,
    /// Permission bits.
    pub mode: u32,
    /// Bytes of the content.
    pub size: u64,
    /// Highest layer that names it, or that implies it where it is a directory.
    pub layer: usize,
    /// Identity of a regular file's content.
    pub id: Option<FileId>,
    /// Target of a symbolic link as written.
    pub link: Option<&'a [u8]>,
}

/// Holds the merged tree of an image.
#[derive(Debug)]
pub struct View {
    tree: Tree,
    /// Where each node's children start in `children`; one more at the end.
    starts: Vec<u32>,
    /// Children that can be reached, by parent, sorted by name.
    children: Vec<NodeId>,
    symlinks: u64,
}

impl View {
    /// Returns what a path leads to, following symbolic links as a process in the image would, also the last one.
    ///
    /// `None` when nothing is there, a link dangles, or more links than the limit `symlinks` are on the way.
    pub fn lookup(&self, path: &[u8]) -> Option<Node<'_>> {
        self.find(path, true).map(|id| self.node(id))
    }

    /// Returns what stands at a path itself: links on the way are followed, a link at its end is not.
    pub fn entry(&self, path: &[u8]) -> Option<Node<'_>> {
        self.find(path, false).map(|id| self.node(id))
    }

    /// Tells whether a path, taken literally, shows what this layer brought there: nothing above hides or replaces it.
    pub fn visible(&self, layer: usize, path: &[u8]) -> bool {
        let mut here = ROOT;
        for part in path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
        {
            match self.child(here, part) {
                Some(child) => here = child,
                None => return false,
            }
        }
        usize::from(self.tree.get(here).attributes.layer) == layer
    }

    /// Returns what is in a directory, sorted by name; symbolic links to it are followed. Empty for anything else.
    pub fn children(&self, path: &[u8]) -> impl Iterator<Item = Node<'_>> {
        let found = self.find(path, true);
        found
            .map(|id| self.below(id))
            .unwrap_or_default()
            .iter()
            .map(|id| self.node(*id))
    }

    /// Returns everything, parents before children, siblings sorted by name; the root itself is left out.
    pub fn iter(&self) -> impl Iterator<Item = Node<'_>> {
        let mut stack: Vec<NodeId> = self.below(ROOT).iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let id = stack.pop()?;
            stack.extend(self.below(id).iter().rev());
            Some(self.node(id))
        })
    }

    fn find(&self, path: &[u8], follow_last: bool) -> Option<NodeId> {
        let mut hops = 0;
        self.walk(ROOT, path, &mut hops, follow_last)
    }

    /// As [`walk`], over the frozen tree.
    fn walk(&self, from: NodeId, path: &[u8], hops: &mut u64, follow_last: bool) -> Option<NodeId> {
        let mut here = if path.starts_with(b"/") { ROOT } else { from };
        let mut parts = path
            .split(|byte| *byte == b'/')
            .filter(|part| !matches!(*part, b"" | b"."))
            .peekable();
        while let Some(part) = parts.next() {
            if part == b".." {
                here = self.tree.get(here).parent;
                continue;
            }
            let child = self.child(here, part)?;
            let last = parts.peek().is_none();
            let attributes = self.tree.get(child).attributes;
            here = match attributes.kind {
                NodeKind::Symlink if !last || follow_last => {
                    *hops = hops.saturating_add(1);
                    if *hops > self.symlinks {
                        return None;
                    }
                    self.walk(here, self.tree.text(attributes.link), hops, true)?
                }
                kind if last || kind.is_directory() => child,
                _ => return None,
            };
        }
        Some(here)
    }

    fn below(&self, id: NodeId) -> &[NodeId] {
        let start = self.starts.get(index(id)).copied().unwrap_or_default();
        let end = self
            .starts
            .get(index(id).saturating_add(1))
            .copied()
            .unwrap_or_default();
        self.children
            .get(index(start)..index(end))
            .unwrap_or_default()
    }

    fn child(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let below = self.below(parent);
        let place = below
            .binary_search_by(|id| self.tree.name(*id).cmp(name))
            .ok()?;
        below.get(place).copied()
    }

    fn node(&self, id: NodeId) -> Node<'_> {
        let Attributes {
            size,
            link,
            content,
            content_layer,
            layer,
            mode,
            kind,
        } = self.tree.get(id).attributes;
        Node {
            path: self.tree.path(id),
            kind: match kind {
                NodeKind::Directory | NodeKind::Implied => EntryKind::Directory,
                NodeKind::File => EntryKind::File,
                NodeKind::Symlink => EntryKind::Symlink,
                NodeKind::Other => EntryKind::Other,
            },
            mode: u32::from(mode),
            size,
            layer: usize::from(layer),
            id: (kind == NodeKind::File && content != NO_CONTENT).then(|| FileId {
                layer: usize::from(content_layer),
                number: content,
            }),
            link: (kind == NodeKind::Symlink).then(|| self.tree.text(link)),
        }
    }
}

/// Merges layers, lowest first.
pub(crate) struct Merge {
    tree: Option<Tree>,
    symlinks: u64,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Links that want contents of lower layers, by those layers.
    pub(super) lower: BTreeMap<u16, Wanted>,
}

impl Merge {
    pub(crate) fn new(symlinks: u64) -> Self {
        Self {
            tree: None,
            symlinks,
            unreadable: Vec::new(),
            lower: BTreeMap::new(),
        }
    }

    /// Puts a layer on top. `wants` is asked for hard links to contents of lower layers, which are noted in `lower`.
    pub(crate) fn add<T>(
        &mut self,
        mut contents: Contents<T>,
        layer: u16,
        wants: impl Fn(&[u8], &Attributes) -> bool,
    ) -> Result<Vec<super::LayerFile<T>>> {
        self.tie_to_lower(&mut contents, layer, wants);
        self.unreadable.append(&mut contents.unreadable);
        let Some(below) = &mut self.tree else {
            self.tree = Some(contents.tree);
            return Ok(contents.files);
        };
        let top = &contents.tree;
        let alive = top.alive();
        // Markers act by their path, wherever they stand in the layer and whatever became of their directory in it.
        for (directory, name) in &contents.whiteouts {
            if let Some(found) = literal(below, top, *directory)
                && let Some(hidden) = below.child(found, top.text(*name))
            {
                below.remove(hidden);
            }
        }
        for (id, _) in numbered(&alive).filter(|(id, _)| top.get(*id).opaque) {
            if id == ROOT {
                below.clear();
            } else if let Some(found) = literal(below, top, id)
                && below.get(found).attributes.kind.is_directory()
            {
                let attributes = below.get(found).attributes;
                below.replace(found, attributes)?;
            }
        }
        let mut places: Vec<NodeId> = Vec::with_capacity(alive.len());
        for (id, alive) in numbered(&alive) {
            places.push(if alive {
                place(below, top, id, &places)?
            } else {
                ROOT
            });
        }
        Ok(contents.files)
    }

    /// Ties hard links whose targets are in lower layers; what is nowhere is listed as unreadable and left out.
    fn tie_to_lower<T>(
        &mut self,
        contents: &mut Contents<T>,
        layer: u16,
        wants: impl Fn(&[u8], &Attributes) -> bool,
    ) {
        for (node, target) in std::mem::take(&mut contents.pending) {
            if !contents.tree.is_alive(node) || contents.tree.get(node).attributes.link != PENDING {
                continue;
            }
            let mut hops = 0;
            let found = self.tree.as_ref().and_then(|tree| {
                let found = walk(tree, ROOT, &target, &mut hops, self.symlinks, false)?;
                Some((
                    tree.get(found).attributes,
                    tree.text(tree.get(found).attributes.link).to_vec(),
                ))
            });
            let path = contents.tree.path(node);
            match found {
                Some((attributes, link)) if !attributes.kind.is_directory() => {
                    let mut attributes = Attributes {
                        layer,
                        ..attributes
                    };
                    if attributes.kind == NodeKind::Symlink {
                        attributes.link = contents.tree.store(&link).unwrap_or_default();
                    }
                    if attributes.kind == NodeKind::File && wants(&path, &attributes) {
                        let of_layer = self.lower.entry(attributes.content_layer).or_default();
                        of_layer.entry(attributes.content).or_default().push(Link {
                            layer: usize::from(layer),
                            path: path.clone(),
                            mode: u32::from(attributes.mode),
                        });
                    }
                    contents.tree.get_mut(node).attributes = attributes;
                }
                _ => {
                    self.unreadable.push(Unreadable {
                        path,
                        layer: usize::from(layer),
                        reason: UnreadableReason::MissingTarget(escape(&target)),
                    });
                    contents.tree.remove(node);
                }
            }
        }
    }

    /// Ends the merge.
    pub(crate) fn finish(self) -> View {
        let mut tree = self.tree.unwrap_or_else(|| Tree::new(0));
        tree.freeze();
        let alive = tree.alive();
        let mut starts = vec![0_u32; tree.len().saturating_add(1)];
        let reachable =
            |id: &NodeId| *id != ROOT && alive.get(index(*id)).copied().unwrap_or_default();
        let ids = || 0..NodeId::try_from(tree.len()).unwrap_or(NodeId::MAX);
        for id in ids().filter(reachable) {
            if let Some(count) = starts.get_mut(index(tree.get(id).parent).saturating_add(1)) {
                *count = count.saturating_add(1);
            }
        }
        let mut sum = 0_u32;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        let mut next = starts.clone();
        let mut children = vec![ROOT; index(sum)];
        for id in ids().filter(reachable) {
            if let Some(place) = next.get_mut(index(tree.get(id).parent)) {
                if let Some(slot) = children.get_mut(index(*place)) {
                    *slot = id;
                }
                *place = place.saturating_add(1);
            }
        }
        drop(next);
        for window in starts.windows(2) {
            if let [start, end] = window
                && let Some(siblings) = children.get_mut(index(*start)..index(*end))
            {
                siblings.sort_unstable_by(|left, right| tree.name(*left).cmp(tree.name(*right)));
            }
        }
        View {
            tree,
            starts,
            children,
            symlinks: self.symlinks,
        }
    }
}

fn numbered(alive: &[bool]) -> impl Iterator<Item = (NodeId, bool)> + '_ {
    (0..).zip(alive.iter().copied())
}

/// Finds a directory of the upper tree in the lower one, by its literal path.
fn literal(below: &Tree, top: &Tree, id: NodeId) -> Option<NodeId> {
    if id == ROOT {
        return Some(ROOT);
    }
    let parent = literal(below, top, top.get(id).parent)?;
    below.child(parent, top.name(id))
}

/// Puts one node of the upper tree onto the lower one and returns where it is there.
fn place(below: &mut Tree, top: &Tree, id: NodeId, places: &[NodeId]) -> Result<NodeId> {
    let node = top.get(id);
    let mut attributes = node.attributes;
    if attributes.kind == NodeKind::Symlink {
        attributes.link = below.store(top.text(attributes.link))?;
    }
    let existing = if id == ROOT {
        Some(ROOT)
    } else {
        let parent = places.get(index(node.parent)).copied().unwrap_or(ROOT);
        match below.child(parent, top.name(id)) {
            None => return below.insert(parent, top.name(id), attributes),
            found => found,
        }
    };
    let Some(existing) = existing else {
        return Ok(ROOT);
    };
    let lower = below.get(existing).attributes;
    match (attributes.kind, lower.kind) {
        (NodeKind::Implied, kind) if kind.is_directory() => {
            below.get_mut(existing).attributes.layer = attributes.layer;
            Ok(existing)
        }
        (NodeKind::Directory, kind) if kind.is_directory() => {
            below.get_mut(existing).attributes = attributes;
            Ok(existing)
        }
        (kind, lower) if !kind.is_directory() && !lower.is_directory() => {
            below.get_mut(existing).attributes = attributes;
            Ok(existing)
        }
        _ => below.replace(existing, attributes),
    }
}
