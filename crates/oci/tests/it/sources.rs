//! The places images come from, and which of several is taken.

use toolkit_oci::{Digest, Error, ErrorClass, Image, Limits, Platform, Target, media_type};

use crate::build::{Layout, file, gzip, tar};
use crate::support::{corpus, everything, nothing, read, with_access};

fn open(target: &str, platform: Option<&str>) -> Result<Image, Error> {
    let platform = platform.map(|platform| Platform::parse(platform).unwrap());
    with_access(&Limits::default(), |access| {
        Image::open(&Target::parse(target)?, platform.as_ref(), access)
    })
}

#[test]
fn archives_read_like_the_layouts_they_were_made_of() {
    let Some(corpus) = corpus() else { return };
    let table = [
        (
            "docker-archive/arch-dbonly.docker25.tar",
            "arch-dbonly",
            true,
        ),
        (
            "docker-archive/arch-dbonly.oci-dot-slash.tar",
            "arch-dbonly",
            true,
        ),
        (
            "docker-archive/sle15-bci-dbonly.tar.gz",
            "sle15-bci-dbonly",
            false,
        ),
        (
            "docker-archive/distroless-base.tar.gz",
            "distroless-base-debian11-dbonly",
            false,
        ),
    ];
    for (archive, layout, has_manifest) in table {
        let path = corpus.join(archive);
        let (image, found) = read(path.to_str().unwrap(), None, &Limits::default(), &nothing())
            .unwrap_or_else(|error| panic!("{archive}: {error}"));
        assert_eq!(image.manifest_digest().is_some(), has_manifest, "{archive}");
        assert!(image.name().is_none());
        let layout = format!("oci-dir:{}", corpus.join("oci").join(layout).display());
        let (_, expected) = read(&layout, None, &Limits::default(), &nothing()).unwrap();
        if archive.contains("distroless") {
            assert!(
                found.view.lookup(b"var/lib/dpkg/status.d/base").is_some(),
                "{archive}"
            );
            continue;
        }
        let list = |layers: &toolkit_oci::Layers<_>| -> Vec<_> {
            layers
                .view
                .iter()
                .map(|node| (node.path, node.size, node.mode))
                .collect()
        };
        assert_eq!(list(&found), list(&expected), "{archive}");
    }
    let dotted = corpus.join("docker-archive/arch-dbonly.oci-dot-slash.tar");
    assert!(open(&format!("oci-archive:{}", dotted.display()), None).is_ok());
}

#[test]
fn other_archives_of_the_corpus_open() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for folder in [
        "edge/scalibr",
        "edge/other-archives",
        "edge/oci-attestations",
    ] {
        for entry in fs_err::read_dir(corpus.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let result = read(
                &format!("docker-archive:{}", path.display()),
                None,
                &Limits::default(),
                &everything(),
            );
            count += 1;
            match (name.as_str(), result) {
                // Plain tars without any image in them.
                ("empty.tar" | "unpack-escape.tar", Err(error)) => {
                    assert!(
                        matches!(error, Error::NotAnImage { .. }),
                        "{name}: {error:?}"
                    );
                }
                (_, Ok((image, layers))) => {
                    assert_eq!(image.layers().len(), layers.layers.len(), "{name}")
                }
                (_, Err(error)) => panic!("{name}: {error}"),
            }
        }
    }
    assert_eq!(count, 21);
}

#[test]
fn attestations_beside_one_image_are_no_platform() {
    let Some(corpus) = corpus() else { return };
    let path =
        corpus.join("edge/oci-attestations/busybox-single-arch-with-attestation-manifest.tar");
    let image = open(&format!("oci-archive:{}", path.display()), None).unwrap();
    assert!(!image.platform().is_unknown());
    assert!(image.index().is_some());
    let error = open(
        &format!("oci-archive:{}", path.display()),
        Some("unknown/unknown"),
    )
    .err()
    .unwrap();
    assert!(matches!(error, Error::NoSuchPlatform { .. }), "{error:?}");
}

