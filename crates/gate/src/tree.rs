//! The evidence graph of an image as values: what is below it, what is attached to what, who signed it, and what each
//! list of evidence said.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use toolkit_attest::{ReasonCode, UnreadReason};
use toolkit_oci::referrers::SourceState;
use toolkit_oci::{Access, Digest, Manifest, Platform};

use crate::collect::{Trust, states, verified};
use crate::graph::{Graph, Member};
use crate::{PinnedImage, Result};

/// The evidence graph of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tree {
    /// `registry/repository`, where the image has one.
    pub image: Option<String>,
    /// The manifest or index that was asked for.
    pub root: Node,
}

/// One manifest with what is below and beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes, without what it names.
    pub size: u64,
    /// What it is here.
    pub role: Role,
    /// Kind of artifact, where it is no image.
    pub artifact_type: Option<String>,
    /// The bundle that it carries.
    pub bundle: Option<Bundled>,
    /// The entries of the index, where it is one; none where the same manifest is in the tree already.
    pub manifests: Vec<Self>,
    /// Evidence about it.
    pub evidence: Vec<Self>,
    /// What each list of its evidence said.
    pub sources: Vec<Source>,
}

/// What a manifest is in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Role {
    /// An index of images.
    Index,
    /// An image; its platform, where the index states it.
    Image {
        /// As `linux/arm64/v8`.
        platform: Option<String>,
    },
    /// Evidence inside an index, as BuildKit writes it; unsigned by itself.
    Embedded,
    /// Evidence that is listed as a referrer.
    Referrer,
    /// Evidence under a tag of cosign before OCI 1.1, which is not read.
    Legacy {
        /// The tag.
        tag: String,
    },
    /// A list entry that is no evidence of this manifest.
    Stray {
        /// Why not.
        reason: String,
    },
}

/// What a bundle says, and whether it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundled {
    /// The bundle's digest.
    pub digest: Option<Digest>,
    /// Its predicate type; only a claim where the bundle was refused.
    pub predicate_type: Option<String>,
    /// Who signed it, where it verified.
    pub signer: Option<String>,
    /// The earliest proved time of the signature, RFC 3339.
    pub signed_at: Option<String>,
    /// Why it was refused.
    pub refusal: Option<String>,
    /// Why it was neither verified nor refused.
    pub unchecked: Option<Unchecked>,
}

/// Why a bundle was not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unchecked {
    /// It is signed by a key, and no key was named to check it with.
    NoKey,
}

/// What a list of evidence said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The list.
    pub name: &'static str,
    /// What it said.
    pub answer: SourceAnswer,
}

/// Whether a list of evidence answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum SourceAnswer {
    /// It did.
    Answered,
    /// The place has no such list.
    Unsupported,
    /// It did not: what it holds is unknown.
    Unreachable {
        /// Why.
        reason: String,
    },
}

/// Reads the evidence graph of an image, and verifies every bundle in it.
///
/// # Errors
/// Bytes that are not their digest's, and manifests that cannot be fetched. A list that does not answer stands in the
/// tree.
pub fn tree(image: &PinnedImage, trust: &Trust<'_>, access: &Access<'_>) -> Result<Tree> {
    let graph = Graph::walk(&image.repository, &image.manifest, access.limits)?;
    let mut bundles = BTreeMap::new();
    for (subject, member) in &graph.members {
        if !member.referrers.is_empty() {
            bundled(image, subject, trust, &mut bundles)?;
        }
    }
    let mut builder = Builder {
        graph: &graph,
        bundles: &bundles,
        shown: BTreeSet::new(),
    };
    let role = builder.role(image.digest(), None);
    Ok(Tree {
        image: image.name().map(toolkit_oci::Reference::name),
        root: builder.node(image.digest(), role),
    })
}

