//! Verifies an image, copies it with all its evidence, and only then moves a tag.
//!
//! 1. The destination's tag is looked at: another image there is a refusal before anything is written.
//! 2. The image is judged. Only a verdict that allows it goes on.
//! 3. The closure is listed: the manifests below the image, the evidence of each, and their evidence ([`crate::graph`]).
//! 4. It is copied by digest: blobs, then manifests, what is named before what names it, evidence after its subject.
//!    Lists of evidence are never copied: each piece is listed anew at the destination, so that nothing is lost there.
//! 5. The whole closure is read back and compared with the digests of step 3.
//! 6. The tag is moved, and read back.
//!
//! Each step can be repeated: what is there already is not written again. Interrupted before 6, the tag is as it was.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use toolkit_oci::referrers::SourceState;
use toolkit_oci::{
    Access, Descriptor, Digest, ErrorClass, Limits, RawManifest, Reference, Repository, Selector,
    Target,
};
use toolkit_policy::Verdict;

use crate::collect::states;
use crate::graph::{Graph, Member};
use crate::verify::{Criteria, verify};
use crate::{Error, Event, PinnedImage, Result};

/// Blobs that travel at a time; registries limit connections, and one stream rarely fills a line.
const STREAMS: usize = 4;

/// Where an image is promoted to.
#[derive(Debug, Clone)]
pub struct Destination {
    place: Place,
    name: Option<Reference>,
    tag: Option<String>,
    digest: Option<Digest>,
}

#[derive(Debug, Clone)]
enum Place {
    Registry(Box<Repository>),
    /// A layout, which need not be there yet.
    Layout(PathBuf),
}

impl Destination {
    /// Names a destination: a reference, or a layout with an optional tag. Nothing is asked or written.
    ///
    /// # Errors
    /// [`Error::NoDestination`] for another kind of target, [`Error::LayoutSelector`] for a position in a layout.
    pub fn new(target: &Target, access: &Access<'_>) -> Result<Self> {
        match target {
            Target::Registry(reference) => Ok(Self {
                place: Place::Registry(Box::new(Repository::remote(access.registry, reference)?)),
                name: Some(reference.clone()),
                tag: reference.tag().map(str::to_owned),
                digest: reference.digest().cloned(),
            }),
            Target::Layout { path, selector } => {
                let (tag, digest) = match selector {
                    None => (None, None),
                    Some(Selector::Tag(tag)) => (Some(tag.clone()), None),
                    Some(Selector::Digest(digest)) => (None, Some(digest.clone())),
                    Some(Selector::Index(_)) => {
                        return Err(Error::LayoutSelector { path: path.clone() });
                    }
                };
                Ok(Self {
                    place: Place::Layout(path.clone()),
                    name: None,
                    tag,
                    digest,
                })
            }
            other => Err(Error::NoDestination {
                target: other.to_string(),
            }),
        }
    }

    /// Opens what is there; `None` for a layout that is not there yet.
    fn existing(&self, limits: &Limits) -> Result<Option<Repository>> {
        match &self.place {
            Place::Registry(repository) => Ok(Some(Repository::clone(repository))),
            Place::Layout(path) => match Repository::layout(path, limits) {
                Ok(repository) => Ok(Some(repository)),
                Err(error) if error.class() == ErrorClass::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }

    fn create(&self, limits: &Limits) -> Result<Repository> {
        match &self.place {
            Place::Registry(repository) => Ok(Repository::clone(repository)),
            Place::Layout(path) => Ok(Repository::create_layout(path, limits)?),
        }
    }
}

/// What happens to a tag that names another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The promotion is refused before anything is written.
    Refuse,
    /// The tag is moved.
    Replace,
}

/// An image, where it goes, and what it is judged by.
#[derive(Clone, Copy)]
pub struct Promotion<'a> {
    /// The image.
    pub image: &'a PinnedImage,
    /// Where it goes.
    pub destination: &'a Destination,
    /// By what it is judged.
    pub criteria: &'a Criteria<'a>,
    /// What happens to a tag that names another image.
    pub existing: Existing,
}

/// How a promotion ended.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an image that was refused is not at the destination"]
pub enum Promoted {
    /// The policy does not allow the image; nothing was written.
    Refused(Verdict),
    /// The image is at the destination with all its evidence.
    Done {
        /// Why it is allowed.
        verdict: Verdict,
        /// The image.
        digest: Digest,
        /// What happened to the tag.
        tag: TagChange,
        /// Manifests of the closure, evidence among them.
        manifests: usize,
        /// Blobs of the closure.
        blobs: usize,
        /// Manifests and blobs that were not there before.
        written: usize,
    },
}

