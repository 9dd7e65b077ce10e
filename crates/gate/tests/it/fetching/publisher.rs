//! A web server of the tests' own: it answers one request a connection, with whatever it is told, also with what no server should.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Without the mirror's own path: `HOST/PATH`.
    pub(super) path: String,
    /// By name in lower case.
    pub(super) headers: BTreeMap<String, String>,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// One answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// `Content-Length`, where it is not that of the body.
    pub(super) length: Option<usize>,
    /// How much of the body is sent before the connection ends.
    pub(super) cut: Option<usize>,
    /// Instead of a body: zeros in chunks, so many MiB.
    pub(super) endless: Option<usize>,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(super) fn body(body: &[u8]) -> Self {
        Self {
            status: 200,
            body: body.to_vec(),
            ..Self::default()
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

type Answer = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// The server; it listens until the test program ends.
pub(super) struct Publisher {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<Mutex<Arc<Answer>>>,
}

impl Publisher {
    /// Starts one that answers so; the number says how often the path was asked for before.
    pub(super) fn new(answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let answer: Arc<Mutex<Arc<Answer>>> = Arc::new(Mutex::new(Arc::new(answer)));
        let publisher = Self {
            address,
            asked: Arc::clone(&asked),
            answer: Arc::clone(&answer),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&asked);
                let answer = Arc::clone(&answer.lock().expect("the answer"));
                std::thread::spawn(move || serve(&stream, &asked, answer.as_ref()));
            }
        });
        publisher
    }

    /// Starts one that has these files, with entity tags, conditions and ranges.
    pub(super) fn of(files: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self::new(having(files))
    }

    /// Answers differently from now on, and forgets what was asked.
    pub(super) fn now(&self, answer: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) {
        *self.answer.lock().expect("the answer") = Arc::new(answer);
        self.asked.lock().expect("the requests").clear();
    }

    /// Returns its address as a mirror.
    pub(super) fn mirror(&self) -> String {
        format!("http://{}/feeds", self.address)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the requests").clone()
    }
}

/// Answers as one that has these files.
pub(super) fn having(
    files: Vec<(&'static str, Vec<u8>)>,
) -> impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static {
    let files: BTreeMap<_, _> = files.into_iter().collect();
    move |asked, _| match files.get(asked.path.as_str()) {
        None => Reply::status(404),
        Some(body) => file(asked, body),
    }
}

/// Names a state of a file.
pub(super) fn tag(body: &[u8]) -> String {
    let sum = body
        .iter()
        .fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
    format!("\"{sum:x}\"")
}

/// Answers for a file as RFC 9110 has it.
pub(super) fn file(asked: &Asked, body: &[u8]) -> Reply {
    let tag = tag(body);
    if asked.header("if-none-match") == Some(&tag) {
        return Reply::status(304).with("ETag", &tag);
    }
    let range = asked
        .header("range")
        .filter(|_| asked.header("if-range").is_none_or(|wanted| wanted == tag))
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        });
    match range {
        Some(first) if first < body.len() => {
            let mut reply = Reply::body(&body[first..]);
            reply.status = 206;
            let range = format!("bytes {first}-{}/{}", body.len() - 1, body.len());
            reply.with("Content-Range", &range).with("ETag", &tag)
        }
        Some(_) => Reply::status(416),
        None => Reply::body(body)
            .with("ETag", &tag)
            .with("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    }
}

fn serve(stream: &TcpStream, log: &Mutex<Vec<Asked>>, answer: &Answer) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(first)) = lines.next() else {
        return;
    };
    let path = first.split(' ').nth(1).unwrap_or_default();
    let headers = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let asked = Asked {
        path: path.trim_start_matches("/feeds/").to_owned(),
        headers,
    };
    let before = {
        let mut log = log.lock().expect("the requests");
        let before = log.iter().filter(|one| one.path == asked.path).count();
        log.push(asked.clone());
        before
    };
    // Who hangs up early is no fault of the server's.
    let _ = send(stream, &answer(&asked, before));
}

fn send(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(count) = reply.endless {
        head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let chunk = vec![0; 1 << 20];
        for _ in 0..count {
            stream.write_all(b"100000\r\n")?;
            stream.write_all(&chunk)?;
            stream.write_all(b"\r\n")?;
        }
        return stream.write_all(b"0\r\n\r\n");
    }
    if reply.status != 304 {
        let length = reply.length.unwrap_or(reply.body.len());
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let sent = reply.cut.unwrap_or(reply.body.len());
    stream.write_all(&reply.body[..sent])?;
    stream.flush()
}
