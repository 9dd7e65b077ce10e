//! The transparency log with the API of Rekor v1 (rekor's `openapi.yaml`): kinds `hashedrekord` 0.0.1 and `dsse` 0.0.1.
//!
//! Bodies are logged in canonical form (LF PEM, RFC 8785), the signature of each is verified first, duplicates are refused with 409.
//! There is one shard, and neither search nor the other kinds.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    canonical, checkpoint,
    clock::Clock,
    error::Result,
    faults::{Faults, RekorFault, rate_limited},
    http::{Handler, Reply, Request, either},
    keys::{EcdsaKey, pem, random, sha256},
    log::{Log, Verifier},
    sync::lock,
};

/// The host in the checkpoint's origin.
const NAME: &str = "rekor-v1.toolkit.lab";
const ENTRIES: &str = "/api/v1/log/entries";

pub(crate) struct RekorV1 {
    key: EcdsaKey,
    tree_id: u64,
    log: Mutex<Log>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
}

/// A proposal refused, with the reason for the client.
fn refuse(message: &str) -> Reply {
    Reply::problem(400, message)
}

impl RekorV1 {
    pub(crate) fn new(clock: Arc<Clock>, faults: Arc<Faults>) -> Result<Self> {
        // Tree ids are positive 63-bit numbers, written as 16 hex digits.
        let tree_id = u64::from_be_bytes(random()?) >> 1;
        Ok(Self {
            key: EcdsaKey::generate()?,
            tree_id,
            log: Mutex::default(),
            clock,
            faults,
        })
    }

    pub(crate) fn spki(&self) -> &[u8] {
        self.key.spki()
    }

    fn origin(&self) -> String {
        format!("{NAME} - {}", self.tree_id)
    }

    fn create(&self, request: &Request) -> std::result::Result<Reply, Reply> {
        let mut body = canonical_body(&request.json()?)?;
        if self.faults.rekor().is_due(&RekorFault::WrongBody) {
            for pointer in ["/spec/data/hash/value", "/spec/payloadHash/value"] {
                if let Some(hash) = body.pointer_mut(pointer) {
                    *hash = hex::encode(sha256(b"another artifact")).into();
                }
            }
        }
        let body = canonical::to_string(&body);
        let mut log = lock(&self.log);
        if let Some(index) = log.position(&body) {
            let id = self.entry_id(&log, index);
            let message = format!(
                "an equivalent entry already exists in the transparency log with UUID {id}"
            );
            return Ok(Reply::problem(409, &message).with("Location", format!("{ENTRIES}/{id}")));
        }
        let index = log.append(body, self.clock.now().as_second());
        let id = self.entry_id(&log, index);
        Ok(Reply::json(201, &self.entry(&log, index))
            .with("Location", format!("{ENTRIES}/{id}"))
            .with("ETag", id))
    }

    /// Returns an entry's id: the tree's and the leaf's hash.
    fn entry_id(&self, log: &Log, index: usize) -> String {
        format!(
            "{:016x}{}",
            self.tree_id,
            hex::encode(log.entries[index].leaf)
        )
    }

    fn entry(&self, log: &Log, index: usize) -> Value {
        let faults = self.faults.rekor();
        let entry = &log.entries[index];
        let body = STANDARD.encode(&entry.body);
        let log_id = hex::encode(sha256(self.key.spki()));
        let promised = entry.time + i64::from(faults.is_due(&RekorFault::WrongSet));
        let promise =
            json!({"body": body, "integratedTime": promised, "logID": log_id, "logIndex": index});
        let mut inclusion = log.inclusion(index);
        let mut signed_root = inclusion.root;
        if faults.is_due(&RekorFault::WrongCheckpoint) {
            signed_root[0] ^= 1;
        }
        let checkpoint = checkpoint::ecdsa(
            &self.origin(),
            NAME,
            inclusion.size,
            &signed_root,
            &self.key,
        );
        if faults.is_due(&RekorFault::WrongProof) {
            inclusion.spoil();
        }
        json!({ self.entry_id(log, index): {
            "body": body,
            "integratedTime": entry.time,
            "logID": log_id,
            "logIndex": index,
            "verification": {
                "inclusionProof": {
                    "checkpoint": checkpoint,
                    "hashes": inclusion.hashes.iter().map(hex::encode).collect::<Vec<_>>(),
                    "logIndex": inclusion.index,
                    "rootHash": hex::encode(inclusion.root),
                    "treeSize": inclusion.size,
                },
                "signedEntryTimestamp": STANDARD.encode(self.key.sign(canonical::to_string(&promise).as_bytes())),
            },
        }})
    }

