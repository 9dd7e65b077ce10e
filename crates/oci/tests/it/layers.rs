//! Layers of real images, and the one pass over them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;
use toolkit_oci::layer::{LayerFile, UnreadableReason};
use toolkit_oci::registry::{Client, Options};
use toolkit_oci::{
    Access, ContentReader, Entry, EntryKind, Error, Event, Image, Limits, Platform, Target, View,
    read_layers,
};

use crate::build::{Item, Layout, file, tar};
use crate::support::{Keep, corpus, everything, nothing, read};

fn count(view: &View, kind: EntryKind) -> usize {
    view.iter().filter(|node| node.kind == kind).count()
}

fn paths(view: &View) -> Vec<String> {
    view.iter()
        .filter(|node| node.kind != EntryKind::Directory)
        .map(|node| String::from_utf8_lossy(&node.path).into_owned())
        .collect()
}

#[test]
fn every_corpus_image_reads_and_has_the_files_of_its_inventory() {
    let Some(corpus) = corpus() else { return };
    let manifest: Value =
        serde_json::from_slice(&fs_err::read(corpus.join("manifest.json")).unwrap()).unwrap();
    let mut pairs = 0;
    for image in manifest["images"].as_array().unwrap() {
        let name = image["name"].as_str().unwrap();
        let target = format!("oci-dir:{}", corpus.join("oci").join(name).display());
        for (platform, expected) in image["expected"].as_object().unwrap() {
            let (opened, layers) = read(&target, Some(platform), &Limits::default(), &nothing())
                .unwrap_or_else(|error| panic!("{name} {platform}: {error}"));
            let files = u64::try_from(count(&layers.view, EntryKind::File)).unwrap();
            assert_eq!(Some(files), expected["files"].as_u64(), "{name} {platform}");
            let listed = image["images"].as_array().unwrap();
            let listed = listed
                .iter()
                .find(|entry| entry["platform"] == platform.as_str())
                .unwrap();
            let digests: Vec<String> = opened
                .layers()
                .iter()
                .map(|layer| layer.digest().unwrap().to_string())
                .collect();
            let wanted: Vec<&str> = listed["layers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|layer| layer["digest"].as_str().unwrap())
                .collect();
            assert_eq!(digests, wanted, "{name} {platform}");
            assert_eq!(
                opened.config_digest().unwrap().to_string(),
                listed["config_digest"],
                "{name}"
            );
            pairs += 1;
        }
    }
    assert_eq!(pairs, 17);
}

#[test]
fn fixtures_merge_as_a_runtime_shows_them() {
    let Some(corpus) = corpus() else { return };
    let table: [(&str, &[&str]); 12] = [
        ("hard-link-1", &["a/b/bar", "a/b/foo"]),
        ("hard-link-2", &["a/b/bar", "a/b/foo"]),
        ("hard-link-delete-1", &["a/b/bar"]),
        ("hard-link-delete-2", &["a/b/foo"]),
        ("hard-link-delete-3", &["a/b/bar", "a/b/baz"]),
        ("hard-link-delete-4", &["a/b/baz", "a/b/foo"]),
        ("hard-link-delete-xattr", &["a/b/bar"]),
        ("whiteout-explicit-dir", &["a/bar"]),
        ("whiteout-explicit-file", &["a/b/bar"]),
        ("whiteout-opaque", &["a/bar"]),
        ("whiteout-opaque-end", &["a/bar"]),
        ("root-dir-entry", &[]),
    ];
    for (name, expected) in table {
        let target = format!(
            "oci-dir:{}",
            corpus.join("edge/sylabs-oci-tools").join(name).display()
        );
        let (_, layers) = read(&target, None, &Limits::default(), &everything())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(paths(&layers.view), expected, "{name}");
        assert_eq!(layers.unreadable, [], "{name}");
    }
    let many = format!(
        "oci-dir:{}",
        corpus.join("edge/sylabs-oci-tools/many-layers").display()
    );
    let (image, layers) = read(&many, None, &Limits::default(), &nothing()).unwrap();
    assert_eq!(image.layers().len(), layers.layers.len());
    assert!(image.layers().len() > 10);
}

#[test]
fn compressions_of_one_image_show_one_tree() {
    let Some(corpus) = corpus() else { return };
    let names = [
        "test-oci-estargz-image.tar",
        "test-oci-gzip-image.tar",
        "test-oci-uncompressed-image.tar",
        "test-oci-zstd-image.tar",
    ];
    let mut counts = BTreeMap::new();
    for name in names {
        let target = format!(
            "docker-archive:{}",
            corpus.join("edge/dive").join(name).display()
        );
        let (image, layers) = read(&target, None, &Limits::default(), &nothing())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!image.layers().is_empty());
        let found: Vec<String> = paths(&layers.view)
            .into_iter()
            .filter(|path| {
                !path.starts_with("stargz.index.json") && !path.starts_with(".no.prefetch")
            })
            .collect();
        assert!(!found.is_empty(), "{name}");
        counts.entry(found).or_insert_with(Vec::new).push(name);
    }
    assert_eq!(counts.len(), 1, "{:?}", counts.values().collect::<Vec<_>>());
    // These two are archives of other things.
    for name in ["test-zstd-image.tar", "test-estargz-image.tar"] {
        let target = format!(
            "docker-archive:{}",
            corpus.join("edge/dive").join(name).display()
        );
        let error = read(&target, None, &Limits::default(), &nothing())
            .err()
            .unwrap();
        assert!(
            matches!(error, Error::NotAnImage { .. }),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn symbolic_links_lead_where_a_process_would_go() {
    let layout = Layout::with_layers(&[
        tar(&[
            Item::Dir("usr/lib".to_owned(), 0o755),
            file("usr/lib/os-release", "ID=x"),
            Item::Symlink("lib".to_owned(), "usr/lib".to_owned()),
            Item::Symlink(
                "etc/os-release".to_owned(),
                "../usr/lib/os-release".to_owned(),
            ),
            Item::Symlink("up".to_owned(), "../../../../usr/lib".to_owned()),
            Item::Symlink("absolute".to_owned(), "/usr/lib/os-release".to_owned()),
            Item::Symlink("loop-a".to_owned(), "loop-b".to_owned()),
            Item::Symlink("loop-b".to_owned(), "loop-a".to_owned()),
            Item::Symlink("dangling".to_owned(), "nowhere".to_owned()),
        ]),
        // Through a symbolic link of the same layer, as extraction follows it.
        tar(&[
            Item::Symlink("opt".to_owned(), "srv/opt".to_owned()),
            file("opt/tool", "t"),
        ]),
    ]);
    let (_, layers) = read(&layout.target(), None, &Limits::default(), &everything()).unwrap();
    let view = &layers.view;
    let leads = |path: &str| {
        view.lookup(path.as_bytes())
            .map(|node| String::from_utf8(node.path).unwrap())
    };
    for path in [
        "lib/os-release",
        "etc/os-release",
        "up/os-release",
        "absolute",
        "/usr/../lib/os-release",
    ] {
        assert_eq!(leads(path).as_deref(), Some("usr/lib/os-release"), "{path}");
    }
    for path in ["loop-a", "dangling", "usr/lib/os-release/x", "nothing"] {
        assert_eq!(leads(path), None, "{path}");
    }
    assert_eq!(leads("opt/tool").as_deref(), Some("srv/opt/tool"));
    assert!(view.visible(1, b"srv/opt/tool") && !view.visible(0, b"srv/opt/tool"));
    assert_eq!(view.entry(b"loop-a").unwrap().link, Some(&b"loop-b"[..]));
    let names: Vec<Vec<u8>> = view.children(b"lib").map(|node| node.path).collect();
    assert_eq!(names, [b"usr/lib/os-release".to_vec()]);
    assert_eq!(layers.layers[1].files[0].path, b"srv/opt/tool");
}

#[test]
fn a_leading_slash_is_stripped_and_link_targets_are_clamped() {
    let layout = Layout::with_layers(&[tar(&[
        file("/etc/passwd", "root"),
        file("./a//b/./c", "c"),
        Item::Hardlink("hard".to_owned(), "../../etc/passwd".to_owned()),
    ])]);
    let (_, layers) = read(&layout.target(), None, &Limits::default(), &everything()).unwrap();
    assert_eq!(paths(&layers.view), ["a/b/c", "etc/passwd", "hard"]);
    assert_eq!(layers.layers[0].files[0].links, [b"hard".to_vec()]);
    let id = |path: &str| layers.view.lookup(path.as_bytes()).unwrap().id;
    assert_eq!(id("hard"), id("etc/passwd"));
}

/// Wants by path only, and counts what it is given.
struct Links(Mutex<Vec<(String, usize)>>);

impl ContentReader for Links {
    type Output = Vec<u8>;

    fn wants(&self, entry: &Entry<'_>, head: &[u8]) -> bool {
        assert!(head.len() <= 4096);
        entry.path.ends_with(b"package.json")
    }

    fn read(&self, entry: &Entry<'_>, bytes: Vec<u8>) -> Vec<u8> {
        self.0.lock().unwrap().push((
            String::from_utf8_lossy(entry.path).into_owned(),
            bytes.len(),
        ));
        bytes
    }
}

#[test]
fn linked_contents_are_read_although_their_first_name_says_nothing() {
    let store = "x".repeat(10_000);
    let layout = Layout::with_layers(&[
        tar(&[
            file("store/00/ab", &store),
            file("store/00/cd", "unused"),
            Item::Hardlink(
                "app/node_modules/a/package.json".to_owned(),
                "store/00/ab".to_owned(),
            ),
            Item::Hardlink(
                "app/node_modules/b/package.json".to_owned(),
                "store/00/ab".to_owned(),
            ),
            file("c/package.json", "kept at once"),
            Item::Hardlink("d/package.json".to_owned(), "c/package.json".to_owned()),
        ]),
        tar(&[Item::Hardlink(
            "late/package.json".to_owned(),
            "store/00/cd".to_owned(),
        )]),
    ]);
    let reader = Links(Mutex::new(Vec::new()));
    let (_, layers) = read(&layout.target(), None, &Limits::default(), &reader).unwrap();
    let mut seen = reader.0.into_inner().unwrap();
    seen.sort();
    assert_eq!(
        seen,
        [
            ("app/node_modules/a/package.json".to_owned(), 10_000),
            ("c/package.json".to_owned(), 12),
            ("late/package.json".to_owned(), 6)
        ]
    );
    let files = &layers.layers[0].files;
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].content, store.as_bytes());
    assert_eq!(
        files[0].links,
        [b"app/node_modules/b/package.json".to_vec()]
    );
    assert_eq!(files[1].links, [b"d/package.json".to_vec()]);
    assert_eq!(layers.unreadable, []);
    let [late] = layers.layers[1].files.as_slice() else {
        panic!("{:?}", layers.layers[1].files)
    };
    assert_eq!(late.path, b"late/package.json");
    assert_eq!(late.content, b"unused");
    assert_eq!(late.id.layer, 0);
    assert_eq!(
        layers.view.lookup(b"late/package.json").unwrap().id,
        Some(late.id)
    );
}

#[test]
fn links_to_lower_layers_are_read_under_their_own_names() {
    let link = |path: &str, target: &str| Item::Hardlink(path.to_owned(), target.to_owned());
    let layout = Layout::with_layers(&[
        tar(&[
            file("store/00/ab", "hidden later"),
            file("a/package.json", "kept at once"),
        ]),
        tar(&[
            link("b/package.json", "store/00/ab"),
            link("b/copy/package.json", "store/00/ab"),
            link("b/other", "store/00/ab"),
            link("c/package.json", "a/package.json"),
            file("store/00/.wh.ab", ""),
        ]),
        tar(&[
            link("d/package.json", "b/package.json"),
            file("a/.wh.package.json", ""),
        ]),
    ]);
    let wanted = || Keep(|path: &str| path.ends_with("package.json"));
    let (_, layers) = read(&layout.target(), None, &Limits::default(), &wanted()).unwrap();
    assert_eq!(layers.unreadable, []);
    let shown: Vec<Vec<(String, String)>> = layers
        .layers
        .iter()
        .map(|layer| {
            let names = |file: &LayerFile<Vec<u8>>| {
                let content = String::from_utf8(file.content.clone()).unwrap();
                let names: Vec<_> = [&file.path]
                    .into_iter()
                    .chain(&file.links)
                    .cloned()
                    .collect();
                names
                    .into_iter()
                    .map(move |path| (String::from_utf8(path).unwrap(), content.clone()))
                    .collect::<Vec<_>>()
            };
            let mut all: Vec<_> = layer.files.iter().flat_map(names).collect();
            all.sort();
            all
        })
        .collect();
    let pair = |path: &str, content: &str| (path.to_owned(), content.to_owned());
    assert_eq!(
        shown,
        [
            vec![pair("a/package.json", "kept at once")],
            vec![
                pair("b/copy/package.json", "hidden later"),
                pair("b/package.json", "hidden later"),
                pair("c/package.json", "kept at once"),
            ],
            vec![pair("d/package.json", "hidden later")],
        ]
    );

    // Limits hold for the second look too, under the link's name.
    let mut limits = Limits::default();
    limits.set("file-size", 5).unwrap();
    let (_, layers) = read(&layout.target(), None, &limits, &wanted()).unwrap();
    let mut late: Vec<(usize, String)> = Vec::new();
    for found in &layers.unreadable {
        assert_eq!(
            found.reason,
            UnreadableReason::TooLarge { size: 12, max: 5 }
        );
        late.push((found.layer, String::from_utf8(found.path.clone()).unwrap()));
    }
    assert_eq!(
        late,
        [
            (0, "a/package.json".to_owned()),
            (1, "b/copy/package.json".to_owned()),
            (1, "b/package.json".to_owned()),
            (1, "c/package.json".to_owned()),
            (2, "d/package.json".to_owned()),
        ]
    );
}

#[test]
fn a_link_to_a_lower_layer_is_read_in_the_fixtures() {
    let Some(corpus) = corpus() else { return };
    // Each with the layers in which the name is wanted and found.
    for (name, path, layer) in [
        ("hard-link-2", "a/b/bar", 1),
        ("hard-link-delete-3", "a/b/baz", 1),
        ("hard-link-delete-4", "a/b/baz", 1),
    ] {
        let target = format!(
            "oci-dir:{}",
            corpus.join("edge/sylabs-oci-tools").join(name).display()
        );
        let reader = Keep(|found: &str| found == path);
        let (_, layers) = read(&target, None, &Limits::default(), &reader).unwrap();
        assert_eq!(layers.unreadable, [], "{name}");
        let files: Vec<_> = layers
            .layers
            .iter()
            .flat_map(|layer| layer.files.iter().map(|file| (layer.info.index, file)))
            .collect();
        let [(found, file)] = files.as_slice() else {
            panic!("{name}: {files:?}")
        };
        assert_eq!(
            (*found, file.path.as_slice()),
            (layer, path.as_bytes()),
            "{name}"
        );
        assert_eq!((file.content.len(), file.id.layer), (3, 0), "{name}");
    }
}

#[test]
fn the_last_of_two_entries_of_one_name_counts() {
    let layout = Layout::with_layers(&[tar(&[
        file("a", "first"),
        file("a", "second"),
        file("b/c", "gone"),
        file("b", "file"),
    ])]);
    let events = Mutex::new(Vec::new());
    let (limits, client) = (Limits::default(), Client::new(Options::default()));
    let note = |event| events.lock().unwrap().push(event);
    let access = Access::new(&limits, &client, &note);
    let image = Image::open(&Target::parse(&layout.target()).unwrap(), None, &access).unwrap();
    let layers = read_layers(&image, &everything(), &access).unwrap();
    let found: Vec<(&[u8], &[u8])> = layers.layers[0]
        .files
        .iter()
        .map(|file| (file.path.as_slice(), file.content.as_slice()))
        .collect();
    assert_eq!(
        found,
        [(&b"a"[..], &b"second"[..]), (&b"b"[..], &b"file"[..])]
    );
    let events = events.into_inner().unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Warning(text) if text.contains("`a` twice")))
    );
    assert!(matches!(events[0], Event::LayerStarted { index: 0, .. }));
    assert!(events.contains(&Event::LayerDone { index: 0 }));
}

