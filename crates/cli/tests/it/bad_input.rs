//! The contract's table of bad input, row by row: the code, and a message with what was expected and what was found.

mod commands;
mod evidence;
mod images;
mod outputs;
mod policies;
mod registries;

use std::path::Path;

use serde_json::{Value, json};
use toolkit_lab::image::{Built, Compression, Image, Index, Layer};
use toolkit_lab::{RegistryFault, RegistryKind};

use crate::binary::{Run, finish, toolkit};
use crate::data;
use crate::stage::{SIGNER, Stage, expect, image};

/// Holds a layout that a test damages.
struct Layout {
    directory: tempfile::TempDir,
}

impl Layout {
    fn of(built: &Built) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        built
            .write_layout(&directory.path().join("layout"), Some("1"))
            .expect("a layout");
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn blob(&self, digest: &str) -> std::path::PathBuf {
        self.path()
            .join("layout/blobs")
            .join(digest.replace(':', "/"))
    }

    fn read(&self, digest: &str) -> Value {
        serde_json::from_slice(&fs_err::read(self.blob(digest)).expect("the blob")).expect("JSON")
    }

    /// Stores a document and returns its descriptor.
    fn store(&self, media_type: &Value, document: &Value) -> Value {
        let bytes = document.to_string().into_bytes();
        let digest = toolkit_oci::Digest::sha256(&bytes).to_string();
        fs_err::write(self.blob(&digest), &bytes).expect("the blob");
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    /// Replaces the image's configuration and points manifest and index at it.
    fn change_config(&self, built: &Built, change: impl FnOnce(&mut Value)) {
        let mut manifest = self.read(built.digest());
        let mut config = self.read(manifest["config"]["digest"].as_str().expect("a digest"));
        change(&mut config);
        manifest["config"] = self.store(&manifest["config"]["mediaType"].clone(), &config);
        self.point_at(&self.store(&manifest["mediaType"].clone(), &manifest));
    }

    fn point_at(&self, descriptor: &Value) {
        let path = self.path().join("layout/index.json");
        let mut index: Value =
            serde_json::from_slice(&fs_err::read(&path).expect("the index")).expect("JSON");
        for (key, value) in descriptor.as_object().expect("a descriptor") {
            index["manifests"][0][key] = value.clone();
        }
        fs_err::write(path, index.to_string()).expect("the index");
    }

    fn sbom(&self, more: &[&str]) -> Run {
        finish(
            toolkit()
                .current_dir(self.path())
                .args(["sbom", "oci-dir:layout:1", "-o", "purls"])
                .args(more),
        )
    }
}

fn layer_of(built: &Built) -> String {
    let manifest: Value = serde_json::from_slice(built.bytes()).expect("JSON");
    manifest["layers"][0]["digest"]
        .as_str()
        .expect("a digest")
        .to_owned()
}

#[track_caller]
fn refused(run: &Run, code: i32, expected: &[&str]) {
    expect(run, code);
    assert_eq!(run.stdout, "");
    for text in expected {
        assert!(
            run.stderr.contains(text),
            "`{text}` is not in\n{}",
            run.stderr
        );
    }
}

/// Fails with everything that a run said, unless it ended with this code and stdout or stderr says all of this.
#[track_caller]
fn says(name: &str, run: &Run, code: i32, texts: &[&str]) {
    assert_eq!(
        run.code, code,
        "{name}\nstdout:\n{}\nstderr:\n{}",
        run.stdout, run.stderr
    );
    for text in texts {
        assert!(
            run.stderr.contains(text) || run.stdout.contains(text),
            "{name}: `{text}` is not said\nstdout:\n{}\nstderr:\n{}",
            run.stdout,
            run.stderr
        );
    }
}

#[test]
fn lying_blobs_end_with_seventeen_and_both_values() {
    let built = image("amd64");
    let layer = layer_of(&built);
    let size = built.blobs()[&layer].len();
    for (name, change) in [
        (
            "shorter",
            Box::new(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1))
                as Box<dyn Fn(&mut Vec<u8>)>,
        ),
        ("longer", Box::new(|bytes: &mut Vec<u8>| bytes.push(0))),
        (
            "other",
            Box::new(|bytes: &mut Vec<u8>| *bytes.last_mut().expect("a byte") ^= 1),
        ),
    ] {
        let layout = Layout::of(&built);
        let mut bytes = fs_err::read(layout.blob(&layer)).expect("the layer");
        change(&mut bytes);
        fs_err::write(layout.blob(&layer), &bytes).expect("the layer");
        let expected = match name {
            "other" => format!("digest mismatch: expected `{layer}`, found `sha256:"),
            _ => format!(
                "size mismatch: expected {size} bytes, found {}",
                bytes.len()
            ),
        };
        refused(&layout.sbom(&[]), 17, &[&expected, &layer]);
    }
}

