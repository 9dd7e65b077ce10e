//! Every field of every good bundle, deleted, changed and doubled in turn: refused, but for a written list of fields that
//! are harmless, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use toolkit_attest::{Artifact, Identity, Pattern, PublicKey, TrustRoot, verify};

use crate::data;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Delete,
    Flip,
    Increase,
    Decrease,
    Double,
}

/// Changes that are accepted: path (`#` for a position), change, why that is harmless.
const HARMLESS: &[(&str, Change, &str)] = &[
    (
        "/dsseEnvelope/signatures/#/keyid",
        Change::Delete,
        "an absent and an empty key id say the same",
    ),
    (
        "/messageSignature/messageDigest",
        Change::Delete,
        "it is optional; the artifact itself is what the signature is verified over",
    ),
    (
        "/verificationMaterial/publicKey/hint",
        Change::Delete,
        "a hint is not signed; the key is the caller's",
    ),
    (
        "/verificationMaterial/publicKey/hint",
        Change::Flip,
        "a hint is not signed; the key is the caller's",
    ),
    (
        "/verificationMaterial/timestampVerificationData",
        Change::Delete,
        "the log's promise gives a time as well, and a key needs none",
    ),
    (
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps",
        Change::Delete,
        "the log's promise gives a time as well, and a key needs none",
    ),
    (
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/#",
        Change::Delete,
        "the log's promise gives a time as well, and a key needs none",
    ),
    (
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/#/signedTimestamp",
        Change::Flip,
        "the authority's certificate inside the token: the trust root's is used, never this one",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionPromise",
        Change::Delete,
        "a timestamp gives a time as well, and the inclusion proof stays",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof",
        Change::Delete,
        "in version 0.1 the log's promise is the proof",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/checkpoint/envelope",
        Change::Flip,
        "a witness's line, or the name before a signature: not what the log's key signed",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/hashes",
        Change::Delete,
        "a tree of one entry has none",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/logIndex",
        Change::Delete,
        "Rekor v2 says to ignore it; absent it is zero",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/logIndex",
        Change::Increase,
        "Rekor v2 says to ignore it and to use the entry's",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/logIndex",
        Change::Decrease,
        "Rekor v2 says to ignore it and to use the entry's",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/rootHash",
        Change::Flip,
        "Rekor v2 says to ignore it and to use the checkpoint's",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/treeSize",
        Change::Increase,
        "Rekor v2 says to ignore it and to use the checkpoint's",
    ),
    (
        "/verificationMaterial/tlogEntries/#/inclusionProof/treeSize",
        Change::Decrease,
        "Rekor v2 says to ignore it and to use the checkpoint's",
    ),
];

/// Tells whether a change is on the list.
pub(crate) fn is_harmless((path, change): &(String, Change)) -> bool {
    HARMLESS
        .iter()
        .any(|(listed, listed_change, _)| (*listed, *listed_change) == (path.as_str(), *change))
}

/// A good bundle and what it is verified with.
pub(crate) struct Good {
    pub(crate) name: String,
    pub(crate) document: Value,
    pub(crate) artifact: Vec<u8>,
    pub(crate) root: TrustRoot,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) identity: Identity,
    pub(crate) now: jiff::Timestamp,
}

impl Good {
    fn accepts(&self, text: &str) -> bool {
        let Ok(bundle) = data::bundle(text.as_bytes().to_vec()) else {
            return false;
        };
        let verified = verify(
            &bundle,
            &Artifact::Bytes(&self.artifact),
            &self.root,
            &self.keys,
            self.now,
        );
        verified.is_ok_and(|verified| verified.require_identity(&self.identity).is_ok())
    }
}

type Path = Vec<String>;

/// Lists the paths of all members and elements, containers before what they contain.
fn paths(value: &Value, here: &Path, all: &mut Vec<Path>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let mut path = here.clone();
        path.push(key);
        all.push(path.clone());
        paths(child, &path, all);
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|part| format!("/{part}")).collect()
}

fn general(path: &[String]) -> String {
    path.iter()
        .map(|part| {
            if part.parse::<usize>().is_ok() {
                "/#".to_owned()
            } else {
                format!("/{part}")
            }
        })
        .collect()
}

fn deleted(document: &Value, path: &[String]) -> Value {
    let mut document = document.clone();
    let (last, parent) = path.split_last().unwrap();
    match document.pointer_mut(&pointer(parent)).unwrap() {
        Value::Object(map) => {
            map.remove(last);
        }
        Value::Array(list) => {
            list.remove(last.parse().unwrap());
        }
        _ => unreachable!("a parent contains"),
    }
    document
}