#[test]
fn heads_and_bodies_arrive_whole_whatever_their_size() {
    let sizes = [
        0_usize, 1, 511, 512, 513, 4095, 4096, 4097, 262_143, 262_144, 262_145, 700_001,
    ];
    let content =
        |size: usize| -> String { "0123456789abcdef".chars().cycle().take(size).collect() };
    let items: Vec<Item> = sizes
        .iter()
        .map(|size| file(&format!("f{size}"), &content(*size)))
        .collect();
    let layout = Layout::with_layers(&[tar(&items)]);
    struct Check;
    impl ContentReader for Check {
        type Output = Vec<u8>;
        fn wants(&self, entry: &Entry<'_>, head: &[u8]) -> bool {
            let expected = entry.size.min(4096);
            assert_eq!(u64::try_from(head.len()).unwrap(), expected);
            entry.size != 513
        }
        fn read(&self, entry: &Entry<'_>, bytes: Vec<u8>) -> Vec<u8> {
            assert_eq!(u64::try_from(bytes.len()).unwrap(), entry.size);
            bytes
        }
    }
    let (_, layers) = read(&layout.target(), None, &Limits::default(), &Check).unwrap();
    assert_eq!(layers.layers[0].files.len(), sizes.len() - 1);
    for file in &layers.layers[0].files {
        assert!(file.content == content(file.content.len()).as_bytes());
    }
}

