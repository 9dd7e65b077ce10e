//! Where test data lies: our own beside the crates, the shared data by one variable.

use std::path::{Path, PathBuf};

use toolkit_lab::image;
use toolkit_oci::registry::{Client, Options};
use toolkit_oci::{Access, Image, Limits, Platform, Target};
use toolkit_sbom::{Inventory, Package, catalog};

/// Returns the shared data, or `None` where the variable is not set (which fails in CI).
pub(crate) fn shared() -> Option<PathBuf> {
    match std::env::var_os("TOOLKIT_TEST_DATA") {
        Some(path) => Some(PathBuf::from(path)),
        None => {
            assert!(
                std::env::var_os("CI").is_none(),
                "TOOLKIT_TEST_DATA is not set"
            );
            eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
            None
        }
    }
}

/// Returns a folder or file of our own package data.
pub(crate) fn own(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/packages");
    root.join(path)
}

/// Lists the packages of an image.
pub(crate) fn read(target: &Target, platform: Option<&str>) -> Inventory {
    let limits = Limits::default();
    let client = Client::new(Options::default());
    let access = Access::new(&limits, &client, &|_| {});
    let platform = platform.map(|p| Platform::parse(p).unwrap());
    let image = Image::open(target, platform.as_ref(), &access).unwrap();
    catalog(&image, &access).unwrap()
}

/// Makes an image of a folder with `layer-0`, `layer-1` … in it, and lists its packages.
pub(crate) fn layered(name: &str) -> Inventory {
    let folder = own(name);
    let mut built = image::Image::new("linux", "amd64");
    for number in 0.. {
        let root = folder.join(format!("layer-{number}"));
        if !root.is_dir() {
            break;
        }
        built = built.layer(add(
            image::Layer::new(image::Compression::Gzip),
            &root,
            &root,
        ));
    }
    inventory(&built)
}

/// Lists the packages of an image that a test made.
pub(crate) fn inventory(image: &image::Image) -> Inventory {
    let folder = tempfile::tempdir().unwrap();
    image
        .build()
        .unwrap()
        .write_layout(folder.path(), Some("test"))
        .unwrap();
    let path = folder.path().to_path_buf();
    read(
        &Target::Layout {
            path,
            selector: None,
        },
        None,
    )
}

fn add(mut layer: image::Layer, root: &Path, folder: &Path) -> image::Layer {
    let mut entries: Vec<PathBuf> = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            layer = add(layer, root, &path);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            layer = layer.file(name, fs_err::read(&path).unwrap());
        }
    }
    layer
}

/// Finds the one package of a name.
pub(crate) fn named<'a>(inventory: &'a Inventory, name: &str) -> &'a Package {
    let found: Vec<_> = inventory
        .packages
        .iter()
        .filter(|p| p.name == name)
        .collect();
    assert_eq!(found.len(), 1, "{name}: {found:#?}");
    found[0]
}

/// Shows the packages as `name version`.
pub(crate) fn listed(inventory: &Inventory) -> Vec<String> {
    let show = |p: &Package| format!("{} {}", p.name, p.version.as_deref().unwrap_or("-"));
    inventory.packages.iter().map(show).collect()
}

/// Shows what a package depends on as package URLs without qualifiers.
pub(crate) fn edges(package: &Package) -> Vec<&str> {
    let bare = |id: &'_ str| id.split('?').next().unwrap_or_default().len();
    package
        .depends_on
        .iter()
        .map(|id| &id.as_str()[..bare(id.as_str())])
        .collect()
}
