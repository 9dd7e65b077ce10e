//! A registry on loopback that works, and misbehaves where a test wants it to. It shares no code with the client.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::Digest as _;
use toolkit_oci::registry::{Client, Options, Retries};
use toolkit_oci::{Access, Limits, Reference, Repository, Target};

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path with query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn is(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    length: Option<u64>,
    cut: Option<usize>,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("content-type", media_type)
    }

    /// Announces another length than the body's.
    pub(crate) fn length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Breaks the connection after so many bytes of the body.
    pub(crate) fn cut(mut self, at: usize) -> Self {
        self.cut = Some(at);
        self
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::new(status).body(
            "application/json",
            format!(r#"{{"errors":[{{"code":"{code}","message":"m"}}]}}"#).as_bytes(),
        )
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes)))
}

/// What the registry holds.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// By digest.
    pub(crate) manifests: BTreeMap<String, (String, Vec<u8>)>,
    pub(crate) tags: BTreeMap<String, String>,
    uploads: BTreeMap<String, Vec<u8>>,
    /// Whether the referrers API exists.
    pub(crate) referrers: bool,
    /// Whether it lists without saying `OCI-Subject`, as go-containerregistry does.
    pub(crate) silent: bool,
}

impl Store {
    pub(crate) fn add_blob(&mut self, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        self.blobs.insert(digest.clone(), bytes.to_vec());
        digest
    }

    pub(crate) fn add_manifest(
        &mut self,
        tag: Option<&str>,
        media_type: &str,
        bytes: &[u8],
    ) -> String {
        let digest = sha256(bytes);
        self.manifests
            .insert(digest.clone(), (media_type.to_owned(), bytes.to_vec()));
        if let Some(tag) = tag {
            self.tags.insert(tag.to_owned(), digest.clone());
        }
        digest
    }

    pub(crate) fn tagged(&self, tag: &str) -> Option<&[u8]> {
        let (_, bytes) = self.manifests.get(self.tags.get(tag)?)?;
        Some(bytes)
    }

    fn answer(&mut self, seen: &Seen) -> Reply {
        let path = seen.path.split('?').next().unwrap();
        let Some((_, rest)) = path
            .strip_prefix("/v2/")
            .and_then(|rest| rest.split_once('/'))
        else {
            return Reply::new(404);
        };
        // Repositories have one component here; `a/b` would be two.
        if let Some(reference) = rest.strip_prefix("manifests/") {
            return self.manifest(seen, reference);
        }
        if let Some(digest) = rest.strip_prefix("referrers/") {
            return self.list(digest);
        }
        if let Some(id) = rest.strip_prefix("blobs/uploads/") {
            return self.upload(seen, id);
        }
        match rest
            .strip_prefix("blobs/")
            .and_then(|digest| self.blobs.get(digest))
        {
            Some(bytes) => {
                let start = seen.header("range").and_then(|range| {
                    range
                        .strip_prefix("bytes=")?
                        .strip_suffix('-')?
                        .parse::<usize>()
                        .ok()
                });
                match start {
                    Some(start) => Reply::new(206)
                        .header(
                            "content-range",
                            &format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len()),
                        )
                        .body("application/octet-stream", &bytes[start..]),
                    None => Reply::new(200).body("application/octet-stream", bytes),
                }
            }
            None => Reply::error(404, "BLOB_UNKNOWN"),
        }
    }

    fn manifest(&mut self, seen: &Seen, reference: &str) -> Reply {
        if seen.method == "PUT" {
            let media_type = seen.header("content-type").unwrap().to_owned();
            let document: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
            let listed = document["manifests"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            if listed.iter().any(|entry| {
                !self
                    .manifests
                    .contains_key(entry["digest"].as_str().unwrap())
            }) {
                return Reply::error(400, "MANIFEST_BLOB_UNKNOWN");
            }
            let tag = (!reference.starts_with("sha256:")).then_some(reference);
            let digest = self.add_manifest(tag, &media_type, &seen.body);
            let mut reply = Reply::new(201).header("docker-content-digest", &digest);
            if let Some(subject) = document["subject"]["digest"]
                .as_str()
                .filter(|_| self.referrers && !self.silent)
            {
                reply = reply.header("oci-subject", subject);
            }
            return reply;
        }
        let digest = self
            .tags
            .get(reference)
            .cloned()
            .unwrap_or_else(|| reference.to_owned());
        match self.manifests.get(&digest) {
            Some((media_type, bytes)) => Reply::new(200)
                .header("docker-content-digest", &digest)
                .body(media_type, bytes),
            None => Reply::error(404, "MANIFEST_UNKNOWN"),
        }
    }

    fn list(&self, subject: &str) -> Reply {
        if !self.referrers {
            return Reply::new(404).body("text/plain", b"404 page not found\n");
        }
        let entries: Vec<serde_json::Value> = self
            .manifests
            .iter()
            .filter_map(|(digest, (media_type, bytes))| {
                let document: serde_json::Value = serde_json::from_slice(bytes).ok()?;
                (document["subject"]["digest"].as_str()? == subject).then(|| {
                    serde_json::json!({"mediaType": media_type, "digest": digest, "size": bytes.len(), "artifactType": document["artifactType"]})
                })
            })
            .collect();
        Reply::new(200).body(INDEX, &index(&entries))
    }

    fn upload(&mut self, seen: &Seen, id: &str) -> Reply {
        match seen.method.as_str() {
            "POST" => {
                if let Some(digest) = seen.query("mount")
                    && self.blobs.contains_key(&digest)
                {
                    return Reply::new(201).header("docker-content-digest", &digest);
                }
                let id = format!("u{}", self.uploads.len());
                self.uploads.insert(id.clone(), Vec::new());
                Reply::new(202).header("location", &format!("/v2/r/blobs/uploads/{id}?_state=0"))
            }
            "PATCH" => {
                let bytes = self.uploads.get_mut(id).unwrap();
                let start = bytes.len();
                bytes.extend_from_slice(&seen.body);
                let end = bytes.len() - 1;
                if seen.header("content-range") != Some(format!("{start}-{end}").as_str()) {
                    return Reply::error(416, "BLOB_UPLOAD_INVALID");
                }
                // The state makes a stale address visible.
                if seen.query("_state") != Some(start.to_string()) {
                    return Reply::error(404, "BLOB_UPLOAD_UNKNOWN");
                }
                Reply::new(202)
                    .header(
                        "location",
                        &format!("/v2/r/blobs/uploads/{id}?_state={}", end + 1),
                    )
                    .header("range", &format!("0-{end}"))
            }
            _ => {
                let mut bytes = self.uploads.remove(id).unwrap();
                bytes.extend_from_slice(&seen.body);
                let digest = sha256(&bytes);
                if seen.query("digest").as_deref() != Some(&digest) {
                    return Reply::error(400, "DIGEST_INVALID");
                }
                self.blobs.insert(digest.clone(), bytes);
                Reply::new(201).header("docker-content-digest", &digest)
            }
        }
    }
}

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(crate) fn index(entries: &[serde_json::Value]) -> Vec<u8> {
    serde_json::to_vec(
        &serde_json::json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}),
    )
    .unwrap()
}

