//! RPM packages: pages, overflow chains and the log of a SQLite database.

use toolkit_lab::image::{Compression, Image, Layer};
use toolkit_sbom::Fault;
use toolkit_sbom::cataloger::rpm;
use toolkit_sbom::cataloger::rpm::sqlite::Database;

use crate::data::{edges, inventory, layered, listed, named, own};

fn names(database: &[u8], log: Option<&[u8]>) -> Vec<String> {
    let (headers, faults) = rpm::parse(database, log);
    assert_eq!(faults, []);
    headers.into_iter().map(|h| h.name).collect()
}

#[test]
fn the_log_counts_up_to_its_last_commit() {
    let folder = own("rpm/logged/layer-0/var/lib/rpm");
    let database = fs_err::read(folder.join("rpmdb.sqlite")).unwrap();
    let mut log = fs_err::read(folder.join("rpmdb.sqlite-wal")).unwrap();
    let before = names(&database, None);
    assert_eq!(before.len(), 43);
    assert!(before.contains(&"filler-00".to_owned()));

    let after = names(&database, Some(&log));
    assert_eq!(after.len(), 43);
    assert!(after.contains(&"in-log".to_owned()));
    assert!(!after.contains(&"filler-00".to_owned()));

    // Cut off or damaged, the commit never happened.
    assert_eq!(names(&database, Some(&log[..log.len() - 1])), before);
    let last = log.len() - 1;
    log[last] ^= 1;
    assert_eq!(names(&database, Some(&log)), before);
    // A log of another database is none.
    log[16] ^= 1;
    assert_eq!(names(&database, Some(&log)), before);
    assert_eq!(names(&database, Some(b"")), before);
}

#[test]
fn a_database_that_nobody_reads_is_told() {
    for (path, expected) in [
        ("usr/lib/opkg/status", "an opkg database"),
        ("var/lib/pacman/local/ALPM_DB_VERSION", "a pacman database"),
        (
            "var/lib/rpm/Packages",
            "an rpm database in Berkeley DB format",
        ),
    ] {
        let layer = Layer::new(Compression::Gzip).file(path, b"9\n");
        let found = inventory(&Image::new("linux", "amd64").layer(layer));
        let [unread] = found.unreadable.as_slice() else {
            panic!("{path}: {:?}", found.unreadable);
        };
        assert_eq!(unread.location.path, format!("/{path}"));
        assert_eq!(unread.fault, Fault::Unsupported { format: expected });
    }
}

#[test]
fn packages_have_what_their_headers_say() {
    let inventory = layered("rpm/logged");
    assert_eq!(inventory.packages.len(), 43);
    assert_eq!(inventory.unreadable, []);
    let shell = named(&inventory, "shell");
    assert_eq!(shell.version.as_deref(), Some("2:5.0-1.t"));
    assert_eq!(
        shell.purl.as_str(),
        "pkg:rpm/shell@5.0-1.t?arch=x86_64&epoch=2&upstream=shell-src-5.0-1.t.src.rpm"
    );
    assert_eq!(
        shell.source.as_ref().map(|s| s.name.as_str()),
        Some("shell-src")
    );
    assert_eq!(
        shell.modularity_label.as_deref(),
        Some("shell:5:20260101:abcd")
    );
    assert_eq!(
        edges(named(&inventory, "in-log")),
        ["pkg:rpm/shell@5.0-1.t"]
    );
    assert_eq!(
        edges(named(&inventory, "many-files")),
        ["pkg:rpm/libone@1.0-1.t", "pkg:rpm/shell@5.0-1.t"]
    );
    assert_eq!(
        edges(named(&inventory, "filler-01")),
        ["pkg:rpm/libone@1.0-1.t"]
    );
    assert_eq!(listed(&layered("rpm/checkpointed")).len(), 43);
}

#[test]
fn a_layer_that_brings_the_log_alone_introduces_what_is_in_it() {
    let folder = own("rpm/logged/layer-0/var/lib/rpm");
    let file = |layer: Layer, name: &str| {
        let content = fs_err::read(folder.join(name)).unwrap();
        layer.file(format!("var/lib/rpm/{name}"), content)
    };
    let layer = || Layer::new(Compression::Gzip);
    let image = Image::new("linux", "amd64")
        .layer(file(layer(), "rpmdb.sqlite"))
        .layer(layer().file("etc/motd", "x"))
        .layer(file(layer(), "rpmdb.sqlite-wal"));
    let found = inventory(&image);
    assert_eq!(named(&found, "in-log").introduced_in, Some(2));
    assert_eq!(named(&found, "shell").introduced_in, Some(0));

    // Without its log the database is what it was.
    let removed = image.layer(layer().whiteout("var/lib/rpm/rpmdb.sqlite-wal"));
    let found = inventory(&removed);
    assert!(!listed(&found).contains(&"in-log 3.0-1.t".to_owned()));
    assert_eq!(named(&found, "filler-00").introduced_in, Some(0));
}

#[test]
fn overflowing_headers_keep_every_file() {
    let database = fs_err::read(own("rpm/checkpointed/layer-0/var/lib/rpm/rpmdb.sqlite")).unwrap();
    let (headers, _) = rpm::parse(&database, None);
    let many = headers.iter().find(|h| h.name == "many-files").unwrap();
    assert_eq!(many.files.len(), 200);
    assert_eq!(many.files[199], "/usr/share/many/file-0199");
}

#[test]
fn every_broken_byte_is_survived_and_no_loss_is_silent() {
    let database = fs_err::read(own("rpm/checkpointed/layer-0/var/lib/rpm/rpmdb.sqlite")).unwrap();
    let whole = rpm::parse(&database, None).0.len();
    for cut in (0..database.len()).step_by(97) {
        let (headers, faults) = rpm::parse(&database[..cut], None);
        assert!(headers.len() == whole || !faults.is_empty(), "cut at {cut}");
    }
    for at in (0..database.len()).step_by(11) {
        let mut broken = database.clone();
        broken[at] ^= 0xff;
        let (headers, _) = rpm::parse(&broken, None);
        assert!(headers.len() <= whole * 2, "byte {at}");
    }
}

#[test]
fn pages_that_go_round_are_a_fault() {
    let database = fs_err::read(own("rpm/checkpointed/layer-0/var/lib/rpm/rpmdb.sqlite")).unwrap();
    let mut looped = database.clone();
    // The right-most child of every interior table page becomes the page itself.
    for (index, page) in looped.chunks_mut(512).enumerate().skip(1) {
        if page[0] == 5 {
            page[8..12].copy_from_slice(&u32::try_from(index + 1).unwrap().to_be_bytes());
        }
    }
    let (_, faults) = rpm::parse(&looped, None);
    assert!(
        matches!(
            faults.as_slice(),
            [
                Fault::Malformed {
                    what: "page that is used twice",
                    ..
                },
                ..
            ]
        ),
        "{faults:?}"
    );
    let open = Database::open(&database, None).unwrap();
    let (rows, faults) = open.rows("Nothing", &[0]);
    assert_eq!(rows, [] as [Vec<_>; 0]);
    assert!(matches!(
        faults.as_slice(),
        [Fault::Malformed {
            what: "schema without the expected table",
            ..
        }]
    ));
}
