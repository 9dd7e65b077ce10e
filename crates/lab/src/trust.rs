//! The trusted root and the signing configurations of a lab, in the proto-JSON of Sigstore's protobuf-specs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::keys::sha256;

/// The API of a transparency log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RekorVersion {
    /// Rekor v1: entries carry a signed time.
    V1,
    /// Rekor v2: the time comes from the timestamp authority.
    V2,
}

/// What the two documents are made of.
pub(crate) struct Material<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) fulcio: &'a str,
    pub(crate) fulcio_chain: [&'a [u8]; 2],
    pub(crate) ct_spki: &'a [u8],
    pub(crate) rekor_v1: &'a str,
    pub(crate) rekor_v1_spki: &'a [u8],
    pub(crate) rekor_v2: &'a str,
    pub(crate) rekor_v2_spki: &'a [u8],
    pub(crate) rekor_v2_id: [u8; 32],
    pub(crate) tsa: &'a str,
    pub(crate) tsa_chain: [&'a [u8]; 2],
}

/// The beginning of all validity, the same as in the certificates.
const START: &str = "2020-01-01T00:00:00Z";

impl Material<'_> {
    /// Returns the trusted root, version 0.1.
    pub(crate) fn trusted_root(&self) -> Value {
        let log = |url: &str, spki: &[u8], details: &str, id: &[u8]| {
            json!({
                "baseUrl": url,
                "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": STANDARD.encode(spki), "keyDetails": details, "validFor": {"start": START}},
                "logId": {"keyId": STANDARD.encode(id)},
            })
        };
        let authority = |url: &str, name: &str, chain: &[&[u8]]| {
            let certificates: Vec<Value> = chain
                .iter()
                .map(|der| json!({"rawBytes": STANDARD.encode(der)}))
                .collect();
            json!({
                "subject": {"organization": "toolkit lab", "commonName": name},
                "uri": url,
                "certChain": {"certificates": certificates},
                "validFor": {"start": START},
            })
        };
        const ECDSA: &str = "PKIX_ECDSA_P256_SHA_256";
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [
                log(self.rekor_v1, self.rekor_v1_spki, ECDSA, &sha256(self.rekor_v1_spki)),
                log(self.rekor_v2, self.rekor_v2_spki, "PKIX_ED25519", &self.rekor_v2_id),
            ],
            "certificateAuthorities": [authority(self.fulcio, "fulcio root", &self.fulcio_chain)],
            "ctlogs": [log(&format!("{}/ct", self.fulcio), self.ct_spki, ECDSA, &sha256(self.ct_spki))],
            "timestampAuthorities": [authority(&self.timestamp_url(), "timestamp root", &self.tsa_chain)],
        })
    }

    /// Returns the signing configuration, version 0.2, with one of the logs.
    pub(crate) fn signing_config(&self, version: RekorVersion) -> Value {
        let service = |url: &str, version: u32| json!([{"url": url, "majorApiVersion": version, "validFor": {"start": START}, "operator": "toolkit lab"}]);
        let log = match version {
            RekorVersion::V1 => service(self.rekor_v1, 1),
            RekorVersion::V2 => service(self.rekor_v2, 2),
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": service(self.fulcio, 1),
            "oidcUrls": service(self.issuer, 1),
            "rekorTlogUrls": log,
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": service(&self.timestamp_url(), 1),
            "tsaConfig": {"selector": "ANY"},
        })
    }

    fn timestamp_url(&self) -> String {
        format!("{}/api/v1/timestamp", self.tsa)
    }
}
