//! Everything that must be refused, and for which reason.

use toolkit_oci::{Digest, Error, ErrorClass, Limits, media_type};

use crate::build::{Item, Layout, file, gzip, header, tar};
use crate::support::{corpus, everything, nothing, read};

/// Tells whether an error is the expected one.
type Check = fn(&Error) -> bool;

fn refusal(target: &str) -> Error {
    refusal_under(target, &Limits::default())
}

fn refusal_under(target: &str, limits: &Limits) -> Error {
    match read(target, None, limits, &everything()) {
        Ok(_) => panic!("{target} was accepted"),
        Err(error) => error,
    }
}

fn limits(name: &str, value: u64) -> Limits {
    let mut limits = Limits::default();
    limits.set(name, value).unwrap();
    limits
}

#[test]
fn malformed_fixtures_are_refused_for_their_fault() {
    let Some(corpus) = corpus() else { return };
    let malformed = corpus.join("edge/malformed");
    let error = refusal(&format!(
        "oci-dir:{}",
        malformed.join("tampered-layer").display()
    ));
    let Error::DigestMismatch { expected, found } = error.reason() else {
        panic!("{error:?}")
    };
    assert_ne!(expected, found);
    assert!(
        error.to_string().contains(&expected.to_string())
            && error.to_string().contains(&found.to_string())
    );
    assert_eq!(error.class(), ErrorClass::Mismatch);
    assert!(matches!(error, Error::Layer { index: 0, .. }), "{error:?}");

    let error = refusal(&format!(
        "docker-archive:{}",
        malformed.join("diffid-mismatch.docker.tar").display()
    ));
    assert!(
        matches!(error.reason(), Error::DiffIdMismatch { expected, found } if expected != found),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Mismatch);

    let path = malformed.join("more-diffids-than-layers.docker.tar");
    let error = refusal(&format!("docker-archive:{}", path.display()));
    assert!(
        matches!(error, Error::DiffIdCount { layers, diff_ids } if diff_ids > layers),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Hostile);
}

#[test]
fn every_changed_byte_of_a_layer_is_noticed() {
    let bytes = gzip(&tar(&[file("a", "some content"), file("b", "more of it")]));
    for place in 0..bytes.len() {
        let layout =
            Layout::with_layers(&[tar(&[file("a", "some content"), file("b", "more of it")])]);
        let path = layout
            .path()
            .join("blobs/sha256")
            .join(Digest::sha256(&bytes).hex());
        let mut changed = bytes.clone();
        changed[place] ^= 0x10;
        fs_err::write(path, changed).unwrap();
        let error = refusal(&layout.target());
        assert!(
            matches!(error.reason(), Error::DigestMismatch { .. }),
            "byte {place}: {error:?}"
        );
    }
}