#[test]
fn a_wrong_diff_id_ends_with_seventeen() {
    let built = image("amd64");
    let layout = Layout::of(&built);
    let wrong = format!("sha256:{}", "0".repeat(64));
    layout.change_config(&built, |config| {
        config["rootfs"]["diff_ids"][0] = wrong.clone().into()
    });
    refused(
        &layout.sbom(&[]),
        17,
        &[&format!(
            "diff_id mismatch: expected `{wrong}`, found `sha256:"
        )],
    );
}

#[test]
fn another_images_signature_ends_with_seventeen() {
    let stage = Stage::new();
    let (signed, other) = (image("amd64"), image("arm64"));
    signed
        .write_layout(&stage.path().join("layout"), Some("signed"))
        .expect("a layout");
    other
        .write_layout(&stage.path().join("layout"), Some("other"))
        .expect("a layout");
    expect(&stage.signed("v1", &["sign", "oci-dir:layout:signed"]), 0);
    // The signature's manifest, attached to the other image.
    let index_path = stage.path().join("layout/index.json");
    let mut index: Value =
        serde_json::from_slice(&fs_err::read(&index_path).expect("the index")).expect("JSON");
    let entry = index["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|entry| entry["artifactType"].is_string())
        .expect("the signature")
        .clone();
    let blob = |digest: &str| {
        stage
            .path()
            .join("layout/blobs")
            .join(digest.replace(':', "/"))
    };
    let mut manifest: Value = serde_json::from_slice(
        &fs_err::read(blob(entry["digest"].as_str().expect("a digest"))).expect("the manifest"),
    )
    .expect("JSON");
    manifest["subject"] = json!({"mediaType": other.media_type(), "digest": other.digest(), "size": other.bytes().len()});
    let bytes = manifest.to_string().into_bytes();
    let mut moved = entry.clone();
    moved["digest"] = toolkit_oci::Digest::sha256(&bytes).to_string().into();
    moved["size"] = bytes.len().into();
    fs_err::write(blob(moved["digest"].as_str().expect("a digest")), &bytes).expect("the manifest");
    index["manifests"]
        .as_array_mut()
        .expect("a list")
        .push(moved);
    fs_err::write(index_path, index.to_string()).expect("the index");

    expect(&stage.verify("oci-dir:layout:signed", SIGNER, &[]), 0);
    let run = stage.verify("oci-dir:layout:other", SIGNER, &[]);
    expect(&run, 17);
    assert!(
        run.stdout.contains(&format!(
            "subject-mismatch: expected `{}`, found `{}`",
            other.digest(),
            signed.digest()
        )),
        "{}",
        run.stdout
    );
}

#[test]
fn hostile_images_end_with_six() {
    let built = image("amd64");
    let layout = Layout::of(&built);
    let extra = format!("sha256:{}", "1".repeat(64));
    layout.change_config(&built, |config| {
        config["rootfs"]["diff_ids"]
            .as_array_mut()
            .expect("a list")
            .push(extra.into())
    });
    refused(
        &layout.sbom(&[]),
        6,
        &["the configuration lists 2 diff_ids for 1 layers"],
    );
    let layout = Layout::of(&built);
    layout.change_config(&built, |config| config["rootfs"]["diff_ids"] = json!([]));
    refused(
        &layout.sbom(&[]),
        6,
        &["the configuration lists 0 diff_ids for 1 layers"],
    );

    let named = |name: &str| {
        let layer = Layer::new(Compression::None).file(name, "x");
        Layout::of(
            &Image::new("linux", "amd64")
                .layer(layer)
                .build()
                .expect("an image"),
        )
    };
    refused(
        &named("etc/../../passwd").sbom(&[]),
        6,
        &["entry name `etc/../../passwd`"],
    );

    let run = Layout::of(&built).sbom(&["--limit", "layer-size=512"]);
    refused(
        &run,
        6,
        &[
            "over the limit `layer-size` of 512",
            "help: for input that you trust, `--limit layer-size=VALUE` raises the limit",
        ],
    );

    let deep = (0..6).fold(image("amd64"), |inner, _| Index::new().image(inner).build());
    refused(
        &Layout::of(&deep).sbom(&["--platform", "linux/amd64"]),
        6,
        &["index-depth", "4"],
    );
}

#[test]
fn a_compression_bomb_ends_with_six() {
    let bomb = Layer::new(Compression::Gzip).file("zeros", vec![0; 64 << 20]);
    let built = Image::new("linux", "amd64")
        .layer(bomb)
        .build()
        .expect("an image");
    let size = built.blobs()[&layer_of(&built)].len();
    assert!(size < 1 << 20, "{size}");
    refused(
        &Layout::of(&built).sbom(&["--limit", "image-size=33554432"]),
        6,
        &["over the limit `image-size` of 33554432"],
    );
}

#[test]
fn broken_bundles_end_with_fifteen() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    for (text, expected) in [
        ("", "bundle-empty"),
        ("  \n", "bundle-empty"),
        ("{", "bundle-malformed"),
        ("[]", "bundle-malformed"),
        ("{}", "bundle-"),
    ] {
        stage.write("bundle.json", text);
        let run = stage.verify("file:artifact", SIGNER, &["--bundle", "bundle.json"]);
        expect(&run, 15);
        assert!(run.stdout.contains(expected), "{text}: {}", run.stdout);
    }
    let run = stage.run(&[
        "verify",
        "file:artifact",
        "--key",
        "root.json",
        "--bundle",
        "bundle.json",
    ]);
    refused(
        &run,
        15,
        &[
            "`root.json` is not the key that is needed",
            "expected an ECDSA P-256 public key as PEM block `PUBLIC KEY`",
        ],
    );
}

