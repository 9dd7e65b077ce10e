//! What both transparency logs share: the entries of a Merkle tree and the signature that an entry must carry.
//!
//! It knows neither API; `rekor_v1` and `rekor_v2` do.

use crate::{
    error::Malformed,
    keys::{PublicKey, pem, read_pem},
    merkle::{self, Hash, Tree},
    x509,
};

/// One logged body.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) body: String,
    pub(crate) leaf: Hash,
    /// The time of logging, in seconds since 1970.
    pub(crate) time: i64,
}

/// An append-only log.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) tree: Tree,
    pub(crate) entries: Vec<Entry>,
}

/// An entry's place in the log as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Inclusion {
    pub(crate) index: usize,
    pub(crate) size: usize,
    pub(crate) root: Hash,
    pub(crate) hashes: Vec<Hash>,
}

impl Log {
    /// Returns the index of a body that is logged already.
    pub(crate) fn position(&self, body: &str) -> Option<usize> {
        let leaf = merkle::leaf_hash(body.as_bytes());
        self.entries.iter().position(|entry| entry.leaf == leaf)
    }

    pub(crate) fn append(&mut self, body: String, time: i64) -> usize {
        let leaf = merkle::leaf_hash(body.as_bytes());
        self.entries.push(Entry { body, leaf, time });
        self.tree.append(leaf)
    }

    pub(crate) fn inclusion(&self, index: usize) -> Inclusion {
        let size = self.tree.size();
        Inclusion {
            index,
            size,
            root: self.tree.root(size),
            hashes: self.tree.inclusion_proof(index, size),
        }
    }
}

impl Inclusion {
    /// Makes the proof wrong: a changed hash, or one too many where there is none.
    pub(crate) fn spoil(&mut self) {
        match self.hashes.first_mut() {
            Some(hash) => hash[0] ^= 1,
            None => self.hashes.push([0; 32]),
        }
    }
}

/// What verifies an entry's signature.
pub(crate) struct Verifier {
    pub(crate) key: PublicKey,
    /// The certificate or key in DER, and its PEM label.
    pub(crate) der: Vec<u8>,
    pub(crate) label: &'static str,
}

impl Verifier {
    pub(crate) fn from_certificate(der: Vec<u8>) -> Result<Self, Malformed> {
        Ok(Self {
            key: x509::public_key(&der)?,
            der,
            label: "CERTIFICATE",
        })
    }

    pub(crate) fn from_key(der: Vec<u8>) -> Result<Self, Malformed> {
        Ok(Self {
            key: PublicKey::from_spki(&der)?,
            der,
            label: "PUBLIC KEY",
        })
    }

    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, Malformed> {
        let (label, der) = read_pem(text)?;
        match label.as_str() {
            "CERTIFICATE" => Self::from_certificate(der),
            "PUBLIC KEY" => Self::from_key(der),
            _ => Err(Malformed(
                "the verifier is neither a certificate nor a public key",
            )),
        }
    }

    /// Returns the PEM that the log keeps, whatever line ends the client sent.
    pub(crate) fn canonical_pem(&self) -> String {
        pem(self.label, &self.der)
    }
}
