//! Rust crates: one program at two places, build and runtime, edges.

use toolkit_sbom::{Kind, Location, Scope};

use crate::data::{edges, layered, listed, named};

#[test]
fn copies_of_a_program_are_one_package_with_two_files() {
    let inventory = layered("cargo/copied");
    assert_eq!(
        listed(&inventory),
        ["library 1.2.3", "macros 2.0.0-rc.1+x", "tool 0.1.0"]
    );
    let tool = named(&inventory, "tool");
    assert_eq!((tool.kind, tool.scope), (Kind::Application, Scope::Runtime));
    assert_eq!(
        tool.files,
        [
            Location::new(b"opt/tool", 1),
            Location::new(b"usr/bin/tool", 0)
        ]
    );
    assert_eq!(tool.introduced_in, Some(0));
    assert_eq!(
        edges(tool),
        ["pkg:cargo/library@1.2.3", "pkg:cargo/macros@2.0.0-rc.1%2Bx"]
    );
    let macros = named(&inventory, "macros");
    assert_eq!((macros.kind, macros.scope), (Kind::Library, Scope::Build));
    assert_eq!(edges(macros), ["pkg:cargo/library@1.2.3"]);
}
