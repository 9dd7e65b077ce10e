//! Serves the lab's parts over HTTP/1.1 on loopback, records every request, and can break an answer below HTTP.
//!
//! It knows no protocol above HTTP: a [`Handler`] turns one whole request into one answer.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::{
    Response,
    body::{Body, Frame, Incoming, SizeHint},
    header::{HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Sleep,
};

use crate::sync::lock;

/// Names one of the lab's services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Service {
    /// The OIDC issuer and the GitHub Actions id-token endpoint.
    Issuer,
    /// The certificate authority.
    Fulcio,
    /// The transparency log with the API of Rekor v1.
    RekorV1,
    /// The transparency log with the API of Rekor v2.
    RekorV2,
    /// The RFC 3161 timestamp authority.
    TimestampAuthority,
    /// The registry with the referrers API.
    Registry,
    /// The registry without the referrers API.
    RegistryWithoutReferrers,
}

/// One request as a service saw it, with its answer's status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Which service was asked.
    pub service: Service,
    /// The method in capitals.
    pub method: String,
    /// The path, as sent, without the query.
    pub path: String,
    /// The query, as sent, without the question mark.
    pub query: Option<String>,
    /// The header fields by lower-case name; of `authorization` only the scheme is kept.
    pub headers: BTreeMap<String, String>,
    /// The number of bytes in the body.
    pub body_length: u64,
    /// The status of the answer; `None` where the connection was closed without one.
    pub status: Option<u16>,
}

/// One whole request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the first value of a query parameter, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters(name).into_iter().next()
    }

    /// Returns all values of a query parameter, decoded.
    pub(crate) fn parameters(&self, name: &str) -> Vec<String> {
        let pairs = self.query.as_deref().unwrap_or_default().split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| decode(value))
            .collect()
    }

    pub(crate) fn json(&self) -> Result<Value, Reply> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Reply::problem(400, &format!("the body is not JSON: {error}")))
    }
}

/// Decodes percent-encoding and plus signs of a query value.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let escaped = text
            .get(index + 1..index + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, escaped) {
            (b'%', Some(value)) => {
                out.push(value);
                index += 2;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(*other),
        }
        index += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: Payload,
    pub(crate) delay: Duration,
}

/// What follows the head of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// The whole body.
    Whole(Bytes),
    /// Less than was announced, then the end of the connection; with `reset` by a TCP reset instead of an orderly end.
    Cut {
        sent: Bytes,
        announced: u64,
        reset: bool,
    },
    /// No answer at all: the connection ends.
    HangUp,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self {
            status,
            headers,
            payload: Payload::Whole(body.into()),
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Whole(Bytes::new()),
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// Answers with the error shape that Fulcio, Rekor and their gateways share.
    pub(crate) fn problem(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"code": status, "message": message}))
    }

    pub(crate) fn hang_up() -> Self {
        Self {
            payload: Payload::HangUp,
            ..Self::empty(0)
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers
            .retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A service behind HTTP.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(&self, request: &Request) -> Reply;
}

/// The log of all requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    seen: Mutex<Vec<RecordedRequest>>,
}

impl Requests {
    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.seen).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.seen).clear();
    }
}

/// The largest body that is taken in: larger than any layer a test pushes.
const BODY_LIMIT: usize = 1 << 30;

/// Accepts connections for ever.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    handler: Arc<dyn Handler>,
    requests: Arc<Requests>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let reset = Arc::new(AtomicBool::new(false));
        let connection = Connection {
            stream,
            reset: Arc::clone(&reset),
        };
        let (handler, requests) = (Arc::clone(&handler), Arc::clone(&requests));
        tokio::spawn(async move {
            let answer =
                service_fn(|request| answer(request, service, &handler, &requests, &reset));
            // A client that goes away is no fault of the lab.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(connection), answer)
                .await;
        });
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    service: Service,
    handler: &Arc<dyn Handler>,
    requests: &Requests,
    reset: &AtomicBool,
) -> Result<Response<ReplyBody>, io::Error> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT)
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    let request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(ToOwned::to_owned),
        headers: head.headers,
        body,
    };
    let reply = handler.handle(&request);
    let status = (!matches!(reply.payload, Payload::HangUp)).then_some(reply.status);
    lock(&requests.seen).push(RecordedRequest {
        service,
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        headers: recorded_headers(&request),
        body_length: request.body.len() as u64,
        status,
    });
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    let mut response = match reply.payload {
        Payload::HangUp => return Err(io::Error::other("hung up on demand")),
        Payload::Whole(bytes) => Response::new(ReplyBody {
            rest: Some(bytes),
            announced: None,
            pause: None,
        }),
        Payload::Cut {
            sent,
            announced,
            reset: hard,
        } => {
            reset.store(hard, Ordering::SeqCst);
            Response::new(ReplyBody {
                rest: Some(sent),
                announced: Some(announced),
                pause: None,
            })
        }
    };
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).map_err(io::Error::other)?;
    for (name, value) in reply.headers {
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        response.headers_mut().append(
            name,
            HeaderValue::try_from(value).map_err(io::Error::other)?,
        );
    }
    Ok(response)
}

fn recorded_headers(request: &Request) -> BTreeMap<String, String> {
    let fields = request.headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let text = match name.as_str() {
            "authorization" => text.split(' ').next().unwrap_or_default().to_owned(),
            _ => text,
        };
        (name.as_str().to_owned(), text)
    });
    fields.collect()
}

/// A body that may end before what it announced.
struct ReplyBody {
    rest: Option<Bytes>,
    announced: Option<u64>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.rest.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.announced.is_none() {
            return Poll::Ready(None);
        }
        // Waits until what was sent has left; an error at once would discard it.
        let pause = self
            .pause
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(50))));
        match Future::poll(pause.as_mut(), context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Some(Err(io::Error::other("cut on demand")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.announced.is_none() && self.rest.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(
            self.announced
                .unwrap_or_else(|| self.rest.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        )
    }
}

/// A TCP connection that ends with a reset when told so.
struct Connection {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // An orderly end before the reset would hide it.
        if self.reset.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A handler may refuse by returning a reply as its error.
pub(crate) fn either(result: Result<Reply, Reply>) -> Reply {
    result.unwrap_or_else(|refusal| refusal)
}