#[test]
fn a_certificate_outside_of_its_time_ends_with_fifteen() {
    let Some(data) = data::directory() else {
        return;
    };
    let base = data.join("data/sigstore/conformance");
    let cases: Value =
        serde_json::from_slice(&fs_err::read(base.join("cases.json")).expect("the cases"))
            .expect("JSON");
    let case = cases["cases"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|case| {
            case["name"] == "rekor2-timestamp-outside-cert-validity_fail"
                || case["name"]
                    .as_str()
                    .is_some_and(|name| name.contains("outside-cert-validity"))
        })
        .expect("the case");
    let path = |key: &str| {
        base.join(case[key].as_str().expect("a path"))
            .display()
            .to_string()
    };
    let root = case["trusted_root"].as_str().map_or_else(
        || {
            data.join("data/sigstore/trust/public-good/trusted_root.json")
                .display()
                .to_string()
        },
        |_| path("trusted_root"),
    );
    let identity = [
        "--certificate-identity",
        case["identity"].as_str().expect("an identity"),
        "--certificate-oidc-issuer",
        case["issuer"].as_str().expect("an issuer"),
    ];
    let run = finish(
        toolkit()
            .args(["conformance", "verify-bundle", "--bundle", &path("bundle")])
            .args(identity)
            .args(["--trusted-root", &root, &path("artifact")]),
    );
    refused(&run, 15, &["certificate-not-valid-at-time"]);
}

#[test]
fn a_clock_behind_the_log_ends_with_sixteen_and_a_hint() {
    let stage = Stage::new();
    stage.write("artifact", "content");
    stage
        .lab
        .set_clock_offset(jiff::SignedDuration::from_mins(5));
    let run = stage.signed("v1", &["sign", "file:artifact", "--bundle", "bundle.json"]);
    refused(
        &run,
        16,
        &["time-in-future", "help: check this machine's clock"],
    );
    assert!(!stage.path().join("bundle.json").exists());
}

#[test]
fn registries_that_do_not_answer_end_with_three() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    for (fault, expected) in [
        (RegistryFault::Unauthorized, "refused the credentials"),
        (RegistryFault::Status(403), "is forbidden"),
        (
            RegistryFault::RateLimited {
                retry_after: Some(3600),
            },
            "is rate-limited, to be asked again in 3600 s",
        ),
    ] {
        faults.clear();
        faults.add(fault);
        let run = stage.verify(&target, SIGNER, &[]);
        refused(
            &run,
            3,
            &[
                expected,
                "No decision was made. Exit code 3: could not decide",
            ],
        );
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port");
    refused(
        &stage.run(&["sbom", &format!("{closed}/acme/widget:1")]),
        3,
        &["no answer from `http://127.0.0.1:"],
    );
}

#[test]
fn evidence_that_cannot_be_listed_is_undecided() {
    let stage = Stage::new();
    let name = stage.push(RegistryKind::WithReferrers, "acme/widget", &image("amd64"));
    let target = format!("{name}:1");
    stage
        .lab
        .faults()
        .registry(RegistryKind::WithReferrers)
        .add(RegistryFault::Referrers(
            toolkit_lab::ReferrersFault::Status(403),
        ));
    let run = stage.verify(&target, SIGNER, &[]);
    expect(&run, 3);
    assert!(
        run.stdout.starts_with("UNDECIDED ") && run.stdout.contains("did not answer"),
        "{}",
        run.stdout
    );
}
