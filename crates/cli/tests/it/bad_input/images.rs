//! Images whose bytes are not what names them (17), and images that honest tools do not make (6).

use serde_json::{Value, json};
use toolkit_lab::RegistryKind;
use toolkit_lab::image::{Compression, Layer};
use toolkit_lab::{BlobFault, RegistryFault};

use super::says;
use crate::binary::run;
use crate::data;
use crate::layout::{CONFIG, Layout, MANIFEST, TAR, TAR_ZSTD, digest};
use crate::stage::{SIGNER, Stage, image};

fn tar() -> Vec<u8> {
    let layer = Layer::new(Compression::None).file("etc/motd", "hello");
    layer.tar().expect("an archive")
}

fn text(descriptor: &Value) -> &str {
    descriptor["digest"].as_str().expect("a digest")
}

#[test]
fn bytes_that_are_not_their_descriptors() {
    let tar = tar();
    let mut other = tar.clone();
    other[0] ^= 1;
    let wrong = [
        ("shorter", tar[..tar.len() - 512].to_vec()),
        ("longer", [&tar[..], &[0; 512]].concat()),
        ("changed", other),
    ];
    for (name, bytes) in wrong {
        let (layout, image) = Layout::of(&[(&tar, TAR)], &[digest(&tar)]);
        let layer = layout.read(&image)["layers"][0].clone();
        fs_err::write(layout.file(&layer), &bytes).expect("the broken blob");
        let run = run(["sbom", &layout.target()]);
        let found = digest(&bytes);
        let (size, wanted) = (bytes.len().to_string(), tar.len().to_string());
        match name {
            "changed" => says(name, &run, 17, &[text(&layer), &found, "layer 0"]),
            "shorter" => says(name, &run, 17, &[text(&layer), &size, &wanted]),
            // Reading stops at the first byte too many, or the file's length is known before.
            _ => says(
                name,
                &run,
                17,
                &[text(&layer), &wanted, "expected", "found"],
            ),
        }
        assert_eq!(run.stdout, "", "{name}: no document of a lying layer");
    }

    // The manifest and the configuration are checked by every command.
    for part in ["manifest", "configuration"] {
        let (layout, image) = Layout::of(&[(&tar, TAR)], &[digest(&tar)]);
        let descriptor = match part {
            "manifest" => image.clone(),
            _ => layout.read(&image)["config"].clone(),
        };
        let file = layout.file(&descriptor);
        let mut bytes = fs_err::read(&file).expect("the document");
        let last = bytes.len() - 1;
        bytes[last] = b' ';
        fs_err::write(&file, &bytes).expect("the broken document");
        let identity = [
            "--certificate-identity",
            SIGNER,
            "--certificate-oidc-issuer",
            "https://issuer.example",
        ];
        let target = layout.target();
        for command in ["sbom", "verify"] {
            let mut arguments = vec![command, &target];
            if command == "verify" {
                arguments.extend(identity);
            }
            says(
                &format!("{command}: {part}"),
                &run(&arguments),
                17,
                &[text(&descriptor), &digest(&bytes)],
            );
        }
    }
}

#[test]
fn a_lying_layer_is_not_promoted() {
    let stage = Stage::new();
    let tar = tar();
    let (layout, image) = Layout::of(&[(&tar, TAR)], &[digest(&tar)]);
    let layer = layout.read(&image)["layers"][0].clone();
    let mut bytes = tar.clone();
    bytes[0] ^= 1;
    fs_err::write(layout.file(&layer), &bytes).expect("the broken blob");
    stage.write("open.yaml", "version: 1\nname: open\ntrust: {root: {file: root.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n");
    let to = format!("{}/acme/lying:1", stage.lab.registry());
    let run = stage.run(&["promote", &layout.target(), &to, "--policy", "open.yaml"]);
    says(
        "promote",
        &run,
        17,
        &[
            text(&layer),
            &digest(&bytes),
            "the tag at the destination is as it was",
        ],
    );
    assert_eq!(
        stage
            .lab
            .tag(RegistryKind::WithReferrers, "acme/lying", "1"),
        None
    );
}