#[test]
fn results_are_the_same_on_every_run() {
    let Some(corpus) = corpus() else { return };
    let target = format!("oci-dir:{}", corpus.join("oci/lang-mini").display());
    let run = || {
        let (_, layers) = read(
            &target,
            None,
            &Limits::default(),
            &Keep(|path: &str| path.ends_with(".json")),
        )
        .unwrap();
        let files: Vec<_> = layers
            .layers
            .iter()
            .flat_map(|layer| {
                layer
                    .files
                    .iter()
                    .map(|file| (file.id, file.path.clone(), file.links.clone()))
            })
            .collect();
        let nodes: Vec<_> = layers
            .view
            .iter()
            .map(|node| (node.path, node.layer, node.id))
            .collect();
        (files, nodes, layers.unreadable)
    };
    let first = run();
    assert!(first.0.len() > 60);
    for _ in 0..3 {
        assert!(run() == first);
    }
}

#[test]
fn an_over_large_file_is_listed_not_cut() {
    let layout = Layout::with_layers(&[tar(&[file("big", "0123456789"), file("small", "01234")])]);
    let mut limits = Limits::default();
    limits.set("file-size", 5).unwrap();
    let (_, layers) = read(&layout.target(), None, &limits, &everything()).unwrap();
    assert_eq!(layers.layers[0].files.len(), 1);
    assert_eq!(
        layers.unreadable[0].reason,
        UnreadableReason::TooLarge { size: 10, max: 5 }
    );
    assert!(layers.view.lookup(b"big").is_some());
}

#[test]
fn windows_layers_show_their_files() {
    let mut layout = Layout::new();
    let bytes = tar(&[
        file("Files/Windows/x.dll", "x"),
        file("Hives/Software_Delta", "h"),
        file("UtilityVM/y", "y"),
    ]);
    let digest = toolkit_oci::Digest::sha256(&bytes);
    let image = layout.image_of(&[bytes], &[digest], ("windows", "amd64"));
    layout.list(&image, "");
    let (image, layers) = read(&layout.target(), None, &Limits::default(), &nothing()).unwrap();
    assert_eq!(image.platform(), Platform::new("windows", "amd64"));
    assert_eq!(paths(&layers.view), ["Windows/x.dll"]);
}
