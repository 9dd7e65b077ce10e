//! VEX: what somebody states of a vulnerability in a product, and when such a statement takes a finding away.
//!
//! The formats are read in [`feed::openvex`](crate::feed::openvex), [`feed::csaf`](crate::feed::csaf) and
//! [`feed::cyclonedx_vex`](crate::feed::cyclonedx_vex). Whom to believe is decided by the caller; [`decide`] chooses among statements that concern a package,
//! [`apply`] finds which those are for the findings of a scan, [`create`] and [`add`] write
//! OpenVEX.

mod apply;
mod draft;
mod read;
mod write;

use std::fmt;

use jiff::Timestamp;

pub use apply::{Conflict, Target, apply, concerns};
pub use draft::{Error as WriteError, Header, Justification, NewStatement};
pub use read::read;
pub use write::{Added, add, create, create_empty};

/// Tells what is stated (OpenVEX 0.2.0, "Status labels"; CSAF 2.0 §3.2.3.9, "Product status").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The product does not have the vulnerability.
    NotAffected,
    /// It has.
    Affected,
    /// It had; this version has not.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
}

/// The statuses with their names in OpenVEX.
const NAMES: [(&str, Status); 4] = [
    ("not_affected", Status::NotAffected),
    ("affected", Status::Affected),
    ("fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
];

impl Status {
    /// Returns the status with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, status)| *status)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(
            NAMES
                .iter()
                .find(|(_, status)| status == self)
                .map_or("", |(name, _)| name),
        )
    }
}

/// Names what a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product {
    /// Names of one product, purls first: purl, CPE, or what else the document calls it.
    pub ids: Vec<String>,
    /// Names of the components of the product that the statement is about; none means the product itself. One that the document gives no name that is
    /// read is an empty text, which is no component of anything.
    pub subcomponents: Vec<String>,
}

impl Product {
    /// Returns the purls that the statement is about: those of the subcomponents, or the product's own where there are none.
    pub fn purls(&self) -> impl Iterator<Item = &str> {
        let subject = if self.subcomponents.is_empty() {
            &self.ids
        } else {
            &self.subcomponents
        };
        subject
            .iter()
            .map(String::as_str)
            .filter(|id| id.starts_with("pkg:"))
    }
}

/// Names the format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// OpenVEX.
    OpenVex,
    /// CSAF.
    Csaf,
    /// CycloneDX with analyses.
    CycloneDx,
}

/// A document of statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its format.
    pub format: Format,
    /// Its id.
    pub id: String,
    /// Who issues it, as it says; nothing here proves it.
    pub issuer: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its statements, in its order.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Ids of the vulnerability: the name, then aliases.
    pub vulnerabilities: Vec<String>,
    /// What it is about.
    pub products: Vec<Product>,
    /// What it says.
    pub status: Status,
    /// Why it is not affected, in the label of the format.
    pub justification: Option<String>,
    /// Why it is not affected, in words.
    pub impact: Option<String>,
    /// What to do about it, in words.
    pub action: Option<String>,
    /// Who issues it, as the document says.
    pub issuer: String,
    /// When it was made or last changed; of the document where it has no time of its own.
    pub time: Option<Timestamp>,
}

impl Statement {
    /// Tells whether it takes a finding away: `fixed`, and `not_affected` that gives a justification or an impact statement
    /// (OpenVEX 0.2.0: one of the two is required).
    #[must_use]
    pub fn suppresses(&self) -> bool {
        let given =
            |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        match self.status {
            Status::Fixed => true,
            Status::NotAffected => given(&self.justification) || given(&self.impact),
            Status::Affected | Status::UnderInvestigation => false,
        }
    }

    /// Tells whether it is about a vulnerability that is known by one of these ids, whatever the case of their letters.
    pub fn is_about<'a>(&self, mut ids: impl Iterator<Item = &'a str>) -> bool {
        ids.any(|id| {
            let mut known = self.vulnerabilities.iter();
            known.any(|known| known.eq_ignore_ascii_case(id))
        })
    }
}

