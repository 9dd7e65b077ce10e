//! Reads contents of a layer a second time, for hard links whose names matter although their targets' did not.
//!
//! Package stores (pnpm, uv, nix) write a content under a name that says nothing and link it to where it is used. The
//! first reading cannot know that; this one fetches exactly the contents asked for.

use std::collections::BTreeMap;

use super::ContentReader;
use super::entries::{Entry, EntryKind, FileId, HEAD, LayerFile, Unreadable, UnreadableReason};
use super::tar::{Header, Kind, Sink};
use super::tree::{NodeId, Tree};
use crate::error::Result;
use crate::limits::Limits;

pub(crate) struct SecondReading<'a, C: ContentReader> {
    reader: &'a C,
    limits: &'a Limits,
    layer: usize,
    tree: &'a Tree,
    wanted: &'a BTreeMap<u32, Vec<NodeId>>,
    next: u32,
    current: Option<(u32, i64)>,
    bytes: Vec<u8>,
    pub(crate) files: Vec<LayerFile<C::Output>>,
    pub(crate) unreadable: Vec<Unreadable>,
}

impl<'a, C: ContentReader> SecondReading<'a, C> {
    pub(crate) fn new(
        reader: &'a C,
        limits: &'a Limits,
        layer: usize,
        tree: &'a Tree,
        wanted: &'a BTreeMap<u32, Vec<NodeId>>,
    ) -> Self {
        let (files, unreadable) = (Vec::new(), Vec::new());
        Self {
            reader,
            limits,
            layer,
            tree,
            wanted,
            next: 0,
            current: None,
            bytes: Vec::new(),
            files,
            unreadable,
        }
    }

    fn refuse(&mut self, number: u32, reason: &UnreadableReason) {
        for node in self.wanted.get(&number).into_iter().flatten() {
            let path = self.tree.path(*node);
            self.unreadable.push(Unreadable {
                path,
                layer: self.layer,
                reason: reason.clone(),
            });
        }
    }
}

impl<C: ContentReader> Sink for SecondReading<'_, C> {
    fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.current = None;
        if header.kind != Kind::Regular {
            return Ok(());
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        if !self.wanted.contains_key(&number) {
            return Ok(());
        }
        let max = self.limits.file_size;
        if header.sparse {
            self.refuse(number, &UnreadableReason::Sparse);
        } else if header.size > max {
            self.refuse(
                number,
                &UnreadableReason::TooLarge {
                    size: header.size,
                    max,
                },
            );
        } else {
            self.bytes.clear();
            self.current = Some((number, header.mtime));
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        if self.current.is_some() {
            self.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some((number, mtime)) = self.current.take() else {
            return Ok(());
        };
        let bytes = std::mem::take(&mut self.bytes);
        let head = bytes
            .get(..usize::try_from(HEAD).unwrap_or(usize::MAX))
            .unwrap_or(&bytes);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut paths = Vec::new();
        let mut mode = 0;
        for node in self.wanted.get(&number).into_iter().flatten() {
            if !self.tree.is_alive(*node) {
                continue;
            }
            let path = self.tree.path(*node);
            mode = u32::from(self.tree.get(*node).attributes.mode);
            let entry = Entry {
                path: &path,
                kind: EntryKind::Hardlink,
                mode,
                size,
                link: None,
                mtime,
            };
            if self.reader.wants(&entry, head) {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Ok(());
        }
        let path = paths.remove(0);
        let entry = Entry {
            path: &path,
            kind: EntryKind::Hardlink,
            mode,
            size,
            link: None,
            mtime,
        };
        let content = self.reader.read(&entry, bytes);
        let id = FileId {
            layer: self.layer,
            number,
        };
        self.files.push(LayerFile {
            path,
            links: paths,
            mode,
            size,
            content,
            id,
        });
        Ok(())
    }
}
