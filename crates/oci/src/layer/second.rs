//! Reads contents of a layer a second time, for hard links whose names matter although their targets' did not.
//!
//! Package stores (pnpm, uv, nix) write a content under a name that says nothing and link it to where it is used, in the
//! same layer or in a later one. The first reading cannot know that; this one fetches exactly the contents asked for.

use std::collections::BTreeMap;

use super::ContentReader;
use super::entries::HEAD;
use super::entry::{Entry, EntryKind, FileId, LayerFile, Unreadable, UnreadableReason};
use super::tar::{Header, Kind, Sink};
use crate::error::Result;
use crate::limits::Limits;

/// A hard link that asks for a content.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Layer of the link, which may be above that of the content.
    pub(super) layer: usize,
    pub(super) path: Vec<u8>,
    pub(super) mode: u32,
}

/// Links by the number of their content in the layer that is read.
pub(super) type Wanted = BTreeMap<u32, Vec<Link>>;

pub(super) struct SecondReading<'a, C: ContentReader> {
    reader: &'a C,
    limits: &'a Limits,
    layer: usize,
    wanted: &'a Wanted,
    next: u32,
    current: Option<(u32, i64)>,
    bytes: Vec<u8>,
    /// What was read, each with the layer of its links.
    pub(super) files: Vec<(usize, LayerFile<C::Output>)>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl<'a, C: ContentReader> SecondReading<'a, C> {
    pub(super) fn new(reader: &'a C, limits: &'a Limits, layer: usize, wanted: &'a Wanted) -> Self {
        let (files, unreadable) = (Vec::new(), Vec::new());
        Self {
            reader,
            limits,
            layer,
            wanted,
            next: 0,
            current: None,
            bytes: Vec::new(),
            files,
            unreadable,
        }
    }

    fn links(&self, number: u32) -> &'a [Link] {
        self.wanted.get(&number).map_or(&[], Vec::as_slice)
    }

    fn refuse(&mut self, number: u32, reason: &UnreadableReason) {
        for link in self.links(number) {
            self.unreadable.push(Unreadable {
                path: link.path.clone(),
                layer: link.layer,
                reason: reason.clone(),
            });
        }
    }

    /// Hands a content to the reader for the links of one layer.
    fn keep(&mut self, number: u32, links: &[&Link], bytes: Vec<u8>, mtime: i64) {
        let Some((first, others)) = links.split_first() else {
            return;
        };
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let content = self.reader.read(&entry(first, size, mtime), bytes);
        let file = LayerFile {
            path: first.path.clone(),
            links: others.iter().map(|link| link.path.clone()).collect(),
            mode: first.mode,
            size,
            content,
            id: FileId {
                layer: self.layer,
                number,
            },
        };
        self.files.push((first.layer, file));
    }
}

fn entry(link: &Link, size: u64, mtime: i64) -> Entry<'_> {
    Entry {
        path: &link.path,
        kind: EntryKind::Hardlink,
        mode: link.mode,
        size,
        link: None,
        mtime,
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
        let mut by_layer: BTreeMap<usize, Vec<&Link>> = BTreeMap::new();
        for link in self.links(number) {
            if self.reader.wants(&entry(link, size, mtime), head) {
                by_layer.entry(link.layer).or_default().push(link);
            }
        }
        let last = by_layer.pop_last();
        for links in by_layer.values() {
            self.keep(number, links, bytes.clone(), mtime);
        }
        if let Some((_, links)) = last {
            self.keep(number, &links, bytes, mtime);
        }
        Ok(())
    }
}
