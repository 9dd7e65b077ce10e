//! The merged tree against a simple extractor, on random stacks of layers.
//!
//! The extractor works on maps of whole paths, layer by layer, as an unpacking program would: it shares neither data
//! structure nor code with the crate.

use std::collections::BTreeMap;

use toolkit_oci::{EntryKind, Limits};

use crate::build::{Item, Layout, tar};
use crate::support::{everything, read};

type Path = Vec<String>;

#[derive(Debug, Clone, PartialEq)]
enum Thing {
    /// Mode, where an entry names the directory.
    Dir(Option<u32>),
    File(Vec<u8>),
    Link(String),
}

type Files = BTreeMap<Path, Thing>;

fn parts(path: &str) -> Path {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect()
}

/// One layer as extracted into an empty folder.
#[derive(Default)]
struct Extracted {
    files: Files,
    whiteouts: Vec<Path>,
    opaque: Vec<Path>,
    later: Vec<(Path, String)>,
}

impl Extracted {
    fn remove(&mut self, path: &[String]) {
        self.files.retain(|other, _| !other.starts_with(path));
        self.later.retain(|(other, _)| !other.starts_with(path));
    }

    /// Resolves the folder of an entry, making what is missing; `None` when links go round.
    fn folder(&mut self, path: &[String]) -> Option<Path> {
        let mut here = Path::new();
        let mut queue: Vec<String> = path.iter().rev().cloned().collect();
        let mut hops = 0;
        while let Some(part) = queue.pop() {
            if part == ".." {
                here.pop();
                continue;
            }
            let mut next = here.clone();
            next.push(part);
            match self.files.get(&next).cloned() {
                Some(Thing::Dir(_)) => here = next,
                Some(Thing::Link(target)) => {
                    hops += 1;
                    if hops > 40 {
                        return None;
                    }
                    if target.starts_with('/') {
                        here.clear();
                    }
                    queue.extend(parts(&target).into_iter().rev());
                }
                Some(Thing::File(_)) | None => {
                    self.files.insert(next.clone(), Thing::Dir(None));
                    here = next;
                }
            }
        }
        Some(here)
    }

    fn put(&mut self, path: Path, thing: Thing) {
        let both = matches!(
            (self.files.get(&path), &thing),
            (Some(Thing::Dir(_)), Thing::Dir(_))
        );
        if !both {
            self.remove(&path);
        }
        self.files.insert(path, thing);
    }

    fn apply(&mut self, item: &Item) {
        let (Item::File(name, _)
        | Item::Dir(name, _)
        | Item::Symlink(name, _)
        | Item::Hardlink(name, _)) = item;
        let path = parts(name);
        let (last, folder) = path.split_last().unwrap();
        let Some(mut place) = self.folder(folder) else {
            return;
        };
        if last == ".wh..wh..opq" {
            self.opaque.push(place);
            return;
        }
        if let Some(hidden) = last.strip_prefix(".wh.") {
            place.push(hidden.to_owned());
            self.whiteouts.push(place);
            return;
        }
        place.push(last.clone());
        match item {
            Item::File(_, content) => self.put(place, Thing::File(content.clone())),
            Item::Dir(_, mode) => self.put(place, Thing::Dir(Some(*mode))),
            Item::Symlink(_, target) => self.put(place, Thing::Link(target.clone())),
            Item::Hardlink(_, target) => match find(&self.files, target) {
                Some((found, _)) if found == place => {}
                Some((_, thing)) => self.put(place, thing),
                None => {
                    self.remove(&place);
                    self.later.push((place, target.clone()));
                }
            },
        }
    }
}

/// Finds what a hard link means: links on the way are followed, the last is not, folders do not count.
fn find(files: &Files, target: &str) -> Option<(Path, Thing)> {
    let mut here = Path::new();
    // Each part with whether it is the target's own last one.
    let own = parts(target);
    let mut queue: Vec<(String, bool)> = own
        .iter()
        .enumerate()
        .map(|(place, part)| (part.clone(), place + 1 == own.len()))
        .rev()
        .collect();
    let mut hops = 0;
    while let Some((part, last)) = queue.pop() {
        if part == ".." {
            here.pop();
            continue;
        }
        if !here.is_empty() && !matches!(files.get(&here), Some(Thing::Dir(_))) {
            return None;
        }
        here.push(part);
        match files.get(&here)? {
            Thing::Link(link) if !last => {
                hops += 1;
                if hops > 40 {
                    return None;
                }
                here.pop();
                if link.starts_with('/') {
                    here.clear();
                }
                queue.extend(parts(link).into_iter().rev().map(|part| (part, false)));
            }
            _ => {}
        }
    }
    match files.get(&here)? {
        Thing::Dir(_) => None,
        thing => Some((here.clone(), thing.clone())),
    }
}

