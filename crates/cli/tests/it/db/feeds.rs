//! A mirror of publishers on loopback: files at `HOST/PATH`, one answer a connection.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How a file is answered for.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// With its bytes.
    File(Vec<u8>),
    /// With a status and nothing else.
    Status(u16),
    /// With another address.
    Moved(&'static str),
}

/// The mirror; it listens until the test program ends.
pub(super) struct Mirror {
    address: SocketAddr,
    files: Arc<Mutex<BTreeMap<String, Answer>>>,
}

impl Mirror {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let files: Arc<Mutex<BTreeMap<String, Answer>>> = Arc::default();
        let served = Arc::clone(&files);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                // Who hangs up early is no fault of the mirror's.
                std::thread::spawn(move || drop(serve(&stream, &served)));
            }
        });
        Self { address, files }
    }

    pub(super) fn put(&self, path: &str, answer: Answer) {
        let mut files = self.files.lock().expect("the files");
        files.insert(path.to_owned(), answer);
    }

    pub(super) fn file(&self, path: &str, bytes: &[u8]) {
        self.put(path, Answer::File(bytes.to_vec()));
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

fn serve(mut stream: &TcpStream, files: &Mutex<BTreeMap<String, Answer>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut held = None;
    for line in lines {
        let line = line?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => {
                held = Some(value.trim().to_owned());
            }
            Some(_) => {}
            None => break,
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let answer = {
        let files = files.lock().expect("the files");
        files.get(path.trim_start_matches('/')).cloned()
    };
    let head = |status: u16, more: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"
        )
    };
    match answer {
        Some(Answer::File(bytes)) => {
            let sum = bytes
                .iter()
                .fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
            let tag = format!("\"{sum:x}\"");
            if held.as_deref() == Some(&tag) {
                let text = format!("HTTP/1.1 304 x\r\nConnection: close\r\nETag: {tag}\r\n\r\n");
                return stream.write_all(text.as_bytes());
            }
            let more = format!("ETag: {tag}\r\n");
            stream.write_all(head(200, &more, bytes.len()).as_bytes())?;
            stream.write_all(&bytes)
        }
        Some(Answer::Moved(to)) => {
            stream.write_all(head(302, &format!("Location: {to}\r\n"), 0).as_bytes())
        }
        Some(Answer::Status(status)) => stream.write_all(head(status, "", 0).as_bytes()),
        None => stream.write_all(head(404, "", 0).as_bytes()),
    }
}

pub(super) fn osv(ecosystem: &str) -> String {
    format!("osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip")
}

pub(super) const KEV: &str =
    "www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
pub(super) const EPSS: &str = "epss.empiricalsecurity.com/epss_scores-current.csv.gz";
pub(super) const ALPINE: &str = "secdb.alpinelinux.org/";
pub(super) const AMAZON: &str = "cdn.amazonlinux.com";

pub(super) fn zip<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a member");
        archive.write_all(bytes).expect("its bytes");
    }
    archive.finish().expect("a zip").into_inner()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("bytes");
    encoder.finish().expect("a gzip")
}

/// A record of OSV for a package of npm.
pub(super) fn record(id: &str) -> Vec<u8> {
    format!(
        r#"{{"id":"{id}","modified":"2024-05-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"npm","name":"x"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.2.0"}}]}}]}}]}}"#
    )
    .into_bytes()
}

pub(super) fn kev() -> Vec<u8> {
    br#"{"catalogVersion":"2026.01.01","count":1,"vulnerabilities":[{"cveID":"CVE-2024-1","dateAdded":"2026-01-01"}]}"#.to_vec()
}

pub(super) fn epss() -> Vec<u8> {
    gzip(b"cve,epss,percentile\nCVE-2024-1,0.5,0.5\n")
}

/// Puts the lists of Amazon's repositories, and these documents as extras of theirs.
pub(super) fn amazon(mirror: &Mirror, documents: &[(String, Vec<u8>)]) {
    let empty = gzip(b"<updates></updates>");
    let topics: Vec<String> = documents
        .iter()
        .map(|(name, _)| format!(r#"{{"n":"{name}"}}"#))
        .collect();
    mirror.file(
        &format!("{AMAZON}/2/extras-catalog.json"),
        format!(
            r#"{{"topics":[{{"n":"none"}}{}{}]}}"#,
            if topics.is_empty() { "" } else { "," },
            topics.join(",")
        )
        .as_bytes(),
    );
    let repository = |list: &str, place: &str, bytes: &[u8]| {
        mirror.file(
            &format!("{AMAZON}/{list}"),
            format!("https://{AMAZON}/{place}/\n").as_bytes(),
        );
        mirror.file(
            &format!("{AMAZON}/{place}/repodata/repomd.xml"),
            br#"<repomd><data type="updateinfo"><location href="repodata/updateinfo.xml.gz"/></data></repomd>"#,
        );
        mirror.file(
            &format!("{AMAZON}/{place}/repodata/updateinfo.xml.gz"),
            bytes,
        );
    };
    for (list, place) in [
        ("2/core/latest/x86_64/mirror.list", "a"),
        ("al2023/core/mirrors/latest/x86_64/mirror.list", "b"),
        (
            "al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list",
            "c",
        ),
    ] {
        repository(list, place, &empty);
    }
    for (name, bytes) in documents {
        repository(
            &format!("2/extras/{name}/latest/x86_64/mirror.list"),
            &format!("extras/{name}"),
            bytes,
        );
    }
}