/// The outcome of all statements about one vulnerability in one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Nothing is stated.
    Silent,
    /// The newest statement takes the finding away.
    Suppressed(&'a Statement),
    /// The newest statement does not.
    Stands(&'a Statement),
    /// The newest statements, of one moment, say different things: they are shown and the finding stays.
    Conflict(Vec<&'a Statement>),
}

/// Decides among the statements that concern one vulnerability in one package: the newest wins.
///
/// A statement without a time is older than every other; one that takes nothing away may as well be the newest, and contradicts one that does.
/// Several of the newest moment that all suppress, or of which none does, agree; the first given is named.
pub fn decide<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Verdict<'a> {
    let mut newest: Vec<&Statement> = Vec::new();
    let mut undated: Vec<&Statement> = Vec::new();
    for statement in statements {
        if statement.time.is_none() && !statement.suppresses() {
            undated.push(statement);
        }
        match newest.first().map(|first| first.time.cmp(&statement.time)) {
            Some(std::cmp::Ordering::Greater) => continue,
            Some(std::cmp::Ordering::Less) => newest.clear(),
            _ => {}
        }
        newest.push(statement);
    }
    let Some(first) = newest.first().copied() else {
        return Verdict::Silent;
    };
    if first.suppresses() && first.time.is_some() {
        newest.extend(undated);
    }
    if newest
        .iter()
        .any(|other| other.suppresses() != first.suppresses())
    {
        Verdict::Conflict(newest)
    } else if first.suppresses() {
        Verdict::Suppressed(first)
    } else {
        Verdict::Stands(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(status: Status, justification: Option<&str>, time: Option<&str>) -> Statement {
        Statement {
            vulnerabilities: vec!["CVE-2024-1".into(), "GHSA-1".into()],
            products: Vec::new(),
            status,
            justification: justification.map(Into::into),
            impact: None,
            action: None,
            issuer: "us".into(),
            time: time.map(|time| time.parse().expect("a time")),
        }
    }

    #[test]
    fn only_a_reasoned_statement_suppresses() {
        for (status, justification, expected) in [
            (Status::Fixed, None, true),
            (Status::NotAffected, Some("component_not_present"), true),
            (Status::NotAffected, Some("  "), false),
            (Status::NotAffected, None, false),
            (Status::Affected, Some("component_not_present"), false),
            (Status::UnderInvestigation, None, false),
        ] {
            assert_eq!(
                statement(status, justification, None).suppresses(),
                expected,
                "{status} {justification:?}"
            );
        }
        let mut impact = statement(Status::NotAffected, None, None);
        impact.impact = Some("not called".into());
        assert!(impact.suppresses());
        assert!(
            impact.is_about(["ghsa-1"].into_iter()) && !impact.is_about(["CVE-2024-2"].into_iter())
        );
    }

    #[test]
    fn the_newest_wins_and_ties_that_differ_are_conflicts() {
        const OLD: Option<&str> = Some("2024-01-01T00:00:00Z");
        const NEW: Option<&str> = Some("2024-02-01T00:00:00Z");
        let fixed = |time| statement(Status::Fixed, None, time);
        let affected = |time| statement(Status::Affected, None, time);
        assert_eq!(decide([]), Verdict::Silent);
        let (old, new) = (fixed(OLD), affected(NEW));
        assert_eq!(decide([&old, &new]), Verdict::Stands(&new));
        assert_eq!(decide([&new, &old]), Verdict::Stands(&new));
        let (old, new) = (fixed(None), affected(OLD));
        assert_eq!(decide([&old, &new]), Verdict::Stands(&new));
        let (undated, dated) = (affected(None), fixed(OLD));
        let both = Verdict::Conflict(vec![&dated, &undated]);
        assert_eq!(decide([&undated, &dated]), both, "it may be the newer one");
        assert_eq!(decide([&undated, &new]), Verdict::Stands(&new));
        let (one, two, same) = (fixed(NEW), affected(NEW), fixed(NEW));
        assert_eq!(decide([&one, &two]), Verdict::Conflict(vec![&one, &two]));
        assert_eq!(decide([&one, &same]), Verdict::Suppressed(&one));
    }

    #[test]
    fn names_round_trip() {
        for (name, status) in NAMES {
            assert_eq!(
                (Status::parse(name), status.to_string().as_str()),
                (Some(status), name)
            );
        }
        let product = Product {
            ids: vec!["pkg:oci/a".into(), "cpe:/a".into()],
            subcomponents: Vec::new(),
        };
        assert_eq!(product.purls().collect::<Vec<_>>(), ["pkg:oci/a"]);
        let part = Product {
            subcomponents: vec!["pkg:npm/b".into()],
            ..product
        };
        assert_eq!(part.purls().collect::<Vec<_>>(), ["pkg:npm/b"]);
    }
}
