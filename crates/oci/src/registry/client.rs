//! Sends requests to registries: credentials, redirects, repeats, warnings.
//!
//! What the requests are for stands in `pull`, `push`, `referrers` and `attach`.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::blocking::{Body, Response};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, WARNING};
use reqwest::{Method, StatusCode};
use url::Url;

use super::auth::{Auth, Scopes};
use super::body;
use super::credentials::Credentials;
use super::error::{Error, Result};
use super::options::Options;
use super::origin::{Origin, same_origin, shown};
use super::retry::{Budget, Next, Pauses, is_transient, retry_after};
use super::transport::{self, Channel, Transports};
use super::web::WebFile;
use crate::reference::Reference;

/// Slowest upload that is not taken for a stalled one, in bytes a second; an upload has no idle time of its own.
const SLOWEST_UPLOAD: u64 = 50_000;
/// Warnings that are kept: a registry could send one with each answer.
const MAX_WARNINGS: usize = 100;

/// Speaks to registries; cheap to clone, and shared by threads. Nothing is connected or loaded before it is needed.
#[derive(Debug, Clone)]
pub struct Client(Arc<Core>);

impl Client {
    /// Makes a client.
    pub fn new(options: Options) -> Self {
        let credentials = Credentials::new(options.credential_files.clone(), &options.limits);
        Self(Arc::new(Core {
            auth: Auth::new(credentials),
            transports: Transports::default(),
            pauses: Pauses::default(),
            warnings: Mutex::default(),
            refused_forms: Mutex::default(),
            options,
        }))
    }

    /// Names a repository to work with; nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Host`] if the registry's name is no host.
    pub fn repository(&self, reference: &Reference) -> Result<RemoteRepository> {
        let origin = Origin::new(reference.registry(), &self.0.options.insecure_registries)?;
        Ok(RemoteRepository {
            core: Arc::clone(&self.0),
            origin,
            name: reference.repository().to_owned(),
        })
    }

    /// Names a file on the web; nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Address`] if it is no https address, or no http address of a host to which plain HTTP is allowed.
    pub fn file(&self, url: &str) -> Result<WebFile> {
        WebFile::new(Arc::clone(&self.0), url)
    }

    /// Takes the warnings that registries sent (`Warning: 299`, distribution-spec "Warnings"), each once, escaped.
    pub fn take_warnings(&self) -> Vec<String> {
        self.0.take_warnings()
    }
}

/// A repository of a registry, such as `docker.io/library/alpine`.
#[derive(Debug, Clone)]
pub struct RemoteRepository {
    pub(super) core: Arc<Core>,
    pub(super) origin: Origin,
    pub(super) name: String,
}

impl RemoteRepository {
    /// Returns the registry's host and port as they were named.
    pub fn registry(&self) -> &str {
        self.origin.name()
    }

    /// Returns the repository's name on its registry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the warnings that registries sent to this client, each once.
    pub fn take_warnings(&self) -> Vec<String> {
        self.core.take_warnings()
    }

    /// Notes something about this registry that a person should know.
    pub(crate) fn warn(&self, text: &str) {
        self.core.warn(format!("{}: {text}", self.origin.name()));
    }

    /// Returns how many forms of evidence of this type, from the specification's on, were refused here in this run.
    pub(crate) fn refused_forms(&self, artifact_type: &str) -> usize {
        let forms = self
            .core
            .refused_forms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        forms
            .get(&self.form_key(artifact_type))
            .copied()
            .unwrap_or_default()
    }

    /// Remembers that this many forms were refused and the next one taken.
    pub(crate) fn note_refused_forms(&self, artifact_type: &str, count: usize) {
        let mut forms = self
            .core
            .refused_forms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        forms.insert(self.form_key(artifact_type), count);
    }

    /// By type too: GitLab has a list of types that it takes (oci.md §6, 4).
    fn form_key(&self, artifact_type: &str) -> (String, String) {
        let repository = format!("{}/{}", self.origin.name(), self.name);
        (repository, artifact_type.to_owned())
    }

    /// Address of `path` below `/v2/<name>/`.
    pub(super) fn url(&self, path: &str) -> Result<Url> {
        self.origin.url(&format!("v2/{}/{path}", self.name))
    }

    pub(super) fn send(&self, request: &Request<'_>) -> Result<Reply> {
        self.core.send(&self.origin, request)
    }