/// What happened to the destination's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagChange {
    /// None was named; the image is there by its digest.
    Untagged,
    /// It named the image already.
    Unchanged,
    /// It did not exist.
    Created,
    /// It named another image.
    Moved {
        /// That one.
        from: Digest,
    },
}

/// Promotes an image.
///
/// # Errors
/// [`Error::TagTaken`] before anything is written; whatever keeps the image or its evidence from being read or written;
/// [`Error::NotReadBack`] and [`Error::NotListed`] when the destination does not hold what was written. The tag is then
/// as it was, but for [`Error::TagUncertain`]: whether it was moved is not known.
pub fn promote(
    promotion: &Promotion<'_>,
    access: &Access<'_>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Promoted> {
    let Promotion {
        destination,
        criteria,
        ..
    } = *promotion;
    let image = promotion.image.clone().judged_as(destination.name.as_ref());
    let digest = image.digest();
    if let Some(found) = destination.digest.as_ref().filter(|found| *found != digest) {
        return Err(Error::OtherDigest {
            expected: digest.clone(),
            found: found.clone(),
        });
    }

    // 1
    let before = match destination.existing(access.limits)? {
        Some(there) => promotion.tag_now(&there, destination.tag.as_deref(), digest)?,
        None => None,
    };

    // 2
    let (verdict, collected) = verify(&image, criteria, &[], access, events)?;
    if !matches!(verdict, Verdict::Allow(_)) {
        return Ok(Promoted::Refused(verdict));
    }

    // 3
    let graph = Graph::walk(&image.repository, &image.manifest, access.limits)?;
    whole(&graph, &collected.manifests)?;
    let blobs: Vec<&Descriptor> = graph.blobs().into_values().collect();
    let bytes = blobs
        .iter()
        .fold(0u64, |sum, blob| sum.saturating_add(blob.size));
    events(Event::Planned {
        manifests: graph.members.len(),
        blobs: blobs.len(),
        bytes,
    });
    if let Some(there) = destination.existing(access.limits)? {
        for legacy in graph.members.values().flat_map(|member| &member.legacy) {
            promotion.tag_now(&there, Some(&legacy.tag), &legacy.descriptor.digest)?;
        }
    }

    // 4
    let stage = tracing::info_span!("copy").entered();
    let there = destination.create(access.limits)?;
    let copy = Copy {
        from: &image.repository,
        to: &there,
        graph: &graph,
        events,
    };
    let written = copy.blobs(&blobs)? + copy.manifests()?;
    copy.legacy_tags()?;
    drop(stage);

    // 5
    let stage = tracing::info_span!("read_back").entered();
    copy.read_back(&blobs)?;
    drop(stage);
    events(Event::Complete);

    // 6
    let tag = promotion.tag(&there, before, &image.manifest, events)?;
    for warning in there.take_warnings() {
        events(Event::Warning(warning));
    }
    Ok(Promoted::Done {
        verdict,
        digest: digest.clone(),
        tag,
        manifests: graph.members.len(),
        blobs: blobs.len(),
        written,
    })
}

