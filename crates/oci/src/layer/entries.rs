//! Keeps the entries of one layer as its tar names them, and reads the wanted contents.
//!
//! Within a layer this follows extraction: entries apply in order, a later one replaces an earlier one of its name, and
//! a path through a symbolic link of the same layer ends where the link points, clamped at the root. Whiteouts and
//! opaque markers (image-spec `layer.md`, "Whiteouts") act on lower layers only and are kept aside for the merge.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ContentReader;
use super::entry::{Entry, EntryKind, FileId, LayerFile, Unreadable, UnreadableReason, escape};
use super::tar::{Header, Kind, Sink};
use super::tree::{Attributes, NO_CONTENT, NodeId, NodeKind, ROOT, Tree};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Takes the entries of one layer from the tar parser.
pub(crate) struct Collector<'a, C: ContentReader> {
    reader: &'a C,
    limits: &'a Limits,
    layer: u16,
    windows: bool,
    image_entries: &'a AtomicU64,
    entries: u64,
    contents: u32,
    tree: Tree,
    whiteouts: Vec<(NodeId, u32)>,
    pending: Vec<(NodeId, Vec<u8>)>,
    kept: Vec<Kept<C::Output>>,
    second: BTreeMap<u32, Vec<NodeId>>,
    unreadable: Vec<Unreadable>,
    warnings: Vec<String>,
    /// Path and node of the last parent directory: neighbours in a tar mostly share it.
    last_parent: Option<(Vec<u8>, NodeId)>,
    current: Current,
    bytes: Vec<u8>,
}

struct Kept<T> {
    content: T,
    number: u32,
    size: u64,
    names: Vec<NodeId>,
}

/// What happens to the bytes that follow.
enum Current {
    Skip,
    /// Gathering the head, to ask the reader.
    Head(File),
    /// Gathering everything for the reader.
    Body(File),
}

#[derive(Clone, Copy)]
struct File {
    node: NodeId,
    number: u32,
    size: u64,
    mode: u32,
    mtime: i64,
    sparse: bool,
}

/// Holds all that one layer says.
pub(crate) struct Contents<T> {
    pub(crate) tree: Tree,
    /// Directories and the names in them that lower layers lose.
    pub(crate) whiteouts: Vec<(NodeId, u32)>,
    /// Hard links whose targets this layer does not have.
    pub(crate) pending: Vec<(NodeId, Vec<u8>)>,
    pub(crate) files: Vec<LayerFile<T>>,
    /// Contents for which the layer must be read again, with the links that want them.
    pub(crate) second: BTreeMap<u32, Vec<NodeId>>,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) warnings: Vec<String>,
}

/// Bytes of a content shown to [`ContentReader::wants`].
pub(crate) const HEAD: u64 = 4096;

/// First reservation for a wanted file: a header may promise what never comes.
const RESERVE: u64 = 1 << 20;

impl<'a, C: ContentReader> Collector<'a, C> {
    pub(crate) fn new(
        reader: &'a C,
        limits: &'a Limits,
        layer: u16,
        windows: bool,
        image_entries: &'a AtomicU64,
    ) -> Self {
        Self {
            reader,
            limits,
            layer,
            windows,
            image_entries,
            entries: 0,
            contents: 0,
            tree: Tree::new(layer),
            whiteouts: Vec::new(),
            pending: Vec::new(),
            kept: Vec::new(),
            second: BTreeMap::new(),
            unreadable: Vec::new(),
            warnings: Vec::new(),
            last_parent: None,
            current: Current::Skip,
            bytes: Vec::new(),
        }
    }

    /// Records something that could not be read.
    pub(crate) fn unreadable(&mut self, path: &[u8], reason: UnreadableReason) {
        self.unreadable.push(Unreadable {
            path: path.to_vec(),
            layer: usize::from(self.layer),
            reason,
        });
    }

    /// Tells whether the next bytes of the present file matter.
    pub(crate) fn is_interested(&self) -> bool {
        !matches!(self.current, Current::Skip)
    }

