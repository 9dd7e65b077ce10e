//! Files on the web that belong to no registry, such as feeds of advisories.
//!
//! Asked for without credentials, under conditions (RFC 9110 §13), and in parts where a transfer broke off (§14). Time-outs, proxies, certificates, pauses
//! and rules for redirects are those of registries. Nothing is written here and nothing is known of what a file holds: the bytes go to a [`Sink`].

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT_ENCODING, ETAG, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use reqwest::{Method, StatusCode};
use url::Url;

use super::auth::Scopes;
use super::body;
use super::client::{Core, Reply, Request};
use super::error::{Error, Result, TargetFault};
use super::origin::{Origin, shown};
use super::pace::{Pace, too_slow};
use super::retry::Next;
use super::transport::Channel;

/// A break so many bytes further than any before is resumed without counting as a failed attempt (containers/image, as for blobs): a server that
/// begins anew each time gets no further.
const PROGRESS: u64 = 1024 * 1024;
/// Bytes handed on at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of a validator that are kept; real ones have some dozen.
const MAX_VALIDATOR: usize = 1024;

/// Names the state of a file (RFC 9110 §8.8), as its server did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The entity tag, with its quotes.
    pub etag: Option<String>,
    /// The date of the last change.
    pub last_modified: Option<String>,
}

impl Validators {
    fn of(reply: &Reply) -> Self {
        let kept = |name: HeaderName| {
            let text = reply.text(name.as_str())?.trim();
            (!text.is_empty() && text.len() <= MAX_VALIDATOR).then(|| text.to_owned())
        };
        Self {
            etag: kept(ETAG),
            last_modified: kept(LAST_MODIFIED),
        }
    }

    /// Returns the entity tag where it stands for the very bytes. Only such a one may join parts (RFC 9110 §13.1.5); a date is too coarse for it.
    #[must_use]
    pub fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|tag| tag.starts_with('"'))
    }
}

/// Is the beginning of a file that an earlier transfer left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Of which state it is; without a strong entity tag it is of no use.
    pub validators: Validators,
    /// Its bytes.
    pub size: u64,
}

/// Says what of a file is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The state that is at hand: it is not sent again.
    pub held: Option<Validators>,
    /// The beginning that is at hand: the rest is asked for.
    pub part: Option<Part>,
    /// Bytes that the file may have.
    pub limit: u64,
}

/// Takes a file as it comes.
pub trait Sink {
    /// Begins the file, or begins it anew: everything that was taken before is of no use.
    ///
    /// # Errors
    /// What keeps it from being taken.
    fn begin(&mut self, validators: &Validators, size: Option<u64>) -> io::Result<()>;

    /// Takes the next bytes.
    ///
    /// # Errors
    /// What keeps them from being taken.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Says what came of asking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// The state at hand is the newest.
    Unchanged,
    /// The sink has the whole file, as long as its server said where it said so.
    Whole {
        /// Its state.
        validators: Validators,
        /// Its bytes.
        size: u64,
    },
}

/// A file on the web.
#[derive(Debug, Clone)]
pub struct WebFile {
    core: Arc<Core>,
    origin: Origin,
    url: Url,
}

/// How far a transfer is.
struct Transfer {
    validators: Validators,
    position: u64,
    size: Option<u64>,
}

/// How a body ended.
enum End {
    /// At its end.
    Whole,
    /// Before it.
    Cut,
}

impl WebFile {
    pub(super) fn new(core: Arc<Core>, url: &str) -> Result<Self> {
        let url = Url::parse(url).map_err(|_| Error::Address {
            // What does not parse may hold credentials anywhere behind its scheme.
            url: match url.split_once("://") {
                Some((scheme, _)) => format!("{scheme}://…"),
                None => url.to_owned(),
            },
            fault: TargetFault::Scheme,
        })?;
        Ok(Self {
            origin: Origin::of(&url, &core.options.insecure_registries)?,
            core,
            url,
        })
    }

