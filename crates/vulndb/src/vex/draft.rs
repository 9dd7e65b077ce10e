//! What is to be stated, before it is written: the rules of OpenVEX 0.2.0 (`github.com/openvex/spec`, `OPENVEX-SPEC.md`) for one statement.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Status;
use crate::feed;

/// Says why a product is not affected (OpenVEX 0.2.0, "Status Justifications").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Justification {
    /// The product does not contain the component.
    ComponentNotPresent,
    /// It contains the component without the vulnerable code.
    VulnerableCodeNotPresent,
    /// The vulnerable code is never run.
    VulnerableCodeNotInExecutePath,
    /// Nobody who attacks controls the vulnerable code.
    VulnerableCodeCannotBeControlledByAdversary,
    /// The product itself protects against it.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// Lists all, in the order of the specification.
    pub const ALL: [Self; 5] = [
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
    ];

    /// Returns the one with this label.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.label() == label)
    }

    /// Returns its label in documents.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }
}

/// Is a statement to be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewStatement {
    /// The id of the vulnerability.
    pub vulnerability: String,
    /// Other ids of it.
    pub aliases: BTreeSet<String>,
    /// The products, by package URL or another IRI.
    pub products: BTreeSet<String>,
    /// The components of each product that it is about; none means the product itself.
    pub subcomponents: BTreeSet<String>,
    /// What it says.
    pub status: Status,
    /// How the status was found.
    pub notes: Option<String>,
    /// Why it is not affected.
    pub justification: Option<Justification>,
    /// Why it is not affected, in words.
    pub impact: Option<String>,
    /// What to do about it.
    pub action: Option<String>,
}

/// Says who issues a document, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who.
    pub author: String,
    /// As what.
    pub role: Option<String>,
    /// The IRI of the document, where it has one of its own.
    pub id: Option<String>,
    /// By what the document was made.
    pub tooling: Option<String>,
    /// When.
    pub time: Timestamp,
}

/// Tells why a document is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no statement to write.
    #[error("there is no statement to write")]
    NoStatement,
    /// A statement is about nothing.
    #[error("the statement about `{vulnerability}` names no product")]
    NoProduct {
        /// The vulnerability.
        vulnerability: String,
    },
    /// A status needs something that is not there.
    #[error("the status `{status}` of `{vulnerability}` needs {needed}")]
    Needed {
        /// The vulnerability.
        vulnerability: String,
        /// The status.
        status: Status,
        /// What it needs.
        needed: &'static str,
    },
    /// A statement has something that its status has no meaning for.
    #[error("the status `{status}` of `{vulnerability}` has no {found}")]
    Unfit {
        /// The vulnerability.
        vulnerability: String,
        /// The status.
        status: Status,
        /// What it has.
        found: &'static str,
    },
    /// The existing document is none.
    #[error(transparent)]
    Document(#[from] feed::Error),
    /// The existing document has a field of another kind than the format gives it.
    #[error("`{field}` of the document is no {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A statement stands in the document already.
    #[error("the document says this of `{vulnerability}` already")]
    Repeated {
        /// The vulnerability.
        vulnerability: String,
    },
}

impl NewStatement {
    pub(super) fn check(&self) -> Result<(), Error> {
        let given =
            |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let vulnerability = || self.vulnerability.clone();
        let status = self.status;
        if self.products.is_empty() {
            return Err(Error::NoProduct {
                vulnerability: vulnerability(),
            });
        }
        let needed = match status {
            Status::NotAffected if self.justification.is_none() && !given(&self.impact) => {
                Some("a justification or an impact statement")
            }
            Status::Affected if !given(&self.action) => Some("an action statement"),
            _ => None,
        };
        if let Some(needed) = needed {
            return Err(Error::Needed {
                vulnerability: vulnerability(),
                status,
                needed,
            });
        }
        let not_affected = status == Status::NotAffected;
        let found = if self.justification.is_some() && !not_affected {
            "justification"
        } else if self.impact.is_some() && !not_affected {
            "impact statement"
        } else if self.action.is_some() && status != Status::Affected {
            "action statement"
        } else {
            return Ok(());
        };
        Err(Error::Unfit {
            vulnerability: vulnerability(),
            status,
            found,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::vex) fn statement(status: Status) -> NewStatement {
        NewStatement {
            vulnerability: "CVE-2024-1".into(),
            aliases: ["GHSA-1".to_owned()].into(),
            products: ["pkg:oci/app@sha256%3Aab".to_owned()].into(),
            subcomponents: ["pkg:npm/x@1".to_owned()].into(),
            status,
            notes: None,
            justification: None,
            impact: None,
            action: None,
        }
    }

    #[test]
    fn rules_of_the_format_hold() {
        let fixed = statement(Status::Fixed);
        for (statement, expected) in [
            (fixed.clone(), None),
            (statement(Status::UnderInvestigation), None),
            (
                statement(Status::NotAffected),
                Some(
                    "the status `not_affected` of `CVE-2024-1` needs a justification or an impact statement",
                ),
            ),
            (
                NewStatement {
                    impact: Some(" ".into()),
                    ..statement(Status::NotAffected)
                },
                Some(
                    "the status `not_affected` of `CVE-2024-1` needs a justification or an impact statement",
                ),
            ),
            (
                NewStatement {
                    impact: Some("not called".into()),
                    ..statement(Status::NotAffected)
                },
                None,
            ),
            (
                statement(Status::Affected),
                Some("the status `affected` of `CVE-2024-1` needs an action statement"),
            ),
            (
                NewStatement {
                    justification: Some(Justification::ComponentNotPresent),
                    ..fixed.clone()
                },
                Some("the status `fixed` of `CVE-2024-1` has no justification"),
            ),
            (
                NewStatement {
                    action: Some("update".into()),
                    ..fixed.clone()
                },
                Some("the status `fixed` of `CVE-2024-1` has no action statement"),
            ),
            (
                NewStatement {
                    products: BTreeSet::new(),
                    ..fixed
                },
                Some("the statement about `CVE-2024-1` names no product"),
            ),
        ] {
            let found = statement.check().err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn labels_are_read_back() {
        for one in Justification::ALL {
            assert_eq!(Justification::parse(one.label()), Some(one));
        }
        assert_eq!(Justification::parse("we do not call it"), None);
    }
}
