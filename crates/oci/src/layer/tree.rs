//! A file system tree in few allocations: nodes in one vector, names in another, one hash table for look-ups.
//!
//! A node takes about 60 bytes with its name and its place in the table, so that millions of entries stay affordable.
//! Nothing is ever removed: what is replaced gets another node, and the old one, with everything below it, can no
//! longer be reached. A parent's number is always lower than its children's.

use std::hash::{BuildHasher, RandomState};

use crate::error::{Error, Result};

/// Numbers a node.
pub(crate) type NodeId = u32;

/// The root directory.
pub(crate) const ROOT: NodeId = 0;

/// Content of something that is no regular file, or that nobody has.
pub(crate) const NO_CONTENT: u32 = u32::MAX;

/// Tells what a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    /// Directory that an entry names.
    Directory,
    /// Directory that only the paths of others imply.
    Implied,
    File,
    Symlink,
    Other,
}

impl NodeKind {
    pub(crate) fn is_directory(self) -> bool {
        matches!(self, Self::Directory | Self::Implied)
    }
}

/// Holds what is known of a node beside its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes {
    pub(crate) size: u64,
    /// Start of the link target among the names, for symbolic links.
    pub(crate) link: u32,
    /// Number of the content in its layer.
    pub(crate) content: u32,
    /// Layer of the content, which for a hard link to a lower layer is not the node's.
    pub(crate) content_layer: u16,
    pub(crate) layer: u16,
    pub(crate) mode: u16,
    pub(crate) kind: NodeKind,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) attributes: Attributes,
    pub(crate) parent: NodeId,
    name: u32,
    replaced: bool,
    /// Directory that hides what lower layers have in it.
    pub(crate) opaque: bool,
}

#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Record>,
    names: Vec<u8>,
    table: Vec<NodeId>,
    hasher: RandomState,
}

const EMPTY: NodeId = NodeId::MAX;

impl Attributes {
    pub(crate) fn directory(kind: NodeKind, layer: u16, mode: u16) -> Self {
        Self {
            size: 0,
            link: 0,
            content: NO_CONTENT,
            content_layer: layer,
            layer,
            mode,
            kind,
        }
    }
}