    /// Gives up on the present file.
    pub(crate) fn abandon(&mut self) {
        self.current = Current::Skip;
        self.bytes = Vec::new();
    }

    /// Closes the layer: hard links whose targets came later are tied, and what was overwritten is dropped.
    pub(crate) fn finish(mut self) -> Result<Contents<C::Output>> {
        for (node, target) in std::mem::take(&mut self.pending) {
            if !self.tree.is_alive(node) {
                continue;
            }
            match self.target(&target) {
                Some(found) if found != node && !self.is_pending(found) => {
                    self.tie(node, found, &target)
                }
                _ => self.pending.push((node, target)),
            }
        }
        let Self {
            tree, kept, layer, ..
        } = &mut self;
        let mut files = Vec::with_capacity(kept.len());
        for file in kept.drain(..) {
            let mut names = file.names.iter().filter(|node| {
                let attributes = tree.get(**node).attributes;
                attributes.content == file.number
                    && attributes.kind == NodeKind::File
                    && tree.is_alive(**node)
            });
            let Some(first) = names.next() else { continue };
            files.push(LayerFile {
                path: tree.path(*first),
                links: names.map(|node| tree.path(*node)).collect(),
                mode: u32::from(tree.get(*first).attributes.mode),
                size: file.size,
                content: file.content,
                id: FileId {
                    layer: usize::from(*layer),
                    number: file.number,
                },
            });
        }
        Ok(Contents {
            tree: self.tree,
            whiteouts: self.whiteouts,
            pending: self.pending,
            files,
            second: self.second,
            unreadable: self.unreadable,
            warnings: self.warnings,
        })
    }

    fn is_pending(&self, node: NodeId) -> bool {
        let attributes = self.tree.get(node).attributes;
        attributes.kind == NodeKind::Other
            && attributes.content == NO_CONTENT
            && attributes.link == PENDING
    }

    fn warn(&mut self, text: String) {
        // A hostile layer could warn with every entry.
        if self.warnings.len() < 100 {
            self.warnings.push(text);
        }
    }

    /// Makes a name of the path: the components joined by one slash each, or nothing for the root.
    fn normalise(&self, header: &Header<'_>) -> Result<Option<Vec<u8>>> {
        let fault = |reason| Error::EntryName {
            offset: header.offset,
            name: escape(header.name),
            reason,
        };
        if header.name.contains(&0) {
            return Err(fault("it contains NUL"));
        }
        let mut path = Vec::with_capacity(header.name.len());
        let mut parts = header
            .name
            .split(|byte| *byte == b'/')
            .filter(|part| !matches!(*part, b"" | b"."))
            .peekable();
        if self.windows && parts.next_if(|part| *part == b"Files").is_none() {
            // Windows layers keep registry hives and a virtual machine's files beside `Files` (image-spec `layer.md`
            // leaves it open; this is what Docker and containerd write).
            return Ok(None);
        }
        for part in parts {
            if part == b".." {
                return Err(fault("it climbs with `..`"));
            }
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(part);
        }
        Ok(Some(path))
    }

    fn too_long(&self, path: &[u8]) -> bool {
        let size = u64::try_from(path.len()).unwrap_or(u64::MAX);
        let depth = path.split(|byte| *byte == b'/').count();
        size > self.limits.path_size
            || u64::try_from(depth).unwrap_or(u64::MAX) > self.limits.path_depth
    }