#[test]
fn platforms_are_picked_through_nested_indexes() {
    let Some(corpus) = corpus() else { return };
    let target = format!(
        "oci-dir:{}",
        corpus.join("oci/alpine-3.20.3-multiarch").display()
    );
    for (platform, architecture) in [
        ("linux/amd64", "amd64"),
        ("linux/arm64", "arm64"),
        ("linux/arm64/v8", "arm64"),
    ] {
        let image = open(&target, Some(platform)).unwrap();
        assert_eq!(image.config().architecture, architecture);
        assert!(image.index().is_some());
    }
    let error = open(&target, Some("linux/s390x")).err().unwrap();
    assert!(
        matches!(&error, Error::NoSuchPlatform { available, .. } if available == "linux/amd64, linux/arm64/v8"),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Usage);
    let one = format!(
        "oci-dir:{}",
        corpus.join("oci/almalinux-8-micro-s390x-zstd").display()
    );
    assert_eq!(open(&one, None).unwrap().config().architecture, "s390x");
    assert!(matches!(
        open(&one, Some("linux/amd64")),
        Err(Error::NoSuchPlatform { .. })
    ));
}

#[test]
fn layouts_made_by_other_tools_open() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("edge/sylabs-oci-tools");
    for name in [
        "hello-world-cosign-manifest",
        "hello-world-docker-v2-manifest-list",
        "hello-world-docker-v2-manifest",
    ] {
        let image = open(&format!("oci-dir:{}", folder.join(name).display()), None)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(image.layers().len(), 1, "{name}");
    }
    let squashed = open(
        &format!(
            "oci-dir:{}",
            folder.join("overlayfs-docker-v2-manifest").display()
        ),
        None,
    );
    assert!(
        matches!(&squashed, Err(Error::NotAnImage { reason }) if reason.contains("squashfs")),
        "{:?}",
        squashed.err()
    );
}

#[test]
fn one_of_several_images_must_be_named() {
    let mut layout = Layout::new();
    let first = layout.image(&[tar(&[file("a", "1")])]);
    let second = layout.image(&[tar(&[file("a", "2")])]);
    let tagged =
        |tag: &str| format!(r#","annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}"#);
    layout.list(&first, &tagged("v1"));
    assert!(open(&layout.target(), None).is_ok());
    // Evidence does not count: a referrer, a cosign tag, a BuildKit attestation.
    let config = layout.blob(media_type::EMPTY, b"{}");
    let referrer =
        format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{config}],"subject":{first}}}"#);
    let referrer = layout.blob(media_type::OCI_MANIFEST, referrer.as_bytes());
    layout.list(&referrer, "");
    let evidence = layout.image(&[tar(&[file("evidence", "")])]);
    let digest = Digest::sha256(b"");
    layout.list(&evidence, &tagged(&format!("sha256-{}.sig", digest.hex())));
    let buildkit = layout.image(&[tar(&[file("buildkit", "")])]);
    layout.list(
        &buildkit,
        r#","platform":{"os":"unknown","architecture":"unknown"}"#,
    );
    assert!(open(&layout.target(), None).is_ok());
    layout.list(&second, &tagged("v2"));
    let error = open(&layout.target(), None).err().unwrap();
    let Error::Ambiguous { choices, .. } = &error else {
        panic!("{error:?}")
    };
    let mut choices = choices.clone();
    choices.sort();
    assert_eq!(choices, [":v1", ":v2"]);
    assert_eq!(error.class(), ErrorClass::Usage);
    let one = open(&format!("{}:v1", layout.target()), None).unwrap();
    let two = open(&format!("{}:v2", layout.target()), None).unwrap();
    assert_ne!(one.manifest_digest(), two.manifest_digest());
    let again = open(
        &format!("{}@{}", layout.target(), two.manifest_digest().unwrap()),
        None,
    )
    .unwrap();
    assert_eq!(again.manifest_digest(), two.manifest_digest());
    for missing in [":v3".to_owned(), format!("@{digest}")] {
        let error = open(&format!("{}{missing}", layout.target()), None)
            .err()
            .unwrap();
        assert_eq!(error.class(), ErrorClass::NotFound, "{missing}: {error:?}");
    }
}

