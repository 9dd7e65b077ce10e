//! Public keys to verify with, and the hint by which a bundle names one.
//!
//! Only ECDSA P-256 is accepted: the engine verifies no other kind on both log versions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use sigstore_types::DerPublicKey;

use crate::{Error, Result};

/// A P-256 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: DerPublicKey,
}

/// The 26 bytes that begin every P-256 `SubjectPublicKeyInfo` with an uncompressed point (RFC 5480 §2.1.1, §2.2).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Prefix, the byte 4 of an uncompressed point, and two coordinates of 32 bytes.
const P256_SPKI: usize = 26 + 65;

impl PublicKey {
    /// Parses a PEM block `PUBLIC KEY` (`SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`Error::Key`] for other PEM blocks and other kinds of key.
    pub fn from_pem(pem: &str) -> Result<Self> {
        const EXPECTED: &str = "an ECDSA P-256 public key as PEM block `PUBLIC KEY`";
        let bad = |found: String| Error::Key {
            expected: EXPECTED,
            found,
        };
        let label = pem
            .trim()
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.split_once("-----"))
            .map(|(label, _)| label)
            .ok_or_else(|| bad("no PEM block".to_owned()))?;
        if label != "PUBLIC KEY" {
            return Err(bad(format!("PEM block `{label}`")));
        }
        let spki = DerPublicKey::from_pem(pem.trim()).map_err(|error| bad(error.to_string()))?;
        Self::from_spki(spki)
    }

    pub(crate) fn from_spki(spki: DerPublicKey) -> Result<Self> {
        const EXPECTED: &str = "an ECDSA P-256 public key with an uncompressed point";
        if spki.as_bytes().len() == P256_SPKI && spki.as_bytes().starts_with(&P256_PREFIX) {
            Ok(Self { spki })
        } else {
            let found = format!("another kind of key ({} bytes)", spki.as_bytes().len());
            Err(Error::Key {
                expected: EXPECTED,
                found,
            })
        }
    }

    /// Returns the hint by which bundles name this key: base64 of the SHA-256 of the `SubjectPublicKeyInfo`, as cosign's.
    #[must_use]
    pub fn hint(&self) -> String {
        STANDARD.encode(Sha256::digest(self.spki.as_bytes()))
    }

    /// Returns the SHA-256 of the `SubjectPublicKeyInfo` in lower-case hexadecimal.
    #[must_use]
    pub fn spki_sha256(&self) -> String {
        hex::encode(Sha256::digest(self.spki.as_bytes()))
    }

    /// Returns the key as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        // The encoder ends lines with CR LF.
        self.spki.to_pem().replace("\r\n", "\n")
    }

    pub(crate) fn spki(&self) -> &DerPublicKey {
        &self.spki
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", self.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 6979 §A.2.5's key.
    const P256: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\nYfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n12zCU2pgvGNpg==\n-----END PUBLIC KEY-----\n";
    // RFC 8410 §10.1's Ed25519 key.
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn hint_is_the_digest_of_the_spki() {
        let key = PublicKey::from_pem(P256).unwrap();
        assert_eq!(key.to_pem().trim(), P256.trim());
        let digest = hex::decode(key.spki_sha256()).unwrap();
        assert_eq!(STANDARD.decode(key.hint()).unwrap(), digest);
    }

    #[test]
    fn other_keys_say_so() {
        let expected = "an ECDSA P-256 public key with an uncompressed point";
        assert_eq!(
            PublicKey::from_pem(ED25519).unwrap_err(),
            Error::Key {
                expected,
                found: "another kind of key (44 bytes)".into()
            }
        );
        for (pem, expected) in [
            ("x", "no PEM block"),
            (
                "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----",
                "PEM block `PRIVATE KEY`",
            ),
        ] {
            assert!(
                matches!(PublicKey::from_pem(pem), Err(Error::Key { found, .. }) if found == expected)
            );
        }
    }
}