    /// Returns the address, without query.
    pub fn url(&self) -> String {
        shown(&self.url)
    }

    /// Reads a small file whole.
    ///
    /// # Errors
    /// As [`WebFile::download`], but for the sink's.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>> {
        struct Memory(Vec<u8>);
        impl Sink for Memory {
            fn begin(&mut self, _: &Validators, _: Option<u64>) -> io::Result<()> {
                self.0.clear();
                Ok(())
            }
            fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
                self.0.extend_from_slice(bytes);
                Ok(())
            }
        }
        let mut memory = Memory(Vec::new());
        let wanted = Wanted {
            limit,
            ..Wanted::default()
        };
        self.download(&wanted, &mut memory)?;
        Ok(memory.0)
    }

    /// Brings what is wanted to the sink. A transfer that breaks off is resumed where the state of the file has a strong entity tag, and begun
    /// anew where not.
    ///
    /// # Errors
    /// Whatever keeps the server from answering; [`Error::Cut`] where the file did not come whole, [`Error::TooMuch`] where it is larger than wanted,
    /// [`Error::Sink`].
    pub fn download(&self, wanted: &Wanted, sink: &mut dyn Sink) -> Result<Got> {
        let mut budget = self.core.budget();
        let mut held = wanted.held.as_ref();
        let mut at = match &wanted.part {
            Some(part) if part.validators.strong().is_some() => Transfer {
                validators: part.validators.clone(),
                position: part.size,
                size: None,
            },
            _ => Transfer::new(),
        };
        let mut furthest = at.position;
        loop {
            let mut reply = self.ask(held, &at)?;
            match reply.status() {
                StatusCode::NOT_MODIFIED if held.is_some() => return Ok(Got::Unchanged),
                StatusCode::OK => {
                    at = Transfer {
                        validators: Validators::of(&reply),
                        position: 0,
                        size: reply.response.content_length(),
                    };
                    self.within(at.size.unwrap_or_default(), wanted.limit)?;
                    sink.begin(&at.validators, at.size)
                        .map_err(|source| self.taken(source))?;
                }
                StatusCode::PARTIAL_CONTENT if at.position > 0 => match rest(&reply, &at) {
                    Some(size) => {
                        self.within(size, wanted.limit)?;
                        at.size = Some(size);
                    }
                    None => {
                        at = Transfer::new();
                        continue;
                    }
                },
                // The part is no part of what is there now.
                StatusCode::RANGE_NOT_SATISFIABLE if at.position > 0 => {
                    at = Transfer::new();
                    continue;
                }
                _ => {
                    return Err(body::refusal(
                        reply.response,
                        &reply.url,
                        self.origin.name(),
                        self.core.options.limits.error_size,
                    ));
                }
            }
            held = None;
            if let End::Whole = self.pour(&mut reply, &mut at, wanted.limit, sink)? {
                return Ok(Got::Whole {
                    validators: at.validators,
                    size: at.position,
                });
            }
            let found = at.position;
            let expected = at.size.unwrap_or_default().max(found);
            if at.validators.strong().is_none() {
                at = Transfer::new();
            } else if at.position >= furthest.saturating_add(PROGRESS) {
                furthest = at.position;
                budget = self.core.budget();
            }
            match budget.next(None) {
                Next::Wait(wait) => {
                    tracing::debug!(url = self.url(), position = at.position, "resuming");
                    std::thread::sleep(wait);
                }
                Next::GiveUp => {
                    return Err(Error::Cut {
                        url: self.url(),
                        expected,
                        found,
                    });
                }
            }
        }
    }

    fn ask(&self, held: Option<&Validators>, at: &Transfer) -> Result<Reply> {
        // Nobody asks for a token here.
        let scopes = Scopes::pull("");
        let mut request = Request::new(Method::GET, self.url.clone(), &scopes)
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        request.channel = Channel::Blobs;
        let mut add = |name: HeaderName, text: Option<&str>| {
            // What cannot be a header was none of the server's.
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
                request.headers.insert(name, value);
            }
        };
        if let Some(held) = held {
            add(IF_NONE_MATCH, held.etag.as_deref());
            add(IF_MODIFIED_SINCE, held.last_modified.as_deref());
        }
        if let Some(tag) = at.validators.strong().filter(|_| at.position > 0) {
            add(RANGE, Some(&format!("bytes={}-", at.position)));
            add(IF_RANGE, Some(tag));
        }
        self.core.send_bare(&self.origin, &request)
    }

    fn pour(
        &self,
        reply: &mut Reply,
        at: &mut Transfer,
        limit: u64,
        sink: &mut dyn Sink,
    ) -> Result<End> {
        let mut pace = Pace::new(&self.core.options.limits);
        let mut buffer = vec![0; CHUNK];
        let started = Instant::now();
        loop {
            let read = pace.read(&mut reply.response, &mut buffer);
            match read {
                Ok(0) if at.size.is_none_or(|size| size == at.position) => {
                    tracing::debug!(
                        url = self.url(),
                        bytes = at.position,
                        ms = started.elapsed().as_millis(),
                        "received"
                    );
                    return Ok(End::Whole);
                }
                Ok(count) if count > 0 => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    let position = at
                        .position
                        .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                    self.within(position, limit)?;
                    sink.write(bytes).map_err(|source| self.taken(source))?;
                    at.position = position;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if too_slow(&error).is_some() => return Err(self.slow(&error)),
                Ok(_) | Err(_) => return Ok(End::Cut),
            }
        }
    }

    fn within(&self, size: u64, limit: u64) -> Result<()> {
        if size > limit {
            return Err(Error::TooMuch {
                url: self.url(),
                limit,
                unit: "bytes",
            });
        }
        Ok(())
    }

    fn taken(&self, source: io::Error) -> Error {
        Error::Sink {
            url: self.url(),
            source,
        }
    }

    fn slow(&self, error: &io::Error) -> Error {
        let limits = &self.core.options.limits;
        let found = too_slow(error);
        Error::Slow {
            url: self.url(),
            expected: limits.transfer_speed.saturating_mul(limits.transfer_window),
            found: found.map_or(0, |slow| slow.received),
            window: found.map_or(Duration::ZERO, |slow| slow.window),
        }
    }
}

