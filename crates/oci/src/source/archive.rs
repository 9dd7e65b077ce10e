//! Images in one tar file: OCI layouts (`oci-archive:`) and what `docker save` writes (`docker-archive:`).
//!
//! The headers are walked once without reading contents; members are then read in place, several at a time. A
//! compressed file, which has no places to go to, is first decompressed to an unlinked temporary file. Since Docker 25
//! an archive is a layout too, and is then read as one. Members are never extracted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::layout::{check_marker, same_name, select};
use super::{ImageSource, Selector, Untrusted};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::layer::decompress::{Compression, Decoder};
use crate::layer::entry::escape;
use crate::layer::tar::{Header, Kind, Parser, Sink};
use crate::limits::Limits;
use crate::manifest::{Descriptor, ImageIndex, Strictness, parse_json};

/// Reads the members of a tar file in place.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    file: Arc<File>,
    members: Arc<BTreeMap<Vec<u8>, Member>>,
    origin: String,
    limits: Limits,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Content {
        offset: u64,
        size: u64,
    },
    /// Symbolic or hard link to another member.
    Link(Vec<u8>),
}

impl Archive {
    /// Opens an archive and walks its headers.
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let mut file = fs_err::File::open(path).map_err(|error| Error::opening(path, error))?;
        if !file.metadata()?.is_file() {
            return Err(Error::NotAnImage {
                reason: "the archive is no regular file".to_owned(),
            });
        }
        let mut start = Vec::new();
        Read::by_ref(&mut file).take(4).read_to_end(&mut start)?;
        let file = match Compression::of(&start) {
            Compression::None => file.into_parts().0,
            _ => {
                io::Seek::rewind(&mut file)?;
                spool(file, limits)?
            }
        };
        let members = walk(&file, limits)?;
        Ok(Self {
            file: Arc::new(file),
            members: Arc::new(members),
            origin: path.display().to_string(),
            limits: limits.clone(),
        })
    }

    /// Tells whether the archive is an OCI layout.
    pub(crate) fn is_layout(&self) -> bool {
        self.members.contains_key(b"oci-layout".as_slice())
            && self.members.contains_key(b"index.json".as_slice())
    }

    /// Chooses the image of a docker archive that is no layout.
    ///
    /// # Errors
    /// [`Error::NotAnImage`] without `manifest.json`, [`Error::Ambiguous`], [`Error::NotFound`], [`Error::Json`].
    pub(crate) fn docker_image(&self, selector: Option<&Selector>) -> Result<DockerImage> {
        let max = self.limits.archive_manifest_size;
        let bytes = match self.member(b"manifest.json") {
            Ok(_) => self.read(b"manifest.json", "archive-manifest-size", max)?,
            Err(_) => {
                return Err(Error::NotAnImage {
                    reason: format!(
                        "`{}` has neither `manifest.json` nor `oci-layout`",
                        self.origin
                    ),
                });
            }
        };
        let images: Vec<DockerImage> = parse_json("manifest.json", &bytes, Strictness::Other)?;
        let names = |image: &DockerImage| image.repo_tags.clone().unwrap_or_default();
        let mut chosen: Vec<(usize, &DockerImage)> = images
            .iter()
            .enumerate()
            .filter(|(index, image)| match selector {
                None => true,
                Some(Selector::Index(wanted)) => index == wanted,
                Some(Selector::Tag(wanted)) => {
                    names(image).iter().any(|name| same_name(name, wanted))
                }
                Some(Selector::Digest(_)) => false,
            })
            .collect();
        match (chosen.pop(), chosen.is_empty()) {
            (Some((_, image)), true) => Ok(image.clone()),
            (None, _) => Err(Error::NotFound {
                name: selector.map_or_else(|| "an image".to_owned(), ToString::to_string),
                origin: self.origin.clone(),
            }),
            (Some(last), false) => {
                chosen.push(last);
                let choice = |(index, image): &(usize, &DockerImage)| match names(image).first() {
                    Some(name) => format!(":{}", crate::digest::excerpt(name)),
                    None => format!(":@{index}"),
                };
                Err(Error::Ambiguous {
                    origin: self.origin.clone(),
                    choices: chosen.iter().map(choice).collect(),
                })
            }
        }
    }

    /// Returns where a member's content is, through links inside the archive.
    fn member(&self, name: &[u8]) -> Result<(u64, u64)> {
        let missing = || Error::NotFound {
            name: escape(name),
            origin: self.origin.clone(),
        };
        let mut name = name.to_vec();
        for _ in 0..=self.limits.symlinks {
            match self.members.get(&name).ok_or_else(missing)? {
                Member::Content { offset, size } => return Ok((*offset, *size)),
                Member::Link(target) => name.clone_from(target),
            }
        }
        Err(Error::InvalidDocument {
            what: escape(&name),
            reason: "links inside the archive go round".to_owned(),
        })
    }

    /// Returns the size of a member.
    pub(crate) fn size(&self, name: &[u8]) -> Result<u64> {
        Ok(self.member(&normalise(name))?.1)
    }

    /// Opens a member.
    pub(crate) fn open_member(&self, name: &[u8]) -> Result<Box<dyn Read + Send>> {
        let (offset, left) = self.member(&normalise(name))?;
        Ok(Box::new(Section {
            file: Arc::clone(&self.file),
            offset,
            left,
        }))
    }

    /// Reads a small member.
    pub(crate) fn read(&self, name: &[u8], limit: &'static str, max: u64) -> Result<Vec<u8>> {
        if self.size(name)? > max {
            return Err(Error::LimitExceeded { limit, max });
        }
        let mut bytes = Vec::new();
        self.open_member(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Holds an entry of a docker archive's `manifest.json` (moby `image/tarexport`).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DockerImage {
    #[serde(rename = "Config")]
    pub(crate) config: String,
    #[serde(rename = "RepoTags", default)]
    pub(crate) repo_tags: Option<Vec<String>>,
    #[serde(rename = "Layers", default)]
    pub(crate) layers: Option<Vec<String>>,
}

impl ImageSource for Archive {
    fn resolve(&self, selector: Option<&Selector>) -> Result<Untrusted> {
        let missing = |name: &str| Error::NotFound {
            name: name.to_owned(),
            origin: self.origin.clone(),
        };
        if !self.is_layout() {
            return Err(missing("oci-layout"));
        }
        let max = self.limits.layout_index_size;
        check_marker(&self.read(b"oci-layout", "layout-index-size", max)?)?;
        let index = ImageIndex::parse(&self.read(b"index.json", "layout-index-size", max)?)?;
        select(self, &index, selector, &self.origin, &self.limits)
    }

    fn open(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        let Descriptor { digest, .. } = descriptor;
        let name = blob_name(digest);
        self.open_member(name.as_bytes())
            .map_err(|error| match error {
                Error::NotFound { origin, .. } => Error::NotFound {
                    name: digest.to_string(),
                    origin,
                },
                error => error,
            })
    }
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().as_str(), digest.hex())
}

