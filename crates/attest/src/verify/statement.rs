//! Step 5: what was signed: the subject is the artifact, the predicate type the wanted one.
//!
//! The engine has compared subject and artifact already; this step does it again over the statement that callers will read, so
//! that there is one parse of the bytes that both the comparison and the policy rely on.

use toolkit_oci::Digest;

use super::Verified;
use crate::{Bundle, Error, Limits, ReasonCode, Refusal, Statement, Step};

/// Reads the statement of a DSSE bundle.
pub(super) fn read(bundle: &Bundle, limits: &Limits) -> Result<Statement, Refusal> {
    let payload = bundle.payload().ok_or_else(|| {
        Refusal::new(Step::Statement, ReasonCode::BundleMalformed)
            .expected("`payload` in base64")
            .found("none")
    })?;
    Statement::from_bytes(payload, limits).map_err(|error| match error {
        Error::Limit { what, limit, found } => {
            Refusal::new(Step::Statement, ReasonCode::LimitExceeded)
                .expected(format_args!("at most {limit} {what}"))
                .found(format_args!("{found} {what}"))
        }
        other => Refusal::new(Step::Statement, ReasonCode::StatementMalformed).detail(other),
    })
}

/// Demands that the artifact is a subject.
pub(super) fn require_subject(statement: &Statement, artifact: &Digest) -> Result<(), Refusal> {
    if statement.names(artifact) {
        Ok(())
    } else {
        Err(subject_mismatch(statement, artifact))
    }
}

/// Makes the refusal of a statement about something else, naming the first subjects.
pub(super) fn subject_mismatch(statement: &Statement, artifact: &Digest) -> Refusal {
    const SHOWN: usize = 3;
    let subjects = statement.subjects();
    let mut found: Vec<String> = subjects
        .iter()
        .take(SHOWN)
        .map(|subject| match subject.digest() {
            Some(digest) => digest.to_string(),
            None => subject
                .digests
                .iter()
                .map(|(name, value)| format!("{name}:{value}"))
                .collect::<Vec<_>>()
                .join(" "),
        })
        .collect();
    if subjects.len() > SHOWN {
        found.push(format!("{} more", subjects.len() - SHOWN));
    }
    Refusal::new(Step::Statement, ReasonCode::SubjectMismatch)
        .expected(artifact)
        .found(found.join(", "))
}

impl Verified {
    /// Demands a statement of this predicate type and returns it.
    ///
    /// # Errors
    /// A refusal with [`ReasonCode::PredicateTypeMismatch`] and both types; a message signature has the type `none`.
    pub fn require_predicate_type(&self, predicate_type: &str) -> Result<&Statement, Refusal> {
        let refuse = |found: &str| {
            Err(
                Refusal::new(Step::Statement, ReasonCode::PredicateTypeMismatch)
                    .expected(predicate_type)
                    .found(found),
            )
        };
        match &self.statement {
            Some(statement) if statement.predicate_type() == predicate_type => Ok(statement),
            Some(statement) => refuse(statement.predicate_type()),
            None => refuse("none"),
        }
    }
}