impl Tree {
    pub(crate) fn new(layer: u16) -> Self {
        let root = Record {
            attributes: Attributes::directory(NodeKind::Implied, layer, 0o755),
            parent: ROOT,
            name: 0,
            replaced: false,
            opaque: false,
        };
        // Names start with an empty one, so that offset 0 is a name for the root.
        Self {
            nodes: vec![root],
            names: vec![0, 0],
            table: vec![EMPTY; 64],
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn get(&self, id: NodeId) -> &Record {
        // Ids come only from this tree, and nodes are never removed.
        self.nodes.get(index(id)).expect("a node id names a node")
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> &mut Record {
        // As in `get`.
        self.nodes
            .get_mut(index(id))
            .expect("a node id names a node")
    }

    pub(crate) fn name(&self, id: NodeId) -> &[u8] {
        self.text(self.get(id).name)
    }

    /// Returns a text stored by [`Tree::store`].
    pub(crate) fn text(&self, offset: u32) -> &[u8] {
        let start = index(offset);
        let length = match self.names.get(start..start.saturating_add(2)) {
            Some([high, low]) => usize::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        };
        let start = start.saturating_add(2);
        self.names
            .get(start..start.saturating_add(length))
            .unwrap_or_default()
    }

    /// Stores a text of at most 65 535 bytes among the names.
    pub(crate) fn store(&mut self, text: &[u8]) -> Result<u32> {
        let full = || Error::LimitExceeded {
            limit: "layer-entries",
            max: u64::from(u32::MAX),
        };
        let offset = u32::try_from(self.names.len()).map_err(|_| full())?;
        let length = u16::try_from(text.len()).map_err(|_| full())?;
        self.names.extend_from_slice(&length.to_be_bytes());
        self.names.extend_from_slice(text);
        Ok(offset)
    }

    pub(crate) fn child(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.slot(parent, name).ok()
    }

    /// Adds a child that is not there yet.
    pub(crate) fn insert(
        &mut self,
        parent: NodeId,
        name: &[u8],
        attributes: Attributes,
    ) -> Result<NodeId> {
        let offset = self.store(name)?;
        let id = self.push(Record {
            attributes,
            parent,
            name: offset,
            replaced: false,
            opaque: false,
        })?;
        if self.nodes.len().saturating_mul(4) > self.table.len().saturating_mul(3) {
            self.grow();
        } else if let Err(slot) = self.slot(parent, name)
            && let Some(slot) = self.table.get_mut(slot)
        {
            *slot = id;
        }
        Ok(id)
    }

    /// Puts another node in a node's place; what is below the old one is gone.
    pub(crate) fn replace(&mut self, old: NodeId, attributes: Attributes) -> Result<NodeId> {
        let Record { parent, name, .. } = *self.get(old);
        let found = self.slot_of(old);
        let id = self.push(Record {
            attributes,
            parent,
            name,
            replaced: false,
            opaque: false,
        })?;
        if let Some(slot) = found.and_then(|slot| self.table.get_mut(slot)) {
            *slot = id;
        }
        self.get_mut(old).replaced = true;
        Ok(id)
    }

    /// Takes a node and everything below it away.
    pub(crate) fn remove(&mut self, id: NodeId) {
        // The table keeps the dead node as a tombstone: a probe runs over it, and `insert` never reuses it.
        self.get_mut(id).replaced = true;
    }

    /// Takes away everything below the root.
    pub(crate) fn clear(&mut self) {
        for node in self
            .nodes
            .iter_mut()
            .skip(1)
            .filter(|node| node.parent == ROOT)
        {
            node.replaced = true;
        }
    }

    /// Tells for each node whether it can be reached.
    pub(crate) fn alive(&self) -> Vec<bool> {
        let mut alive: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (number, node) in self.nodes.iter().enumerate() {
            let parent = number == 0 || alive.get(index(node.parent)).copied().unwrap_or_default();
            alive.push(parent && !node.replaced);
        }
        alive
    }

    /// Tells whether one node can be reached.
    pub(crate) fn is_alive(&self, mut id: NodeId) -> bool {
        loop {
            let node = self.get(id);
            if node.replaced {
                return false;
            }
            if id == ROOT {
                return true;
            }
            id = node.parent;
        }
    }

    /// Returns a node's path without a leading slash; empty for the root.
    pub(crate) fn path(&self, mut id: NodeId) -> Vec<u8> {
        let mut parts = Vec::new();
        while id != ROOT {
            parts.push(self.name(id));
            id = self.get(id).parent;
        }
        parts.reverse();
        parts.join(&b'/')
    }

    /// Frees what only [`Tree::child`] and changes need.
    pub(crate) fn freeze(&mut self) {
        self.table = Vec::new();
        self.nodes.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    fn push(&mut self, node: Record) -> Result<NodeId> {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(EMPTY);
        if id == EMPTY {
            return Err(Error::LimitExceeded {
                limit: "layer-entries",
                max: u64::from(EMPTY),
            });
        }
        self.nodes.push(node);
        Ok(id)
    }

    /// Finds the child's node, else the free slot of the table where it belongs.
    fn slot(&self, parent: NodeId, name: &[u8]) -> Result<NodeId, usize> {
        let mask = self.table.len().saturating_sub(1);
        let hash = self.hasher.hash_one((parent, name));
        let mut slot = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or_default() & mask;
        loop {
            match self.table.get(slot) {
                None | Some(&EMPTY) => return Err(slot),
                Some(id) => {
                    let node = self.get(*id);
                    if !node.replaced && node.parent == parent && self.text(node.name) == name {
                        return Ok(*id);
                    }
                }
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }

    fn slot_of(&self, wanted: NodeId) -> Option<usize> {
        let Record { parent, name, .. } = *self.get(wanted);
        let mask = self.table.len().saturating_sub(1);
        let hash = self.hasher.hash_one((parent, self.text(name)));
        let mut slot = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or_default() & mask;
        loop {
            match self.table.get(slot) {
                None | Some(&EMPTY) => return None,
                Some(id) if *id == wanted => return Some(slot),
                Some(_) => slot = slot.wrapping_add(1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let mask = self.table.len().saturating_mul(2).saturating_sub(1);
        let mut table = vec![EMPTY; mask.saturating_add(1)];
        for (number, node) in self
            .nodes
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, node)| !node.replaced)
        {
            let hash = self.hasher.hash_one((node.parent, self.text(node.name)));
            let mut slot = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or_default() & mask;
            while table.get(slot).is_some_and(|id| *id != EMPTY) {
                slot = slot.wrapping_add(1) & mask;
            }
            if let (Some(slot), Ok(id)) = (table.get_mut(slot), NodeId::try_from(number)) {
                *slot = id;
            }
        }
        self.table = table;
    }
}

pub(crate) fn index(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: u32) -> Attributes {
        Attributes {
            content,
            kind: NodeKind::File,
            ..Attributes::directory(NodeKind::File, 0, 0o644)
        }
    }

    #[test]
    fn children_are_found_replaced_and_removed() {
        let mut tree = Tree::new(0);
        let dir = tree
            .insert(
                ROOT,
                b"d",
                Attributes::directory(NodeKind::Directory, 0, 0o755),
            )
            .unwrap();
        for number in 0..1000_u32 {
            tree.insert(dir, format!("f{number}").as_bytes(), file(number))
                .unwrap();
        }
        for number in 0..1000_u32 {
            let id = tree.child(dir, format!("f{number}").as_bytes()).unwrap();
            assert_eq!(tree.get(id).attributes.content, number);
            assert_eq!(tree.path(id), format!("d/f{number}").as_bytes());
        }
        let inside = tree.child(dir, b"f7").unwrap();
        let other = tree.replace(dir, file(9)).unwrap();
        assert_eq!(tree.child(ROOT, b"d"), Some(other));
        assert!(!tree.is_alive(inside) && !tree.alive()[index(inside)]);
        tree.remove(other);
        assert_eq!(tree.child(ROOT, b"d"), None);
        let again = tree.insert(ROOT, b"d", file(1)).unwrap();
        assert_eq!(tree.child(ROOT, b"d"), Some(again));
        assert!(tree.is_alive(again) && !tree.is_alive(dir));
    }
}
