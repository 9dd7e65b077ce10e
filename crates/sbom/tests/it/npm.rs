//! Node packages: package roots, the hidden lockfile, edges as Node resolves them.

use toolkit_lab::image::{Compression, Image, Layer};
use toolkit_sbom::{ChecksumAlgorithm, Location};

use crate::data::{edges, inventory, layered, listed, named};

#[test]
fn installed_packages_are_those_on_disk() {
    let found = layered("npm/locked");
    assert_eq!(
        listed(&found),
        ["@s/c 3.0.0", "a 1.0.0", "b 1.0.0", "b 2.0.0"]
    );
    assert_eq!(found.unreadable.len(), 1);
    assert!(found.unreadable[0].to_string().starts_with(
        "`/srv/app/node_modules/broken/package.json` in layer 0: not the expected JSON: EOF"
    ));

    let scoped = named(&found, "@s/c");
    assert_eq!(scoped.purl.as_str(), "pkg:npm/%40s/c@3.0.0");
    // Neither licence nor dependencies are in its own file.
    assert_eq!(scoped.licenses, ["BSD-3-Clause"]);
    assert_eq!(edges(scoped), ["pkg:npm/b@1.0.0"]);

    let a = named(&found, "a");
    assert_eq!(edges(a), ["pkg:npm/b@2.0.0"]);
    assert_eq!(a.checksums.len(), 1);
    assert_eq!(a.checksums[0].algorithm, ChecksumAlgorithm::Sha512);
    assert!(a.checksums[0].hex.starts_with("cf83e1357eefb8bd"));
    let two = found
        .packages
        .iter()
        .find(|p| p.purl.as_str() == "pkg:npm/b@2.0.0")
        .unwrap();
    assert_eq!(edges(two), ["pkg:npm/%40s/c@3.0.0"]);
    assert_eq!(two.licenses, ["ISC"]);
    let one = found
        .packages
        .iter()
        .find(|p| p.purl.as_str() == "pkg:npm/b@1.0.0")
        .unwrap();
    assert_eq!(one.licenses, ["GPL-2.0", "MIT"]);
}

#[test]
fn linked_stores_are_followed() {
    let layer = Layer::new(Compression::Gzip)
        .file(
            "srv/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json",
            r#"{"name":"a","version":"1.0.0","dependencies":{"b":"1"}}"#,
        )
        .file(
            "srv/node_modules/.pnpm/b@1.0.0/node_modules/b/package.json",
            r#"{"name":"b","version":"1.0.0"}"#,
        )
        .symlink(
            "srv/node_modules/.pnpm/a@1.0.0/node_modules/b",
            "../../b@1.0.0/node_modules/b",
        )
        .symlink("srv/node_modules/a", ".pnpm/a@1.0.0/node_modules/a");
    let copied = Layer::new(Compression::Gzip)
        .file(
            "opt/node_modules/b/package.json",
            r#"{"name":"b","version":"1.0.0"}"#,
        )
        .hardlink(
            "opt/node_modules/x/node_modules/b/package.json",
            "opt/node_modules/b/package.json",
        );
    let found = inventory(&Image::new("linux", "amd64").layer(layer).layer(copied));
    assert_eq!(listed(&found), ["a 1.0.0", "b 1.0.0"]);
    assert_eq!(edges(named(&found, "a")), ["pkg:npm/b@1.0.0"]);
    let b = named(&found, "b");
    assert_eq!(
        b.files,
        [
            Location::new(b"opt/node_modules/b/package.json", 1),
            Location::new(b"opt/node_modules/x/node_modules/b/package.json", 1),
            Location::new(
                b"srv/node_modules/.pnpm/b@1.0.0/node_modules/b/package.json",
                0
            ),
        ]
    );
    assert_eq!(b.introduced_in, Some(0));
}

#[test]
fn opaque_directories_hide_packages() {
    let below = Layer::new(Compression::Gzip).file(
        "app/node_modules/a/package.json",
        r#"{"name":"a","version":"1.0.0"}"#,
    );
    let above = Layer::new(Compression::Gzip)
        .opaque("app/node_modules")
        .file(
            "app/node_modules/b/package.json",
            r#"{"name":"b","version":"1.0.0"}"#,
        );
    let found = inventory(&Image::new("linux", "amd64").layer(below).layer(above));
    assert_eq!(listed(&found), ["b 1.0.0"]);
}
