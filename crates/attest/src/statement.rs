//! In-toto statements: what a signed document says about which artifacts.
//!
//! A parsed [`Statement`] is not trusted: only the one inside a [`Verified`](crate::Verified) was signed. Its payload
//! bytes are kept, and a statement that is signed is signed as those bytes.
//!
//! Specification: in-toto attestation framework, Statement v1 (`_type`, `subject`, `predicateType`, `predicate`) and
//! v0.1, which has the same fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toolkit_oci::Digest;

use crate::{Error, Limits, Result, json};

/// The `_type` that is written.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// The older `_type` that is read as well.
pub const STATEMENT_V0_1: &str = "https://in-toto.io/Statement/v0.1";
/// The DSSE payload type of every statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement: subjects, predicate type and predicate, with the exact bytes that hold them.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    payload: Vec<u8>,
    subjects: Vec<Subject>,
    predicate_type: String,
    predicate: Value,
}

/// One artifact that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The name, empty where the statement gives none (cosign's image signatures do not).
    pub name: String,
    /// Digests by algorithm name as written (`sha256`, `sha512`, `gitCommit` …), in lower-case hexadecimal where they are digests.
    pub digests: BTreeMap<String, String>,
}

impl Subject {
    /// Makes a subject of one digest.
    #[must_use]
    pub fn new(name: impl Into<String>, digest: &Digest) -> Self {
        let digests = BTreeMap::from([(
            digest.algorithm().as_str().to_owned(),
            digest.hex().to_owned(),
        )]);
        Self {
            name: name.into(),
            digests,
        }
    }

    /// Tells whether the subject is the artifact of this digest: same algorithm name and same value.
    #[must_use]
    pub fn is(&self, digest: &Digest) -> bool {
        self.digests
            .get(digest.algorithm().as_str())
            .is_some_and(|hex| hex == digest.hex())
    }

    /// Returns the subject's SHA-256 or SHA-512 digest, whichever is there first; `None` where it has neither or the value is no digest.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        ["sha256", "sha512"].into_iter().find_map(|name| {
            let hex = self.digests.get(name)?;
            Digest::parse(&format!("{name}:{hex}")).ok()
        })
    }
}

impl Statement {
    /// Makes a v1 statement and its payload bytes: compact JSON, the same for the same arguments.
    ///
    /// # Errors
    /// [`Error::NoSubject`] without a subject, [`Error::EmptyPredicateType`] for an empty type.
    pub fn new(subjects: Vec<Subject>, predicate_type: &str, predicate: Value) -> Result<Self> {
        if subjects.is_empty() {
            return Err(Error::NoSubject);
        }
        if predicate_type.is_empty() {
            return Err(Error::EmptyPredicateType);
        }
        let subject = subjects
            .iter()
            .map(|subject| {
                let mut object = Map::new();
                let digests = subject
                    .digests
                    .iter()
                    .map(|(name, hex)| (name.clone(), Value::from(hex.clone())));
                object.insert("digest".into(), Value::Object(digests.collect()));
                if !subject.name.is_empty() {
                    object.insert("name".into(), subject.name.clone().into());
                }
                Value::Object(object)
            })
            .collect();
        // In alphabetical order, so that the bytes do not depend on how the map orders its keys.
        let mut object = Map::new();
        object.insert("_type".into(), STATEMENT_V1.into());
        object.insert("predicate".into(), predicate.clone());
        object.insert("predicateType".into(), predicate_type.into());
        object.insert("subject".into(), Value::Array(subject));
        let payload = Value::Object(object).to_string().into_bytes();
        Ok(Self {
            payload,
            subjects,
            predicate_type: predicate_type.to_owned(),
            predicate,
        })
    }

    /// Makes cosign's image signature: predicate type `https://sigstore.dev/cosign/sign/v1`, predicate `{}`, one subject
    /// without a name.
    #[must_use]
    pub fn image_signature(digest: &Digest) -> Self {
        let subject = Subject::new("", digest);
        // Neither the subjects nor the type are empty, the only two errors.
        Self::new(
            vec![subject],
            crate::predicate::IMAGE_SIGNATURE,
            Value::Object(Map::new()),
        )
        .expect("one subject and a type")
    }

    /// Parses a statement from its payload bytes, which are kept as they are.
    ///
    /// # Errors
    /// [`Error::StatementMalformed`] with the reason: not JSON, a duplicated key, another `_type`, an absent or wrong
    /// field. [`Error::Limit`] for too many subjects or digests.
    pub fn from_bytes(payload: Vec<u8>, limits: &Limits) -> Result<Self> {
        let malformed = |reason: String| Error::StatementMalformed { reason };
        let value = json::parse(&payload).map_err(|error| malformed(error.to_string()))?;
        let Value::Object(mut object) = value else {
            return Err(malformed("not a JSON object".into()));
        };
        match object.get("_type").and_then(Value::as_str) {
            Some(STATEMENT_V1 | STATEMENT_V0_1) => {}
            other => {
                let found = other.unwrap_or("none");
                return Err(malformed(format!(
                    "`_type`: expected `{STATEMENT_V1}`, found `{found}`"
                )));
            }
        }
        let Some(Value::String(predicate_type)) = object.remove("predicateType") else {
            return Err(malformed("`predicateType` is absent or no string".into()));
        };
        if predicate_type.is_empty() {
            return Err(malformed("`predicateType` is empty".into()));
        }
        let Some(Value::Array(list)) = object.remove("subject") else {
            return Err(malformed("`subject` is absent or no list".into()));
        };
        if list.is_empty() {
            return Err(malformed("`subject` is empty".into()));
        }
        if list.len() > limits.subjects {
            return Err(Error::Limit {
                what: "subjects",
                limit: widen(limits.subjects),
                found: widen(list.len()),
            });
        }
        let subjects = list
            .iter()
            .map(|value| subject(value, limits))
            .collect::<Result<Vec<_>>>()?;
        // An absent predicate is an empty object (Statement v1, "predicate").
        let predicate = match object.remove("predicate") {
            None | Some(Value::Null) => Value::Object(Map::new()),
            Some(value) => value,
        };
        Ok(Self {
            payload,
            subjects,
            predicate_type,
            predicate,
        })
    }