type Fault = dyn Fn(&Seen, usize) -> Option<Reply> + Send + Sync;

/// The running registry.
#[derive(Clone)]
pub(crate) struct FaultRegistry {
    pub(crate) host: String,
    pub(crate) store: Arc<Mutex<Store>>,
    log: Arc<Mutex<Vec<Seen>>>,
}

impl FaultRegistry {
    /// Starts a registry; `fault` may answer in its place, and is told how many requests to this path came before.
    pub(crate) fn start(
        fault: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start_over(Some, fault)
    }

    /// As [`FaultRegistry::start`], over what `wrap` makes of a connection.
    pub(crate) fn start_over<S: Read + Write>(
        wrap: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
        fault: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let registry = Self {
            host: listener.local_addr().unwrap().to_string(),
            store: Arc::default(),
            log: Arc::default(),
        };
        let (running, shared) = (registry.clone(), Arc::new((wrap, fault)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (running, shared) = (running.clone(), Arc::clone(&shared));
                std::thread::spawn(move || {
                    let (wrap, fault) = &*shared;
                    running.serve(&mut wrap(stream.unwrap())?, fault)
                });
            }
        });
        registry
    }

    pub(crate) fn working() -> Self {
        Self::start(|_, _| None)
    }

    fn serve(&self, stream: &mut (impl Read + Write), fault: &Fault) -> Option<()> {
        let seen = read_request(stream)?;
        let before = {
            let mut log = self.log.lock().unwrap();
            let before = log
                .iter()
                .filter(|old| old.method == seen.method && old.path == seen.path)
                .count();
            log.push(seen.clone());
            before
        };
        let reply =
            fault(&seen, before).unwrap_or_else(|| self.store.lock().unwrap().answer(&seen));
        write_reply(stream, &seen, &reply)
    }

    pub(crate) fn log(&self) -> Vec<Seen> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, method: &str, part: &str) -> usize {
        self.log()
            .iter()
            .filter(|seen| seen.is(method, part))
            .count()
    }

    pub(crate) fn reference(&self) -> Reference {
        Reference::parse(&format!("{}/r", self.host)).unwrap()
    }
}

fn read_request(stream: &mut impl Read) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        method,
        path,
        headers,
        body,
    })
}

fn write_reply(stream: &mut impl Write, seen: &Seen, reply: &Reply) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = reply.length.unwrap_or(reply.body.len() as u64);
    head.push_str(&format!("content-length: {length}\r\n\r\n"));
    stream.write_all(head.as_bytes()).ok()?;
    if seen.method != "HEAD" {
        stream
            .write_all(&reply.body[..reply.cut.unwrap_or(reply.body.len())])
            .ok()?;
    }
    stream.flush().ok()
}

/// Options with waits that a test can afford.
pub(crate) fn options() -> Options {
    Options {
        retries: Retries {
            attempts: 4,
            base: Duration::from_millis(5),
            cap: Duration::from_millis(20),
            budget: Duration::from_secs(5),
        },
        ..Options::default()
    }
}

pub(crate) fn client() -> Client {
    Client::new(options())
}

/// A client that finds `auth` (`user:password`) for `host` in a docker configuration.
pub(crate) fn client_with(config: &str) -> (Client, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs_err::write(&path, config).unwrap();
    (
        Client::new(Options {
            credential_files: vec![path],
            ..options()
        }),
        folder,
    )
}

/// Hands out what opening a repository takes.
pub(crate) fn with_access<T>(work: impl FnOnce(&Access<'_>) -> T) -> T {
    work(&Access::new(&Limits::default(), &client(), &|_| {}))
}

pub(crate) fn remote(registry: &FaultRegistry) -> Repository {
    with_access(|access| Repository::open(&Target::Registry(registry.reference()), access)).unwrap()
}
