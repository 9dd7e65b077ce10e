//! Python distributions: metadata, `RECORD`, edges with extras and markers, deletion by a later layer.

use toolkit_sbom::Location;

use crate::data::{edges, layered, listed, named};

#[test]
fn a_virtual_environment_is_listed() {
    let inventory = layered("python/venv");
    assert_eq!(
        listed(&inventory),
        ["bar 2.0", "extra 3.0", "Foo_Bar 1.0", "win 1"]
    );
    let site = "/opt/venv/lib/python3.11/site-packages";
    let unread: Vec<_> = inventory
        .unreadable
        .iter()
        .map(ToString::to_string)
        .collect();
    let nameless = format!(
        "`{site}/nameless-1.dist-info/METADATA` in layer 0: no `Name` in the entry at line 1"
    );
    assert_eq!(unread, [nameless]);

    let foo = named(&inventory, "Foo_Bar");
    assert_eq!(foo.purl.as_str(), "pkg:pypi/foo-bar@1.0");
    assert_eq!(foo.licenses, ["MIT OR Apache-2.0"]);
    assert_eq!(foo.introduced_in, Some(0));
    let location = |path: &str| Location {
        path: format!("{site}/{path}"),
        layer: 0,
    };
    assert_eq!(foo.files, [location("Foo_Bar-1.0.dist-info/METADATA")]);
    assert_eq!(foo.owned_files, [location("foo_bar/__init__.py")]);
    // `win` is for another system, `absent` is not there.
    assert_eq!(edges(foo), ["pkg:pypi/bar@2.0"]);
    // `foo` asks for the extra that brings it.
    assert_eq!(edges(named(&inventory, "bar")), ["pkg:pypi/extra@3.0"]);
    assert_eq!(named(&inventory, "extra").licenses, ["MIT License"]);
}