#[test]
fn shorter_and_longer_layers_are_size_mismatches() {
    let bytes = gzip(&tar(&[file("a", "some content")]));
    let length = u64::try_from(bytes.len()).unwrap();
    let shorter = bytes[..bytes.len() - 1].to_vec();
    let longer = [&bytes[..], b"\0"].concat();
    for (name, content, expected) in [
        ("shorter", shorter, length - 1),
        ("longer", longer, length + 1),
    ] {
        let layout = Layout::with_layers(&[tar(&[file("a", "some content")])]);
        fs_err::write(
            layout
                .path()
                .join("blobs/sha256")
                .join(Digest::sha256(&bytes).hex()),
            content,
        )
        .unwrap();
        let error = refusal(&layout.target());
        assert!(
            matches!(error.reason(), Error::SizeMismatch { expected: size, found } if *size == length && *found == expected),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn wrong_diff_ids_are_refused() {
    let bytes = tar(&[file("a", "x")]);
    let right = Digest::sha256(&bytes);
    let wrong = Digest::sha256(b"");
    let table: [(&str, Vec<Digest>, Check, ErrorClass); 4] = [
        (
            "wrong",
            vec![wrong.clone()],
            |error| matches!(error, Error::DiffIdMismatch { .. }),
            ErrorClass::Mismatch,
        ),
        (
            "none",
            vec![],
            |error| {
                matches!(
                    error,
                    Error::DiffIdCount {
                        layers: 1,
                        diff_ids: 0
                    }
                )
            },
            ErrorClass::Hostile,
        ),
        (
            "more",
            vec![right, wrong],
            |error| {
                matches!(
                    error,
                    Error::DiffIdCount {
                        layers: 1,
                        diff_ids: 2
                    }
                )
            },
            ErrorClass::Hostile,
        ),
        (
            "compressed",
            vec![Digest::sha256(&gzip(&bytes))],
            |error| matches!(error, Error::DiffIdMismatch { .. }),
            ErrorClass::Mismatch,
        ),
    ];
    for (name, diff_ids, expected, class) in table {
        let mut layout = Layout::new();
        let image = layout.image_of(&[gzip(&bytes)], &diff_ids, ("linux", "amd64"));
        layout.list(&image, "");
        let error = refusal(&layout.target());
        assert!(expected(error.reason()), "{name}: {error:?}");
        assert_eq!(error.class(), class, "{name}");
    }
}

#[test]
fn hostile_entries_are_refused() {
    let pax = |record: &str| {
        let mut bytes = header(b"pax", b'x', 0o644, b"", record.len()).to_vec();
        bytes.extend_from_slice(record.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes.extend_from_slice(&tar(&[file("a", "x")]));
        bytes
    };
    let mut checksum = tar(&[file("a", "x")]);
    checksum[0] = b'b';
    let cut = tar(&[file("a", &"x".repeat(2000))])[..1024].to_vec();
    let lone = [vec![0; 512], tar(&[file("a", "x")])].concat();
    let name: Check = |error| matches!(error, Error::EntryName { .. });
    let broken: Check = |error| matches!(error, Error::Tar { .. });
    let table: [(&str, Vec<u8>, Check); 17] = [
        ("climbs", tar(&[file("../etc/passwd", "x")]), name),
        ("climbs inside", tar(&[file("a/../../b", "x")]), name),
        ("climbs and returns", tar(&[file("a/../b", "x")]), name),
        (
            "climbs at the end",
            tar(&[Item::Dir("a/..".to_owned(), 0o755)]),
            name,
        ),
        ("NUL", pax("12 path=a\0b\n"), name),
        (
            "root is a link",
            tar(&[Item::Symlink("./".to_owned(), "/etc".to_owned())]),
            name,
        ),
        ("whiteout of nothing", tar(&[file("a/.wh.", "")]), name),
        ("whiteout of the parent", tar(&[file("a/.wh...", "")]), name),
        ("checksum", checksum, broken),
        ("cut", cut, broken),
        ("lone zero block", lone, broken),
        ("pax length", pax("99 path=a\n"), broken),
        ("pax without newline", pax("8 path=a"), broken),
        ("pax without equals", pax("8 patha\n"), broken),
        ("pax negative size", pax("11 size=-1\n"), broken),
        (
            "pax orphan",
            {
                let mut bytes = pax("10 path=b\n");
                bytes.truncate(1024);
                bytes
            },
            broken,
        ),
        (
            "negative size",
            {
                let mut block = header(b"a", b'0', 0o644, b"", 0);
                block[124..136].fill(0xff);
                block[148..156].fill(b' ');
                let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
                block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
                block.to_vec()
            },
            broken,
        ),
    ];
    for (what, bytes, expected) in table {
        let error = refusal(&Layout::with_layers(&[bytes]).target());
        assert!(expected(error.reason()), "{what}: {error:?}");
        assert_eq!(error.class(), ErrorClass::Hostile, "{what}");
    }
}

#[test]
fn limits_stop_what_grows() {
    let zeros = tar(&[file("zero", &"\0".repeat(3 << 20))]);
    let many = tar(&(0..100)
        .map(|number| file(&format!("f{number}"), ""))
        .collect::<Vec<_>>());
    let table = [
        ("layer-size", 1 << 20, vec![zeros.clone()]),
        ("image-size", 4 << 20, vec![zeros.clone(), zeros.clone()]),
        ("layer-entries", 99, vec![many.clone()]),
        ("image-entries", 150, vec![many.clone(), many.clone()]),
        ("layers", 1, vec![many.clone(), many.clone()]),
        ("descriptor-size", 10, vec![many.clone()]),
        ("manifest-size", 10, vec![many.clone()]),
        ("layout-index-size", 10, vec![many]),
    ];
    for (name, value, layers) in table {
        let layout = Layout::with_layers(&layers);
        let error = refusal_under(&layout.target(), &limits(name, value));
        assert!(
            matches!(error.reason(), Error::LimitExceeded { limit, max } if *limit == name && *max == value),
            "{name}: {error:?}"
        );
        assert_eq!(error.class(), ErrorClass::Hostile);
        assert!(
            read(&layout.target(), None, &Limits::default(), &nothing()).is_ok(),
            "{name}"
        );
    }
    let record = {
        let mut bytes = header(b"long", b'L', 0o644, b"", 2000).to_vec();
        bytes.resize(512 + 2048, b'x');
        bytes.extend_from_slice(&tar(&[file("a", "x")]));
        bytes
    };
    let error = refusal_under(
        &Layout::with_layers(&[record]).target(),
        &limits("tar-record-size", 1000),
    );
    assert!(
        matches!(
            error.reason(),
            Error::LimitExceeded {
                limit: "tar-record-size",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_bomb_is_stopped_by_its_ratio() {
    // 1.25 GiB of zeros in about 40 KiB of zstd.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let size = 5_usize << 28;
    let head = header(b"zero", b'0', 0o644, b"", size);
    std::io::Write::write_all(&mut encoder, &head).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..size >> 20 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let blob = encoder.finish().unwrap();
    let mut layout = Layout::new();
    let image = layout.image_of(
        &[blob],
        &[Digest::sha256(b"never reached")],
        ("linux", "amd64"),
    );
    layout.list(&image, "");
    let error = match read(&layout.target(), None, &Limits::default(), &nothing()) {
        Ok(_) => panic!("the bomb was accepted"),
        Err(error) => error,
    };
    assert!(
        matches!(
            error.reason(),
            Error::LimitExceeded {
                limit: "compression-ratio",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn deep_and_wide_indexes_are_refused() {
    let mut layout = Layout::new();
    let mut inner = layout.image(&[tar(&[file("a", "x")])]);
    for depth in 1..=5 {
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{inner}]}}"#);
        inner = layout.blob(media_type::OCI_INDEX, index.as_bytes());
        layout.list(
            &inner,
            &format!(r#","annotations":{{"org.opencontainers.image.ref.name":"d{depth}"}}"#),
        );
    }
    let target = |depth: u32| format!("{}:d{depth}", layout.target());
    assert!(read(&target(4), None, &Limits::default(), &nothing()).is_ok());
    let error = refusal(&target(5));
    assert!(
        matches!(
            error.reason(),
            Error::LimitExceeded {
                limit: "index-depth",
                max: 4
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Hostile);

    let mut wide = Layout::new();
    let image = wide.image(&[tar(&[file("a", "x")])]);
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        vec![image; 50].join(",")
    );
    let index = wide.blob(media_type::OCI_INDEX, index.as_bytes());
    wide.list(&index, "");
    assert!(read(&wide.target(), None, &Limits::default(), &nothing()).is_ok());
    let error = refusal_under(&wide.target(), &limits("index-manifests", 49));
    assert!(
        matches!(
            error.reason(),
            Error::LimitExceeded {
                limit: "index-manifests",
                max: 49
            }
        ),
        "{error:?}"
    );
}

#[test]
fn the_first_lying_layer_stops_the_others() {
    let tars: Vec<Vec<u8>> = (0..8)
        .map(|number| tar(&[file(&format!("f{number}"), &"x".repeat(100_000))]))
        .collect();
    let layout = Layout::with_layers(&tars);
    let lying = gzip(&tars[3]);
    let path = layout
        .path()
        .join("blobs/sha256")
        .join(Digest::sha256(&lying).hex());
    fs_err::write(path, gzip(&tar(&[file("f3", &"y".repeat(100_000))]))).unwrap();
    let error = refusal(&layout.target());
    assert!(matches!(error, Error::Layer { index: 3, .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Mismatch);
}
