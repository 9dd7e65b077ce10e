//! Certificates and certification requests (RFC 5280, RFC 2986) as the lab's authorities need them.
//!
//! It builds and takes apart; it judges nothing but a request's own signature.

use jiff::Timestamp;

use crate::{
    der,
    error::{Malformed, Result},
    keys::{EcdsaKey, PublicKey, random, sha256},
};

/// The first moment of every long-lived certificate and key of the lab: before any offset that a test would choose.
pub(crate) const EPOCH: Timestamp = Timestamp::constant(1_577_836_800, 0); // 2020-01-01T00:00:00Z
/// The last moment of the lab's authorities.
pub(crate) const END: Timestamp = Timestamp::constant(2_493_072_000, 0); // 2049-01-01T00:00:00Z

/// A certificate before it is signed.
pub(crate) struct Draft<'a> {
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) spki: &'a [u8],
    pub(crate) serial: [u8; 16],
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Draft<'_> {
    /// Encodes the TBSCertificate.
    pub(crate) fn tbs(&self) -> Vec<u8> {
        der::sequence(&[
            &der::explicit(0, &der::integer(&[2])),
            &der::integer(&self.serial),
            &ecdsa_with_sha256(),
            self.issuer,
            &der::sequence(&[
                &der::certificate_time(self.not_before),
                &der::certificate_time(self.not_after),
            ]),
            self.subject,
            self.spki,
            &der::explicit(3, &der::element(der::SEQUENCE, &self.extensions.concat())),
        ])
    }

    /// Signs it and returns the certificate's DER.
    pub(crate) fn sign(&self, key: &EcdsaKey) -> Vec<u8> {
        let tbs = self.tbs();
        der::sequence(&[&tbs, &ecdsa_with_sha256(), &der::bits(&key.sign(&tbs))])
    }
}

/// Returns a positive serial number of 16 bytes.
pub(crate) fn serial() -> Result<[u8; 16]> {
    let mut serial = random::<16>()?;
    // Keeps the number positive and of full length (RFC 5280 §4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

/// Encodes the algorithm identifier of ECDSA with SHA-256 (RFC 5758 §3.2).
pub(crate) fn ecdsa_with_sha256() -> Vec<u8> {
    der::sequence(&[&der::oid("1.2.840.10045.4.3.2")])
}

/// Encodes a name of organization and common name.
pub(crate) fn name(organization: &str, common_name: &str) -> Vec<u8> {
    let part = |kind: &str, value: &str| {
        let pair = der::sequence(&[
            &der::oid(kind),
            &der::element(der::UTF8_STRING, value.as_bytes()),
        ]);
        der::element(der::SET, &pair)
    };
    der::sequence(&[
        &part("2.5.4.10", organization),
        &part("2.5.4.3", common_name),
    ])
}

/// Encodes one extension.
pub(crate) fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical {
        der::element(der::BOOLEAN, &[0xff])
    } else {
        Vec::new()
    };
    der::sequence(&[
        &der::oid(oid),
        &critical,
        &der::element(der::OCTET_STRING, value),
    ])
}

/// Encodes keyUsage; `bits` is the first byte of the bit string, `unused` its unused low bits.
pub(crate) fn key_usage(bits: u8, unused: u8) -> Vec<u8> {
    extension(
        "2.5.29.15",
        true,
        &der::element(der::BIT_STRING, &[unused, bits]),
    )
}

/// The key usage of a signer: digitalSignature.
pub(crate) fn signer_usage() -> Vec<u8> {
    key_usage(0x80, 7)
}

/// Encodes extKeyUsage with one purpose.
pub(crate) fn extended_key_usage(purpose: &str, critical: bool) -> Vec<u8> {
    extension("2.5.29.37", critical, &der::sequence(&[&der::oid(purpose)]))
}

/// Encodes subjectKeyIdentifier (RFC 7093 §2 method 1).
pub(crate) fn subject_key_id(spki: &[u8]) -> Vec<u8> {
    extension(
        "2.5.29.14",
        false,
        &der::element(der::OCTET_STRING, &sha256(spki)[..20]),
    )
}

