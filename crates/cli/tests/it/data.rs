//! The large test data that lives outside of the repository.

use std::path::PathBuf;

/// Returns the directory that `TOOLKIT_TEST_DATA` names; without it a test says so and passes by hand, and fails in CI.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn directory() -> Option<PathBuf> {
    let found = std::env::var_os("TOOLKIT_TEST_DATA").map(PathBuf::from);
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "TOOLKIT_TEST_DATA is not set in CI"
        );
        eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
    }
    found
}