    /// Returns the exact payload bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Returns the subjects, at least one.
    #[must_use]
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// Returns the predicate type, a URI.
    #[must_use]
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// Returns the predicate, an empty object where the statement has none.
    #[must_use]
    pub fn predicate(&self) -> &Value {
        &self.predicate
    }

    /// Tells whether one of the subjects is the artifact of this digest.
    #[must_use]
    pub fn names(&self, digest: &Digest) -> bool {
        self.subjects.iter().any(|subject| subject.is(digest))
    }
}

fn subject(value: &Value, limits: &Limits) -> Result<Subject> {
    let malformed = |reason: &str| Error::StatementMalformed {
        reason: reason.to_owned(),
    };
    let name = match value.get("name") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(name)) => name.clone(),
        Some(_) => return Err(malformed("`subject.name` is no string")),
    };
    let Some(Value::Object(map)) = value.get("digest") else {
        return Err(malformed("`subject.digest` is absent or no object"));
    };
    if map.is_empty() {
        return Err(malformed("`subject.digest` is empty"));
    }
    if map.len() > limits.subject_digests {
        return Err(Error::Limit {
            what: "digests of a subject",
            limit: widen(limits.subject_digests),
            found: widen(map.len()),
        });
    }
    let digests = map
        .iter()
        .map(|(name, hex)| match hex {
            Value::String(hex) => Ok((name.clone(), hex.clone())),
            _ => Err(malformed("a digest of `subject.digest` is no string")),
        })
        .collect::<Result<_>>()?;
    Ok(Subject { name, digests })
}

fn widen(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        Digest::sha256(b"x")
    }

    #[test]
    fn an_image_signature_has_cosigns_form() {
        let statement = Statement::image_signature(&digest());
        let expected = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{{}},"predicateType":"https://sigstore.dev/cosign/sign/v1","subject":[{{"digest":{{"sha256":"{}"}}}}]}}"#,
            digest().hex()
        );
        assert_eq!(
            String::from_utf8(statement.payload().to_vec()).unwrap(),
            expected
        );
        assert!(statement.names(&digest()) && !statement.names(&Digest::sha256(b"y")));
        let again =
            Statement::from_bytes(statement.payload().to_vec(), &Limits::default()).unwrap();
        assert_eq!(again, statement);
    }

    #[test]
    fn a_git_commit_under_a_digest_name_is_no_match() {
        let text = r#"{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"t","subject":[{"name":"n","digest":{"sha256":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}}]}"#;
        let statement = Statement::from_bytes(text.into(), &Limits::default()).unwrap();
        assert_eq!(statement.subjects()[0].digest(), None);
        assert!(!statement.names(&digest()));
        assert_eq!(statement.predicate(), &Value::Object(Map::new()));
    }

    #[test]
    fn bad_statements_name_the_field() {
        let good = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"t","subject":[{"digest":{"sha256":"aa"}}],"predicate":{}}"#;
        Statement::from_bytes(good.into(), &Limits::default()).unwrap();
        for (from, to, reason) in [
            (
                "Statement/v1",
                "Statement/v2",
                "`_type`: expected `https://in-toto.io/Statement/v1`, found `https://in-toto.io/Statement/v2`",
            ),
            (
                r#""predicateType":"t","#,
                "",
                "`predicateType` is absent or no string",
            ),
            (r#""t""#, r#""""#, "`predicateType` is empty"),
            (
                r#"[{"digest":{"sha256":"aa"}}]"#,
                "[]",
                "`subject` is empty",
            ),
            (r#"{"sha256":"aa"}"#, "{}", "`subject.digest` is empty"),
            (r#""aa""#, "1", "a digest of `subject.digest` is no string"),
        ] {
            let error = Statement::from_bytes(good.replace(from, to).into(), &Limits::default())
                .unwrap_err();
            assert_eq!(
                error,
                Error::StatementMalformed {
                    reason: reason.into()
                }
            );
        }
        let twice = good.replace(r#""sha256":"aa""#, r#""sha256":"aa","sha256":"bb""#);
        let Err(Error::StatementMalformed { reason }) =
            Statement::from_bytes(twice.into(), &Limits::default())
        else {
            panic!("accepted a duplicated key");
        };
        assert!(reason.starts_with("duplicate key `sha256`"), "{reason}");
        let limits = Limits {
            subjects: 0,
            ..Limits::default()
        };
        assert_eq!(
            Statement::from_bytes(good.into(), &limits).unwrap_err(),
            Error::Limit {
                what: "subjects",
                limit: 0,
                found: 1
            }
        );
    }
}