    fn by_id(&self, id: &str) -> Reply {
        let log = lock(&self.log);
        let leaf = id.get(id.len().saturating_sub(64)..).unwrap_or_default();
        match log
            .entries
            .iter()
            .position(|entry| hex::encode(entry.leaf) == leaf)
        {
            Some(index) => Reply::json(200, &self.entry(&log, index)),
            None => Reply::problem(404, "there is no such entry"),
        }
    }

    fn by_index(&self, request: &Request) -> Reply {
        let Some(index) = request
            .parameter("logIndex")
            .and_then(|text| text.parse::<usize>().ok())
        else {
            return refuse("`logIndex` is not a number");
        };
        let log = lock(&self.log);
        if index < log.entries.len() {
            Reply::json(200, &self.entry(&log, index))
        } else {
            Reply::problem(404, "there is no such entry")
        }
    }

    fn info(&self) -> Reply {
        let log = lock(&self.log);
        let size = log.tree.size();
        let root = log.tree.root(size);
        let head = checkpoint::ecdsa(&self.origin(), NAME, size, &root, &self.key);
        let tree_id = self.tree_id.to_string();
        Reply::json(
            200,
            &json!({"rootHash": hex::encode(root), "treeSize": size, "signedTreeHead": head, "treeID": tree_id, "inactiveShards": []}),
        )
    }

    fn consistency(&self, request: &Request) -> Reply {
        let log = lock(&self.log);
        let size = log.tree.size();
        let number = |name: &str| {
            request
                .parameter(name)
                .and_then(|text| text.parse::<usize>().ok())
        };
        let (first, last) = (
            number("firstSize").unwrap_or(1),
            number("lastSize").unwrap_or(size),
        );
        if first == 0 || first > last || last > size {
            return refuse("the sizes are out of range");
        }
        let hashes: Vec<String> = log
            .tree
            .consistency_proof(first, last)
            .iter()
            .map(hex::encode)
            .collect();
        Reply::json(
            200,
            &json!({"rootHash": hex::encode(log.tree.root(last)), "hashes": hashes}),
        )
    }

    fn fault(&self) -> Option<Reply> {
        fault(&self.faults)
    }
}

/// Returns the answer of a failing log, if one is due; also for the other log.
pub(crate) fn fault(faults: &Faults) -> Option<Reply> {
    faults.rekor().due(|fault| match fault {
        RekorFault::RateLimited { retry_after } => Some(rate_limited(
            Reply::problem(429, "too many requests"),
            *retry_after,
        )),
        RekorFault::Status(status) => Some(Reply::problem(*status, "failing on demand")),
        _ => None,
    })
}

/// Delays an answer where a stall is due; also for the other log.
pub(crate) fn stalled(faults: &Faults, mut reply: Reply) -> Reply {
    let stall = faults.rekor().due(|fault| match fault {
        RekorFault::Stall(time) => Some(*time),
        _ => None,
    });
    reply.delay = stall.unwrap_or_default();
    reply
}

impl Handler for RekorV1 {
    fn handle(&self, request: &Request) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", ENTRIES) => stalled(
                &self.faults,
                self.fault().unwrap_or_else(|| either(self.create(request))),
            ),
            ("GET", ENTRIES) => self.fault().unwrap_or_else(|| self.by_index(request)),
            ("GET", "/api/v1/log") => self.info(),
            ("GET", "/api/v1/log/proof") => self.consistency(request),
            ("GET", "/api/v1/log/publicKey") => Reply::new(
                200,
                "application/x-pem-file",
                pem("PUBLIC KEY", self.key.spki()),
            ),
            ("GET", path) => match path
                .strip_prefix(ENTRIES)
                .and_then(|rest| rest.strip_prefix('/'))
            {
                Some(id) => self.fault().unwrap_or_else(|| self.by_id(id)),
                None => Reply::problem(404, "no such resource"),
            },
            _ => Reply::problem(404, "no such resource"),
        }
    }
}

/// Verifies a proposed entry and returns the body to log.
fn canonical_body(proposal: &Value) -> std::result::Result<Value, Reply> {
    let text = |name: &str| {
        proposal
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match (text("kind"), text("apiVersion")) {
        ("hashedrekord", "0.0.1") => hashed_rekord(proposal),
        ("dsse", "0.0.1") => dsse(proposal),
        (kind, version) => Err(refuse(&format!("kind `{kind}` {version} is not supported"))),
    }
}

fn field<'a>(value: &'a Value, pointer: &str) -> std::result::Result<&'a str, Reply> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| refuse(&format!("`{pointer}` is missing")))
}

