//! Go modules: replacement, the standard library, a program that a later layer rebuilt.

use toolkit_sbom::{Kind, Location};

use crate::data::{edges, layered, listed, named};

#[test]
fn a_rebuilt_program_keeps_the_layer_of_what_stayed() {
    let inventory = layered("go/rebuilt");
    assert_eq!(
        listed(&inventory),
        [
            "example.org/Fork/v2 v2.0.0",
            "example.org/kept v0.1.0",
            "example.org/tool v1.0.0",
            "stdlib 1.22.1"
        ]
    );
    let introduced = |name: &str| named(&inventory, name).introduced_in;
    assert_eq!(introduced("example.org/kept"), Some(0));
    assert_eq!(introduced("example.org/Fork/v2"), Some(1));
    let tool = named(&inventory, "example.org/tool");
    assert_eq!(tool.kind, Kind::Application);
    assert_eq!(tool.files, [Location::new(b"usr/bin/tool", 1)]);
    assert_eq!(
        edges(tool),
        [
            "pkg:golang/example.org/fork/v2@v2.0.0",
            "pkg:golang/example.org/kept@v0.1.0",
            "pkg:golang/stdlib@1.22.1"
        ]
    );
    assert_eq!(named(&inventory, "stdlib").kind, Kind::Library);
    assert_eq!(inventory.unreadable, []);
}
