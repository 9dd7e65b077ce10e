//! Trust roots, signing configurations and keys, from the files that the user names or from the copies that the binary carries.

use std::path::Path;

use toolkit_attest::{PublicKey, SigningConfig, TrustRoot};

use super::input::read_file;
use crate::error::{Error, Result};

/// Bytes of a trust root or signing configuration that are read: the public instance's are below 10 KiB.
pub(super) const TRUST_SIZE: u64 = 16 << 20;

/// Bytes of a key file that are read: a P-256 key in PEM is below 1 KiB.
pub(super) const KEY_SIZE: u64 = 64 << 10;

/// Loads the trust root of this file, or the embedded one of public Sigstore.
///
/// # Errors
/// [`Error::TrustRootFile`] where the file cannot be read, [`Error::Attest`] where it cannot be used.
pub(crate) fn trust_root(path: Option<&Path>) -> Result<TrustRoot> {
    let Some(path) = path else {
        tracing::info!(from = "this program", "trust root");
        return Ok(TrustRoot::embedded_public()?);
    };
    trust_root_of(path, read_file(path, TRUST_SIZE))
}

/// Makes a trust root of what was read from this file.
///
/// # Errors
/// As [`trust_root`].
pub(super) fn trust_root_of(path: &Path, read: Result<Vec<u8>>) -> Result<TrustRoot> {
    tracing::info!(from = %path.display(), "trust root");
    let bytes = read.map_err(|source| Error::TrustRootFile {
        source: Box::new(source),
    })?;
    Ok(TrustRoot::from_json(&bytes, path.display().to_string())?)
}

/// Loads the signing configuration of this file, or the embedded one of public Sigstore.
///
/// # Errors
/// [`Error::Read`] where the file cannot be read, [`Error::Attest`] where it cannot be used.
pub(crate) fn signing_config(path: Option<&Path>) -> Result<SigningConfig> {
    let Some(path) = path else {
        return Ok(SigningConfig::embedded_public()?);
    };
    Ok(SigningConfig::from_json(
        &read_file(path, TRUST_SIZE)?,
        path.display().to_string(),
    )?)
}

/// Loads a public key.
///
/// # Errors
/// [`Error::Read`] where the file cannot be read, [`Error::KeyFile`] where it holds another kind of key.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey> {
    PublicKey::from_pem(&key_text(path)?).map_err(|source| Error::KeyFile {
        path: path.to_path_buf(),
        source,
    })
}

/// Reads a key file's text.
///
/// # Errors
/// [`Error::Read`] where the file cannot be read, [`Error::KeyFile`] where it is no text, as a key in DER is none.
pub(crate) fn key_text(path: &Path) -> Result<String> {
    String::from_utf8(read_file(path, KEY_SIZE)?).map_err(|error| Error::KeyFile {
        path: path.to_path_buf(),
        source: toolkit_attest::Error::Key {
            expected: "an ECDSA P-256 key in PEM",
            found: format!("no text: {}", error.utf8_error()),
        },
    })
}
