//! Debian packages: upgrades over layers, distroless entries, edges, licences, files.

use toolkit_sbom::{Location, SourcePackage};

use crate::data::{edges, layered, listed, named};

#[test]
fn an_upgraded_system_is_its_last_database() {
    let inventory = layered("dpkg/upgraded");
    assert_eq!(
        listed(&inventory),
        [
            "base 13",
            "exim 4",
            "libone1 1.0-1",
            "libone1 1.0-1",
            "tool 1:1.0-2+b1"
        ]
    );
    let unread: Vec<_> = inventory
        .unreadable
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unread,
        ["`/var/lib/dpkg/status` in layer 1: no `Version` in the entry at line 43"]
    );

    let tool = named(&inventory, "tool");
    assert_eq!(
        tool.purl.as_str(),
        "pkg:deb/debian/tool@1:1.0-2%2Bb1?arch=amd64&distro=debian-12&upstream=tool-src%401:1.0-2"
    );
    let source = SourcePackage {
        name: "tool-src".to_owned(),
        version: Some("1:1.0-2".to_owned()),
    };
    assert_eq!(tool.source, Some(source));
    assert_eq!(tool.introduced_in, Some(0));
    assert_eq!(tool.licenses, ["GPL-2+", "GPL-2+ or MIT"]);
    assert_eq!(tool.files, [Location::new(b"var/lib/dpkg/status", 1)]);
    assert_eq!(tool.owned_files, [Location::new(b"usr/bin/tool", 0)]);
    // The provider of a virtual package, and of two architectures its own.
    assert_eq!(
        edges(tool),
        [
            "pkg:deb/debian/base@13",
            "pkg:deb/debian/exim@4",
            "pkg:deb/debian/libone1@1.0-1"
        ]
    );
    assert!(
        tool.depends_on
            .iter()
            .any(|id| id.as_str().contains("libone1@1.0-1?arch=amd64"))
    );

    assert_eq!(named(&inventory, "base").introduced_in, Some(1));
    let exim = named(&inventory, "exim");
    assert_eq!(
        (exim.introduced_in, exim.licenses.as_slice()),
        (Some(1), &["GPL-3".to_owned()][..])
    );
}

#[test]
fn distroless_entries_are_packages_and_whiteouts_remove_them() {
    let inventory = layered("dpkg/distroless");
    assert_eq!(listed(&inventory), ["netbase 6.4"]);
    let netbase = named(&inventory, "netbase");
    assert_eq!(netbase.purl.as_str(), "pkg:deb/debian/netbase@6.4?arch=all");
    assert_eq!(
        netbase.files,
        [Location::new(b"var/lib/dpkg/status.d/netbase", 0)]
    );
    assert_eq!(netbase.owned_files, [Location::new(b"etc/services", 0)]);
    assert_eq!(inventory.unreadable, []);
}
