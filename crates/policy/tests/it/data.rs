//! Bundles of the public Sigstore instance, verified: the only way to a `Verified`.

use std::path::PathBuf;

use toolkit_attest::{Artifact, Bundle, Limits, TrustRoot, Verified, verify};
use toolkit_oci::Digest;

use crate::faults::now;

/// Yields the folder of real data; without it tests that need it are skipped, but never in CI.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test, not the crate, asks where its data is, and says that it was skipped"
)]
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TOOLKIT_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "TOOLKIT_TEST_DATA is not set in CI"
        );
        eprintln!("skipped: TOOLKIT_TEST_DATA is not set");
    }
    folder
}

/// A bundle with what it is about.
pub(crate) struct Real {
    pub(crate) subject: Digest,
    pub(crate) verified: Verified,
}

/// Verifies a bundle of the folder for its first subject.
pub(crate) fn real(folder: &std::path::Path, name: &str) -> Real {
    let sigstore = folder.join("data/sigstore");
    let root =
        fs_err::read(sigstore.join("trust/public-good/trusted_root.json")).expect("the trust root");
    let root = TrustRoot::from_json(&root, "public-good").expect("the trust root is valid");
    let bytes = fs_err::read(sigstore.join("bundles").join(name)).expect("the bundle");
    let bundle = Bundle::from_bytes(bytes, &Limits::default()).expect("the bundle is one");
    let statement = bundle
        .unverified_statement(&Limits::default())
        .expect("it holds a statement");
    let subject = statement.subjects()[0]
        .digest()
        .expect("its subject has a digest");
    let verified =
        verify(&bundle, &Artifact::Digest(&subject), &root, &[], now()).expect("it verifies");
    Real { subject, verified }
}
