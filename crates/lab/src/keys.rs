//! The keys of the lab's services, made anew at every start and kept in memory only; PEM and SubjectPublicKeyInfo (RFC 5480, RFC 8410).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use p256::ecdsa::{
    self,
    signature::{Keypair as _, SignatureEncoding as _, Verifier as _},
};
use p256::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use sha2::{Digest as _, Sha256};

use crate::{
    der,
    error::{Error, Malformed, Result},
};

/// Returns the SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Returns random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

/// An ECDSA P-256 key that signs with SHA-256.
pub(crate) struct EcdsaKey {
    key: ecdsa::SigningKey,
    spki: Vec<u8>,
}

impl EcdsaKey {
    pub(crate) fn generate() -> Result<Self> {
        loop {
            // Of 2^256 values all but about 2^224 are private keys of P-256, so this does not go round.
            if let Ok(key) = ecdsa::SigningKey::from_slice(&random::<32>()?)
                && let Ok(document) = key.verifying_key().to_public_key_der()
            {
                return Ok(Self {
                    key,
                    spki: document.into_vec(),
                });
            }
        }
    }

    /// Signs a message and returns the DER form of the signature.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: ecdsa::Signature = self.key.sign(message);
        signature.to_der().as_bytes().to_vec()
    }

    /// Returns the DER SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }
}

/// An Ed25519 key.
pub(crate) struct Ed25519Key {
    key: ed25519_dalek::SigningKey,
}

impl Ed25519Key {
    pub(crate) fn generate() -> Result<Self> {
        Ok(Self {
            key: ed25519_dalek::SigningKey::from_bytes(&random()?),
        })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Returns the DER SubjectPublicKeyInfo (RFC 8410 §4).
    pub(crate) fn spki(&self) -> Vec<u8> {
        der::sequence(&[
            &der::sequence(&[&der::oid("1.3.101.112")]),
            &der::bits(&self.public()),
        ])
    }
}

/// A client's P-256 public key.
#[derive(Clone)]
pub(crate) struct PublicKey {
    key: ecdsa::VerifyingKey,
    spki: Vec<u8>,
}

impl PublicKey {
    pub(crate) fn from_spki(der: &[u8]) -> std::result::Result<Self, Malformed> {
        let key = ecdsa::VerifyingKey::from_public_key_der(der)
            .map_err(|_| Malformed("public key is not ECDSA P-256"))?;
        Ok(Self {
            key,
            spki: der.to_vec(),
        })
    }

    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns whether a DER signature is of this key over the SHA-256 of the message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ecdsa::Signature::from_der(signature)
            .is_ok_and(|signature| self.key.verify(message, &signature).is_ok())
    }

    /// Returns whether a DER signature is of this key over a SHA-256 digest.
    pub(crate) fn verifies_digest(&self, digest: &[u8], signature: &[u8]) -> bool {
        use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
        digest.len() == 32
            && ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| self.key.verify_prehash(digest, &signature).is_ok())
    }
}

/// An RSA key of 2048 bits that signs with PKCS#1 v1.5 and SHA-256, as identity providers do (`RS256`, RFC 7518 §3.3).
pub(crate) struct RsaKey {
    key: rsa::pkcs1v15::SigningKey<Sha256>,
}

impl RsaKey {
    pub(crate) fn generate() -> Result<Self> {
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, 2048).map_err(Error::Rsa)?;
        Ok(Self {
            key: rsa::pkcs1v15::SigningKey::new(key),
        })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_vec()
    }

    /// Returns whether a signature is of this key.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = self.key.verifying_key();
        rsa::pkcs1v15::Signature::try_from(signature)
            .is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }

    /// Returns the modulus and the exponent in big-endian bytes, for a JSON Web Key.
    pub(crate) fn components(&self) -> (Vec<u8>, Vec<u8>) {
        use rsa::traits::PublicKeyParts as _;
        let key: &rsa::PrivateKey = self.key.as_ref();
        let trim = |bytes: Box<[u8]>| {
            bytes
                .iter()
                .copied()
                .skip_while(|byte| *byte == 0)
                .collect()
        };
        (trim(key.n().to_be_bytes()), trim(key.e().to_be_bytes()))
    }
}

/// Writes PEM with LF and 64 columns (RFC 7468 §2), the one form that the logs keep.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Reads the first PEM block: its label and its bytes.
pub(crate) fn read_pem(text: &[u8]) -> std::result::Result<(String, Vec<u8>), Malformed> {
    let text = std::str::from_utf8(text).map_err(|_| Malformed("PEM is not UTF-8"))?;
    let (_, after) = text
        .split_once("-----BEGIN ")
        .ok_or(Malformed("PEM has no begin line"))?;
    let (label, after) = after
        .split_once("-----")
        .ok_or(Malformed("PEM has no whole begin line"))?;
    let (body, _) = after
        .split_once(&format!("-----END {label}-----"))
        .ok_or(Malformed("PEM has no end line"))?;
    let body: String = body
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .collect();
    let bytes = STANDARD
        .decode(body)
        .map_err(|_| Malformed("PEM body is not base64"))?;
    Ok((label.to_owned(), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_verify_and_changed_messages_do_not() {
        let key = EcdsaKey::generate().expect("a key");
        let public = PublicKey::from_spki(key.spki()).expect("its public key");
        assert!(public.verifies(b"message", &key.sign(b"message")));
        assert!(!public.verifies(b"massage", &key.sign(b"message")));
        assert!(public.verifies_digest(&sha256(b"message"), &key.sign(b"message")));
        assert!(!public.verifies_digest(&sha256(b"massage"), &key.sign(b"message")));
        let other = EcdsaKey::generate().expect("another key");
        assert!(!public.verifies(b"message", &other.sign(b"message")));
    }

    #[test]
    fn pem_round_trips_with_either_line_end() {
        let written = pem("PUBLIC KEY", &[5; 91]);
        assert!(written.lines().all(|line| line.len() <= 64) && !written.contains('\r'));
        for text in [written.clone(), written.replace('\n', "\r\n")] {
            assert_eq!(
                read_pem(text.as_bytes()),
                Ok(("PUBLIC KEY".to_owned(), vec![5; 91]))
            );
        }
        assert!(read_pem(&written.as_bytes()[..60]).is_err());
    }
}
