//! The certificate transparency log, as far as its signed certificate timestamps go (RFC 6962 §3.2, §3.3).
//!
//! It keeps no tree and serves nothing: verifiers of certificates check the timestamp only.

use jiff::Timestamp;

use crate::{
    der,
    error::Result,
    keys::{EcdsaKey, sha256},
    x509,
};

pub(crate) struct CtLog {
    key: EcdsaKey,
}

impl CtLog {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            key: EcdsaKey::generate()?,
        })
    }

    pub(crate) fn spki(&self) -> &[u8] {
        self.key.spki()
    }

    /// Returns the extension that embeds the log's timestamp over a precertificate's TBSCertificate.
    pub(crate) fn embedded(&self, tbs: &[u8], issuer_spki: &[u8], time: Timestamp) -> Vec<u8> {
        let time = (time.as_millisecond() as u64).to_be_bytes();
        let signed = [
            [0, 0].as_slice(), // v1, certificate_timestamp
            &time,
            &[0, 1], // precert_entry
            &sha256(issuer_spki),
            &(tbs.len() as u32).to_be_bytes()[1..],
            tbs,
            &[0, 0], // no extensions
        ]
        .concat();
        let signature = self.key.sign(&signed);
        let timestamp = [
            [0].as_slice(), // v1
            &sha256(self.key.spki()),
            &time,
            &[0, 0],
            &[4, 3], // SHA-256, ECDSA (RFC 5246 §7.4.1.4.1)
            &(signature.len() as u16).to_be_bytes(),
            &signature,
        ]
        .concat();
        let one = [
            &(timestamp.len() as u16).to_be_bytes(),
            timestamp.as_slice(),
        ]
        .concat();
        let list = [&(one.len() as u16).to_be_bytes(), one.as_slice()].concat();
        x509::extension(
            "1.3.6.1.4.1.11129.2.4.2",
            false,
            &der::element(der::OCTET_STRING, &list),
        )
    }
}
