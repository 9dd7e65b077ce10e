//! The advisory packs of the test data: archives of real records.

use std::io::Read;
use std::path::PathBuf;

/// The OSV packs and how many records each holds, those under `withdrawn-undated/` left out.
pub(crate) const OSV: [(&str, usize); 11] = [
    ("ghsa", 20_941),
    ("pypa", 7_080),
    ("go", 4_291),
    ("rustsec", 1_206),
    ("malicious-npm-sample", 2_000),
    ("debian-osv", 44_152),
    ("almalinux-osv", 5_680),
    ("rocky-osv", 1_491),
    ("redhat-osv", 15_175),
    ("suse-osv-sample", 2_880),
    ("bitnami", 7_444),
];

/// Returns the folder of the test data, or says that the test is skipped.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn data(folder: &str) -> Option<PathBuf> {
    match std::env::var_os("TOOLKIT_TEST_DATA") {
        Some(data) => Some(PathBuf::from(data).join("data").join(folder)),
        None if std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) => {
            panic!("TOOLKIT_TEST_DATA is not set")
        }
        None => {
            eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
            None
        }
    }
}

/// Hands every regular member of a pack to `each`, by name.
pub(crate) fn members(pack: &str, mut each: impl FnMut(&str, &[u8])) -> bool {
    let Some(folder) = data("advisories") else {
        return false;
    };
    let file = fs_err::File::open(folder.join(format!("{pack}.tar.zst"))).expect("a pack");
    let mut decoder = zstd::stream::read::Decoder::new(file).expect("zstd");
    decoder.window_log_max(27).expect("a window of 128 MiB");
    let mut bytes = Vec::new();
    for entry in tar::Archive::new(decoder).entries().expect("an archive") {
        let mut entry = entry.expect("a member");
        if entry.header().entry_type().is_file() {
            let name = entry.path().expect("a name").to_string_lossy().into_owned();
            bytes.clear();
            entry.read_to_end(&mut bytes).expect("content");
            each(&name, &bytes);
        }
    }
    true
}