#[test]
fn a_registry_that_lies_about_bytes() {
    let stage = Stage::new();
    let built = image("amd64");
    let name = stage.push(RegistryKind::WithReferrers, "acme/lies", &built);
    let tagged = format!("{name}:1");
    let pinned = format!("{name}@{}", built.digest());
    let faults = stage.lab.faults().registry(RegistryKind::WithReferrers);
    for fault in [
        BlobFault::WrongBytes,
        BlobFault::TooShort,
        BlobFault::TooLong,
    ] {
        faults.add(RegistryFault::Blob(fault));
        says(
            &format!("{fault:?}"),
            &stage.run(&["sbom", &tagged]),
            17,
            &["expected", "sha256:"],
        );
        faults.clear();
    }
    for (fault, target) in [
        (RegistryFault::ManifestWrongBytes, &pinned),
        (RegistryFault::ManifestWrongBytes, &tagged),
        (RegistryFault::ManifestWrongDigest, &tagged),
    ] {
        faults.add(fault.clone());
        for run in [
            stage.run(&["sbom", target]),
            stage.verify(target, SIGNER, &[]),
        ] {
            says(
                &format!("{fault:?} {target}"),
                &run,
                17,
                &["expected", built.digest()],
            );
        }
        faults.clear();
    }
}

#[test]
fn wrong_and_miscounted_diff_ids() {
    let tar = tar();
    let (right, wrong) = (digest(&tar), digest(b"another layer"));
    let (layout, _) = Layout::of(&[(&tar, TAR)], std::slice::from_ref(&wrong));
    says(
        "wrong",
        &run(["sbom", &layout.target()]),
        17,
        &["diff_id", &right, &wrong],
    );
    for (name, diff_ids) in [
        ("more", vec![right.clone(), wrong.clone()]),
        ("fewer", Vec::new()),
    ] {
        let (layout, _) = Layout::of(&[(&tar, TAR)], &diff_ids);
        says(
            name,
            &run(["sbom", &layout.target()]),
            6,
            &[&format!("{} diff_ids for 1 layers", diff_ids.len())],
        );
    }
}

#[test]
fn entry_names_that_climb_or_hold_nul() {
    let plain = |path: &str| {
        let layer = Layer::new(Compression::None).file(path, "x");
        layer.tar().expect("an archive")
    };
    for (name, bytes, shown) in [
        ("climbs", plain("../etc/passwd"), "`../etc/passwd`"),
        (
            "climbs inside",
            plain("usr/../../etc/passwd"),
            "`usr/../../etc/passwd`",
        ),
        ("NUL", pax("12 path=a\0b\n"), "`a\\u{0}b`"),
    ] {
        let (layout, _) = Layout::of(&[(&bytes, TAR)], &[digest(&bytes)]);
        says(
            name,
            &run(["sbom", &layout.target()]),
            6,
            &["entry name", shown, "layer 0"],
        );
    }
}

/// Writes an archive whose one file has a PAX record (POSIX.1-2001, pax Interchange Format).
fn pax(record: &str) -> Vec<u8> {
    let mut bytes = Layer::new(Compression::None)
        .file("pax", record)
        .tar()
        .expect("an archive");
    bytes[156] = b'x';
    // The checksum counts its own field as blanks.
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes.truncate(1024);
    bytes.extend(
        Layer::new(Compression::None)
            .file("named", "x")
            .tar()
            .expect("an archive"),
    );
    bytes
}