    fn place(&mut self, header: &Header<'_>, number: u32) -> Result<()> {
        let Some(path) = self.normalise(header)? else {
            return Ok(());
        };
        let mode = u16::try_from(header.mode & 0o7777).unwrap_or_default();
        if path.is_empty() {
            if header.kind != Kind::Directory {
                let reason = "the root is no directory";
                return Err(Error::EntryName {
                    offset: header.offset,
                    name: escape(header.name),
                    reason,
                });
            }
            let root = self.tree.get_mut(ROOT);
            root.attributes.kind = NodeKind::Directory;
            root.attributes.mode = mode;
            return Ok(());
        }
        if self.too_long(&path)
            || u64::try_from(header.link.len()).unwrap_or(u64::MAX) > self.limits.path_size
        {
            self.unreadable(&path, UnreadableReason::PathTooLong);
            return Ok(());
        }
        let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (
                path.get(..slash).unwrap_or_default(),
                path.get(slash.saturating_add(1)..).unwrap_or_default(),
            ),
            None => (&[][..], path.as_slice()),
        };
        let Some(directory) = self.parent(parent)? else {
            self.unreadable(&path, UnreadableReason::LinkLoop);
            return Ok(());
        };
        if let Some(hidden) = name.strip_prefix(b".wh.") {
            return self.whiteout(header, directory, hidden);
        }
        let attributes = Attributes {
            size: header.size,
            link: 0,
            content: NO_CONTENT,
            content_layer: self.layer,
            layer: self.layer,
            mode,
            kind: NodeKind::Other,
        };
        match header.kind {
            Kind::Directory => self.directory(directory, name, mode).map(drop),
            Kind::Symlink => {
                let link = self.tree.store(header.link)?;
                self.put(
                    directory,
                    name,
                    Attributes {
                        kind: NodeKind::Symlink,
                        link,
                        ..attributes
                    },
                )
                .map(drop)
            }
            Kind::Other => self.put(directory, name, attributes).map(drop),
            Kind::Hardlink => self.hardlink(directory, name, header, attributes),
            Kind::Regular => {
                let attributes = Attributes {
                    kind: NodeKind::File,
                    content: number,
                    ..attributes
                };
                let node = self.put(directory, name, attributes)?;
                let file = File {
                    node,
                    number,
                    size: header.size,
                    mode: u32::from(mode),
                    mtime: header.mtime,
                    sparse: header.sparse,
                };
                self.bytes.clear();
                self.current = Current::Head(file);
                if file.size == 0 || file.sparse {
                    self.decide(file, &[]);
                }
                Ok(())
            }
        }
    }

    fn whiteout(&mut self, header: &Header<'_>, directory: NodeId, hidden: &[u8]) -> Result<()> {
        match hidden {
            b".wh..opq" => self.tree.get_mut(directory).opaque = true,
            // aufs bookkeeping (`.wh..wh.plnk`, `.wh..wh.aufs`, …): reserved names that mean nothing here.
            _ if hidden.starts_with(b".wh.") => {}
            b"" | b"." | b".." => {
                let reason = "a whiteout hides nothing";
                return Err(Error::EntryName {
                    offset: header.offset,
                    name: escape(header.name),
                    reason,
                });
            }
            _ => {
                let name = self.tree.store(hidden)?;
                self.whiteouts.push((directory, name));
            }
        }
        Ok(())
    }

    fn hardlink(
        &mut self,
        parent: NodeId,
        name: &[u8],
        header: &Header<'_>,
        plain: Attributes,
    ) -> Result<()> {
        if header.link.contains(&0) {
            let reason = "its link target contains NUL";
            return Err(Error::EntryName {
                offset: header.offset,
                name: escape(header.name),
                reason,
            });
        }
        let found = self
            .target(header.link)
            .filter(|found| !self.is_pending(*found));
        if found.is_some() && found == self.tree.child(parent, name) {
            return Ok(());
        }
        let node = self.put(
            parent,
            name,
            Attributes {
                link: PENDING,
                ..plain
            },
        )?;
        match found {
            Some(found) => self.tie(node, found, header.link),
            None => self.pending.push((node, header.link.to_vec())),
        }
        Ok(())
    }

    /// Gives a link its target's content and asks whether its name makes the content interesting.
    fn tie(&mut self, node: NodeId, target: NodeId, written: &[u8]) {
        let layer = self.tree.get(node).attributes.layer;
        let attributes = Attributes {
            layer,
            ..self.tree.get(target).attributes
        };
        self.tree.get_mut(node).attributes = attributes;
        if attributes.kind != NodeKind::File {
            return;
        }
        if let Ok(place) = self
            .kept
            .binary_search_by_key(&attributes.content, |kept| kept.number)
        {
            if let Some(kept) = self.kept.get_mut(place) {
                kept.names.push(node);
            }
            return;
        }
        let path = self.tree.path(node);
        let entry = Entry {
            path: &path,
            kind: EntryKind::Hardlink,
            mode: u32::from(attributes.mode),
            size: attributes.size,
            link: Some(written),
            mtime: 0,
        };
        if attributes.size > 0 && self.reader.wants(&entry, &[]) {
            self.second
                .entry(attributes.content)
                .or_default()
                .push(node);
        }
    }

    /// Finds what a hard link's target names in this layer, through symbolic links on the way but not at the end.
    fn target(&self, written: &[u8]) -> Option<NodeId> {
        let mut hops = 0;
        let node = walk(
            &self.tree,
            ROOT,
            written,
            &mut hops,
            self.limits.symlinks,
            false,
        )?;
        (!self.tree.get(node).attributes.kind.is_directory()).then_some(node)
    }

    /// Finds or makes the directory of a path; `None` when symbolic links lead nowhere.
    fn parent(&mut self, path: &[u8]) -> Result<Option<NodeId>> {
        if path.is_empty() {
            return Ok(Some(ROOT));
        }
        if let Some((last, node)) = &self.last_parent
            && last == path
        {
            return Ok(Some(*node));
        }
        let mut budget = self.limits.symlinks;
        let found = self.make(ROOT, path, &mut budget)?;
        self.last_parent = found.map(|node| (path.to_vec(), node));
        Ok(found)
    }

    /// Walks a path from a directory, making the directories that are missing.
    fn make(&mut self, from: NodeId, path: &[u8], budget: &mut u64) -> Result<Option<NodeId>> {
        let mut here = if path.starts_with(b"/") { ROOT } else { from };
        for part in path.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => continue,
                b".." => {
                    here = self.tree.get(here).parent;
                    continue;
                }
                _ => {}
            }
            let Some(child) = self.tree.child(here, part) else {
                here = self.tree.insert(
                    here,
                    part,
                    Attributes::directory(NodeKind::Implied, self.layer, 0o755),
                )?;
                continue;
            };
            let attributes = self.tree.get(child).attributes;
            here = match attributes.kind {
                kind if kind.is_directory() => child,
                NodeKind::Symlink => {
                    if *budget == 0 {
                        return Ok(None);
                    }
                    *budget -= 1;
                    let target = self.tree.text(attributes.link).to_vec();
                    match self.make(here, &target, budget)? {
                        Some(node) => node,
                        None => return Ok(None),
                    }
                }
                _ => {
                    self.last_parent = None;
                    self.tree.replace(
                        child,
                        Attributes::directory(NodeKind::Implied, self.layer, 0o755),
                    )?
                }
            };
        }
        Ok(Some(here))
    }

    fn directory(&mut self, parent: NodeId, name: &[u8], mode: u16) -> Result<NodeId> {
        let attributes = Attributes::directory(NodeKind::Directory, self.layer, mode);
        match self.tree.child(parent, name) {
            Some(node) if self.tree.get(node).attributes.kind.is_directory() => {
                self.tree.get_mut(node).attributes = attributes;
                Ok(node)
            }
            Some(node) => {
                self.last_parent = None;
                self.tree.replace(node, attributes)
            }
            None => self.tree.insert(parent, name, attributes),
        }
    }

    /// Puts something that is no directory; what had the name before is gone.
    fn put(&mut self, parent: NodeId, name: &[u8], attributes: Attributes) -> Result<NodeId> {
        let Some(node) = self.tree.child(parent, name) else {
            return self.tree.insert(parent, name, attributes);
        };
        let path = escape(&self.tree.path(node));
        self.warn(format!(
            "layer {} names `{path}` twice, the last one counts",
            self.layer
        ));
        self.last_parent = None;
        self.tree.replace(node, attributes)
    }

    /// Asks the reader once the head is there.
    fn decide(&mut self, file: File, head: &[u8]) {
        let path = self.tree.path(file.node);
        let entry = Entry {
            path: &path,
            kind: EntryKind::File,
            mode: file.mode,
            size: file.size,
            link: None,
            mtime: file.mtime,
        };
        self.current = Current::Skip;
        if !self.reader.wants(&entry, head) {
            return;
        }
        let max = self.limits.file_size;
        if file.sparse {
            self.unreadable(&path, UnreadableReason::Sparse);
        } else if file.size > max {
            self.unreadable(
                &path,
                UnreadableReason::TooLarge {
                    size: file.size,
                    max,
                },
            );
        } else {
            self.bytes
                .reserve(usize::try_from(file.size.min(RESERVE)).unwrap_or_default());
            self.current = Current::Body(file);
        }
    }
}

