//! Writes a manifest and sees to it that it is listed as a referrer.
//!
//! Specification: distribution-spec "Pushing Manifests with Subject" and "Referrers Tag Schema". Registries do not honour
//! conditional requests (distribution 2.8.2 ignores `If-Match`), so the list under the fallback tag is kept by
//! re-reading: jitter, read, write, three confirming reads. Against writers that stall for longer than those, the
//! guarantee is statistical.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::client::RemoteRepository;
use super::error::Error;
use super::push::{Condition, SUBJECT};
use super::referrers::Api;
use super::retry::is_transient;
use crate::digest::Digest;
use crate::error::Result;
use crate::listing::{Listing, ListingEntry};
use crate::manifest::{Descriptor, media_type};
use crate::referrers::{Attached, Via, check_subject, entry, fallback_tag};

/// Waits before each look whether the API lists what was pushed: some registries need a moment.
const API_LOOKS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_secs(1),
];
/// Writes before we say that others do not let us; 16 writers needed at most 5 (oci.md §1.4).
const ROUNDS: u32 = 12;
/// Upper bound of the first wait before a write, doubled each round up to 2⁶.
const JITTER: Duration = Duration::from_millis(50);
/// Confirming reads after a write; the k-th waits k times 100 to 250 ms (oci.md §1.4: 0 of 80 entries lost).
const CONFIRMATIONS: u32 = 3;

/// The list as it was read.
struct Current {
    listing: Option<Listing>,
    etag: Option<reqwest::header::HeaderValue>,
}

impl RemoteRepository {
    /// Writes a manifest whose `subject` is `subject` by its digest, and lists it as a referrer. Blobs come before.
    ///
    /// # Errors
    /// Whatever keeps the registry from taking it; [`Error::Contended`]; a manifest of another subject.
    pub fn attach(&self, subject: &Descriptor, manifest: &[u8]) -> Result<Attached> {
        let parsed = check_subject(manifest, &subject.digest)?;
        let entry = entry(&parsed, manifest);
        let digest = entry.digest.clone();
        let headers = self.put_reference(
            &digest.to_string(),
            manifest,
            parsed.media_type(),
            &Condition::None,
        )?;
        let understood = headers.get(SUBJECT).and_then(|value| value.to_str().ok())
            == Some(subject.digest.to_string().as_str());
        // Only a list that holds the digest is proof: ECR sent the header without the API, others answer with lists that lack it,
        // and go-containerregistry lists without the header. Where the header promises it, waiting for the list is worth it.
        let looks = match understood {
            true => API_LOOKS.as_slice(),
            false => &[Duration::ZERO],
        };
        if self.is_listed(&subject.digest, &digest, looks)? {
            return Ok(Attached {
                digest,
                via: Via::ReferrersApi,
            });
        }
        self.list_in_tag(&subject.digest, entry)?;
        Ok(Attached {
            digest,
            via: Via::FallbackTag,
        })
    }

    fn is_listed(&self, subject: &Digest, digest: &Digest, looks: &[Duration]) -> Result<bool> {
        for wait in looks {
            std::thread::sleep(*wait);
            match self.referrers_api(subject)? {
                Api::Listed(entries) if entries.iter().any(|entry| entry.digest == *digest) => {
                    return Ok(true);
                }
                Api::Listed(_) | Api::RateLimited(_) | Api::Unreachable(_) => {}
                Api::Unsupported => return Ok(false),
            }
        }
        Ok(false)
    }

    fn list_in_tag(&self, subject: &Digest, entry: Descriptor) -> Result<()> {
        let tag = fallback_tag(subject);
        // Everything that was seen in the list during this run: what another writer overwrote is put back.
        let mut wanted =
            BTreeMap::from([(entry.digest.clone(), ListingEntry::new(entry.clone())?)]);
        let mut gone: BTreeSet<Digest> = BTreeSet::new();
        let mut last = None;
        for round in 0..ROUNDS {
            std::thread::sleep(
                JITTER
                    .saturating_mul(1 << round.min(6))
                    .mul_f64(fastrand::f64()),
            );
            let current = self.read_list(&tag, subject)?;
            if note(&current, &mut wanted, &gone) {
                if round == 0 {
                    // It was there before we came: nobody races with us for it.
                    return Ok(());
                }
            } else {
                self.drop_deleted(&current, &wanted, &entry.digest, &mut gone)?;
                match self.write_list(&tag, &current, &wanted, &gone) {
                    Ok(()) => {}
                    Err(error) => {
                        if is_missing_blob(&error) {
                            self.find_deleted(&current, &wanted, &entry.digest, &mut gone)?;
                        } else if !is_passing(&error) {
                            return Err(error);
                        }
                        last = Some(error);
                        continue;
                    }
                }
            }
            if self.confirm(&tag, subject, &mut wanted, &gone)? {
                return Ok(());
            }
        }
        Err(last.unwrap_or_else(|| {
            Error::Contended {
                tag,
                attempts: ROUNDS,
            }
            .into()
        }))
    }