/// Decompresses a file to a temporary one that has no name.
fn spool(file: fs_err::File, limits: &Limits) -> Result<File> {
    let mut decoder = Decoder::new(file, limits)?;
    let mut spooled = tempfile::tempfile()?;
    let mut buffer = vec![0; 256 << 10];
    let mut total = 0_u64;
    loop {
        let filled = decoder.fill(&mut buffer)?;
        if filled == 0 {
            return Ok(spooled);
        }
        total = total.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
        if total > limits.image_size {
            return Err(Error::LimitExceeded {
                limit: "image-size",
                max: limits.image_size,
            });
        }
        spooled.write_all(buffer.get(..filled).unwrap_or_default())?;
    }
}

/// Walks the headers of a tar file, skipping contents by position.
fn walk(file: &File, limits: &Limits) -> Result<BTreeMap<Vec<u8>, Member>> {
    let mut parser = Parser::new(limits.tar_record_size);
    let mut names = Names {
        members: BTreeMap::new(),
        count: 0,
        max: limits.archive_entries,
        last: None,
    };
    let end = file.metadata()?.len();
    let (mut position, mut block) = (0_u64, [0; 512]);
    while position < end && !parser.ended() {
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..)
            && !rest.is_empty()
        {
            let place = position.saturating_add(u64::try_from(filled).unwrap_or_default());
            match read_at(file, rest, place)? {
                0 => break,
                count => filled = filled.saturating_add(count),
            }
        }
        if filled == 0 {
            break;
        }
        position = position.saturating_add(u64::try_from(filled).unwrap_or_default());
        parser.push(block.get(..filled).unwrap_or_default(), &mut names)?;
        names.place(position);
        let skipped = parser.skippable();
        if skipped > 0 {
            if position.saturating_add(skipped) > end {
                // Padding behind the last member may be missing, content may not.
                names.check(end)?;
            }
            position = position.saturating_add(skipped);
            parser.skip(&mut names)?;
        }
    }
    parser.finish()?;
    Ok(names.members)
}

/// Collects the members' names and places.
struct Names {
    members: BTreeMap<Vec<u8>, Member>,
    count: u64,
    max: u64,
    last: Option<(Vec<u8>, u64)>,
}

impl Names {
    /// Learns where the content of the entry just read starts.
    fn place(&mut self, offset: u64) {
        if let Some((name, size)) = self.last.take() {
            self.members.insert(name, Member::Content { offset, size });
        }
    }

    fn check(&self, end: u64) -> Result<()> {
        let cut = self.members.values().any(|member| match member {
            Member::Content { offset, size } => offset.saturating_add(*size) > end,
            Member::Link(_) => false,
        });
        if cut {
            Err(Error::Tar {
                offset: end,
                reason: "the stream ends inside an entry",
            })
        } else {
            Ok(())
        }
    }
}

impl Sink for Names {
    fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.count = self.count.saturating_add(1);
        if self.count > self.max {
            return Err(Error::LimitExceeded {
                limit: "archive-entries",
                max: self.max,
            });
        }
        let name = normalise(header.name);
        match header.kind {
            Kind::Regular if header.sparse => {
                return Err(Error::Tar {
                    offset: header.offset,
                    reason: "a sparse member cannot be read in place",
                });
            }
            Kind::Regular => self.last = Some((name, header.size)),
            Kind::Symlink => {
                let folder = match name.iter().rposition(|byte| *byte == b'/') {
                    Some(slash) => name.get(..slash).unwrap_or_default(),
                    None => &[],
                };
                let target = normalise(&[folder, b"/", header.link].concat());
                self.members.insert(name, Member::Link(target));
            }
            Kind::Hardlink => {
                self.members
                    .insert(name, Member::Link(normalise(header.link)));
            }
            Kind::Directory | Kind::Other => {}
        }
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Makes a member's name plain: no leading `./` or `/`, `..` clamped at the root.
fn normalise(name: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join(&b'/')
}

/// Reads a stretch of a file without moving a shared position.
#[derive(Debug)]
struct Section {
    file: Arc<File>,
    offset: u64,
    left: u64,
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let window = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let Some(buffer) = buffer.get_mut(..window) else {
            return Ok(0);
        };
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = read_at(&self.file, buffer, self.offset)?;
        let moved = u64::try_from(count).unwrap_or_default();
        self.offset = self.offset.saturating_add(moved);
        self.left = self.left.saturating_sub(moved);
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
