//! Moves the bytes of layers: two threads a layer, several layers at once, a fixed number of buffers.
//!
//! The first thread of a layer reads, hashes and decompresses; the second hashes the decompressed bytes (`diff_id`) and
//! parses. Buffers travel back for reuse. Memory is bounded by the buffers and by the wanted files, never by the image.
//! The first hard error stops all layers. Nothing of a layer is published before its size, digest and `diff_id` hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::{panic, thread};

use super::ContentReader;
use super::decompress::Decoder;
use super::entries::{Collector, Contents};
use super::entry::{Entry, EntryKind, FileId, LayerFile, Unreadable, UnreadableReason};
use super::overlay::{Merge, View};
use super::second::{Link, SecondReading, Wanted};
use super::tar::{Parser, Sink};
use crate::digest::{Algorithm, Hasher};
use crate::error::{Error, ErrorClass, Result};
use crate::event::Event;
use crate::image::{Access, Image, LayerInfo};

/// Holds what was read of all layers.
#[derive(Debug)]
pub struct Layers<T> {
    /// Wanted files of each layer, lowest layer first.
    pub layers: Vec<Layer<T>>,
    /// The merged tree.
    pub view: View,
    /// What could not be read, sorted.
    pub unreadable: Vec<Unreadable>,
}

/// Holds the wanted files of one layer.
#[derive(Debug)]
pub struct Layer<T> {
    /// Which layer.
    pub info: LayerInfo,
    /// Wanted files in the order of the layer's entries, also those that a higher layer hides; then those that are hard
    /// links to contents of lower layers.
    pub files: Vec<LayerFile<T>>,
}

