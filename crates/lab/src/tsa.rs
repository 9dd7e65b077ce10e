//! The timestamp authority: RFC 3161 over HTTP, tokens as CMS SignedData (RFC 5652) with ESSCertIDv2 (RFC 5816).
//!
//! Only SHA-256 imprints are stamped. Times are whole seconds: `sigstore-tsa` refuses fractions.

use std::sync::Arc;

use crate::{
    clock::Clock,
    der,
    error::{Malformed, Result},
    faults::{Faults, TsaFault},
    http::{Handler, Reply, Request},
    keys::{EcdsaKey, pem, random, sha256},
    x509::{self, Authority, Draft},
};

const PATH: &str = "/api/v1/timestamp";
/// The purpose timeStamping of extKeyUsage (RFC 3161 §2.3).
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
/// id-ct-TSTInfo (RFC 3161 §2.4.2).
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
/// The policy of Sigstore's timestamp authority.
const POLICY: &str = "1.3.6.1.4.1.57264.2";

pub(crate) struct Tsa {
    root: Authority,
    key: EcdsaKey,
    certificate: Vec<u8>,
    serial: [u8; 16],
    clock: Arc<Clock>,
    faults: Arc<Faults>,
}

/// What a client asks to have stamped.
struct Query<'a> {
    imprint: &'a [u8],
    sha256: bool,
    nonce: Option<Vec<u8>>,
    certificate: bool,
}

impl<'a> Query<'a> {
    fn parse(bytes: &'a [u8]) -> std::result::Result<Self, Malformed> {
        let mut parts = der::Reader::new(der::Reader::new(bytes).expect(der::SEQUENCE)?.content);
        parts.expect(der::INTEGER)?;
        let imprint = parts.expect(der::SEQUENCE)?;
        let mut fields = der::Reader::new(imprint.content);
        let algorithm = der::Reader::new(fields.expect(der::SEQUENCE)?.content)
            .expect(der::OBJECT_IDENTIFIER)?;
        let digest = fields.expect(der::OCTET_STRING)?.content;
        let mut query = Self {
            imprint: imprint.raw,
            sha256: algorithm.raw == der::oid(SHA256) && digest.len() == 32,
            nonce: None,
            certificate: false,
        };
        while !parts.is_empty() {
            let part = parts.any()?;
            match part.tag {
                der::INTEGER => query.nonce = Some(part.raw.to_vec()),
                der::BOOLEAN => query.certificate = part.content.iter().any(|byte| *byte != 0),
                _ => {} // reqPolicy and extensions change nothing here
            }
        }
        Ok(query)
    }
}

impl Tsa {
    pub(crate) fn new(clock: Arc<Clock>, faults: Arc<Faults>) -> Result<Self> {
        let root = Authority::root("toolkit lab", "timestamp root")?;
        let key = EcdsaKey::generate()?;
        let serial = x509::serial()?;
        let draft = Draft {
            issuer: &root.name,
            subject: &x509::name("toolkit lab", "timestamp authority"),
            not_before: x509::EPOCH,
            not_after: x509::END,
            spki: key.spki(),
            serial,
            extensions: vec![
                x509::signer_usage(),
                // Critical and alone (RFC 3161 §2.3).
                x509::extended_key_usage(TIME_STAMPING, true),
                x509::subject_key_id(key.spki()),
                x509::authority_key_id(root.key.spki()),
            ],
        };
        let certificate = draft.sign(&root.key);
        Ok(Self {
            root,
            key,
            certificate,
            serial,
            clock,
            faults,
        })
    }

    /// Returns the certificates from the authority's up to the root.
    pub(crate) fn chain(&self) -> [&[u8]; 2] {
        [&self.certificate, &self.root.certificate]
    }

    fn stamp(&self, body: &[u8]) -> Result<Reply> {
        let query = match Query::parse(body) {
            Ok(query) => query,
            Err(error) => return Ok(Reply::problem(400, error.0)),
        };
        // PKIFailureInfo badAlg is bit 0, systemFailure bit 25 (RFC 3161 §2.4.2).
        let reply = if !query.sha256 {
            rejection(&[7, 0x80])
        } else if self.faults.tsa().is_due(&TsaFault::Rejected) {
            rejection(&[6, 0, 0, 0, 0x40])
        } else {
            der::sequence(&[&der::sequence(&[&der::integer(&[0])]), &self.token(&query)?])
        };
        Ok(Reply::new(201, "application/timestamp-reply", reply))
    }

