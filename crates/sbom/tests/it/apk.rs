//! Alpine packages: a database that a later layer replaces, edges by name, library, command and path.

use toolkit_sbom::Location;

use crate::data::{edges, layered, listed, named};

#[test]
fn the_last_database_counts_and_the_first_layer_is_kept() {
    let inventory = layered("apk/layered");
    assert_eq!(
        listed(&inventory),
        ["busybox 1.36.1-r29", "musl 1.2.5-r1", "script 1.0-r0"]
    );
    let unread: Vec<_> = inventory
        .unreadable
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unread,
        ["`/lib/apk/db/installed` in layer 1: no `V` in the entry at line 27"]
    );

    let busybox = named(&inventory, "busybox");
    assert_eq!(
        busybox.purl.as_str(),
        "pkg:apk/alpine/busybox@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3"
    );
    assert_eq!(busybox.introduced_in, Some(0));
    assert_eq!(busybox.owned_files, [Location::new(b"bin/busybox", 0)]);
    assert_eq!(edges(busybox), ["pkg:apk/alpine/musl@1.2.5-r1"]);
    assert_eq!(named(&inventory, "musl").introduced_in, Some(1));

    let script = named(&inventory, "script");
    assert_eq!(script.purl.qualifier("upstream"), Some("scripts"));
    assert_eq!(script.licenses, ["MIT AND BSD-2-Clause"]);
    assert_eq!(edges(script), ["pkg:apk/alpine/busybox@1.36.1-r29"]);
}
