//! Reads manifests and blobs.
//!
//! Specification: distribution-spec "Pull". Layers from foreign `urls` are not fetched.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderName, HeaderValue, RANGE};
use reqwest::{Method, StatusCode};

use super::auth::Scopes;
use super::body;
use super::client::{RemoteRepository, Reply, Request};
use super::error::Error;
use super::origin::shown;
use super::pace::{Pace, too_slow};
use super::retry::{Budget, Next, is_transient};
use super::transport::Channel;
use crate::digest::{Algorithm, Digest};
use crate::error::Result;
use crate::manifest::{Descriptor, RawManifest, media_type};

/// A break after so many bytes since the last one is resumed without counting as a failed attempt (containers/image).
const PROGRESS: u64 = 1024 * 1024;
/// So is a break after so much time.
const PROGRESS_TIME: Duration = Duration::from_secs(60);
/// Sent by most registries with every manifest (distribution-spec "Pulling manifests").
pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// All four manifest types, always: distribution answers 400 to a request that leaves out the stored one.
pub(super) fn accept() -> HeaderValue {
    let all = [
        media_type::OCI_INDEX,
        media_type::OCI_MANIFEST,
        media_type::DOCKER_LIST,
        media_type::DOCKER_MANIFEST,
    ]
    .join(", ");
    HeaderValue::from_str(&all).unwrap_or(HeaderValue::from_static("*/*"))
}

/// What a 404 to HEAD is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// It counts: a blob that is there after all is only uploaded once more.
    Believed,
    /// GET has to say it too.
    Confirmed,
}

/// A manifest's bytes and what the registry said about them.
pub(super) struct Fetched {
    pub(super) descriptor: Descriptor,
    pub(super) bytes: Vec<u8>,
    pub(super) etag: Option<HeaderValue>,
}