impl Promotion<'_> {
    /// Reads what a tag of the destination names, and refuses another digest.
    fn tag_now(
        &self,
        there: &Repository,
        tag: Option<&str>,
        expected: &Digest,
    ) -> Result<Option<Digest>> {
        let Some(tag) = tag else { return Ok(None) };
        let found = there
            .manifest_by_tag(tag)?
            .map(|manifest| manifest.descriptor.digest);
        match found {
            Some(found) if found != *expected && self.existing == Existing::Refuse => {
                Err(Error::TagTaken {
                    destination: there.to_string(),
                    tag: tag.to_owned(),
                    expected: expected.clone(),
                    found,
                })
            }
            found => Ok(found),
        }
    }

    fn tag(
        &self,
        there: &Repository,
        before: Option<Digest>,
        image: &RawManifest,
        events: &(dyn Fn(Event) + Sync),
    ) -> Result<TagChange> {
        let digest = &image.descriptor.digest;
        let Some(tag) = self.destination.tag.as_deref() else {
            there.publish(image, None)?;
            return Ok(TagChange::Untagged);
        };
        if before.as_ref() == Some(digest) {
            return Ok(TagChange::Unchanged);
        }
        // Copying takes its time: somebody else may have moved the tag meanwhile.
        let now = self.tag_now(there, Some(tag), digest)?;
        let published = there.publish(image, Some(tag)).map_err(Error::from);
        let found = there
            .manifest_by_tag(tag)
            .map(|manifest| manifest.map(|manifest| manifest.descriptor.digest));
        let source = match (published, found) {
            // Also where only the answer to the write was lost.
            (_, Ok(Some(found))) if found == *digest => None,
            (Err(refused), Ok(found)) if found == now => return Err(refused),
            (Err(lost), _) => Some(lost),
            (Ok(_), Err(error)) => Some(error.into()),
            (Ok(_), Ok(found)) => {
                let reason = match found {
                    Some(found) => format!("the tag `{tag}` names `{found}`"),
                    None => format!("the tag `{tag}` names nothing"),
                };
                Some(Error::NotReadBack {
                    destination: there.to_string(),
                    expected: digest.clone(),
                    reason,
                })
            }
        };
        if let Some(source) = source {
            return Err(Error::TagUncertain {
                destination: there.to_string(),
                tag: tag.to_owned(),
                source: Box::new(source),
            });
        }
        events(Event::Tagged {
            tag: tag.to_owned(),
        });
        Ok(before.map_or(TagChange::Created, |from| TagChange::Moved { from }))
    }
}

/// Refuses a closure that is not known to be whole: every list of evidence must have answered, and what the verdict
/// rests on must still be there.
fn whole(graph: &Graph, judged: &BTreeSet<Digest>) -> Result<()> {
    for (subject, member) in &graph.members {
        for (source_name, state) in member.listed.iter().flat_map(states) {
            if let SourceState::Unreachable(error) = state {
                return Err(Error::EvidenceUnknown {
                    subject: subject.clone(),
                    source_name,
                    reason: error.to_string(),
                });
            }
        }
    }
    match judged
        .iter()
        .find(|digest| !graph.members.contains_key(*digest))
    {
        Some(gone) => Err(Error::EvidenceGone {
            expected: gone.clone(),
        }),
        None => Ok(()),
    }
}

struct Copy<'a> {
    from: &'a Repository,
    to: &'a Repository,
    graph: &'a Graph,
    events: &'a (dyn Fn(Event) + Sync),
}

