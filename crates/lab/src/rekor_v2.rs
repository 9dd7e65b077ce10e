//! The transparency log with the API of Rekor v2 (rekor-tiles' `CLIENTS.md`): `hashedrekord` 0.0.2, C2SP checkpoints and tiles.
//!
//! Every request is integrated before it is answered. There is no search, no witness and no deduplication.

use std::sync::{Arc, Mutex};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use serde_json::{Value, json};

use crate::{
    canonical, checkpoint,
    clock::Clock,
    error::Result,
    faults::{Faults, RekorFault},
    http::{Handler, Reply, Request, either},
    keys::{Ed25519Key, sha256},
    log::{Log, Verifier},
    rekor_v1::{fault, stalled},
    sync::lock,
};

/// The checkpoint's origin; Go clients want the host of the log's `baseUrl` here.
pub(crate) const ORIGIN: &str = "127.0.0.1";
/// The only key details that the lab's clients have.
const KEY_DETAILS: &str = "PKIX_ECDSA_P256_SHA_256";
/// The width of a tile (C2SP tlog-tiles).
const TILE: usize = 256;

pub(crate) struct RekorV2 {
    key: Ed25519Key,
    log: Mutex<Log>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
}

fn refuse(message: &str) -> Reply {
    Reply::problem(400, message)
}

impl RekorV2 {
    pub(crate) fn new(clock: Arc<Clock>, faults: Arc<Faults>) -> Result<Self> {
        Ok(Self {
            key: Ed25519Key::generate()?,
            log: Mutex::default(),
            clock,
            faults,
        })
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        self.key.spki()
    }

    pub(crate) fn key_id(&self) -> [u8; 32] {
        checkpoint::ed25519_key_id(ORIGIN, &self.key)
    }

    fn create(&self, request: &Request) -> std::result::Result<Reply, Reply> {
        let mut body = canonical_body(&request.json()?)?;
        let faults = self.faults.rekor();
        if faults.is_due(&RekorFault::WrongBody)
            && let Some(digest) = body.pointer_mut("/spec/hashedRekordV002/data/digest")
        {
            *digest = STANDARD.encode(sha256(b"another artifact")).into();
        }
        let body = canonical::to_string(&body);
        let mut log = lock(&self.log);
        let index = log.append(body.clone(), self.clock.now().as_second());
        let mut inclusion = log.inclusion(index);
        let mut signed_root = inclusion.root;
        if faults.is_due(&RekorFault::WrongCheckpoint) {
            signed_root[0] ^= 1;
        }
        let checkpoint = checkpoint::ed25519(ORIGIN, inclusion.size, &signed_root, &self.key);
        if faults.is_due(&RekorFault::WrongProof) {
            inclusion.spoil();
        }
        Ok(Reply::json(
            201,
            &json!({
                "logIndex": index.to_string(),
                "logId": {"keyId": STANDARD.encode(self.key_id())},
                "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
                // Rekor v2 states no time; proto-JSON leaves a zero out or writes it.
                "integratedTime": "0",
                "inclusionProof": {
                    "logIndex": index.to_string(),
                    "rootHash": STANDARD.encode(inclusion.root),
                    "treeSize": inclusion.size.to_string(),
                    "hashes": inclusion.hashes.iter().map(|hash| STANDARD.encode(hash)).collect::<Vec<_>>(),
                    "checkpoint": {"envelope": checkpoint},
                },
                "canonicalizedBody": STANDARD.encode(body),
            }),
        ))
    }

    fn checkpoint(&self) -> String {
        let log = lock(&self.log);
        let size = log.tree.size();
        checkpoint::ed25519(ORIGIN, size, &log.tree.root(size), &self.key)
    }

    /// Serves `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles).
    fn tile(&self, path: &str) -> Option<Vec<u8>> {
        let (kind, place) = path.split_once('/')?;
        let (place, width) = match place.split_once(".p/") {
            Some((place, width)) => (place, width.parse().ok()?),
            None => (place, TILE),
        };
        let mut number = 0_usize;
        for group in place.split('/') {
            number = number
                .checked_mul(1000)?
                .checked_add(group.strip_prefix('x').unwrap_or(group).parse().ok()?)?;
        }
        let from = number.checked_mul(TILE)?;
        let range = from..from.checked_add(width)?;
        let log = lock(&self.log);
        if kind == "entries" {
            let bundle = log.entries.get(range)?.iter().map(|entry| {
                let length = (entry.body.len() as u16).to_be_bytes();
                [&length, entry.body.as_bytes()].concat()
            });
            return Some(bundle.collect::<Vec<_>>().concat());
        }
        let level: usize = kind.parse().ok().filter(|level| *level < 8)?;
        Some(log.tree.level(level * 8).get(range)?.concat())
    }
}

impl Handler for RekorV2 {
    fn handle(&self, request: &Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v2/log/entries") => stalled(
                &self.faults,
                fault(&self.faults).unwrap_or_else(|| either(self.create(request))),
            ),
            ("GET", "/api/v2/checkpoint") => Reply::new(200, "text/plain", self.checkpoint()),
            ("GET", path) => match path
                .strip_prefix("/api/v2/tile/")
                .and_then(|path| self.tile(path))
            {
                Some(bytes) => Reply::new(200, "application/octet-stream", bytes),
                None => Reply::problem(404, "no such resource"),
            },
            _ => Reply::problem(404, "no such resource"),
        }
    }
}

/// Decodes base64 as proto-JSON allows it: with or without padding.
fn decode(value: &Value, pointer: &str) -> std::result::Result<Vec<u8>, Reply> {
    let text = value
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| refuse(&format!("`{pointer}` is missing")))?;
    STANDARD_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| refuse(&format!("`{pointer}` is not base64")))
}

/// Verifies a request and returns the body to log.
fn canonical_body(request: &Value) -> std::result::Result<Value, Reply> {
    let request = request
        .get("hashedRekordRequestV002")
        .ok_or_else(|| refuse("the request is not `hashedRekordRequestV002`"))?;
    let details = request
        .pointer("/signature/verifier/keyDetails")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if details != KEY_DETAILS {
        return Err(refuse(&format!(
            "key details `{details}` are not supported, only `{KEY_DETAILS}`"
        )));
    }
    let (kind, verifier) = if request
        .pointer("/signature/verifier/x509Certificate")
        .is_some()
    {
        (
            "x509Certificate",
            Verifier::from_certificate(decode(
                request,
                "/signature/verifier/x509Certificate/rawBytes",
            )?),
        )
    } else {
        (
            "publicKey",
            Verifier::from_key(decode(request, "/signature/verifier/publicKey/rawBytes")?),
        )
    };
    let verifier = verifier.map_err(|error| refuse(error.0))?;
    let (digest, signature) = (
        decode(request, "/digest")?,
        decode(request, "/signature/content")?,
    );
    if !verifier.key.verifies_digest(&digest, &signature) {
        return Err(refuse(
            "the signature does not match the digest and the key",
        ));
    }
    Ok(json!({
        "apiVersion": "0.0.2",
        "kind": "hashedrekord",
        "spec": {"hashedRekordV002": {
            "data": {"algorithm": "SHA2_256", "digest": STANDARD.encode(digest)},
            "signature": {
                "content": STANDARD.encode(signature),
                "verifier": {"keyDetails": KEY_DETAILS, kind: {"rawBytes": STANDARD.encode(&verifier.der)}},
            },
        }},
    }))
}
