//! Against Debian's `docker-registry` (distribution 2.8), which has no referrers API, and read back by `oci-client`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use toolkit_oci::referrers::Via;
use toolkit_oci::registry::{Client, Options};
use toolkit_oci::repository::Artifact;
use toolkit_oci::{Access, Descriptor, Digest, Limits, Manifest, RawManifest, Repository, Target};

use crate::fault_registry::{MANIFEST, sha256};

const BINARY: &str = "/usr/bin/docker-registry";
const WRITERS: usize = 8;
const ROUNDS: usize = 20;
/// Tells the process of a writer what to do: the target, and its name.
const WRITER: &str = "TOOLKIT_TEST_WRITER";

struct Registry {
    process: Child,
    host: String,
    _folder: tempfile::TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    /// `None`, said aloud, where the package is not installed; in CI that is a failure.
    fn start() -> Option<Self> {
        if !std::path::Path::new(BINARY).exists() {
            assert!(
                std::env::var_os("CI").is_none(),
                "{BINARY} is not installed"
            );
            eprintln!("skipped: {BINARY} is not installed (Debian package docker-registry)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // Free now; nobody else asks for ports in a hurry here.
        let host = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let config = folder.path().join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\nhttp: {{addr: '{host}'}}\n",
            folder.path().join("data").display()
        );
        fs_err::write(&config, text).unwrap();
        let process = Command::new(BINARY)
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self {
            process,
            host,
            _folder: folder,
        };
        let started = Instant::now();
        while !registry.answers() {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "{BINARY} does not start"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(registry)
    }

    fn answers(&self) -> bool {
        let ask = || {
            let mut stream = TcpStream::connect(&self.host)?;
            stream.write_all(b"GET /v2/ HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            std::io::Result::Ok(answer)
        };
        ask().is_ok_and(|answer| answer.contains("200 OK"))
    }
}

fn open(name: &str) -> Repository {
    let target = Target::parse(&format!("registry:{name}")).unwrap();
    Repository::open(
        &target,
        &Access::new(
            &Limits::default(),
            &Client::new(Options::default()),
            &|_| {},
        ),
    )
    .unwrap()
}

fn put_image(repository: &Repository, layer: &[u8], tag: &str) -> RawManifest {
    let config =
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let (config_type, layer_type) = (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.oci.image.layer.v1.tar",
    );
    repository
        .put_blob(&Descriptor::of(config_type, config), config)
        .unwrap();
    repository
        .put_blob(&Descriptor::of(layer_type, layer), layer)
        .unwrap();
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"{config_type}","digest":"{}","size":{}}},"layers":[{{"mediaType":"{layer_type}","digest":"{}","size":{}}}]}}"#,
        sha256(config),
        config.len(),
        sha256(layer),
        layer.len()
    );
    repository.put_manifest(text.as_bytes(), MANIFEST).unwrap();
    let manifest =
        RawManifest::check(Descriptor::of(MANIFEST, text.as_bytes()), text.into_bytes()).unwrap();
    repository.publish(&manifest, Some(tag)).unwrap();
    manifest
}

fn artifact(text: &str) -> Artifact {
    Artifact {
        artifact_type: "application/vnd.example.note".to_owned(),
        annotations: BTreeMap::from([("note".to_owned(), text.to_owned())]),
        payload: text.as_bytes().to_vec(),
    }
}

