//! Language packages that an operating system package installed, and files that nobody can use.

use toolkit_lab::image::{Compression, Image, Layer};

use crate::data::{inventory, named};

#[test]
fn a_package_within_a_package_has_an_owner() {
    let metadata = "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n";
    let layer = Layer::new(Compression::Gzip)
        .symlink("lib", "usr/lib")
        .file("var/lib/dpkg/status", "Package: python3-six\nStatus: install ok installed\nArchitecture: all\nVersion: 1.16.0-4\n")
        // The list names the path before directories were merged.
        .file("var/lib/dpkg/info/python3-six.list", "/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA\n")
        .file("usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA", metadata);
    let owned = Image::new("linux", "amd64").layer(layer);
    let found = inventory(&owned);
    let owner = named(&found, "six").owner.clone();
    assert_eq!(owner, Some(named(&found, "python3-six").id()));

    // A second copy that nobody owns makes it the user's as well.
    let copy =
        Layer::new(Compression::Gzip).file("opt/lib/six-1.16.0.dist-info/METADATA", metadata);
    let found = inventory(&owned.layer(copy));
    assert_eq!(named(&found, "six").owner, None);
}

#[test]
fn what_is_hidden_is_not_missing() {
    let broken = Layer::new(Compression::Gzip).file("app/node_modules/a/package.json", "{");
    let image = Image::new("linux", "amd64").layer(broken);
    assert_eq!(inventory(&image).unreadable.len(), 1);
    let removed = Layer::new(Compression::Gzip).whiteout("app/node_modules/a");
    assert_eq!(inventory(&image.layer(removed)).unreadable, []);
}