    fn confirm(
        &self,
        tag: &str,
        subject: &Digest,
        wanted: &mut BTreeMap<Digest, ListingEntry>,
        gone: &BTreeSet<Digest>,
    ) -> Result<bool> {
        for look in 1..=CONFIRMATIONS {
            let wait = Duration::from_millis(fastrand::u64(100..=250)).saturating_mul(look);
            std::thread::sleep(wait);
            if !note(&self.read_list(tag, subject)?, wanted, gone) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn read_list(&self, tag: &str, subject: &Digest) -> Result<Current> {
        let Some(fetched) = self.fetch(tag, None)? else {
            return Ok(Current {
                listing: None,
                etag: None,
            });
        };
        if fetched.descriptor.digest == *subject {
            return Err(Error::NoReferrers {
                registry: self.registry().to_owned(),
                tag: tag.to_owned(),
            }
            .into());
        }
        let listing = Listing::parse(tag, &fetched.bytes)?;
        Ok(Current {
            listing: Some(listing),
            etag: fetched.etag,
        })
    }

    fn write_list(
        &self,
        tag: &str,
        current: &Current,
        wanted: &BTreeMap<Digest, ListingEntry>,
        gone: &BTreeSet<Digest>,
    ) -> Result<()> {
        let mut listing = match &current.listing {
            Some(listing) => listing.clone(),
            None => Listing::empty()?,
        };
        for (digest, entry) in wanted {
            if !listing.contains(digest) {
                listing.entries.push(entry.clone());
            }
        }
        listing
            .entries
            .retain(|entry| !gone.contains(&entry.descriptor.digest));
        listing.sort();
        let condition = if current.listing.is_some() {
            Condition::IfMatch(current.etag.clone())
        } else {
            Condition::IfAbsent
        };
        self.put_reference(tag, &listing.to_bytes()?, media_type::OCI_INDEX, &condition)?;
        Ok(())
    }

    /// Notes which of the entries that vanished from the list were deleted, not overwritten.
    fn drop_deleted(
        &self,
        current: &Current,
        wanted: &BTreeMap<Digest, ListingEntry>,
        ours: &Digest,
        gone: &mut BTreeSet<Digest>,
    ) -> Result<()> {
        for digest in wanted.keys().filter(|digest| *digest != ours) {
            let listed = current
                .listing
                .as_ref()
                .is_some_and(|listing| listing.contains(digest));
            if !listed && !gone.contains(digest) && !self.has_manifest(digest)? {
                gone.insert(digest.clone());
            }
        }
        Ok(())
    }

    /// Notes which entries name manifests that are no longer there: the registry refuses a list with those.
    fn find_deleted(
        &self,
        current: &Current,
        wanted: &BTreeMap<Digest, ListingEntry>,
        ours: &Digest,
        gone: &mut BTreeSet<Digest>,
    ) -> Result<()> {
        let listed = current
            .listing
            .iter()
            .flat_map(|listing| &listing.entries)
            .map(|entry| &entry.descriptor.digest);
        let all: BTreeSet<&Digest> = listed
            .chain(wanted.keys())
            .filter(|digest| *digest != ours)
            .collect();
        for digest in all {
            if !gone.contains(digest) && !self.has_manifest(digest)? {
                gone.insert(digest.clone());
            }
        }
        Ok(())
    }
}

/// Takes over what the list has, and tells whether it has all that it should.
fn note(
    current: &Current,
    wanted: &mut BTreeMap<Digest, ListingEntry>,
    gone: &BTreeSet<Digest>,
) -> bool {
    let complete = match &current.listing {
        Some(listing) => wanted
            .keys()
            .all(|digest| gone.contains(digest) || listing.contains(digest)),
        None => false,
    };
    for entry in current.listing.iter().flat_map(|listing| &listing.entries) {
        wanted
            .entry(entry.descriptor.digest.clone())
            .or_insert_with(|| entry.clone());
    }
    complete
}

fn is_missing_blob(error: &crate::Error) -> bool {
    let crate::Error::Registry(error) = error else {
        return false;
    };
    error.answer().and_then(|answer| answer.code.as_deref()) == Some("MANIFEST_BLOB_UNKNOWN")
        || matches!(**error, Error::NotFound { .. })
}

/// Tells whether the list may be read and written again: a lost race, or a passing fault.
fn is_passing(error: &crate::Error) -> bool {
    let crate::Error::Registry(error) = error else {
        return false;
    };
    match **error {
        Error::Transport { .. } => true,
        _ => error.status().is_some_and(|status| {
            matches!(status, 409 | 412)
                || reqwest::StatusCode::from_u16(status).is_ok_and(is_transient)
        }),
    }
}
