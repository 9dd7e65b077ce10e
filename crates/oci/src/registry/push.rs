//! Writes blobs and manifests.
//!
//! Specification: distribution-spec "Push". A blob is one streaming PUT; pieces are the way out for registries that refuse
//! that (413, broken connections). What tags are worth is not known here.

use std::io::Read;

use reqwest::header::{
    CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
    LOCATION,
};
use reqwest::{Method, StatusCode};
use url::Url;

use super::auth::Scopes;
use super::client::{Content, Opener, RemoteRepository, Repeat, Reply, Request};
use super::error::Error;
use super::origin::shown;
use super::pull::CONTENT_DIGEST;
use super::retry::{Next, is_transient};
use super::transport::Channel;
use crate::digest::Digest;
use crate::error::Result;
use crate::manifest::Descriptor;

/// Piece of a chunked upload: GHCR refuses PATCH bodies above 4 MiB (rust-oci-client#35).
const PIECE: u64 = 4 * 1024 * 1024 - 64 * 1024;
/// Largest minimum piece that a registry may ask for; it is held in memory.
const MAX_PIECE: u64 = 64 * 1024 * 1024;
/// Smallest piece that the registry takes (distribution-spec "Pushing a blob in chunks").
const MIN_LENGTH: HeaderName = HeaderName::from_static("oci-chunk-min-length");
/// Sent for a manifest whose `subject` the registry understood (distribution-spec "Pushing Manifests with Subject").
pub(super) const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upload {
    Whole,
    Pieces,
}

/// What must hold for a manifest that is written, where the registry knows conditional requests. A conditional write is
/// never repeated blindly: a late second one would undo what others wrote meanwhile.
#[derive(Debug)]
pub(super) enum Condition {
    None,
    IfMatch(Option<HeaderValue>),
    IfAbsent,
}

impl RemoteRepository {
    /// Uploads a blob, unless the repository has it. `open` gives the bytes from the beginning, possibly several times.
    ///
    /// # Errors
    /// Whatever keeps the registry from taking it; an error of the bytes themselves, which then never become a blob.
    pub fn put_blob(&self, descriptor: &Descriptor, open: &Opener<'_>) -> Result<()> {
        if self.has_blob(&descriptor.digest)? {
            return Ok(());
        }
        self.upload(descriptor, open, None)
    }

    /// Asks the registry to take a blob from another of its repositories, and uploads it where it will not.
    ///
    /// # Errors
    /// As [`RemoteRepository::put_blob`].
    pub fn mount_blob(&self, descriptor: &Descriptor, from: &str, open: &Opener<'_>) -> Result<()> {
        if self.has_blob(&descriptor.digest)? {
            return Ok(());
        }
        let scopes = Scopes::mount(&self.name, from);
        let mut url = self.url("blobs/uploads/")?;
        url.query_pairs_mut()
            .append_pair("mount", &descriptor.digest.to_string())
            .append_pair("from", from);
        // A refusal to mount is no refusal to upload: harbor answers 403, others 401, 404 or 405 (oci.md §6, 12).
        let session = match self.send(&Request::new(Method::POST, url, &scopes)) {
            Ok(reply) if reply.status() == StatusCode::CREATED => return Ok(()),
            Ok(reply) if reply.status() == StatusCode::ACCEPTED => Some(reply),
            Ok(_) | Err(_) => None,
        };
        self.upload(descriptor, open, session)
    }

    /// Uploads a manifest under its digest, or under a tag.
    ///
    /// # Errors
    /// Whatever keeps the registry from taking it; [`Error::DigestMismatch`] if it took something else.
    pub fn put_manifest(
        &self,
        bytes: &[u8],
        media_type: &str,
        tag: Option<&str>,
    ) -> Result<Digest> {
        let digest = Digest::sha256(bytes);
        let reference = tag.map_or_else(|| digest.to_string(), str::to_owned);
        self.put_reference(&reference, bytes, media_type, &Condition::None)?;
        Ok(digest)
    }

