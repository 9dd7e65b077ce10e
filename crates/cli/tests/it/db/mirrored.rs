//! The advisory packs of the test data as their publishers would serve them: what is built of what was fetched is what is built of the packs themselves.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::feeds::{ALPINE, EPSS, KEV, Mirror, amazon, gzip, osv, zip};
use super::place::{Place, digest};
use crate::binary::finish;
use crate::data;
use crate::stage::expect;

/// Packs of OSV records with the ecosystem that serves them: which one does not matter, a record names its own.
const SMALL: [(&str, &str); 5] = [
    ("rustsec", "crates.io"),
    ("go", "Go"),
    ("almalinux-osv", "AlmaLinux"),
    ("rocky-osv", "Rocky%20Linux"),
    ("malicious-npm-sample", "npm"),
];
const LARGE: [(&str, &str); 6] = [
    ("ghsa", "Maven"),
    ("pypa", "PyPI"),
    ("debian-osv", "Debian"),
    ("redhat-osv", "Red%20Hat"),
    ("suse-osv-sample", "SUSE"),
    ("bitnami", "Bitnami"),
];
/// `SOURCE_DATE_EPOCH` of both builds: 2026-11-01.
const TIME: &str = "1793491200";

fn unpacked(file: &Path) -> impl Read {
    let file = fs_err::File::open(file).expect("a pack");
    let mut decoder = zstd::stream::read::Decoder::new(file).expect("zstd");
    decoder.window_log_max(27).expect("a window of 128 MiB");
    decoder
}

fn members(file: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(unpacked(file));
    let mut found = BTreeMap::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("a member");
        if entry.header().entry_type().is_file() {
            let name = entry.path().expect("a name").to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("content");
            found.insert(name, bytes);
        }
    }
    found
}

/// Serves the packs, fetches and builds; builds of the packs too, and compares.
fn compare(packs: &[(&str, &str)], beside: &[&str]) {
    let Some(shared) = data::directory() else {
        return;
    };
    let pack = |name: &str| -> PathBuf { shared.join("data/advisories").join(name) };
    let (place, mirror) = (Place::new(), Mirror::new());
    fs_err::create_dir(place.path("packs")).expect("a folder");
    let plain = |name: &str| {
        fs_err::copy(pack(name), place.path("packs").join(name)).expect("a copy");
    };
    let mut feeds = vec!["alpine", "amazon", "wolfi", "epss", "kev"];
    for (name, ecosystem) in packs {
        let file = format!("{name}.tar.zst");
        let records = members(&pack(&file));
        let records = records
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        mirror.file(&osv(ecosystem), &zip(records));
        feeds.push(match *ecosystem {
            "Rocky%20Linux" => "rocky",
            "Red%20Hat" => "redhat",
            "crates.io" => "crates.io",
            "npm" => "npm",
            "Go" => "go",
            "AlmaLinux" => "almalinux",
            "Maven" => "maven",
            "PyPI" => "pypi",
            "Debian" => "debian",
            "SUSE" => "suse",
            "Bitnami" => "bitnami",
            other => panic!("{other}"),
        });
        plain(&file);
    }

    let branches = members(&pack("alpine-secdb.tar.zst"));
    let links: String = branches
        .keys()
        .filter_map(|name| name.split_once('/'))
        .map(|(branch, _)| format!("<a href=\"{branch}/\">{branch}/</a>\n"))
        .collect();
    mirror.file(ALPINE, links.as_bytes());
    for (name, bytes) in &branches {
        mirror.file(&format!("{ALPINE}{name}"), bytes);
    }
    plain("alpine-secdb.tar.zst");

    let repositories = members(&pack("amazon-sample.tar.zst"));
    let repositories: Vec<_> = repositories
        .iter()
        .enumerate()
        .map(|(number, (_, bytes))| (format!("pack{number}"), gzip(bytes)))
        .collect();
    amazon(&mirror, &repositories);
    plain("amazon-sample.tar.zst");

    let wolfi = members(&pack("wolfi-chainguard.tar.zst"));
    let wolfi = &wolfi["secdb/os/security.json"];
    mirror.file("packages.wolfi.dev/os/security.json", wolfi);
    fs_err::write(place.path("packs/security.json"), wolfi).expect("a copy");

    let mut scores = Vec::new();
    unpacked(&pack("epss.csv.zst"))
        .read_to_end(&mut scores)
        .expect("the scores");
    mirror.file(EPSS, &gzip(&scores));
    plain("epss.csv.zst");
    mirror.file(KEV, &fs_err::read(pack("kev.json")).expect("the catalogue"));
    plain("kev.json");

    let url = mirror.url();
    let mut arguments = vec!["db", "fetch", "fetched", "--mirror", &url];
    for feed in &feeds {
        arguments.extend(["--feed", feed]);
    }
    let run = place.run(&arguments);
    expect(&run, 0);
    // Alpine's documents, Amazon's repositories with three empty ones, and a file for each other feed.
    let files = branches.len() + repositories.len() + 3 + feeds.len() - 2;
    assert_eq!(run.stdout.lines().count(), files, "{}", run.stdout);
    // What no publisher has in this form lies beside.
    for name in beside {
        plain(name);
        fs_err::copy(pack(name), place.path("fetched").join(name)).expect("a copy");
    }
    let build = |folder: &str, to: &str| {
        digest(&finish(
            place
                .command(&["db", "build", folder, "-o", to])
                .env("SOURCE_DATE_EPOCH", TIME),
        ))
    };
    assert_eq!(build("fetched", "one"), build("packs", "two"));
}

#[test]
fn a_fetched_database_is_that_of_the_files() {
    compare(&SMALL, &[]);
}

#[test]
#[ignore = "builds of all packs twice, some minutes without optimisation: `cargo test -- --ignored`"]
fn a_fetched_database_of_everything_is_that_of_the_files() {
    let all: Vec<_> = SMALL.into_iter().chain(LARGE).collect();
    compare(&all, &["ubuntu-sample.tar.zst"]);
}
