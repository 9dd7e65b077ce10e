//! Requests to a log of version 1.
//!
//! The client of the engine's family has a request for certificates but none for managed keys, and does not take "the entry is
//! there already" for an answer, which a repeated request gets. So requests and answers of this version are handled here;
//! the entry's format and its conversion are the family's.
//!
//! Specification: Rekor `openapi.yaml` (`POST /api/v1/log/entries`, 201 and 409 with `Location`), kinds `hashedrekord` 0.0.1
//! and `dsse` 0.0.1.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sigstore_sign::rekor::LogEntry;
use sigstore_sign::reqwest::{Client, Response, StatusCode};
use sigstore_sign::types::{DsseEnvelope, KindVersion, SignatureBytes, TransparencyLogEntry};

use super::services::{Failure, retry_after, status_failure, unsent};

/// Largest answer: an entry holds hashes, a signature, a certificate and a proof, a few KiB in all.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// A request, ready to send as often as needed.
pub(super) struct Request {
    body: Value,
    kind: KindVersion,
}

impl Request {
    /// Makes the request for a signature over an artifact's SHA-256 digest; `verifier` is the certificate or key as PEM.
    pub(super) fn hashedrekord(
        digest_hex: &str,
        signature: &SignatureBytes,
        verifier: &str,
    ) -> Self {
        let body = json!({
            "apiVersion": "0.0.1",
            "kind": "hashedrekord",
            "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": digest_hex}},
                "signature": {
                    "content": signature.to_base64(),
                    "publicKey": {"content": STANDARD.encode(verifier)},
                },
            },
        });
        Self {
            body,
            kind: KindVersion::HashedRekordV001,
        }
    }

    /// Makes the request for an envelope.
    pub(super) fn dsse(envelope: &DsseEnvelope, verifier: &str) -> Result<Self, serde_json::Error> {
        let body = json!({
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "proposedContent": {
                    "envelope": serde_json::to_string(envelope)?,
                    "verifiers": [STANDARD.encode(verifier)],
                },
            },
        });
        Ok(Self {
            body,
            kind: KindVersion::DsseV001,
        })
    }

    /// Asks the log to take the entry, and returns the entry.
    pub(super) async fn send(
        &self,
        http: &Client,
        url: &str,
    ) -> Result<TransparencyLogEntry, Failure> {
        let answer = http
            .post(format!("{url}/api/v1/log/entries"))
            .json(&self.body)
            .send()
            .await
            .map_err(unsent)?;
        let answer = if answer.status() == StatusCode::CONFLICT {
            // An earlier try whose answer was lost: the entry is there, fetch it.
            let id = existing(&answer)?;
            http.get(format!("{url}/api/v1/log/entries/{id}"))
                .send()
                .await
                .map_err(unsent)?
        } else {
            answer
        };
        let status = answer.status();
        let after = retry_after(&answer);
        let body = read(answer).await?;
        if !status.is_success() {
            return Err(status_failure(
                status.as_u16(),
                &String::from_utf8_lossy(&body),
                after,
            ));
        }
        let entries: BTreeMap<String, LogEntry> =
            serde_json::from_slice(&body).map_err(Failure::answer)?;
        let mut entries = entries.into_values();
        match (entries.next(), entries.next()) {
            (Some(entry), None) => entry.to_bundle_entry(self.kind).map_err(Failure::answer),
            _ => Err(Failure::answer("not exactly one entry")),
        }
    }
}

/// Reads the id of the existing entry out of a 409. Only the id is taken: the request goes to the log that was chosen.
fn existing(answer: &Response) -> Result<String, Failure> {
    let location = answer
        .headers()
        .get("location")
        .and_then(|value| value.to_str().ok());
    let id = location
        .and_then(|location| location.rsplit('/').next())
        .unwrap_or_default();
    // 64 digits, or 80 with the tree's id before them (Rekor `openapi.yaml`, `entryUUID`).
    if matches!(id.len(), 64 | 80) && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(id.to_owned())
    } else {
        Err(Failure::answer(
            "the entry exists, but the answer does not say where",
        ))
    }
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unsent)? {
        if body.len().saturating_add(chunk.len()) > LARGEST_ANSWER {
            return Err(Failure::answer("more than 4 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use toolkit_lab::{Lab, RekorVersion, Service};

    use super::*;
    use crate::sign::key::SigningKey;

    #[test]
    fn an_entry_that_is_there_already_is_fetched() {
        let lab = Lab::start(toolkit_lab::Options::default()).unwrap();
        let key = SigningKey::ephemeral().unwrap();
        let digest = toolkit_oci::Digest::sha256(b"x");
        let signature = key.sign(b"x").unwrap();
        let request = Request::hashedrekord(digest.hex(), &signature, &key.public_key().to_pem());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let url = lab.rekor_url(RekorVersion::V1);
        let send = || {
            runtime
                .block_on(request.send(&Client::new(), &url))
                .unwrap()
        };
        let (first, second) = (send(), send());
        assert_eq!(
            (first.log_index, &first.canonicalized_body),
            (second.log_index, &second.canonicalized_body)
        );
        let answers: Vec<_> = lab
            .requests()
            .into_iter()
            .filter(|request| request.service == Service::RekorV1)
            .map(|request| (request.method, request.status))
            .collect();
        let expected = [("POST", 201), ("POST", 409), ("GET", 200)];
        assert_eq!(
            answers,
            expected.map(|(method, status)| (method.to_owned(), Some(status)))
        );
    }
}