impl Transfer {
    fn new() -> Self {
        Self {
            validators: Validators::default(),
            position: 0,
            size: None,
        }
    }
}

/// Returns the size of the whole where an answer goes on where the part ends, of the same state (RFC 9110 §15.3.7); everything else would join what does
/// not belong together.
fn rest(reply: &Reply, at: &Transfer) -> Option<u64> {
    let (first, last, size) = content_range(reply.text("content-range")?)?;
    let is_rest = first == at.position && last.checked_add(1) == Some(size);
    let is_same = at.size.is_none_or(|known| known == size)
        && reply
            .text(ETAG.as_str())
            .is_none_or(|tag| Some(tag.trim()) == at.validators.strong());
    (is_rest && is_same).then_some(size)
}

/// Reads `bytes FIRST-LAST/SIZE` (RFC 9110 §14.4); a size that is not told is of no use.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, size.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_whole_or_not_at_all() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, 9, 10))),
            (" bytes 0-0/1 ", Some((0, 0, 1))),
            ("bytes 5-9/*", None),
            ("bytes */10", None),
            ("items 5-9/10", None),
            ("bytes 5-/10", None),
            ("", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }

    #[test]
    fn only_strong_tags_join_parts() {
        for (tag, strong) in [
            (Some("\"a\""), true),
            (Some("W/\"a\""), false),
            (Some("a"), false),
            (None, false),
        ] {
            let validators = Validators {
                etag: tag.map(str::to_owned),
                last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            };
            assert_eq!(validators.strong().is_some(), strong, "{tag:?}");
        }
    }
}