#[test]
fn a_tampered_manifest_or_config_is_refused() {
    let layout = Layout::with_layers(&[tar(&[file("a", "1")])]);
    for entry in fs_err::read_dir(layout.path().join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs_err::read(&path).unwrap();
        if !bytes.starts_with(b"{") {
            continue;
        }
        let longer = [&bytes[..], b" "].concat();
        let mut changed = bytes.clone();
        let place = changed.len() - 2;
        changed[place] = b' ';
        fs_err::write(&path, longer).unwrap();
        let error = open(&layout.target(), None).err().unwrap();
        assert!(
            matches!(error.reason(), Error::SizeMismatch { .. }),
            "{error:?}"
        );
        fs_err::write(&path, changed).unwrap();
        let error = open(&layout.target(), None).err().unwrap();
        assert!(
            matches!(error.reason(), Error::DigestMismatch { .. }),
            "{error:?}"
        );
        fs_err::write(&path, bytes).unwrap();
        assert!(open(&layout.target(), None).is_ok());
    }
}

#[test]
fn missing_blobs_are_named() {
    let bytes = tar(&[file("a", "1")]);
    let layout = Layout::with_layers(std::slice::from_ref(&bytes));
    let digest = Digest::sha256(&gzip(&bytes));
    fs_err::remove_file(layout.path().join("blobs/sha256").join(digest.hex())).unwrap();
    let error = read(&layout.target(), None, &Limits::default(), &nothing())
        .err()
        .unwrap();
    assert!(
        matches!(error.reason(), Error::NotFound { name, .. } if *name == digest.to_string()),
        "{error:?}"
    );
    let nowhere = open("oci-dir:/nowhere/at/all", None).err().unwrap();
    assert_eq!(nowhere.class(), ErrorClass::NotFound, "{nowhere:?}");
}

#[cfg(unix)]
#[test]
fn blobs_behind_links_are_not_followed() {
    let bytes = tar(&[file("a", "1")]);
    let layout = Layout::with_layers(std::slice::from_ref(&bytes));
    let blob = layout
        .path()
        .join("blobs/sha256")
        .join(Digest::sha256(&gzip(&bytes)).hex());
    let elsewhere = layout.path().join("elsewhere");
    fs_err::rename(&blob, &elsewhere).unwrap();
    fs_err::os::unix::fs::symlink(&elsewhere, &blob).unwrap();
    let error = read(&layout.target(), None, &Limits::default(), &nothing())
        .err()
        .unwrap();
    assert!(
        matches!(error.reason(), Error::InvalidDocument { .. }),
        "{error:?}"
    );
}

#[cfg(unix)]
#[test]
fn an_index_that_is_a_device_is_not_opened() {
    let layout = Layout::with_layers(&[tar(&[file("a", "1")])]);
    let index = layout.path().join("index.json");
    fs_err::remove_file(&index).unwrap();
    fs_err::os::unix::fs::symlink("/dev/zero", &index).unwrap();
    let error = read(&layout.target(), None, &Limits::default(), &nothing())
        .err()
        .unwrap();
    assert!(
        matches!(error.reason(), Error::InvalidDocument { reason, .. } if reason == "it is no regular file"),
        "{error:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_directory_is_one_layer() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs_err::create_dir_all(root.join("etc/empty")).unwrap();
    fs_err::write(root.join("etc/os-release"), "ID=x").unwrap();
    fs_err::write(root.join("big"), "y".repeat(200_000)).unwrap();
    fs_err::os::unix::fs::symlink("/etc/passwd", root.join("outside")).unwrap();
    let (image, layers) = read(
        &format!("dir:{}", root.display()),
        None,
        &Limits::default(),
        &everything(),
    )
    .unwrap();
    assert!(image.manifest_digest().is_none() && image.layers().len() == 1);
    let names: Vec<String> = layers
        .view
        .iter()
        .map(|node| String::from_utf8_lossy(&node.path).into_owned())
        .collect();
    assert_eq!(
        names,
        ["big", "etc", "etc/empty", "etc/os-release", "outside"]
    );
    assert!(layers.view.lookup(b"outside").is_none());
    let files: Vec<(&[u8], usize)> = layers.layers[0]
        .files
        .iter()
        .map(|file| (file.path.as_slice(), file.content.len()))
        .collect();
    assert_eq!(files, [(&b"big"[..], 200_000), (&b"etc/os-release"[..], 4)]);

    let (_, layers) = read(
        &format!("file:{}", root.join("big").display()),
        None,
        &Limits::default(),
        &everything(),
    )
    .unwrap();
    assert_eq!(layers.layers[0].files[0].path, b"big");
}