fn extract(layers: &[Vec<Item>]) -> Files {
    let mut view = Files::new();
    for items in layers {
        let mut layer = Extracted::default();
        for item in items {
            layer.apply(item);
        }
        for (place, target) in std::mem::take(&mut layer.later) {
            // Something later may have taken the name, or the folder.
            let folder_there = place.len() == 1
                || matches!(
                    layer.files.get(&place[..place.len() - 1]),
                    Some(Thing::Dir(_))
                );
            if layer.files.contains_key(&place) || !folder_there {
                continue;
            }
            if let Some((_, thing)) = find(&layer.files, &target).or_else(|| find(&view, &target)) {
                layer.files.insert(place, thing);
            }
        }
        for hidden in &layer.whiteouts {
            view.retain(|path, _| !path.starts_with(hidden));
        }
        for folder in &layer.opaque {
            view.retain(|path, _| !(path.starts_with(folder) && path.len() > folder.len()));
        }
        for (path, thing) in layer.files {
            match (view.get(&path), &thing) {
                (Some(Thing::Dir(_)), Thing::Dir(None)) => {}
                (Some(Thing::Dir(_)), Thing::Dir(Some(_))) => {
                    view.insert(path, thing);
                }
                _ => {
                    view.retain(|other, _| !other.starts_with(&path));
                    view.insert(path, thing);
                }
            }
        }
    }
    view
}

fn random_path(random: &mut fastrand::Rng) -> String {
    let depth = random.usize(1..=3);
    let names: Vec<&str> = (0..depth)
        .map(|_| ["a", "b", "c"][random.usize(..3)])
        .collect();
    names.join("/")
}

fn random_item(random: &mut fastrand::Rng, serial: u32) -> Item {
    let path = random_path(random);
    match random.u32(..12) {
        0..=3 => Item::File(path, format!("content {serial}").into_bytes()),
        4..=5 => Item::Dir(path, [0o755, 0o700, 0o1777][random.usize(..3)]),
        6..=7 => {
            let up = "../".repeat(random.usize(..3));
            let root = if random.bool() { "/" } else { "" };
            Item::Symlink(path, format!("{root}{up}{}", random_path(random)))
        }
        8..=9 => Item::Hardlink(path, random_path(random)),
        10 => {
            let (folder, name) = path
                .rsplit_once('/')
                .map_or((String::new(), path.as_str()), |(folder, name)| {
                    (format!("{folder}/"), name)
                });
            Item::File(format!("{folder}.wh.{name}"), Vec::new())
        }
        _ => Item::File(format!("{path}/.wh..wh..opq"), Vec::new()),
    }
}

#[test]
fn the_view_equals_a_simple_extraction() {
    let mut compared = 0;
    for seed in 0..600 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut serial = 0;
        let layers: Vec<Vec<Item>> = (0..random.usize(1..=4))
            .map(|_| {
                (0..random.usize(1..=9))
                    .map(|_| {
                        serial += 1;
                        random_item(&mut random, serial)
                    })
                    .collect()
            })
            .collect();
        let expected = extract(&layers);
        let tars: Vec<Vec<u8>> = layers.iter().map(|items| tar(items)).collect();
        let layout = Layout::with_layers(&tars);
        let (_, found) = read(&layout.target(), None, &Limits::default(), &everything())
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{layers:?}"));
        let contents: BTreeMap<_, _> = found
            .layers
            .iter()
            .flat_map(|layer| &layer.files)
            .map(|file| (file.id, &file.content))
            .collect();
        let shown: Files = found
            .view
            .iter()
            .map(|node| {
                let path = parts(std::str::from_utf8(&node.path).unwrap());
                let thing = match node.kind {
                    EntryKind::Directory => match expected.get(&path) {
                        Some(Thing::Dir(None)) => Thing::Dir(None),
                        _ => Thing::Dir(Some(node.mode)),
                    },
                    EntryKind::File => {
                        let content = contents.get(&node.id.unwrap());
                        Thing::File(
                            content
                                .unwrap_or_else(|| panic!("seed {seed}: {path:?} has no content"))
                                .to_vec(),
                        )
                    }
                    EntryKind::Symlink => {
                        Thing::Link(String::from_utf8(node.link.unwrap().to_vec()).unwrap())
                    }
                    other => panic!("seed {seed}: {path:?} is {other:?}"),
                };
                (path, thing)
            })
            .collect();
        assert_eq!(shown, expected, "seed {seed}\n{layers:?}");
        // Every file is also found in its own layer under its own name, hard links to lower layers included.
        for node in found
            .view
            .iter()
            .filter(|node| node.kind == EntryKind::File)
        {
            let files = &found.layers[node.layer].files;
            let named = files
                .iter()
                .find(|file| file.path == node.path || file.links.contains(&node.path));
            let named =
                named.unwrap_or_else(|| panic!("seed {seed}: {node:?} is not in its layer"));
            assert_eq!(Some(named.id), node.id, "seed {seed}");
            assert_eq!(&named.content, contents[&named.id], "seed {seed}");
        }
        for layer in &found.layers {
            for file in &layer.files {
                let node = found.view.entry(&file.path);
                let shows = found.view.visible(layer.info.index, &file.path);
                let there = node
                    .is_some_and(|node| node.path == file.path && node.layer == layer.info.index);
                let path = String::from_utf8_lossy(&file.path);
                assert_eq!(shows, there, "seed {seed}: {path:?}");
            }
        }
        compared += expected.len();
    }
    assert!(compared > 2000, "{compared}");
}