    fn token(&self, query: &Query<'_>) -> Result<Vec<u8>> {
        let info = self.info(query)?;
        let attribute = |oid: &str, value: Vec<u8>| {
            der::sequence(&[&der::oid(oid), &der::element(der::SET, &value)])
        };
        // The default hash algorithm of ESSCertIDv2 is SHA-256 and then left out (RFC 5035 §4).
        let certificate_id =
            der::sequence(&[&der::element(der::OCTET_STRING, &sha256(&self.certificate))]);
        let attributes = der::sorted(vec![
            attribute("1.2.840.113549.1.9.3", der::oid(TST_INFO)),
            attribute(
                "1.2.840.113549.1.9.4",
                der::element(der::OCTET_STRING, &sha256(&info)),
            ),
            attribute(
                "1.2.840.113549.1.9.5",
                der::certificate_time(self.clock.now()),
            ),
            attribute(
                "1.2.840.113549.1.9.16.2.47",
                der::sequence(&[&der::sequence(&[&certificate_id])]),
            ),
        ]);
        // Signed under the tag of a SET, sent under [0] (RFC 5652 §5.4).
        let signature = self.key.sign(&der::element(der::SET, &attributes));
        let sha256_identifier = der::sequence(&[&der::oid(SHA256)]);
        let signer = der::sequence(&[
            &der::integer(&[1]),
            &der::sequence(&[&self.root.name, &der::integer(&self.serial)]),
            &sha256_identifier,
            &der::element(0xa0, &attributes),
            &x509::ecdsa_with_sha256(),
            &der::element(der::OCTET_STRING, &signature),
        ]);
        let certificates = if query.certificate {
            der::element(0xa0, &self.certificate)
        } else {
            Vec::new()
        };
        let content = der::explicit(0, &der::element(der::OCTET_STRING, &info));
        let signed = der::sequence(&[
            &der::integer(&[3]),
            &der::element(der::SET, &sha256_identifier),
            &der::sequence(&[&der::oid(TST_INFO), &content]),
            &certificates,
            &der::element(der::SET, &signer),
        ]);
        Ok(der::sequence(&[
            &der::oid("1.2.840.113549.1.7.2"),
            &der::explicit(0, &signed),
        ]))
    }

    /// Encodes the TSTInfo.
    fn info(&self, query: &Query<'_>) -> Result<Vec<u8>> {
        let faults = self.faults.tsa();
        let offset = faults.due(|fault| match fault {
            TsaFault::Offset(offset) => Some(*offset),
            _ => None,
        });
        let now = self.clock.now();
        let time = now.checked_add(offset.unwrap_or_default()).unwrap_or(now);
        let mut imprint = query.imprint.to_vec();
        if faults.is_due(&TsaFault::WrongImprint)
            && let Some(last) = imprint.last_mut()
        {
            *last ^= 1;
        }
        let mut nonce = query.nonce.clone().unwrap_or_default();
        if faults.is_due(&TsaFault::WrongNonce) {
            nonce = der::integer(&random::<8>()?);
        }
        let accuracy = der::sequence(&[&der::integer(&[1])]);
        Ok(der::sequence(&[
            &der::integer(&[1]),
            &der::oid(POLICY),
            &imprint,
            &der::integer(&x509::serial()?),
            &der::generalized_time(time),
            &accuracy,
            &nonce,
        ]))
    }
}

/// Encodes a response without a token, with the content of its PKIFailureInfo bit string.
fn rejection(failure: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::sequence(&[
        &der::integer(&[2]),
        &der::element(der::BIT_STRING, failure),
    ])])
}

impl Handler for Tsa {
    fn handle(&self, request: &Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", PATH) => {
                let faults = self.faults.tsa();
                let status = faults.due(|fault| match fault {
                    TsaFault::Status(status) => Some(*status),
                    _ => None,
                });
                let stall = faults.due(|fault| match fault {
                    TsaFault::Stall(time) => Some(*time),
                    _ => None,
                });
                let mut reply = match status {
                    Some(status) => Reply::problem(status, "failing on demand"),
                    None => self
                        .stamp(&request.body)
                        .unwrap_or_else(|error| Reply::problem(500, &error.to_string())),
                };
                reply.delay = stall.unwrap_or_default();
                reply
            }
            ("GET", "/api/v1/timestamp/certchain") => {
                let chain: String = self
                    .chain()
                    .iter()
                    .map(|der| pem("CERTIFICATE", der))
                    .collect();
                Reply::new(200, "application/pem-certificate-chain", chain)
            }
            _ => Reply::problem(404, "no such resource"),
        }
    }
}