impl RemoteRepository {
    /// Reads the manifest that `tag` names now; `None` if the registry says definitely that there is none.
    ///
    /// # Errors
    /// Whatever keeps the registry from answering, and every fault of the manifest itself.
    pub fn manifest_by_tag(&self, tag: &str) -> Result<Option<RawManifest>> {
        match self.fetch(tag, None)? {
            Some(fetched) => RawManifest::check(fetched.descriptor, fetched.bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Reads the manifest with this digest; `None` if the registry says definitely that there is none.
    ///
    /// # Errors
    /// As [`RemoteRepository::manifest_by_tag`].
    pub fn manifest_by_digest(&self, digest: &Digest) -> Result<Option<RawManifest>> {
        match self.fetch(&digest.to_string(), Some(digest))? {
            Some(fetched) => RawManifest::check(fetched.descriptor, fetched.bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Reads the manifest that a descriptor describes: digest, size and media type must hold.
    ///
    /// # Errors
    /// As [`RemoteRepository::manifest_by_tag`], and [`crate::Error::NotFound`].
    pub fn manifest(&self, descriptor: &Descriptor) -> Result<RawManifest> {
        let digest = &descriptor.digest;
        let fetched = self
            .fetch(&digest.to_string(), Some(digest))?
            .ok_or_else(|| crate::Error::NotFound {
                name: digest.to_string(),
                origin: format!("{}/{}", self.registry(), self.name()),
            })?;
        RawManifest::check(descriptor.clone(), fetched.bytes)
    }

    /// Opens a blob. Its size is compared with what the registry announces; the bytes are **not** checked here.
    /// A broken connection is resumed.
    ///
    /// # Errors
    /// Whatever keeps the registry from answering; [`Error::SizeMismatch`].
    pub fn open_blob(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + Send>> {
        let limit = self.core.options.limits.descriptor_size;
        if descriptor.size > limit {
            return Err(crate::Error::LimitExceeded {
                limit: "descriptor-size",
                max: limit,
            });
        }
        let mut reader = BlobReader {
            budget: self.core.budget(),
            repository: self.clone(),
            descriptor: descriptor.clone(),
            reply: None,
            position: 0,
            since_break: 0,
            last_break: Instant::now(),
            pace: Pace::new(&self.core.options.limits),
        };
        reader.reply = Some(reader.start()?);
        Ok(Box::new(reader))
    }

    /// Asks whether the repository has a blob.
    ///
    /// # Errors
    /// Whatever keeps the registry from answering.
    pub fn has_blob(&self, digest: &Digest) -> Result<bool> {
        let scopes = Scopes::pull(&self.name);
        let head = self.blob_request(Method::HEAD, digest, &scopes)?;
        let get = self.blob_request(Method::GET, digest, &scopes)?;
        self.exists(&head, &get, Absence::Believed)
    }

    /// Asks whether the repository has a manifest; that it has none only GET is believed, since whoever asks here removes
    /// what is gone.
    ///
    /// # Errors
    /// Whatever keeps the registry from answering.
    pub(super) fn has_manifest(&self, digest: &Digest) -> Result<bool> {
        let scopes = Scopes::pull(&self.name);
        let url = self.url(&format!("manifests/{digest}"))?;
        let head = Request::new(Method::HEAD, url.clone(), &scopes).header(ACCEPT, accept());
        let get = Request::new(Method::GET, url, &scopes).header(ACCEPT, accept());
        self.exists(&head, &get, Absence::Confirmed)
    }

    /// Asks with HEAD, and with GET where that says nothing: registries answer 405 or 404 to HEAD for what they have
    /// (oci.md §6, 11), and an address in storage may be signed for GET alone.
    fn exists(&self, head: &Request<'_>, get: &Request<'_>, absence: Absence) -> Result<bool> {
        let reply = self.send(head)?;
        match reply.status() {
            StatusCode::OK => return Ok(true),
            StatusCode::NOT_FOUND
                if absence == Absence::Believed && self.origin.is_own(&reply.url) =>
            {
                return Ok(false);
            }
            status if status == StatusCode::UNAUTHORIZED || is_transient(status) => {
                return Err(self.refusal(reply).into());
            }
            _ => {}
        }
        // The body is dropped unread, and its connection with it.
        let reply = self.send(get)?;
        match reply.status() {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refusal(reply).into()),
        }
    }

    fn blob_request<'a>(
        &self,
        method: Method,
        digest: &Digest,
        scopes: &'a Scopes,
    ) -> Result<Request<'a>> {
        let url = self.url(&format!("blobs/{digest}"))?;
        let mut request = Request::new(method, url, scopes)
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        request.channel = Channel::Blobs;
        Ok(request)
    }

    /// Reads a manifest without parsing it: size limit, media type and digest are checked.
    pub(super) fn fetch(
        &self,
        reference: &str,
        digest: Option<&Digest>,
    ) -> Result<Option<Fetched>> {
        let scopes = Scopes::pull(&self.name);
        let url = self.url(&format!("manifests/{reference}"))?;
        let mut reply =
            self.send(&Request::new(Method::GET, url, &scopes).header(ACCEPT, accept()))?;
        match reply.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(self.refusal(reply).into()),
        }
        let media_type = body::media_type(reply.response.headers()).unwrap_or_default();
        let announced = reply
            .text(CONTENT_DIGEST.as_str())
            .and_then(|text| Digest::parse(text).ok());
        let etag = reply.response.headers().get("etag").cloned();
        let bytes = body::read(
            &mut reply.response,
            &reply.url,
            self.core.options.limits.manifest_size,
        )?;
        // A digest that was asked for decides; a tag's is the registry's word, where it gave one.
        let expected = digest.cloned().or(announced);
        let found = Digest::of(
            expected
                .as_ref()
                .map_or(Algorithm::Sha256, Digest::algorithm),
            &bytes,
        );
        if media_type == "text/html" {
            return Err(Error::NotRegistry {
                url: shown(&reply.url),
                content_type: media_type,
            }
            .into());
        }
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(Error::DigestMismatch {
                url: shown(&reply.url),
                expected,
                found,
            }
            .into());
        }
        let media_type = if media_type::is_manifest(&media_type) {
            media_type
        } else {
            // Some registries send `application/json` or nothing: the document then says what it is.
            crate::manifest::Manifest::parse(None, &bytes)
                .map_err(|_| Error::NotRegistry {
                    url: shown(&reply.url),
                    content_type: media_type,
                })?
                .media_type()
                .to_owned()
        };
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Some(Fetched {
            descriptor: Descriptor::new(&media_type, found, size),
            bytes,
            etag,
        }))
    }
}

/// A blob as it comes, resumed by `Range` (RFC 9110 §14) when the connection breaks.
struct BlobReader {
    repository: RemoteRepository,
    descriptor: Descriptor,
    reply: Option<Reply>,
    position: u64,
    since_break: u64,
    last_break: Instant,
    budget: Budget,
    pace: Pace,
}

impl BlobReader {
    fn start(&mut self) -> Result<Reply> {
        let scopes = Scopes::pull(&self.repository.name);
        let mut request =
            self.repository
                .blob_request(Method::GET, &self.descriptor.digest, &scopes)?;
        if self.position > 0 {
            let range = HeaderValue::from_str(&format!("bytes={}-", self.position));
            request
                .headers
                .insert(RANGE, range.unwrap_or(HeaderValue::from_static("bytes=0-")));
        }
        let mut reply = self.repository.send(&request)?;
        let url = shown(&reply.url);
        let size = self.descriptor.size;
        match reply.status() {
            StatusCode::OK => {
                if let Some(found) = reply
                    .response
                    .content_length()
                    .filter(|found| *found != size)
                {
                    return Err(match body::media_type(reply.response.headers()) {
                        Some(content_type) if content_type == "text/html" => {
                            Error::NotRegistry { url, content_type }
                        }
                        _ => Error::SizeMismatch {
                            url,
                            expected: size,
                            found,
                        },
                    }
                    .into());
                }
                // The registry ignored the range: what we have is passed over.
                let skipped = self.pass_over(&mut reply)?;
                if skipped != self.position {
                    return Err(Error::Cut {
                        url,
                        expected: size,
                        found: skipped,
                    }
                    .into());
                }
                Ok(reply)
            }
            StatusCode::PARTIAL_CONTENT if self.position > 0 => {
                let expected = format!("bytes {}-{}/{size}", self.position, size.saturating_sub(1));
                if reply
                    .text("content-range")
                    .is_some_and(|range| range.trim() == expected)
                {
                    Ok(reply)
                } else {
                    Err(Error::Header {
                        url,
                        header: "Content-Range",
                    }
                    .into())
                }
            }
            StatusCode::NOT_FOUND => Err(crate::Error::NotFound {
                name: self.descriptor.digest.to_string(),
                origin: format!("{}/{}", self.repository.registry(), self.repository.name),
            }),
            _ => Err(self.repository.refusal(reply).into()),
        }
    }