#[test]
fn a_compression_bomb_is_stopped() {
    // A zstd frame of blocks that each say "128 KiB of this byte" in four bytes (RFC 8878 §3.1.1.2).
    const BLOCK: u32 = 128 << 10;
    let header = &Layer::new(Compression::None)
        .file_with_mode("zeros", Vec::new(), 0o644)
        .tar()
        .expect("an archive")[..512];
    let mut header = header.to_vec();
    header[124..136].copy_from_slice(b"77777777777\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    bomb.extend(&(512_u32 << 3).to_le_bytes()[..3]);
    bomb.extend(&header);
    for _ in 0..16_000 {
        bomb.extend(&((BLOCK << 3) | (1 << 1)).to_le_bytes()[..3]);
        bomb.push(0);
    }
    bomb.extend(&1_u32.to_le_bytes()[..3]);
    let (layout, _) = Layout::of(&[(&bomb, TAR_ZSTD)], &[digest(b"never reached")]);
    says(
        "ratio",
        &run(["sbom", &layout.target()]),
        6,
        &[
            "over the limit `compression-ratio` of 5000",
            "`--limit compression-ratio=VALUE` raises the limit",
        ],
    );
    says(
        "size",
        &run(["sbom", &layout.target(), "--limit", "layer-size=1000000"]),
        6,
        &["over the limit `layer-size` of 1000000"],
    );
}

#[test]
fn nested_and_fanned_out_indexes() {
    let tar = tar();
    let nested = |levels: usize| {
        let layout = Layout::new();
        let mut top = layout.image(&[(&tar, TAR)], &[digest(&tar)]);
        top["platform"] = json!({"os": "linux", "architecture": "amd64"});
        for _ in 0..levels {
            top = layout.index(&[top]);
        }
        layout.list(&[top]);
        layout
    };
    let stage = Stage::new();
    stage.write("open.yaml", "version: 1\nname: open\ntrust: {root: {file: root.json}}\nrules:\n- id: user\n  require: {image: {user: nonRoot}}\nnoMatch: deny\n");
    let every_command = |layout: &Layout, more: &[&str]| {
        let target = layout.target();
        let to = format!("oci-dir:{}:1", stage.path().join("copy").display());
        let commands: [(&str, Vec<&str>); 4] = [
            ("sbom", vec!["sbom", &target, "--platform", "linux/amd64"]),
            ("verify", vec!["verify", &target, "--policy", "open.yaml"]),
            ("tree", vec!["tree", &target]),
            (
                "promote",
                vec!["promote", &target, &to, "--policy", "open.yaml"],
            ),
        ];
        commands.map(|(name, mut arguments)| {
            arguments.extend(more);
            (name, stage.run(&arguments))
        })
    };
    for (name, run) in every_command(&nested(4), &[]) {
        says(&format!("{name}: four levels"), &run, 0, &[]);
    }
    fs_err::remove_dir_all(stage.path().join("copy")).expect("the promoted image");
    for (name, run) in every_command(&nested(5), &[]) {
        says(&format!("{name}: five levels"), &run, 6, &["limit", "4"]);
    }

    // Twelve entries on each of four levels all lead to one image: 20 736 ways.
    let layout = Layout::new();
    let mut top = layout.image(&[(&tar, TAR)], &[digest(&tar)]);
    for _ in 0..4 {
        top = layout.index(&vec![top; 12]);
    }
    layout.list(&[top]);
    for (name, run) in every_command(&layout, &[]) {
        // An SBOM looks at each manifest once, so that the many ways are none to it; and so does the tree.
        if matches!(name, "verify" | "promote") {
            says(&format!("{name}: fan-out"), &run, 6, &["limit", "10000"]);
        } else {
            says(&format!("{name}: fan-out"), &run, 0, &[]);
        }
    }
    let layout = Layout::new();
    let image = layout.image(&[(&tar, TAR)], &[digest(&tar)]);
    layout.list(&[layout.index(&vec![image; 10_001])]);
    for (name, run) in every_command(&layout, &[]) {
        says(&format!("{name}: width"), &run, 6, &["limit", "10000"]);
    }
    assert!(!stage.path().join("copy").exists(), "nothing is copied");
}

#[test]
fn what_is_no_image_is_refused() {
    let tar = tar();
    let layout = Layout::new();
    let config = layout.blob(CONFIG, br#"{"os":"linux"}"#);
    let layer = layout.blob(TAR, &tar);
    let twice = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{config},"layers":[{layer}],"manifests":[]}}"#
    );
    for (name, bytes) in [
        ("no JSON", &b"{"[..]),
        ("an array", &b"[]"[..]),
        ("nothing", &b""[..]),
        ("image and index in one", twice.as_bytes()),
    ] {
        let image = layout.blob(MANIFEST, bytes);
        layout.list(std::slice::from_ref(&image));
        says(name, &run(["sbom", &layout.target()]), 6, &[]);
    }
}

#[test]
fn the_malformed_fixtures_are_refused() {
    let Some(shared) = data::directory() else {
        return;
    };
    let malformed = shared.join("corpus/edge/malformed");
    for (target, code, texts) in [
        (
            format!("oci-dir:{}", malformed.join("tampered-layer").display()),
            17,
            &["digest mismatch: expected `sha256:", "found `sha256:"][..],
        ),
        (
            format!(
                "docker-archive:{}",
                malformed.join("diffid-mismatch.docker.tar").display()
            ),
            17,
            &["diff_id mismatch: expected `sha256:", "found `sha256:"],
        ),
        (
            format!(
                "docker-archive:{}",
                malformed
                    .join("more-diffids-than-layers.docker.tar")
                    .display()
            ),
            6,
            &["diff_ids for"],
        ),
    ] {
        for format in ["table", "cyclonedx-json", "spdx-json", "purls"] {
            let run = run(["sbom", &target, "-o", format]);
            says(&target, &run, code, texts);
            assert_eq!(run.stdout, "", "{target}: no document");
        }
    }
    let listed = fs_err::read_dir(&malformed).expect("the fixtures").count();
    assert_eq!(listed, 3, "a fixture without its row here");
}