fn base64_field(value: &Value, pointer: &str) -> std::result::Result<Vec<u8>, Reply> {
    STANDARD
        .decode(field(value, pointer)?)
        .map_err(|_| refuse(&format!("`{pointer}` is not base64")))
}

fn hashed_rekord(proposal: &Value) -> std::result::Result<Value, Reply> {
    let verifier = Verifier::from_pem(&base64_field(
        proposal,
        "/spec/signature/publicKey/content",
    )?)
    .map_err(|error| refuse(error.0))?;
    let signature = base64_field(proposal, "/spec/signature/content")?;
    if field(proposal, "/spec/data/hash/algorithm")? != "sha256" {
        return Err(refuse("the hash algorithm is not `sha256`"));
    }
    let digest = hex::decode(field(proposal, "/spec/data/hash/value")?)
        .map_err(|_| refuse("the hash is not hexadecimal"))?;
    if !verifier.key.verifies_digest(&digest, &signature) {
        return Err(refuse(
            "verifying signature: the signature does not match the hash and the key",
        ));
    }
    Ok(json!({
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": {"hash": {"algorithm": "sha256", "value": hex::encode(digest)}},
            "signature": {
                "content": STANDARD.encode(signature),
                "publicKey": {"content": STANDARD.encode(verifier.canonical_pem())},
            },
        },
    }))
}

fn dsse(proposal: &Value) -> std::result::Result<Value, Reply> {
    let text = field(proposal, "/spec/proposedContent/envelope")?;
    let envelope: Value =
        serde_json::from_str(text).map_err(|_| refuse("the envelope is not JSON"))?;
    let payload = base64_field(&envelope, "/payload")?;
    let encoded = pae(field(&envelope, "/payloadType")?, &payload);
    let mut verifiers = Vec::new();
    for verifier in proposal
        .pointer("/spec/proposedContent/verifiers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let pem = verifier
            .as_str()
            .and_then(|text| STANDARD.decode(text).ok())
            .ok_or_else(|| refuse("a verifier is not base64"))?;
        verifiers.push(Verifier::from_pem(&pem).map_err(|error| refuse(error.0))?);
    }
    let mut signatures = Vec::new();
    for index in 0..envelope
        .get("signatures")
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
    {
        let signature = base64_field(&envelope, &format!("/signatures/{index}/sig"))?;
        let verifier = verifiers
            .iter()
            .find(|verifier| verifier.key.verifies(&encoded, &signature));
        let verifier =
            verifier.ok_or_else(|| refuse("no verifier matches a signature of the envelope"))?;
        let pem = STANDARD.encode(verifier.canonical_pem());
        signatures.push(json!({"signature": STANDARD.encode(signature), "verifier": pem}));
    }
    if signatures.is_empty() || verifiers.len() > signatures.len() {
        return Err(refuse(
            "the envelope has no signature, or fewer than verifiers",
        ));
    }
    let hash = |bytes: &[u8]| json!({"algorithm": "sha256", "value": hex::encode(sha256(bytes))});
    Ok(json!({
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {"envelopeHash": hash(text.as_bytes()), "payloadHash": hash(&payload), "signatures": signatures},
    }))
}

/// Encodes what a DSSE signature is over (DSSE v1.0.2, protocol).
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_the_dsse_specification_shows() {
        let found = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            found,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn logs_only_what_is_signed_and_keeps_pem_canonical() {
        let key = EcdsaKey::generate().expect("a key");
        let proposal = |digest: [u8; 32]| {
            let pem = pem("PUBLIC KEY", key.spki()).replace('\n', "\r\n");
            json!({"kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
                "data": {"hash": {"algorithm": "sha256", "value": hex::encode(digest)}},
                "signature": {"content": STANDARD.encode(key.sign(b"artifact")), "publicKey": {"content": STANDARD.encode(pem)}},
            }})
        };
        let body = canonical_body(&proposal(sha256(b"artifact"))).expect("a body");
        let kept = base64_field(&body, "/spec/signature/publicKey/content").expect("a key");
        assert_eq!(kept, pem("PUBLIC KEY", key.spki()).into_bytes());
        assert_eq!(
            canonical_body(&proposal(sha256(b"other")))
                .expect_err("refused")
                .status,
            400
        );
    }
}