#[test]
fn images_and_evidence_are_read_back_by_another_client() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let repository = open(&format!("{}/team/app", registry.host));
    assert!(repository.manifest_by_tag("v1").unwrap().is_none());
    let layer: Vec<u8> = (0..5_000_000_u32).map(|i| (i % 255) as u8).collect();
    let image = put_image(&repository, &layer, "v1");
    let attached = repository
        .attach_artifact(&image.descriptor, &artifact("one"))
        .unwrap();
    assert_eq!(attached.via, Via::FallbackTag);

    let found = repository.manifest_by_tag("v1").unwrap().unwrap();
    assert_eq!(
        (&found.descriptor, &found.bytes),
        (&image.descriptor, &image.bytes)
    );
    let Manifest::Image(parsed) = &found.manifest else {
        panic!("an image")
    };
    assert_eq!(
        repository
            .blob_bytes(&parsed.layers[0], "payload-size", 10 << 20)
            .unwrap(),
        layer
    );
    let referrers = repository.referrers(&image.descriptor.digest).unwrap();
    assert!(referrers.complete(), "{referrers:?}");
    assert_eq!(referrers.entries.len(), 1);
    let opened = repository
        .referrer(&image.descriptor.digest, &referrers.entries[0])
        .unwrap()
        .unwrap();
    assert_eq!(opened.descriptor.digest, attached.digest);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let config = oci_client::client::ClientConfig {
            protocol: oci_client::client::ClientProtocol::Http,
            ..Default::default()
        };
        let client = oci_client::Client::try_from(config).unwrap();
        let anonymous = oci_client::secrets::RegistryAuth::Anonymous;
        let reference: oci_client::Reference =
            format!("{}/team/app:v1", registry.host).parse().unwrap();
        let (manifest, digest) = client
            .pull_image_manifest(&reference, &anonymous)
            .await
            .unwrap();
        assert_eq!(digest, image.descriptor.digest.to_string());
        let mut bytes = Vec::new();
        client
            .pull_blob(&reference, &manifest.layers[0], &mut bytes)
            .await
            .unwrap();
        assert_eq!(bytes, layer);
        let pinned: oci_client::Reference =
            format!("{}/team/app@{}", registry.host, image.descriptor.digest)
                .parse()
                .unwrap();
        let listed = client.pull_referrers(&pinned, None).await.unwrap();
        assert_eq!(listed.manifests.len(), 1);
        assert_eq!(listed.manifests[0].digest, attached.digest.to_string());
        assert_eq!(
            listed.manifests[0].artifact_type.as_deref(),
            Some("application/vnd.example.note")
        );
        assert_eq!(
            listed.manifests[0].annotations.as_ref().unwrap()["note"],
            "one"
        );
    });
}

#[test]
fn blobs_are_mounted_within_a_registry() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let from = open(&format!("{}/from", registry.host));
    let to = open(&format!("{}/to", registry.host));
    let blob = Descriptor::of("application/vnd.oci.image.layer.v1.tar", b"layer");
    from.put_blob(&blob, b"layer").unwrap();
    assert!(!to.has_blob(&blob.digest).unwrap());
    to.copy_blob(&from, &blob).unwrap();
    assert_eq!(to.blob_bytes(&blob, "payload-size", 100).unwrap(), b"layer");
}

#[test]
fn processes_that_attach_at_once_lose_nothing() {
    let Some(registry) = Registry::start() else {
        return;
    };
    let name = format!("{}/app", registry.host);
    let image = put_image(&open(&name), b"layer", "v1");
    let subject = &image.descriptor.digest;
    let homes: Vec<tempfile::TempDir> =
        (0..WRITERS).map(|_| tempfile::tempdir().unwrap()).collect();
    let started = Instant::now();
    let writers: Vec<Child> = homes
        .iter()
        .enumerate()
        .map(|(writer, home)| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "distribution::a_writer",
                    "--ignored",
                    "--nocapture",
                ])
                .env(
                    WRITER,
                    format!("{name} {subject} {} {writer}", image.descriptor.size),
                )
                .env("HOME", home.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let referrers = open(&name).referrers(subject).unwrap();
    eprintln!(
        "{} of {} after {:.1?}",
        referrers.entries.len(),
        WRITERS * ROUNDS,
        started.elapsed()
    );
    let mut notes: Vec<&str> = referrers
        .entries
        .iter()
        .map(|entry| entry.annotations["note"].as_str())
        .collect();
    notes.sort_unstable();
    let mut expected: Vec<String> = (0..WRITERS)
        .flat_map(|writer| (0..ROUNDS).map(move |round| format!("{writer}-{round}")))
        .collect();
    expected.sort_unstable();
    assert_eq!(notes, expected);
}

#[test]
#[ignore = "one process of `processes_that_attach_at_once_lose_nothing`, which starts it"]
fn a_writer() {
    let task = std::env::var(WRITER).unwrap();
    let [name, subject, size, writer] = task.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let subject = Descriptor::new(
        MANIFEST,
        Digest::parse(subject).unwrap(),
        size.parse().unwrap(),
    );
    let repository = open(name);
    for round in 0..ROUNDS {
        repository
            .attach_artifact(&subject, &artifact(&format!("{writer}-{round}")))
            .unwrap();
    }
}