    /// Uploads a manifest and returns the headers of the answer.
    pub(super) fn put_reference(
        &self,
        reference: &str,
        bytes: &[u8],
        media_type: &str,
        condition: &Condition,
    ) -> Result<HeaderMap> {
        let limit = self.core.options.limits.manifest_push_size;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(crate::Error::LimitExceeded {
                limit: "manifest-push-size",
                max: limit,
            });
        }
        let unusable = || crate::Error::Unsupported {
            what: "media type",
            found: media_type.escape_debug().to_string(),
            hint: "",
        };
        let media_type = HeaderValue::from_str(media_type).map_err(|_| unusable())?;
        let scopes = Scopes::push(&self.name);
        let url = self.url(&format!("manifests/{reference}"))?;
        let mut request = Request::new(Method::PUT, url, &scopes).header(CONTENT_TYPE, media_type);
        match condition {
            Condition::None => {}
            Condition::IfMatch(etag) => {
                request.repeat = Repeat::No;
                if let Some(etag) = etag {
                    request = request.header(IF_MATCH, etag.clone());
                }
            }
            Condition::IfAbsent => {
                request.repeat = Repeat::No;
                request = request.header(IF_NONE_MATCH, HeaderValue::from_static("*"));
            }
        }
        request.content = Content::Bytes(bytes);
        let reply = self.send(&request)?;
        if !matches!(
            reply.status(),
            StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED
        ) {
            return Err(self.refusal(reply).into());
        }
        if let Some(found) = reply
            .text(CONTENT_DIGEST.as_str())
            .and_then(|text| Digest::parse(text).ok())
        {
            let expected = Digest::of(found.algorithm(), bytes);
            if found != expected {
                return Err(Error::DigestMismatch {
                    url: shown(&reply.url),
                    expected,
                    found,
                }
                .into());
            }
        }
        Ok(reply.response.headers().clone())
    }

    fn upload(
        &self,
        descriptor: &Descriptor,
        open: &Opener<'_>,
        mut session: Option<Reply>,
    ) -> Result<()> {
        let mut way = Upload::Whole;
        let mut budget = self.core.budget();
        loop {
            let outcome = self.attempt(descriptor, open, way, session.take());
            let error = match outcome {
                Ok(()) => return Ok(()),
                Err(crate::Error::Registry(error)) => error,
                Err(other) => return Err(other),
            };
            let again = match &*error {
                // A registry that answers in the middle of a body looks like a broken connection.
                Error::Transport { .. } | Error::Status { status: 413, .. } => {
                    let first = way == Upload::Whole;
                    way = Upload::Pieces;
                    first || matches!(*error, Error::Transport { .. })
                }
                Error::RateLimited { .. } => true,
                Error::Status { status, .. } => {
                    StatusCode::from_u16(*status).is_ok_and(is_transient)
                }
                // The session is gone; a new one may live.
                Error::NotFound { .. } => {
                    error.answer().and_then(|answer| answer.code.as_deref())
                        == Some("BLOB_UPLOAD_UNKNOWN")
                }
                _ => false,
            };
            let asked = if let Error::RateLimited { wait, .. } = &*error {
                *wait
            } else {
                None
            };
            match budget.next(asked) {
                Next::Wait(wait) if again => std::thread::sleep(wait),
                _ => return Err((*error).into()),
            }
        }
    }

    fn attempt(
        &self,
        descriptor: &Descriptor,
        open: &Opener<'_>,
        way: Upload,
        session: Option<Reply>,
    ) -> Result<()> {
        let scopes = Scopes::push(&self.name);
        let session = match session {
            Some(session) => session,
            None => self.send(&Request::new(
                Method::POST,
                self.url("blobs/uploads/")?,
                &scopes,
            ))?,
        };
        if session.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(session).into());
        }
        let location = self.location(&session)?;
        match way {
            Upload::Whole => {
                let content = Content::Stream {
                    open,
                    size: descriptor.size,
                };
                self.commit(descriptor, location, &scopes, content)
            }
            Upload::Pieces => {
                let minimum = session
                    .text(MIN_LENGTH.as_str())
                    .and_then(|text| text.trim().parse::<u64>().ok())
                    .unwrap_or(0);
                if minimum > MAX_PIECE {
                    return Err(Error::TooMuch {
                        url: shown(&session.url),
                        limit: MAX_PIECE,
                        unit: "bytes in a piece",
                    }
                    .into());
                }
                let location = self.pieces(location, &scopes, open, minimum.max(PIECE))?;
                self.commit(descriptor, location, &scopes, Content::Bytes(&[]))
            }
        }
    }

    fn pieces(
        &self,
        mut location: Url,
        scopes: &Scopes,
        open: &Opener<'_>,
        piece: u64,
    ) -> Result<Url> {
        let mut reader = open()?;
        let mut start = 0_u64;
        loop {
            let mut bytes = Vec::new();
            let count = reader.by_ref().take(piece).read_to_end(&mut bytes)?;
            if count == 0 {
                return Ok(location);
            }
            let end = start.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            let last = end.saturating_sub(1);
            let mut request = Request::new(Method::PATCH, location.clone(), scopes).header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            );
            if let Ok(range) = HeaderValue::from_str(&format!("{start}-{last}")) {
                request = request.header(CONTENT_RANGE, range);
            }
            request.content = Content::Bytes(&bytes);
            request.channel = Channel::Blobs;
            request.repeat = Repeat::No;
            let reply = self.send(&request)?;
            // ECR answers 201 where 202 is due.
            if !matches!(reply.status(), StatusCode::ACCEPTED | StatusCode::CREATED) {
                return Err(self.refusal(reply).into());
            }
            // A registry that lost a piece says so here, and not at the end.
            if let Some(range) = reply
                .text("range")
                .filter(|range| range.trim() != format!("0-{last}"))
            {
                tracing::debug!(range, "piece not taken");
                return Err(Error::Header {
                    url: shown(&reply.url),
                    header: "Range",
                }
                .into());
            }
            location = self.location(&reply)?;
            start = end;
        }
    }

    fn commit(
        &self,
        descriptor: &Descriptor,
        mut location: Url,
        scopes: &Scopes,
        content: Content<'_>,
    ) -> Result<()> {
        location
            .query_pairs_mut()
            .append_pair("digest", &descriptor.digest.to_string());
        let mut request = Request::new(Method::PUT, location, scopes).header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        request.content = content;
        request.channel = Channel::Blobs;
        request.repeat = Repeat::No;
        let reply = self.send(&request)?;
        if !matches!(reply.status(), StatusCode::CREATED | StatusCode::NO_CONTENT) {
            return Err(self.refusal(reply).into());
        }
        if let Some(found) = reply
            .text(CONTENT_DIGEST.as_str())
            .and_then(|text| Digest::parse(text).ok())
            && found.algorithm() == descriptor.digest.algorithm()
            && found != descriptor.digest
        {
            return Err(Error::DigestMismatch {
                url: shown(&reply.url),
                expected: descriptor.digest.clone(),
                found,
            }
            .into());
        }
        Ok(())
    }

    /// Where an upload goes on; it may be on another host, which then gets no credentials.
    fn location(&self, reply: &Reply) -> Result<Url> {
        let missing = || Error::Header {
            url: shown(&reply.url),
            header: "Location",
        };
        let location = reply
            .text(LOCATION.as_str())
            .and_then(|location| reply.url.join(location).ok())
            .ok_or_else(missing)?;
        self.origin.check_target(&reply.url, &location)?;
        Ok(location)
    }
}
