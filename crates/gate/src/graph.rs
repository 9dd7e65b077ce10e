//! Everything that belongs to one image: the manifests below it, the evidence beside each of them, and the evidence of
//! that evidence.
//!
//! Evidence of evidence is followed three levels; signatures of attestations need two. What lists of evidence say is a
//! claim: an entry belongs to the graph only if its own manifest names the subject. The tags of cosign before OCI 1.1
//! belong to it by their name.

use std::collections::BTreeMap;

use toolkit_oci::referrers::{LegacyTag, Referrers};
use toolkit_oci::{Descriptor, Digest, ErrorClass, Limits, Manifest, RawManifest, Repository};

use crate::{Error, Result};

/// Levels of evidence of evidence that are followed.
const REFERRER_DEPTH: u64 = 3;

/// The manifests of an image and its evidence, by digest.
#[derive(Debug)]
pub(crate) struct Graph {
    /// In the order in which they can be written: what a manifest names comes before it, evidence after its subject.
    pub(crate) order: Vec<Digest>,
    pub(crate) members: BTreeMap<Digest, Member>,
}

/// One manifest of the graph.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) raw: RawManifest,
    /// Entries of the index, where it is one.
    pub(crate) children: Vec<Descriptor>,
    /// Evidence whose manifest names this one as its subject.
    pub(crate) referrers: Vec<Digest>,
    /// List entries whose manifest is another subject's, absent or faulty.
    pub(crate) stray: Vec<Stray>,
    /// Tags of cosign before OCI 1.1 for this manifest.
    pub(crate) legacy: Vec<LegacyTag>,
    /// What each list of evidence said; `None` where evidence is not followed any further.
    pub(crate) listed: Option<Referrers>,
}

/// A list entry that is no evidence.
#[derive(Debug)]
pub(crate) struct Stray {
    pub(crate) entry: Descriptor,
    pub(crate) reason: String,
}

impl Graph {
    /// Walks an image and its evidence.
    pub(crate) fn walk(
        repository: &Repository,
        root: &RawManifest,
        limits: &Limits,
    ) -> Result<Self> {
        let mut walk = Walk {
            repository,
            limits,
            looked_at: 0,
            graph: Self {
                order: Vec::new(),
                members: BTreeMap::new(),
            },
        };
        walk.visit(root.clone(), 0, 0)?;
        Ok(walk.graph)
    }

    /// Lists the blobs that its manifests name, each once.
    pub(crate) fn blobs(&self) -> BTreeMap<&Digest, &Descriptor> {
        self.members
            .values()
            .flat_map(|member| blobs(&member.raw.manifest))
            .map(|blob| (&blob.digest, blob))
            .collect()
    }
}

/// Lists the blobs of one manifest: layers and configuration.
pub(crate) fn blobs(manifest: &Manifest) -> Vec<&Descriptor> {
    match manifest {
        Manifest::Image(image) => image.layers.iter().chain([&image.config]).collect(),
        Manifest::Index(_) => Vec::new(),
    }
}

struct Walk<'a> {
    repository: &'a Repository,
    limits: &'a Limits,
    /// Entries of indexes so far: each is read, also one that is known.
    looked_at: u64,
    graph: Graph,
}

impl Walk<'_> {
    /// Adds a manifest with what is below and beside it; `below` counts levels of indexes, `beside` levels of evidence.
    fn visit(&mut self, raw: RawManifest, below: u64, beside: u64) -> Result<()> {
        let digest = raw.descriptor.digest.clone();
        if self.graph.members.contains_key(&digest) {
            return Ok(());
        }
        if below > self.limits.index_depth {
            return Err(Error::Limit {
                what: "levels of nested indexes",
                limit: self.limits.index_depth,
            });
        }
        let known = u64::try_from(self.graph.members.len()).unwrap_or(u64::MAX);
        if known >= self.limits.index_manifests {
            return Err(Error::Limit {
                what: "manifests of an image and its evidence",
                limit: self.limits.index_manifests,
            });
        }
        let children = match &raw.manifest {
            Manifest::Index(index) => index.manifests.clone(),
            Manifest::Image(_) => Vec::new(),
        };
        // Marks it as visited; a manifest that names itself has no digest.
        let member = Member {
            raw,
            children: children.clone(),
            referrers: Vec::new(),
            stray: Vec::new(),
            legacy: Vec::new(),
            listed: None,
        };
        self.graph.members.insert(digest.clone(), member);
        for child in &children {
            self.looked_at = self.looked_at.saturating_add(1);
            if self.looked_at > self.limits.index_manifests {
                return Err(Error::Limit {
                    what: "manifests of an index",
                    limit: self.limits.index_manifests,
                });
            }
            let child = self.repository.manifest(child)?;
            self.visit(child, below.saturating_add(1), beside)?;
        }
        self.graph.order.push(digest.clone());
        if beside < REFERRER_DEPTH {
            self.evidence(&digest, beside)?;
        }
        Ok(())
    }

    fn evidence(&mut self, subject: &Digest, beside: u64) -> Result<()> {
        let listed = self.repository.referrers(subject)?;
        let mut referrers = Vec::new();
        let mut stray = Vec::new();
        for entry in &listed.entries {
            match self.repository.referrer(subject, entry) {
                Ok(Some(manifest)) => {
                    referrers.push(manifest.descriptor.digest.clone());
                    self.visit(manifest, 0, beside.saturating_add(1))?;
                }
                Ok(None) => stray.push(Stray {
                    entry: entry.clone(),
                    reason: "its subject is another one".to_owned(),
                }),
                Err(error) if is_open(&error) => return Err(error.into()),
                Err(error) => stray.push(Stray {
                    entry: entry.clone(),
                    reason: error.to_string(),
                }),
            }
        }
        let mut legacy = Vec::new();
        for tag in &listed.legacy {
            match self.repository.manifest(&tag.descriptor) {
                Ok(manifest) => {
                    self.visit(manifest, 0, REFERRER_DEPTH)?;
                    legacy.push(tag.clone());
                }
                Err(error) if is_open(&error) => return Err(error.into()),
                Err(error) => stray.push(Stray {
                    entry: tag.descriptor.clone(),
                    reason: error.to_string(),
                }),
            }
        }
        if let Some(member) = self.graph.members.get_mut(subject) {
            member.legacy = legacy;
            member.referrers = referrers;
            member.stray = stray;
            member.listed = Some(listed);
        }
        Ok(())
    }
}

/// Tells whether an error leaves open what the entry is, so that the graph would not be known to be whole.
fn is_open(error: &toolkit_oci::Error) -> bool {
    matches!(error.class(), ErrorClass::Unreachable | ErrorClass::Local)
}