    /// Turns an answer that was not wanted into an error.
    pub(super) fn refusal(&self, reply: Reply) -> Error {
        body::refusal(
            reply.response,
            &reply.url,
            self.origin.name(),
            self.core.options.limits.error_size,
        )
    }
}

/// Opens what is uploaded, from its beginning; called again when an upload is repeated.
pub type Opener<'a> = dyn Fn() -> io::Result<Box<dyn Read + Send>> + 'a;

/// What a request carries.
pub(super) enum Content<'a> {
    None,
    Bytes(&'a [u8]),
    Stream { open: &'a Opener<'a>, size: u64 },
}

/// Whether a request that failed is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Yes,
    No,
}

/// Where redirects may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirects {
    /// Anywhere that [`Origin::check_target`] allows.
    Follow,
    /// Only within the registry; an answer that leads elsewhere is returned as it is.
    Stay,
}

pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) scopes: &'a Scopes,
    pub(super) headers: HeaderMap,
    pub(super) content: Content<'a>,
    pub(super) channel: Channel,
    pub(super) repeat: Repeat,
    pub(super) redirects: Redirects,
}

impl<'a> Request<'a> {
    /// A request for metadata that may be repeated.
    pub(super) fn new(method: Method, url: Url, scopes: &'a Scopes) -> Self {
        Self {
            method,
            url,
            scopes,
            headers: HeaderMap::new(),
            content: Content::None,
            channel: Channel::Metadata,
            repeat: Repeat::Yes,
            redirects: Redirects::Follow,
        }
    }

    pub(super) fn header(mut self, name: reqwest::header::HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}

/// An answer of any status, and the address that gave it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) response: Response,
    pub(super) url: Url,
}

impl Reply {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// A header's value, if it is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) options: Options,
    transports: Transports,
    auth: Auth,
    pauses: Pauses,
    warnings: Mutex<BTreeSet<String>>,
    /// By repository and artifact type.
    refused_forms: Mutex<HashMap<(String, String), usize>>,
}

impl Core {
    pub(super) fn transport(
        &self,
        channel: Channel,
        url: &Url,
    ) -> Result<&reqwest::blocking::Client> {
        self.transports
            .get(&self.options, channel, url.scheme() == "https")
    }

    pub(super) fn budget(&self) -> Budget {
        Budget::new(
            self.options.retries,
            Duration::from_secs(self.options.limits.retry_after),
        )
    }