/// Verifies the bundles beside one manifest, by the digests of the manifests that carry them.
fn bundled(
    image: &PinnedImage,
    subject: &Digest,
    trust: &Trust<'_>,
    bundles: &mut BTreeMap<Digest, Bundled>,
) -> Result<()> {
    let limits = toolkit_attest::Limits::default();
    let collected = toolkit_attest::collect(&image.repository, subject, &limits)?;
    for found in &collected.bundles {
        let statement = found.bundle.unverified_statement(&limits);
        let predicate_type = statement.map(|statement| statement.predicate_type().to_owned());
        let digest = Some(found.bundle.digest().clone());
        let bundle = match verified(&found.bundle, subject, trust) {
            Ok(verified) => Bundled {
                digest,
                predicate_type,
                signer: Some(verified.signer().name()),
                signed_at: verified.signed_at().map(|time| time.to_string()),
                refusal: None,
                unchecked: None,
            },
            Err(refusal) if refusal.code == ReasonCode::NoCertificate => Bundled {
                digest,
                predicate_type,
                signer: None,
                signed_at: None,
                refusal: None,
                unchecked: Some(Unchecked::NoKey),
            },
            Err(refusal) => Bundled {
                digest,
                predicate_type,
                signer: None,
                signed_at: None,
                refusal: Some(refusal.to_string()),
                unchecked: None,
            },
        };
        bundles.insert(found.manifest.digest.clone(), bundle);
    }
    for unread in collected.unread {
        if let UnreadReason::Refused(refusal) = unread.reason {
            let bundle = Bundled {
                digest: None,
                predicate_type: None,
                signer: None,
                signed_at: None,
                refusal: Some(refusal.to_string()),
                unchecked: None,
            };
            bundles.insert(unread.entry.digest, bundle);
        }
    }
    Ok(())
}

struct Builder<'a> {
    graph: &'a Graph,
    bundles: &'a BTreeMap<Digest, Bundled>,
    /// Manifests that are in the tree with all that is below and beside them. Each is so once: evidence may list an
    /// image again, and nested indexes multiply.
    shown: BTreeSet<Digest>,
}

impl Builder<'_> {
    fn role(&self, digest: &Digest, platform: Option<&Platform>) -> Role {
        let index = self
            .graph
            .members
            .get(digest)
            .is_some_and(|member| matches!(member.raw.manifest, Manifest::Index(_)));
        match platform {
            Some(platform) if platform.is_unknown() => Role::Embedded,
            _ if index => Role::Index,
            platform => Role::Image {
                platform: platform.map(ToString::to_string),
            },
        }
    }

    fn node(&mut self, digest: &Digest, role: Role) -> Node {
        let graph = self.graph;
        let mut node = Node {
            digest: digest.clone(),
            media_type: String::new(),
            size: 0,
            role,
            artifact_type: None,
            bundle: self.bundles.get(digest).cloned(),
            manifests: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        };
        let Some(member) = graph.members.get(digest) else {
            return node;
        };
        node.media_type = member.raw.descriptor.media_type.clone();
        node.size = member.raw.descriptor.size;
        node.artifact_type = match &member.raw.manifest {
            Manifest::Image(image) => image.artifact_type.clone(),
            Manifest::Index(index) => index.artifact_type.clone(),
        };
        if self.shown.insert(digest.clone()) {
            for child in &member.children {
                let role = self.role(&child.digest, child.platform.as_ref());
                node.manifests.push(self.node(&child.digest, role));
            }
            node.evidence = self.evidence(member);
            let said = member.listed.iter().flat_map(states);
            node.sources = said
                .filter_map(|(name, state)| {
                    Some(Source {
                        name,
                        answer: answer(state)?,
                    })
                })
                .collect();
        }
        node
    }

    fn evidence(&mut self, member: &Member) -> Vec<Node> {
        let mut evidence: Vec<Node> = member
            .referrers
            .iter()
            .map(|digest| self.node(digest, Role::Referrer))
            .collect();
        for legacy in &member.legacy {
            evidence.push(self.node(
                &legacy.descriptor.digest,
                Role::Legacy {
                    tag: legacy.tag.clone(),
                },
            ));
        }
        evidence.extend(member.stray.iter().map(|stray| Node {
            digest: stray.entry.digest.clone(),
            media_type: stray.entry.media_type.clone(),
            size: stray.entry.size,
            role: Role::Stray {
                reason: stray.reason.clone(),
            },
            artifact_type: stray.entry.artifact_type.clone(),
            bundle: None,
            manifests: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        }));
        evidence
    }
}

fn answer(state: &SourceState) -> Option<SourceAnswer> {
    match state {
        SourceState::Answered => Some(SourceAnswer::Answered),
        SourceState::Unsupported => Some(SourceAnswer::Unsupported),
        SourceState::Unreachable(error) => Some(SourceAnswer::Unreachable {
            reason: error.to_string(),
        }),
        SourceState::NotApplicable => None,
    }
}
