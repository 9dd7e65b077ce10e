//! What refers to a manifest, and how sure we are that the list is complete.
//!
//! Specification: distribution-spec "Listing Referrers" and "Referrers Tag Schema"; cosign's tags before OCI 1.1. The
//! entries are claims of whoever could write there: nothing is verified here.

use std::fmt;
use std::sync::Arc;

use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::{Descriptor, Manifest};

/// Lists everything that refers to one manifest, and what each place said.
#[derive(Debug, Clone)]
pub struct Referrers {
    /// Union of all lists, sorted by digest, each digest once.
    pub entries: Vec<Descriptor>,
    /// The referrers API, or the `index.json` of a layout.
    pub api: SourceState,
    /// The fallback tag `sha256-<hex>`.
    pub fallback: SourceState,
    /// Tags of cosign before OCI 1.1; looked up, never read.
    pub legacy: Vec<LegacyTag>,
    /// The look-up of those tags.
    pub legacy_state: SourceState,
}

impl Referrers {
    /// Tells whether every place answered or is definitely not supported. Only then "there is none" can be said.
    pub fn complete(&self) -> bool {
        [&self.api, &self.fallback, &self.legacy_state]
            .iter()
            .all(|state| state.is_definite())
    }
}

/// Tells what a place where evidence may be had to say.
#[derive(Debug, Clone)]
pub enum SourceState {
    /// It gave its list, which may be empty.
    Answered,
    /// The registry does not have such a place.
    Unsupported,
    /// It did not answer, or not readably: what it holds is unknown.
    Unreachable(Arc<Error>),
    /// There is no such place for this kind of repository.
    NotApplicable,
}

impl SourceState {
    /// Tells whether the place has nothing more to say.
    pub fn is_definite(&self) -> bool {
        !matches!(self, Self::Unreachable(_))
    }

    /// Sorts an error: what leaves the question open is a state, everything else stays an error.
    pub(crate) fn of(error: Error) -> Result<Self> {
        use crate::error::ErrorClass::{Hostile, Local, Usage};
        let over_limit = match error.reason() {
            Error::LimitExceeded { .. } => true,
            Error::Registry(error) => matches!(
                **error,
                crate::registry::Error::TooMuch { .. } | crate::registry::Error::Target { .. }
            ),
            _ => false,
        };
        match error.class() {
            Local | Usage => Err(error),
            Hostile if over_limit => Err(error),
            _ => Ok(Self::Unreachable(Arc::new(error))),
        }
    }
}

impl fmt::Display for SourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "answered",
            Self::Unsupported => "unsupported",
            Self::NotApplicable => "not applicable",
            Self::Unreachable(error) => return write!(f, "no answer: {error}"),
        })
    }
}

/// Tells the tags of cosign before OCI 1.1 apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegacyKind {
    /// `.sig`
    Signature,
    /// `.att`
    Attestation,
    /// `.sbom`
    Sbom,
}

impl LegacyKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Attestation, Self::Sbom];

    /// Returns what follows the digest in the tag.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Signature => ".sig",
            Self::Attestation => ".att",
            Self::Sbom => ".sbom",
        }
    }

    /// Returns the tag for a manifest (cosign `SIGNATURE_SPEC.md`, "Tag-based discovery").
    pub fn tag(self, subject: &Digest) -> String {
        format!(
            "{}-{}{}",
            subject.algorithm().as_str(),
            subject.hex(),
            self.suffix()
        )
    }
}

/// One tag of cosign before OCI 1.1 that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyTag {
    /// What it holds by its name.
    pub kind: LegacyKind,
    /// The tag.
    pub tag: String,
    /// The manifest it names.
    pub descriptor: Descriptor,
}

/// Tells how a manifest was listed as a referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The registry lists it.
    ReferrersApi,
    /// The fallback tag lists it; against concurrent writers this guarantee is statistical.
    FallbackTag,
    /// The layout's `index.json` lists it.
    Layout,
}

/// A manifest that was written and listed as a referrer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its digest.
    pub digest: Digest,
    /// Where it is listed.
    pub via: Via,
}

/// Returns the tag under which referrers are listed where the API is missing: algorithm cut at 32 characters, digits at
/// 64 (distribution-spec "Referrers Tag Schema").
pub fn fallback_tag(subject: &Digest) -> String {
    let cut = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    format!(
        "{}-{}",
        cut(subject.algorithm().as_str(), 32),
        cut(subject.hex(), 64)
    )
}

/// Describes a manifest as lists of referrers do: with its artifact type and annotations.
pub(crate) fn entry(manifest: &Manifest, bytes: &[u8]) -> Descriptor {
    let mut entry = Descriptor::of(manifest.media_type(), bytes);
    entry.artifact_type = manifest.artifact_type().map(str::to_owned);
    entry.annotations = manifest.annotations().clone();
    entry
}

/// Parses a manifest that is about to be attached: its subject must be the one it is attached to.
pub(crate) fn check_subject(bytes: &[u8], subject: &Digest) -> Result<Manifest> {
    let manifest = Manifest::parse(None, bytes)?;
    match manifest.subject() {
        Some(found) if found.digest == *subject => Ok(manifest),
        Some(found) => Err(Error::DigestMismatch {
            expected: subject.clone(),
            found: found.digest.clone(),
        }),
        None => Err(Error::InvalidDocument {
            what: "referrer".to_owned(),
            reason: "it has no `subject`".to_owned(),
        }),
    }
}

/// Sorts by digest and keeps the first entry of each.
pub(crate) fn union(mut entries: Vec<Descriptor>) -> Vec<Descriptor> {
    entries.sort_by(|a, b| a.digest.cmp(&b.digest));
    entries.dedup_by(|a, b| a.digest == b.digest);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Algorithm;

    #[test]
    fn tags_are_cut_as_the_specification_says() {
        let sha256 = Digest::sha256(b"x");
        assert_eq!(fallback_tag(&sha256), format!("sha256-{}", sha256.hex()));
        let sha512 = Digest::of(Algorithm::Sha512, b"x");
        assert_eq!(
            fallback_tag(&sha512),
            format!("sha512-{}", &sha512.hex()[..64])
        );
        assert_eq!(
            LegacyKind::Attestation.tag(&sha256),
            format!("sha256-{}.att", sha256.hex())
        );
    }

    #[test]
    fn an_open_question_is_never_complete() {
        let answered = Referrers {
            entries: Vec::new(),
            api: SourceState::Unsupported,
            fallback: SourceState::Answered,
            legacy: Vec::new(),
            legacy_state: SourceState::NotApplicable,
        };
        assert!(answered.complete());
        let open = || {
            SourceState::Unreachable(Arc::new(Error::NotFound {
                name: String::new(),
                origin: String::new(),
            }))
        };
        for broken in [
            Referrers {
                api: open(),
                ..answered.clone()
            },
            Referrers {
                fallback: open(),
                ..answered.clone()
            },
            Referrers {
                legacy_state: open(),
                ..answered.clone()
            },
        ] {
            assert!(!broken.complete(), "{broken:?}");
        }
    }
}
