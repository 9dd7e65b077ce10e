//! The image builder: its bytes, its layout and its place in a registry.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use toolkit_lab::{
    RegistryKind,
    image::{Built, Compression, Image, Index, Layer},
};

use crate::{
    client::{get, json, lab},
    registry::digest,
};

fn layer(compression: Compression) -> Layer {
    let long = "d/".repeat(80) + "file";
    Layer::new(compression)
        .directory("etc")
        .file("etc/a", "a")
        .file(long, "long")
        .symlink("etc/b", "a")
        .hardlink("etc/c", "etc/a")
        .whiteout("etc/old")
        .opaque("var")
}

fn image(architecture: &str, compression: Compression) -> Built {
    Image::new("linux", architecture)
        .user("1000")
        .label("l", "v")
        .layer(layer(compression))
        .build()
        .expect("an image")
}

fn unpacked(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    match compression {
        Compression::None => tar.extend_from_slice(bytes),
        Compression::Gzip => {
            GzDecoder::new(bytes).read_to_end(&mut tar).expect("gzip");
        }
        Compression::Zstd => tar = zstd::decode_all(bytes).expect("zstd"),
    }
    tar
}

#[test]
fn layers_hold_their_entries_and_diff_ids_are_of_the_tar() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let built = image("amd64", compression);
        let manifest: Value = serde_json::from_slice(built.bytes()).expect("JSON");
        assert_eq!(digest(built.bytes()), built.digest());
        let blob = |pointer: &str| {
            let own = manifest
                .pointer(pointer)
                .and_then(Value::as_str)
                .expect("a digest");
            let bytes = &built.blobs()[own];
            assert_eq!(digest(bytes), own);
            bytes.clone()
        };
        assert_eq!(manifest["layers"][0]["mediaType"], compression.media_type());
        let tar = unpacked(compression, &blob("/layers/0/digest"));
        let config: Value = serde_json::from_slice(&blob("/config/digest")).expect("JSON");
        assert_eq!(config["rootfs"]["diff_ids"], json!([digest(&tar)]));
        assert_eq!(
            config["config"],
            json!({"User": "1000", "Labels": {"l": "v"}})
        );
        let mut archive = tar::Archive::new(tar.as_slice());
        let names: Vec<String> = archive
            .entries()
            .expect("entries")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .path()
                    .expect("a path")
                    .display()
                    .to_string()
            })
            .collect();
        let long = "d/".repeat(80) + "file";
        assert_eq!(
            names,
            [
                "etc/",
                "etc/a",
                long.as_str(),
                "etc/b",
                "etc/c",
                "etc/.wh.old",
                "var/.wh..wh..opq"
            ]
        );
        assert_eq!(image("amd64", compression).digest(), built.digest());
    }
}

#[test]
fn an_index_goes_into_a_layout_and_a_registry() {
    let index = Index::new()
        .image(image("amd64", Compression::Gzip))
        .image(image("arm64", Compression::Zstd))
        .build();
    let folder = tempfile::tempdir().expect("a folder");
    index
        .write_layout(folder.path(), Some("old"))
        .expect("written");
    index
        .write_layout(folder.path(), Some("1"))
        .expect("written");
    index
        .write_layout(folder.path(), Some("1"))
        .expect("written");
    let read = |name: &str| fs_err::read(folder.path().join(name)).expect("a file");
    let names: Value = serde_json::from_slice(&read("index.json")).expect("JSON");
    let tags: Vec<&str> = names["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["annotations"]["org.opencontainers.image.ref.name"].as_str())
        .collect();
    assert_eq!(tags, ["old", "1"]);
    assert_eq!(
        read(&format!("blobs/{}", index.digest().replace(':', "/"))),
        index.bytes()
    );

    let lab = lab();
    lab.push(RegistryKind::WithoutReferrers, "a/b", Some("1"), &index);
    assert_eq!(
        lab.tag(RegistryKind::WithoutReferrers, "a/b", "1")
            .as_deref(),
        Some(index.digest())
    );
    let base = format!("http://{}/v2/a/b", lab.registry_without_referrers());
    let found = json(get(&format!("{base}/manifests/1")));
    let children = found["manifests"].as_array().expect("a list");
    let platforms: Vec<&Value> = children
        .iter()
        .map(|child| &child["platform"]["architecture"])
        .collect();
    assert_eq!(platforms, ["amd64", "arm64"]);
    for child in children {
        let own = child["digest"].as_str().expect("a digest");
        let manifest = json(get(&format!("{base}/manifests/{own}")));
        let layer = manifest["layers"][0]["digest"].as_str().expect("a digest");
        assert_eq!(
            digest(
                &get(&format!("{base}/blobs/{layer}"))
                    .bytes()
                    .expect("a body")
            ),
            layer
        );
        assert!(
            folder
                .path()
                .join(format!("blobs/{}", layer.replace(':', "/")))
                .is_file()
        );
    }
}
