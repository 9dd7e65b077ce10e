//! Private keys: an ephemeral one, or a managed one from PEM. ECDSA P-256 only.
//!
//! Specification: PKCS#8 (RFC 5208) in PEM (RFC 7468 §10).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigstore_sign::crypto::KeyPair;
use sigstore_sign::types::SignatureBytes;

use crate::{Error, PublicKey, Result};

/// A P-256 private key. Its `Debug` shows the public key only.
pub struct SigningKey {
    pair: KeyPair,
    public: PublicKey,
}

const EXPECTED: &str = "an ECDSA P-256 private key as PEM block `PRIVATE KEY` (PKCS#8)";

impl SigningKey {
    /// Parses a managed key.
    ///
    /// # Errors
    /// [`Error::Key`] for other PEM blocks (encrypted keys and SEC 1 among them) and other kinds of key; its text holds no part
    /// of the key.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let bad = |found: &str| Error::Key {
            expected: EXPECTED,
            found: found.to_owned(),
        };
        let text = pem.trim();
        let label = text
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.split_once("-----"))
            .map(|(label, _)| label)
            .ok_or_else(|| bad("no PEM block"))?;
        if label != "PRIVATE KEY" {
            return Err(bad(&format!("PEM block `{label}`")));
        }
        let body = text
            .strip_prefix("-----BEGIN PRIVATE KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or_else(|| bad("a PEM block without end, or more than one"))?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(body)
            .map_err(|_| bad("a PEM block that is not base64"))?;
        let pair = KeyPair::from_pkcs8_der(&der).map_err(|_| bad("another kind of key"))?;
        Self::new(pair)
    }

    /// Makes an ephemeral key.
    pub(super) fn ephemeral() -> Result<Self> {
        Self::new(KeyPair::generate_ecdsa_p256().map_err(signing)?)
    }

    fn new(pair: KeyPair) -> Result<Self> {
        let public = PublicKey::from_spki(pair.public_key_der().map_err(signing)?)?;
        Ok(Self { pair, public })
    }

    /// Returns the public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn pair(&self) -> &KeyPair {
        &self.pair
    }

    /// Signs a message.
    pub(super) fn sign(&self, message: &[u8]) -> Result<SignatureBytes> {
        self.pair.sign(message).map_err(signing)
    }
}

pub(super) fn signing(error: impl std::fmt::Display) -> Error {
    Error::Signing {
        reason: error.to_string(),
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_keys_are_named() {
        let sec1 = "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----";
        let cosign = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAA==\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----";
        let empty = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----";
        for (pem, found) in [
            ("", "no PEM block"),
            (sec1, "PEM block `EC PRIVATE KEY`"),
            (cosign, "PEM block `ENCRYPTED SIGSTORE PRIVATE KEY`"),
            (
                "-----BEGIN PRIVATE KEY-----\nAA==",
                "a PEM block without end, or more than one",
            ),
            (empty, "another kind of key"),
        ] {
            assert_eq!(
                SigningKey::from_pem(pem).unwrap_err(),
                Error::Key {
                    expected: EXPECTED,
                    found: found.into()
                }
            );
        }
    }
}