    /// Reads what was read before, and returns how much of it came.
    fn pass_over(&mut self, reply: &mut Reply) -> Result<u64> {
        let mut rest = reply.response.by_ref().take(self.position);
        let mut buffer = [0; 8192];
        loop {
            match self.pace.read(&mut rest, &mut buffer) {
                Ok(count) if count > 0 => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if too_slow(&error).is_some() => return Err(self.slow(&error)),
                Ok(_) | Err(_) => return Ok(self.position.saturating_sub(rest.limit())),
            }
        }
    }

    fn url(&self) -> String {
        format!(
            "{}/{}@{}",
            self.repository.registry(),
            self.repository.name,
            self.descriptor.digest
        )
    }

    fn slow(&self, error: &io::Error) -> crate::Error {
        let limits = &self.repository.core.options.limits;
        let found = too_slow(error);
        Error::Slow {
            url: self.url(),
            expected: limits.transfer_speed.saturating_mul(limits.transfer_window),
            found: found.map_or(0, |slow| slow.received),
            window: found.map_or(Duration::ZERO, |slow| slow.window),
        }
        .into()
    }

    /// Waits for the next attempt, or says that there is none.
    fn broken(&mut self) -> io::Result<()> {
        self.reply = None;
        if self.since_break >= PROGRESS || self.last_break.elapsed() >= PROGRESS_TIME {
            self.budget = self.repository.core.budget();
        }
        self.since_break = 0;
        self.last_break = Instant::now();
        match self.budget.next(None) {
            Next::Wait(wait) => {
                tracing::debug!(digest = %self.descriptor.digest, position = self.position, "resuming");
                std::thread::sleep(wait);
                Ok(())
            }
            Next::GiveUp => {
                let error = Error::Cut {
                    url: self.url(),
                    expected: self.descriptor.size,
                    found: self.position,
                };
                Err(crate::Error::from(error).into())
            }
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let mut reply = match self.reply.take() {
                Some(reply) => reply,
                None => match self.start() {
                    Ok(reply) => reply,
                    Err(crate::Error::Registry(error)) if matches!(*error, Error::Cut { .. }) => {
                        self.broken()?;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                },
            };
            let read = self.pace.read(&mut reply.response, buffer);
            self.reply = Some(reply);
            match read {
                Ok(count) if count > 0 => {
                    let count64 = u64::try_from(count).unwrap_or(u64::MAX);
                    self.position = self.position.saturating_add(count64);
                    self.since_break = self.since_break.saturating_add(count64);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Not resumed: who sends so little on purpose would do so again.
                Err(error) if too_slow(&error).is_some() => return Err(self.slow(&error).into()),
                // What is missing after the last byte is only the end of the transfer coding.
                _ if self.position >= self.descriptor.size => return Ok(0),
                _ => self.broken()?,
            }
        }
    }
}