    fn take_warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *warnings).into_iter().collect()
    }

    /// Sends, and repeats what failed for a passing reason. The answer may still have any status.
    pub(super) fn send(&self, origin: &Origin, request: &Request<'_>) -> Result<Reply> {
        self.repeated(origin, request, &|| self.authorized(origin, request))
    }

    /// Sends without credentials, which nobody but a registry gets; repeats as [`Core::send`].
    pub(super) fn send_bare(&self, origin: &Origin, request: &Request<'_>) -> Result<Reply> {
        self.repeated(origin, request, &|| self.follow(origin, request, None))
    }

    fn repeated(
        &self,
        origin: &Origin,
        request: &Request<'_>,
        once: &dyn Fn() -> Result<Reply>,
    ) -> Result<Reply> {
        let mut budget = self.budget();
        loop {
            let pause = self.pauses.remaining(origin.name());
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let (asked, outcome) = match once() {
                Ok(reply) if is_transient(reply.status()) => {
                    (retry_after(reply.response.headers()), Ok(reply))
                }
                Ok(reply) => return Ok(reply),
                Err(error @ Error::Transport { .. }) => (None, Err(error)),
                Err(error) => return Err(error),
            };
            if request.repeat == Repeat::No {
                if let Some(asked) =
                    asked.filter(|asked| asked.as_secs() <= self.options.limits.retry_after)
                {
                    self.pauses.pause(origin.name(), asked);
                }
                return outcome;
            }
            match budget.next(asked) {
                Next::GiveUp => return outcome,
                Next::Wait(wait) => {
                    tracing::debug!(url = %shown(&request.url), ?wait, "asking again");
                    if asked.is_some() {
                        self.pauses.pause(origin.name(), wait);
                    } else {
                        std::thread::sleep(wait);
                    }
                }
            }
        }
    }

    /// Sends with credentials as far as they are known, and once more with those that a 401 asks for.
    fn authorized(&self, origin: &Origin, request: &Request<'_>) -> Result<Reply> {
        let sent = self.auth.current(self, origin, request.scopes)?;
        let reply = self.follow(origin, request, sent.as_ref())?;
        if reply.status() != StatusCode::UNAUTHORIZED || !origin.is_own(&reply.url) {
            return Ok(reply);
        }
        match self.auth.answer(
            self,
            origin,
            request.scopes,
            reply.response.headers(),
            sent.as_ref(),
        )? {
            Some(better) => self.follow(origin, request, Some(&better)),
            None => Ok(reply),
        }
    }

    /// Sends once, following redirects. Credentials go to the registry itself and nowhere else.
    fn follow(
        &self,
        origin: &Origin,
        request: &Request<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Reply> {
        let mut url = request.url.clone();
        let mut hops = 0;
        loop {
            let reply = self.once(origin, request, &url, authorization)?;
            let is_redirect = matches!(reply.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            if !is_redirect || !matches!(request.method, Method::GET | Method::HEAD) {
                return Ok(reply);
            }
            let next = reply
                .text(LOCATION.as_str())
                .and_then(|location| url.join(location).ok());
            let next = next.ok_or_else(|| Error::Header {
                url: shown(&url),
                header: "Location",
            })?;
            if request.redirects == Redirects::Stay && !same_origin(&url, &next) {
                return Ok(reply);
            }
            origin.check_target(&url, &next)?;
            hops += 1;
            if hops > self.options.limits.redirects {
                return Err(Error::TooMuch {
                    url: shown(&request.url),
                    limit: self.options.limits.redirects,
                    unit: "redirects",
                });
            }
            url = next;
        }
    }

    fn once(
        &self,
        origin: &Origin,
        request: &Request<'_>,
        url: &Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Reply> {
        let client = self.transport(request.channel, url)?;
        let mut builder = client
            .request(request.method.clone(), url.clone())
            .headers(request.headers.clone());
        if let Some(value) = authorization.filter(|_| origin.is_own(url)) {
            builder = builder.header(AUTHORIZATION, value.clone());
        }
        let failure: Arc<Mutex<Option<io::Error>>> = Arc::default();
        builder = match &request.content {
            Content::None if request.method == Method::POST || request.method == Method::PUT => {
                builder.body(Vec::new())
            }
            Content::None => builder,
            Content::Bytes(bytes) => builder
                .body(bytes.to_vec())
                .timeout(self.upload_time(u64::try_from(bytes.len()).unwrap_or(u64::MAX))),
            Content::Stream { open, size } => {
                let inner = open().map_err(|source| Error::Source {
                    url: shown(url),
                    source,
                })?;
                let reader = Upload {
                    inner,
                    failure: Arc::clone(&failure),
                };
                builder
                    .body(Body::sized(reader, *size))
                    .timeout(self.upload_time(*size))
            }
        };
        let asked = Instant::now();
        let answer = builder.send();
        tell(&request.method, url, &answer, asked.elapsed());
        match answer {
            Ok(response) => {
                self.note_warnings(origin, response.headers());
                Ok(Reply {
                    response,
                    url: url.clone(),
                })
            }
            Err(error) => match failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
            {
                Some(source) => Err(Error::Source {
                    url: shown(url),
                    source,
                }),
                None => Err(transport::failure(url, error)),
            },
        }
    }

    fn upload_time(&self, size: u64) -> Duration {
        self.options
            .idle_timeout
            .saturating_add(Duration::from_secs(size / SLOWEST_UPLOAD))
    }

    fn warn(&self, text: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.len() < MAX_WARNINGS {
            warnings.insert(text);
        }
    }

    fn note_warnings(&self, origin: &Origin, headers: &HeaderMap) {
        for value in headers
            .get_all(WARNING)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            // distribution-spec: warn-code 299, warn-agent "-", text in quotes.
            if let Some(text) = value.trim().strip_prefix("299 - ") {
                self.warn(format!(
                    "{}: {}",
                    origin.name(),
                    body::line(text.trim_matches('"'))
                ));
            }
        }
    }
}

/// Tells of one request: neither its query, which may carry a signature, nor a header.
pub(super) fn tell(method: &Method, url: &Url, answer: &reqwest::Result<Response>, took: Duration) {
    let url = shown(url);
    let ms = took.as_millis();
    match answer {
        Ok(response) => {
            tracing::debug!(%method, %url, status = response.status().as_u16(), ms, "request");
        }
        Err(_) => tracing::debug!(%method, %url, ms, "request without an answer"),
    }
}

/// Keeps the error of what is uploaded: the HTTP client would only say that the body failed.
struct Upload {
    inner: Box<dyn Read + Send>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let kind = error.kind();
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            kind.into()
        })
    }
}
