//! Small feeds, and the folder that they are fetched into.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use toolkit_gate::{Event, Fetch, FetchError, Fetched, feeds, fetch};
use toolkit_oci::registry::{Client, Options, Retries};

use super::publisher::Publisher;

pub(super) const NPM: &str = "osv-vulnerabilities.storage.googleapis.com/npm/all.zip";
pub(super) const KEV: &str =
    "www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
pub(super) const EPSS: &str = "epss.empiricalsecurity.com/epss_scores-current.csv.gz";
/// Where they are in the folder.
pub(super) const NPM_FILE: &str = "npm/all.zip";
pub(super) const KEV_FILE: &str = "kev/known_exploited_vulnerabilities.json";
pub(super) const EPSS_FILE: &str = "epss/epss_scores-current.csv.gz";

/// An export of OSV.dev with one record, and so many bytes of text in it that do not shrink.
pub(super) fn osv(id: &str, text: usize) -> Vec<u8> {
    several(&[id], text)
}

/// An export with several records.
pub(super) fn several(ids: &[&str], text: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for id in ids {
        archive
            .start_file(format!("{id}.json"), options)
            .expect("a member");
        let record = record(id, text);
        archive.write_all(record.as_bytes()).expect("a record");
    }
    archive.finish().expect("a zip").into_inner()
}

fn record(id: &str, text: usize) -> String {
    let mut state = 1_u32;
    let noise: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + u8::try_from(state >> 28).expect("four bits"))
    })
    .take(text)
    .collect();
    format!(
        r#"{{"id":"{id}","modified":"2024-05-01T00:00:00Z","details":"{noise}","affected":[{{"package":{{"ecosystem":"npm","name":"x"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.2.0"}}]}}]}}]}}"#
    )
}

pub(super) fn kev(cve: &str) -> Vec<u8> {
    format!(
        r#"{{"catalogVersion":"2026.01.01","count":1,"vulnerabilities":[{{"cveID":"{cve}","dateAdded":"2026-01-01"}}]}}"#
    )
    .into_bytes()
}

pub(super) fn epss() -> Vec<u8> {
    gzip(b"#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-1,0.5,0.5\n")
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("bytes");
    encoder.finish().expect("a gzip")
}

/// The three feeds of one file each.
pub(super) fn three() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (NPM, osv("GHSA-1", 1000)),
        (KEV, kev("CVE-2024-1")),
        (EPSS, epss()),
    ]
}

/// The folder that is fetched into.
pub(super) struct Place {
    directory: tempfile::TempDir,
    pub(super) warnings: Mutex<Vec<String>>,
    attempts: u32,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a folder"),
            warnings: Mutex::default(),
            attempts: 3,
        }
    }

    /// Asks more often.
    pub(super) fn patient() -> Self {
        Self {
            attempts: 6,
            ..Self::new()
        }
    }

    /// Asks once only.
    pub(super) fn impatient() -> Self {
        Self {
            attempts: 1,
            ..Self::new()
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("feeds").join(name)
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs_err::read(self.path(name)).expect("the file")
    }

    /// Everything in the folder but the lock, by path.
    pub(super) fn files(&self) -> Vec<String> {
        fn walk(folder: &std::path::Path, below: &str, found: &mut Vec<String>) {
            for entry in fs_err::read_dir(folder).expect("the folder") {
                let entry = entry.expect("an entry");
                let name = format!("{below}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    walk(&entry.path(), &format!("{name}/"), found);
                } else if name != ".fetch-lock" {
                    found.push(name);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path(""), "", &mut found);
        found.sort_unstable();
        found
    }

    pub(super) fn try_fetch(
        &self,
        mirror: &str,
        names: &[&str],
        now: &str,
    ) -> Result<Fetched, FetchError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let retries = Retries {
            attempts: self.attempts,
            base: Duration::from_millis(1),
            cap: Duration::from_millis(1),
            budget: Duration::from_secs(5),
        };
        let client = Client::new(Options {
            retries,
            ..Options::default()
        });
        fetch(&Fetch {
            folder: &self.path(""),
            feeds: &feeds(&names).expect("feeds"),
            mirror: Some(mirror),
            client: &client,
            now: now.parse::<Timestamp>().expect("a time"),
            events: &|event| {
                if let Event::Warning(text) = event {
                    self.warnings.lock().expect("the warnings").push(text);
                }
            },
        })
    }

    pub(super) fn fetch(&self, publisher: &Publisher, names: &[&str]) -> Fetched {
        self.try_fetch(&publisher.mirror(), names, "2026-01-02T03:04:05.6Z")
            .expect("a folder to work in")
    }

    /// Fetches one feed that fails.
    #[track_caller]
    pub(super) fn failure(&self, publisher: &Publisher, name: &str) -> FetchError {
        let mut fetched = self.fetch(publisher, &[name]);
        assert_eq!(
            (fetched.failures.len(), fetched.files.len()),
            (1, 0),
            "{fetched:?}"
        );
        let failure = fetched.failures.remove(0);
        assert_eq!(failure.feed, name);
        failure.error
    }

    /// What `fetch.json` says of a file.
    pub(super) fn record(&self, name: &str) -> Value {
        let record: Value =
            serde_json::from_slice(&self.read("fetch.json")).expect("a record in JSON");
        record["files"][name].clone()
    }
}

/// Fetched whole, nothing failed.
#[track_caller]
pub(super) fn whole(fetched: &Fetched) {
    assert!(fetched.failures.is_empty(), "{:?}", fetched.failures);
}
