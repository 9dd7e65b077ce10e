//! `vulnerabilities.vex`: statements that a vulnerability does not concern this image, attested for its digest by whom the rule names.
//!
//! OpenVEX as a predicate. Statements of anybody else are nothing; of those who are named the newest counts, and one that contradicts another of the
//! same moment takes nothing away (`toolkit_vulndb::vex`). What was not seen may be the newest: it may take a finding away, or take that back.

use std::collections::{BTreeMap, BTreeSet};

use toolkit_attest::{ReasonCode, Verified};
use toolkit_oci::{Digest, Reference};
use toolkit_sbom::Purl;
use toolkit_vulndb::matching::Subject;
use toolkit_vulndb::vex::{Document, Statement, Target, Verdict, concerns, decide};

use super::who::{Unseen, Wanted, candidates, is_by, is_by_name, satisfied, unseen};
use crate::evaluate::Context;
use crate::evidence::PlatformEvidence;
use crate::model::Who;
use crate::verdict::Code;

/// The statements that count for one platform.
pub(super) struct Statements<'a> {
    context: &'a Context<'a>,
    who: Option<&'a Who>,
    target: Target,
    documents: Vec<(&'a Verified, Document)>,
    /// Where there may be more of them.
    unseen: Vec<Unseen>,
}

impl<'a> Statements<'a> {
    /// Reads what those who are named attested for the platform or for the image as a whole.
    pub(super) fn read(
        context: &'a Context<'a>,
        who: Option<&'a Who>,
        platform: &PlatformEvidence,
    ) -> Self {
        let subjects = BTreeSet::from([&platform.digest, &context.evidence.digest]);
        let name = context.evidence.reference.name.as_ref();
        let mut statements = Self {
            context,
            who,
            target: Target {
                name: name.map(Reference::name),
                digests: subjects.iter().map(ToString::to_string).collect(),
            },
            documents: Vec::new(),
            unseen: Vec::new(),
        };
        let Some(who) = who else {
            return statements;
        };
        for subject in subjects {
            statements
                .unseen
                .extend(unseen(context, subject, Wanted::Vex));
            let attestations = candidates(context, subject, Wanted::Vex);
            for attestation in attestations
                .into_iter()
                .filter(|one| is_by(context, who, one))
            {
                match document(attestation) {
                    Ok(document) => statements.documents.push((attestation, document)),
                    Err(reason) => statements.unseen.push(Unseen {
                        code: Code::EvidenceUnreadable(ReasonCode::StatementMalformed),
                        found: format!("VEX {} could not be read: {reason}", attestation.bundle()),
                        next: "remove it, or attest it anew as OpenVEX",
                    }),
                }
            }
        }
        statements
    }

    /// Yields the first of what was not seen, where there is any: what the statements say is then not known.
    pub(super) fn unseen(&self) -> Option<&Unseen> {
        self.unseen.first()
    }

    /// Lists the bundles whose statements were looked at.
    pub(super) fn bundles(&self) -> Vec<Digest> {
        let documents = self.documents.iter();
        documents
            .map(|(attestation, _)| attestation.bundle().clone())
            .collect()
    }

    /// Says why a vulnerability does not concern a package; `None` where nobody who counts says so.
    pub(super) fn suppress(
        &self,
        ids: &BTreeSet<String>,
        purl: &Purl,
        subject: &Subject,
    ) -> Option<String> {
        let who = self.who?;
        let concerning: Vec<(&Verified, &Statement)> = self
            .documents
            .iter()
            .flat_map(|(attestation, document)| {
                let statements = document.statements.iter();
                statements.map(|statement| (*attestation, statement))
            })
            .filter(|(_, statement)| {
                statement.is_about(ids.iter().map(String::as_str))
                    && concerns(statement, purl, subject, &self.target, false)
            })
            .collect();
        let newest = decide(concerning.iter().map(|(_, statement)| *statement));
        let Verdict::Suppressed(statement) = newest else {
            return None;
        };
        if !satisfied(who, &|name| self.saying(name, &concerning)) {
            return None;
        }
        let why = [&statement.justification, &statement.impact]
            .into_iter()
            .flatten()
            .next();
        Some(match why {
            Some(why) => format!("{} by VEX of {who}: {why}", statement.status),
            None => format!("{} by VEX of {who}", statement.status),
        })
    }

    /// Lists the signers of a name that say so today: whoever must agree and has said otherwise since, under whatever certificate, does not.
    fn saying(&self, name: &str, concerning: &[(&Verified, &Statement)]) -> BTreeSet<String> {
        let of_name = concerning
            .iter()
            .filter(|(attestation, _)| is_by_name(self.context, name, attestation));
        let mut by_signer: BTreeMap<String, Vec<&Statement>> = BTreeMap::new();
        for (attestation, statement) in of_name {
            let signer = attestation.signer().name();
            by_signer.entry(signer).or_default().push(statement);
        }
        let suppresses = |statements: &mut dyn Iterator<Item = &Statement>| {
            matches!(decide(statements), Verdict::Suppressed(_))
        };
        if !suppresses(&mut by_signer.values().flatten().copied()) {
            return BTreeSet::new();
        }
        by_signer
            .into_iter()
            .filter(|(_, statements)| suppresses(&mut statements.iter().copied()))
            .map(|(signer, _)| signer)
            .collect()
    }
}

fn document(attestation: &Verified) -> Result<Document, String> {
    let statement = attestation.statement().ok_or("no statement")?;
    let bytes = serde_json::to_vec(statement.predicate()).map_err(|error| error.to_string())?;
    toolkit_vulndb::feed::openvex::parse(&bytes).map_err(|error| error.to_string())
}
