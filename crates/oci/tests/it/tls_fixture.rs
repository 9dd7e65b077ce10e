//! A certificate authority, registries over TLS, and an HTTP proxy that stands in for name resolution.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::NamedTempFile;

use crate::fault_registry::{FaultRegistry, Reply, Seen};

/// An authority of its own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes the authority's certificate as PEM.
    pub(crate) fn file(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(self.0.pem().as_bytes()).unwrap();
        file
    }

    fn config(&self, name: &str, last_year: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }

    /// Starts a registry with a certificate for `name`.
    pub(crate) fn registry(
        &self,
        name: &str,
        fault: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> FaultRegistry {
        self.serve(self.config(name, 4096), fault)
    }

    /// Starts a registry whose certificate has expired.
    pub(crate) fn expired(&self, name: &str) -> FaultRegistry {
        self.serve(self.config(name, 2021), |_, _| None)
    }

    fn serve(
        &self,
        config: Arc<ServerConfig>,
        fault: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> FaultRegistry {
        let wrap = move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(Session(StreamOwned::new(connection, stream)))
        };
        FaultRegistry::start_over(wrap, fault)
    }
}

/// Ends TLS properly: a connection that just stops looks like a cut one.
struct Session(StreamOwned<ServerConnection, TcpStream>);

impl Read for Session {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Session {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.0.conn.send_close_notify();
        let _ = self.0.flush();
    }
}

/// What a proxy was asked: the request line and the header.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// A proxy on loopback that knows where a few names live; CONNECT (RFC 9110 §9.3.6) and absolute addresses.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: String,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Proxy {
    /// Starts a proxy for the authorities (`host:port`) of these registries.
    pub(crate) fn start(routes: &[(&str, &FaultRegistry)]) -> Self {
        let routes: BTreeMap<String, String> = routes
            .iter()
            .map(|(name, registry)| ((*name).to_owned(), registry.host.clone()))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap().to_string(),
            log: Arc::default(),
        };
        let (running, routes) = (proxy.clone(), Arc::new(routes));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (running, routes) = (running.clone(), Arc::clone(&routes));
                std::thread::spawn(move || running.serve(stream.unwrap(), &routes));
            }
        });
        proxy
    }

    fn serve(&self, mut client: TcpStream, routes: &BTreeMap<String, String>) -> Option<()> {
        let (asked, head, rest) = read_head(&client)?;
        self.log.lock().unwrap().push(asked.clone());
        let mut words = asked.line.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (authority, path) = match target.strip_prefix("http://") {
            Some(target) => target.split_once('/')?,
            None => (target, ""),
        };
        let Some(mut server) = routes
            .get(authority)
            .and_then(|address| TcpStream::connect(address).ok())
        else {
            let answer = b"HTTP/1.1 502 Unknown\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            return client.write_all(answer).ok();
        };
        if method == "CONNECT" {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
        } else {
            let head = head.replacen(target, &format!("/{path}"), 1);
            server.write_all(head.as_bytes()).ok()?;
        }
        server.write_all(&rest).ok()?;
        let (mut from, mut to) = (client.try_clone().ok()?, server.try_clone().ok()?);
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            to.shutdown(Shutdown::Write)
        });
        let _ = std::io::copy(&mut server, &mut client);
        client.shutdown(Shutdown::Both).ok()
    }

    pub(crate) fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// The request lines without repetitions, sorted.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.log().into_iter().map(|asked| asked.line).collect();
        lines.sort();
        lines.dedup();
        lines
    }
}

fn read_head(client: &TcpStream) -> Option<(Asked, String, Vec<u8>)> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).ok().filter(|read| *read > 0)?;
    }
    let mut lines = head.trim_end().lines();
    let asked = Asked {
        line: lines.next()?.to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
    };
    let rest = reader.buffer().to_vec();
    Some((asked, head, rest))
}