/// Reads all layers of an image once, each in its own threads, and merges them.
///
/// A layer is read again only for hard links, of itself and of higher layers, whose names are wanted although their
/// contents were not, and for those of higher layers to contents that were.
///
/// # Errors
/// Size, digest or `diff_id` mismatch, malformed or hostile layers, exceeded limits, or what the source says; each
/// wrapped in [`Error::Layer`]. Of several failing layers the lowest is reported.
pub fn read_layers<C: ContentReader>(
    image: &Image,
    reader: &C,
    access: &Access<'_>,
) -> Result<Layers<C::Output>> {
    let infos = image.layers();
    let pass = Pass {
        image,
        reader,
        access,
        cancelled: AtomicBool::new(false),
        entries: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    };
    let mut order: Vec<&LayerInfo> = infos.iter().collect();
    order.sort_by_key(|info| (std::cmp::Reverse(info.size), info.index));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::<Outcome<C::Output>>::with_capacity(order.len()));
    let workers = thread::available_parallelism()
        .map_or(2, usize::from)
        .max(2)
        .min(order.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(info) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(result) = pass.layer(info).transpose() else {
                        break;
                    };
                    if result.is_err() {
                        pass.cancelled.store(true, Ordering::Relaxed);
                    }
                    results
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((info.index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    let mut contents = Vec::with_capacity(results.len());
    for (_, result) in results {
        contents.push(result?);
    }
    merge(&pass, contents)
}

fn merge<C: ContentReader>(
    pass: &Pass<'_, C>,
    contents: Vec<Contents<C::Output>>,
) -> Result<Layers<C::Output>> {
    let mut merge = Merge::new(pass.access.limits.symlinks);
    let mut kept: BTreeSet<FileId> = BTreeSet::new();
    let mut layers = Vec::with_capacity(contents.len());
    for (info, mut contents) in pass.image.layers().iter().zip(contents) {
        for warning in std::mem::take(&mut contents.warnings) {
            (pass.access.events)(Event::Warning(warning));
        }
        let files = merge.add(contents, layer_number(info)?, |path, attributes| {
            let id = FileId {
                layer: usize::from(attributes.content_layer),
                number: attributes.content,
            };
            let (mode, size) = (u32::from(attributes.mode), attributes.size);
            let entry = Entry {
                path,
                kind: EntryKind::Hardlink,
                mode,
                size,
                link: None,
                mtime: 0,
            };
            // Contents are found by layer and name, so what was kept for a lower layer does not serve this one.
            kept.contains(&id) || pass.reader.wants(&entry, &[])
        })?;
        kept.extend(files.iter().map(|file| file.id));
        layers.push(Layer {
            info: info.clone(),
            files,
        });
    }
    let mut unreadable = std::mem::take(&mut merge.unreadable);
    for (layer, wanted) in std::mem::take(&mut merge.lower) {
        unreadable.extend(pass.read_lower(layer, &wanted, &mut layers)?);
    }
    unreadable.sort();
    Ok(Layers {
        layers,
        view: merge.finish(),
        unreadable,
    })
}

/// Names the links of a layer that want contents of the same layer.
fn in_layer<T>(contents: &Contents<T>, layer: usize) -> Wanted {
    let tree = &contents.tree;
    let links = |nodes: &Vec<_>| {
        let alive = nodes.iter().filter(|node| tree.is_alive(**node));
        alive
            .map(|node| Link {
                layer,
                path: tree.path(*node),
                mode: u32::from(tree.get(*node).attributes.mode),
            })
            .collect()
    };
    contents
        .second
        .iter()
        .map(|(number, nodes)| (*number, links(nodes)))
        .collect::<BTreeMap<_, _>>()
}

/// Number of a layer and what came of it.
type Outcome<T> = (usize, Result<Contents<T>>);

struct Pass<'a, C: ContentReader> {
    image: &'a Image,
    reader: &'a C,
    access: &'a Access<'a>,
    cancelled: AtomicBool,
    entries: AtomicU64,
    bytes: AtomicU64,
}

impl<C: ContentReader> Pass<'_, C> {
    /// Reads one layer; `None` when another layer's error stopped it.
    fn layer(&self, info: &LayerInfo) -> Result<Option<Contents<C::Output>>> {
        let limits = self.access.limits;
        let layer = layer_number(info)?;
        let mut collector = Collector::new(
            self.reader,
            limits,
            layer,
            self.image.is_windows(),
            &self.entries,
        );
        if let Some(directory) = self.image.directory() {
            directory.walk(&mut collector)?;
            return collector.finish().map(Some);
        }
        let (Some(digest), Some(_)) = (info.digest(), &info.diff_id) else {
            return Ok(None);
        };
        (self.access.events)(Event::LayerStarted {
            index: info.index,
            digest: digest.clone(),
            size: info.size,
        });
        let read = |collector: Collector<'_, C>| -> Result<Option<Contents<C::Output>>> {
            let Some(collector) = self.parse(info, collector, true)? else {
                return Ok(None);
            };
            let mut contents = collector.finish()?;
            if !contents.second.is_empty() {
                let wanted = in_layer(&contents, info.index);
                let second = SecondReading::new(self.reader, limits, info.index, &wanted);
                let Some(second) = self.parse(info, second, false)? else {
                    return Ok(None);
                };
                let SecondReading {
                    files, unreadable, ..
                } = second;
                contents
                    .files
                    .extend(files.into_iter().map(|(_, file)| file));
                contents.files.sort_by_key(|file| file.id);
                contents.unreadable.extend(unreadable);
            }
            Ok(Some(contents))
        };
        let contents = read(collector).map_err(|error| error.of_layer(info.index, digest))?;
        if contents.is_some() {
            (self.access.events)(Event::LayerDone { index: info.index });
        }
        Ok(contents)
    }

    /// Reads contents of a layer for hard links of higher ones, and gives them to those.
    fn read_lower(
        &self,
        layer: u16,
        wanted: &Wanted,
        layers: &mut [Layer<C::Output>],
    ) -> Result<Vec<Unreadable>> {
        let layer = usize::from(layer);
        let found = match self.image.layers().get(layer) {
            Some(info) => {
                let sink = SecondReading::new(self.reader, self.access.limits, layer, wanted);
                self.parse(info, sink, false)
                    .map_err(|error| match info.digest() {
                        Some(digest) => error.of_layer(layer, digest),
                        None => error,
                    })?
            }
            None => None,
        };
        let Some(SecondReading {
            files, unreadable, ..
        }) = found
        else {
            let links = wanted.values().flatten();
            return Ok(links
                .map(|link| Unreadable {
                    path: link.path.clone(),
                    layer: link.layer,
                    reason: UnreadableReason::LowerContent,
                })
                .collect());
        };
        for (layer, file) in files {
            if let Some(layer) = layers.get_mut(layer) {
                layer.files.push(file);
            }
        }
        Ok(unreadable)
    }

    /// Streams a layer through the tar parser into a sink.
    fn parse<S: Sink>(&self, info: &LayerInfo, mut sink: S, first: bool) -> Result<Option<S>> {
        let mut parser = Parser::new(self.access.limits.tar_record_size);
        let complete = self.stream(info, first, &mut |bytes| parser.push(bytes, &mut sink))?;
        if !complete {
            return Ok(None);
        }
        parser.finish()?;
        Ok(Some(sink))
    }

    /// Runs both threads of a layer and returns whether it was read to its end.
    fn stream(
        &self,
        info: &LayerInfo,
        first: bool,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<bool> {
        let count = AtomicU64::new(0);
        let source = Counting {
            inner: self.image.open_layer(info)?,
            count: &count,
        };
        let (full_sender, full) = mpsc::sync_channel::<(Vec<u8>, usize)>(BUFFERS);
        let (free, free_receiver) = mpsc::channel::<Vec<u8>>();
        for _ in 0..BUFFERS {
            // The receiver is still here, so sending cannot fail.
            let _ = free.send(vec![0; BUFFER]);
        }
        let abandoned = AtomicBool::new(false);
        let abandoned = &abandoned;
        let count = &count;
        let (produced, consumed) = thread::scope(|scope| {
            let producer = scope.spawn(move || {
                let lane = Lane {
                    info,
                    first,
                    count,
                    abandoned,
                    full: full_sender,
                    free: free_receiver,
                };
                self.produce(source, &lane)
            });
            let consumed = self.consume(info, first, &full, &free, take);
            if matches!(&consumed, Err(Error::LimitExceeded { .. })) {
                abandoned.store(true, Ordering::Relaxed);
            }
            drop((full, free));
            (
                producer
                    .join()
                    .unwrap_or_else(|panic| panic::resume_unwind(panic)),
                consumed,
            )
        });
        match (produced, consumed) {
            // Bytes that are not the promised ones explain whatever else went wrong with them.
            (Err(error), Err(_)) if error.class() == ErrorClass::Mismatch => Err(error),
            (_, Err(error)) | (Err(error), _) => Err(error),
            (Ok(false), _) => Ok(false),
            (Ok(true), Ok(hasher)) => {
                let found = hasher.finish();
                match &info.diff_id {
                    Some(expected) if *expected != found => Err(Error::DiffIdMismatch {
                        expected: expected.clone(),
                        found,
                    }),
                    _ => Ok(true),
                }
            }
        }
    }

    /// Reads, checks and decompresses. Returns false when it was told to stop.
    fn produce(&self, source: Counting<'_, Box<dyn Read + Send>>, lane: &Lane<'_>) -> Result<bool> {
        let limits = self.access.limits;
        let mut decoder = Decoder::new(source, limits)?;
        let (mut produced, mut reported) = (0_u64, 0_u64);
        while let Ok(mut buffer) = lane.free.recv() {
            if self.cancelled.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let filled = match decoder.fill(&mut buffer) {
                Ok(filled) => filled,
                Err(error @ Error::Compression { .. }) => {
                    // Tampered bytes rarely decode: read on, so that the digest can say so.
                    decoder.drain()?;
                    return Err(error);
                }
                Err(error) => return Err(error),
            };
            let read = lane.count.load(Ordering::Relaxed);
            if lane.first && read.saturating_sub(reported) >= PROGRESS {
                reported = read;
                (self.access.events)(Event::LayerProgress {
                    index: lane.info.index,
                    read,
                });
            }
            if filled == 0 {
                decoder.drain()?;
                return Ok(true);
            }
            produced = produced.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
            if produced > RATIO_START && produced / read.max(1) > limits.compression_ratio {
                return Err(Error::LimitExceeded {
                    limit: "compression-ratio",
                    max: limits.compression_ratio,
                });
            }
            if lane.full.send((buffer, filled)).is_err() {
                break;
            }
        }
        // The other thread has failed. Unless it hit a limit, see whether the bytes were the promised ones at all.
        if !lane.abandoned.load(Ordering::Relaxed) && !self.cancelled.load(Ordering::Relaxed) {
            decoder.drain()?;
        }
        Ok(false)
    }

    /// Hashes and hands on the decompressed bytes, and counts them against the limits.
    fn consume(
        &self,
        info: &LayerInfo,
        first: bool,
        full: &mpsc::Receiver<(Vec<u8>, usize)>,
        free: &mpsc::Sender<Vec<u8>>,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<Hasher> {
        let limits = self.access.limits;
        let algorithm = info
            .diff_id
            .as_ref()
            .map_or(Algorithm::Sha256, |digest| digest.algorithm());
        let mut hasher = Hasher::new(algorithm);
        let mut total = 0_u64;
        while let Ok((buffer, filled)) = full.recv() {
            let bytes = buffer.get(..filled).unwrap_or_default();
            let count = u64::try_from(filled).unwrap_or(u64::MAX);
            total = total.saturating_add(count);
            if total > limits.layer_size {
                return Err(Error::LimitExceeded {
                    limit: "layer-size",
                    max: limits.layer_size,
                });
            }
            if first
                && self
                    .bytes
                    .fetch_add(count, Ordering::Relaxed)
                    .saturating_add(count)
                    > limits.image_size
            {
                return Err(Error::LimitExceeded {
                    limit: "image-size",
                    max: limits.image_size,
                });
            }
            hasher.update(bytes);
            take(bytes)?;
            // The producer may be gone already; then nobody needs the buffer.
            let _ = free.send(buffer);
        }
        Ok(hasher)
    }
}

/// Holds the producer's ends of the two channels and what it shares.
struct Lane<'a> {
    info: &'a LayerInfo,
    first: bool,
    count: &'a AtomicU64,
    abandoned: &'a AtomicBool,
    full: mpsc::SyncSender<(Vec<u8>, usize)>,
    free: mpsc::Receiver<Vec<u8>>,
}

/// Counts the compressed bytes.
struct Counting<'a, R> {
    inner: R,
    count: &'a AtomicU64,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count
            .fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(count)
    }
}

fn layer_number(info: &LayerInfo) -> Result<u16> {
    u16::try_from(info.index).map_err(|_| Error::LimitExceeded {
        limit: "layers",
        max: u64::from(u16::MAX),
    })
}

/// Buffers of a layer and bytes of each: at once in the second-level cache, and enough that neither thread waits.
const BUFFERS: usize = 8;
const BUFFER: usize = 256 << 10;

/// Compressed bytes between two progress events.
const PROGRESS: u64 = 1 << 20;

/// Decompressed bytes from which the ratio is looked at.
const RATIO_START: u64 = 1 << 30;