/// Doubles an element of a list, or a member by writing it twice.
fn doubled(document: &Value, path: &[String]) -> String {
    let (last, parent) = path.split_last().unwrap();
    let mut document = document.clone();
    let member = document.pointer(&pointer(path)).unwrap().clone();
    match document.pointer_mut(&pointer(parent)).unwrap() {
        Value::Array(list) => {
            list.push(member);
            document.to_string()
        }
        Value::Object(map) => {
            map.remove(last);
            map.insert("@twice".into(), Value::Null);
            let twice = format!(
                "{key}:{member},{key}:{member}",
                key = Value::from(last.clone())
            );
            document.to_string().replacen(r#""@twice":null"#, &twice, 1)
        }
        _ => unreachable!("a parent contains"),
    }
}

/// Gives the changed forms of a leaf.
fn changed(leaf: &Value) -> Vec<(Change, Value)> {
    match leaf {
        Value::Bool(value) => vec![(Change::Flip, (!value).into())],
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            vec![
                (Change::Increase, (number + 1).into()),
                (Change::Decrease, (number - 1).into()),
            ]
        }
        Value::String(text) => {
            if let Ok(number) = text.parse::<i64>() {
                return vec![
                    (Change::Increase, (number + 1).to_string().into()),
                    (Change::Decrease, (number - 1).to_string().into()),
                ];
            }
            let mut forms = Vec::new();
            match STANDARD.decode(text) {
                Ok(bytes) if bytes.len() > 3 => {
                    for at in [
                        0,
                        3,
                        bytes.len() / 4,
                        bytes.len() / 2,
                        bytes.len() * 3 / 4,
                        bytes.len() - 1,
                    ] {
                        let mut bytes = bytes.clone();
                        bytes[at] ^= 1;
                        forms.push(STANDARD.encode(bytes));
                    }
                }
                _ => {
                    // Each line at its start, middle and end: a checkpoint is a text of lines.
                    let chars: Vec<char> = text.chars().collect();
                    let mut start = 0;
                    let mut places = BTreeSet::new();
                    for line in text.split('\n') {
                        let length = line.chars().count();
                        if length > 0 {
                            places.extend([start, start + length / 2, start + length - 1]);
                        }
                        start += length + 1;
                    }
                    for place in places {
                        let mut chars = chars.clone();
                        chars[place] = if chars[place] == 'A' { 'B' } else { 'A' };
                        forms.push(chars.into_iter().collect());
                    }
                }
            }
            forms.push(String::new());
            forms
                .into_iter()
                .filter(|form| form != text)
                .map(|form| (Change::Flip, form.into()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Makes all changes of a bundle and returns those that are accepted, with how many were made.
pub(crate) fn accepted(good: &Good) -> (Vec<(String, Change)>, usize) {
    assert!(
        good.accepts(&good.document.to_string()),
        "{} is not good",
        good.name
    );
    let mut all = Vec::new();
    paths(&good.document, &Vec::new(), &mut all);
    let mut accepted = Vec::new();
    let mut made = 0;
    let mut judge = |path: &Path, change: Change, text: String| {
        made += 1;
        if good.accepts(&text) {
            accepted.push((general(path), change));
        }
    };
    for path in &all {
        judge(
            path,
            Change::Delete,
            deleted(&good.document, path).to_string(),
        );
        judge(path, Change::Double, doubled(&good.document, path));
        for (change, form) in changed(good.document.pointer(&pointer(path)).unwrap()) {
            let mut document = good.document.clone();
            *document.pointer_mut(&pointer(path)).unwrap() = form;
            judge(path, change, document.to_string());
        }
    }
    (accepted, made)
}

#[test]
fn conformance_bundles() {
    let Some(sigstore) = data::sigstore() else {
        return;
    };
    let base = sigstore.join("conformance");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found: BTreeMap<(String, Change), BTreeSet<String>> = BTreeMap::new();
    let mut made = 0;
    let mut bundles = 0;
    for case in data::json(base.join("cases.json"))["cases"]
        .as_array()
        .unwrap()
    {
        if case["expected"] != "pass" {
            continue;
        }
        let name = text(&case["name"]).unwrap();
        let root = match text(&case["trusted_root"]) {
            Some(path) => base.join(path),
            None => sigstore.join("trust/public-good/trusted_root.json"),
        };
        let (keys, identity) = match text(&case["key"]) {
            Some(path) => {
                let key =
                    PublicKey::from_pem(&fs_err::read_to_string(base.join(path)).unwrap()).unwrap();
                (vec![key.clone()], Identity::Key(key))
            }
            None => {
                let pattern = |name: &str| Pattern::exact(text(&case[name]).unwrap());
                (
                    vec![],
                    Identity::Certificate {
                        san: pattern("identity"),
                        issuer: pattern("issuer"),
                    },
                )
            }
        };
        let good = Good {
            document: data::json(base.join(text(&case["bundle"]).unwrap())),
            artifact: fs_err::read(base.join(text(&case["artifact"]).unwrap())).unwrap(),
            root: data::root(root).unwrap(),
            keys,
            identity,
            now: data::collected(),
            name: name.clone(),
        };
        let (accepted, count) = accepted(&good);
        made += count;
        bundles += 1;
        for key in accepted {
            found.entry(key).or_default().insert(name.clone());
        }
    }
    assert_eq!(bundles, 21);
    assert!(made > 3000, "{made}");
    let listed: BTreeSet<(String, Change)> = HARMLESS
        .iter()
        .map(|(path, change, _)| ((*path).to_owned(), *change))
        .collect();
    let found_keys: BTreeSet<_> = found.keys().cloned().collect();
    let surplus: BTreeMap<_, _> = found
        .iter()
        .filter(|(key, _)| !listed.contains(*key))
        .collect();
    assert!(surplus.is_empty(), "accepted, of {made}:\n{surplus:#?}");
    let unused: Vec<_> = listed.difference(&found_keys).collect();
    assert!(
        unused.is_empty(),
        "listed as harmless, but refused: {unused:#?}"
    );
}
