//! The shared test data: found by one variable, said loudly when absent.

use std::path::PathBuf;

use jiff::Timestamp;
use toolkit_attest::{Bundle, Limits, Refusal, TrustRoot};

/// Returns the folder of Sigstore data, or `None` where the variable is not set (which fails in CI).
pub(crate) fn sigstore() -> Option<PathBuf> {
    match std::env::var_os("TOOLKIT_TEST_DATA") {
        Some(path) => Some(PathBuf::from(path).join("data/sigstore")),
        None => {
            assert!(
                std::env::var_os("CI").is_none(),
                "TOOLKIT_TEST_DATA is not set"
            );
            eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
            None
        }
    }
}

pub(crate) fn json(path: PathBuf) -> serde_json::Value {
    let bytes = fs_err::read(path).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

pub(crate) fn root(path: impl Into<PathBuf>) -> toolkit_attest::Result<TrustRoot> {
    let path = path.into();
    TrustRoot::from_json(&fs_err::read(&path).unwrap(), path.display().to_string())
}

pub(crate) fn bundle(bytes: Vec<u8>) -> Result<Bundle, Refusal> {
    Bundle::from_bytes(bytes, &Limits::default())
}

/// The day the data was collected; all of it was signed before.
pub(crate) fn collected() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}