impl Copy<'_> {
    /// Copies the blobs; tells how many were not there.
    fn blobs(&self, blobs: &[&Descriptor]) -> Result<usize> {
        let written = AtomicUsize::new(0);
        each(blobs, |blob| {
            if !self.to.has_blob(&blob.digest)? {
                self.to.copy_blob(self.from, blob)?;
                written.fetch_add(1, Ordering::Relaxed);
            }
            (self.events)(Event::BlobCopied {
                digest: blob.digest.clone(),
                size: blob.size,
            });
            Ok(())
        })?;
        Ok(written.into_inner())
    }

    /// Writes the manifests in the order of the graph, and lists evidence; tells how many were not there.
    fn manifests(&self) -> Result<usize> {
        let mut subjects: BTreeMap<&Digest, &Digest> = BTreeMap::new();
        for (subject, member) in &self.graph.members {
            subjects.extend(member.referrers.iter().map(|referrer| (referrer, subject)));
        }
        let mut listed: BTreeMap<&Digest, BTreeSet<Digest>> = BTreeMap::new();
        let mut written = 0;
        for digest in &self.graph.order {
            let Some(member) = self.graph.members.get(digest) else {
                continue;
            };
            let is_there = self.to.manifest_by_digest(digest)?.is_some();
            let described = subjects
                .get(digest)
                .and_then(|subject| Some((*subject, self.graph.members.get(*subject)?)));
            match described {
                None if is_there => {}
                None => self.put(digest, &member.raw)?,
                Some((subject, described)) => {
                    let known = match listed.entry(subject) {
                        Entry::Occupied(entry) => entry.into_mut(),
                        Entry::Vacant(entry) => entry.insert(self.listed(subject)?),
                    };
                    if !(is_there && known.contains(digest)) {
                        self.to
                            .attach(&described.raw.descriptor, &member.raw.bytes)?;
                        (self.events)(Event::Attached {
                            subject: subject.clone(),
                            digest: digest.clone(),
                        });
                    }
                }
            }
            written += usize::from(!is_there);
            (self.events)(Event::ManifestCopied {
                digest: digest.clone(),
            });
        }
        Ok(written)
    }

    fn put(&self, digest: &Digest, raw: &RawManifest) -> Result<()> {
        let put = self
            .to
            .put_manifest(&raw.bytes, &raw.descriptor.media_type)?;
        if put == *digest {
            return Ok(());
        }
        Err(Error::NotReadBack {
            destination: self.to.to_string(),
            expected: digest.clone(),
            reason: format!("it stored `{put}`"),
        })
    }

    /// Gives evidence from before OCI 1.1 its tags. They name evidence of one digest, never an image.
    fn legacy_tags(&self) -> Result<()> {
        for legacy in self
            .graph
            .members
            .values()
            .flat_map(|member| &member.legacy)
        {
            let there = self.to.manifest_by_tag(&legacy.tag)?;
            let same = there
                .is_some_and(|manifest| manifest.descriptor.digest == legacy.descriptor.digest);
            if !same && let Some(member) = self.graph.members.get(&legacy.descriptor.digest) {
                self.to.publish(&member.raw, Some(&legacy.tag))?;
            }
        }
        Ok(())
    }

    fn listed(&self, subject: &Digest) -> Result<BTreeSet<Digest>> {
        Ok(self
            .to
            .referrers(subject)?
            .entries
            .into_iter()
            .map(|entry| entry.digest)
            .collect())
    }

    /// Reads every manifest, blob and list of evidence from the destination.
    fn read_back(&self, blobs: &[&Descriptor]) -> Result<()> {
        let broken = |expected: &Digest, reason: String| Error::NotReadBack {
            destination: self.to.to_string(),
            expected: expected.clone(),
            reason,
        };
        for (digest, member) in &self.graph.members {
            match self.to.manifest_by_digest(digest) {
                Ok(Some(found)) if found.bytes == member.raw.bytes => {}
                Ok(Some(found)) => {
                    return Err(broken(
                        digest,
                        format!("it gives `{}`", found.descriptor.digest),
                    ));
                }
                Ok(None) => return Err(broken(digest, "it is not there".to_owned())),
                Err(error) => return Err(read_back_error(error, digest, &broken)),
            }
            self.read_back_evidence(digest, member)?;
            (self.events)(Event::ReadBack {
                digest: digest.clone(),
            });
        }
        each(blobs, |blob| {
            let mut reader = self
                .to
                .blob(blob)
                .map_err(|error| read_back_error(error, &blob.digest, &broken))?;
            // The reader fails at the end if size or digest is another one.
            io::copy(&mut reader, &mut io::sink())
                .map_err(|error| broken(&blob.digest, error.to_string()))?;
            (self.events)(Event::ReadBack {
                digest: blob.digest.clone(),
            });
            Ok(())
        })
    }

    fn read_back_evidence(&self, subject: &Digest, member: &Member) -> Result<()> {
        if !member.referrers.is_empty() {
            let listed = self.listed(subject)?;
            if let Some(missing) = member
                .referrers
                .iter()
                .find(|referrer| !listed.contains(*referrer))
            {
                let (subject, expected) = (subject.clone(), missing.clone());
                return Err(Error::NotListed {
                    destination: self.to.to_string(),
                    subject,
                    expected,
                });
            }
        }
        for legacy in &member.legacy {
            let expected = &legacy.descriptor.digest;
            let found = self
                .to
                .manifest_by_tag(&legacy.tag)?
                .map(|manifest| manifest.descriptor.digest);
            if found.as_ref() != Some(expected) {
                let reason = format!("the tag `{}` does not name it", legacy.tag);
                return Err(Error::NotReadBack {
                    destination: self.to.to_string(),
                    expected: expected.clone(),
                    reason,
                });
            }
        }
        Ok(())
    }
}

/// Tells a destination that holds something else from one that did not answer.
fn read_back_error(
    error: toolkit_oci::Error,
    digest: &Digest,
    broken: &dyn Fn(&Digest, String) -> Error,
) -> Error {
    match error.class() {
        ErrorClass::Unreachable | ErrorClass::Local => error.into(),
        _ => broken(digest, error.to_string()),
    }
}

/// Runs a job for each item, a few at a time; after a failure nothing new begins.
fn each<T: Sync>(items: &[T], job: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..STREAMS.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = job(item) {
                        next.store(items.len(), Ordering::Relaxed);
                        // A poisoned lock means that another job panicked, which the scope reports.
                        if let Ok(mut failed) = failed.lock() {
                            failed.get_or_insert(error);
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error),
        Err(poisoned) => poisoned.into_inner().map_or(Ok(()), Err),
    }
}
