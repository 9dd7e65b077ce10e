//! Signed checkpoints of a log: C2SP `tlog-checkpoint` on `signed-note`, with Rekor v1's own key hint for ECDSA.
//!
//! It writes them; it does not read any.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    keys::{EcdsaKey, Ed25519Key, sha256},
    merkle::Hash,
};

/// Writes the text that a checkpoint signs.
fn body(origin: &str, size: usize, root: &Hash) -> String {
    format!("{origin}\n{size}\n{}\n", STANDARD.encode(root))
}

fn note(body: &str, name: &str, hint: &[u8], signature: &[u8]) -> String {
    format!(
        "{body}\n\u{2014} {name} {}\n",
        STANDARD.encode([&hint[..4], signature].concat())
    )
}

/// Writes Rekor v1's checkpoint: the hint is the beginning of SHA-256 of the SubjectPublicKeyInfo.
pub(crate) fn ecdsa(origin: &str, name: &str, size: usize, root: &Hash, key: &EcdsaKey) -> String {
    let body = body(origin, size, root);
    note(&body, name, &sha256(key.spki()), &key.sign(body.as_bytes()))
}

/// Writes a C2SP checkpoint signed with Ed25519.
pub(crate) fn ed25519(origin: &str, size: usize, root: &Hash, key: &Ed25519Key) -> String {
    let body = body(origin, size, root);
    note(
        &body,
        origin,
        &ed25519_key_id(origin, key),
        &key.sign(body.as_bytes()),
    )
}

/// Returns the whole C2SP key id: SHA-256 of name, newline, algorithm 1 and key.
pub(crate) fn ed25519_key_id(name: &str, key: &Ed25519Key) -> [u8; 32] {
    sha256(&[name.as_bytes(), b"\n\x01", &key.public()].concat())
}
