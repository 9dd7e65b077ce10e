//! What the tests share: a client that follows nothing by itself, and OpenSSL.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::{EncodePublicKey as _, LineEnding},
};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use toolkit_lab::{Lab, Options};

pub(crate) fn lab() -> Lab {
    Lab::start(Options::default()).expect("a lab")
}

pub(crate) fn http() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

pub(crate) fn get(url: &str) -> Response {
    http().get(url).send().expect("an answer")
}

pub(crate) fn post_json(url: &str, body: &Value) -> Response {
    http()
        .post(url)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .expect("an answer")
}

pub(crate) fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().expect("a body")).expect("JSON")
}

pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().expect("text").to_owned())
}

/// A key that signs; each number makes another.
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(number: u8) -> Self {
        Self(SigningKey::from_slice(&[number; 32]).expect("a key"))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let signature: Signature = self.0.sign(message);
        STANDARD.encode(signature.to_der())
    }

    pub(crate) fn pem(&self) -> String {
        self.0
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .expect("PEM")
    }

    pub(crate) fn der(&self) -> String {
        STANDARD.encode(
            self.0
                .verifying_key()
                .to_public_key_der()
                .expect("DER")
                .as_bytes(),
        )
    }
}

/// Asks for a certificate with a public key and a proof over `subject`.
pub(crate) fn certify(lab: &Lab, token: &str, subject: &str, key: &Key) -> Response {
    let body = json!({
        "credentials": {"oidcIdentityToken": token},
        "publicKeyRequest": {"publicKey": {"algorithm": "ECDSA", "content": key.pem()}, "proofOfPossession": key.sign(subject.as_bytes())},
    });
    post_json(&format!("{}/api/v2/signingCert", lab.fulcio_url()), &body)
}

/// Returns the chain of an answer in PEM, leaf first.
pub(crate) fn chain(response: Response) -> Vec<String> {
    let body = json(response);
    let chain = body
        .pointer("/signedCertificateEmbeddedSct/chain/certificates")
        .and_then(Value::as_array)
        .expect("a chain");
    chain
        .iter()
        .map(|pem| pem.as_str().expect("PEM").to_owned())
        .collect()
}

/// Runs OpenSSL and returns what it printed and whether it succeeded; `None` where there is none.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Option<(String, bool)> {
    let spawned = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        assert!(std::env::var_os("CI").is_none(), "openssl is missing");
        eprintln!("skipped: openssl is missing");
        return None;
    };
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(input)
        .expect("written");
    let output = child.wait_with_output().expect("its end");
    let text = [output.stdout, output.stderr].concat();
    Some((
        String::from_utf8_lossy(&text).into_owned(),
        output.status.success(),
    ))
}