/// Encodes authorityKeyIdentifier.
pub(crate) fn authority_key_id(spki: &[u8]) -> Vec<u8> {
    extension(
        "2.5.29.35",
        false,
        &der::sequence(&[&der::element(0x80, &sha256(spki)[..20])]),
    )
}

/// An authority: its key, its name and its certificate.
pub(crate) struct Authority {
    pub(crate) key: EcdsaKey,
    pub(crate) name: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

impl Authority {
    /// Makes a self-signed root.
    pub(crate) fn root(organization: &str, common_name: &str) -> Result<Self> {
        let key = EcdsaKey::generate()?;
        let name = name(organization, common_name);
        let draft = Self::draft(&name, &name, &key, &key, &[])?;
        let certificate = draft.sign(&key);
        Ok(Self {
            certificate,
            name,
            key,
        })
    }

    /// Makes an authority under this one, limited to one purpose of extKeyUsage.
    pub(crate) fn intermediate(
        &self,
        organization: &str,
        common_name: &str,
        purpose: &str,
    ) -> Result<Self> {
        let key = EcdsaKey::generate()?;
        let name = name(organization, common_name);
        let extra = [extended_key_usage(purpose, false)];
        let certificate = Self::draft(&self.name, &name, &self.key, &key, &extra)?.sign(&self.key);
        Ok(Self {
            certificate,
            name,
            key,
        })
    }

    fn draft<'a>(
        issuer: &'a [u8],
        subject: &'a [u8],
        by: &EcdsaKey,
        key: &'a EcdsaKey,
        extra: &[Vec<u8>],
    ) -> Result<Draft<'a>> {
        let self_signed = issuer == subject;
        let path_length = der::integer(&[u8::from(self_signed)]);
        let constraints = der::sequence(&[&der::element(der::BOOLEAN, &[0xff]), &path_length]);
        let mut extensions = vec![
            key_usage(0x06, 1), // keyCertSign and cRLSign
            extension("2.5.29.19", true, &constraints),
            subject_key_id(key.spki()),
            authority_key_id(by.spki()),
        ];
        extensions.extend_from_slice(extra);
        Ok(Draft {
            issuer,
            subject,
            not_before: EPOCH,
            not_after: END,
            spki: key.spki(),
            serial: serial()?,
            extensions,
        })
    }
}

/// Returns the public key of a certificate.
pub(crate) fn public_key(certificate: &[u8]) -> std::result::Result<PublicKey, Malformed> {
    let whole = der::Reader::new(certificate).expect(der::SEQUENCE)?;
    let mut tbs = der::Reader::new(
        der::Reader::new(whole.content)
            .expect(der::SEQUENCE)?
            .content,
    );
    if tbs.peek() == Some(0xa0) {
        tbs.any()?;
    }
    // serialNumber, signature, issuer, validity, subject
    for tag in [
        der::INTEGER,
        der::SEQUENCE,
        der::SEQUENCE,
        der::SEQUENCE,
        der::SEQUENCE,
    ] {
        tbs.expect(tag)?;
    }
    PublicKey::from_spki(tbs.expect(der::SEQUENCE)?.raw)
}

/// Returns the public key of a certification request whose own signature is right.
pub(crate) fn request_key(request: &[u8]) -> std::result::Result<PublicKey, Malformed> {
    let mut whole = der::Reader::new(der::Reader::new(request).expect(der::SEQUENCE)?.content);
    let info = whole.expect(der::SEQUENCE)?;
    whole.expect(der::SEQUENCE)?;
    let signature = whole.expect(der::BIT_STRING)?;
    let mut parts = der::Reader::new(info.content);
    parts.expect(der::INTEGER)?;
    parts.expect(der::SEQUENCE)?;
    let key = PublicKey::from_spki(parts.expect(der::SEQUENCE)?.raw)?;
    match signature.content.split_first() {
        Some((0, signature)) if key.verifies(info.raw, signature) => Ok(key),
        _ => Err(Malformed("the request's signature is not of its key")),
    }
}