/// Mark of a hard link whose target is not known yet, in the place of a symbolic link's target.
pub(crate) const PENDING: u32 = u32::MAX;

/// Walks a path without changing anything; `..` stops at the root.
pub(crate) fn walk(
    tree: &Tree,
    from: NodeId,
    path: &[u8],
    hops: &mut u64,
    max: u64,
    follow_last: bool,
) -> Option<NodeId> {
    let mut here = if path.starts_with(b"/") { ROOT } else { from };
    let mut parts = path
        .split(|byte| *byte == b'/')
        .filter(|part| !matches!(*part, b"" | b"."))
        .peekable();
    while let Some(part) = parts.next() {
        if part == b".." {
            here = tree.get(here).parent;
            continue;
        }
        let child = tree.child(here, part)?;
        let last = parts.peek().is_none();
        let attributes = tree.get(child).attributes;
        here = match attributes.kind {
            NodeKind::Symlink if !last || follow_last => {
                *hops = hops.saturating_add(1);
                if *hops > max {
                    return None;
                }
                walk(tree, here, tree.text(attributes.link), hops, max, true)?
            }
            kind if last || kind.is_directory() => child,
            _ => return None,
        };
    }
    Some(here)
}

impl<C: ContentReader> Sink for Collector<'_, C> {
    fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.entries = self.entries.saturating_add(1);
        if self.entries > self.limits.layer_entries {
            return Err(Error::LimitExceeded {
                limit: "layer-entries",
                max: self.limits.layer_entries,
            });
        }
        if self.image_entries.fetch_add(1, Ordering::Relaxed) >= self.limits.image_entries {
            return Err(Error::LimitExceeded {
                limit: "image-entries",
                max: self.limits.image_entries,
            });
        }
        let number = self.contents;
        if header.kind == Kind::Regular {
            self.contents = self.contents.saturating_add(1);
        }
        self.current = Current::Skip;
        self.place(header, number)
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        match self.current {
            Current::Skip => {}
            Current::Body(_) => self.bytes.extend_from_slice(bytes),
            Current::Head(file) => {
                let need = usize::try_from(file.size.min(HEAD)).unwrap_or_default();
                if self.bytes.is_empty()
                    && let Some(head) = bytes.get(..need)
                {
                    self.decide(file, head);
                } else {
                    self.bytes.extend_from_slice(bytes);
                    if self.bytes.len() < need {
                        return Ok(());
                    }
                    let gathered = std::mem::take(&mut self.bytes);
                    self.decide(file, gathered.get(..need).unwrap_or_default());
                    if matches!(self.current, Current::Body(_)) {
                        self.bytes.extend_from_slice(&gathered);
                    }
                    return Ok(());
                }
                if matches!(self.current, Current::Body(_)) {
                    self.bytes.extend_from_slice(bytes);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if let Current::Body(file) = std::mem::replace(&mut self.current, Current::Skip) {
            let path = self.tree.path(file.node);
            let entry = Entry {
                path: &path,
                kind: EntryKind::File,
                mode: file.mode,
                size: file.size,
                link: None,
                mtime: file.mtime,
            };
            let content = self.reader.read(&entry, std::mem::take(&mut self.bytes));
            self.kept.push(Kept {
                content,
                number: file.number,
                size: file.size,
                names: vec![file.node],
            });
        }
        Ok(())
    }
}
