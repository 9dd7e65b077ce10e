//! Who made a verified signature.

use serde::Serialize;

use crate::{CertificateFacts, PublicKey};

/// The signer of a verified bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Signer {
    /// The holder of a short-lived certificate.
    Certificate(Box<CertificateFacts>),
    /// The holder of a managed key.
    Key {
        /// The key's hint, see [`PublicKey::hint`].
        hint: String,
        /// SHA-256 of the key's `SubjectPublicKeyInfo`, lower-case hexadecimal.
        spki_sha256: String,
    },
}

impl Signer {
    /// Makes the signer of a managed key.
    #[must_use]
    pub fn key(key: &PublicKey) -> Self {
        Self::Key {
            hint: key.hint(),
            spki_sha256: key.spki_sha256(),
        }
    }

    /// Returns the certificate's facts, where there is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&CertificateFacts> {
        match self {
            Self::Certificate(facts) => Some(facts),
            Self::Key { .. } => None,
        }
    }

    /// Returns a name that is equal for the same signer and different for others: issuer and SAN, or the key's hint.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Certificate(facts) => format!("{} {}", facts.issuer, facts.san),
            Self::Key { hint, .. } => format!("key {hint}"),
        }
    }
}
